"""A verdict for each cycle under a reading, from requests added up by class."""

from __future__ import annotations

from datetime import date

import polars as pl

from sla_audit.contract.model import Contract
from sla_audit.judge.availability import credit_tier, failures_to_edge, rate_of, success_rate
from sla_audit.judge.awards import awards
from sla_audit.judge.classification.rules import CLASSES
from sla_audit.judge.decisions import decide

_FACTS = ("month_end", "logged", "billed_calls", "plan", "known", "service_fee", "cash_paid")


def rule_on(
    cycles: pl.DataFrame, requests: pl.DataFrame, contract: Contract, reading: str, as_of: date
) -> pl.DataFrame:
    """Judge every cycle under one reading, row for row.

    `cycles` has the columns that `decisions.decide` reads; `requests`, beside it, one for each class. Gives the
    columns of `verdicts.Judgement.verdicts`.
    """
    kept, total = contract.readings[reading].kept_and_counted(*map(pl.col, CLASSES))
    plans = contract.compensation.uncompensated_plans
    decision, reason = decide(as_of, plans)
    provisional, _ = decide(as_of, plans, provisionally=True)
    verdicts = (
        pl.concat([cycles.select(_FACTS), requests.select(CLASSES)], how="horizontal")
        .with_columns(
            requests=pl.sum_horizontal(CLASSES),
            success_rate=success_rate(kept, total),
            tier=credit_tier(kept, total, contract),
            failures_to_edge=failures_to_edge(kept, total, contract),
        )
        .with_columns(credit_rate=rate_of("tier", contract), decision=decision, reason=reason)
    )
    undecided = pl.when(pl.col("decision") == "undetermined").then(provisional)
    owed = awards(verdicts, pl.col("decision"), "tier", contract)
    estimate = awards(verdicts, undecided, "tier", contract)
    return verdicts.drop(_FACTS).with_columns(
        compensation=owed["amount"], capped=owed["capped"], estimate=estimate["amount"]
    )
