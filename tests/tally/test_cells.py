"""The counters: whatever is added, in any order and on any thread, each cell holds its sum."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sla_audit.tally import cells as module
from sla_audit.tally import listed_cells
from sla_audit.tally.cells import Cells, CodedColumn
from sla_audit.tally.limits import MOST_ACCOUNTS, MOST_OUTCOMES, MOST_SLOTS

Cell = tuple[int, int, int]
"""Slot, account, outcome."""

MOST_32_BITS = 2**32 - 1


@dataclass(frozen=True)
class Column:
    """Codes as a batch has them: one for all rows, or a dictionary and each row's place in it."""

    values: Sequence[int]
    rows: Sequence[int] | None = None

    def coded(self, kind: type[np.integer] = np.int64) -> CodedColumn:
        return CodedColumn(
            np.array(self.values, dtype=kind), None if self.rows is None else np.array(self.rows, np.int32)
        )

    def of(self, row: int) -> int:
        return self.values[0 if self.rows is None else self.rows[row]]


@dataclass(frozen=True)
class Each:
    """Rows that may end in any way, and count for one or for as many as is said."""

    slot: Column
    account: Column
    outcome: Column
    rows: int
    by: Sequence[int] | None = None

    def to(self, cells: Cells) -> None:
        by = None if self.by is None else np.array(self.by, dtype=np.int64)
        cells.add(self.slot.coded(), self.account.coded(np.uint32), self.outcome.coded(), self.rows, by)

    def counts(self) -> Iterator[tuple[Cell, int]]:
        for row in range(self.rows):
            cell = (self.slot.of(row), self.account.of(row), self.outcome.of(row))
            yield cell, 1 if self.by is None else self.by[row]


@dataclass(frozen=True)
class Alike:
    """Rows that end alike, but for some."""

    slot: Column
    account: Column
    outcome: int
    rows: int
    but: Sequence[int] = ()

    def to(self, cells: Cells) -> None:
        but = np.array(self.but, dtype=np.int64)
        cells.add_alike(self.slot.coded(), self.account.coded(np.uint32), self.outcome, self.rows, but)

    def counts(self) -> Iterator[tuple[Cell, int]]:
        for row in range(self.rows):
            if row not in self.but:
                yield (self.slot.of(row), self.account.of(row), self.outcome), 1


Addition = Each | Alike


def oracle(additions: Sequence[Addition]) -> dict[Cell, int]:
    """Count row by row."""
    counter: Counter[Cell] = Counter()
    for addition in additions:
        for cell, count in addition.counts():
            counter[cell] += count
    return {cell: count for cell, count in counter.items() if count}


def held(cells: Cells) -> dict[Cell, int]:
    """Take the counts out; no cell comes twice."""
    slots, accounts, outcomes, counts = (part.tolist() for part in cells.counts())
    by_cell = dict(zip(zip(slots, accounts, outcomes, strict=True), counts, strict=True))
    assert len(by_cell) == len(counts)
    return by_cell


def added(additions: Sequence[Addition]) -> dict[Cell, int]:
    cells = Cells()
    for addition in additions:
        addition.to(cells)
    return held(cells)


@contextmanager
def little_memory(listed: int = 10) -> Iterator[None]:
    """Lay no table out that is larger than the first, and list few cells before they are added up."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_MOST_CELLS", 0)
        patch.setattr(listed_cells, "_MOST_LISTED", listed)
        yield


@contextmanager
def many_accounts(most: int = 1023) -> Iterator[None]:
    """Take fewer accounts for many."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_MANY_ACCOUNTS", most)
        yield


def several(*values: int) -> Column:
    """Give each row its own code."""
    return Column(values, range(len(values)))


def one(value: int) -> Column:
    return Column([value])


BEYOND = one(1024)  # the first account for which there is no room at first

