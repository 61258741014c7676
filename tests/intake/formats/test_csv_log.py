"""CSV logs: ranges of bytes, read fast, or row by row with line numbers; either way the same rows."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest

from sla_audit.errors import InputError
from sla_audit.intake.bytes import chunks as pieces
from sla_audit.intake.columns import LogColumns
from sla_audit.intake.formats.csv import cuts as csv_pieces
from sla_audit.intake.formats.csv import fast as csv_fast
from sla_audit.intake.formats.csv import log as csv_log
from sla_audit.intake.formats.csv.fragment import PieceReading
from sla_audit.intake.fragments.fragment import LogFragment
from sla_audit.intake.sources.source import Source, source_of
from tests.builders.opened_logs import Read, fragments_of, names_in, read_all

PLAIN = LogColumns(("timestamp",), "account_id", "status")
SHANGHAI = ZoneInfo("Asia/Shanghai")
TIME = "2026-10-01T05:06:07Z"
HEADER = "timestamp,account_id,status\n"
ROW = "2026-10-01T05:06:07Z,{},200\n"


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "log.csv"


HEADERS: dict[str, tuple[bytes, list[str]]] = {
    "plain": (b"timestamp,account_id,status\nx,y,z\n", ["timestamp", "account_id", "status"]),
    "a byte order mark is no part of the first name": (b"\xef\xbb\xbftimestamp,status\n", ["timestamp", "status"]),
    "a byte order mark before a quote": (b'\xef\xbb\xbf"timestamp","status"\n', ["timestamp", "status"]),
    "line ends of Windows": (b"timestamp,status\r\nx,y\r\n", ["timestamp", "status"]),
    "no end of the line": (b"timestamp,status", ["timestamp", "status"]),
    "quoted names with a comma and a line break": (b'"time, local","sta\ntus"\n', ["time, local", "sta\ntus"]),
    "names in Chinese": ("时间,账号\n".encode(), ["时间", "账号"]),
    "a nameless column": (b"timestamp,,status\n", ["timestamp", "", "status"]),
    "one column": (b"timestamp\n", ["timestamp"]),
}


@pytest.mark.parametrize(("content", "expected"), HEADERS.values(), ids=HEADERS)
def test_the_names_of_the_columns(log: Path, content: bytes, expected: list[str]) -> None:
    log.write_bytes(content)

    assert names_in(Source(log, "csv")) == expected


BAD_HEADERS: dict[str, tuple[bytes, str]] = {
    "an empty file": (b"", "the file is empty; expected a header line"),
    "nothing but a byte order mark": (b"\xef\xbb\xbf", "the file is empty; expected a header line"),
    "GBK": ("时间,账号\n".encode("gbk"), "not UTF-8: invalid start byte at byte 2"),
    "UTF-16": ("timestamp,status\n".encode("utf-16"), "not UTF-8: invalid start byte at byte 0"),
    "line ends of old Macs": (b"timestamp,status\rx,y\r", "lines end with CR alone; expected LF or CRLF"),
    "a first line that is blank": (b"\ntimestamp,status\n", "no header in the first line"),
    "a stray byte in the header": (b"timestamp,\xff\n", "not UTF-8: invalid start byte at byte 10"),
}


@pytest.mark.parametrize(("content", "message"), BAD_HEADERS.values(), ids=BAD_HEADERS)
def test_files_without_a_header_that_can_be_read(log: Path, content: bytes, message: str) -> None:
    log.write_bytes(content)

    with pytest.raises(InputError) as raised:
        names_in(Source(log, "csv"))

    assert [(problem.where, str(problem.what)) for problem in raised.value.problems] == [(log.as_posix(), message)]
    assert str(raised.value.problems[0].remedy)


def fragments(log: Path, columns: LogColumns = PLAIN) -> list[LogFragment]:
    return fragments_of(source_of(log), columns, SHANGHAI)


def accounts(read: Read) -> list[str]:
    return [account for batch in read.batches for account in batch.column("account_id").to_pylist()]


def lines(read: Read) -> list[tuple[str, str]]:
    return [(reject.place, str(reject.found)) for reject in read.rejects]


def test_nothing_is_taken_for_null_but_what_says_so(log: Path) -> None:
    log.write_text("note,status,account_id,timestamp\nx,-,nobody,1790831167\ny,,N/A,1790831168\n")
    (fragment,) = fragments(log)
    (batch,) = fragment.read()
    assert batch.column("account_id").to_pylist() == ["nobody", "N/A"]
    assert batch.column("status").to_pylist() == [None, None]


@pytest.mark.parametrize("size", [30, 64, 256, 1 << 20])
def test_a_large_file_comes_in_ranges_that_end_with_lines(
    log: Path, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    monkeypatch.setattr(csv_log, "_BYTES_A_RANGE", size)
    monkeypatch.setattr(csv_fast, "_BYTES_A_BLOCK", 128)
    expected = [f"account-{number}" for number in range(100)]
    log.write_text(HEADER + "".join(ROW.format(account) for account in expected))
    parts = fragments(log)
    read = read_all(parts)
    assert (len(parts) == 1) if size == 1 << 20 else (len(parts) > 10)
    assert sum(each.bytes for each in parts) == log.stat().st_size - len(HEADER)
    assert accounts(read) == expected
    assert read.rows == 100


@pytest.mark.parametrize("at", [0, 1, 49, 98, 99])
def test_a_bad_row_in_any_range_is_told_with_its_line_and_costs_no_other(
    log: Path, monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    monkeypatch.setattr(csv_log, "_BYTES_A_RANGE", 200)
    rows = [ROW.format(f"account-{number}") for number in range(100)]
    rows[at] = f"{TIME},X,abc\n"
    log.write_text(HEADER + "".join(rows))
    read = read_all(fragments(log))
    assert accounts(read) == [f"account-{number}" for number in range(100) if number != at]
    assert lines(read) == [(f"line {at + 2}", "'abc'")]
    assert read.rows == 100


@pytest.mark.parametrize("size", [1, 8, 64, 200, 1024])
@pytest.mark.parametrize("look", [1, 7, 1 << 18])
def test_no_range_begins_inside_quotes(log: Path, monkeypatch: pytest.MonkeyPatch, size: int, look: int) -> None:
    monkeypatch.setattr(csv_log, "_BYTES_A_RANGE", size)
    monkeypatch.setattr(csv_pieces, "_BYTES_A_LOOK", look)
    monkeypatch.setattr(csv_fast, "_BYTES_A_LOOK", look)
    odd = [f'"two\nlines of {number}"' for number in range(20)]
    quoted = ['"a ""quoted"" word"', "plain", '"a,comma"', '"""\n\n"""']
    log.write_text(HEADER + "".join(ROW.format(account) for account in [*odd, *quoted, *odd]))
    parts = fragments(log)
    read = read_all(parts)
    assert len(parts) > 1 or size == 1024
    two = [text.strip('"') for text in odd]
    assert accounts(read) == [*two, 'a "quoted" word', "plain", "a,comma", '"\n\n"', *two]


UNCLOSED, TRAILING = "not CSV: unexpected end of data", "not CSV: ',' expected after '\"'"
SLOW: dict[str, tuple[str, list[str], list[tuple[str, str]]]] = {
    "every row has its line": (f"{TIME},A,1\n{TIME},B,x\n", [], [("line 2", "'1'"), ("line 3", "'x'")]),
    "no end of the last line": (f"{TIME},A,200\n{TIME},B,x", ["A"], [("line 3", "'x'")]),
    "blank lines are no rows, but lines": (f"\n{TIME},A,200\n\n\n{TIME},B,x\n\n", ["A"], [("line 6", "'x'")]),
    "line ends of Windows": (f"{TIME},A,200\r\n\r\n{TIME},B,x\r\n", ["A"], [("line 4", "'x'")]),
    "a quoted comma": (f'{TIME},"A, Inc.",200\n{TIME},B,x\n', ["A, Inc."], [("line 3", "'x'")]),
    "a quoted quote": (f'{TIME},"A ""x""",200\n{TIME},B,x\n', ['A "x"'], [("line 3", "'x'")]),
    "a quoted line break: the row ends two lines on": (
        f'{TIME},"A\n\n1",200\n{TIME},B,x\n',
        ["A\n\n1"],
        [("line 5", "'x'")],
    ),
    "a quoted line break of Windows": (
        f'{TIME},"A\r\n1",200\r\n{TIME},B,x\r\n',
        ["A\r\n1"],
        [("line 4", "'x'")],
    ),
    "no rows": ("", [], []),
    "quotes that do close, over three lines": (
        f'{TIME},A,"200\n{TIME},B,""502\n{TIME},C,"\n{TIME},D,200\n',
        ["D"],
        [("line 2", "several lines in quotes, with a whole row among them")],
    ),
    "a blank line before a ragged row": (f"\n{TIME},A\n{TIME},B,200\n", ["B"], [("line 3", "2 fields")]),
    "ragged rows": (
        f"{TIME},A\n{TIME},B,200\n{TIME},C,200,4\nd\n",
        ["B"],
        [("line 2", "2 fields"), ("line 4", "4 fields"), ("line 5", "1 fields")],
    ),
    "a line of spaces is a ragged row": (f"  \n{TIME},A,200\n", ["A"], [("line 2", "1 fields")]),
    "rejects of all kinds come in the order of lines": (
        f"{TIME},A\n{TIME},B,x\n{TIME},C\n",
        [],
        [("line 2", "2 fields"), ("line 3", "'x'"), ("line 4", "2 fields")],
    ),
}


