"""One batch of a log, as its writer spelt it, to the canonical columns that are counted."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest

from sla_audit.intake.canonical import Fault, canonical
from sla_audit.intake.columns import LogColumns

SHANGHAI = ZoneInfo("Asia/Shanghai")
PLAIN = LogColumns(("timestamp",), "account_id", "status")
TIMESTAMP = "ISO 8601 with a time of day, the common log format, or an epoch number between the years 2000 and 2100"
TIME_OF_DAY = "a time of day besides the date: --column timestamp=DATE,TIME has two"
YEARS = "a time of the years 1970 to 2199, but for the first day and the last (UTC)"
STATUS = "a status from 100 to 599, or '-', 0, -1 or nothing for none"
ACCOUNT = "the account's id, not empty, '-' or another word for none such as NULL"
NANOSECONDS = 1_790_831_167_123_456_789


def as_told(faults: Iterable[Fault]) -> list[Fault]:
    return [replace(each, expected=str(each.expected)) for each in faults]


def batch(**columns: Any) -> pa.RecordBatch:
    """Make a batch; what is not given is one second of 2026-10-01, account A, status 200."""
    rows = len(next(iter(columns.values())))
    plain = {"timestamp": [1_790_831_167] * rows, "account_id": ["A"] * rows, "status": [200] * rows}
    arrays = {
        name: pa.array(values) if isinstance(values, list) else values for name, values in (plain | columns).items()
    }
    return pa.RecordBatch.from_arrays(list(arrays.values()), names=list(arrays))


MEANINGS: dict[str, tuple[str, Any, list[Any]]] = {
    "status as whole numbers": ("status", [200, 502, None, 0, -1], [200, 502, None, None, None]),
    "status as small whole numbers": ("status", pa.array([200, 502], pa.uint16()), [200, 502]),
    "status as text": ("status", ["200", "200.0", "-", "", None, "000"], [200, 200, None, None, None, None]),
    "status as floats": ("status", [200.0, float("nan"), 0.0, None], [200, None, None, None]),
    "status as decimals": ("status", [Decimal("200.0"), Decimal("0.0"), None], [200, None, None]),
    "status as a dictionary": (
        "status",
        pa.array(["502", None, "-", "502"]).dictionary_encode(),
        [502, None, None, 502],
    ),
    "status that is never there": ("status", pa.nulls(2), [None, None]),
    "accounts as text": ("account_id", ["A", " B", "甲", "00012"], ["A", "B", "甲", "00012"]),
    "accounts as whole numbers": ("account_id", [7, 1_000_000_000_000], ["7", "1000000000000"]),
    "accounts as large text": ("account_id", pa.array(["A", "B", "A"], pa.large_string()), ["A", "B", "A"]),
    "accounts as a dictionary": ("account_id", pa.array(["A", "B", "A"]).dictionary_encode(), ["A", "B", "A"]),
}


@pytest.mark.parametrize(("column", "values", "expected"), MEANINGS.values(), ids=MEANINGS)
def test_what_the_values_of_a_column_mean(column: str, values: Any, expected: list[Any]) -> None:
    read = canonical(batch(**{column: values}), PLAIN.without(()), SHANGHAI)

    assert read.rows.column(column).to_pylist() == expected
    kind = read.rows.column(column).type
    assert pa.types.is_dictionary(kind) or (column, kind) == ("account_id", pa.string())
    assert tuple(as_told(read.faults)) == ()


def test_every_column_that_a_file_can_have() -> None:
    columns = LogColumns(("ts",), "client", "code", "nsfw", "hung_up", "zone", "route")
    rows = pa.record_batch(
        {
            "route": ["/v1/compose", "", None],
            "ts": ["2026-10-01T05:06:07Z", "2026-10-01T05:06:07", "1790831167"],
            "client": ["A", "B", "A"],
            "code": ["200", "502", "-"],
            "nsfw": ["none", "porn", None],
            "hung_up": [False, True, None],
            "zone": ["cn-north-1", None, ""],
        }
    )

    read = canonical(rows, columns.without(()), SHANGHAI)

    assert read.rows.to_pydict() | {"timestamp": read.rows.column("timestamp").cast(pa.int64()).to_pylist()} == {
        "timestamp": [1_790_831_167_000_000, 1_790_802_367_000_000, 1_790_831_167_000_000],
        "account_id": ["A", "B", "A"],
        "status": [200, 502, None],
        "content_flag": [False, True, None],
        "flag_value": [None, "porn", None],
        "client_aborted": [False, True, None],
        "region": ["cn-north-1", None, None],
        "api": ["/v1/compose", None, None],
    }
    assert tuple(as_told(read.faults)) == ()
    assert read.local_time


def test_columns_that_the_run_does_not_need_are_left_alone() -> None:
    read = canonical(batch(status=[200], region=["cn"], note=[b"\xff"]), PLAIN.without(()), SHANGHAI)

    assert read.rows.schema.names == ["timestamp", "account_id", "status"]


FAULTS: dict[str, tuple[dict[str, Any], list[Fault], list[str]]] = {
    "a bad status in the first row": (
        {"status": ["abc", "200", "200"], "account_id": ["A", "B", "C"]},
        [Fault(0, "status", "'abc'", STATUS)],
        ["B", "C"],
    ),
    "a bad status in the middle": (
        {"status": ["200", "99", "200"], "account_id": ["A", "B", "C"]},
        [Fault(1, "status", "'99'", STATUS)],
        ["A", "C"],
    ),
    "a bad status in the last row": (
        {"status": [200, 200, 600], "account_id": ["A", "B", "C"]},
        [Fault(2, "status", "'600'", STATUS)],
        ["A", "B"],
    ),
    "a status that is no whole number": (
        {"status": [200.0, 200.5], "account_id": ["A", "B"]},
        [Fault(1, "status", "'200.5'", STATUS)],
        ["A"],
    ),
    "the same bad value in many rows": (
        {"status": ["x", "200", "x", "x"], "account_id": ["A", "B", "C", "D"]},
        [Fault(0, "status", "'x'", STATUS), Fault(2, "status", "'x'", STATUS), Fault(3, "status", "'x'", STATUS)],
        ["B"],
    ),
    "no timestamp": (
        {"timestamp": ["1790831167", None, ""], "account_id": ["A", "B", "C"]},
        [Fault(1, "timestamp", "''", TIMESTAMP), Fault(2, "timestamp", "''", TIMESTAMP)],
        ["A"],
    ),
    "a timestamp that is none": (
        {"timestamp": ["2026-10-01", "1790831167"], "account_id": ["A", "B"]},
        [Fault(0, "timestamp", "'2026-10-01'", TIME_OF_DAY)],
        ["B"],
    ),
    "an epoch number out of range": (
        {"timestamp": [1_790_831_167, 7], "account_id": ["A", "B"]},
        [Fault(1, "timestamp", "'7'", TIMESTAMP)],
        ["A"],
    ),
    "accounts that are null, empty or blank": (
        {"account_id": [None, "", "  ", "\t", "A"]},
        [Fault(row, "account_id", shown, ACCOUNT) for row, shown in enumerate(["''", "''", "'  '", r"'\t'"])],
        ["A"],
    ),
    "numbered accounts, one missing": (
        {"account_id": [7, None]},
        [Fault(1, "account_id", "''", ACCOUNT)],
        ["7"],
    ),
    "a row with several faults is one reject, for its first": (
        {"timestamp": ["x", "1790831167"], "account_id": ["", ""], "status": ["x", "x"]},
        [Fault(0, "timestamp", "'x'", TIMESTAMP), Fault(1, "account_id", "''", ACCOUNT)],
        [],
    ),
    "no row is readable": (
        {"status": ["x", "y"]},
        [Fault(0, "status", "'x'", STATUS), Fault(1, "status", "'y'", STATUS)],
        [],
    ),
    "a long value is cut where it is shown": (
        {"status": ["s" * 200]},
        [Fault(0, "status", f"'{'s' * 77}...'", STATUS)],
        [],
    ),
    "nanoseconds that Python cannot hold": (
        {
            "timestamp": pa.array([NANOSECONDS, NANOSECONDS, None], pa.timestamp("ns", "UTC")),
            "account_id": ["A", "", "C"],
            "status": ["x", "200", "200"],
        },
        [
            Fault(0, "status", "'x'", STATUS),
            Fault(1, "account_id", "''", ACCOUNT),
            Fault(2, "timestamp", "''", TIMESTAMP),
        ],
        [],
    ),
    "a nanosecond before 1970": (
        {"timestamp": pa.array([-1, NANOSECONDS], pa.timestamp("ns", "UTC")), "account_id": ["A", "B"]},
        [Fault(0, "timestamp", "'1969-12-31 23:59:59.999999999Z'", YEARS)],
        ["B"],
    ),
    "the last nanosecond that Arrow holds": (
        {"timestamp": pa.array([2**63 - 1, NANOSECONDS], pa.timestamp("ns", "UTC")), "account_id": ["A", "B"]},
        [Fault(0, "timestamp", "'2262-04-11 23:47:16.854775807Z'", YEARS)],
        ["B"],
    ),
    "years that Python has no date for": (
        {"timestamp": pa.array([253_402_300_800, -62_135_596_801, 1_790_831_167], pa.timestamp("s", "UTC"))},
        [
            Fault(0, "timestamp", "'10000-01-01 00:00:00Z'", TIMESTAMP),
            Fault(1, "timestamp", "'0000-12-31 23:59:59Z'", TIMESTAMP),
        ],
        ["A"],
    ),
    "year 1 and year 9999 without a zone": (
        {"timestamp": pa.array([-62_135_596_800_000, 253_402_300_799_999, 1_790_831_167_000], pa.timestamp("ms"))},
        [
            Fault(0, "timestamp", "'0001-01-01 00:00:00.000'", YEARS),
            Fault(1, "timestamp", "'9999-12-31 23:59:59.999'", YEARS),
        ],
        ["A"],
    ),
    "a status in digits that are not ASCII": (
        {"status": ["٢٠٠", "\uff12\uff10\uff10", "20²", "200"], "account_id": ["A", "B", "C", "D"]},
        [Fault(row, "status", f"'{found}'", STATUS) for row, found in enumerate(["٢٠٠", "\uff12\uff10\uff10", "20²"])],
        ["D"],
    ),
    "a control character is shown as an escape": (
        {"status": ["\x1b[31m200"]},
        [Fault(0, "status", r"'\x1b[31m200'", STATUS)],
        [],
    ),
}


@pytest.mark.parametrize(("columns", "faults", "accounts"), FAULTS.values(), ids=FAULTS)
def test_rows_that_cannot_be_read(columns: dict[str, Any], faults: list[Fault], accounts: list[str]) -> None:
    read = canonical(batch(**columns), PLAIN.without(()), SHANGHAI)

    assert as_told(read.faults) == faults
    assert read.rows.column("account_id").to_pylist() == accounts
    assert all(column.null_count == 0 for column in (read.rows.column("timestamp"), read.rows.column("account_id")))


def test_a_fault_in_a_flag() -> None:
    columns = LogColumns(("timestamp",), "account_id", "status", client_aborted="hung_up")

    read = canonical(batch(hung_up=["true", "maybe", "-"]), columns.without(()), SHANGHAI)

    assert tuple(as_told(read.faults)) == (Fault(1, "hung_up", "'maybe'", "true or false"),)
    assert read.rows.column("client_aborted").to_pylist() == [True, False]


def test_a_fault_is_named_by_the_name_in_the_log() -> None:
    columns = LogColumns(("date", "time"), "client", "code")
    rows = pa.record_batch(
        {
            "date": ["2026-10-01", "2026-10-01", "2026-10-01"],
            "time": ["noon", "05:06:07", "05:06:07"],
            "client": ["A", None, "A"],
            "code": ["200", "200", "ok"],
        }
    )

    read = canonical(rows, columns.without(()), SHANGHAI)

    assert tuple(as_told(read.faults)) == (
        Fault(0, "date,time", "'2026-10-01' 'noon'", TIMESTAMP),
        Fault(1, "client", "''", ACCOUNT),
        Fault(2, "code", "'ok'", STATUS),
    )
    assert read.rows.num_rows == 0


def test_a_blank_account_that_no_row_has_is_no_fault() -> None:
    unused = pa.DictionaryArray.from_arrays(pa.array([1, 1], pa.int32()), pa.array(["", "A"]))

    read = canonical(batch(account_id=unused), PLAIN.without(()), SHANGHAI)

    assert tuple(as_told(read.faults)) == ()
    assert read.rows.column("account_id").to_pylist() == ["A", "A"]


def test_a_bad_status_that_no_row_has_is_no_fault() -> None:
    unused = pa.DictionaryArray.from_arrays(pa.array([1, 1], pa.int32()), pa.array(["x", "502"]))

    read = canonical(batch(status=unused), PLAIN.without(()), SHANGHAI)

    assert tuple(as_told(read.faults)) == ()
    assert read.rows.column("status").to_pylist() == [502, 502]


USELESS: dict[str, tuple[dict[str, Any], str]] = {
    "a timestamp column of dates": (
        {"timestamp": pa.array([20_000], pa.int32()).cast(pa.date32())},
        r"column 'timestamp' is of type date32\[day\]; expected timestamps, epoch numbers or ISO 8601 text",
    ),
    "a timestamp column of booleans": (
        {"timestamp": [True]},
        "column 'timestamp' is of type bool; expected timestamps",
    ),
    "an account column of floats": (
        {"account_id": [7.0]},
        "column 'account_id' is of type double; expected account ids as text or whole numbers",
    ),
    "an account column of booleans": ({"account_id": [True]}, "column 'account_id' is of type bool"),
}


@pytest.mark.parametrize(("columns", "message"), USELESS.values(), ids=USELESS)
def test_a_column_of_a_useless_type_is_refused_whole(columns: dict[str, Any], message: str) -> None:
    with pytest.raises(TypeError, match=message):
        canonical(batch(**columns), PLAIN.without(()), SHANGHAI)


def test_a_batch_without_rows() -> None:
    empty = batch(status=[200]).slice(0, 0)

    read = canonical(empty, PLAIN.without(()), SHANGHAI)

    assert read.rows.num_rows == 0
    assert tuple(as_told(read.faults)) == ()


def test_times_of_day_that_python_cannot_hold_in_a_fault() -> None:
    columns = LogColumns(("date", "time"), "account_id", "status")
    clocks = pa.array([18_367_123_456_789, None, 18_367_123_456_789, 86_399_999_999_999], pa.time64("ns"))
    days = pa.array([20_727, 20_727, None, 20_727], pa.int32()).cast(pa.date32())

    read = canonical(batch(date=days, time=clocks, status=["200", "200", "200", "x"]), columns.without(()), SHANGHAI)

    assert tuple(as_told(read.faults)) == (
        Fault(1, "date,time", "'2026-10-01' ''", TIMESTAMP),
        Fault(2, "date,time", "'' '05:06:07.123456789'", TIMESTAMP),
        Fault(3, "status", "'x'", STATUS),
    )
    assert read.rows.column("timestamp").cast(pa.int64()).to_pylist() == [1_790_802_367_123_456]