CASES: dict[str, tuple[list[Addition], dict[Cell, int]]] = {
    "nothing": ([], {}),
    "one row": ([Each(one(2), one(3), one(4), 1)], {(2, 3, 4): 1}),
    "rows of one cell": ([Each(one(2), one(3), one(4), 5)], {(2, 3, 4): 5}),
    "no rows": ([Each(one(2), one(3), one(4), 0)], {}),
    "rows of several cells, of which one comes twice": (
        [Each(several(0, 1, 0), several(7, 7, 7), several(2, 2, 2), 3)],
        {(0, 7, 2): 2, (1, 7, 2): 1},
    ),
    "slot, account and outcome are not mistaken for each other": (
        [Each(several(0, 0, 1, 2), several(1, 2, 0, 0), several(2, 1, 2, 1), 4)],
        {(0, 1, 2): 1, (0, 2, 1): 1, (1, 0, 2): 1, (2, 0, 1): 1},
    ),
    "a dictionary of which not every value occurs": (
        [Each(Column([4, 5, 6], [1, 1]), Column([9, 8], [0, 0]), Column([3, 2, 1], [2, 0]), 2)],
        {(5, 9, 1): 1, (5, 9, 3): 1},
    ),
    "rows that count for many": (
        [Each(one(0), several(1, 2, 1), one(0), 3, by=[10, 20, 5])],
        {(0, 1, 0): 15, (0, 2, 0): 20},
    ),
    "a row that counts for none leaves no cell": (
        [Each(one(0), several(1, 2), one(0), 2, by=[0, 3])],
        {(0, 2, 0): 3},
    ),
    "rows that count for none at all": ([Each(one(0), several(1, 2), one(0), 2, by=[0, 0])], {}),
    "alike: one slot, one account": ([Alike(one(1), one(5), 2, 4)], {(1, 5, 2): 4}),
    "alike: one slot, one account, but some": ([Alike(one(1), one(5), 2, 4, but=[0, 3])], {(1, 5, 2): 2}),
    "alike: one slot, several accounts": (
        [Alike(one(1), Column([5, 6, 7], [0, 2, 2]), 2, 3)],
        {(1, 5, 2): 1, (1, 7, 2): 2},
    ),
    "alike: several slots, one account": (
        [Alike(Column([3, 1], [0, 1, 1, 1]), one(5), 2, 4, but=[1])],
        {(3, 5, 2): 1, (1, 5, 2): 2},
    ),
    "alike: several slots, several accounts": (
        [Alike(Column([3, 1], [0, 0, 1, 1]), Column([6, 5], [0, 1, 1, 1]), 2, 4, but=[0])],
        {(3, 5, 2): 1, (1, 5, 2): 2},
    ),
    "alike: slots whose codes repeat": (
        [Alike(Column([3, 1, 3], [0, 1, 2, 2]), one(5), 0, 4)],
        {(3, 5, 0): 3, (1, 5, 0): 1},
    ),
    "alike: accounts whose codes repeat": (
        [Alike(one(0), Column([5, 6, 5], [0, 1, 2, 2]), 0, 4)],
        {(0, 5, 0): 3, (0, 6, 0): 1},
    ),
    "alike: slots and accounts whose codes repeat, but some": (
        [Alike(Column([3, 1, 3], [0, 1, 2, 2, 0]), Column([5, 6, 5], [0, 1, 2, 0, 2]), 0, 5, but=[1, 4])],
        {(3, 5, 0): 3},
    ),
    "alike: all but all": ([Alike(Column([3, 1], [0, 1]), Column([5, 6], [1, 0]), 2, 2, but=[0, 1])], {}),
    "alike: no rows": ([Alike(one(0), one(0), 0, 0)], {}),
    "alike: few rows of a large dictionary": (
        [Alike(Column([3, 1], [0, 1, 1]), Column(range(100, 200), [99, 0, 0]), 2, 3)],
        {(3, 199, 2): 1, (1, 100, 2): 2},
    ),
    "alike: few rows of a large dictionary, but some": (
        [Alike(one(3), Column(range(100, 200), [99, 0, 0]), 2, 3, but=[0, 2])],
        {(3, 100, 2): 1},
    ),
    "alike: few rows of a large dictionary, but all": (
        [Alike(one(3), Column(range(100, 200), [99, 0, 0]), 2, 3, but=[0, 1, 2])],
        {},
    ),
    "the same cell in both ways": (
        [Alike(one(1), one(5), 2, 4), Each(one(1), one(5), one(2), 3), Alike(one(1), one(5), 2, 1)],
        {(1, 5, 2): 8},
    ),
    "more slots than there was room for": (
        [Each(one(7), one(0), one(0), 1), Each(one(8), one(0), one(0), 1), Each(one(5000), one(0), one(0), 1)],
        {(7, 0, 0): 1, (8, 0, 0): 1, (5000, 0, 0): 1},
    ),
    "more outcomes than there was room for": (
        [Each(one(0), one(0), one(15), 1), Each(one(0), one(0), one(16), 1), Alike(one(0), one(0), 4095, 2)],
        {(0, 0, 15): 1, (0, 0, 16): 1, (0, 0, 4095): 2},
    ),
    "more accounts than there was room for": (
        [Each(one(0), one(1023), one(0), 1), Each(one(0), BEYOND, one(0), 1), Alike(one(0), one(70_000), 0, 2)],
        {(0, 1023, 0): 1, (0, 1024, 0): 1, (0, 70_000, 0): 2},
    ),
    "more slots, outcomes and accounts at once": (
        [Each(one(7), one(1023), one(15), 2), Each(several(7, 99), several(1023, 3000), several(15, 40), 2)],
        {(7, 1023, 15): 3, (99, 3000, 40): 1},
    ),
    "more pairs of slot and outcome than there was room for": (
        [
            Each(several(*range(300)), one(1), several(*range(300)), 300),
            Each(several(*range(300)), one(2), one(0), 300),
        ],
        {(code, 1, code): 1 for code in range(300)} | {(code, 2, 0): 1 for code in range(300)},
    ),
    "as much as 32 bits hold": (
        [Each(one(0), one(1), one(2), 2, by=[MOST_32_BITS - 1, 1])],
        {(0, 1, 2): MOST_32_BITS},
    ),
    "one more than 32 bits hold": (
        [Each(one(0), one(1), one(2), 1, by=[MOST_32_BITS]), Each(one(0), one(1), one(2), 1)],
        {(0, 1, 2): MOST_32_BITS + 1},
    ),
    "one more than 32 bits hold, in rows alike": (
        [Each(one(0), one(1), one(2), 1, by=[MOST_32_BITS]), Alike(one(0), one(1), 2, 1)],
        {(0, 1, 2): MOST_32_BITS + 1},
    ),
    "more than 32 bits hold, in many cells": (
        [Each(one(0), several(1, 2, 3), one(2), 3, by=[2**31, 2**31, 2**31])] * 3,
        {(0, account, 2): 3 * 2**31 for account in (1, 2, 3)},
    ),
    "one row that counts for more than 32 bits hold": (
        [Each(one(0), one(1), one(2), 1), Each(one(0), several(1, 3), one(2), 2, by=[2**40, 2**33 + 5])],
        {(0, 1, 2): 2**40 + 1, (0, 3, 2): 2**33 + 5},
    ),
    "more than 32 bits hold, and then more accounts than there was room for": (
        [Each(one(0), one(1), one(2), 1, by=[2**40]), Each(one(9), BEYOND, one(20), 1, by=[2**41])],
        {(0, 1, 2): 2**40, (9, 1024, 20): 2**41},
    ),
    "more accounts than there was room for, and then more than 32 bits hold": (
        [Each(one(9), BEYOND, one(20), 1, by=[7]), Each(one(9), BEYOND, one(20), 1, by=[2**41])],
        {(9, 1024, 20): 2**41 + 7},
    ),
}