@pytest.mark.parametrize("rows_a_batch", [1, 2, 1000])
@pytest.mark.parametrize(("body", "good", "rejected"), SLOW.values(), ids=SLOW)
def test_row_by_row_each_with_its_line(
    log: Path,
    monkeypatch: pytest.MonkeyPatch,
    rows_a_batch: int,
    body: str,
    good: list[str],
    rejected: list[tuple[str, str]],
) -> None:
    monkeypatch.setattr(pieces, "_ITEMS_AT_ONCE", rows_a_batch)
    log.write_text(HEADER + body, newline="")
    read = read_all(fragments(log))
    assert accounts(read) == good
    assert lines(read) == rejected
    assert read.rows == len(good) + len(rejected)


UNREADABLE: dict[str, tuple[bytes, str, str]] = {
    "a quote in the last field of the last row": (f'{TIME},A,200\n{TIME},B,"502\n'.encode(), ", line 3", UNCLOSED),
    "a quote in the last field of the first row": (
        f'{TIME},A,"200\n{TIME},B,502\n{TIME},C,502\n'.encode(),
        ", line 2",
        f"{UNCLOSED}, on line 4",
    ),
    "three quotes in the last fields": (
        f'{TIME},A,"200"\n{TIME},B,"502\n{TIME},C,502\n'.encode(),
        ", line 3",
        f"{UNCLOSED}, on line 4",
    ),
    "two quotes in the last fields of neighbours": (
        f'{TIME},A,"200\n{TIME},B,"502\n{TIME},C,200\n'.encode(),
        ", line 2",
        f"{TRAILING}, on line 3",
    ),
    "four quotes in the last fields, none of them closed": (
        "".join(f'{TIME},A,"200\n' for _ in range(4)).encode(),
        ", line 2",
        f"{TRAILING}, on line 3",
    ),
    "a quote that is never closed": (b'a,"A,1\nb,B,2\n', ", line 2", "not CSV: unexpected end of data, on line 3"),
    "a quote in the last column that is never closed": (
        b't,200,"B\nt,502,C\nt,502,D\n',
        ", line 2",
        "not CSV: unexpected end of data, on line 4",
    ),
    "two quotes that are never closed": (
        b't,A,"200\nt,B,502\nt,C,"502\n',
        ", line 2",
        "not CSV: ',' expected after '\"', on line 4",
    ),
    "text after a closing quote": (b'a,A,1\nb,"B"x,2\n', ", line 3", "not CSV: ',' expected after '\"'"),
    "bytes that are no UTF-8": (b"a,A,1\nb,\xb8\xf6,2\n", "", "not UTF-8: invalid start byte at byte 36"),
}


