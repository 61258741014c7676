"""Parquet logs: only the needed columns, and none whose value the statistics already give."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sla_audit.intake import parquet_log
from sla_audit.intake.columns import LogColumns
from sla_audit.intake.fragment import LogFragment
from sla_audit.intake.parquet_log import parquet_fragments, parquet_header
from sla_audit.intake.sources import source_of

SHANGHAI = ZoneInfo("Asia/Shanghai")
PLAIN = LogColumns(("timestamp",), "account_id", "status")


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "log.parquet"


def table(rows: int = 3) -> pa.Table:
    return pa.table(
        {
            "note": ["x"] * rows,
            "status": pa.array([200] * rows, pa.int16()),
            "account_id": [f"account-{number}" for number in range(rows)],
            "timestamp": pa.array(range(1_790_831_167, 1_790_831_167 + rows), pa.timestamp("ms", "UTC")),
            "api": ["/v1/compose"] * rows,
        }
    )


def test_the_names_of_the_columns(log: Path) -> None:
    pq.write_table(table(), log)

    assert parquet_header(log) == ["note", "status", "account_id", "timestamp", "api"]


@pytest.mark.parametrize("content", [b"", b"PAR1", b"timestamp,status\n" * 100], ids=["empty", "cut", "CSV"])
def test_what_is_no_parquet_has_no_header(log: Path, content: bytes) -> None:
    log.write_bytes(content)

    with pytest.raises(pa.ArrowInvalid):
        parquet_header(log)


def test_a_file_that_was_cut_has_no_header(log: Path) -> None:
    pq.write_table(table(), log)
    log.write_bytes(log.read_bytes()[:-10])

    with pytest.raises(pa.ArrowInvalid):
        parquet_header(log)


def fragments(log: Path, columns: LogColumns = PLAIN, *, statistics: bool = True) -> list[LogFragment]:
    return list(parquet_fragments(source_of(log), columns, SHANGHAI, statistics=statistics))


def rows(read: list[LogFragment], names: list[str]) -> list[tuple[Any, ...]]:
    """Give the rows with each fragment's own knowledge used, as the counting does."""
    found: list[tuple[Any, ...]] = []
    for fragment in read:
        for batch in fragment.batches(without=fragment.known.keys()):
            columns = [
                [fragment.known[name]] * batch.num_rows if name in fragment.known else batch.column(name).to_pylist()
                for name in names
            ]
            found += zip(*columns, strict=True)
    return found


def test_other_names_and_two_columns_of_time(log: Path) -> None:
    pq.write_table(pa.table({"d": ["2026-10-01"], "t": ["05:06:07"], "response.status": [200], "client": ["A"]}), log)
    read = fragments(log, LogColumns(("d", "t"), "client", "response.status"))
    ((account, status),) = rows(read, ["account_id", "status"])
    assert (account, status) == ("A", 200)
    assert read[0].times is None


@pytest.mark.parametrize("row_group", [1, 7, 100, 1000])
@pytest.mark.parametrize("rows_a_pass", [3, 64, 1 << 21])
def test_every_row_comes_once_and_in_order(
    log: Path, monkeypatch: pytest.MonkeyPatch, row_group: int, rows_a_pass: int
) -> None:
    monkeypatch.setattr(parquet_log, "_ROWS_A_BATCH", rows_a_pass)
    monkeypatch.setattr(parquet_log, "_ROWS_A_FRAGMENT", rows_a_pass)
    pq.write_table(table(250), log, row_group_size=row_group)
    read = fragments(log)
    assert rows(read, ["account_id", "status"]) == [(f"account-{number}", 200) for number in range(250)]
    assert sum(each.rows or 0 for each in read) == sum(each.read for each in read) == 250


def test_a_file_without_rows(log: Path) -> None:
    pq.write_table(table(0), log)
    assert rows(fragments(log), ["account_id"]) == []


