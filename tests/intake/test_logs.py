"""Log files to canonical batches: every row is either read or rejected with its place, and none twice."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sla_audit.errors import InputError
from sla_audit.intake.bytes import chunks as pieces
from sla_audit.intake.columns import ColumnMap
from sla_audit.intake.formats.csv import fast as csv_fast
from sla_audit.intake.formats.csv import log as csv_log
from sla_audit.intake.formats.parquet import log as parquet_log
from sla_audit.intake.fragments.fragment import UnsafeSplitError
from sla_audit.intake.logs import open_logs
from sla_audit.intake.sources.source import source_of
from tests.builders.opened_logs import Log

SHANGHAI = ZoneInfo("Asia/Shanghai")
NEW_YORK = ZoneInfo("America/New_York")
HEADER = "timestamp,account_id,status\n"
TIME = "2026-10-01T05:06:07Z"


def open_log(
    path: Path, named: Mapping[str, tuple[str, ...]] | None = None, zone: ZoneInfo = SHANGHAI, *, uncut: bool = False
) -> Log:
    (log,) = open_logs([source_of(path)], ColumnMap(named or {}), (), zone, uncut=[path] if uncut else ())
    return Log(log)


def read(log: Log) -> list[tuple[int, str, int | None]]:
    """Read a log whole: the microseconds, account and status of each good row."""
    rows: list[tuple[int, str, int | None]] = []
    for batch in log.batches():
        factor, divisor = {"s": (1_000_000, 1), "ms": (1_000, 1), "us": (1, 1), "ns": (1, 1_000)}[
            batch.column(0).type.unit
        ]
        times = [time * factor // divisor for time in batch.column("timestamp").cast(pa.int64()).to_pylist()]
        rows += zip(times, batch.column("account_id").to_pylist(), batch.column("status").to_pylist(), strict=True)
    return rows


def rejected(log: Log) -> list[tuple[str, str, str]]:
    return [(reject.place, reject.column, str(reject.found)) for reject in log.read.rejects]


BAD_STATUS, BAD_TIME, NO_ACCOUNT, RAGGED = f"{TIME},X,abc", "yesterday,X,200", f"{TIME},,200", f"{TIME},X"
CSV_CASES: dict[str, tuple[str, list[str], list[tuple[str, str, str]]]] = {
    "nothing wrong": (f"{TIME},A,200\n{TIME},B,502\n", ["A", "B"], []),
    "no line end at the end": (f"{TIME},A,200\n{TIME},B,502", ["A", "B"], []),
    "no rows": ("", [], []),
    "a bad status in the first row": (
        f"{BAD_STATUS}\n{TIME},A,200\n{TIME},B,200\n",
        ["A", "B"],
        [("line 2", "status", "'abc'")],
    ),
    "a bad status in the middle": (
        f"{TIME},A,200\n{BAD_STATUS}\n{TIME},B,200\n",
        ["A", "B"],
        [("line 3", "status", "'abc'")],
    ),
    "a bad status in the last row": (
        f"{TIME},A,200\n{TIME},B,200\n{BAD_STATUS}\n",
        ["A", "B"],
        [("line 4", "status", "'abc'")],
    ),
    "a bad status in the last row, which has no line end": (
        f"{TIME},A,200\n{BAD_STATUS}",
        ["A"],
        [("line 3", "status", "'abc'")],
    ),
    "a time that cannot be read, first": (
        f"{BAD_TIME}\n{TIME},A,200\n",
        ["A"],
        [("line 2", "timestamp", "'yesterday'")],
    ),
    "a time that cannot be read, last": (
        f"{TIME},A,200\n{BAD_TIME}\n",
        ["A"],
        [("line 3", "timestamp", "'yesterday'")],
    ),
    "no time": (f"{TIME},A,200\n,X,200\n", ["A"], [("line 3", "timestamp", "''")]),
    "no account": (f"{TIME},A,200\n{NO_ACCOUNT}\n", ["A"], [("line 3", "account_id", "''")]),
    "too few fields": (f"{TIME},A,200\n{RAGGED}\n{TIME},B,200\n", ["A", "B"], [("line 3", "row", "2 fields")]),
    "too many fields": (f"{TIME},A,200,1\n{TIME},B,200\n", ["B"], [("line 2", "row", "4 fields")]),
    "the last line was cut": (f"{TIME},A,200\n{TIME}", ["A"], [("line 3", "row", "1 fields")]),
    "after a quoted line break": (
        f'{TIME},"A\nB",200\n{TIME},"C\n\nD",200\n{BAD_STATUS}\n{TIME},E,200\n',
        ["A\nB", "C\n\nD", "E"],
        [("line 7", "status", "'abc'")],
    ),
    "after blank lines": (
        f"\n\n{TIME},A,200\n\n{BAD_STATUS}\n\n{TIME},B,200\n\n",
        ["A", "B"],
        [("line 6", "status", "'abc'")],
    ),
    "after a quoted comma and a quoted quote": (
        f'{TIME},"A, Inc. ""x""",200\n{BAD_STATUS}\n',
        ['A, Inc. "x"'],
        [("line 3", "status", "'abc'")],
    ),
    "every row": (
        f"{BAD_STATUS}\n{BAD_TIME}\n{NO_ACCOUNT}\n",
        [],
        [("line 2", "status", "'abc'"), ("line 3", "timestamp", "'yesterday'"), ("line 4", "account_id", "''")],
    ),
}


