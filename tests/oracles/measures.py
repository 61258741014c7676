"""Agreements of every kind by hand: one interval at a time, with fractions. Slow, obvious, and apart from the program.

Nothing here comes from the package. What an agreement says stands in `Terms`; what follows from it is `judged`.
"""

from __future__ import annotations

import calendar
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from functools import cache
from typing import NamedTuple
from zoneinfo import ZoneInfo


@dataclass(frozen=True)
class Row:
    """So many requests alike, at one instant (in UTC). A status of None: none was given."""

    account: str
    at: datetime
    unit: str | None
    status: int | None
    requests: int = 1


@dataclass(frozen=True)
class Period:
    """Days of service of an account, inclusive; without a last one it goes on."""

    account: str
    plan: str
    first: date
    last: date | None = None


@dataclass(frozen=True)
class Window:
    """A time whose failures are excluded, of some accounts and sub-units or (none named) of all."""

    starts_at: datetime
    ends_at: datetime
    accounts: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    accepted: bool = True


@dataclass(frozen=True)
class Terms:
    """What an agreement says, under one reading. Tiers are as printed: from, below, credit."""

    zone: str = "Asia/Shanghai"
    failures: frozenset[int | None] = frozenset({None, 502, 503, 504})
    excluded_kept: bool = False
    kind: str = "share_of_requests"
    minutes: int = 60
    bad: str = "all_failed"
    bad_from: Fraction = Fraction(0)
    bad_least: int = 1
    run_from: int = 1
    run_least: int = 0
    joined: bool = True
    pooled: bool = False
    length: str = "month"
    partial: str = "counted"
    least_requests: int = 0
    objective: Fraction = Fraction(99, 100)
    strict: bool = False
    gated: bool = True
    tiers: tuple[tuple[Fraction, Fraction, Fraction], ...] = ((Fraction(0), Fraction(99, 100), Fraction(15, 100)),)
    base: str = "service_fee"
    cap: str = "cash_paid"
    quantum: Fraction = Fraction(1, 100)
    more_than: Fraction = Fraction(0)
    uncompensated: tuple[str, ...] = ("free",)


@dataclass(frozen=True)
class Result:
    """What is found of an account and cycle: the exact rate, minutes of faults, and what is owed."""

    requests: int
    rate: Fraction | None
    minutes: int
    credit: Fraction | None
    decision: str
    reason: str
    amount: Fraction | None
    capped: bool = False


@dataclass
class _Interval:
    kept: int = 0
    failed: int = 0

    @property
    def counted(self) -> int:
        return self.kept + self.failed


Intervals = dict[tuple[str | None, datetime], _Interval]
Bill = dict[str, Fraction | None]


@dataclass(frozen=True)
class World:
    """Everything a judgement takes. Without `periods` all accounts pay, and are in service always."""

    rows: Sequence[Row]
    periods: Sequence[Period] | None = None
    bills: dict[tuple[str, str], Bill] = field(default_factory=dict)
    windows: Sequence[Window] = ()


def midnight(day: date, zone: str) -> datetime:
    """Give the instant at which a day begins."""
    return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone)).astimezone(UTC)


@cache
def intervals_of(day: date, zone: str, minutes: int) -> tuple[datetime, ...]:
    """List the instants at which the intervals of a day begin."""
    starts, end = [midnight(day, zone)], midnight(day + timedelta(days=1), zone)
    while starts[-1] + timedelta(minutes=minutes) < end:
        starts.append(starts[-1] + timedelta(minutes=minutes))
    return tuple(starts)


def days_of(cycle: str) -> list[date]:
    """List the days of a month; those of a quarter by how many days it has, whatever months there are."""
    if "Q" in cycle:
        year, number = map(int, cycle.split("-Q"))
        lengths = [90 + calendar.isleap(year), 91, 92, 92]
        first = date(year, 1, 1) + timedelta(days=sum(lengths[: number - 1]))
        return [first + timedelta(days=day) for day in range(lengths[number - 1])]
    year, month = map(int, cycle.split("-"))
    return [date(year, month, day) for day in range(1, calendar.monthrange(year, month)[1] + 1)]


