"""Tallies add up: the tallies of the parts give the tally of the whole."""

from __future__ import annotations

import pytest
from hypothesis import given

from sla_audit.model.tally import Tally
from tests.builders.tallies import Row, rows, spelt, tally


@given(rows, rows, rows)
def test_the_parts_add_up_to_the_whole_in_any_order(one: list[Row], two: list[Row], three: list[Row]) -> None:
    whole = spelt(tally(one + two + three))
    assert spelt(tally(one) + tally(two) + tally(three)) == whole
    assert spelt(Tally.merge([tally(three), tally(one), tally(two)])) == whole
    assert Tally.merge([tally(one), tally(two)]).requests == len(one) + len(two)


def test_nothing_adds_nothing() -> None:
    some = tally([("A", 0, 200, None), ("A", 0, 200, None), ("B", 1, None, "east")])
    assert spelt(some + Tally.empty()) == spelt(some)
    assert Tally.merge([]).requests == 0


@given(rows, rows)
def test_what_was_added_can_be_taken_away(one: list[Row], two: list[Row]) -> None:
    assert spelt((tally(one) + tally(two)).less(tally(two))) == spelt(tally(one))


def test_what_was_not_counted_cannot_be_taken_away() -> None:
    with pytest.raises(ValueError, match="more than there is"):
        tally([("A", 0, 200, None)]).less(tally([("A", 0, 503, None)]))


@given(rows, rows, rows)
def test_what_is_moved_is_taken_away_and_added(stays: list[Row], away: list[Row], to: list[Row]) -> None:
    assert spelt(tally(stays + away).moved(tally(away), tally(to))) == spelt(tally(stays + to))


def test_what_was_not_counted_cannot_be_moved() -> None:
    for counted in ([("A", 0, 200, None)], [("A", 0, 503, None)]):
        with pytest.raises(ValueError, match="more than there is"):
            tally(counted).moved(tally([("A", 0, 503, None)] * 2), Tally.empty())
