"""A verdict for each cycle under a reading, from requests added up by class, and intervals where these are measured."""

from __future__ import annotations

from datetime import date

import polars as pl

from sla_audit.contract.model import Contract
from sla_audit.judge.availability import credit_tier, failures_to_edge, rate_of, success_rate
from sla_audit.judge.awards import awards
from sla_audit.judge.classification.rules import CLASSES
from sla_audit.judge.decisions import decide, decide_provisionally, read_by
from sla_audit.judge.intervals.measured import Measured


def rule_on(
    cycles: pl.DataFrame,
    requests: pl.DataFrame,
    contract: Contract,
    reading: str,
    as_of: date,
    measured: Measured | None = None,
) -> pl.DataFrame:
    """Judge every cycle under one reading, row for row.

    `cycles` has the columns that `decisions.decide` and `awards` read; `requests`, beside it, one for each class. Where
    the contract measures intervals, what is `measured` of them stands beside both. Gives the columns of
    `verdicts.Judgement.verdicts`, and what else is measured.
    """
    contract = contract.under(reading)
    facts = read_by(contract)
    decision, reason = decide(as_of, contract)
    provisional = decide_provisionally(contract)
    verdicts = (
        pl.concat([cycles.select(facts), requests.select(CLASSES)], how="horizontal")
        .with_columns(requests=pl.sum_horizontal(CLASSES))
        .with_columns(_of_requests(contract, reading) if measured is None else measured.columns(contract))
        .with_columns(credit_rate=rate_of("tier", contract), decision=decision, reason=reason)
    )
    undecided = pl.when(pl.col("decision") == "undetermined").then(provisional)
    owed = awards(verdicts, pl.col("decision"), "tier", contract)
    estimate = awards(verdicts, undecided, "tier", contract)
    few = owed["not_above_least"]
    # What is measured besides the rate stays: people are told of it.
    return verdicts.drop(*facts, strict=False).with_columns(
        decision=pl.when(few).then(pl.lit("not_owed")).otherwise("decision"),
        reason=pl.when(few).then(pl.lit("not_above_least")).otherwise("reason"),
        compensation=owed["amount"],
        capped=owed["capped"],
        estimate=estimate["amount"],
    )


def _of_requests(contract: Contract, reading: str) -> list[pl.Expr]:
    kept, total = contract.readings[reading].kept_and_counted(*map(pl.col, CLASSES))
    return [
        success_rate(kept, total).alias("success_rate"),
        credit_tier(kept, total, contract).alias("tier"),
        failures_to_edge(kept, total, contract).alias("failures_to_edge"),
    ]
