"""Grids with steps, against what is found by asking what rules hold at each instant, in Python's own calendar."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import combinations, pairwise
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sla_audit.tally.slots import SlotGrid
from sla_audit.tally.steps import Steps

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MINUTE = 60 * 10**6
STEPS = [timedelta(minutes=1), timedelta(minutes=5), timedelta(hours=1)]
ZONES = [
    "Asia/Shanghai",
    "UTC",
    "America/New_York",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "America/St_Johns",
    "Africa/Cairo",
    "America/Havana",
    "Pacific/Apia",
]


def at(text: str, zone: str) -> int:
    """Read an instant: a moment with its offset, or a local one."""
    moment = datetime.fromisoformat(text)
    return micros(moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(zone)))


def micros(moment: datetime) -> int:
    return (moment - EPOCH) // timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("zone", "day", "five_minutes", "hours"),
    [
        ("Asia/Shanghai", "2026-10-05", 288, 24),
        ("America/New_York", "2026-03-08", 276, 23),
        ("America/New_York", "2026-11-01", 300, 25),
        ("Australia/Lord_Howe", "2026-10-04", 282, 24),  # half an hour less: the last hour of the day is short
        ("Australia/Lord_Howe", "2026-04-05", 294, 25),
        ("Africa/Cairo", "2026-04-24", 276, 23),  # the day begins at 01:00
    ],
)
def test_days_have_as_many_steps_as_real_time_gives_them(zone: str, day: str, five_minutes: int, hours: int) -> None:
    start, end = at(day, zone), at(str(date.fromisoformat(day) + timedelta(days=1)), zone)
    for step, expected in ((STEPS[1], five_minutes), (STEPS[2], hours)):
        grid = SlotGrid(ZoneInfo(zone), step=step)
        assert len(grid.edges(start, end - 1)) == expected + 1


def test_the_last_hour_of_a_day_is_short_where_the_zone_shifts_by_half_of_one() -> None:
    steps = Steps(ZoneInfo("Australia/Lord_Howe"), timedelta(hours=1))
    next_day = at("2026-10-05", "Australia/Lord_Howe")
    assert steps.of(next_day - 1) == (next_day - 30 * MINUTE, next_day)


class Slowly:
    """What a grid says of an instant."""

    def __init__(
        self, zone: str, step: timedelta, cuts: list[int], windows: list[tuple[int, int]], *, daily: bool
    ) -> None:
        self.zone, self.step, self.cuts, self.windows, self.daily = ZoneInfo(zone), step, cuts, windows, daily

    def day(self, instant: int) -> date:
        return (EPOCH + timedelta(microseconds=instant)).astimezone(self.zone).date()

    def midnight(self, day: date) -> int:
        return micros(datetime(day.year, day.month, day.day, tzinfo=self.zone))

    def step_of(self, instant: int) -> tuple[date, int]:
        day = self.day(instant)
        return day, timedelta(microseconds=instant - self.midnight(day)) // self.step

    def rules(self, instant: int) -> tuple[object, ...]:
        """Give the day or month, how many cuts of it lie behind, and which windows contain the instant."""
        day = self.day(instant)
        behind = sum(cut <= instant for cut in self.cuts)
        covering = frozenset(window for window in self.windows if window[0] <= instant < window[1])
        return (day.year, day.month, day.day if self.daily else 0), behind, covering

    def of_step(self, instant: int) -> tuple[int, int]:
        """Give the first stretch of the same step in which the same rules hold."""
        day, number = self.step_of(instant)
        length = self.step // timedelta(microseconds=1)
        start = self.midnight(day) + number * length
        return self.first(instant, [start, min(start + length, self.midnight(day + timedelta(days=1)))]) or (0, 0)

    def rest(self, instant: int) -> tuple[int, int]:
        """Give the first long stretch of the day or month in which the same rules hold; else that of the step."""
        day = self.day(instant) if self.daily else self.day(instant).replace(day=1)
        following = day + timedelta(days=1) if self.daily else (day + timedelta(days=32)).replace(day=1)
        ends = [self.midnight(day), self.midnight(following)]
        return self.first(instant, ends, longer_than=self.step // timedelta(microseconds=1)) or self.of_step(instant)

    def first(self, instant: int, ends: list[int], longer_than: int = 0) -> tuple[int, int] | None:
        """Give the first stretch between the ends, cut where rules change, in which the rules of an instant hold."""
        cuts = {*self.cuts, *(edge for window in self.windows for edge in window)}
        edges = sorted({*ends, *(cut for cut in cuts if ends[0] < cut < ends[1])})
        rules = self.rules(instant)
        fitting = (
            (start, end) for start, end in pairwise(edges) if self.rules(start) == rules and end - start > longer_than
        )
        return next(fitting, None)


FIRSTS = st.sampled_from(
    ["2026-03-08", "2026-11-01", "2026-10-04", "2026-04-05", "2026-04-24", "2026-10-31", "2027-01-01", "2011-12-30"]
)
OFFSETS = st.integers(-26 * 60, 50 * 60).map(lambda minutes: minutes * MINUTE) | st.integers(
    -2 * 1440 * MINUTE, 3 * 1440 * MINUTE
)
LENGTHS = st.sampled_from([1, 20 * 10**6, MINUTE, 3 * MINUTE, 5 * MINUTE, 7 * MINUTE, 60 * MINUTE, 1441 * MINUTE])
NEAR = st.integers(-10, 10).map(lambda minutes: minutes * MINUTE // 2)


@st.composite
def rules(draw: st.DrawFn) -> tuple[list[int], list[tuple[int, int]], list[int]]:
    """Draw cuts, windows and instants, many of them close to each other."""
    centres = draw(st.lists(OFFSETS, min_size=1, max_size=3))
    near = st.builds(lambda centre, off: centre + off, st.sampled_from(centres), NEAR)
    cuts = draw(st.lists(near, max_size=4))
    starts = draw(st.lists(st.tuples(near, LENGTHS), max_size=4))
    windows = [(start, start + length) for start, length in starts]
    edges = [*cuts, *(edge for window in windows for edge in window)]
    instants = draw(st.lists(near, min_size=1, max_size=4)) + [edge + off for edge in edges for off in (-1, 0)]
    return cuts, windows, instants


@given(st.sampled_from(ZONES), FIRSTS, st.sampled_from(STEPS), st.booleans(), rules())
def test_slots_of_steps_and_their_rests_are_those_that_the_rules_give(
    zone: str,
    first: str,
    step: timedelta,
    daily: bool,
    drawn: tuple[list[int], list[tuple[int, int]], list[int]],
) -> None:
    base = at(first, zone)
    cuts, windows, instants = drawn
    cuts, instants = [base + cut for cut in cuts], sorted({base + instant for instant in instants})
    windows = [(base + start, base + end) for start, end in windows]
    slowly = Slowly(zone, step, cuts, windows, daily=daily)

    grid = SlotGrid(
        ZoneInfo(zone),
        [EPOCH + timedelta(microseconds=cut) for cut in cuts],
        [(EPOCH + timedelta(microseconds=start), EPOCH + timedelta(microseconds=end)) for start, end in windows],
        daily=daily,
        step=step,
    )
    slots, positions = grid.slots_at(np.array(instants))
    rests, of_rests = grid.rests.slots_at(np.array(instants))

    length = step // timedelta(microseconds=1)
    for number, instant in enumerate(instants):
        slot, rest = slots[positions[number]], rests[of_rests[number]]
        assert slot == slowly.of_step(instant) == grid.slot(instant, instant)
        assert rest == slowly.rest(instant)
        assert slot[1] - slot[0] <= length
        assert rest == slot or rest[1] - rest[0] > length
        (of_slot,), _ = grid.rests.slots_at(np.array([slot[0]]))
        assert of_slot == rest  # whatever a slot stands for goes to one rest
        covering = {window for window in windows if window[0] <= rest[0] and rest[1] <= window[1]}
        assert covering == {window for window in windows if window[0] <= instant < window[1]}
    for earlier, later in combinations(instants, 2):
        alike = slowly.step_of(earlier) == slowly.step_of(later) and slowly.rules(earlier) == slowly.rules(later)
        assert (grid.slot(earlier, earlier) == grid.slot(later, later)) == alike


@given(st.sampled_from(ZONES), FIRSTS, st.sampled_from(STEPS), st.lists(OFFSETS, min_size=1, max_size=6))
def test_steps_begin_where_the_calendar_says(zone: str, first: str, step: timedelta, offsets: list[int]) -> None:
    base = at(first, zone)
    instants = np.array([base + offset for offset in offsets])
    slowly = Slowly(zone, step, [], [], daily=True)

    starts = Steps(ZoneInfo(zone), step).starts(instants).tolist()

    for instant, start in zip(instants.tolist(), starts, strict=True):
        day, number = slowly.step_of(instant)
        assert start == slowly.midnight(day) + number * (step // timedelta(microseconds=1))


def test_an_instant_of_another_year_does_not_cost_all_the_steps_since() -> None:
    grid = SlotGrid(ZoneInfo("America/New_York"), step=timedelta(minutes=1))
    instants = np.array([at("1970-01-02", "UTC"), at("2026-10-05T10:00:30", "UTC"), at("2199-12-30", "UTC")])
    slots, positions = grid.slots_at(instants)
    assert [slots[position] for position in positions] == [grid.slot(each, each) for each in instants.tolist()]


def test_a_slot_of_a_tally_is_kept_by_step_or_goes_to_what_holds_it() -> None:
    zone = "Asia/Shanghai"
    window = tuple(datetime.fromisoformat(f"2026-10-05T{time}+08:00") for time in ("10:00", "11:00"))
    day = at("2026-10-05", zone), at("2026-10-06", zone)
    step = at("2026-10-05T12:05", zone), at("2026-10-05T12:10", zone)
    part = at("2026-10-05T00:00", zone), at("2026-10-05T10:00", zone)
    by_day, by_month = (
        SlotGrid(ZoneInfo(zone), [], [window], daily=daily, step=timedelta(minutes=5)) for daily in (True, False)
    )
    for grid in (by_day, by_month):
        assert grid.fold(step) == step
        assert grid.fold(day) == day  # the window cuts it
    assert by_day.fold(part) == part
    assert by_month.fold(part) == (at("2026-10-01", zone), part[1])
