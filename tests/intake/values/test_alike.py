"""Columns whose values are alike: what is read many at once is what is read one by one."""

from __future__ import annotations

import random
from collections.abc import Sequence
from decimal import ROUND_DOWN, Context, Decimal
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sla_audit.intake.values.at_once import settle
from sla_audit.intake.values.durations import Unit, started
from sla_audit.intake.values.epochs import UNITS, microseconds_of
from sla_audit.intake.values.timestamps import instant_of, read_date_and_time, read_instants
from tests.builders.examples import costly
from tests.builders.logs.written_times import alike, times
from tests.oracles.both_paths import ZONES, compare_times

SHANGHAI = ZoneInfo("Asia/Shanghai")
END = 1_790_784_000_000_000
SECONDS = st.integers(946_684_700, 4_102_444_900)


def ticks(column: pa.Array) -> list[int | None]:
    found: list[int | None] = column.cast(pa.timestamp("us", "UTC"), safe=False).cast(pa.int64()).to_pylist()
    return found


@costly(100)
@given(st.sampled_from(ZONES), st.randoms(use_true_random=False))
def test_times_that_are_written_alike(zone: str, chance: random.Random) -> None:
    text = next(times(chance))
    assert list(compare_times([text, *(alike(text, chance) for _ in range(24))], ZoneInfo(zone))) == []


@pytest.mark.parametrize(
    "text",
    [
        "2026-10-05T13:06:07.123+08:00",
        "2026-10-05 13:06:07",
        "05/Oct/2026:13:06:07 +0800",
        "[05/Oct/2026:13:06:07 +0800]",
        "Mon, 05 Oct 2026 05:06:07 GMT",
        "Mon Oct  5 05:06:07 2026",
        "Oct 5, 2026 @ 13:06:07.123",
        "20261005T050607Z",
        "10/5/2026 01:06:07 PM",
        "1791176767.123",
        "1791176767123",
    ],
)
@pytest.mark.parametrize("kind", [pa.string(), pa.large_string()])
def test_many_times_of_one_form_between_odd_ones(text: str, kind: pa.DataType, monkeypatch: pytest.MonkeyPatch) -> None:
    """More rows than are read at once, of several lengths, with nulls, in a slice of a longer column."""
    monkeypatch.setattr(settle, "_ROWS_AT_ONCE", 4_000)
    chance = random.Random(text)
    odd = ["2016-12-31T23:59:60Z", "2026-10-05T24:00:00Z", "\u0662026-10-05T05:06:07Z", "", None, "-", "x" * 70]
    texts = [alike(text, chance) if chance.random() < 0.9 else chance.choice(odd) for _ in range(10_000)]
    read = read_instants(pa.array(["x", *texts, "x"], kind).slice(1, len(texts)), SHANGHAI, "month/day/year")
    careful = [instant_of(each, SHANGHAI, "month/day/year") for each in texts]
    assert ticks(read.values) == [instant for instant, _ in careful]
    assert read.local == any(local for _, local in careful)


def test_whether_some_time_lacks_a_zone_is_told_by_those_that_are_read() -> None:
    zoned, local, neither = "2026-10-05T05:06:07Z", "2026-10-05T05:06:07", "2026-13-05T05:06:07"
    for texts, expected in (([zoned, neither], False), ([zoned, local], True), ([neither] * 3, False)):
        assert read_instants(pa.array(texts), SHANGHAI).local is expected


@given(SECONDS, st.integers(0, 10**9 - 1), st.sampled_from(list(UNITS)), st.integers(-3, 3))
def test_a_float_is_the_shortest_decimal_that_is_read_as_it(second: int, nano: int, unit: str, near: int) -> None:
    number = float(Decimal(second * 10**9 + nano) * UNITS[unit] / 10**9)
    for _ in range(abs(near)):
        number = float(np.nextafter(number, np.inf if near > 0 else 0))
    assert ticks(read_instants(pa.array([number, None, float("nan")]), SHANGHAI).values) == [
        microseconds_of(Decimal(repr(number))),
        None,
        None,
    ]


@given(st.decimals(-(10**6), 10**20, places=12, allow_nan=False), st.integers(0, 18), st.sampled_from([128, 256]))
def test_a_decimal_of_any_scale(number: Decimal, scale: int, bits: int) -> None:
    written = number.quantize(Decimal(1).scaleb(-scale), ROUND_DOWN, Context(prec=60))
    kind = pa.decimal128(38, scale) if bits == 128 else pa.decimal256(76, scale)
    if len(written.as_tuple().digits) <= 38:
        column = pa.array([Decimal(0), written, None], kind).slice(1)
        assert ticks(read_instants(column, SHANGHAI).values) == [microseconds_of(written), None]


@pytest.mark.parametrize("kind", [pa.uint64(), pa.decimal128(38, 0), pa.decimal256(76, 0)])
def test_numbers_too_large_for_any_time(kind: pa.DataType) -> None:
    texts = [2**63, 1_790_784_000, None, 1_790_784_000_123_456_789, 2**64 - 1, 0]
    read = read_instants(
        pa.array([None if each is None else Decimal(each) for each in texts], pa.decimal128(38, 0)).cast(kind), SHANGHAI
    )
    assert ticks(read.values) == [None, END, None, END + 123_456, None, None]


def _started(column: pa.Array, unit: Unit) -> Sequence[int | None]:
    ends = pa.array([END] * len(column), pa.timestamp("us", "UTC"))
    return [None if each is None else END - each for each in started(ends, column, unit).cast(pa.int64()).to_pylist()]


@given(st.floats(0, 1e19) | st.floats(0, 100) | st.floats(-1, 1e-90), st.sampled_from(["s", "ms", "us", "ns"]))
def test_a_duration_is_the_same_as_a_float_and_as_text(number: float, unit: Unit) -> None:
    as_text = _started(pa.array([repr(number)]), unit)
    assert _started(pa.array([number]), unit) == as_text
    assert _started(pa.array([number]).dictionary_encode(), unit) == as_text


@given(st.decimals(0, 10**12, places=9), st.sampled_from(["s", "ms", "us", "ns"]))
def test_a_duration_is_the_same_as_a_decimal_and_as_text(number: Decimal, unit: Unit) -> None:
    as_text = _started(pa.array([f"{number:f}"]), unit)
    assert _started(pa.array([number], pa.decimal128(38, 9)), unit) == as_text
    assert _started(pa.array([int(number)]), unit) == _started(pa.array([str(int(number))]), unit)


def test_days_and_clocks_that_are_distinct_in_all_rows() -> None:
    clocks = [
        f"{hour:02}:{minute:02}:{second:02}.{second}"
        for hour in range(25)
        for minute in range(60)
        for second in (0, 7, 60)
    ]
    days = ["2026-10-01", "2026-02-29", "20261001"] * (len(clocks) // 3)
    read = read_date_and_time(pa.array(days), pa.array(clocks), SHANGHAI)
    careful = [instant_of(f"{day}T{clock}", SHANGHAI) for day, clock in zip(days, clocks, strict=True)]
    assert ticks(read.values) == [instant for instant, _ in careful]
