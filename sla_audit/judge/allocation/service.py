"""Which days of a cycle an account is judged for, where its accounts file has several periods of service for it.

A cycle is a calendar month or quarter, cut to the days of service (clauses 2.1, 2.7.1), and there is one bill for it.
Free use is not compensated (clause 2.10.1), so that one in which an account also pays is judged for the days on which
it does; its free days are outside the cycle, as days without service are.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import date

import polars as pl

from sla_audit.model.cycle import ServiceCycle

PERIODS = pl.List(pl.Struct({"plan": pl.String, "applied_on": pl.Date, "expires_on": pl.Date}))
"""The type of `periods` of a roster."""

STRETCHES = pl.List(pl.Struct({"first_day": pl.Date, "last_day": pl.Date, "plan": pl.String}))
"""The type of `periods` of a cycle: both days are inclusive, and in order."""


def calendar(cycles: Sequence[ServiceCycle]) -> pl.DataFrame:
    """List cycles by their `position`: the name of each (`cycle`), its `first_day`, its `last_day` and its `days`."""
    return pl.DataFrame(
        {
            "position": range(len(cycles)),
            "cycle": [str(cycle) for cycle in cycles],
            "first_day": [cycle.first_day for cycle in cycles],
            "last_day": [cycle.last_day for cycle in cycles],
            "days": [cycle.days for cycle in cycles],
        },
        schema={
            "position": pl.UInt32,
            "cycle": pl.String,
            "first_day": pl.Date,
            "last_day": pl.Date,
            "days": pl.Int64,
        },
    )


def days_served(roster: pl.DataFrame, cycles: Sequence[ServiceCycle], uncompensated: Collection[str]) -> pl.DataFrame:
    """List the stretches of service, within each cycle, of the accounts that have several periods.

    Gives `account`, a code, the `position` of the cycle, `first_day`, `last_day`, `plan`, whether that is `free`, and
    `judged`: whether its days are those of the cycle.
    """
    periods = roster.lazy().select("periods").with_row_index("account").drop_nulls("periods")
    first_day = pl.max_horizontal("first_day", "applied_on")
    last_day = pl.min_horizontal("last_day", "expires_on")
    free = pl.col("plan").is_in(list(uncompensated))
    return (
        periods.explode("periods")
        .unnest("periods")
        .join(calendar(cycles).lazy(), how="cross")
        .with_columns(first_day=first_day, last_day=last_day, free=free)
        .filter(pl.col("first_day") <= pl.col("last_day"))
        .with_columns(judged=pl.col("free") == pl.col("free").min().over("account", "position"))
        .sort("account", "position", "first_day")
        .select("account", "position", "first_day", "last_day", "plan", "free", "judged")
        .collect()
    )


def cycles_of(served: pl.DataFrame) -> pl.DataFrame:
    """Give each `account` and `position` of `days_served` its `plan`, `cycle_start`, `cycle_end` and `periods`."""
    judged = pl.col("judged")
    return served.group_by("account", "position", maintain_order=True).agg(
        plan=pl.col("plan").filter(judged).first(),
        cycle_start=pl.col("first_day").filter(judged).min(),
        cycle_end=pl.col("last_day").filter(judged).max(),
        periods=pl.struct("first_day", "last_day", "plan"),
    )


def stretches_of(cycles: pl.DataFrame, uncompensated: Collection[str]) -> Iterator[list[tuple[date, date]]]:
    """Give the first and the last days of the stretches for which each of `cycles.service_cycles` is judged."""
    free = set(uncompensated)
    for first, last, plan, periods in cycles.select("cycle_start", "cycle_end", "plan", "periods").iter_rows():
        if periods is None:
            yield [(first, last)]
        else:
            judged = (each for each in periods if (each["plan"] in free) == (plan in free))
            yield [(each["first_day"], each["last_day"]) for each in judged]


def days_judged(uncompensated: Collection[str]) -> pl.Expr:
    """Express for how many days each of `cycles.service_cycles` is judged."""
    free = list(uncompensated)
    each = pl.element().struct
    days = _days(each.field("first_day"), each.field("last_day"))
    of_paid, of_free = (
        pl.col("periods").list.eval(days.filter(each.field("plan").is_in(free) == is_free)).list.sum()
        for is_free in (False, True)
    )
    of_several = pl.when(pl.col("plan").is_in(free)).then(of_free).otherwise(of_paid)
    of_one = _days(pl.col("cycle_start"), pl.col("cycle_end"))
    return pl.when(pl.col("periods").is_null()).then(of_one).otherwise(of_several)


def _days(first: pl.Expr, last: pl.Expr) -> pl.Expr:
    return (last - first).dt.total_days() + 1


def with_plans(roster: pl.DataFrame, served: pl.DataFrame) -> pl.DataFrame:
    """Give accounts that have several periods the plan on which they are judged: the one that is compensated, if any.

    `served` are the days of the cycles of the report.
    """
    if not served.height:
        return roster
    plans = served.filter("judged").sort("free").group_by("account", maintain_order=True).agg(pl.col("plan").first())
    known = roster.with_row_index("account").join(plans, on="account", how="left", maintain_order="left")
    return roster.with_columns(plan=pl.coalesce(known["plan_right"], roster["plan"]))


def outside_cycles(
    counts: pl.DataFrame,
    slots: pl.DataFrame,
    roster: pl.DataFrame,
    kind: type[ServiceCycle],
    uncompensated: Collection[str],
) -> pl.DataFrame:
    """Find, of accounts that have several periods, each `account` and `slot` with requests that is in no cycle.

    `slots` have the `day` on which they begin, and do not go beyond the days of one period. Cycles are of a `kind`.
    """
    several = roster["periods"].is_not_null()
    if not several.any():
        return pl.DataFrame(schema={"account": pl.UInt32, "slot": pl.UInt32})
    of_days = [kind.of(day) for day in slots["day"].to_list()]
    cycles = sorted({*of_days})
    served = days_served(roster, cycles, uncompensated).filter("judged")
    position = {cycle: at for at, cycle in enumerate(cycles)}
    of_slot = pl.DataFrame(
        {"day": slots["day"], "position": [position[cycle] for cycle in of_days]},
        schema={"day": pl.Date, "position": pl.UInt32},
    ).with_row_index("slot")
    there = counts.filter(pl.lit(several).gather(pl.col("account"))).select("account", "slot").unique()
    inside = (
        there.join(of_slot, on="slot")
        .join(served, on=["account", "position"])
        .filter(pl.col("day").is_between("first_day", "last_day"))
    )
    return there.join(inside, on=["account", "slot"], how="anti")
