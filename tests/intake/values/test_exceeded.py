"""Which limit a request took longer than: exact at, below and above each, however the length of it is written."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sla_audit.intake.values.durations import UNITS, Unit, exceeded

LIMITS = (2_000_000, 10_000_000)
PER_SECOND: dict[str, int] = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}


def told(column: pa.Array, unit: Unit, limits: tuple[int, ...] = LIMITS) -> list[int | str | None]:
    found = exceeded(column, unit, limits)
    bad = np.zeros(len(column), np.bool_) if found.unreadable is None else found.unreadable
    return ["?" if unread else limit for limit, unread in zip(found.limits.to_pylist(), bad, strict=True)]


CASES: list[tuple[str, Any, Unit, int | str | None]] = [
    ("just the limit", "2", "s", None),
    ("just the limit, with decimals", "2.000000", "s", None),
    ("a millionth more", "2.000001", "s", 2_000_000),
    ("less than a millionth more", "2.0000000000001", "s", 2_000_000),
    ("less than a millionth less", "1.9999999999999", "s", None),
    ("the higher limit", "10", "s", 2_000_000),
    ("more than the higher limit", "10.0000001", "s", 10_000_000),
    ("a nanosecond more", 2_000_000_001, "ns", 2_000_000),
    ("no nanosecond more", 2_000_000_000, "ns", None),
    ("a nanosecond more, as text", "2000000001", "ns", 2_000_000),
    ("milliseconds", 2000, "ms", None),
    ("milliseconds more", 2001, "ms", 2_000_000),
    ("half a millisecond more", 2000.5, "ms", 2_000_000),
    ("a float that is the limit", 2.0, "s", None),
    ("the next float", np.nextafter(2.0, 3).item(), "s", 2_000_000),
    ("the float before", np.nextafter(2.0, 1).item(), "s", None),
    ("microseconds", 2_000_001, "us", 2_000_000),
    ("an exponent", "2.0000001e0", "s", 2_000_000),
    ("an exponent of the limit", "2e6", "us", None),
    ("a decimal", Decimal("2.00000000000000001"), "s", 2_000_000),
    ("a decimal that is the limit", Decimal("2.00000000000000000"), "s", None),
    ("no time at all", "0", "s", None),
    ("nothing", None, "s", "?"),
    ("an empty text", "", "s", "?"),
    ("a dash", "-", "s", "?"),
    ("less than nothing", "-1", "s", "?"),
    ("less than nothing, a number", -1, "s", "?"),
    ("a word", "slow", "s", "?"),
    ("a unit of its own", "2s", "s", "?"),
    ("no number", float("nan"), "s", "?"),
    ("without end", float("inf"), "s", "?"),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case[0])
def test_a_length(case: tuple[str, Any, Unit, int | str | None]) -> None:
    _, value, unit, expected = case
    column = pa.array([value], pa.string() if value is None else None)
    assert told(column, unit) == [expected]
    assert told(column.dictionary_encode(), unit) == [expected]
    assert told(pa.concat_arrays([column] * 3), unit) == [expected] * 3


def test_floats_of_fewer_bits_are_what_they_are_written_as() -> None:
    assert told(pa.array([2.0, 2.5, 1.9], pa.float32()), "s") == [None, 2_000_000, None]
    assert told(pa.array([0.3, 0.30000004], pa.float32()), "s", (300_000,)) == [None, 300_000]


def test_a_column_without_any_value_is_unreadable() -> None:
    assert told(pa.nulls(2), "s") == ["?", "?"]


@given(
    st.sampled_from(UNITS),
    st.lists(
        st.tuples(st.sampled_from([*LIMITS, 1, 1_500]), st.integers(-3, 3), st.integers(0, 18)), min_size=1, max_size=9
    ),
    st.sampled_from(["text", "decimal", "whole"]),
)
def test_every_length_is_held_against_its_fraction(unit: Unit, drawn: list[tuple[int, int, int]], written: str) -> None:
    limits = (1, 1_500, *LIMITS)
    # A limit, and a little more or less of it: so many of the last of some decimals.
    lengths = [
        Decimal(limit) * PER_SECOND[unit] / 10**6 + Decimal(more).scaleb(0 if written == "whole" else -decimals)
        for limit, more, decimals in drawn
    ]
    lengths = [each.to_integral_value() if written == "whole" else each for each in lengths if each >= 0]
    if written == "text":
        column = pa.array([f"{each:f}" for each in lengths], pa.string())
    elif written == "decimal":
        column = pa.array(lengths, pa.decimal256(60, 24))
    else:
        column = pa.array([int(each) for each in lengths], pa.int64())
    exact = [Fraction(each) * 10**6 / PER_SECOND[unit] for each in lengths]
    assert told(column, unit, limits) == [
        max((limit for limit in limits if each > limit), default=None) for each in exact
    ]
