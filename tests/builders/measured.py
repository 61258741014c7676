"""Agreements judged by intervals, drawn at random: what the slow oracle takes, and the same as the program takes it."""

from __future__ import annotations

import copy
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import product
from random import Random
from typing import Any, NamedTuple

import polars as pl
from hypothesis import strategies as st

from sla_audit.contract.load import BUILT_IN, contract_file
from sla_audit.contract.model import Contract
from sla_audit.model.facts import Exclusion, Facts
from sla_audit.model.tally import OUTCOME, SLOT, Tally
from tests.oracles import measures as oracle
from tests.oracles.measures import Period, Row, Terms, Window, World

WRITTEN = tomllib.loads(contract_file(BUILT_IN).decode(), parse_float=Decimal)
_INTERVALS = {1: "1min", 5: "5min", 60: "1h"}
_SECOND = timedelta(seconds=1)


def decimal(number: Fraction) -> Decimal:
    """Give a fraction as a decimal, which it is."""
    written = Decimal(number.numerator) / Decimal(number.denominator)
    assert Fraction(written) == number
    return written


def table_of(terms: Terms, **readings: Terms) -> dict[str, Any]:
    """Write terms as a contract file has them; other readings say what they read otherwise."""
    table = copy.deepcopy(WRITTEN) | {"sha256": "0" * 64, "time_zone": terms.zone} | _parts(terms)
    for name in ("same_as", "examples"):
        table.pop(name, None)
    table["readings"] = {
        "literal": _reading(terms),
        **{name: _reading(other) | {"changes": _changes(terms, other)} for name, other in readings.items()},
    }
    return table


def contract_of(terms: Terms, **readings: Terms) -> Contract:
    """Make a contract of terms, and of those of other readings."""
    return Contract.model_validate(table_of(terms, **readings))


def _parts(terms: Terms) -> dict[str, Any]:
    compensation: dict[str, Any] = {
        "clause": "2.10.1",
        "base": terms.base,
        "cap": terms.cap,
        "quantum": decimal(terms.quantum),
        "rounding": "half_up",
        "paid_as": "voucher",
        "uncompensated_plans": list(terms.uncompensated),
        "owed_when": "below_objective" if terms.gated else "in_a_tier",
        "more_than": decimal(terms.more_than),
        "overlapping": "highest",
        "tiers": [dict(zip(("from", "below", "rate"), map(decimal, tier), strict=True)) for tier in terms.tiers],
    }
    parts: dict[str, Any] = {
        "unit": {"least_requests": terms.least_requests} | ({"pooled": "api"} if terms.pooled else {}),
        "cycle": {"length": terms.length, "partial": terms.partial},
        "objective": {"clause": "2.7", "success_rate": decimal(terms.objective), "strict": terms.strict},
        "compensation": compensation,
    }
    if terms.kind != "share_of_requests":
        parts["measure"] = {"kind": terms.kind, "clause": "2.7", "interval": _INTERVALS[terms.minutes]}
    if terms.kind == "share_of_time":
        value = {"all_failed": True, "rate_over": decimal(terms.bad_from), "failures_from": int(terms.bad_from)}
        parts["measure"] |= {
            "bad": {terms.bad: value[terms.bad], "least_requests": terms.bad_least},
            "run": {
                "intervals_from": terms.run_from,
                "least_requests": terms.run_least,
                "over_cycle_edges": "joined" if terms.joined else "cut",
            },
        }
    return parts


def _reading(terms: Terms) -> dict[str, Any]:
    return {
        "clause": "2.7.1",
        "meaning": "-",
        "explicit_failure": ["none" if status is None else status for status in sorted(terms.failures, key=str)],
        "excluded_in_denominator": terms.excluded_kept,
    }


def _changes(terms: Terms, other: Terms) -> dict[str, Any]:
    """Write by dotted paths what is otherwise in the tables that a reading may change."""
    ours, theirs = (dict(_paths(_parts(each))) for each in (terms, other))
    return {path: value for path, value in theirs.items() if ours.get(path) != value}