def cycle_of(day: date, length: str) -> str:
    """Name the month that a day is in, or the quarter."""
    if length == "month":
        return f"{day:%Y-%m}"
    return next(name for name in (f"{day.year}-Q{number}" for number in range(1, 5)) if day in days_of(name))


def day_of(at: datetime, zone: str) -> date:
    """Give the local day of an instant."""
    return at.astimezone(ZoneInfo(zone)).date()


def interval_of(at: datetime, terms: Terms) -> datetime:
    """Give the beginning of the interval in which an instant lies."""
    starts = intervals_of(day_of(at, terms.zone), terms.zone, terms.minutes)
    return starts[bisect_right(starts, at) - 1]


def served(account: str, cycle: str, world: World, terms: Terms) -> dict[date, str | None]:
    """Give the days of a cycle for which an account is judged, each with its plan: those that it pays for, if any."""
    mine = [period for period in world.periods or () if period.account == account]
    if not mine:
        return dict.fromkeys(days_of(cycle), "paid" if world.periods is None else None)
    plans: dict[date, str | None] = {
        day: period.plan
        for day in days_of(cycle)
        for period in mine
        if period.first <= day and (period.last is None or day <= period.last)
    }
    paid = {day: plan for day, plan in plans.items() if plan not in terms.uncompensated}
    return paid or plans


def class_of(row: Row, windows: Iterable[Window], terms: Terms) -> str:
    """Tell a failure from what is excluded and what is a success."""
    if row.status is not None and 400 <= row.status <= 499:
        return "excluded"
    if row.status not in terms.failures:
        return "success"
    for window in windows:
        if (
            window.accepted
            and window.starts_at <= row.at < window.ends_at
            and (not window.accounts or row.account in window.accounts)
            and (not window.units or row.unit in window.units)
        ):
            return "excluded"
    return "failure"


def judged(world: World, terms: Terms) -> dict[tuple[str, str], Result]:
    """Judge every account and cycle of which there are rows, or days of service."""
    cycles = sorted({cycle_of(day_of(row.at, terms.zone), terms.length) for row in world.rows})
    rows: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in world.rows:
        day = day_of(row.at, terms.zone)
        cycle = cycle_of(day, terms.length)
        if day in served(row.account, cycle, world, terms):
            rows[row.account, cycle].append(row)
    for account in {period.account for period in world.periods or ()}:
        for cycle in cycles:
            if served(account, cycle, world, terms):
                rows[account, cycle] += []
    faults = _faults(rows, cycles, world, terms)
    return {key: _result(key, rows[key], faults.get(key, 0), world, terms) for key in sorted(rows)}


def _counted(rows: Iterable[Row], world: World, terms: Terms) -> _Interval:
    counts = _Interval()
    for row in rows:
        match class_of(row, world.windows, terms):
            case "failure":
                counts.failed += row.requests
            case "success":
                counts.kept += row.requests
            case "excluded" if terms.excluded_kept:
                counts.kept += row.requests
    return counts


def _by_interval(rows: Iterable[Row], world: World, terms: Terms) -> Intervals:
    together: dict[tuple[str | None, datetime], list[Row]] = defaultdict(list)
    for row in rows:
        together[row.unit if terms.pooled else None, interval_of(row.at, terms)].append(row)
    return {place: _counted(some, world, terms) for place, some in together.items()}


def is_bad(interval: _Interval, terms: Terms) -> bool:
    """Tell whether an interval that has requests is bad by itself."""
    if interval.counted == 0 or interval.counted < terms.bad_least:
        return False
    if terms.bad == "all_failed":
        return interval.failed == interval.counted
    if terms.bad == "rate_over":
        return Fraction(interval.failed, interval.counted) > terms.bad_from
    return interval.failed >= terms.bad_from


