"""Slots: time cut at every midnight of a zone and at the edges of windows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import combinations, pairwise
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


def local(instant: str) -> datetime:
    """Read an instant of 2026 in Shanghai."""
    return datetime.fromisoformat(f"2026-{instant}+08:00")


def in_words(instant: int) -> str:
    return (EPOCH + timedelta(microseconds=instant)).astimezone(ZoneInfo("Asia/Shanghai")).strftime("%m-%dT%H:%M")


def grid_of_months(cuts: list[str], windows: list[tuple[str, str]]) -> SlotGrid:
    """Cut at months only, in words."""
    spans = [(local(starts_at), local(ends_at)) for starts_at, ends_at in windows]
    return SlotGrid(ZoneInfo("Asia/Shanghai"), [local(cut) for cut in cuts], spans, daily=False)


MONTHS = {
    "without windows a month is a slot, and no midnight cuts it": (
        [],
        [],
        ("10-03T00:00", "10-20T00:00"),
        [("10-01T00:00", "10-01T00:00", "11-01T00:00")],
    ),
    "without windows each stretch is its own slot": (
        ["10-10T00:00", "10-20T00:00"],
        [],
        ("10-01T00:00", "11-01T00:00"),
        [
            ("10-01T00:00", "10-01T00:00", "10-10T00:00"),
            ("10-10T00:00", "10-10T00:00", "10-20T00:00"),
            ("10-20T00:00", "10-20T00:00", "11-01T00:00"),
            ("11-01T00:00", "11-01T00:00", "12-01T00:00"),
        ],
    ),
    "before and after a window is one slot": (
        [],
        [("10-05T01:00", "10-05T03:00")],
        ("10-01T00:00", "10-31T00:00"),
        [
            ("10-01T00:00", "10-01T00:00", "10-05T01:00"),
            ("10-05T01:00", "10-05T01:00", "10-05T03:00"),
            ("10-05T03:00", "10-01T00:00", "10-05T01:00"),
        ],
    ),
    "what is asked for after a window alone is known by what comes before it": (
        [],
        [("10-05T01:00", "10-05T03:00")],
        ("10-07T00:00", "10-08T00:00"),
        [("10-05T03:00", "10-01T00:00", "10-05T01:00")],
    ),
    "a window from the month's start on: the rest is its own first": (
        [],
        [("10-01T00:00", "10-02T00:00"), ("10-03T00:00", "10-04T00:00")],
        ("10-01T00:00", "10-31T00:00"),
        [
            ("10-01T00:00", "10-01T00:00", "10-02T00:00"),
            ("10-02T00:00", "10-02T00:00", "10-03T00:00"),
            ("10-03T00:00", "10-03T00:00", "10-04T00:00"),
            ("10-04T00:00", "10-02T00:00", "10-03T00:00"),
        ],
    ),
    "two windows apart stay apart from each other": (
        [],
        [("10-05T00:00", "10-06T00:00"), ("10-08T00:00", "10-09T00:00")],
        ("10-01T00:00", "10-31T00:00"),
        [
            ("10-01T00:00", "10-01T00:00", "10-05T00:00"),
            ("10-05T00:00", "10-05T00:00", "10-06T00:00"),
            ("10-06T00:00", "10-01T00:00", "10-05T00:00"),
            ("10-08T00:00", "10-08T00:00", "10-09T00:00"),
            ("10-09T00:00", "10-01T00:00", "10-05T00:00"),
        ],
    ),
    "windows that touch": (
        [],
        [("10-05T00:00", "10-06T00:00"), ("10-06T00:00", "10-07T00:00")],
        ("10-01T00:00", "10-31T00:00"),
        [
            ("10-01T00:00", "10-01T00:00", "10-05T00:00"),
            ("10-05T00:00", "10-05T00:00", "10-06T00:00"),
            ("10-06T00:00", "10-06T00:00", "10-07T00:00"),
            ("10-07T00:00", "10-01T00:00", "10-05T00:00"),
        ],
    ),
    "windows that overlap": (
        [],
        [("10-05T00:00", "10-07T00:00"), ("10-06T00:00", "10-08T00:00")],
        ("10-01T00:00", "10-31T00:00"),
        [
            ("10-01T00:00", "10-01T00:00", "10-05T00:00"),
            ("10-05T00:00", "10-05T00:00", "10-06T00:00"),
            ("10-06T00:00", "10-06T00:00", "10-07T00:00"),
            ("10-07T00:00", "10-07T00:00", "10-08T00:00"),
            ("10-08T00:00", "10-01T00:00", "10-05T00:00"),
        ],
    ),
    "a window in a window: the outer one is one slot around it": (
        [],
        [("10-06T00:00", "10-07T00:00"), ("10-05T00:00", "10-08T00:00")],
        ("10-01T00:00", "10-31T00:00"),
        [
            ("10-01T00:00", "10-01T00:00", "10-05T00:00"),
            ("10-05T00:00", "10-05T00:00", "10-06T00:00"),
            ("10-06T00:00", "10-06T00:00", "10-07T00:00"),
            ("10-07T00:00", "10-05T00:00", "10-06T00:00"),
            ("10-08T00:00", "10-01T00:00", "10-05T00:00"),
        ],
    ),
    "a window that is given twice is one window": (
        [],
        [("10-05T00:00", "10-06T00:00")] * 2,
        ("10-01T00:00", "10-31T00:00"),
        [
            ("10-01T00:00", "10-01T00:00", "10-05T00:00"),
            ("10-05T00:00", "10-05T00:00", "10-06T00:00"),
            ("10-06T00:00", "10-01T00:00", "10-05T00:00"),
        ],
    ),
    "a window over a month's end is a slot in each month": (
        [],
        [("10-30T00:00", "11-02T00:00")],
        ("10-01T00:00", "11-30T00:00"),
        [
            ("10-01T00:00", "10-01T00:00", "10-30T00:00"),
            ("10-30T00:00", "10-30T00:00", "11-01T00:00"),
            ("11-01T00:00", "11-01T00:00", "11-02T00:00"),
            ("11-02T00:00", "11-02T00:00", "12-01T00:00"),
        ],
    ),
    "a window over several months": (
        [],
        [("09-15T00:00", "12-15T00:00"), ("10-05T00:00", "10-06T00:00")],
        ("10-01T00:00", "11-30T00:00"),
        [
            ("10-01T00:00", "10-01T00:00", "10-05T00:00"),
            ("10-05T00:00", "10-05T00:00", "10-06T00:00"),
            ("10-06T00:00", "10-01T00:00", "10-05T00:00"),
            ("11-01T00:00", "11-01T00:00", "12-01T00:00"),
        ],
    ),
    "a window that ends with the month, and one that begins with it": (
        [],
        [("10-30T00:00", "11-01T00:00"), ("12-01T00:00", "12-02T00:00")],
        ("10-01T00:00", "12-05T00:00"),
        [
            ("10-01T00:00", "10-01T00:00", "10-30T00:00"),
            ("10-30T00:00", "10-30T00:00", "11-01T00:00"),
            ("11-01T00:00", "11-01T00:00", "12-01T00:00"),
            ("12-01T00:00", "12-01T00:00", "12-02T00:00"),
            ("12-02T00:00", "12-02T00:00", "01-01T00:00"),
        ],
    ),
    "a month without windows among others with some": (
        [],
        [("09-05T00:00", "09-06T00:00"), ("11-05T00:00", "11-06T00:00")],
        ("10-05T00:00", "10-06T00:00"),
        [("10-01T00:00", "10-01T00:00", "11-01T00:00")],
    ),
    "a cut keeps apart what no window does": (
        ["10-10T00:00"],
        [("10-05T00:00", "10-06T00:00"), ("10-15T00:00", "10-16T00:00")],
        ("10-01T00:00", "10-31T00:00"),
        [
            ("10-01T00:00", "10-01T00:00", "10-05T00:00"),
            ("10-05T00:00", "10-05T00:00", "10-06T00:00"),
            ("10-06T00:00", "10-01T00:00", "10-05T00:00"),
            ("10-10T00:00", "10-10T00:00", "10-15T00:00"),
            ("10-15T00:00", "10-15T00:00", "10-16T00:00"),
            ("10-16T00:00", "10-10T00:00", "10-15T00:00"),
        ],
    ),
    "a cut inside a window": (
        ["10-06T00:00"],
        [("10-05T00:00", "10-07T00:00")],
        ("10-01T00:00", "10-31T00:00"),
        [
            ("10-01T00:00", "10-01T00:00", "10-05T00:00"),
            ("10-05T00:00", "10-05T00:00", "10-06T00:00"),
            ("10-06T00:00", "10-06T00:00", "10-07T00:00"),
            ("10-07T00:00", "10-07T00:00", "11-01T00:00"),
        ],
    ),
    "a cut where a window ends keeps before and after apart": (
        ["10-06T00:00"],
        [("10-05T00:00", "10-06T00:00")],
        ("10-01T00:00", "10-31T00:00"),
        [
            ("10-01T00:00", "10-01T00:00", "10-05T00:00"),
            ("10-05T00:00", "10-05T00:00", "10-06T00:00"),
            ("10-06T00:00", "10-06T00:00", "11-01T00:00"),
        ],
    ),
    "a cut on the first of a month changes nothing": (
        ["10-01T00:00", "11-01T00:00"],
        [("10-05T00:00", "10-06T00:00")],
        ("10-01T00:00", "10-31T00:00"),
        [
            ("10-01T00:00", "10-01T00:00", "10-05T00:00"),
            ("10-05T00:00", "10-05T00:00", "10-06T00:00"),
            ("10-06T00:00", "10-01T00:00", "10-05T00:00"),
        ],
    ),
}


@pytest.mark.parametrize(("cuts", "windows", "instants", "expected"), MONTHS.values(), ids=MONTHS)
def test_the_slots_of_stretches_that_only_windows_set_apart(
    cuts: list[str], windows: list[tuple[str, str]], instants: tuple[str, str], expected: list[tuple[str, str, str]]
) -> None:
    """Each stretch is told by its start, and its slot by its start and end."""
    grid = grid_of_months(cuts, windows)
    found = grid.edges(*(microseconds(local(instant).isoformat()) for instant in instants))
    slots = [(in_words(starts_at), in_words(ends_at)) for starts_at, ends_at in grid.slots(found)]
    starts = [in_words(edge) for edge in found[:-1].tolist()]
    assert [(start, *slot) for start, slot in zip(starts, slots, strict=True)] == expected


@pytest.mark.parametrize(
    ("earliest", "latest", "slot"),
    [
        ("10-02T00:00", "10-03T00:00", "10-01T00:00"),
        ("10-02T00:00", "10-04T23:59", "10-01T00:00"),
        ("10-02T00:00", "10-05T00:00", None),
        ("10-05T00:00", "10-05T23:59", "10-05T00:00"),
        ("10-05T00:00", "10-06T00:00", None),
        ("10-02T00:00", "10-07T00:00", None),
        ("10-06T00:00", "10-09T23:59", "10-01T00:00"),
        ("10-06T00:00", "10-10T00:00", None),
        ("10-10T00:00", "10-31T23:59", "10-10T00:00"),
        ("10-10T00:00", "11-01T00:00", None),
        ("11-01T00:00", "11-30T23:59", "11-01T00:00"),
    ],
)
def test_instants_lie_in_one_slot_only_if_all_between_them_do(earliest: str, latest: str, slot: str | None) -> None:
    grid = grid_of_months(["10-10T00:00"], [("10-05T00:00", "10-06T00:00")])
    found = grid.slot(*(microseconds(local(instant).isoformat()) for instant in (earliest, latest)))
    assert (found and in_words(found[0])) == slot


def test_days_stay_apart_where_they_are_asked_for() -> None:
    window = (local("10-05T01:00"), local("10-06T03:00"))
    grid = SlotGrid(ZoneInfo("Asia/Shanghai"), [], [window])
    edges_found = grid.edges(*(microseconds(local(instant).isoformat()) for instant in ("10-05T00:00", "10-06T12:00")))
    assert grid.slots(edges_found) == list(pairwise(edges_found.tolist()))
    assert len(edges_found) == 5


class Slowly:
    """What `SlotGrid` says of an instant, found by asking what rules hold at it and at every edge before it."""

    def __init__(self, zone: ZoneInfo, cuts: list[int], windows: list[tuple[int, int]]) -> None:
        self.zone, self.cuts, self.windows = zone, cuts, windows
        months = [datetime(year, month, 1, tzinfo=zone) for year in range(2009, 2031) for month in range(1, 13)]
        firsts = [(first - EPOCH) // timedelta(microseconds=1) for first in months]
        self.edges = sorted({*firsts, *cuts, *(edge for window in windows for edge in window)})

    def rules(self, instant: int) -> tuple[int, int, int, set[tuple[int, int]]]:
        """Give the month, how many cuts lie behind, and which windows contain the instant."""
        day = (EPOCH + timedelta(microseconds=instant)).astimezone(self.zone)
        behind = sum(cut <= instant for cut in self.cuts)
        return day.year, day.month, behind, {window for window in self.windows if window[0] <= instant < window[1]}

    def slot(self, instant: int) -> tuple[int, int]:
        """Give the first stretch of which the same rules hold."""
        rules = self.rules(instant)
        return next((start, end) for start, end in pairwise(self.edges) if self.rules(start) == rules)


HOUR = 3_600_000_000
OFFSETS = st.integers(-6, 12).map(lambda steps: steps * 6 * DAY) | st.integers(-36 * DAY, 72 * DAY)  # some coincide
SPANS = st.tuples(OFFSETS, st.sampled_from([1, HOUR, 6 * DAY, 12 * DAY, 40 * DAY]))
FIRSTS = st.builds(
    lambda year, month: datetime(year, month, 1, tzinfo=UTC), st.integers(2010, 2029), st.integers(1, 12)
)
NEARBY = st.lists(st.tuples(OFFSETS, st.sampled_from([-1, 0, 1])).map(sum), min_size=2, max_size=6)


@given(st.sampled_from(ZONES), FIRSTS, st.lists(OFFSETS, max_size=3), st.lists(SPANS, max_size=5), NEARBY)
def test_instants_share_a_slot_if_and_only_if_the_same_rules_hold(
    zone: str, first: datetime, cuts: list[int], spans: list[tuple[int, int]], nearby: list[int]
) -> None:
    base = (first.replace(tzinfo=ZoneInfo(zone)) - EPOCH) // timedelta(microseconds=1)
    cuts = [base + cut for cut in cuts]
    windows = [(base + start, base + start + length) for start, length in spans]
    instants = sorted({base + instant for instant in nearby} | {edge for window in windows for edge in window})
    slowly = Slowly(ZoneInfo(zone), cuts, windows)
    moments = [EPOCH + timedelta(microseconds=cut) for cut in cuts]
    spans_of_time = [tuple(EPOCH + timedelta(microseconds=edge) for edge in window) for window in windows]

    grid = SlotGrid(ZoneInfo(zone), moments, spans_of_time, daily=False)
    slots = {instant: grid.slot(instant, instant) for instant in instants}

    for instant, slot in slots.items():
        assert slot == slowly.slot(instant)
        covering = {window for window in windows if window[0] <= slot[0] and slot[1] <= window[1]}
        assert covering == {window for window in windows if window[0] <= instant < window[1]}
    for earlier, later in combinations(instants, 2):
        assert (slots[earlier] == slots[later]) == (slowly.rules(earlier) == slowly.rules(later))
        met = {earlier, *(edge for edge in slowly.edges if earlier < edge <= later)}
        same = all(slowly.rules(instant) == slowly.rules(earlier) for instant in met)
        assert grid.slot(earlier, later) == (slots[earlier] if same else None)


@given(st.sampled_from(ZONES), FIRSTS, st.lists(SPANS, max_size=5), OFFSETS, OFFSETS)
def test_a_stretch_has_the_same_slot_whatever_else_is_asked_for(
    zone: str, first: datetime, spans: list[tuple[int, int]], one: int, other: int
) -> None:
    base = (first - EPOCH) // timedelta(microseconds=1)
    windows = [
        (EPOCH + timedelta(microseconds=base + start), EPOCH + timedelta(microseconds=base + start + length))
        for start, length in spans
    ]
    grid = SlotGrid(ZoneInfo(zone), (), windows, daily=False)

    found = grid.edges(base + min(one, other), base + max(one, other))

    for edge, slot in zip(found.tolist(), grid.slots(found), strict=False):
        assert SlotGrid(ZoneInfo(zone), (), windows, daily=False).slot(edge, edge) == slot