def _paths(table: dict[str, Any], above: str = "") -> Iterable[tuple[str, Any]]:
    for name, value in table.items():
        if isinstance(value, dict):
            yield from _paths(value, f"{above}{name}.")
        else:
            yield f"{above}{name}", value


def tally_of(world: World, terms: Terms, *, coarse: bool = False) -> Tally:
    """Count rows one by one: each in a second of its own, or in the part of its interval that no window's edge cuts.

    Coarsely, a day without any failure is one slot.
    """
    failing = {
        oracle.day_of(row.at, terms.zone) for row in world.rows if row.status not in {200, 404}
    }  # of any reading
    counts: dict[tuple[str, tuple[int, int], tuple[int | None, str | None]], int] = {}
    for row in world.rows:
        slot = (row.at, row.at + _SECOND)
        if coarse:
            slot = _part_of_interval(row, world.windows, terms)
            if oracle.day_of(row.at, terms.zone) not in failing:
                slot = _day(row, terms)
        key = (row.account, (_microseconds(slot[0]), _microseconds(slot[1])), (row.status, row.unit))
        counts[key] = counts.get(key, 0) + row.requests
    accounts = list(dict.fromkeys(account for account, _, _ in counts))
    slots = list(dict.fromkeys(slot for _, slot, _ in counts))
    outcomes = list(dict.fromkeys(outcome for _, _, outcome in counts))
    silent = {"no_answer": False, "content_flag": False, "client_aborted": False, "region": None, "repeated": False}
    return Tally(
        pl.DataFrame({"account_id": accounts}, schema={"account_id": pl.String}),
        pl.DataFrame(slots, schema=SLOT, orient="row"),
        pl.DataFrame([silent | {"status": status, "api": unit} for status, unit in outcomes], schema=OUTCOME),
        pl.DataFrame(
            [
                (accounts.index(account), slots.index(slot), outcomes.index(outcome), requests)
                for (account, slot, outcome), requests in counts.items()
            ],
            schema=Tally.empty().counts.schema,
            orient="row",
        ),
    )


def _day(row: Row, terms: Terms) -> tuple[datetime, datetime]:
    day = oracle.day_of(row.at, terms.zone)
    return oracle.midnight(day, terms.zone), oracle.midnight(day + timedelta(days=1), terms.zone)


def _part_of_interval(row: Row, windows: Sequence[Window], terms: Terms) -> tuple[datetime, datetime]:
    start = oracle.interval_of(row.at, terms)
    end = min(start + timedelta(minutes=terms.minutes), _day(row, terms)[1])
    edges = [edge for window in windows for edge in (window.starts_at, window.ends_at)]
    return (
        max([start, *(edge for edge in edges if edge <= row.at)]),
        min([end, *(edge for edge in edges if edge > row.at)]),
    )


