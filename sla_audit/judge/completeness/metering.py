"""Billed calls against logged ones: metering is to be accurate (clause 2.9), and what is not logged is in no rate."""

from __future__ import annotations

from collections.abc import Collection, Iterator

import polars as pl

from sla_audit.contract.model import Contract
from sla_audit.judge.availability import reaches, steps
from sla_audit.model.facts import Facts
from sla_audit.model.verdicts import CallTolerance, Metered, Metering

EXACT = CallTolerance()
_CYCLE = ("account_id", "cycle")
_BILL: dict[str, pl.DataType] = {
    "account_id": pl.String(),
    "cycle": pl.String(),
    "service_fee": pl.Decimal(38, 6),
    "cash_paid": pl.Decimal(38, 6),
    "billed_calls": pl.Int64(),
    "calls_bought": pl.Int64(),
    "hourly_fee": pl.Decimal(38, 6),
}


def bills(facts: Facts) -> pl.DataFrame:
    """Give the rows of the billing file, if there is one; a column is null where it says nothing."""
    if facts.billing is None:
        return pl.DataFrame(schema=_BILL)
    said = facts.billing.columns
    return facts.billing.select(
        pl.col(name) if name in said else pl.lit(None, kind).alias(name) for name, kind in _BILL.items()
    )


def compare_metering(
    cycles: pl.DataFrame,
    requests: pl.Series,
    facts: Facts,
    contract: Contract,
    ended: Collection[str],
    tolerance: CallTolerance = EXACT,
) -> Metering:
    """Compare billing with the requests of each cycle, of those that have `ended`, and of which there are logs.

    `requests` stands beside `cycles`, which are as in `verdicts.Judgement`. A bill counts also where there is no such
    cycle: without an accounts file, that is so wherever an account has no request.
    """
    counted = cycles.select(*_CYCLE).with_columns(requests=requests)
    compared = (
        bills(facts)
        .filter(pl.col("cycle").is_in(list(ended)))
        .join(counted, on=_CYCLE, how="left")
        .with_columns(pl.col("requests").fill_null(0))
        .sort(_CYCLE)
    )
    busy = counted.filter(pl.col("requests") > 0)["cycle"].unique()
    silent = (pl.col("requests") == 0) & (pl.col("service_fee") > 0) & pl.col("billed_calls").is_null()
    return Metering(
        short=compared.filter(is_short(contract)).select(*_CYCLE, "billed_calls", "requests"),
        silent=compared.filter(silent & pl.col("cycle").is_in(busy.implode())).select(*_CYCLE, "service_fee"),
        tolerance=tolerance,
        compared=compared["billed_calls"].count(),
        differing=tuple(_differing(compared, facts, tolerance)),
    )


def _differing(compared: pl.DataFrame, facts: Facts, tolerance: CallTolerance) -> Iterator[Metered]:
    """Give the bills for other calls than are logged, beyond a tolerance, in the order of account and cycle."""
    apart = compared.filter(pl.col("billed_calls") != pl.col("requests"))
    if facts.billing is not None and "unit_price" in facts.billing.columns:
        apart = apart.join(facts.billing.select(*_CYCLE, "unit_price"), on=_CYCLE, how="left", maintain_order="left")
    else:
        apart = apart.with_columns(unit_price=pl.lit(None, pl.Decimal(38, 6)))
    for row in apart.select(Metered._fields).iter_rows():
        bill = Metered(*row)
        if not tolerance.allows(bill.billed_calls, bill.requests):
            yield bill


def is_short(contract: Contract) -> pl.Expr:
    """Express whether so few of the `billed_calls` are among the `requests` that the others could miss the objective.

    Null where nothing is said of calls. Where intervals are measured, few calls that are not logged may be all of one,
    and each matters. Where a tier owes whatever the objective is, the highest tier stands for it.
    """
    if contract.measure is not None:
        return pl.col("requests") < pl.col("billed_calls")
    return ~reaches(pl.col("requests"), pl.col("billed_calls"), steps(contract)[0].rate)
