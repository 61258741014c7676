"""JSON lines that are cut, mixed, doubled, too deep, or of other types."""

from __future__ import annotations

import codecs
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from tests.pollution.case import CLEAN, Case, Counts, Outcome, Refused
from tests.pollution.csv_rows import PLACES
from tests.pollution.log import FIRST, LOG, MIDDLE, changed, joined, json_lines, json_objects

LINES = json_lines()
WHOLE = joined(LINES)


def json_cases() -> Iterator[Case]:
    """Yield every case of this kind."""
    yield from _files()
    for place, row in PLACES.items():
        yield from _bad_lines(place, row)
        yield from _mended_lines(place, row)
        yield from _bad_fields(place, row)
    yield from _odd_fields()
    yield from _cut_lines()


def _case(name: str, text: str | bytes, outcome: Outcome) -> Case:
    return Case(f"JSON lines: {name}", text if isinstance(text, bytes) else text.encode(), outcome, "log.jsonl")


def _files() -> Iterator[Case]:
    yield _case("as they should be", WHOLE, CLEAN)
    yield _case("line ends of Windows", joined(LINES, "\r\n"), CLEAN)
    yield _case("line ends of old Macs", joined(LINES, "\r"), CLEAN)
    yield _case("no end of the last line", WHOLE.removesuffix("\n"), CLEAN)
    yield _case("blank lines, and lines of spaces", joined(LINES, "\n\n  \n"), CLEAN)
    yield _case("a byte order mark", WHOLE.encode("utf-8-sig"), CLEAN)
    yield _case("UTF-16", WHOLE.encode("utf-16"), Refused("a byte order mark of UTF-16"))
    yield _case("GB18030", WHOLE.encode("gb18030"), Refused("account_id is", "line 3"))
    yield _case("one list of all objects", json.dumps(json_objects(), ensure_ascii=False), CLEAN)
    indented = "[\n" + ",\n".join(LINES) + "\n]\n"
    yield _case("one list, an object a line", indented, CLEAN)
    yield _case("a comma behind each object", joined(LINES, ",\n"), Refused("the first line is"))
    over_lines = "".join(json.dumps(found, indent=1, ensure_ascii=False) + "\n" for found in json_objects())
    yield _case("objects that span lines", over_lines, Refused("the first line is"))
    yield _case("nothing", "", Counts(rows=()))
    yield _case("nothing but line ends", "\n\n\n", Counts(rows=()))
    yield _case("escapes for all that is not ASCII", joined([json.dumps(each) for each in json_objects()]), CLEAN)
    turned = [dict(reversed(each.items())) if at % 2 else each for at, each in enumerate(json_objects())]
    yield _case("fields in another order on every other line", joined(list(map(json.dumps, turned))), CLEAN)
    yield _case(
        "two files, the second with a byte order mark",
        joined(LINES[:15]).encode() + codecs.BOM_UTF8 + joined(LINES[15:]).encode(),
        CLEAN,
    )


def _bad_lines(place: str, row: int) -> Iterator[Case]:
    changes: dict[str, Callable[[str], str]] = {
        "a list": lambda line: f"[{line}]",
        "a number": lambda line: "42",
        "a text": json.dumps,
        "null": lambda line: "null",
        "two objects": lambda line: line + line,
        "an object and more": lambda line: line + " x",
        "a cut object": lambda line: line[:-1],
        "single quotes": lambda line: line.replace('"', "'"),
        "no quotes around keys": lambda line: line.replace('"status"', "status"),
        "a comma at the end": lambda line: line[:-1] + ",}",
        "a comment": lambda line: line + " // no status",
        "a raw NUL in a text": lambda line: line.replace("订单", "\0"),
        "NUL bytes for all of it": lambda line: "\0" * len(line),
        "a line of CSV": lambda line: "2026-10-15T05:06:07Z,a-1,200",
        "a line of an error log": lambda line: "2026/10/15 05:06:07 [error] upstream timed out",
    }
    # A log that begins with these is laid out so as a whole, as some services deliver it.
    laid_out = {"a list": CLEAN, "two objects": Counts(rows=(LOG[0], *LOG))} if row == FIRST else {}
    for name, change in changes.items():
        text = joined([change(line) if number == row else line for number, line in enumerate(LINES, 1)])
        yield _case(f"{name} in the {place} line", text, laid_out.get(name, Refused("", f"line {row}")))


def _mended_lines(place: str, row: int) -> Iterator[Case]:
    """Yield what JSON forbids, yet gateways write, and cannot be taken for anything else."""
    changes: dict[str, Callable[[str], str]] = {
        "a raw tab in a text": lambda line: line.replace("订单", "\t"),
        "bytes as NGINX writes them": lambda line: line.replace("订单", r"\xE8\xAE\xA2\x22\x0A"),
    }
    for name, change in changes.items():
        text = joined([change(line) if number == row else line for number, line in enumerate(LINES, 1)])
        yield _case(f"{name} in the {place} line", text, CLEAN)