def _faults(
    rows: dict[tuple[str, str], list[Row]], cycles: list[str], world: World, terms: Terms
) -> dict[tuple[str, str], int]:
    """Count the bad intervals of each account and cycle that are in a run which counts."""
    found: dict[tuple[str, str], int] = defaultdict(int)
    if terms.kind != "share_of_time":
        return found
    for account in {account for account, _ in rows}:
        intervals: Intervals = {}
        for cycle in cycles:
            intervals |= _by_interval(rows.get((account, cycle), []), world, terms)
        for unit in {unit for unit, _ in intervals}:
            for run in _runs([start for of, start in intervals if of == unit], unit, intervals, terms):
                requests = sum(intervals[unit, start].counted for start in run)
                if len(run) >= terms.run_from and requests >= terms.run_least:
                    for start in run:
                        found[account, cycle_of(day_of(start, terms.zone), terms.length)] += 1
    return found


def _runs(starts: list[datetime], unit: str | None, intervals: Intervals, terms: Terms) -> list[list[datetime]]:
    """Put bad intervals together that follow on each other."""
    runs: list[list[datetime]] = []
    for start in sorted(starts):
        if not is_bad(intervals[unit, start], terms):
            continue
        if runs and _next(runs[-1][-1], terms) == start and (terms.joined or not _begins_a_cycle(start, terms)):
            runs[-1].append(start)
        else:
            runs.append([start])
    return runs


def _next(start: datetime, terms: Terms) -> datetime:
    day = day_of(start, terms.zone)
    later = start + timedelta(minutes=terms.minutes)
    return min(later, midnight(day + timedelta(days=1), terms.zone))


def _begins_a_cycle(start: datetime, terms: Terms) -> bool:
    day = day_of(start, terms.zone)
    return days_of(cycle_of(day, terms.length))[0] == day and start == midnight(day, terms.zone)


def rate_of(
    rows: Sequence[Row], faults: int, cycle: str, days: Iterable[date], world: World, terms: Terms
) -> Fraction | None:
    """Measure the rows of an account and cycle; None where none counts."""
    if terms.kind == "share_of_requests":
        counts = _counted(rows, world, terms)
        return Fraction(counts.kept, counts.counted) if counts.counted else None
    if not rows:
        return None
    if terms.partial == "as_whole":
        days = days_of(cycle)
    intervals = sum(len(intervals_of(day, terms.zone, terms.minutes)) for day in days)
    if terms.kind == "share_of_time":
        units = len({row.unit for row in rows}) if terms.pooled else 1
        return 1 - Fraction(faults, intervals * units)
    rates = [
        Fraction(each.failed, each.counted) for each in _by_interval(rows, world, terms).values() if each.counted
    ]  # the others have a rate of 0
    return 1 - sum(rates, Fraction(0)) / intervals


def credit_of(rate: Fraction, terms: Terms) -> Fraction | None:
    """Give the credit of a rate; None where it earns none."""
    if terms.gated and (rate > terms.objective or (rate == terms.objective and not terms.strict)):
        return None
    holding = [credit for start, below, credit in terms.tiers if start <= rate < below]
    if terms.gated and not holding:  # exactly a strict objective: of the tiers that end there
        holding = [credit for _, below, credit in terms.tiers if below == rate]
    return max(holding, default=None)


def half_up(amount: Fraction, quantum: Fraction) -> Fraction:
    """Round to whole quanta, ties up."""
    return (amount / quantum + Fraction(1, 2)).__floor__() * quantum


def amount_of(
    credit: Fraction, failures: int, minutes: int, cycle: str, bill: Bill, terms: Terms
) -> tuple[Fraction, bool]:
    """Give what is owed of a base and at most the cap, and whether that limited it."""
    share = (
        credit
        * {
            "service_fee": bill.get("service_fee") or Fraction(0),
            "failed_calls": Fraction(failures),
            "days_of_month": Fraction(len(days_of(cycle))),
            "fault_fee": (bill.get("hourly_fee") or Fraction(0)) * minutes / 60,
        }[terms.base]
    )
    rounded = half_up(share, terms.quantum)
    if terms.cap == "none":
        return rounded, False
    cap = bill[terms.cap] or Fraction(0)
    most = (cap / terms.quantum).__floor__() * terms.quantum
    return min(rounded, most), cap < share or most < rounded


