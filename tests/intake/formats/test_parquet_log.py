"""Parquet logs: only the needed columns, and none whose value the statistics already give."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sla_audit.intake.columns import LogColumns
from sla_audit.intake.formats.parquet import log as parquet_log
from sla_audit.intake.fragments.fragment import LogFragment
from sla_audit.intake.sources.source import source_of
from tests.builders.opened_logs import fragments_of, names_in, read_all

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

    assert names_in(source_of(log)) == ["note", "status", "account_id", "timestamp", "api"]


@pytest.mark.parametrize("content", [b"", b"PAR1", b"timestamp,status\n" * 100], ids=["empty", "cut", "CSV"])
def test_what_is_no_parquet_has_no_header(log: Path, content: bytes) -> None:
    log.write_bytes(content)

    with pytest.raises(pa.ArrowInvalid):
        names_in(source_of(log))


def test_a_file_that_was_cut_has_no_header(log: Path) -> None:
    pq.write_table(table(), log)
    log.write_bytes(log.read_bytes()[:-10])

    with pytest.raises(pa.ArrowInvalid):
        names_in(source_of(log))


def fragments(log: Path, columns: LogColumns = PLAIN, *, statistics: bool = True) -> list[LogFragment]:
    return fragments_of(source_of(log), columns, SHANGHAI, statistics=statistics)


def rows(read: list[LogFragment], names: list[str]) -> list[tuple[Any, ...]]:
    """Give the rows with each fragment's own knowledge used, as the counting does."""
    found: list[tuple[Any, ...]] = []
    for fragment in read:
        for batch in fragment.read(without=fragment.known.keys()):
            columns = [
                [fragment.known[name]] * batch.num_rows if name in fragment.known else said(name, batch.column(name))
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
    assert sum(each.rows or 0 for each in read) == read_all(read).rows == 250
    sizes = [batch.num_rows for each in fragments(log) for batch in each.read()]
    assert max(sizes) <= max(rows_a_pass, row_group)
    assert sum(sizes) == 250


def test_text_comes_as_dictionaries(log: Path) -> None:
    pq.write_table(table(), log)
    (fragment,) = fragments(log)
    (batch,) = fragment.read()

    assert batch.schema.names == ["timestamp", "account_id", "status"]
    assert batch.column("timestamp").type == pa.timestamp("ms", "UTC")
    assert batch.column("account_id").type == pa.dictionary(pa.int32(), pa.string())
    assert batch.column("account_id").to_pylist() == ["account-0", "account-1", "account-2"]


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
    "one flag throughout": (
        {"content_flag": pa.array(["fraud", "fraud"])},
        {"content_flag": True, "flag_value": "fraud"},
    ),
    "one verdict throughout": (
        {"content_flag": pa.array([" Pass", " Pass"])},
        {"content_flag": False, "flag_value": "Pass"},
    ),
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
    assert read_all(read).rejects == read_all(decoded).rejects


TIMES: dict[str, tuple[pa.Array, tuple[int, int] | None]] = {
    "zoned, in seconds": (pa.array([100_100, 100_040], pa.timestamp("s", "UTC")), (100_040_000_000, 100_100_000_000)),
    "zoned, in nanoseconds": (
        pa.array([100_000_000_005_999, 100_000_000_001_001], pa.timestamp("ns", "UTC")),
        (100_000_000_001, 100_000_000_005),
    ),
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


@pytest.mark.parametrize("dictionaries", [True, False])
def test_small_row_groups_are_decoded_together(log: Path, dictionaries: bool) -> None:
    accounts = [None if at % 7 == 0 else f"acct-{at % 5}" for at in range(300)]
    groups = table(300).set_column(2, "account_id", pa.array(accounts))
    pq.write_table(groups, log, row_group_size=3, use_dictionary=dictionaries)
    (fragment,) = fragments(log)
    reading = fragment.read()
    (batch,) = reading
    assert batch.column("account_id").to_pylist() == [each for each in accounts if each is not None]
    assert [reject.place for reject in reading.account().rejects] == [f"row {at + 1}" for at in range(0, 300, 7)]


def test_statistics_of_some_columns_only(log: Path) -> None:
    one = table(4).set_column(2, "account_id", pa.array(["A"] * 4))
    pq.write_table(one, log, write_statistics=["status"])
    (fragment,) = fragments(log)
    assert (dict(fragment.known), fragment.times) == ({"status": 200}, None)


def test_a_fragment_that_is_skipped_accounts_for_its_rows(log: Path) -> None:
    pq.write_table(table(5), log)
    (fragment,) = fragments(log)
    account = fragment.skip()
    assert (account.rows, [*account.rejects]) == (5, [])


EVERY = LogColumns(("timestamp",), "account_id", "status", "content_flag", "client_aborted", "region", "api")
NAMES = ["timestamp", "account_id", "status", "content_flag", "client_aborted", "region", "api"]
START, DAY = 1_790_831_167_000, 86_400_000


def month(**columns: Any) -> pa.Table:
    """Make twelve rows with every column, each changing from row to row; some are replaced."""
    usual = {
        "timestamp": pa.array([START + row for row in range(12)], pa.timestamp("ms", "UTC")),
        "account_id": [f"account-{row}" for row in range(12)],
        "status": pa.array([200, 404, 502, None] * 3, pa.int16()),
        "content_flag": [None, "none", "fraud"] * 4,
        "client_aborted": [True, False, None] * 4,
        "region": ["cn-north-1", None] * 6,
        "api": ["/v1/compose", "/v1/cutout", ""] * 4,
    }
    return pa.table(usual | columns)


def audited(read: list[LogFragment]) -> tuple[list[tuple[Any, ...]], list[tuple[str, str, str]], int]:
    """Give the rows with each fragment's own knowledge used, the rejects, and how many rows were read."""
    found: list[tuple[Any, ...]] = []
    accounts = []
    for fragment in read:
        reading = fragment.read(without=fragment.known.keys())
        for batch in reading:
            found += zip(*(values_of(batch, name, fragment.known) for name in NAMES), strict=True)
        accounts.append(reading.account())
    rejects = [(reject.place, reject.column, str(reject.found)) for each in accounts for reject in each.rejects]
    return found, rejects, sum(each.rows for each in accounts)


def values_of(batch: pa.RecordBatch, name: str, known: Mapping[str, Any]) -> list[Any]:
    """Give one column of a batch; instants as whole microseconds, since Python has no nanoseconds."""
    if name in known:
        assert name not in batch.schema.names or len(batch.schema.names) == 1
        return [known[name]] * batch.num_rows
    column = batch.column(name)
    if name == "timestamp":
        column = column.cast(pa.timestamp("us", "UTC"), safe=False).cast(pa.int64())
    return said(name, column)


def said(name: str, column: pa.Array) -> list[Any]:
    """Give a column's values; a flag that says nothing is not set."""
    nothing = False if name in {"content_flag", "client_aborted"} else None
    return [nothing if value is None else value for value in column.to_pylist()]


def grouped(*values: Any) -> list[Any]:
    """Repeat each value through a row group of four."""
    return [value for value in values for _ in range(4)]


# What is known of each fragment, in order; None where it may be less than could be.
WRITTEN: dict[str, tuple[pa.Table, list[dict[str, Any]] | None]] = {
    "nothing is the same throughout": (month(), [{}]),
    "something is known of every row group, and all the same": (
        month(status=[200] * 12, region=["cn"] * 12),
        [{"status": 200, "region": "cn"}],
    ),
    "each row group has a status of its own": (
        month(status=grouped(200, 503, 404)),
        [{"status": 200}, {"status": 503}, {"status": 404}],
    ),
    "each row group knows another column": (
        month(
            status=[*[200] * 4, *[200, 404] * 2, *[200] * 4],
            account_id=[*["A", "B"] * 2, *["C"] * 4, *["A", "B"] * 2],
        ),
        [{"status": 200}, {"account_id": "C"}, {"status": 200}],
    ),
    "everything but the time is known": (
        month(
            account_id=["A"] * 12,
            status=[200] * 12,
            content_flag=["fraud"] * 12,
            client_aborted=[True] * 12,
            region=["cn"] * 12,
            api=["/v1"] * 12,
        ),
        [
            {
                "account_id": "A",
                "status": 200,
                "content_flag": True,
                "flag_value": "fraud",
                "client_aborted": True,
                "region": "cn",
                "api": "/v1",
            }
        ],
    ),
    "no flag at all": (
        month(content_flag=pa.nulls(12, pa.string()), client_aborted=pa.nulls(12, pa.bool_())),
        [{"content_flag": False, "client_aborted": False}],
    ),
    "no status, region or API at all": (
        month(status=pa.nulls(12, pa.int16()), region=pa.nulls(12, pa.string()), api=pa.nulls(12, pa.string())),
        [{"status": None, "region": None, "api": None}],
    ),
    "a flag in the middle row group only": (
        month(content_flag=grouped(None, "fraud", None)),
        [{"content_flag": False}, {"content_flag": True, "flag_value": "fraud"}, {"content_flag": False}],
    ),
    "nulls besides the one value": (month(status=[200, None] * 6, region=["cn", None] * 6), [{}]),
    "status 0": (month(status=grouped(0, 200, 0)), [{"status": None}, {"status": 200}, {"status": None}]),
    "a status out of range in one row group": (
        month(status=grouped(200, 99, 200)),
        [{"status": 200}, {}, {"status": 200}],
    ),
    "a status out of range in all": (month(status=[600] * 12), [{}]),
    "a status as text, and one that is none": (
        month(status=grouped("502", "5O2", "-")),
        [{"status": 502}, {}, {"status": None}],
    ),
    "a status that is 200.5": (month(status=[200.5] * 12), [{}]),
    "an abort flag that is none": (month(client_aborted=["maybe"] * 12), [{}]),
    "blank accounts": (month(account_id=grouped("A", "", "\t")), [{"account_id": "A"}, {}]),
    "no account": (month(account_id=grouped("A", None, "B")), [{"account_id": "A"}, {}, {"account_id": "B"}]),
    "numbered accounts": (
        month(account_id=grouped(7, 2**62, -1)),
        [{"account_id": "7"}, {"account_id": str(2**62)}, {"account_id": "-1"}],
    ),
    "an unsigned account above what is signed": (
        month(account_id=pa.array([2**64 - 1] * 12, pa.uint64())),
        [{"account_id": str(2**64 - 1)}],
    ),
    "long accounts that differ at their ends": (month(account_id=["x" * 4090 + str(row) for row in range(12)]), [{}]),
    "accounts beyond ASCII": (month(account_id=["甲"] * 12), [{"account_id": "甲"}]),
    "accounts with spaces around them": (month(account_id=grouped("A", "\u3000A", "A\u00a0")), [
        {"account_id": "A"},
    ]),
    "accounts that are words for none": (month(account_id=grouped("A", "NULL", "B")), None),
    "rows that are not in the order of time": (
        month(timestamp=pa.array([START + row * 7 % 12 * DAY for row in range(12)], pa.timestamp("ms", "UTC"))),
        [{}],
    ),
    "a time that is missing": (
        month(timestamp=pa.array([None, *[START] * 11], pa.timestamp("ms", "UTC")), status=[200] * 12),
        [{"status": 200}],
    ),
    "times of year 1 and 9999": (
        month(
            timestamp=pa.array(
                [-62_135_596_800_000, *[START] * 10, 253_402_300_799_000],
                pa.timestamp("ms", "UTC"),
            ),
            status=[200] * 12,
        ),
        [{"status": 200}],
    ),
    "text as dictionaries": (
        month(account_id=pa.array(grouped("A", "B", "A")).dictionary_encode(), status=[200] * 12),
        None,
    ),
    "large text": (month(account_id=pa.array(["A"] * 12, pa.large_string())), None),
}  # fmt: skip


@pytest.mark.parametrize("written", [True, False, ["status"], ["timestamp"]], ids=str)
@pytest.mark.parametrize(("content", "known"), WRITTEN.values(), ids=WRITTEN)
def test_statistics_change_what_is_known_and_never_a_row(
    log: Path, content: pa.Table, known: list[dict[str, Any]] | None, written: bool | list[str]
) -> None:
    pq.write_table(content, log, row_group_size=4, write_statistics=written)
    believed, decoded = fragments(log, EVERY), fragments(log, EVERY, statistics=False)

    assert all((dict(each.known), each.times) == ({}, None) for each in decoded)
    if written is True:
        assert known is None or [dict(each.known) for each in believed] == known
    elif written is False:
        assert all((dict(each.known), each.times) == ({}, None) for each in believed)
    else:
        assert {name for each in believed for name in each.known} <= set(written)
    assert audited(believed) == audited(decoded)
    assert audited(fragments(log, EVERY))[2] == 12


BAD_THROUGHOUT: dict[str, tuple[dict[str, Any], tuple[str, str]]] = {
    "a status out of range": ({"status": [600] * 12}, ("status", "'600'")),
    "a status below all": ({"status": [99] * 12}, ("status", "'99'")),
    "a status that is a word": ({"status": ["abc"] * 12}, ("status", "'abc'")),
    "an abort flag that is none": ({"client_aborted": ["maybe"] * 12}, ("client_aborted", "'maybe'")),
    "no account": ({"account_id": pa.nulls(12, pa.string())}, ("account_id", "''")),
    "a blank account": ({"account_id": [" "] * 12}, ("account_id", "' '")),
    "no time": ({"timestamp": pa.nulls(12, pa.timestamp("ms", "UTC"))}, ("timestamp", "''")),
    "epoch 0": ({"timestamp": [0] * 12}, ("timestamp", "'0'")),
    "year 1": (
        {"timestamp": pa.array([-62_135_596_800] * 12, pa.timestamp("s", "UTC"))},
        ("timestamp", "'0001-01-01 00:00:00.000Z'"),
    ),
    "year 9999": (
        {"timestamp": pa.array([253_402_300_799] * 12, pa.timestamp("s", "UTC"))},
        ("timestamp", "'9999-12-31 23:59:59.000Z'"),
    ),
    "year 9999 without a zone": (
        {"timestamp": pa.array([253_402_300_799] * 12, pa.timestamp("s"))},
        ("timestamp", "'9999-12-31 23:59:59.000'"),
    ),
}


@pytest.mark.parametrize("statistics", [True, False])
@pytest.mark.parametrize(("columns", "reject"), BAD_THROUGHOUT.values(), ids=BAD_THROUGHOUT)
def test_one_value_throughout_that_cannot_be_read_is_rejected_row_by_row(
    log: Path, columns: dict[str, Any], reject: tuple[str, str], statistics: bool
) -> None:
    pq.write_table(month(**columns), log, row_group_size=4)
    read = fragments(log, EVERY, statistics=statistics)

    assert audited(read) == ([], [(f"row {row}", *reject) for row in range(1, 13)], 12)
    assert all(each.times is None or reject[0] != "timestamp" for each in read)


def test_rows_are_numbered_through_fragments_of_different_knowledge(log: Path) -> None:
    pq.write_table(month(status=[*[200] * 4, 200, 99, 200, 404, *[503] * 3, 99]), log, row_group_size=4)
    read = fragments(log, EVERY)

    assert [dict(each.known) for each in read] == [{"status": 200}, {}]
    assert audited(read)[1:] == ([("row 6", "status", "'99'"), ("row 12", "status", "'99'")], 12)


BOUNDS: dict[str, tuple[Any, list[tuple[int, int] | None]]] = {
    "rows that are not in the order of time": (
        pa.array([START + at for at in (3, 1, 2, 0, 7, 9, 8, 4, 5, 5, 5, 5)], pa.timestamp("ms", "UTC")),
        [(START * 1000, START * 1000 + 9000)],
    ),
    "the last nanosecond of a microsecond": (
        pa.array([1_790_831_167_000_000_999] * 12, pa.timestamp("ns", "UTC")),
        [(1_790_831_167_000_000, 1_790_831_167_000_000)],
    ),
    "shown in another zone": (
        pa.array([START] * 12, pa.timestamp("ms", "America/New_York")),
        [(START * 1000, START * 1000)],
    ),
    "without a zone": (pa.array([START] * 12, pa.timestamp("ms")), [None]),
    "without a zone, nanoseconds": (pa.array([START * 10**6] * 12, pa.timestamp("ns")), [None]),
    "epoch seconds": (pa.array([1_790_831_167] * 12, pa.int64()), [(START * 1000, START * 1000)]),
    "epoch seconds, 32 bits": (pa.array([1_790_831_167] * 12, pa.int32()), [(START * 1000, START * 1000)]),
    "epoch microseconds": (pa.array([START * 1000 + 5] * 12, pa.int64()), [(START * 1000 + 5, START * 1000 + 5)]),
    "epoch nanoseconds": (pa.array([START * 10**6 + 5999] * 12, pa.int64()), [(START * 1000 + 5, START * 1000 + 5)]),
    "epoch seconds as floats": (pa.array([1_790_831_167.0] * 12), [None]),
    "ISO 8601": (["2026-10-01T05:06:07Z"] * 12, [None]),
    "one time is missing in the first row group": (
        pa.array([None, *[START] * 11], pa.timestamp("ms", "UTC")),
        [None],
    ),
    "one epoch number is none": (pa.array([5, *[1_790_831_167] * 11]), [None]),
}


@pytest.mark.parametrize(("times", "bounds"), BOUNDS.values(), ids=BOUNDS)
def test_bounds_over_several_row_groups(log: Path, times: Any, bounds: list[tuple[int, int] | None]) -> None:
    pq.write_table(month(timestamp=times), log, row_group_size=4)
    read = fragments(log, EVERY)

    assert [each.times for each in read] == bounds
    for each in read:
        found, rejects, _ = audited([each])
        instants = [row[0] for row in found]
        assert len(instants) == each.rows or rejects
        assert each.times is None or all(each.times[0] <= instant <= each.times[1] for instant in instants)
    assert all(each.times is None for each in fragments(log, EVERY, statistics=False))


def test_a_row_group_without_a_row_is_read_as_such(log: Path) -> None:
    with pq.ParquetWriter(log, month().schema) as writer:
        for part in (month().slice(0, 4), month().slice(0, 0), month().slice(4)):
            writer.write_table(part)

    assert audited(fragments(log, EVERY)) == audited(fragments(log, EVERY, statistics=False))
    assert sum(each.rows or 0 for each in fragments(log, EVERY)) == 12
