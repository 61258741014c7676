"""Faults that the user tolerates: what is left is counted, and every row is in one place."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from dataclasses import replace

from tests.pollution.case import Case, Counts, Refused, without
from tests.pollution.csv_rows import with_row
from tests.pollution.log import FIRST, LAST, LOG, MIDDLE, csv_lines, csv_text, joined, json_lines

BAD = (FIRST, MIDDLE, LAST)
LINES = csv_lines()


def way_out_cases() -> Iterator[Case]:
    """Yield every case of this kind."""
    three = joined([line.replace(",", ";") if at in BAD else line for at, line in enumerate(LINES)])
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
    semicolons = joined(
        [line.replace(";", ",") if at in BAD else line for at, line in enumerate(csv_lines(delimiter=";"))]
    )
    broken = joined([line + ";" if at in BAD else line for at, line in enumerate(csv_lines(delimiter=";"))])
    del semicolons
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
    lines = json_lines()
    cut = joined([line[:-1] if at in BAD else line for at, line in enumerate(lines, 1)])
    first_whole = joined([lines[0], *(line[:-1] if at in BAD else line for at, line in enumerate(lines[1:], 2))])
    del cut
    yield Case(
        "JSON lines: two lines cut",
        first_whole.encode(),
        Counts(without(MIDDLE, LAST), rejected=2),
        "log.jsonl",
        ("--max-rejected", "2"),
    )
    lists = joined(
        [
            json.dumps(json.loads(line) | {"account_id": ["a-1"]}) if at == MIDDLE else line
            for at, line in enumerate(lines, 1)
        ]
    )
    yield Case("JSON lines: an account that is a list", lists.encode(), one, "log.jsonl", ("--max-rejected", "1"))
    lone = joined(
        [
            line.replace('"account_id": "', '"account_id": "\\ud83d') if at == MIDDLE else line
            for at, line in enumerate(lines, 1)
        ]
    )
    yield Case(
        "JSON lines: half a pair of surrogates in an account", lone.encode(), one, "log.jsonl", ("--max-rejected", "1")
    )


def _tolerated(name: str, text: str, outcome: Counts | Refused, allowed: str) -> Case:
    return Case(name, text.encode(), outcome, options=("--max-rejected", allowed))
