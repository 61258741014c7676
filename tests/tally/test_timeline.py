"""When rows were: counted by quarters of an hour, or known by their bounds."""

from __future__ import annotations

from collections import Counter

import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sla_audit.tally import timeline
from sla_audit.tally.timeline import PIECE, Timeline, add_up, in_one_quarter

QUARTER = 900
START = 1_790_784_000  # 1 October 2026 in Shanghai
PER_SECOND = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}


def batch(ticks: list[int], unit: str) -> pa.RecordBatch:
    return pa.RecordBatch.from_pydict({"timestamp": pa.array(ticks, pa.timestamp(unit, "UTC"))})


def shown(pieces: pl.DataFrame) -> list[tuple[int, int, int]]:
    """Give pieces as quarters after the start: the first, the one past the last, and rows."""
    assert dict(pieces.schema) == PIECE
    assert all(edge % (QUARTER * 10**6) == 0 for name in ("starts_at", "ends_at") for edge in pieces[name])
    return [
        (*((edge // 10**6 - START) // QUARTER for edge in (starts_at, ends_at)), rows)
        for starts_at, ends_at, rows in pieces.iter_rows()
    ]


@pytest.mark.parametrize("unit", PER_SECOND)
def test_rows_are_counted_by_the_quarter_in_every_unit(unit: str) -> None:
    scale, found = PER_SECOND[unit], Timeline()
    found.add(batch([START * scale, (START + QUARTER) * scale - 1, (START + QUARTER) * scale], unit))
    found.add(batch([(START + 3 * QUARTER) * scale + scale // 2, START * scale], unit))
    assert shown(found.pieces()) == [(0, 1, 3), (1, 2, 1), (3, 4, 1)]


@given(
    st.lists(st.lists(st.integers(0, 7_258_118_399), max_size=20) | st.lists(st.integers(START, START + 9000))),
    st.sampled_from([1, 1 << 14]),
    st.sampled_from([1, 1 << 16]),
)
def test_any_batches_give_the_counts_of_their_rows(batches: list[list[int]], pieces: int, quarters: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(timeline, "_MOST_PIECES", pieces)
        patch.setattr(timeline, "_MOST_QUARTERS", quarters)
        found = Timeline()
        for seconds in batches:
            found.add(batch(seconds, "s"))
    expected = Counter(second // QUARTER for seconds in batches for second in seconds)
    by_quarter = {starts_at // 10**6 // QUARTER: rows for starts_at, _, rows in found.pieces().iter_rows()}
    assert by_quarter == expected
    assert (found.pieces()["ends_at"] - found.pieces()["starts_at"]).to_list() == [QUARTER * 10**6] * len(expected)


def test_a_batch_without_rows_or_times_adds_nothing() -> None:
    found = Timeline()
    found.add(batch([], "ms"))
    found.add(pa.RecordBatch.from_pydict({"status": pa.array([200], pa.int16())}))
    assert found.pieces().is_empty()
    assert dict(found.pieces().schema) == PIECE


def test_the_counts_of_a_tally_lie_anywhere_in_their_slots() -> None:
    day = pa.array([START * 10**6] * 3, pa.timestamp("us", "UTC"))
    until = pa.array([(START + seconds) * 10**6 for seconds in (86_400, 86_400, 7200)], pa.timestamp("us", "UTC"))
    found = Timeline()
    found.add(pa.RecordBatch.from_pydict({"starts_at": day, "ends_at": until, "requests": pa.array([5, 7, 1])}))
    assert shown(found.pieces()) == [(0, 8, 1), (0, 96, 12)]


SPANS = [
    # first second, last second, rows, pieces
    (0, 0, 1, [(0, 1, 1)]),
    (0, 0, 9, [(0, 1, 9)]),
    (0, 899, 9, [(0, 1, 9)]),
    (0, 900, 2, [(0, 1, 1), (1, 2, 1)]),
    (0, 900, 3, [(0, 1, 1), (0, 2, 1), (1, 2, 1)]),
    (899, 3600, 100, [(0, 1, 1), (0, 5, 98), (4, 5, 1)]),
]


@pytest.mark.parametrize(("first", "last", "rows", "expected"), SPANS)
def test_a_span_has_a_row_at_each_end_and_the_others_anywhere(
    first: int, last: int, rows: int, expected: list[tuple[int, int, int]]
) -> None:
    found = Timeline()
    found.add_spans([((START + first) * 10**6, (START + last) * 10**6, rows)])
    assert shown(found.pieces()) == expected
    assert in_one_quarter([(first * 10**6, last * 10**6, rows)]) == (last < QUARTER)


def test_no_span_adds_nothing() -> None:
    found = Timeline()
    found.add_spans([])
    assert found.pieces().is_empty()


def test_parts_add_up() -> None:
    parts = [Timeline(), Timeline(), Timeline()]
    parts[0].add(batch([START, START + QUARTER], "s"))
    parts[2].add(batch([START], "s"))
    parts[2].add_spans([(START * 10**6, (START + QUARTER) * 10**6, 4)])
    assert shown(add_up(parts)) == [(0, 1, 3), (0, 2, 2), (1, 2, 2)]
    assert shown(add_up([])) == []
