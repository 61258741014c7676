"""What is certain about rows in a stretch, against every way in which they may lie."""

from __future__ import annotations

from itertools import pairwise, product

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from sla_audit.coverage.observed import Observed

QUARTER = 900 * 10**6

Piece = tuple[int, int, int]
pieces = st.lists(
    st.builds(lambda start, length, rows: (start, start + length, rows), *map(st.integers, (0, 1, 1), (9, 4, 2))),
    max_size=4,
)


def seen(listed: list[Piece]) -> Observed:
    frame = pl.DataFrame(
        [(start * QUARTER, end * QUARTER, rows) for start, end, rows in sorted(listed)],
        schema={"starts_at": pl.Int64, "ends_at": pl.Int64, "rows": pl.Int64},
        orient="row",
    )
    return Observed(frame)


@given(pieces, st.integers(0, 12), st.integers(1, 6))
def test_bounds_are_those_of_every_way_in_which_rows_may_lie(listed: list[Piece], since: int, length: int) -> None:
    until = since + length
    rows = [range(start, end) for start, end, number in listed for _ in range(number)]
    counts = [sum(since <= at < until for at in ways) for ways in product(*rows)]
    found, stretch = seen(listed), (since * QUARTER, until * QUARTER)
    assert found.at_least(*stretch) == min(counts)
    assert found.at_most(*stretch) == max(counts)
    meeting = [(start, end) for start, end, _ in listed if start < until and end > since]
    assert found.exactly(*stretch) == all(end - start == 1 for start, end in meeting)


@given(pieces, st.integers(0, 12), st.integers(1, 8))
def test_a_stretch_is_empty_where_no_row_may_lie(listed: list[Piece], since: int, length: int) -> None:
    until = since + length
    found = list(seen(listed).empty(since * QUARTER, until * QUARTER))
    empty = [at for starts_at, ends_at in found for at in range(starts_at // QUARTER, ends_at // QUARTER)]
    assert empty == [at for at in range(since, until) if not any(start <= at < end for start, end, _ in listed)]
    assert all(before[1] < after[0] for before, after in pairwise(found))


def test_the_bounds_are_those_of_all_rows() -> None:
    assert seen([(3, 4, 1), (0, 9, 5), (7, 8, 1)]).bounds == (0, 9 * QUARTER)
    assert seen([]).bounds is None
