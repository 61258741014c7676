"""Slots: time cut at every midnight of a zone and at the edges of windows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sla_audit.tally.slots import SlotGrid

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def microseconds(instant: str) -> int:
    return (datetime.fromisoformat(instant) - EPOCH) // timedelta(microseconds=1)


def edges(zone: str, cuts: list[str], earliest: str, latest: str) -> list[str]:
    """Ask for the edges in words, and get them in words."""
    grid = SlotGrid(ZoneInfo(zone), [datetime.fromisoformat(cut) for cut in cuts])
    found = grid.edges(microseconds(earliest), microseconds(latest)).tolist()
    return [(EPOCH + timedelta(microseconds=edge)).isoformat().removesuffix("+00:00") + "Z" for edge in found]


CASES = {
    "a day in Shanghai starts at 16:00 UTC of the day before": (
        "Asia/Shanghai",
        [],
        ("2026-10-01T05:00:00Z", "2026-10-01T05:00:00Z"),
        ["2026-09-30T16:00:00Z", "2026-10-01T16:00:00Z"],
    ),
    "its first microsecond": (
        "Asia/Shanghai",
        [],
        ("2026-09-30T16:00:00Z", "2026-09-30T16:00:00Z"),
        ["2026-09-30T16:00:00Z", "2026-10-01T16:00:00Z"],
    ),
    "the microsecond before it is of the day before": (
        "Asia/Shanghai",
        [],
        ("2026-09-30T15:59:59.999999Z", "2026-09-30T15:59:59.999999Z"),
        ["2026-09-29T16:00:00Z", "2026-09-30T16:00:00Z"],
    ),
    "its last microsecond": (
        "Asia/Shanghai",
        [],
        ("2026-10-01T15:59:59.999999Z", "2026-10-01T15:59:59.999999Z"),
        ["2026-09-30T16:00:00Z", "2026-10-01T16:00:00Z"],
    ),
    "two microseconds on both sides of a midnight touch two days": (
        "Asia/Shanghai",
        [],
        ("2026-09-30T15:59:59.999999Z", "2026-09-30T16:00:00Z"),
        ["2026-09-29T16:00:00Z", "2026-09-30T16:00:00Z", "2026-10-01T16:00:00Z"],
    ),
    "three days across the end of a year": (
        "Asia/Shanghai",
        [],
        ("2026-12-30T16:00:00Z", "2027-01-02T15:59:59Z"),
        ["2026-12-30T16:00:00Z", "2026-12-31T16:00:00Z", "2027-01-01T16:00:00Z", "2027-01-02T16:00:00Z"],
    ),
    "a window cuts a day in three": (
        "Asia/Shanghai",
        ["2026-10-01T01:00:00+08:00", "2026-10-01T03:00:00+08:00"],
        ("2026-09-30T16:00:00Z", "2026-10-01T15:59:59Z"),
        ["2026-09-30T16:00:00Z", "2026-09-30T17:00:00Z", "2026-09-30T19:00:00Z", "2026-10-01T16:00:00Z"],
    ),
    "an instant at the start of a window lies in it": (
        "Asia/Shanghai",
        ["2026-10-01T01:00:00+08:00", "2026-10-01T03:00:00+08:00"],
        ("2026-09-30T17:00:00Z", "2026-09-30T17:00:00Z"),
        ["2026-09-30T17:00:00Z", "2026-09-30T19:00:00Z"],
    ),
    "the microsecond before a window lies outside it": (
        "Asia/Shanghai",
        ["2026-10-01T01:00:00+08:00", "2026-10-01T03:00:00+08:00"],
        ("2026-09-30T16:59:59.999999Z", "2026-09-30T16:59:59.999999Z"),
        ["2026-09-30T16:00:00Z", "2026-09-30T17:00:00Z"],
    ),
    "the last microsecond of a window lies in it": (
        "Asia/Shanghai",
        ["2026-10-01T01:00:00+08:00", "2026-10-01T03:00:00+08:00"],
        ("2026-09-30T18:59:59.999999Z", "2026-09-30T18:59:59.999999Z"),
        ["2026-09-30T17:00:00Z", "2026-09-30T19:00:00Z"],
    ),
    "an instant at the end of a window lies outside it": (
        "Asia/Shanghai",
        ["2026-10-01T01:00:00+08:00", "2026-10-01T03:00:00+08:00"],
        ("2026-09-30T19:00:00Z", "2026-09-30T19:00:00Z"),
        ["2026-09-30T19:00:00Z", "2026-10-01T16:00:00Z"],
    ),
    "a window of one microsecond": (
        "Asia/Shanghai",
        ["2026-10-01T05:00:00.000001Z", "2026-10-01T05:00:00.000002Z"],
        ("2026-10-01T05:00:00Z", "2026-10-01T05:00:00.000002Z"),
        [
            "2026-09-30T16:00:00Z",
            "2026-10-01T05:00:00.000001Z",
            "2026-10-01T05:00:00.000002Z",
            "2026-10-01T16:00:00Z",
        ],
    ),
    "a window over several days is cut at each midnight": (
        "Asia/Shanghai",
        ["2026-10-01T12:00:00Z", "2026-10-03T12:00:00Z"],
        ("2026-10-01T12:00:00Z", "2026-10-03T11:59:59Z"),
        ["2026-10-01T12:00:00Z", "2026-10-01T16:00:00Z", "2026-10-02T16:00:00Z", "2026-10-03T12:00:00Z"],
    ),
    "cuts that overlap, repeat, come in no order, or fall on a midnight": (
        "Asia/Shanghai",
        [
            "2026-10-01T05:00:00Z",
            "2026-10-01T02:00:00Z",
            "2026-10-01T10:00:00+05:00",
            "2026-10-01T00:00:00+08:00",
            "2026-10-02T00:00:00+08:00",
        ],
        ("2026-09-30T16:00:00Z", "2026-10-01T15:00:00Z"),
        ["2026-09-30T16:00:00Z", "2026-10-01T02:00:00Z", "2026-10-01T05:00:00Z", "2026-10-01T16:00:00Z"],
    ),
    "cuts of other days change nothing": (
        "Asia/Shanghai",
        ["2026-09-01T00:00:00Z", "2026-11-01T00:00:00Z"],
        ("2026-10-01T05:00:00Z", "2026-10-01T06:00:00Z"),
        ["2026-09-30T16:00:00Z", "2026-10-01T16:00:00Z"],
    ),
    "a window that holds the whole day changes nothing": (
        "Asia/Shanghai",
        ["2026-09-01T00:00:00Z", "2026-11-01T00:00:00Z", "2026-10-05T00:00:00Z"],
        ("2026-10-01T16:00:00Z", "2026-10-02T15:59:59.999999Z"),
        ["2026-10-01T16:00:00Z", "2026-10-02T16:00:00Z"],
    ),
    "UTC": (
        "UTC",
        [],
        ("2028-02-29T23:59:59.999999Z", "2028-03-01T00:00:00Z"),
        ["2028-02-29T00:00:00Z", "2028-03-01T00:00:00Z", "2028-03-02T00:00:00Z"],
    ),
    "New York: the day on which the clock goes forward has 23 hours": (
        "America/New_York",
        [],
        ("2026-03-08T05:00:00Z", "2026-03-09T03:59:59.999999Z"),
        ["2026-03-08T05:00:00Z", "2026-03-09T04:00:00Z"],
    ),
    "New York: the day on which the clock goes back has 25 hours": (
        "America/New_York",
        [],
        ("2026-11-01T04:00:00Z", "2026-11-02T04:59:59.999999Z"),
        ["2026-11-01T04:00:00Z", "2026-11-02T05:00:00Z"],
    ),
    "New York: a cut between the two passes of the repeated hour": (
        "America/New_York",
        ["2026-11-01T01:30:00-05:00"],
        ("2026-11-01T05:30:00Z", "2026-11-01T06:30:00Z"),
        ["2026-11-01T04:00:00Z", "2026-11-01T06:30:00Z", "2026-11-02T05:00:00Z"],
    ),
    "Sao Paulo: a day whose midnight the clock skips starts at 01:00": (
        "America/Sao_Paulo",
        [],
        ("2018-11-04T02:59:59.999999Z", "2018-11-04T03:00:00Z"),
        ["2018-11-03T03:00:00Z", "2018-11-04T03:00:00Z", "2018-11-05T02:00:00Z"],
    ),
    "Sao Paulo: a day whose last hour is repeated ends once": (
        "America/Sao_Paulo",
        [],
        ("2018-02-18T01:30:00Z", "2018-02-18T02:30:00Z"),
        ["2018-02-17T02:00:00Z", "2018-02-18T03:00:00Z"],
    ),
    "Havana: a midnight that comes twice is cut at the first": (
        "America/Havana",
        [],
        ("2026-11-01T04:30:00Z", "2026-11-01T05:30:00Z"),
        ["2026-11-01T04:00:00Z", "2026-11-02T05:00:00Z"],
    ),
    "Apia: the day that was left out has no slot": (
        "Pacific/Apia",
        [],
        ("2011-12-30T09:59:59.999999Z", "2011-12-30T10:00:00Z"),
        ["2011-12-29T10:00:00Z", "2011-12-30T10:00:00Z", "2011-12-31T10:00:00Z"],
    ),
}


@pytest.mark.parametrize(("zone", "cuts", "instants", "expected"), CASES.values(), ids=CASES)
def test_the_edges_of_the_slots_that_instants_meet(
    zone: str, cuts: list[str], instants: tuple[str, str], expected: list[str]
) -> None:
    assert edges(zone, cuts, *instants) == expected


ZONES = (
    "Asia/Shanghai",
    "America/New_York",
    "America/Sao_Paulo",
    "America/Havana",
    "Australia/Lord_Howe",
    "Asia/Kolkata",
)
INSTANTS = st.integers(microseconds("2010-01-01T00:00:00Z"), microseconds("2030-01-01T00:00:00Z"))
DAY = 86_400_000_000


@given(
    st.sampled_from(ZONES),
    INSTANTS,
    st.integers(0, 40 * DAY),
    st.lists(st.integers(-2 * DAY, 42 * DAY), max_size=6),
)
def test_slots_cover_the_time_without_gaps_and_no_rule_changes_within_one(
    zone: str, earliest: int, length: int, cuts: list[int]
) -> None:
    moments = [EPOCH + timedelta(microseconds=earliest + cut) for cut in cuts]
    latest = earliest + length

    found = SlotGrid(ZoneInfo(zone), moments).edges(earliest, latest).tolist()

    assert found[0] <= earliest < found[1]
    assert found[-2] <= latest < found[-1]
    for start, end in pairwise(found):
        assert start < end
        assert not any(start < earliest + cut < end for cut in cuts)
        first, last = (
            (EPOCH + timedelta(microseconds=instant)).astimezone(ZoneInfo(zone)).date() for instant in (start, end - 1)
        )
        assert first == last


@given(st.sampled_from(ZONES), INSTANTS, st.lists(INSTANTS, max_size=4))
def test_an_instant_has_the_same_slot_whatever_else_is_asked_for(zone: str, instant: int, cuts: list[int]) -> None:
    grid = SlotGrid(ZoneInfo(zone), [EPOCH + timedelta(microseconds=cut) for cut in cuts])

    alone = grid.edges(instant, instant).tolist()
    among = grid.edges(instant - 3 * DAY, instant + 3 * DAY).tolist()

    assert len(alone) == 2
    assert tuple(alone) in set(pairwise(among))
