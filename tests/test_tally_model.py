"""Tallies add up: the tallies of the parts give the tally of the whole."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sla_audit.model.tally import OUTCOME, SLOT, Tally

Row = tuple[str, int, int | None, str | None]
rows = st.lists(
    st.tuples(
        st.sampled_from("ABC"), st.integers(0, 3), st.sampled_from([200, 503, None]), st.sampled_from([None, "east"])
    ),
    max_size=12,
)


def tally(listed: list[Row]) -> Tally:
    """Count rows one by one, codes in the order of first sight."""
    accounts = list(dict.fromkeys(row[0] for row in listed))
    slots = list(dict.fromkeys(row[1] for row in listed))
    outcomes = list(dict.fromkeys(row[2:] for row in listed))
    counts: dict[tuple[int, int, int], int] = {}
    for account, slot, *outcome in listed:
        key = accounts.index(account), slots.index(slot), outcomes.index(tuple(outcome))
        counts[key] = counts.get(key, 0) + 1
    codes = {"account": pl.UInt32, "slot": pl.UInt32, "outcome": pl.UInt32, "requests": pl.Int64}
    return Tally(
        pl.DataFrame({"account_id": accounts}, schema={"account_id": pl.String}),
        pl.DataFrame([(slot * 10, slot * 10 + 10) for slot in slots], schema=SLOT, orient="row"),
        pl.DataFrame(
            [(status, status == 503, False, False, region, None) for status, region in outcomes],
            schema=OUTCOME,
            orient="row",
        ),
        pl.DataFrame([(*key, count) for key, count in counts.items()], schema=codes, orient="row"),
    )


def spelt(counted: Tally) -> dict[tuple[object, ...], int]:
    """Give the counts by what their codes stand for."""
    found = {}
    for account, slot, outcome, requests in counted.counts.iter_rows():
        key = (*counted.accounts.row(account), *counted.slots.row(slot), *counted.outcomes.row(outcome))
        assert key not in found
        found[key] = requests
    return found


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
