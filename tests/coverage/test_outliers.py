"""Rows far from the rest of their log: at, below and above every threshold, and from bounds as from rows."""

from __future__ import annotations

import random

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sla_audit.coverage.outliers import outliers_of
from sla_audit.tally.timeline import PIECE, Timeline

HOUR = 3600 * 10**6
START = 1_790_784_000 * 10**6  # 1 October 2026 in Shanghai

Piece = tuple[float, float, int]


def strays(*pieces: Piece) -> list[tuple[float, float, int]]:
    """Find strays, given and told as hours from and to, and rows."""
    rows = [(START + int(since * HOUR), START + int(until * HOUR), number) for since, until, number in sorted(pieces)]
    found = outliers_of("a.csv", pl.DataFrame(rows, schema=PIECE, orient="row"))
    return [((each.starts_at - START) / HOUR, (each.ends_at - START) / HOUR, each.rows) for each in found]


def day(number: int = 1, rows: int = 1000) -> list[Piece]:
    return [(24 * (number - 1) + quarter / 4, 24 * (number - 1) + (quarter + 1) / 4, rows) for quarter in range(96)]


CASES = [
    ("no rows", [], []),
    ("a day", day(), []),
    ("a row weeks later", [*day(), (500, 500.25, 1)], [(500, 500.25, 1)]),
    ("a row weeks before", [*day(30), (3, 3.25, 1)], [(3, 3.25, 1)]),
    ("rows on both sides", [(0, 0.25, 2), *day(15), (700, 700.25, 3)], [(0, 0.25, 2), (700, 700.25, 3)]),
    ("a row a day later", [*day(), (48, 48.25, 1)], []),
    ("a row a day and a quarter later", [*day(), (48.25, 48.5, 1)], [(48.25, 48.5, 1)]),
    ("one row in a hundred", [(0, 1, 99), (100, 100.25, 1)], [(100, 100.25, 1)]),
    ("more than one row in a hundred", [(0, 1, 98), (100, 100.25, 1)], []),
    ("two days, then a row two days later", [*day(1), *day(2), (96, 96.25, 1)], []),
    ("two days, then a row later than that", [*day(1), *day(2), (96.25, 96.5, 1)], [(96.25, 96.5, 1)]),
    ("days that grow thin", [*day(1), *day(2, 1), (90, 90.25, 1), (160, 160.25, 1)], []),
    ("a log of few requests", [(day * 50, day * 50 + 0.25, 1) for day in range(20)], []),
    ("a row in 1970", [(-400_000, -399_999.75, 1), *day()], [(-400_000, -399_999.75, 1)]),
    ("a row group that spans both", [*day(), (3, 500, 500)], []),
    ("a row group that lies far away", [*day(), (500, 504, 9)], [(500, 504, 9)]),
]


@pytest.mark.parametrize(("pieces", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_strays(pieces: list[Piece], expected: list[Piece]) -> None:
    assert strays(*pieces) == expected


def test_a_stray_says_where_the_rest_is() -> None:
    pieces = [(START, START + HOUR, 1000), (START + 900 * HOUR, START + 901 * HOUR, 2)]
    (stray,) = outliers_of("logs/a.csv", pl.DataFrame(pieces, schema=PIECE, orient="row"))
    assert stray.path == "logs/a.csv"
    assert (stray.rest_starts_at, stray.rest_ends_at) == (START, START + HOUR)


@given(st.lists(st.tuples(st.integers(0, 2000), st.integers(1, 400)), min_size=1, max_size=8), st.randoms())
def test_strays_that_are_told_from_bounds_are_told_from_rows_too(
    listed: list[tuple[int, int]], chance: random.Random
) -> None:
    rows = sorted(START + (hour + chance.randint(0, 3)) * HOUR for hour, number in listed for _ in range(number))
    groups, at = [], 0
    while at < len(rows):
        end = at + chance.choice([1, 10, 100, 1000])
        groups.append((rows[at], rows[min(end, len(rows)) - 1], len(rows[at:end])))
        at = end
    exact, rough = Timeline(), Timeline()
    exact.add_spans([(row, row, 1) for row in rows])
    rough.add_spans(groups)
    told = list(outliers_of("", exact.pieces()))
    for stray in outliers_of("", rough.pieces()):
        within = [each for each in told if stray.starts_at <= each.starts_at and each.ends_at <= stray.ends_at]
        assert sum(each.rows for each in within) == stray.rows