def needed(terms: Terms) -> set[str]:
    """Name what a bill must say."""
    names = {terms.cap, {"service_fee": "service_fee", "fault_fee": "hourly_fee"}.get(terms.base, "none")}
    return names - {"none"}


class Edge(NamedTuple):
    """How many failures fewer or more earn another credit, which it is, and what would be owed then if it is told."""

    failures: int
    credit: Fraction
    amount: Fraction | None


def edges_of(key: tuple[str, str], world: World, terms: Terms) -> tuple[Edge | None, Edge | None]:
    """Find by trying how many failures fewer, and how many more, change the credit of requests that earn one."""
    days = served(*key, world, terms)
    rows = [row for row in world.rows if row.account == key[0] and day_of(row.at, terms.zone) in days]
    counts = _counted(rows, world, terms)
    requests = sum(row.requests for row in rows)
    earned = credit_of(Fraction(counts.kept, counts.counted), terms) if counts.counted else None
    if earned is None:
        return None, None

    def first(failures: Iterable[int]) -> Edge | None:
        for failed in failures:
            rate = Fraction(counts.counted - failed, counts.counted)
            credit = credit_of(rate, terms)
            if credit != earned:
                then = _owed(key, world, terms, Measured(requests, rate, credit, failed, 0), provisionally=True)
                amount = Fraction(0) if then[0] == "not_owed" else then[2]
                return Edge(abs(counts.failed - failed), credit or Fraction(0), amount)
        return None

    return first(reversed(range(counts.failed))), first(range(counts.failed + 1, counts.counted + 1))


class Measured(NamedTuple):
    """What is measured of an account and cycle."""

    requests: int
    rate: Fraction | None
    credit: Fraction | None
    failures: int
    minutes: int


def _result(key: tuple[str, str], rows: list[Row], faults: int, world: World, terms: Terms) -> Result:
    requests = sum(row.requests for row in rows)
    rate = rate_of(rows, faults, key[1], served(*key, world, terms), world, terms)
    credit = None if rate is None else credit_of(rate, terms)
    measured = Measured(requests, rate, credit, _counted(rows, world, terms).failed, faults * terms.minutes)
    shown = None if rate is None else credit or Fraction(0)
    return Result(requests, rate, measured.minutes, shown, *_owed(key, world, terms, measured))


def _nothing(needs: Collection[str]) -> str:
    """Say why nothing is owed where the bill is for nothing."""
    if "cash_paid" in needs:
        return "nothing_paid"
    return "nothing_bought" if "calls_bought" in needs else "no_fee"


def _owed(
    key: tuple[str, str], world: World, terms: Terms, measured: Measured, *, provisionally: bool = False
) -> tuple[str, str, Fraction | None, bool]:
    """Give decision, reason, amount and whether it is capped; `provisionally`, an account not known has a paid plan."""
    account, cycle = key
    days = served(account, cycle, world, terms)
    plans = set(days.values())
    bill = world.bills.get(key, {})
    bills = [bill.get(name) for name in needed(terms)]
    first_that_holds = [
        ("undetermined", "no_logs", all(day_of(row.at, terms.zone) not in days_of(cycle) for row in world.rows)),
        ("not_owed", "partial_cycle", terms.partial == "not_judged" and set(days) != set(days_of(cycle))),
        ("not_owed", "no_requests", measured.rate is None),
        ("not_owed", "few_requests", measured.requests < terms.least_requests),
        ("not_owed", "objective_met", measured.credit is None),
        ("not_owed", "free_plan", bool(plans & set(terms.uncompensated))),
        ("undetermined", "account_unknown", None in plans and not provisionally),
        ("undetermined", "billing_missing", None in bills),
        ("not_owed", _nothing(needed(terms)), 0 in bills),
    ]
    for decision, reason, holds in first_that_holds:
        if holds:
            return decision, reason, Fraction(0) if decision == "not_owed" else None, False
    assert measured.credit is not None
    amount, capped = amount_of(measured.credit, measured.failures, measured.minutes, cycle, bill, terms)
    if terms.more_than and amount <= terms.more_than:
        return "not_owed", "not_above_least", Fraction(0), False
    return "owed", "below_objective" if terms.gated else "in_a_tier", amount, capped