def _bad_fields(place: str, row: int) -> Iterator[Case]:
    twice = joined([line[:-1] + ', "status": 502}' if at == row else line for at, line in enumerate(LINES, 1)])
    yield _case(f"a status twice in the {place} line", twice, Refused("expected one value for the key", f"line {row}"))
    fields: dict[str, list[Any]] = {
        "status": ["abc", 99, 600, 10**30, 200.5, 1e300, [200], {"code": 200}, True],
        "account_id": [None, "", "-", " ", [], ["a-1"], {"id": "a-1"}, True, 1.5, "a\0", "\ud83d"],
        "timestamp": [None, "", 0, -1, 10**40, 1e300, "2026-10-15", True, ["2026-10-15T05:06:07Z"], {}],
        "client_aborted": ["maybe", 2, [True], {}],
        "content_flag": [["politics"], {}, {"politics": 1}],
    }
    for column, values in fields.items():
        for value in values if row == MIDDLE else values[:3]:
            objects = json_objects()
            objects[row - 1][column] = value
            shown = json.dumps(value)
            refused = Refused(f"{column} is", f"line {row}")
            yield _case(f"{column} {shown[:40]} in the {place} line", joined(list(map(json.dumps, objects))), refused)
    for literal in ("Infinity", "-Infinity", "1e400", "0x1F4", "+502", "0502", "9" * 5000):
        lines = json_lines()
        lines[row - 1] = lines[row - 1].replace('"status": ', f'"status": {literal}, "was": ')
        # The number is none of JSON, or none of a status; either way, the line is named.
        refused = Refused("" if row == 1 else f"line {row}")
        yield _case(f"status {literal[:10]} in the {place} line", joined(lines), refused)


def _odd_fields() -> Iterator[Case]:
    def every(change: Callable[[dict[str, Any]], dict[str, Any]]) -> str:
        return joined([json.dumps(change(each)) for each in json_objects()])

    yield _case("statuses as text", every(lambda each: each | {"status": str(each["status"] or "-")}), CLEAN)
    yield _case("statuses as floats", every(lambda each: each | {"status": float(each["status"] or 0)}), CLEAN)
    for place, row in PLACES.items():
        objects = json_objects()
        objects[row - 1]["status"] = str(objects[row - 1]["status"] or "-")
        yield _case(f"a status as text in the {place} line", joined(list(map(json.dumps, objects))), CLEAN)
    for name, value in {"NaN": float("nan"), "0": 0, "an empty text": "", "-1": -1}.items():
        yield _case(
            f"no status, written {name}",
            every(lambda each, value=value: each | {"status": value if each["status"] is None else each["status"]}),
            CLEAN,
        )
    without = every(lambda each: {k: v for k, v in each.items() if v is not None})
    absent = Refused("status is absent: no field 'status'", "line ")
    yield _case("no status, and no field for it", without, absent)
    empty = every(lambda each: {key: value for key, value in each.items() if value not in ("", False)})
    yield _case("no flags but where they are set", empty, CLEAN)
    late = [{key: value for key, value in each.items() if key != "content_flag"} for each in json_objects()] * 40
    flagged = [replace(row, content_flag="") for row in LOG] * 40
    late[-1], flagged[-1] = late[-1] | {"content_flag": "politics"}, replace(flagged[-1], content_flag="politics")
    yield _case("a flag that no line has before the last", joined(list(map(json.dumps, late))), Counts(flagged))
    deep = "[" * 100_000 + "]" * 100_000
    for name, field in {
        "a field nested a hundred thousand deep that nobody reads": f'"deep": {deep}',
        "a field of a megabyte": f'"big": "{"x" * (1 << 20)}"',
        "a field of ten megabytes": f'"big": "{"x" * (10 << 20)}"',
    }.items():
        larger = changed(LINES, (MIDDLE,), lambda line, field=field: f"{line[:-1]}, {field}}}", first=1)
        yield _case(name, larger, CLEAN)
    nested = changed(LINES, (MIDDLE,), lambda line: line.replace(": ", f': {deep}, "was": ', 1), first=1)
    yield _case("a time nested a hundred thousand deep", nested, Refused("", f"line {MIDDLE}"))
    yield _case(
        "thousands of fields", every(lambda each: each | {f"extra_{number}": number for number in range(3000)}), CLEAN
    )
    yield _case(
        "a field that nobody reads twice", joined([line[:-1] + ', "more": 1, "more": 2}' for line in LINES]), CLEAN
    )
    yield _case(
        "a field that nobody reads of another type on each line",
        joined(
            [
                json.dumps(each | {"more": [1, "x", None, [], {}, True][at % 6]})
                for at, each in enumerate(json_objects())
            ]
        ),
        CLEAN,
    )


def _cut_lines() -> Iterator[Case]:
    before, last = joined(LINES[:-1]), LINES[-1]
    for length in range(1, len(last), 12):
        yield _case(
            f"the last line cut to {length} characters", before + last[:length], Refused("row is", f"line {len(LOG)}")
        )
    yield _case("the last line cut to nothing", before, Counts(rows=LOG[:-1]))