@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["LF", "CRLF"])
@pytest.mark.parametrize("mark", ["", "\ufeff"], ids=["no BOM", "BOM"])
@pytest.mark.parametrize(("body", "accounts", "rejects"), CSV_CASES.values(), ids=CSV_CASES)
def test_csv_rows_are_read_or_rejected_with_their_line(
    tmp_path: Path, newline: str, mark: str, body: str, accounts: list[str], rejects: list[tuple[str, str, str]]
) -> None:
    path = tmp_path / "log.csv"
    path.write_bytes((mark + HEADER + body).replace("\n", newline).encode())
    log = open_log(path)

    rows = read(log)

    assert [account for _, account, _ in rows] == [account.replace("\n", newline) for account in accounts]
    assert rejected(log) == rejects
    assert {reject.path for reject in log.read.rejects} <= {path.as_posix()}
    assert log.read.rows == len(accounts) + len(rejects)


def test_a_ragged_row_says_how_many_fields_there_should_be(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text(f"{HEADER}{RAGGED}\n")
    log = open_log(path)

    assert read(log) == []
    (reject,) = log.read.rejects
    assert str(reject.problem()) == f"{path.as_posix()}, line 2: row is 2 fields; expected 3, as in the header"


MIXED = (
    ("2026-10-01T05:06:07Z", 1_790_831_167_000_000),
    ("2026-10-01 05:06:07+08:00", 1_790_802_367_000_000),
    ("2026-10-01T05:06:07+0430", 1_790_814_967_000_000),
    ("2026-10-01 05:06:07.123456789 +08", 1_790_802_367_123_456),
    ("2026-10-01T05:06:07.5", 1_790_802_367_500_000),
    ("1790831167", 1_790_831_167_000_000),
    ("1790831167123", 1_790_831_167_123_000),
    ("1790831167123.5", 1_790_831_167_123_500),
    ("1790831167123456789", 1_790_831_167_123_456),
)


@pytest.mark.parametrize("first", range(len(MIXED)), ids=[text for text, _ in MIXED])
def test_one_csv_column_may_mix_every_form_of_time(tmp_path: Path, first: int) -> None:
    forms = MIXED[first:] + MIXED[:first]
    path = tmp_path / "log.csv"
    path.write_text(HEADER + "".join(f"{text},A,200\n" for text, _ in forms))
    log = open_log(path)

    assert [time for time, _, _ in read(log)] == [instant for _, instant in forms]
    assert (log.read.rows, log.read.rejects, log.read.local_time) == (9, [], True)


LOCAL = [
    ("zoned", "2026-10-01T05:06:07Z", False, 1_790_831_167_000_000),
    ("an offset", "2026-10-01T05:06:07.25+08:00", False, 1_790_802_367_250_000),
    ("no zone", "2026-10-01T05:06:07", True, 1_790_802_367_000_000),
    ("epoch", "1790831167", False, 1_790_831_167_000_000),
    ("epoch with a fraction", "1790831167.25", False, 1_790_831_167_250_000),
]


@pytest.mark.parametrize(("text", "local", "instant"), [case[1:] for case in LOCAL], ids=[case[0] for case in LOCAL])
def test_a_log_tells_whether_its_times_lacked_a_zone(tmp_path: Path, text: str, local: bool, instant: int) -> None:
    path = tmp_path / "log.csv"
    path.write_text(f"{HEADER}{text},A,200\n{text},B,200\n")
    log = open_log(path)

    assert read(log) == [(instant, "A", 200), (instant, "B", 200)]
    assert log.read.local_time is local


def test_an_hour_that_the_clock_repeats_is_rejected_in_csv(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text(HEADER + "2026-11-01T00:59:59,A,200\n2026-11-01T01:30:00,B,200\n2026-11-01T02:00:00,C,200\n")
    log = open_log(path, zone=NEW_YORK)

    assert read(log) == [(1_793_509_199_000_000, "A", 200), (1_793_516_400_000_000, "C", 200)]
    assert rejected(log) == [("line 3", "timestamp", "'2026-11-01T01:30:00'")]


def test_an_hour_that_the_clock_skips_is_rejected_in_parquet(tmp_path: Path) -> None:
    path = tmp_path / "log.parquet"
    times = pa.array(["2026-03-08T01:59:59", "2026-03-08T02:30:00", "2026-03-08T03:00:00"]).cast(pa.timestamp("ms"))
    pq.write_table(pa.table({"timestamp": times, "account_id": ["A", "B", "C"], "status": [200, 200, 200]}), path)
    log = open_log(path, zone=NEW_YORK)

    assert read(log) == [(1_772_953_199_000_000, "A", 200), (1_772_953_200_000_000, "C", 200)]
    assert rejected(log) == [("row 2", "timestamp", "'2026-03-08 02:30:00.000'")]


def test_columns_under_other_names_and_time_in_two_columns(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text(
        "date,code,ip,time\n2026-10-01,200.0,A,05:06:07\n2026-10-01,-,B,noon\n2026-10-02,502.0,B,05:06:07\n"
    )
    log = open_log(path, {"timestamp": ("date", "time"), "account_id": ("ip",), "status": ("code",)})

    assert read(log) == [(1_790_802_367_000_000, "A", 200), (1_790_888_767_000_000, "B", 502)]
    assert rejected(log) == [("line 3", "date,time", "'2026-10-01' 'noon'")]
    assert log.read.local_time


# --- files of several blocks ------------------------------------------------------------------------------------------

ROWS = 400
FAULTY = {
    "a bad status": (f"{TIME},X,abc", ("status", "'abc'")),
    "a bad time": ("yesterday,X,200", ("timestamp", "'yesterday'")),
    "no account": (f"{TIME},,200", ("account_id", "''")),
    "too few fields": (f"{TIME},X", ("row", "2 fields")),
    "too many fields": (f"{TIME},X,200,,", ("row", "5 fields")),
}


@pytest.mark.parametrize("at", [0, 1, 199, 398, 399])
@pytest.mark.parametrize(("faulty", "reason"), FAULTY.values(), ids=FAULTY)
def test_a_fault_in_any_block_neither_loses_nor_repeats_a_row(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: int, faulty: str, reason: tuple[str, str]
) -> None:
    monkeypatch.setattr(csv_fast, "_BYTES_A_BLOCK", 256)
    monkeypatch.setattr(csv_log, "_BYTES_A_RANGE", 1024)
    monkeypatch.setattr(pieces, "_ITEMS_AT_ONCE", 7)
    lines = [f"{TIME},account-{number},200" for number in range(ROWS)]
    lines[at] = faulty
    path = tmp_path / "log.csv"
    path.write_text(HEADER + "\n".join(lines) + "\n")
    log = open_log(path)

    rows = read(log)

    assert [account for _, account, _ in rows] == [f"account-{number}" for number in range(ROWS) if number != at]
    assert rejected(log) == [(f"line {at + 2}", *reason)]
    assert log.read.rows == ROWS


@pytest.mark.parametrize("at", [0, 199, 399])
def test_lines_are_true_in_a_late_block_after_quoted_line_breaks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    monkeypatch.setattr(csv_fast, "_BYTES_A_BLOCK", 256)
    monkeypatch.setattr(csv_log, "_BYTES_A_RANGE", 1024)
    monkeypatch.setattr(pieces, "_ITEMS_AT_ONCE", 7)
    rows = [f'{TIME},"account\n{number}",200' for number in range(ROWS)]  # two lines each
    rows[at] = f"{TIME},X,abc"
    path = tmp_path / "log.csv"
    path.write_text(HEADER + "\n".join(rows) + "\n")
    log = open_log(path)

    assert [account for _, account, _ in read(log)] == [f"account\n{number}" for number in range(ROWS) if number != at]
    assert rejected(log) == [(f"line {2 + 2 * at}", "status", "'abc'")]
    assert log.read.rows == ROWS


def test_faults_in_many_blocks_are_all_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_fast, "_BYTES_A_BLOCK", 256)
    monkeypatch.setattr(csv_log, "_BYTES_A_RANGE", 1024)
    monkeypatch.setattr(pieces, "_ITEMS_AT_ONCE", 7)
    lines = [f"{TIME},X,abc" if number % 50 == 49 else f"{TIME},account-{number},200" for number in range(ROWS)]
    path = tmp_path / "log.csv"
    path.write_text(HEADER + "\n".join(lines) + "\n")
    log = open_log(path)

    assert len(read(log)) == 392
    assert [place for place, _, _ in rejected(log)] == [
        "line 51",
        "line 101",
        "line 151",
        "line 201",
        "line 251",
        "line 301",
        "line 351",
        "line 401",
    ]
    assert log.read.rows == ROWS


def test_a_form_of_time_that_changes_in_a_late_block_is_read_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(csv_fast, "_BYTES_A_BLOCK", 256)
    monkeypatch.setattr(csv_log, "_BYTES_A_RANGE", 1024)
    path = tmp_path / "log.csv"
    path.write_text(HEADER + f"{TIME},A,200\n" * 300 + "1790831167,A,200\n" * 300)
    log = open_log(path)

    assert read(log) == [(1_790_831_167_000_000, "A", 200)] * 600
    assert (log.read.rows, log.read.rejects) == (600, [])


GOOD, BLANK, TWO_LINES = "good", "blank", "two lines"
KINDS = st.sampled_from([GOOD, GOOD, GOOD, BLANK, TWO_LINES, *FAULTY])


@settings(deadline=None)
@given(st.lists(KINDS, max_size=60), st.sampled_from([96, 200, 1000, 1 << 20]), st.sampled_from([1, 3, 1000]))
@example([GOOD] * 30 + ["a bad status"], 200, 3)
@example([TWO_LINES] * 20 + [BLANK, "too few fields"] + [TWO_LINES] * 20, 200, 3)
def test_rows_read_are_those_that_are_good_and_those_rejected(kinds: list[str], block: int, rows_a_batch: int) -> None:
    text, line, accounts, rejects = HEADER, 1, [], []
    for number, kind in enumerate(kinds):
        line += 2 if kind == TWO_LINES else 1
        if kind in FAULTY:
            row, reason = FAULTY[kind]
            rejects.append((f"line {line}", *reason))
        else:
            account = f"account\n{number}" if kind == TWO_LINES else f"account-{number}"
            row = "" if kind == BLANK else f'{TIME},"{account}",200'
            accounts += [] if kind == BLANK else [account]
        text += row + "\n"

    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(csv_fast, "_BYTES_A_BLOCK", block)
        patch.setattr(csv_log, "_BYTES_A_RANGE", 2 * block)
        patch.setattr(pieces, "_ITEMS_AT_ONCE", rows_a_batch)
        path = Path(folder) / "log.csv"
        path.write_text(text)
        log = open_log(path)
        rows = read(log)

    assert [account for _, account, _ in rows] == accounts
    assert sorted(rejected(log)) == sorted(rejects)
    assert log.read.rows == len(accounts) + len(rejects)


# --- Parquet ----------------------------------------------------------------------------------------------------------


def parquet(path: Path, **columns: Any) -> Path:
    rows = len(next(iter(columns.values())))
    plain = {"timestamp": [1_790_831_167] * rows, "account_id": ["A"] * rows, "status": [200] * rows}
    pq.write_table(pa.table(plain | columns), path, row_group_size=3)
    return path


PARQUET_CASES: dict[str, tuple[dict[str, list[Any]], list[str], list[tuple[str, str, str]]]] = {
    "nothing wrong": ({"account_id": ["A", "B"]}, ["A", "B"], []),
    "a bad status in the first row": (
        {"account_id": ["X", "A", "B"], "status": [99, 200, 200]},
        ["A", "B"],
        [("row 1", "status", "'99'")],
    ),
    "a bad status in a later row group": (
        {"account_id": ["A", "B", "C", "D", "X", "E", "F"], "status": [200, 200, 200, 200, 600, 200, 200]},
        ["A", "B", "C", "D", "E", "F"],
        [("row 5", "status", "'600'")],
    ),
    "a bad status in the last row": (
        {"account_id": ["A", "B", "C", "X"], "status": ["200", "200", "200", "abc"]},
        ["A", "B", "C"],
        [("row 4", "status", "'abc'")],
    ),
    "a status between two numbers": (
        {"account_id": ["A", "X"], "status": [200.0, 200.5]},
        ["A"],
        [("row 2", "status", "'200.5'")],
    ),
    "no time": ({"account_id": ["A", "X"], "timestamp": [1_790_831_167, None]}, ["A"], [("row 2", "timestamp", "''")]),
    "no account": (
        {"account_id": ["A", None, ""]},
        ["A"],
        [("row 2", "account_id", "''"), ("row 3", "account_id", "''")],
    ),
    "no rows": ({"account_id": pa.array([], pa.string()), "timestamp": pa.array([], pa.int64())}, [], []),
}


@pytest.mark.parametrize("rows_a_batch", [2, 1 << 19])
@pytest.mark.parametrize(("columns", "accounts", "rejects"), PARQUET_CASES.values(), ids=PARQUET_CASES)
def test_parquet_rows_are_read_or_rejected_with_their_row(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    rows_a_batch: int,
    columns: dict[str, list[Any]],
    accounts: list[str],
    rejects: list[tuple[str, str, str]],
) -> None:
    monkeypatch.setattr(parquet_log, "_ROWS_A_BATCH", rows_a_batch)
    monkeypatch.setattr(parquet_log, "_ROWS_A_FRAGMENT", rows_a_batch)
    log = open_log(parquet(tmp_path / "log.parquet", **columns))

    assert [account for _, account, _ in read(log)] == accounts
    assert rejected(log) == rejects
    assert log.read.rows == len(accounts) + len(rejects)


def test_csv_and_parquet_of_the_same_rows_read_the_same(tmp_path: Path) -> None:
    times = [f"2026-10-01T05:06:{second:02}.{second:03}+08:00" for second in range(60)]
    accounts = [f"account-{second % 7}" for second in range(60)]
    statuses = ["200", "502", "-", "499", "000"] * 12
    csv = tmp_path / "log.csv"
    csv.write_text(
        HEADER
        + "".join(
            f"{time},{account},{status}\n" for time, account, status in zip(times, accounts, statuses, strict=True)
        )
    )
    instants = [1_790_802_360_000 + second * 1_001 for second in range(60)]
    typed = {
        "timestamp": pa.array(instants, pa.timestamp("ms", "UTC")),
        "account_id": accounts,
        "status": pa.array([200, 502, None, 499, 0] * 12, pa.int16()),
    }

    from_csv = read(open_log(csv))

    assert from_csv == read(open_log(parquet(tmp_path / "log.parquet", **typed)))
    assert from_csv[:5] == [
        (1_790_802_360_000_000, "account-0", 200),
        (1_790_802_361_001_000, "account-1", 502),
        (1_790_802_362_002_000, "account-2", None),
        (1_790_802_363_003_000, "account-3", 499),
        (1_790_802_364_004_000, "account-4", None),
    ]


def test_a_log_knows_its_size(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_bytes(b"timestamp,account_id,status\n")

    assert open_log(path).file.bytes == 28


# --- files that cannot be read at all ---------------------------------------------------------------------------------


def test_every_file_that_cannot_be_opened_is_named_at_once(tmp_path: Path) -> None:
    contents = {
        "blank.csv": b"\ntimestamp,account_id,status\n",
        "gbk.csv": b"timestamp,account_id,status,\xb1\xb8\n",
        "good.csv": HEADER.encode(),
        "other.csv": b"timestamp,account_id,code\n",
        "text.parquet": b"timestamp,account_id,status\n",
    }
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
    sources = [source_of(tmp_path / name) for name in [*contents, "gone.csv"]]

    with pytest.raises(InputError) as raised:
        open_logs(sources, ColumnMap(), (), SHANGHAI)

    found = [(Path(problem.where).name, str(problem.what)) for problem in raised.value.problems]
    assert [name for name, _ in found] == ["blank.csv", "gbk.csv", "other.csv", "text.parquet", "gone.csv"]
    for (_, what), expected in zip(
        found,
        [
            "no header in the first line",
            "not UTF-8: invalid start byte at byte 28",
            "no column 'status'; the file has: timestamp, account_id, code",
            "cannot be read as Parquet: ",
            "cannot be read as CSV: No such file or directory",
        ],
        strict=True,
    ):
        assert what.startswith(expected)
    assert all(problem.remedy for problem in raised.value.problems)


def test_a_needed_column_must_be_there(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text(HEADER)

    with pytest.raises(InputError, match="no column 'region'"):
        open_logs([source_of(path)], ColumnMap(), {"region"}, SHANGHAI)


USELESS: dict[str, tuple[dict[str, pa.Array], str]] = {
    "dates without a time of day": (
        {"timestamp": pa.array([20_000], pa.int32()).cast(pa.date32())},
        "column 'timestamp' is of type date32[day]; expected timestamps, epoch numbers or ISO 8601 text",
    ),
    "times that are booleans": ({"timestamp": pa.array([True])}, "column 'timestamp' is of type bool"),
    "accounts that are floats": ({"account_id": pa.array([1.0])}, "column 'account_id' is of type double"),
    "statuses that are lists": ({"status": pa.array([[200]])}, "list<"),
}


@pytest.mark.parametrize(("columns", "message"), USELESS.values(), ids=USELESS)
def test_a_column_of_a_useless_type_stops_the_file(tmp_path: Path, columns: dict[str, pa.Array], message: str) -> None:
    log = open_log(parquet(tmp_path / "log.parquet", **columns))

    with pytest.raises(InputError) as raised:
        read(log)

    (problem,) = raised.value.problems
    assert str(problem.where) == (tmp_path / "log.parquet").as_posix()
    assert str(problem.what).startswith("cannot be read as Parquet: ")
    assert message in str(problem.what)
    assert str(problem.remedy) == "Export that column as is expected, or name another with --column."


NOT_CSV: dict[str, tuple[bytes, str]] = {
    "bytes that are no UTF-8 in a row": (f"{TIME},A,200\n{TIME},".encode() + b"\xb8\xf6,200\n", "not UTF-8"),
    "a quote in the middle of a file that is never closed": (
        f'{TIME},A,200\n{TIME},"B,200\n{TIME},C,200\n'.encode(),
        "not CSV: unexpected end of data",
    ),
}


@pytest.mark.parametrize(("body", "message"), NOT_CSV.values(), ids=NOT_CSV)
def test_what_turns_out_to_be_no_csv_stops_the_file(tmp_path: Path, body: bytes, message: str) -> None:
    path = tmp_path / "log.csv"
    path.write_bytes(HEADER.encode() + body)

    with pytest.raises(InputError, match=message) as raised:
        read(open_log(path))

    assert str(raised.value.problems[0].where).startswith(path.as_posix())


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_a_log_whose_name_is_not_utf8_is_refused(tmp_path: Path, suffix: str) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/bad\xff." + suffix.encode()))
    try:
        path.write_bytes(f"{HEADER}{TIME},A,200\n".encode())
    except OSError:
        pytest.skip("this file system takes names in UTF-8 only")
    if suffix == "parquet":
        with path.open("wb") as file:
            pq.write_table(pa.table({"timestamp": [1_790_831_167], "account_id": ["A"], "status": [200]}), file)

    with pytest.raises(InputError, match="its name is not UTF-8") as raised:
        read(open_log(path))

    assert [str(problem.where) for problem in raised.value.problems] == [f"{tmp_path.as_posix()}/bad\\xff.{suffix}"]
    assert str(raised.value.problems[0].remedy)


@pytest.mark.parametrize("count", [1, 2, 3, 4])
@pytest.mark.parametrize("size", [64, 1 << 20])
def test_quotes_in_the_last_column_that_are_never_closed_swallow_no_row(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, count: int, size: int
) -> None:
    monkeypatch.setattr(csv_log, "_BYTES_A_RANGE", size)
    lines = [f"{TIME},account-{number},200" for number in range(50)]
    for number in range(count):
        lines[10 + 7 * number] = f'{TIME},X,"502'
    path = tmp_path / "log.csv"
    path.write_text(HEADER + "\n".join(lines) + "\n")

    with pytest.raises(InputError, match="not CSV: "):
        read(open_log(path, uncut=True))
    with pytest.raises(UnsafeSplitError if size == 64 else InputError):
        read(open_log(path))
