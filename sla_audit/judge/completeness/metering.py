"""Billed calls against logged ones: metering is to be accurate (clause 2.9), and what is not logged is in no rate."""

from __future__ import annotations

from collections.abc import Collection

import polars as pl

from sla_audit.contract.model import Contract
from sla_audit.judge.availability import reaches
from sla_audit.model.facts import Facts
from sla_audit.model.verdicts import Metering

_CYCLE = ("account_id", "cycle")
_BILL: dict[str, pl.DataType] = {
    "account_id": pl.String(),
    "cycle": pl.String(),
    "service_fee": pl.Decimal(38, 6),
    "cash_paid": pl.Decimal(38, 6),
    "billed_calls": pl.Int64(),
}


def bills(facts: Facts) -> pl.DataFrame:
    """Give the rows of the billing file, if there is one; `billed_calls` is null where nothing is said of them."""
    if facts.billing is None:
        return pl.DataFrame(schema=_BILL)
    if "billed_calls" not in facts.billing.columns:
        return facts.billing.select(*list(_BILL)[:-1], billed_calls=pl.lit(None, pl.Int64()))
    return facts.billing.select(*_BILL)


def compare_metering(
    cycles: pl.DataFrame, requests: pl.Series, facts: Facts, contract: Contract, months: Collection[str]
) -> Metering:
    """Compare billing with the requests of each cycle, in `months`: those that have ended, and of which there are logs.

    `requests` stands beside `cycles`, which are as in `verdicts.Judgement`. A bill counts also where there is no such
    cycle: without an accounts file, that is so wherever an account has no request.
    """
    counted = cycles.select(*_CYCLE).with_columns(requests=requests)
    compared = (
        bills(facts)
        .filter(pl.col("cycle").is_in(list(months)))
        .join(counted, on=_CYCLE, how="left")
        .with_columns(pl.col("requests").fill_null(0))
        .sort(_CYCLE)
    )
    busy = counted.filter(pl.col("requests") > 0)["cycle"].unique()
    silent = (pl.col("requests") == 0) & (pl.col("service_fee") > 0) & pl.col("billed_calls").is_null()
    return Metering(
        short=compared.filter(is_short(contract)).select(*_CYCLE, "billed_calls", "requests"),
        silent=compared.filter(silent & pl.col("cycle").is_in(busy.implode())).select(*_CYCLE, "service_fee"),
    )


def is_short(contract: Contract) -> pl.Expr:
    """Express whether so few of the `billed_calls` are among the `requests` that the others could miss the objective.

    Null where nothing is said of calls.
    """
    return ~reaches(pl.col("requests"), pl.col("billed_calls"), contract.objective.success_rate)