@pytest.mark.parametrize(("additions", "expected"), CASES.values(), ids=CASES)
def test_each_cell_holds_what_was_added_to_it(additions: list[Addition], expected: dict[Cell, int]) -> None:
    assert oracle(additions) == expected
    assert added(additions) == expected


@pytest.mark.parametrize(("additions", "expected"), CASES.values(), ids=CASES)
def test_cells_that_are_listed_hold_the_same(additions: list[Addition], expected: dict[Cell, int]) -> None:
    with little_memory():
        assert added([Each(one(0), BEYOND, one(0), 1), *additions]) == oracle([Each(one(0), BEYOND, one(0), 1)]) | {
            cell: count + (cell == (0, 1024, 0)) for cell, count in expected.items()
        }


@pytest.mark.parametrize(("additions", "expected"), CASES.values(), ids=CASES)
def test_cells_that_are_listed_in_the_end_hold_what_the_table_held(
    additions: list[Addition], expected: dict[Cell, int]
) -> None:
    with little_memory():
        assert added([*additions, Each(one(11), one(100_000), one(17), 1)]) == expected | {(11, 100_000, 17): 1}


def test_a_table_that_would_be_too_large_is_not_laid_out() -> None:
    cells = Cells()
    with little_memory():
        Each(several(0, 1), several(5, 1023), one(3), 2).to(cells)
        assert cells._laid_out
        Each(several(0, 1), several(5, 1024), one(3), 2).to(cells)
        assert not cells._laid_out
    assert held(cells) == {(0, 5, 3): 2, (1, 1023, 3): 1, (1, 1024, 3): 1}


