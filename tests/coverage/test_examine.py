"""Whether logs are whole: cases at, below and above every threshold, and properties against a slow oracle."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import polars as pl
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sla_audit.coverage.examine import AuditedCycle, audited_cycles, examine_coverage
from sla_audit.coverage.notices import coverage_notices
from sla_audit.model.calendar import INSTALLED, WorkingDays
from sla_audit.model.coverage import Coverage
from sla_audit.model.instant import microseconds, moment
from sla_audit.model.month import Month
from sla_audit.tally.timeline import Timeline, add_up
from tests.oracles.coverage import Oracle

SHANGHAI = ZoneInfo("Asia/Shanghai")
OCTOBER = AuditedCycle("2026-10", date(2026, 10, 1), date(2026, 10, 31))
ALL_ALIKE = WorkingDays({date(2026, 1, 1) + timedelta(days=number): True for number in range(365)})

Load = Callable[[date, int], int]
"""How many rows an hour of a day has."""


def log(load: Load, cycle: AuditedCycle = OCTOBER, zone: ZoneInfo = SHANGHAI) -> list[datetime]:
    """Make the rows of a cycle, spread evenly over each hour of the clock; hours that are skipped have none."""
    rows = []
    for day in cycle.days:
        at = datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)
        while (clock := at.astimezone(zone)).date() == day:
            number = load(day, clock.hour)
            rows += [at + timedelta(hours=1) * part / number for part in range(number)]
            at += timedelta(hours=1)
    return rows


def without(rows: Iterable[datetime], *holes: tuple[str, str], zone: ZoneInfo = SHANGHAI) -> list[datetime]:
    """Take the rows of some stretches away: from and to, in local time."""
    edges = [tuple(datetime.fromisoformat(edge).replace(tzinfo=zone) for edge in hole) for hole in holes]
    return [row for row in rows if not any(since <= row < until for since, until in edges)]


def times(rows: Sequence[datetime]) -> pl.DataFrame:
    timeline = Timeline()
    timeline.add(pa.RecordBatch.from_pydict({"timestamp": pa.array(rows, pa.timestamp("us", "UTC"))}))
    return timeline.pieces()


def examine(
    rows: Sequence[datetime],
    *cycles: AuditedCycle,
    zone: ZoneInfo = SHANGHAI,
    days: WorkingDays = INSTALLED,
) -> Coverage:
    return examine_coverage(times(rows), {}, cycles or [OCTOBER], days, zone)


def told(coverage: Coverage, zone: ZoneInfo = SHANGHAI) -> list[str]:
    """Write findings down: `gap`, or the edge at which a log is cut short, from and to; thin days."""
    empty = sorted((*coverage.gaps, *coverage.cut_short), key=lambda gap: gap.starts_at)
    edges = [[f"{moment(edge, zone):%m-%d %H:%M}" for edge in (gap.starts_at, gap.ends_at)] for gap in empty]
    shown = [f"{gap.edge or 'gap'} {since} {until}" for gap, (since, until) in zip(empty, edges, strict=True)]
    return [*shown, *(f"thin {thin.day:%m-%d} {thin.rows} of {thin.usual}" for thin in coverage.thin_days)]


def steady(day: date, hour: int) -> int:
    return 60


def office(day: date, hour: int) -> int:
    return 100 if 9 <= hour < 18 and INSTALLED.is_working_day(day) else 0


HOLES = [
    ("a whole log has nothing to tell", steady, [], []),
    ("an hour", steady, [("2026-10-14T10:00", "2026-10-14T11:00")], ["gap 10-14 10:00 10-14 11:00"]),
    ("an hour that is not of the clock", steady, [("2026-10-14T10:30", "2026-10-14T11:30")],
     ["gap 10-14 10:30 10-14 11:30"]),
    ("a quarter less than an hour", steady, [("2026-10-14T10:00", "2026-10-14T10:59")], []),
    ("hours that touch are one stretch", steady,
     [("2026-10-14T22:00", "2026-10-15T00:00"), ("2026-10-15T00:00", "2026-10-15T03:00")],
     ["gap 10-14 22:00 10-15 03:00"]),
    ("two stretches", steady, [("2026-10-14T22:00", "2026-10-14T23:00"), ("2026-10-15T00:00", "2026-10-15T03:00")],
     ["gap 10-14 22:00 10-14 23:00", "gap 10-15 00:00 10-15 03:00"]),
    ("a day", steady, [("2026-10-14T00:00", "2026-10-15T00:00")], ["gap 10-14 00:00 10-15 00:00"]),
    ("half a month", steady, [("2026-10-09T10:00", "2026-10-25T13:00")], ["gap 10-09 10:00 10-25 13:00"]),
    ("the first hours", steady, [("2026-10-01T00:00", "2026-10-01T08:15")], ["beginning 10-01 00:00 10-01 08:15"]),
    ("the last day", steady, [("2026-10-31T00:00", "2026-11-01T00:00")], ["end 10-31 00:00 11-01 00:00"]),
    ("a holiday week, and no day off to compare it with", steady,
     [("2026-10-01T00:00", "2026-10-08T00:00"), ("2026-10-10T00:00", "2026-11-01T00:00")],
     ["end 10-10 00:00 11-01 00:00"]),
    ("all but one day", steady, [("2026-10-01T00:00", "2026-10-09T00:00"), ("2026-10-10T00:00", "2026-11-01T00:00")],
     ["beginning 10-01 00:00 10-09 00:00", "end 10-10 00:00 11-01 00:00"]),
    ("a log without any row of the cycle", steady, [("2026-10-01T00:00", "2026-11-01T00:00")],
     ["whole 10-01 00:00 11-01 00:00"]),
    ("nights, weekends and holidays of an office", office, [], []),
    ("an afternoon of an office", office, [("2026-10-14T12:00", "2026-10-15T00:00")], ["gap 10-14 12:00 10-15 09:00"]),
    ("a Saturday on which an office works", office, [("2026-10-10T00:00", "2026-10-11T00:00")],
     ["gap 10-09 18:00 10-12 09:00"]),
    ("49 rows in an hour", lambda day, hour: 49, [("2026-10-14T10:00", "2026-10-14T11:00")], []),
    ("50 rows in an hour", lambda day, hour: 50, [("2026-10-14T10:00", "2026-10-14T11:00")],
     ["gap 10-14 10:00 10-14 11:00"]),
    ("48 rows in a day", lambda day, hour: 2, [("2026-10-14T00:00", "2026-10-15T00:00")], []),
    ("50 rows in a day and an hour", lambda day, hour: 2, [("2026-10-14T00:00", "2026-10-15T01:00")],
     ["gap 10-13 23:45 10-15 01:00"]),
    ("a batch every Monday", lambda day, hour: 5000 if day.weekday() == 0 and hour == 3 else 0, [], []),
    ("twenty requests a month", lambda day, hour: hour == 12 and day.day % 3 == 0, [], []),
    ("49 requests, all on one day", lambda day, hour: 49 * (hour == 12 and day.day == 9), [], []),
]  # fmt: skip


@pytest.mark.parametrize(("load", "holes", "expected"), [hole[1:] for hole in HOLES], ids=[hole[0] for hole in HOLES])
def test_empty_stretches(load: Load, holes: list[tuple[str, str]], expected: list[str]) -> None:
    assert told(examine(without(log(load), *holes))) == expected


THIN = [
    # rows on the 14th, rows on other days, found
    (250, 1000, None),
    (249, 1000, (249, 1000)),
    (1, 1000, (1, 1000)),
    (16, 66, (16, 66)),
    (16, 65, None),  # 49 are missing
    (12, 50, None),
    (1, 51, (1, 51)),
]


@pytest.mark.parametrize(("rows", "others", "found"), THIN)
def test_thin_days(rows: int, others: int, found: tuple[int, int] | None) -> None:
    def spread(day: date) -> list[datetime]:
        number = rows if day.day == 14 else others
        start = datetime(2026, 10, day.day, tzinfo=SHANGHAI)
        return [start + timedelta(days=1) * part / number for part in range(number)]

    # No stretch of it is empty for long: a row in every hour, of another log, does not change the comparison much.
    coverage = examine([row for day in OCTOBER.days for row in spread(day)], days=ALL_ALIKE)
    thin = [(each.day.day, each.rows, each.usual) for each in coverage.thin_days]
    if coverage.gaps:
        assert found is not None
        assert thin == []  # the empty hours tell of the same day
    else:
        assert thin == ([] if found is None else [(14, *found)])


def test_a_day_on_which_half_of_the_days_like_it_have_few_rows_is_not_thin() -> None:
    grown = examine(log(lambda day, hour: 10 if day.day < 15 else 100))
    assert [thin.day.day for thin in grown.thin_days] == [11, 14]  # the last of each kind before it grew


GROWTH = [(20, []), (8, [])]


@pytest.mark.parametrize(("percent", "expected"), GROWTH)
def test_steady_growth_makes_no_day_thin(percent: int, expected: list[str]) -> None:
    assert told(examine(log(lambda day, hour: 20 * (100 + percent) ** day.day // 100**day.day))) == expected


ZONES = [
    # a zone, a cycle, a hole in local time, what is told
    ("Asia/Kolkata", "2026-10", ("2026-10-14T10:00", "2026-10-14T11:00"), ["gap 10-14 10:00 10-14 11:00"]),
    ("Asia/Kathmandu", "2026-10", ("2026-10-14T00:00", "2026-10-14T01:00"), ["gap 10-14 00:00 10-14 01:00"]),
    ("Australia/Lord_Howe", "2026-10", ("2026-10-31T20:00", "2026-11-01T00:00"), ["end 10-31 20:00 11-01 00:00"]),
    ("Europe/Berlin", "2026-03", ("2026-03-29T00:00", "2026-03-30T00:00"), ["gap 03-29 00:00 03-30 00:00"]),
    ("Europe/Berlin", "2026-10", ("2026-10-25T00:00", "2026-10-26T00:00"), ["gap 10-25 00:00 10-26 00:00"]),
    ("Europe/Berlin", "2026-10", ("2026-10-25T23:00", "2026-10-26T00:00"), ["gap 10-25 23:00 10-26 00:00"]),
    ("America/New_York", "2026-11", ("2026-11-01T00:00", "2026-11-01T05:00"), ["beginning 11-01 00:00 11-01 05:00"]),
]


def whole_month(month: str) -> AuditedCycle:
    return AuditedCycle(month, Month.parse(month).first_day, Month.parse(month).last_day)


@pytest.mark.parametrize(("name", "month", "hole", "expected"), ZONES)
def test_hours_and_days_are_those_of_the_zone(
    name: str, month: str, hole: tuple[str, str], expected: list[str]
) -> None:
    zone, cycle = ZoneInfo(name), whole_month(month)
    rows = log(steady, cycle, zone)
    assert told(examine(rows, cycle, zone=zone), zone) == []  # an hour that the clock skips is no gap
    assert told(examine(without(rows, hole, zone=zone), cycle, zone=zone), zone) == expected


def test_an_hour_that_the_clock_repeats_may_be_missing_once() -> None:
    zone, cycle = ZoneInfo("Europe/Berlin"), whole_month("2026-10")
    second = datetime(2026, 10, 25, 1, tzinfo=UTC)
    rows = [row for row in log(steady, cycle, zone) if not second <= row < second + timedelta(hours=1)]
    (gap,) = examine(rows, cycle, zone=zone).gaps
    assert (gap.starts_at, gap.ends_at) == (microseconds(second), microseconds(second + timedelta(hours=1)))


def test_only_the_days_of_service_that_are_over_are_looked_at() -> None:
    cycles = pl.DataFrame(
        {
            "cycle": ["2026-10", "2026-10", "2026-11"],
            "cycle_start": [date(2026, 10, 9), date(2026, 10, 5), date(2026, 11, 1)],
            "cycle_end": [date(2026, 10, 31), date(2026, 10, 20), date(2026, 11, 30)],
        }
    )
    months = [Month(2026, 9), Month(2026, 10), Month(2026, 11), Month(2026, 12)]
    found = audited_cycles(cycles, months, date(2026, 11, 3))
    assert [(each.cycle, each.first_day, each.last_day) for each in found] == [
        ("2026-09", date(2026, 9, 1), date(2026, 9, 30)),  # nobody was in service, as far as is known
        ("2026-10", date(2026, 10, 5), date(2026, 10, 31)),
        ("2026-11", date(2026, 11, 1), date(2026, 11, 2)),
    ]
    assert audited_cycles(cycles, months[2:], date(2026, 11, 1)) == []


def test_a_hole_over_the_end_of_a_month_is_told_for_both() -> None:
    september = whole_month("2026-09")
    rows = without([*log(steady, september), *log(steady)], ("2026-09-30T20:00", "2026-10-02T00:00"))
    assert told(examine(rows, september, OCTOBER)) == [
        "end 09-30 20:00 10-01 00:00",
        "beginning 10-01 00:00 10-02 00:00",
    ]


def test_rows_outside_the_audited_days_are_not_compared_with() -> None:
    service = AuditedCycle("2026-10", date(2026, 10, 12), date(2026, 10, 20))
    assert told(examine(log(lambda day, hour: 500 if day.day < 12 else hour % 2), service)) == []


def test_no_log_at_all() -> None:
    assert told(examine([])) == ["whole 10-01 00:00 11-01 00:00"]
    nothing = examine_coverage(times([]), {}, [], INSTALLED, SHANGHAI)
    assert nothing.is_whole
    assert nothing.resolution == "rows"


# Properties: random logs, with hours and days taken away.


def a_log(chance: random.Random) -> list[datetime]:
    first = date(2026, 9, chance.choice([24, 28]))
    cycle = AuditedCycle("", first, first + timedelta(days=chance.randint(1, 14)))
    busy = [chance.choice([0, 1, 12, 12, 12]) for _ in range(24)]
    day_off = chance.choice([0, 1, 1])
    rows = log(lambda day, hour: busy[hour] * (1 if INSTALLED.is_working_day(day) else day_off), cycle)
    for _ in range(chance.randint(0, 3)):
        since = datetime(2026, 9, 28, tzinfo=UTC) + timedelta(minutes=chance.randint(0, 14 * 1440))
        until = since + timedelta(minutes=chance.choice([50, 75, 200, 1000, 1440, 3000]))
        rows = [row for row in rows if not since <= row < until]
    lost = {first + timedelta(days=chance.randint(0, 14)) for _ in range(chance.randint(0, 2))}
    return [row for row in rows if row.astimezone(SHANGHAI).date() not in lost or chance.random() < 0.15]


CYCLES = [
    AuditedCycle("2026-09", date(2026, 9, 26), date(2026, 9, 30)),
    AuditedCycle("2026-10", date(2026, 10, 1), date(2026, 10, 9)),
]
SLOW = settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])


@SLOW
@given(st.randoms(use_true_random=False), st.sampled_from(["Asia/Shanghai", "Asia/Kolkata", "Australia/Lord_Howe"]))
def test_findings_are_those_of_the_slow_oracle(chance: random.Random, name: str) -> None:
    rows, zone = a_log(chance), ZoneInfo(name)  # on Lord Howe Island, the clock moves half an hour on 4 October 2026
    spans = [(cycle.first_day, cycle.last_day) for cycle in CYCLES]
    oracle = Oracle(rows, spans, zone, INSTALLED.is_working_day)
    found = examine(rows, *CYCLES, zone=zone)
    empty = sorted((gap.starts_at, gap.ends_at) for gap in (*found.gaps, *found.cut_short))
    assert empty == sorted((microseconds(since), microseconds(until)) for since, until in oracle.gaps())
    assert [(each.day, each.rows, each.usual) for each in found.thin_days] == oracle.thin_days()
    assert found.resolution == "rows"


@settings(max_examples=100, suppress_health_check=[HealthCheck.too_slow])
@given(st.randoms(use_true_random=False))
def test_what_is_told_from_bounds_is_told_from_rows_too(chance: random.Random) -> None:
    rows = a_log(chance)
    parts, at = [], 0
    while at < len(rows):
        end = at + chance.choice([1, 2, 12, 40, 200, 700])
        group, timeline = rows[at:end], Timeline()
        if chance.random() < 0.8:
            timeline.add_spans([(microseconds(group[0]), microseconds(group[-1]), len(group))])
        else:
            timeline.add(pa.RecordBatch.from_pydict({"timestamp": pa.array(group, pa.timestamp("us", "UTC"))}))
        parts.append(timeline)
        at = end
    rough, exact = examine_coverage(add_up(parts), {}, CYCLES, INSTALLED, SHANGHAI), examine(rows, *CYCLES)
    empty = [*exact.gaps, *exact.cut_short]
    for gap in (*rough.gaps, *rough.cut_short):
        assert any(gap.starts_at >= whole.starts_at and gap.ends_at <= whole.ends_at for whole in empty)
    days = {thin.day for thin in exact.thin_days}
    for whole in empty:
        since, until = (moment(edge, SHANGHAI).date() for edge in (whole.starts_at, whole.ends_at - 1))
        days |= {since + timedelta(days=number) for number in range((until - since).days + 1)}
    assert {thin.day for thin in rough.thin_days} <= days


# What is said of it.


def test_each_finding_has_its_sentence_and_the_longest_come_first() -> None:
    rows = without(
        log(steady),
        ("2026-10-01T00:00", "2026-10-01T08:15"),
        *((f"2026-10-{day}T02:00", f"2026-10-{day}T{2 + length:02}:00") for day, length in [(13, 1), (15, 5), (20, 3)]),
        ("2026-10-27T12:00", "2026-10-29T12:00"),
        ("2026-10-30T22:00", "2026-11-01T00:00"),
    )
    said = list(map(str, coverage_notices(examine(rows), date(2026, 11, 1), SHANGHAI)))
    assert said == [
        "the logs of 2026-10 begin 8 hours late: no row from 2026-10-01 00:00 to 2026-10-01 08:15",
        "the logs of 2026-10 end 26 hours before the day of the audit: "
        "no row from 2026-10-30 22:00 to 2026-11-01 00:00",
        "no row from 2026-10-27 12:00 to 2026-10-29 12:00, 2 days in which rows are usual",
        "no row from 2026-10-15 02:00 to 2026-10-15 07:00, 5 hours in which rows are usual",
        "no row from 2026-10-20 02:00 to 2026-10-20 05:00, 3 hours in which rows are usual",
        "and 1 more stretch without rows; a JSON report lists all",
        "rows seem to be missing from the logs: what is not in them is in no success rate (clause 2.7), which may be "
        "too high or too low for it; get the missing logs and run again",
    ]
    early = list(map(str, coverage_notices(examine(rows), date(2026, 11, 2), SHANGHAI)))[1]
    assert early.startswith("the logs of 2026-10 end 26 hours early: ")


def test_thin_days_and_missing_months_have_their_sentences() -> None:
    thin = examine(log(lambda day, hour: 2 if day.day == 14 else 60))
    said = list(map(str, coverage_notices(thin, date(2026, 11, 1), SHANGHAI)))
    assert said[0] == "2026-10-14 has 48 rows; days like it have 1440"
    assert len(said) == 2
    said = list(map(str, coverage_notices(examine([]), date(2026, 11, 1), SHANGHAI)))
    assert said[0] == "the logs have nothing of 2026-10: no row from 2026-10-01 00:00 to 2026-11-01 00:00"


def test_nothing_is_said_of_whole_logs() -> None:
    assert list(map(str, coverage_notices(examine(log(steady)), date(2026, 11, 1), SHANGHAI))) == []