@pytest.mark.parametrize(("body", "place", "message"), UNREADABLE.values(), ids=UNREADABLE)
def test_what_is_no_csv_is_refused_with_its_place(log: Path, body: bytes, place: str, message: str) -> None:
    log.write_bytes(HEADER.encode() + body)
    with pytest.raises(InputError) as raised:
        accounts(read_all(fragments(log)))
    (problem,) = raised.value.problems
    assert str(problem.where) == f"{log.as_posix()}{place}"
    assert str(problem.what) == message
    assert str(problem.remedy)


@pytest.mark.parametrize(
    "time", ["2026-10-31", "2026-10-02T05", "2026-10", "0x6AB00000", "\uff11\uff17", "0001-01-01T00:00:00"]
)
@pytest.mark.parametrize("first", ["2026-10-01T00:00:00", "2026-10-01T00:00:00Z", "1790831167"])
@pytest.mark.parametrize("at", [0, 1, 2])
def test_half_a_time_is_no_time_wherever_it_stands(log: Path, time: str, first: str, at: int) -> None:
    times = [first, first, first]
    times[at] = time
    log.write_text(HEADER + "".join(f"{each},A,200\n" for each in times))
    read = read_all(fragments(log))
    assert accounts(read) == ["A", "A"]
    assert lines(read) == [(f"line {at + 2}", repr(time))]


