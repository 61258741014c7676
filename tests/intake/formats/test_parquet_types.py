"""Parquet logs as many writers make them: structs, INT96, zones and units, dictionaries, decimals, kinds of text."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sla_audit.cli.main import run
from sla_audit.intake.columns import LogColumns
from sla_audit.intake.sources.source import Source
from tests.builders.examples import costly
from tests.builders.opened_logs import fragments_of, names_in, read_all

pytestmark = pytest.mark.usefixtures("folder")

SHANGHAI = ZoneInfo("Asia/Shanghai")
MIDNIGHT = 1_790_784_000  # 1 October 2026, 00:00 in Shanghai, in seconds
LOG = Path("log.parquet")


def table(**columns: Any) -> pa.Table:
    """Make four requests, at the last second of September and the first of October; some columns are replaced."""
    usual = {
        "timestamp": pa.array([MIDNIGHT - 1, MIDNIGHT, MIDNIGHT + 1, MIDNIGHT + 2], pa.timestamp("s", "UTC")),
        "account_id": ["A", "A", "B", "B"],
        "status": [200, 200, 502, 404],
    }
    return pa.table(usual | columns)


def report(*options: str, expected: int = 0) -> dict[str, Any]:
    options = (*options, "--as-of", "2026-12-20", "--quiet", "-o", "report.json")
    assert run(["compute", "log.parquet", *options]) == expected
    found: dict[str, Any] = json.loads(Path("report.json").read_text(encoding="utf-8"))
    return found


Results = dict[tuple[str, str], tuple[int, int, int]]


def results(found: dict[str, Any]) -> Results:
    return {
        (each["account_id"], each["cycle"]): (each["success"], each["explicit_failure"], each["excluded"]["total"])
        for each in found["results"]
    }


def read(*options: str) -> Results:
    """Give the figures, which statistics must not change."""
    found = results(report(*options))
    assert results(report(*options, "--no-statistics")) == found
    return found


USUAL: Results = {("A", "2026-09"): (1, 0, 0), ("A", "2026-10"): (1, 0, 0), ("B", "2026-10"): (0, 1, 1)}


def wall_clock(unit: str) -> pa.Array:
    """Give the times as a clock in Shanghai showed them."""
    return seconds(unit, None, 8 * 3600)


def seconds(unit: str, zone: str | None, shift: int = 0) -> pa.Array:
    factor = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}[unit]
    return pa.array([(MIDNIGHT + second + shift) * factor for second in (-1, 0, 1, 2)], pa.timestamp(unit, zone))


TIMES: dict[str, pa.Array] = {
    **{f"zoned, in {unit}": seconds(unit, "UTC") for unit in ("s", "ms", "us", "ns")},
    **{f"zoned elsewhere, in {unit}": seconds(unit, "America/New_York") for unit in ("ms", "us", "ns")},
    "zoned by an offset": seconds("us", "+05:30"),
    **{f"local, in {unit}": wall_clock(unit) for unit in ("s", "ms", "us", "ns")},
    "epoch seconds": pa.array([MIDNIGHT + second for second in (-1, 0, 1, 2)]),
    "epoch seconds, unsigned": pa.array([MIDNIGHT + second for second in (-1, 0, 1, 2)], pa.uint32()),
    "epoch milliseconds": pa.array([(MIDNIGHT + second) * 1000 for second in (-1, 0, 1, 2)]),
    "as decimals": pa.array([Decimal(MIDNIGHT + second) for second in (-1, 0, 1, 2)], pa.decimal128(18, 3)),
    "as floats": pa.array([float(MIDNIGHT + second) for second in (-1, 0, 1, 2)]),
    **{
        f"as text of type {kind}": seconds("s", None).cast(pa.string()).cast(kind)
        for kind in (pa.string(), pa.large_string(), pa.string_view())
    },
}  # fmt: skip


@pytest.mark.parametrize(("name", "times"), TIMES.items(), ids=TIMES)
@pytest.mark.parametrize("dictionary", [False, True], ids=["plain", "as a dictionary"])
@pytest.mark.parametrize("version", ["1.0", "2.6"])
def test_times_of_every_kind(name: str, times: pa.Array, version: str, *, dictionary: bool) -> None:
    if "text" in name:
        times = pa.array([f"{each.as_py()}Z" for each in times], times.type)
    if dictionary and times.type != pa.string_view():
        times = times.dictionary_encode()
    pq.write_table(table(timestamp=times), LOG, version=version)

    assert read() == USUAL
    said = any("without a zone" in warning for warning in report()["warnings"])
    assert said is name.startswith("local")


@pytest.mark.parametrize("decimals", ["1.0", "2.6"])
def test_decimals_kept_as_integers_are_what_they_say(decimals: str) -> None:
    times = pa.array([Decimal(MIDNIGHT + second) + Decimal("0.25") for second in (-1, 0, 1, 2)], pa.decimal128(12, 2))
    pq.write_table(table(timestamp=times), LOG, store_decimal_as_integer=True, version=decimals)
    assert read() == USUAL


class TestInt96:
    def write(self, *instants: int, **columns: Any) -> None:
        times = pa.array(instants, pa.timestamp("us"))
        pq.write_table(table(timestamp=times, **columns), LOG, use_deprecated_int96_timestamps=True, row_group_size=2)
        assert pq.read_metadata(LOG).schema.column(0).physical_type == "INT96"

    def test_it_is_utc_and_the_report_says_so(self) -> None:
        self.write(*((MIDNIGHT + second) * 10**6 for second in (-1, 0, 1, 2)))
        assert read() == USUAL
        warnings = report()["warnings"]
        assert "timestamps kept as INT96 are read as UTC, which is what Spark and Hive write: log.parquet" in warnings
        assert not any("without a zone" in warning for warning in warnings)

    def test_a_dialect_s_zone_goes_before(self) -> None:
        self.write(*((MIDNIGHT + second + 8 * 3600) * 10**6 for second in (-1, 0, 1, 2)))
        Path("own.toml").write_text(
            'schema = "sla-audit/dialect/1"\nid = "own"\ntitle = "Own"\nsource = "ours"\nverified = true\n'
            'time_zone = "Asia/Shanghai"\nstatus = "status"\ncolumns = { timestamp = ["timestamp"] }\n'
            'outcomes = [{ ended = "answered" }]\n',
            encoding="utf-8",
        )
        assert read("--dialect", "own.toml") == USUAL
        assert not any("INT96" in warning for warning in report("--dialect", "own.toml")["warnings"])

    def test_a_day_far_from_ours_is_no_other_instant(self) -> None:
        far = dt.datetime(9999, 12, 31, tzinfo=dt.UTC)
        self.write(int(far.timestamp()) * 10**6, *((MIDNIGHT + second) * 10**6 for second in (0, 1, 2)))
        found = report("--max-rejected", "1")
        assert (found["rows"]["rejected"], found["rows"]["counted"]) == (1, 3)

    def test_a_tally_of_it_says_so_too(self) -> None:
        self.write(*((MIDNIGHT + second) * 10**6 for second in (-1, 0, 1, 2)))
        assert run(["tally", "log.parquet", "-o", "log.tally.parquet", "--quiet"]) == 0
        assert run(["compute", "log.tally.parquet", "--as-of", "2026-12-20", "--quiet", "-o", "report.json"]) == 0
        warnings = json.loads(Path("report.json").read_text(encoding="utf-8"))["warnings"]
        assert any("INT96" in warning for warning in warnings)


DECIMALS = (pa.decimal32(5, 1), pa.decimal64(9, 2), pa.decimal128(10, 0), pa.decimal128(20, 4), pa.decimal256(50, 3))
STATUSES: dict[str, pa.Array] = {
    **{f"{kind}": pa.array([200, 200, 502, 404], kind) for kind in (pa.int16(), pa.uint16(), pa.int64(), pa.uint64())},
    **{f"{kind}": pa.array([200.0, 200.0, 502.0, 404.0], kind) for kind in (pa.float32(), pa.float64())},
    **{
        f"{kind}": pa.array([Decimal(each) for each in (200, 200, 502, 404)], kind)
        for kind in DECIMALS
    },
    **{
        f"{kind}": pa.array(["200", "200.0", "502", "404"]).cast(kind)
        for kind in (pa.string(), pa.large_string(), pa.string_view(), pa.binary(), pa.large_binary(), pa.binary_view())
    },
}  # fmt: skip
NO_DICTIONARY = {pa.string_view(), pa.binary_view(), pa.decimal32(5, 1), pa.decimal64(9, 2)}


@pytest.mark.parametrize("statuses", STATUSES.values(), ids=STATUSES)
@pytest.mark.parametrize("dictionary", [False, True], ids=["plain", "as a dictionary"])
@pytest.mark.parametrize("row_group", [1, 2, 4])
def test_statuses_of_every_kind(statuses: pa.Array, row_group: int, *, dictionary: bool) -> None:
    if dictionary and statuses.type not in NO_DICTIONARY:
        statuses = statuses.dictionary_encode()
    pq.write_table(table(status=statuses), LOG, row_group_size=row_group)
    assert read() == USUAL


ACCOUNTS = (pa.string(), pa.large_string(), pa.string_view(), pa.binary(), pa.large_binary(), pa.binary_view())


@pytest.mark.parametrize("kind", ACCOUNTS, ids=map(str, ACCOUNTS))
@pytest.mark.parametrize("encoded", [True, False], ids=["dictionary pages", "plain pages"])
@pytest.mark.parametrize("row_group", [1, 4])
def test_accounts_of_every_kind(kind: pa.DataType, row_group: int, *, encoded: bool) -> None:
    accounts = pa.array(["A", "A", "B", "B"]).cast(kind)
    pq.write_table(table(account_id=accounts), LOG, use_dictionary=encoded, row_group_size=row_group)
    assert read() == USUAL


@pytest.mark.parametrize("kind", ACCOUNTS, ids=map(str, ACCOUNTS))
@pytest.mark.parametrize("version", ["1.0", "2.0"])
def test_accounts_come_as_the_dictionaries_that_they_are_kept_in(kind: pa.DataType, version: str) -> None:
    accounts = pa.array(["A", "A", "B", "B"]).cast(kind)
    pq.write_table(table(account_id=accounts), LOG, data_page_version=version)
    columns = LogColumns(("timestamp",), "account_id", "status")
    (batch,) = read_all(fragments_of(Source(LOG, "parquet"), columns, SHANGHAI)).batches
    assert batch.column("account_id").type == pa.dictionary(pa.int32(), pa.string())
    assert batch.column("account_id").dictionary.to_pylist() == ["A", "B"]


@pytest.mark.parametrize("kind", ACCOUNTS, ids=map(str, ACCOUNTS))
def test_one_account_in_all_rows_is_known_by_the_statistics(kind: pa.DataType) -> None:
    pq.write_table(table(account_id=pa.array(["A"] * 4).cast(kind)), LOG)
    columns = LogColumns(("timestamp",), "account_id", "status")
    (fragment,) = fragments_of(Source(LOG, "parquet"), columns, SHANGHAI)
    assert fragment.known["account_id"] == "A"


def test_bytes_that_are_no_text_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    pq.write_table(table(account_id=pa.array([b"A", b"A", b"\xff", b"B"])), LOG)
    assert run(["compute", "log.parquet"]) == 2
    assert "log.parquet: cannot be read as Parquet: Invalid UTF8" in capsys.readouterr().err


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
@pytest.mark.parametrize("date", [pa.date32(), pa.date64(), pa.string()], ids=str)
def test_a_date_and_a_time_of_day(unit: str, date: pa.DataType) -> None:
    clocks = wall_clock("ns")
    days = clocks.cast(pa.timestamp("s"), safe=False).cast(pa.date32(), safe=False).cast(date)
    kind = pa.time32(unit) if unit in {"s", "ms"} else pa.time64(unit)
    pq.write_table(table(timestamp=clocks, d=days, t=clocks.cast(pa.time64("ns")).cast(kind)), LOG)
    assert read("--column", "timestamp=d,t") == USUAL


# As in Kong's log: the account, the status and more within structs.
def nested(accounts: list[Any], statuses: list[Any], **more: Any) -> pa.Table:
    times = [(MIDNIGHT + row) * 1000 for row in range(len(accounts))]
    return pa.table(
        {
            "started_at": pa.array(times, pa.int64()),
            "consumer": pa.array(accounts, pa.struct({"id": pa.int64(), "username": pa.string()})),
            "response": pa.array(statuses, pa.struct({"status": pa.int16(), "headers": pa.list_(pa.string())})),
            "latencies": pa.array([{"proxy": 3}] * len(accounts), pa.struct({"proxy": pa.int64()})),
            "source": ["upstream"] * len(accounts),
        }
        | more
    )


A, B = {"id": 1, "username": "A"}, {"id": 2, "username": "B"}


class TestStructs:
    def test_fields_are_named_with_dots(self) -> None:
        pq.write_table(nested([A], [{"status": 200}], deep=[{"a": {"b.c": 1, "d": [1]}}]), LOG)
        names = "started_at consumer.id consumer.username response.status response.headers latencies.proxy source"
        assert names_in(Source(LOG, "parquet")) == [*names.split(), "deep.a.b.c", "deep.a.d"]

    @pytest.mark.parametrize("row_group", [1, 2, 3, 100])
    def test_a_dialect_reads_them(self, row_group: int) -> None:
        statuses = [{"status": status} for status in (200, 200, 502, 404, None)]
        pq.write_table(nested([A, A, B, B, B], statuses), LOG, row_group_size=row_group)
        assert read() == {("A", "2026-10"): (2, 0, 0), ("B", "2026-10"): (0, 2, 1)}

    def test_only_the_leaf_is_decoded(self, monkeypatch: pytest.MonkeyPatch) -> None:
        pq.write_table(nested([A, B], [{"status": 200}] * 2), LOG)
        columns = LogColumns(("started_at",), "consumer.username", "response.status")
        (fragment,) = fragments_of(Source(LOG, "parquet"), columns, SHANGHAI, statistics=False)
        with pa.OSFile(LOG.as_posix()) as file:
            stored = next(fragment.read()._stored(["consumer.username"], 1 << 20, [], file))
        assert stored.schema.field("consumer").type.num_fields == 1

    def test_a_struct_that_is_null_says_nothing(self, capsys: pytest.CaptureFixture[str]) -> None:
        pq.write_table(nested([A, A, A], [{"status": 200}, {"status": None}, None]), LOG)
        assert read() == {("A", "2026-10"): (1, 2, 0)}
        pq.write_table(nested([A, {"id": 3, "username": None}, None], [{"status": 200}] * 3), LOG)
        assert run(["compute", "log.parquet"]) == 2
        error = capsys.readouterr().err
        assert "row 2: consumer.username is ''" in error
        assert "row 3: consumer.username is ''" in error

    def test_a_column_whose_name_has_a_dot_is_no_field_of_a_struct(self, capsys: pytest.CaptureFixture[str]) -> None:
        both = nested([A, A], [{"status": 200}] * 2).append_column("consumer.username", pa.array(["X", "X"]))
        pq.write_table(both, LOG)
        assert run(["compute", "log.parquet"]) == 2
        assert "two columns are named 'consumer.username'" in capsys.readouterr().err
        assert read("--column", "account_id=consumer.id") == {("1", "2026-10"): (2, 0, 0)}

    def test_the_statistics_of_a_list_are_not_those_of_a_column(self) -> None:
        names = {"status.list.element": pa.array([502, 200]), "status": pa.array([[200], [200]])}
        pq.write_table(pa.table({"timestamp": seconds("s", "UTC")[:2], "account_id": ["A", "A"], **names}), LOG)
        assert pq.read_metadata(LOG).row_group(0).column(3).path_in_schema == "status.list.element"
        options = ("--column", "status=status.list.element")
        assert read(*options) == {("A", "2026-09"): (0, 1, 0), ("A", "2026-10"): (1, 0, 0)}

    def test_a_time_within_a_struct(self) -> None:
        pq.write_table(pa.table({"at": pa.StructArray.from_arrays([seconds("us", "UTC")], ["utc"])} | {
            "account_id": ["A", "A", "B", "B"], "status": [200, 200, 502, 404]}), LOG)  # fmt: skip
        assert read("--column", "timestamp=at.utc") == USUAL
        pq.write_table(pa.table({"at": pa.StructArray.from_arrays([seconds("us", None)], ["utc"])} | {
            "account_id": ["A", "A", "B", "B"], "status": [200, 200, 502, 404]}), LOG,
            use_deprecated_int96_timestamps=True)  # fmt: skip
        assert read("--column", "timestamp=at.utc") == USUAL


STATUS = st.sampled_from([200, 404, 502, None])
ROW = st.tuples(st.one_of(st.just(A), st.just(B)), st.one_of(st.none(), STATUS.map(lambda status: {"status": status})))


@costly(12)
@given(rows=st.lists(ROW, min_size=1, max_size=30), row_group=st.integers(1, 8), statistics=st.booleans())
def test_nested_fields_give_the_figures_of_flat_ones(rows: list[Any], row_group: int, *, statistics: bool) -> None:
    accounts, statuses = [row[0] for row in rows], [row[1] for row in rows]
    pq.write_table(nested(accounts, statuses), LOG, row_group_size=row_group, write_statistics=statistics)
    deep = read()
    flat = pa.table({
        "timestamp": pa.array([(MIDNIGHT + row) * 1000 for row in range(len(rows))], pa.int64()),
        "account_id": [account["username"] for account in accounts],
        "status": pa.array([None if status is None else status["status"] for status in statuses], pa.int16()),
    })  # fmt: skip
    pq.write_table(flat, LOG)
    assert read() == deep
