"""Faults that the user tolerates: what is left is counted, and every row is in one place."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from dataclasses import replace

from tests.pollution.case import Case, Counts, Refused, without
from tests.pollution.csv_rows import with_row
from tests.pollution.log import FIRST, LAST, LOG, MIDDLE, changed, csv_lines, csv_text, joined, json_lines

BAD = (FIRST, MIDDLE, LAST)
LINES = csv_lines()


def way_out_cases() -> Iterator[Case]:
    """Yield every case of this kind."""
    three = changed(LINES, BAD, lambda line: line.replace(",", ";"))
    left = Counts(without(*BAD), rejected=3)
    for allowed in ("3", "10%", "100%", "1000"):
        yield _tolerated(f"three rows that cannot be read, where {allowed} may be", three, left, allowed)
    for allowed in ("0", "2", "9.99%", "0%"):
        yield _tolerated(
            f"three rows that cannot be read, where {allowed} may be", three, Refused("3 of 30 rows"), allowed
        )
    yield Case(
        "three rows that cannot be read, packed",
        gzip.compress(three.encode()),
        left,
        "log.csv.gz",
        ("--max-rejected", "3"),
    )
    yield Case(
        "three rows that cannot be read, in UTF-16",
        three.encode("utf-16"),
        left,
        options=("--max-rejected", "3", "--encoding", "utf-16"),
    )
    broken = changed(csv_lines(delimiter=";"), BAD, lambda line: line + ";")
    yield Case(
        "three rows of too many fields between semicolons",
        broken.encode(),
        left,
        options=("--max-rejected", "3", "--delimiter", ";"),
    )
    kinds = {
        "a status": with_row(MIDDLE, lambda row: replace(row, status="abc")),
        "a time": with_row(MIDDLE, lambda row: replace(row, timestamp="yesterday")),
        "an account": with_row(MIDDLE, lambda row: replace(row, account_id="-")),
        "a flag": with_row(MIDDLE, lambda row: replace(row, client_aborted="maybe")),
        "a status that is too long": with_row(MIDDLE, lambda row: replace(row, status="1" * 5000)),
        "NUL bytes in a note": with_row(MIDDLE, lambda row: replace(row, note="\0")),
        "NUL bytes in an account": with_row(MIDDLE, lambda row: replace(row, account_id="a\0")),
    }
    one = Counts(without(MIDDLE), rejected=1)
    for name, text in kinds.items():
        yield _tolerated(f"{name} that cannot be read", text, one, "1")
    for name, line in {
        "the header again": LINES[0],
        "a comment": "# a comment",
        "a line of NUL bytes": "\0" * 500,
    }.items():
        more = joined([*LINES[:MIDDLE], line, *LINES[MIDDLE:]])
        yield _tolerated(f"{name} among the rows", more, Counts(LOG, rejected=1), "1")
    yield _tolerated("the log twice in one file", csv_text() * 2, Counts((*LOG, *LOG), rejected=1), "1")
    yield _tolerated("a footer", csv_text() + "Total,30\n", Counts(LOG, rejected=1), "1")
    yield _tolerated("the last line cut", csv_text()[:-40], Counts(LOG[:-1], rejected=1), "1")
    yield _tolerated("no row that can be read", joined([LINES[0], *(["x"] * 30)]), Counts((), rejected=30), "100%")
    half = '"account_id": "\\ud83d'
    for name, rows, change in (
        ("two lines cut", (MIDDLE, LAST), lambda line: line[:-1]),
        ("an account that is a list", (MIDDLE,), lambda line: json.dumps(json.loads(line) | {"account_id": ["a-1"]})),
        (
            "half a pair of surrogates",
            (MIDDLE,),
            lambda line: line.replace('"account_id": "', half),
        ),
        ("a status twice", (MIDDLE,), lambda line: line[:-1] + ', "status": 502}'),
    ):
        content = changed(json_lines(), rows, change, first=1).encode()
        outcome = Counts(without(*rows), rejected=len(rows))
        options = ("--max-rejected", str(len(rows)))
        yield Case(f"JSON lines: {name}, where that may be", content, outcome, "log.jsonl", options)


def _tolerated(name: str, text: str, outcome: Counts | Refused, allowed: str) -> Case:
    return Case(name, text.encode(), outcome, options=("--max-rejected", allowed))