def test_columns_may_come_in_any_order_and_repeat_a_name_that_is_not_read(log: Path) -> None:
    log.write_text(f"status,note,note,account_id,timestamp\n200,x,y,A,{TIME}\n")
    (fragment,) = fragments(log)
    (batch,) = fragment.read()
    assert batch.column("account_id").to_pylist() == ["A"]
    assert batch.column("status").to_pylist() == [200]


@pytest.mark.parametrize(
    ("body", "byte"),
    [
        (f"{TIME},\udcff,200\n", 49),
        (f"{TIME},A,200\n{TIME},\udcff,200\n", 76),
        (f"{TIME},\u7532,200\n{TIME},\udcff,200\n", 78),
    ],
    ids=["the first row", "the second row", "after a character of three bytes"],
)
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"], ids=["no BOM", "BOM"])
def test_the_byte_where_a_file_stops_being_utf8_is_counted_from_its_start(
    log: Path, mark: bytes, body: str, byte: int
) -> None:
    log.write_bytes(mark + (HEADER + body).encode("utf-8", "surrogateescape"))

    with pytest.raises(InputError) as raised:
        accounts(read_all(fragments(log)))

    (problem,) = raised.value.problems
    found = log.read_bytes().index(0xFF)
    assert (problem.where, str(problem.what)) == (log.as_posix(), f"not UTF-8: invalid start byte at byte {found}")
    assert found == byte + len(mark)


def test_the_byte_is_true_in_a_later_range(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_log, "_BYTES_A_RANGE", 64)
    log.write_bytes(
        HEADER.encode() + ROW.format("A").encode() * 50 + f"{TIME},\udcff,200\n".encode(errors="surrogateescape")
    )
    parts = fragments(log)
    assert len(parts) > 5

    with pytest.raises(InputError, match=f"invalid start byte at byte {len(HEADER) + 50 * len(ROW) - 50 + 21}"):
        read_all(parts)


@pytest.mark.parametrize("time", ["2026-10-31", "2026-10-02T05", "2026-10-02 05", "2026-10-31Z", "0X6AB00000", "٠"])
@pytest.mark.parametrize("first", ["2026-10-01 00:00:00", "2026-10-01T00:00:00+08:00", "1790831167123", "1790831167.5"])
@pytest.mark.parametrize("at", [0, 150, 299])
def test_half_a_time_is_no_time_in_any_range(
    log: Path, monkeypatch: pytest.MonkeyPatch, time: str, first: str, at: int
) -> None:
    monkeypatch.setattr(csv_log, "_BYTES_A_RANGE", 1024)
    monkeypatch.setattr(csv_fast, "_BYTES_A_BLOCK", 256)
    times = [first] * 300
    times[at] = time
    log.write_text(HEADER + "".join(f"{each},account-{row},200\n" for row, each in enumerate(times)))
    parts = fragments(log)
    read = read_all(parts)

    assert len(parts) > 5
    assert accounts(read) == [f"account-{row}" for row in range(300) if row != at]
    assert lines(read) == [(f"line {at + 2}", repr(time))]
    assert read.rows == 300


