"""Where each counted request belongs: a service cycle of its account, or one of the places outside.

Every request is in exactly one place, so that no row of a log is lost.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import polars as pl

from sla_audit.contract.service import of_service
from sla_audit.errors import Problem, refuse
from sla_audit.model.cycle import ServiceCycle
from sla_audit.model.instant import moment
from sla_audit.model.month import FIRST_DAY, LAST_DAY
from sla_audit.sentence import Sentence, to_say

PLACES = ("counted", "outside_cycle", "outside_period", "other_service")
_NAME_CYCLES = to_say("Mend these rows, or name the cycles to judge with --cycle.")
COUNTED, OUTSIDE_CYCLE, OUTSIDE_PERIOD, OTHER_SERVICE = range(4)


@dataclass(frozen=True)
class Placed:
    """The counts that belong to a cycle, those outside, how many are in each place, and the cycles of the report.

    Those `out_of_service` are of cycles of the report, and of days on which the account was not in service. Those
    `beside` are of other cycles, and of days on which it was.
    """

    counts: pl.DataFrame
    out_of_service: pl.DataFrame
    beside: pl.DataFrame
    rows: dict[str, int]
    cycles: tuple[ServiceCycle, ...]


def days_of(slots: pl.DataFrame, time_zone: str) -> pl.Series:
    """Give the day that each slot lies in, in the contract's time zone (clause 2.7.1)."""
    zone = ZoneInfo(time_zone)
    return pl.Series([moment(start, zone).date() for start in slots["starts_at"].to_list()], dtype=pl.Date)


def with_days(slots: pl.DataFrame, time_zone: str, kind: type[ServiceCycle]) -> pl.DataFrame:
    """Add to slots their `day` (see `days_of`) and the name of its `cycle`, which is of a kind."""
    days = days_of(slots, time_zone)
    return slots.with_columns(day=days, cycle=pl.Series([str(kind.of(day)) for day in days], dtype=pl.String))


def with_positions(slots: pl.DataFrame, cycles: Sequence[ServiceCycle]) -> pl.DataFrame:
    """Add to slots with days the `position` of their cycle; null where it is none of `cycles`."""
    position = {str(cycle): at for at, cycle in enumerate(cycles)}
    return slots.with_columns(position=pl.Series([position.get(cycle) for cycle in slots["cycle"]], dtype=pl.UInt32))


def place(
    counts: pl.DataFrame,
    slots: pl.DataFrame,
    outcomes: pl.DataFrame,
    service: pl.DataFrame,
    cycles: Sequence[ServiceCycle] | None,
    apis: Sequence[str] = (),
    *,
    kind: type[ServiceCycle],
    outside: pl.DataFrame | None = None,
) -> Placed:
    """Give every count its cycle and its place.

    `slots` come from `with_days`; `service` has `applied_on` and `expires_on` for each account code,
    null where open. `cycles` are those asked for (None: all of their `kind` that the counts touch); `apis` are globs
    of the APIs that belong to the service (none: all do). Other services are set aside first, then
    cycles not asked for, then days on which the account was not in service (clauses 2.1, 2.7.1), with each `account`
    and `slot` that is `outside` besides (see `service.outside_cycles`). Raises `InputError`
    where no cycles are asked for, and the counts touch one that is not of the years 1970 to 2199.
    """
    services = [of_service(api, apis) for api in outcomes["api"].to_list()]
    asked = [cycles is None or kind.of(day) in cycles for day in slots["day"].to_list()]
    day = _look_up(slots["day"], "slot")
    applied_on, expires_on = (_look_up(service[name], "account") for name in ("applied_on", "expires_on"))
    no_cycle = (day < applied_on).fill_null(value=False) | (day > expires_on).fill_null(value=False)
    if outside is not None and outside.height:
        marked = outside.with_columns(outside=pl.lit(value=True))
        counts = counts.join(marked, on=["account", "slot"], how="left", maintain_order="left")
        no_cycle |= pl.col("outside").fill_null(value=False)
    placed = counts.with_columns(
        place=pl.when(~_look_up(pl.Series(services, dtype=pl.Boolean), "outcome"))
        .then(pl.lit(OTHER_SERVICE, pl.UInt8))
        .when(~_look_up(pl.Series(asked, dtype=pl.Boolean), "slot"))
        .then(pl.lit(OUTSIDE_PERIOD, pl.UInt8))
        .when(no_cycle)
        .then(pl.lit(OUTSIDE_CYCLE, pl.UInt8))
        .otherwise(pl.lit(COUNTED, pl.UInt8)),
        in_service=~no_cycle,
    ).drop("outside", strict=False)
    sums = placed.group_by("slot", "place").agg(pl.col("requests").sum())
    rows = dict(sums.group_by("place").agg(pl.col("requests").sum()).iter_rows())
    if cycles is None:
        touched = slots["day"].gather(sums.filter(pl.col("place") != OTHER_SERVICE)["slot"])
        cycles = sorted({kind.of(day) for day in touched})
        refuse(
            Problem(
                "logs",
                Sentence("rows of {month}, which no run judges: months are from 1970-01 to 2199-12", month=cycle),
                _NAME_CYCLES,
            )
            for cycle in cycles
            if not FIRST_DAY <= cycle.first_day <= LAST_DAY
        )
    beside = (pl.col("place") == OUTSIDE_PERIOD) & pl.col("in_service")
    return Placed(
        counts=placed.filter(pl.col("place") == COUNTED).drop("place", "in_service"),
        out_of_service=placed.filter(pl.col("place") == OUTSIDE_CYCLE).drop("place", "in_service"),
        beside=placed.filter(beside).drop("place", "in_service"),
        rows={name: int(rows.get(place, 0)) for place, name in enumerate(PLACES)},
        cycles=tuple(cycles),
    )


def _look_up(values: pl.Series, code: str) -> pl.Expr:
    return pl.lit(values).gather(pl.col(code))
