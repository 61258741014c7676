"""Ids that are most likely one, spelt in two ways."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sla_audit.judge.completeness import one_letter
from sla_audit.judge.completeness.near_ids import nearest

NEAR: dict[str, tuple[str, str, str]] = {
    "capitals": ("Acct-A", "acct-a", "letter_case"),
    "a space within": ("acct 1", "acct1", "spaces"),
    "a no-break space within": ("acct\u00a01", "acct1", "spaces"),
    "leading zeros": ("007", "7", "leading_zeros"),
    "leading zeros behind letters": ("acct-0012", "acct-12", "leading_zeros"),
    "full-width letters": ("\uff41cct-1", "acct-1", "full_width"),
    "full-width digits": ("acct-\uff11\uff12", "acct-12", "full_width"),
    "capitals and zeros": ("ACCT-01", "acct-1", "several"),
    "another letter": ("acct-a", "acct-b", "one_letter"),
    "a letter for a digit": ("acct-O1", "acct-01", "one_letter"),
    "a letter more": ("acctt-1", "acct-1", "one_letter"),
    "a letter less": ("act-1", "acct-1", "one_letter"),
    "another character of Chinese": ("甲乙", "甲丙", "one_letter"),
}
FAR = {
    "another number": ("acct-1", "acct-2"),
    "a longer number": ("acct-1", "acct-12"),
    "two letters": ("acct-ab", "acct-cd"),
    "letters that changed places": ("acct-ab", "acct-ba"),
    "zeros that are not leading": ("acct-10", "acct-100"),
}


@pytest.mark.parametrize(("one", "other", "difference"), NEAR.values(), ids=NEAR)
def test_what_is_near_and_why(one: str, other: str, difference: str) -> None:
    others = [other, "somebody else"]
    assert nearest(pl.Series([one]), pl.Series(others)) == {one: (other, difference)}
    assert nearest(pl.Series(others), pl.Series([one])) == {other: (one, difference)}


@pytest.mark.parametrize(("one", "other"), FAR.values(), ids=FAR)
def test_what_is_not(one: str, other: str) -> None:
    assert nearest(pl.Series([one]), pl.Series([other])) == {}


def test_by_a_letter_only_where_no_third_is_so_near() -> None:
    assert nearest(pl.Series(["acct-x"]), pl.Series(["acct-y", "acct-z"])) == {}
    assert nearest(pl.Series(["acct-y", "acct-z"]), pl.Series(["acct-x"])) == {}


def test_one_that_is_spelt_otherwise_is_no_longer_a_letter_from_others() -> None:
    near = nearest(pl.Series(["Acct-x", "acct-y"]), pl.Series(["acct-x"]))
    assert near == {"Acct-x": ("acct-x", "letter_case")}


def test_nobody_is_near_nobody() -> None:
    none = pl.Series([], dtype=pl.String)
    assert nearest(none, none) == nearest(pl.Series(["a"]), none) == nearest(none, pl.Series(["a"])) == {}


IDS = st.lists(st.text("ab1é", max_size=4), max_size=12, unique=True)


@given(IDS, IDS)
def test_pairs_are_those_that_a_slow_look_at_all_of_them_finds(ours: list[str], theirs: list[str]) -> None:
    theirs = [each for each in theirs if each not in ours]
    near = [(one, other) for one in ours for other in theirs if is_near(one, other)]
    expected = {
        (one, other)
        for one, other in near
        if sum(one == mine for mine, _ in near) == sum(other == yours for _, yours in near) == 1
    }
    assert set(one_letter.pairs(ours, theirs)) == expected


def is_near(one: str, other: str) -> bool:
    if not one or not other:
        return False
    substituted = any(
        one[:at] == other[:at] and one[at + 1 :] == other[at + 1 :] and not (one[at].isdigit() and other[at].isdigit())
        for at in range(min(len(one), len(other)))
        if len(one) == len(other)
    )
    left_out = any(
        long[:at] + long[at + 1 :] == short and not long[at].isdigit()
        for short, long in ((one, other), (other, one))
        for at in range(len(long))
    )
    return substituted or left_out