FAR = [
    "0001-01-01T00:00:00",
    "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59",
    "9999-12-31T23:59:59Z",
    "2200-01-01T00:00Z",
]


@pytest.mark.parametrize("time", FAR)
@pytest.mark.parametrize("first", ["2026-10-01T00:00:00", "2026-10-01T00:00:00Z", "1790831167"])
def test_years_that_cannot_be_audited_are_rejected(log: Path, time: str, first: str) -> None:
    log.write_text(HEADER + f"{first},A,200\n{time},X,200\n{first},B,200\n")
    read = read_all(fragments(log))

    assert accounts(read) == ["A", "B"]
    assert lines(read) == [("line 3", repr(time))]


SAME: dict[str, tuple[str, list[str]]] = {
    "zoned time": (f"{TIME},A,200\n{TIME},B,502\n", ["A", "B"]),
    "time without a zone": ("2026-10-01 05:06:07,A,200\n2026-10-01T05:06,B,200\n", ["A", "B"]),
    "epoch numbers": ("1790831167,A,200\n1790831167123,B,200\n", ["A", "B"]),
    "epoch numbers with a fraction": ("1790831167.5,A,200\n1790831167,B,200\n", ["A", "B"]),
    "the first time that is there decides": (",X,200\n1790831167,A,200\n", ["A"]),
    "numbered accounts are text": ("1790831167,007,200\n1790831167,7,200\n", ["007", "7"]),
    "quotes, commas and line breaks": (f'{TIME},"A, Inc.",200\n{TIME},"B ""x""\n1",502\n', ["A, Inc.", 'B "x"\n1']),
    "blank lines and line ends of Windows": (f"\r\n{TIME},A,200\r\n\r\n{TIME},B,-\r\n", ["A", "B"]),
    "space around an account is no part of it": (f"{TIME}, A ,200\n", ["A"]),
    "space around a status is not": (f"{TIME},A, 200 \n", ["A"]),
    "a quote within an account": (f'{TIME},A"x"B,200\n', ['A"x"B']),
}


@pytest.mark.parametrize(("body", "expected"), SAME.values(), ids=SAME)
def test_row_by_row_gives_what_arrow_gives(
    log: Path, monkeypatch: pytest.MonkeyPatch, body: str, expected: list[str]
) -> None:
    log.write_text(HEADER + body, newline="")

    def everything() -> tuple[Any, ...]:
        read = read_all(fragments(log))
        rows: list[Any] = []
        for batch in read.batches:
            instants = batch.column("timestamp").cast(pa.timestamp("us", "UTC"), safe=False).cast(pa.int64())
            rows += zip(instants.to_pylist(), *(batch.column(at).to_pylist() for at in (1, 2)), strict=True)
        return rows, lines(read), read.rows, [each.local_time for each in read.accounts]

    fast = everything()
    monkeypatch.setattr(PieceReading, "_fast", lambda self, data: None)

    assert fast == everything()
    assert [account for _, account, _ in fast[0]] == expected


def test_date_and_time_in_two_columns_are_read(log: Path) -> None:
    log.write_text("date,time,account_id,status\n2026-10-01,05:06:07,A,200\n2026-10-01,05,B,200\n,05:06:07,C,200\n")
    read = read_all(fragments(log, LogColumns(("date", "time"), "account_id", "status")))

    assert accounts(read) == ["A"]
    assert lines(read) == [("line 3", "'2026-10-01' '05'"), ("line 4", "'' '05:06:07'")]


def test_text_comes_as_dictionaries(log: Path) -> None:
    log.write_text(HEADER + ROW.format("A") * 3)
    (fragment,) = fragments(log)
    (batch,) = fragment.read()

    assert batch.schema.names == ["timestamp", "account_id", "status"]
    assert batch.column("account_id").type == pa.dictionary(pa.int32(), pa.string())
    assert pa.types.is_dictionary(batch.column("status").type)
