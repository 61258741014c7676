"""The agreement by hand: one row at a time, with fractions. Slow, obvious, and apart from the program.

Nothing here comes from the package. The numbers stand here a second time on purpose.
"""

from __future__ import annotations

import calendar
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from fractions import Fraction
from math import gcd

SHANGHAI = timezone(timedelta(hours=8))
READINGS = ("literal", "broad")


@dataclass(frozen=True)
class Row:
    """A request, as the log has it. A status of None: none was given."""

    timestamp: datetime
    account_id: str
    status: int | None
    content_flag: str | None = None
    client_aborted: bool = False
    region: str | None = None
    api: str | None = None
    request_id: str | None = None


@dataclass(frozen=True)
class Account:
    account_id: str
    plan: str
    applied_on: date
    expires_on: date | None


@dataclass(frozen=True)
class Bill:
    account_id: str
    cycle: str
    service_fee: str
    cash_paid: str


@dataclass(frozen=True)
class Window:
    id: str
    clause: int
    starts_at: datetime
    ends_at: datetime
    notified_at: datetime | None
    accounts: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()


def explicit_failure(status: int | None, reading: str) -> bool:
    if status is None or status in (502, 503, 504):
        return True
    return reading == "broad" and 500 <= status <= 599


def accepted(window: Window) -> bool:
    return window.clause != 1 or (window.notified_at is not None and window.notified_at < window.starts_at)


def covers(window: Window, row: Row) -> bool:
    return (
        accepted(window)
        and window.starts_at <= row.timestamp < window.ends_at
        and (not window.accounts or row.account_id in window.accounts)
        and (not window.regions or row.region in window.regions)
    )


def judge_row(row: Row, windows: list[Window], reading: str) -> tuple[str, int | None]:
    """Give the class of a request, and the clause where it is excluded."""
    if row.content_flag:
        return "excluded", 5
    if row.status in (499, 460):
        return "excluded", 9
    if row.status is not None and 400 <= row.status <= 499:
        return "excluded", 4
    if row.client_aborted:
        return "excluded", 9
    if explicit_failure(row.status, reading):
        clauses = [window.clause for window in windows if covers(window, row)]
        return ("excluded", min(clauses)) if clauses else ("explicit_failure", None)
    return "success", None


def cut(rate: Fraction) -> str:
    millionths = rate.numerator * 10**6 // rate.denominator
    return f"{millionths // 10**6}.{millionths % 10**6:06}"


def credit(rate: Fraction) -> Fraction:
    if rate >= Fraction(99, 100):
        return Fraction(0)
    if rate >= Fraction(95, 100):
        return Fraction(15, 100)
    if rate >= Fraction(90, 100):
        return Fraction(30, 100)
    return Fraction(60, 100)


def half_up_to_cents(amount: Fraction) -> str:
    cents = (amount * 100 + Fraction(1, 2)).__floor__()
    return f"{cents // 100}.{cents % 100:02}"


