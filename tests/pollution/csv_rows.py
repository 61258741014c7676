"""What is wrong with one row of a CSV file, at its beginning, in its middle and at its end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import astuple, replace

from tests.pollution.case import CLEAN, Case, Outcome, Refused
from tests.pollution.log import FIRST, LAST, LOG, MIDDLE, Request, changed, csv_lines, csv_text

PLACES = {"first": FIRST, "middle": MIDDLE, "last": LAST}
LINES = csv_lines()

STATUSES = ("abc", "99", "600", "2e2", "20", "2 00", "0x1F4", "200.5", "-200", "٢٠٠", "200;", "1" * 5000)
TIMES = (
    "",
    "yesterday",
    "2026-10-15",
    "15/10/2026 05:06:07",
    "2026-13-01T00:00:00Z",
    "2026-02-30T00:00:00Z",
    "2026-10-15T25:00:00Z",
    "2026-10-15T05:06:07+25:00",
    "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59Z",
    "46310.5",
    "-1",
    "1e9",
    "NaN",
    "99999999999999999999999",
)
ACCOUNTS = ("", "-", "  ")
SPELLINGS = {"a decimal point": "200.0", "spaces": " 200 ", "leading zeros": "0200", "a sign": "+200"}
FLAGS = ("maybe", "2", "truefalse")


def csv_row_cases() -> Iterator[Case]:
    """Yield every case of this kind."""
    for place, row in PLACES.items():
        yield from _bad_values(place, row)
        yield from _bad_rows(place, row)
    yield from _odd_values()
    yield from _cut_lines()


def with_row(row: int, change: Callable[[Request], Request]) -> str:
    """Give the log with one row changed."""
    return csv_text([change(each) if number == row else each for number, each in enumerate(LOG, 1)])


def with_line(row: int, change: Callable[[str], str]) -> str:
    """Give the log with the line of one row changed."""
    return changed(LINES, (row,), change)


def _bad_values(place: str, row: int) -> Iterator[Case]:
    for column, values in {
        "status": STATUSES,
        "timestamp": TIMES,
        "account_id": ACCOUNTS,
        "client_aborted": FLAGS,
    }.items():
        for value in values if row == MIDDLE else values[:3]:
            text = with_row(row, lambda request, column=column, value=value: replace(request, **{column: value}))
            shown = value if len(value) <= 80 else value[:77] + "..."
            refused = Refused(f"{column} is {shown!r}; expected", f"line {row + 1}")
            yield Case(f"{column} {value[:25]!r} in the {place} row", text.encode(), refused)


def _bad_rows(place: str, row: int) -> Iterator[Case]:
    changes: dict[str, tuple[Callable[[str], str], str]] = {
        "a field too many": (lambda line: line + ",x", "row is 8 fields"),
        "a field too few": (lambda line: line.rsplit(",", 1)[0], "row is 6 fields"),
        "a delimiter too many at the start": (lambda line: "," + line, "row is 8 fields"),
        "a delimiter twice": (lambda line: line.replace(",", ",,", 1), "row is 8 fields"),
        "a delimiter missing": (lambda line: line.replace(",", "", 1), "row is 6 fields"),
        "other delimiters": (lambda line: line.replace(",", ";"), "row is 1 fields"),
        "nothing but spaces": (lambda line: "   ", "row is 1 fields"),
        "nothing but delimiters": (lambda line: ",,,,,,", "timestamp is ''"),
        "two rows on one line": (lambda line: line + line, "row is 13 fields"),
        "text after a quote": (lambda line: line.replace(",a", ',"a"x', 1).replace(",Z", ',"Z"x', 1), "not CSV"),
        "NUL bytes for all of it": (lambda line: "\0" * len(line), "NUL"),
        "a NUL byte in the account": (lambda line: line.replace(",", ",\0", 1), "NUL"),
        "a NUL byte in a note": (lambda line: line + "\0", "NUL"),
        "a byte order mark": (lambda line: "\ufeff" + line, "timestamp is"),
        "the marks of a terminal's colours": (lambda line: f"\x1b[31m{line}\x1b[0m", "timestamp is"),
    }
    for name, (change, message) in changes.items():
        yield Case(f"{name} in the {place} row", with_line(row, change).encode(), Refused(message, f"line {row + 1}"))
    # Where a quote is never closed, the reader is at the end of the file when it knows.
    opened = with_line(row, lambda line: line.replace(",/v1", ',"/v1'))
    yield Case(f"a quote that is never closed in the {place} row", opened.encode(), Refused("not CSV", "line 31"))
    note = with_line(row, lambda line: line.replace(",订单", ',"订单'))
    yield Case(
        f"a quote in the {place} row's last field that is never closed", note.encode(), Refused("not CSV", "line 31")
    )


def _odd_values() -> Iterator[Case]:
    for name, status in SPELLINGS.items():
        text = csv_text([replace(row, status=status) if row.status == "200" else row for row in LOG])
        yield Case(f"statuses with {name}", text.encode(), CLEAN)
    for nothing in ("", "null", "NaN", "None", "0", "000", "-1", "0.0"):
        text = csv_text([replace(row, status=nothing) if row.status == "-" else row for row in LOG])
        yield Case(f"no status, written {nothing!r}", text.encode(), CLEAN)
    for nothing in ("-", "none", "false", "0", "null"):
        text = csv_text([replace(row, content_flag=row.content_flag or nothing) for row in LOG])
        yield Case(f"no content flag, written {nothing!r}", text.encode(), CLEAN)
    times: dict[str, Callable[[str], str]] = {
        "an offset": lambda time: time.replace("Z", "+00:00"),
        "a space": lambda time: time.replace("T", " "),
        "nanoseconds": lambda time: time.replace("Z", ".000000001Z"),
    }
    for name, change in times.items():
        text = csv_text([replace(row, timestamp=change(row.timestamp)) for row in LOG])
        yield Case(f"times with {name}", text.encode(), CLEAN)
        text = csv_text(
            [replace(row, timestamp=change(row.timestamp)) if at % 2 else row for at, row in enumerate(LOG)]
        )
        yield Case(f"every other time with {name}", text.encode(), CLEAN)
    yield Case("rows in no order of time", csv_text(LOG[::-1]).encode(), CLEAN)
    for name, size in {"a hundred kilobytes": 100_000, "a megabyte": 1 << 20, "five megabytes": 5 << 20}.items():
        note = "x" * size
        yield Case(f"a field of {name}", with_line(MIDDLE, lambda line, note=note: line + note).encode(), CLEAN)
        quoted = with_line(MIDDLE, lambda line, note=note: line.replace(",订单", f',"{note},') + '"')
        yield Case(f"a quoted field of {name}", quoted.encode(), CLEAN)
    fault = with_line(LAST, lambda line: line + ",x").replace("订单 3\n", "订单" + "x" * (1 << 20) + "\n")
    yield Case(
        "a field of a megabyte, and a fault in another row", fault.encode(), Refused("row is 8 fields", "line 31")
    )
    formula = csv_text([replace(row, note="=cmd|' /C calc'!A0") for row in LOG])
    yield Case("formulas in notes", formula.encode(), CLEAN)


def _cut_lines() -> Iterator[Case]:
    """Cut the last line behind each of its characters: told wherever a needed column is not whole."""
    last = ",".join(astuple(LOG[-1]))
    whole = last.rindex(",") + 1  # from here on, only a note is cut
    before = csv_text(LOG[:-1])
    for length in range(1, len(last)):
        outcome: Outcome = Refused("row is", "line 31") if length < whole else CLEAN
        yield Case(f"the last line cut to {last[:length]!r}", (before + last[:length]).encode(), outcome)
