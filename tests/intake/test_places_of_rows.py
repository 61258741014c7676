"""What is said of a row names the line on which it begins, as an editor counts lines, however the log is cut.

Lines end with LF. A CR by itself ends a row of CSV, but no line.
"""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from sla_audit.commands.count import CountOptions, Logs, count
from sla_audit.contract.load import BUILT_IN, load_contract
from sla_audit.intake.formats.csv import log as csv_log
from sla_audit.intake.formats.jsonl import log as json_log
from sla_audit.intake.formats.lines import log as lines_log
from sla_audit.intake.rejects import Tolerance
from sla_audit.tally.slots import SlotGrid

CONTRACT = load_contract(BUILT_IN)
TIME = "2026-10-01T00:00:00Z"
HEADER = "timestamp,account_id,status,note\n"
NOTE_FIRST = "note,timestamp,account_id,status\n"
GOOD, BAD = f"{TIME},A,200,x\n", f"{TIME},A,bad,x\n"

CSV: dict[str, str] = {
    "plain": HEADER + GOOD + BAD,
    "a byte order mark": "\ufeff" + HEADER + GOOD + BAD,
    "line ends of Windows": (HEADER + GOOD + BAD).replace("\n", "\r\n"),
    "blank lines": HEADER + "\n\n" + GOOD + "\n\n\n" + BAD,
    "blank lines of Windows": (HEADER + "\n\n" + GOOD + "\n\n\n" + BAD).replace("\n", "\r\n"),
    "a header of two lines": f'timestamp,account_id,status,"note\nof mine"\n{GOOD}{BAD}',
    "a first field of two lines": NOTE_FIRST + f'"a\nb",{TIME},A,200\n' + f'"c\n\nd",{TIME},A,bad\n',
    "a last field of three lines": HEADER + f'{TIME},A,200,"a\nb\nc"\n{TIME},A,bad,"a\nb"\n',
    "a field in the middle of two lines": f'timestamp,note,account_id,status\n{TIME},"a\n",A,200\n{TIME},"\nb",A,bad\n',
    "a quoted CR": HEADER + f'{TIME},A,200,"a\rb"\n' + BAD,
    "a quoted line end of Windows": HEADER + f'{TIME},A,200,"a\r\nb"\r\n' + BAD,
    "a CR between rows": HEADER + f"{TIME},A,200,a\r" + BAD,
    "characters at which Python would end a line": HEADER + f"{TIME},A,200,a\x0b\x0c\x1c\x1d\x85\u2028b\n" + BAD,
    "no last line end": HEADER + GOOD + BAD.removesuffix("\n"),
    "many rows before": HEADER + GOOD * 500 + BAD,
}


def places(name: str, data: bytes) -> list[tuple[str, str]]:
    path = Path(name)
    path.write_bytes(data)
    result = count(Logs((name,), tolerance=Tolerance(rows=99)), CONTRACT, SlotGrid(CONTRACT.zone), CountOptions())
    return [(reject.place, reject.column) for part in result.rejects for reject in part]


def line_of_the_bad_row(text: str) -> int:
    """Count line ends before the row that says `bad`, which may have begun before that word."""
    before = text[: text.index("bad")]
    return before[: before.rindex(TIME)].count("\n") + 1


@pytest.fixture(params=[48 << 20, 40, 1000], ids=["in one piece", "in small pieces", "in some pieces"], autouse=True)
def _in_pieces(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for module in (csv_log, json_log, lines_log):
        monkeypatch.setattr(module, "_BYTES_A_RANGE", request.param)
    monkeypatch.chdir(tmp_path)


def members(text: str) -> bytes:
    """Pack a text as several members, as rotated logs that were put together are."""
    data = text.encode()
    return b"".join(gzip.compress(data[at : at + 70]) for at in range(0, len(data), 70))


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
@pytest.mark.parametrize("text", CSV.values(), ids=CSV)
def test_csv(text: str, *, packed: bool) -> None:
    line = line_of_the_bad_row(text)
    if f'"c\n\nd",{TIME}' in text:
        line -= 2  # its first field is before the time
    found = places("log.csv.gz", members(text)) if packed else places("log.csv", text.encode())
    assert found == [(f"line {line}", "status")]


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
def test_rows_that_are_none(packed: bool) -> None:
    text = HEADER + GOOD + HEADER + "# a comment\n" + GOOD + f"{TIME},A\n"
    found = places("log.csv.gz", members(text)) if packed else places("log.csv", text.encode())
    assert found == [("line 3", "row"), ("line 4", "row"), ("line 6", "row")]


def row(status: object = 200, note: str = "x") -> str:
    return json.dumps({"timestamp": TIME, "account_id": "A", "status": status, "note": note}, ensure_ascii=False) + "\n"


JSON: dict[str, str] = {
    "plain": row() + row("bad"),
    "a byte order mark": "\ufeff" + row() + row("bad"),
    "blank lines of Windows": ("\n\n" + row() + " \n" + row("bad")).replace("\n", "\r\n"),
    "a line end that is escaped": row(note="a\nb") + row("bad"),
    "characters at which Python would end a line": row(note="\x7f\x85\u2028") + row("bad"),
    "a CR between fields": row().replace(", ", ",\r") + row("bad"),
    "no last line end": row() + row("bad").removesuffix("\n"),
    "many lines before": row() * 500 + row("bad"),
}


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
@pytest.mark.parametrize("text", JSON.values(), ids=JSON)
def test_json(text: str, *, packed: bool) -> None:
    found = places("log.jsonl.gz", members(text)) if packed else places("log.jsonl", text.encode())
    assert found == [(f"line {line_of_the_bad_row(text)}", "status")]


def test_a_row_whose_first_field_has_several_lines_is_read() -> None:
    """The last of its lines looks like a whole row, but its time is the row's own."""
    assert places("log.csv", (NOTE_FIRST + f'"a\nb",{TIME},A,200\n' * 9).encode()) == []


SWALLOWED: dict[str, str] = {
    "in the last column": HEADER + f'{TIME},A,200,"x\n{TIME},B,502,y\n{TIME},C,200,z"\n',
    "in the last column, two rows": HEADER + f'{TIME},A,200,"x\n{TIME},B,502,y"\n',
    "in the first column": NOTE_FIRST + f'"x,{TIME},A,502\ny",{TIME},B,200\n',
    "in the first column, three rows": NOTE_FIRST + f'"x,{TIME},A,502\nz,{TIME},A,502\ny",{TIME},B,200\n',
    "in the middle, of a row that was cut": "timestamp,account_id,status,note,more\n"
    f'{TIME},A,200,"par\n{TIME},B,502,z",y\n',
}


@pytest.mark.parametrize("text", SWALLOWED.values(), ids=SWALLOWED)
def test_quotes_that_swallow_whole_rows_are_told(text: str) -> None:
    assert places("log.csv", text.encode()) == [("line 2", "row")]