ONE_VALUE: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "one status": ({"status": pa.array([503, 503])}, {"status": 503}),
    "status 0 throughout": ({"status": pa.array([0, 0])}, {"status": None}),
    "no status at all": ({"status": pa.array([None, None], pa.int16())}, {"status": None}),
    "a status that is none of HTTP": ({"status": pa.array([700, 700])}, {}),
    "one status, and rows without": ({"status": pa.array([503, None])}, {}),
    "one status as a float": ({"status": pa.array([503.0, 503.0])}, {}),
    "one status as text": ({"status": pa.array(["503", "503"])}, {"status": 503}),
    "two statuses": ({"status": pa.array([503, 504])}, {}),
    "no flag": ({"content_flag": pa.array([None, None], pa.string())}, {"content_flag": False}),
    "one flag throughout": ({"content_flag": pa.array(["fraud", "fraud"])}, {"content_flag": True}),
    "one account": ({"account_id": pa.array(["X", "X"])}, {"account_id": "X"}),
    "one account of a number": ({"account_id": pa.array([7, 7])}, {"account_id": "7"}),
    "long texts alike at the start": ({"account_id": pa.array(["x" * 300 + "1", "x" * 300 + "2"])}, {}),
    "one blank account": ({"account_id": pa.array([" ", " "])}, {}),
    "no account": ({"account_id": pa.array([None, None], pa.string())}, {}),
    "nobody hung up": ({"client_aborted": pa.array([False, False])}, {"client_aborted": False}),
}


@pytest.mark.parametrize(("columns", "known"), ONE_VALUE.values(), ids=ONE_VALUE)
@pytest.mark.parametrize("statistics", [True, False])
def test_a_column_with_one_value_is_known(
    log: Path, columns: dict[str, Any], known: dict[str, Any], statistics: bool
) -> None:
    usual = {
        "timestamp": pa.array([1_790_831_167_000, 1_790_831_168_000], pa.timestamp("ms", "UTC")),
        "account_id": pa.array(["A", "B"]),
        "status": pa.array([200, 404]),
    }
    pq.write_table(pa.table(usual | columns), log, write_statistics=statistics)
    flags = {name: name for name in ("content_flag", "client_aborted") if name in columns}
    read = fragments(log, LogColumns(("timestamp",), "account_id", "status", **flags))
    assert dict(read[0].known) == (known if statistics else {})
    decoded = fragments(log, LogColumns(("timestamp",), "account_id", "status", **flags), statistics=False)
    names = ["account_id", "status", *flags]
    assert rows(read, names) == rows(decoded, names)
    assert [each.rejects for each in read] == [each.rejects for each in decoded]


TIMES: dict[str, tuple[pa.Array, tuple[int, int] | None]] = {
    "zoned, in seconds": (pa.array([100, 40], pa.timestamp("s", "UTC")), (40_000_000, 100_000_000)),
    "zoned, in nanoseconds": (pa.array([5_999, 1_001], pa.timestamp("ns", "UTC")), (1, 5)),
    "epoch milliseconds": (
        pa.array([1_790_831_167_001, 1_790_831_167_000]),
        (1_790_831_167_000_000, 1_790_831_167_001_000),
    ),
    "without a zone": (pa.array([100, 40], pa.timestamp("ms")), None),
    "text": (pa.array(["2026-10-01T05:06:07Z", "2026-10-01T05:06:08Z"]), None),
    "one that is missing": (pa.array([100, None], pa.timestamp("s", "UTC")), None),
    "integers that are no time": (pa.array([1, 2]), None),
}


@pytest.mark.parametrize(("times", "bounds"), TIMES.values(), ids=TIMES)
def test_bounds_of_the_time(log: Path, times: pa.Array, bounds: tuple[int, int] | None) -> None:
    pq.write_table(pa.table({"timestamp": times, "account_id": ["A", "B"], "status": [200, 404]}), log)
    (fragment,) = fragments(log)
    assert fragment.times == bounds
    (decoded,) = fragments(log, statistics=False)
    assert decoded.times is None


def test_row_groups_are_read_together_where_the_same_is_known_of_them(log: Path) -> None:
    statuses = [200] * 4 + [200, 503, 200, 503] + [200] * 4
    groups = table(12).set_column(1, "status", pa.array(statuses))
    pq.write_table(groups, log, row_group_size=2)
    read = fragments(log)
    assert [(each.rows, dict(each.known)) for each in read] == [(4, {"status": 200}), (4, {}), (4, {"status": 200})]
    assert [status for _, status in rows(read, ["account_id", "status"])] == statuses


def test_statistics_of_some_columns_only(log: Path) -> None:
    one = table(4).set_column(2, "account_id", pa.array(["A"] * 4))
    pq.write_table(one, log, write_statistics=["status"])
    (fragment,) = fragments(log)
    assert (dict(fragment.known), fragment.times) == ({"status": 200}, None)


def test_a_fragment_that_is_skipped_accounts_for_its_rows(log: Path) -> None:
    pq.write_table(table(5), log)
    (fragment,) = fragments(log)
    assert fragment.skip() == 5
    assert (fragment.read, fragment.rejects) == (5, [])