def one_each(rows: list[Row]) -> list[Row]:
    """Keep as many rows as there are requests.

    Rows of one id and one time that are alike are one request, unless the id has another time too. Where they differ,
    they are several: all that were logged, but for what was logged so many times over.
    """
    times: dict[str | None, set[datetime]] = defaultdict(set)
    seen: dict[tuple[str | None, datetime], Counter[tuple[object, ...]]] = defaultdict(Counter)
    first: dict[tuple[object, ...], Row] = {}
    for row in rows:
        times[row.request_id].add(row.timestamp)
        kind = (row.account_id, row.status, bool(row.content_flag), row.client_aborted, row.region)
        seen[row.request_id, row.timestamp][kind] += 1
        first.setdefault((row.request_id, row.timestamp, *kind), row)
    kept = []
    for (name, moment), kinds in seen.items():
        often = 1 if name is None or len(times[name]) > 1 else gcd(*kinds.values())
        kept += [first[name, moment, *kind] for kind, logged in kinds.items() for _ in range(logged // often)]
    return kept


def audit(
    rows: list[Row],
    accounts: list[Account] | None,
    bills: list[Bill],
    windows: list[Window],
    as_of: date,
    months: list[str] | None = None,
) -> tuple[dict[str, int], dict[tuple[str, str], dict[str, object]]]:
    """Give where the rows went, and per account and cycle what the report must say of it."""
    known = by_id(accounts)
    places: Counter[str] = Counter(read=len(rows), counted=0, outside_cycle=0, outside_period=0, duplicate=0)
    logged: set[str] = set()
    members: dict[tuple[str, str], list[Row]] = defaultdict(list)
    inside = [row for row in rows if months is None or f"{row.timestamp.astimezone(SHANGHAI):%Y-%m}" in months]
    requests = one_each(inside)
    places["outside_period"] = len(rows) - len(inside)
    places["duplicate"] = len(inside) - len(requests)
    for row in requests:
        day = row.timestamp.astimezone(SHANGHAI).date()
        cycle = f"{day:%Y-%m}"
        logged.add(cycle)
        if row.account_id in known and day not in judged_days(known[row.account_id], cycle):
            places["outside_cycle"] += 1
            continue
        places["counted"] += 1
        members[row.account_id, cycle].append(row)

    for account_id, periods in known.items():
        for cycle in logged.union(months or []):
            if judged_days(periods, cycle):
                members[account_id, cycle] += []
    results = {
        key: result(key, members[key], accounts is not None, known.get(key[0]), bills, windows, as_of, key[1] in logged)
        for key in sorted(members)
    }
    return dict(places), results


def by_id(accounts: list[Account] | None) -> dict[str, list[Account]]:
    known = defaultdict(list)
    for account in accounts or []:
        known[account.account_id].append(account)
    return dict(known)


def judged_days(periods: list[Account], cycle: str) -> dict[date, str]:
    """Give the days of a month for which an account is judged, each with its plan: those on which it pays, if any."""
    first, last = bounds(cycle)
    plans = {}
    for day in (first + timedelta(days=at) for at in range((last - first).days + 1)):
        for period in periods:
            if period.applied_on <= day and (period.expires_on is None or day <= period.expires_on):
                plans[day] = period.plan
    paid = {day: plan for day, plan in plans.items() if plan != "free"}
    return paid or plans


def days(
    rows: list[Row], accounts: list[Account] | None, windows: list[Window], months: list[str] | None
) -> list[tuple[str, str, date, str, int | None]]:
    """Give account, cycle, day, class and clause of every request that is counted, under the literal reading."""
    known = by_id(accounts)
    found = []
    for row in rows:
        day = row.timestamp.astimezone(SHANGHAI).date()
        in_service = row.account_id not in known or day in judged_days(known[row.account_id], f"{day:%Y-%m}")
        if in_service and (months is None or f"{day:%Y-%m}" in months):
            found.append((row.account_id, f"{day:%Y-%m}", day, *judge_row(row, windows, "literal")))
    return found


def by_day(
    requests: list[tuple[str, str, date, str, int | None]], of: Callable[[str, str], bool]
) -> dict[str, dict[str, object]]:
    """Add what `days` gives up by day, for the accounts and cycles that are asked for, as the report writes it."""
    judged = defaultdict(list)
    for account, cycle, day, name, clause in requests:
        if of(account, cycle):
            judged[day.isoformat()].append((name, clause))
    return {
        day: {
            "date": day,
            "success": classes.count(("success", None)),
            "explicit_failure": classes.count(("explicit_failure", None)),
            "excluded": {
                "total": sum(name == "excluded" for name, _ in classes),
                "by_clause": {str(clause): n for clause, n in Counter(c for _, c in classes if c).items()},
            },
        }
        for day, classes in judged.items()
    }


def bounds(cycle: str) -> tuple[date, date]:
    year, month = map(int, cycle.split("-"))
    return date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1])


def result(
    key: tuple[str, str],
    rows: list[Row],
    accounts_given: bool,
    periods: list[Account] | None,
    bills: list[Bill],
    windows: list[Window],
    as_of: date,
    logged: bool,
) -> dict[str, object]:
    first, last = bounds(key[1])
    bill = next((bill for bill in bills if (bill.account_id, bill.cycle) == key), None)
    served = (
        judged_days(periods, key[1]) if periods else dict.fromkeys((first, last), None if accounts_given else "paid")
    )
    (plan,) = set(served.values())
    readings = {}
    for reading in READINGS:
        judged = [judge_row(row, windows, reading) for row in rows]
        counts = Counter(name for name, _ in judged)
        total = counts["success"] + counts["explicit_failure"]
        rate = Fraction(counts["success"], total) if total else None
        decision, reason, amount = decide(rate, plan, accounts_given and not periods, bill, as_of <= last, logged)
        readings[reading] = {
            "success": counts["success"],
            "explicit_failure": counts["explicit_failure"],
            "excluded": counts["excluded"],
            "by_clause": {str(clause): n for clause, n in Counter(c for _, c in judged if c).items()},
            "success_rate": None if rate is None else cut(rate),
            "credit_rate": None if rate is None else credit(rate),
            "decision": decision,
            "reason": reason,
            "compensation": amount,
        }
    return {
        "cycle_start": min(served),
        "cycle_end": max(served),
        "plan": plan,
        "requests": len(rows),
        "readings": readings,
    }


def decide(
    rate: Fraction | None, plan: str | None, unknown: bool, bill: Bill | None, running: bool, logged: bool
) -> tuple[str, str, str | None]:
    if running:
        return "undetermined", "cycle_running", None
    if not logged:
        return "undetermined", "no_logs", None
    if rate is None:
        return "not_owed", "no_requests", "0.00"
    if rate >= Fraction(99, 100):
        return "not_owed", "objective_met", "0.00"
    if plan == "free":
        return "not_owed", "free_plan", "0.00"
    if unknown:
        return "undetermined", "account_unknown", None
    if bill is None:
        return "undetermined", "billing_missing", None
    fee, cash = Fraction(bill.service_fee), Fraction(bill.cash_paid)
    if fee == 0 or cash == 0:
        return "not_owed", "nothing_paid", "0.00"
    return "owed", "below_objective", half_up_to_cents(min(fee * credit(rate), cash))