def test_cells_that_are_listed_over_and_over_are_added_up() -> None:
    cells = Cells()
    again = Each(several(0, 1, 0), several(5, 1024, 5), one(3), 3)
    with little_memory(listed=10):
        for _ in range(1000):
            again.to(cells)
    assert not cells._laid_out
    assert len(cells._listed) < 20
    assert held(cells) == {(0, 5, 3): 2000, (1, 1024, 3): 1000}


def test_the_largest_codes_that_are_listed_stay_apart() -> None:
    slots, accounts, outcomes = (0, 1, MOST_SLOTS - 1), (0, 1, MOST_ACCOUNTS - 1), (0, 1, MOST_OUTCOMES - 1)
    every = [(slot, account, outcome) for slot in slots for account in accounts for outcome in outcomes]
    cells = Cells()
    cells._laid_out = False  # the table for an account of so large a code would be lawful, but wide
    Each(*(several(*codes) for codes in zip(*every, strict=True)), len(every), by=range(1, 28)).to(cells)
    assert held(cells) == dict(zip(every, range(1, 28), strict=True))


@pytest.mark.parametrize("sparse", [False, True], ids=["in a table", "listed"])
def test_counts_may_be_asked_for_at_any_time(sparse: bool) -> None:
    additions: list[Addition] = [
        Alike(one(1), Column([5, 6, 7], [0, 2, 2]), 2, 3),
        Each(one(9), BEYOND, one(20), 1),
        Each(one(1), several(5, 1024), one(2), 2, by=[2**40, 1]),
        Alike(Column([3, 1, 3], [0, 1, 2, 2]), one(5), 2, 4, but=[3]),
        Each(one(9), BEYOND, one(20), 1),
    ]
    cells = Cells()
    with little_memory() if sparse else nullcontext():
        for number, addition in enumerate(additions, start=1):
            addition.to(cells)
            assert held(cells) == held(cells) == oracle(additions[:number])


@pytest.mark.parametrize("sparse", [False, True], ids=["in a table", "listed"])
def test_threads_that_add_at_once_lose_nothing(sparse: bool) -> None:
    codes = range(40)
    additions: list[Addition] = [
        addition
        for number in range(200)
        for addition in (
            Each(several(*(code * number % 30 for code in codes)), several(*(code * 41 for code in codes)), one(3), 40),
            Alike(several(*(code % 3 for code in codes)), several(*(code + number * 9 for code in codes)), number, 40),
            Each(one(number % 10), several(*codes), one(3), 40, by=[number * 10**6] * 40),
        )
    ]
    cells = Cells()
    with little_memory(listed=500) if sparse else nullcontext(), ThreadPoolExecutor(8) as pool:
        for future in [pool.submit(addition.to, cells) for addition in additions]:
            future.result()
    assert cells._laid_out != sparse
    assert held(cells) == oracle(additions)