def _microseconds(at: datetime) -> int:
    return (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


BILLED = {
    "service_fee": pl.Decimal(38, 6),
    "cash_paid": pl.Decimal(38, 6),
    "calls_bought": pl.Int64(),
    "hourly_fee": pl.Decimal(38, 6),
}


def facts_of(world: World) -> Facts:
    """Give what the parties assert, as files that were read."""
    accounts = None
    if world.periods is not None:
        accounts = pl.DataFrame(
            [(period.account, period.plan, period.first, period.last) for period in world.periods],
            schema={"account_id": pl.String, "plan": pl.String, "applied_on": pl.Date, "expires_on": pl.Date},
            orient="row",
        )
    bills = [(*key, *(_billed(name, bill.get(name)) for name in BILLED)) for key, bill in world.bills.items()]
    return Facts(
        accounts=accounts,
        billing=pl.DataFrame(bills, schema={"account_id": pl.String, "cycle": pl.String, **BILLED}, orient="row"),
        exclusions=tuple(
            Exclusion(
                f"W{at}",
                2 if window.accepted else 1,  # 1 needs a notice
                window.starts_at,
                window.ends_at,
                accounts=frozenset(window.accounts),
                apis=frozenset(window.units),
            )
            for at, window in enumerate(world.windows)
        ),
    )


def _billed(name: str, amount: Fraction | None) -> Decimal | int | None:
    if amount is None:
        return None
    return int(amount) if name == "calls_bought" else decimal(amount)


# What is drawn, around days on which clocks change, leap days, and ends of months.

PLACES = [
    ("Europe/Berlin", date(2026, 3, 29)),
    ("Europe/Berlin", date(2026, 10, 25)),
    ("America/New_York", date(2026, 3, 8)),
    ("America/New_York", date(2026, 11, 1)),
    ("America/Havana", date(2026, 3, 8)),  # at midnight
    ("America/Havana", date(2026, 11, 1)),
    ("Australia/Lord_Howe", date(2026, 10, 4)),  # by half an hour
    ("Australia/Lord_Howe", date(2026, 4, 5)),
    ("Asia/Kathmandu", date(2026, 3, 1)),
    ("Asia/Shanghai", date(2024, 2, 29)),
    ("Asia/Shanghai", date(2028, 3, 1)),
    ("Asia/Shanghai", date(2026, 2, 28)),
]
ACCOUNTS = ("a", "b")
UNITS = (None, "q1", "q2")
_BROAD = frozenset({None, *range(500, 600)})
_MILLIONTH = Fraction(1, 10**6)


class Case(NamedTuple):
    """A world, an agreement as two readings read it, and how coarsely requests are counted."""

    world: World
    literal: Terms
    other: Terms
    coarse: bool


def burst(chance: Random, anchors: Sequence[datetime], minutes: int) -> list[Row]:
    """Draw requests of one account in intervals in a row, perhaps with a gap, most of which fail."""
    account, unit = chance.choice(ACCOUNTS), chance.choice(UNITS)
    status = chance.choice([None, 503, 503, 500])
    start = chance.choice(anchors) + timedelta(minutes=minutes * chance.randint(-5, 3))
    seconds = chance.choice([0, 1, 29, minutes * 60 - 1])
    requests, many = chance.randint(1, 5), chance.choice([1, 2, 3, 4, 5, 6, 9])
    gap = chance.choice([None, None, None, 2, 3])
    answered = chance.choice([0, 0, 0, 0, 1, 15])
    refused = chance.choice([0, 0, 1, 3])
    listed = []
    for at in range(many):
        when = start + timedelta(minutes=minutes * at, seconds=seconds)
        if at != gap:
            listed += [Row(account, when, unit, status, requests)]
            listed += [Row(account, when, unit, 200, answered) for _ in range(answered > 0)]
            listed += [Row(account, when + _SECOND, unit, 404, refused) for _ in range(refused > 0)]
    return listed


def single(chance: Random, anchors: Sequence[datetime]) -> Row:
    """Draw requests at one instant."""
    status = chance.choice([200, 200, 404, 503])
    return Row(chance.choice(ACCOUNTS), chance.choice(anchors), chance.choice(UNITS), status, chance.randint(1, 60))


def anchors_of(zone: str, day: date) -> list[datetime]:
    """List instants where something may go wrong: midnights, clocks that change, ends of months."""
    noon = oracle.midnight(day, zone) + timedelta(hours=12)
    edges = [oracle.midnight(day + timedelta(days=at), zone) for at in (-1, 0, 1)]
    edges += [oracle.midnight(day, zone) + timedelta(hours=hours) for hours in (1, 2, 3)]
    return [*edges, noon, oracle.midnight((day.replace(day=28) + timedelta(days=5)).replace(day=1), zone)]


def periods_of(chance: Random, day: date) -> list[Period] | None:
    """Draw the days of service around a day; some lengths of it, such as a day, have rates of few decimals."""
    if not chance.randrange(4):
        return None
    if not chance.randrange(3):
        return [Period(account, "paid", day, day) for account in ACCOUNTS]
    listed = []
    for account in ACCOUNTS:
        first = chance.choice([day, day, day - timedelta(days=1), day.replace(day=1), day - timedelta(days=60)])
        for _ in range(chance.choice([1, 1, 1, 1, 2, 3, 0])):
            length = chance.choice([None, None, None, None, 0, 0, 1, 3, 9, 19, 24])
            last = None if length is None else first + timedelta(days=length)
            listed.append(Period(account, chance.choice(["paid", "paid", "paid", "free"]), first, last))
            if last is None:
                break
            first = last + timedelta(days=chance.choice([1, 1, 2, 5]))
    return listed


def fee(chance: Random) -> Fraction | None:
    """Draw an amount that is billed, if it is."""
    most = ["1", "1000", "1234.565", "0.02", "0.08", "0.005", "99.99", "250", "0.37"] * 3
    drawn = chance.choice([*most, "0", None])
    return None if drawn is None else Fraction(drawn)


def window(chance: Random, rows: Sequence[Row], minutes: int) -> Window:
    """Draw an exclusion of some requests, often of a part of their interval."""
    starts_at = chance.choice(rows).at + timedelta(seconds=chance.choice([-60 * minutes, -1, 0, 1]))
    return Window(
        starts_at,
        starts_at + timedelta(seconds=chance.choice([1, 2, 60 * minutes, 180 * minutes])),
        tuple(chance.sample(ACCOUNTS, chance.randint(0, 1))),
        tuple(chance.sample(UNITS[1:], chance.randint(0, 1))),
        accepted=chance.choice([True, True, True, False]),
    )


def world(chance: Random, zone: str, day: date, minutes: int, length: str) -> World:
    """Draw what is logged and asserted around a day."""
    anchors = anchors_of(zone, day)
    rows = [row for _ in range(chance.randint(1, 5)) for row in burst(chance, anchors, minutes)]
    rows += [single(chance, anchors) for _ in range(chance.randint(0, 4))]
    cycles = sorted({oracle.cycle_of(oracle.day_of(row.at, zone), length) for row in rows})
    bills: dict[tuple[str, str], oracle.Bill] = {}
    for key in product(ACCOUNTS, cycles):
        if chance.randrange(16):
            bills[key] = {name: fee(chance) for name in ("service_fee", "cash_paid", "hourly_fee")}
            bought = chance.choice([10**6, 10**6, 1, 7, 100, 400, 0, None])
            bills[key]["calls_bought"] = None if bought is None else Fraction(bought)
    windows = [window(chance, rows, minutes) for _ in range(chance.choice([0, 0, 1, 2]))]
    return World(tuple(rows), periods_of(chance, day), bills, windows)


def read_otherwise(chance: Random, terms: Terms) -> Terms:
    """Draw what two readings of one agreement may read otherwise."""
    caps = {"failed_calls": ["calls_bought", "none"], "days_of_month": ["none"]}
    least = ["0", "0", "0", "1", "150"] if terms.base in {"service_fee", "fault_fee"} else ["0", "1", "3.1"]
    return replace(
        terms,
        failures=chance.choice([terms.failures, _BROAD]),
        excluded_kept=chance.choice([False, False, True]),
        bad_least=chance.choice([1, 1, 1, 2, 5, 6]),
        run_from=chance.choice([1, 1, 1, 2, 3, 5]),
        run_least=chance.choice([0, 0, 0, 0, 8, 20]),
        joined=chance.choice([True, False]),
        partial=chance.choice(["counted", "counted", "counted", "counted", "as_whole", "as_whole", "not_judged"]),
        strict=chance.choice([True, False]),
        gated=chance.choice([True, False]),
        cap=chance.choice(caps.get(terms.base, ["cash_paid", "service_fee", "none"])),
        more_than=Fraction(chance.choice(least)),
    )


def skeleton(chance: Random, kind: str, zone: str, minutes: int, length: str) -> Terms:
    """Draw an agreement whose tiers are still to be found."""
    bases = ["service_fee", "failed_calls", "days_of_month", *(["fault_fee"] * 3 if kind == "share_of_time" else [])]
    base = chance.choice(bases)
    bad = chance.choice(["all_failed", "rate_over", "failures_from"])
    bad_from = {"all_failed": ["0"], "rate_over": ["0", "0.1", "0.5", "0.25"], "failures_from": ["1", "3", "5"]}
    quanta = {"failed_calls": ["1"], "days_of_month": ["0.1"]}
    terms = Terms(
        zone=zone,
        kind=kind,
        minutes=minutes,
        length=length,
        bad=bad,
        bad_from=Fraction(chance.choice(bad_from[bad])),
        pooled=kind == "share_of_time" and chance.choice([True, False]),
        least_requests=chance.choice([0, 0, 0, 0, 0, 0, 5, 40]),
        base=base,
        quantum=Fraction(chance.choice(quanta.get(base, ["0.01", "0.01", "1", "0.0001"]))),
        uncompensated=chance.choice([(), ("free",)]),
    )
    return read_otherwise(chance, terms)


def near(chance: Random, rate: Fraction) -> Fraction:
    """Draw a rate of six decimals at another one, or beside it."""
    edge = (rate * 10**6).__floor__() * _MILLIONTH + chance.choice([-1, 0, 0, 0, 1]) * _MILLIONTH
    return min(max(edge, _MILLIONTH), 1 - _MILLIONTH)


def with_tiers(chance: Random, terms: Terms, rates: Sequence[Fraction]) -> Terms:
    """Let tiers begin and end at rates: rows that meet, or that overlap as those of misprinted tables do."""
    shares = {"service_fee": ["0.05", "0.1", "0.3", "1"], "days_of_month": ["0.05", "0.1", "0.3", "1"]}
    owing = [Fraction(each) for each in shares.get(terms.base, ["3.75", "10", "15", "100"])]
    edges = {near(chance, chance.choice(rates)) for _ in range(3) if rates}
    edges.add(near(chance, Fraction(chance.choice(["0.5", "0.9", "0.99", "0.9995"]))))
    ends = sorted(edges, reverse=True)
    overlap = chance.choice([True, False])
    tiers = [
        (start, ends[0] if overlap and chance.choice([True, False]) else below, owing[at])
        for at, (below, start) in enumerate(zip(ends, [*ends[1:], Fraction(0)], strict=True))
    ]
    objective = chance.choice([ends[0], ends[0], *ends[1:]])
    return replace(terms, objective=objective, tiers=tuple(chance.sample(tiers, len(tiers))))


def case(chance: Random, kind: str) -> Case:
    """Draw a world, and an agreement as two readings read it, with edges at rates that there are."""
    zone, day = chance.choice(PLACES)
    minutes = chance.choice([1, 5, 60, 60])
    length = chance.choice(["month", "quarter"])
    drawn = world(chance, zone, day, minutes, length)
    terms = skeleton(chance, kind, zone, minutes, length)
    found = [result.rate for result in oracle.judged(drawn, terms).values()]
    between = sorted(rate for rate in found if rate is not None and 0 < rate < 1)
    exact = [rate for rate in between if (rate * 10**6).denominator == 1]
    terms = with_tiers(chance, terms, [*between, *exact * 3])
    return Case(drawn, terms, read_otherwise(chance, terms), coarse=chance.choice([True, False]))


def cases(kind: str) -> st.SearchStrategy[Case]:
    """Draw cases of a kind by their number: those that hypothesis would draw piece by piece are much alike."""
    return st.integers(0, 2**32 - 1).map(lambda number: case(Random(number), kind))