SLOTS = st.sampled_from([0, 1, 2, 7, 8, 30])
ACCOUNTS = st.sampled_from([0, 1, 2, 3, 1023, 1024, 2500])
OUTCOMES = st.sampled_from([0, 1, 15, 16, 50])
BY = st.sampled_from([0, 1, 2, 1000, 2**31, MOST_32_BITS, 2**32, 2**40])


@st.composite
def columns(draw: st.DrawFn, codes: st.SearchStrategy[int], rows: int, most: int) -> Column:
    if draw(st.booleans()):
        return Column([draw(codes)])
    values = draw(st.lists(codes, min_size=1, max_size=most))
    return Column(values, draw(st.lists(st.integers(0, len(values) - 1), min_size=rows, max_size=rows)))


@st.composite
def any_addition(draw: st.DrawFn) -> Addition:
    rows = draw(st.integers(0, 12))
    slot, account = draw(columns(SLOTS, rows, 4)), draw(columns(ACCOUNTS, rows, 12))
    if draw(st.booleans()):
        but = draw(st.sets(st.integers(0, rows - 1))) if rows else ()
        return Alike(slot, account, draw(OUTCOMES), rows, sorted(but))
    by = draw(st.none() | st.lists(BY, min_size=rows, max_size=rows))
    return Each(slot, account, draw(columns(OUTCOMES, rows, 4)), rows, by)


ADDITIONS = st.lists(any_addition(), max_size=8)


@given(ADDITIONS, st.randoms(use_true_random=False))
def test_additions_in_any_order_give_the_sums(additions: list[Addition], random: Random) -> None:
    expected = oracle(additions)
    assert added(additions) == expected
    assert added(random.sample(additions, len(additions))) == expected


@given(ADDITIONS, st.randoms(use_true_random=False), st.integers(0, 40))
def test_additions_in_any_order_give_the_sums_where_there_is_little_memory(
    additions: list[Addition], random: Random, listed: int
) -> None:
    expected = oracle(additions)
    with little_memory(listed):
        assert added(additions) == expected
        assert added(random.sample(additions, len(additions))) == expected


@given(ADDITIONS, st.randoms(use_true_random=False), st.sampled_from([0, 1024, 3000]))
def test_additions_in_any_order_give_the_sums_where_there_are_many_accounts(
    additions: list[Addition], random: Random, most: int
) -> None:
    expected = oracle(additions)
    with many_accounts(most):
        assert added(additions) == expected
        assert added(random.sample(additions, len(additions))) == expected


def test_where_there_are_many_accounts_rows_of_several_pairs_take_no_planes() -> None:
    cells = Cells()
    with many_accounts():
        Each(several(0, 1, 1), several(1, 2, 3), several(4, 5, 6), 3).to(cells)
        assert cells._pairs == []
        Alike(one(1), several(2, 2), 5, 2).to(cells)
        assert cells._pairs == [(1, 5)]
    assert len(cells._listed) == 3
    assert held(cells) == held(cells) == {(0, 1, 4): 1, (1, 2, 5): 3, (1, 3, 6): 1}


def test_room_to_grow_is_no_more_than_may_be_laid_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_MOST_CELLS", 6000)
    cells = Cells()
    for outcome in range(4):
        Each(one(0), several(1, 2999), one(outcome), 2).to(cells)
        assert cells._table.size <= 6000
        assert cells._laid_out == (outcome < 2)
    assert held(cells) == {(0, account, outcome): 1 for account in (1, 2999) for outcome in range(4)}
