"""A verdict for each cycle under a reading, from requests added up by class."""

from __future__ import annotations

from datetime import date

import polars as pl

from sla_audit.contract.model import Contract
from sla_audit.judge.availability import credit_tier, edges_kept, failures_to_edge, rate_of, success_rate
from sla_audit.judge.awards import with_awards
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
    fewer, more = edges_kept(total, pl.col("tier"), contract)
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
        .with_columns(
            fewer_failures=fewer - kept,
            fewer_tier=credit_tier(fewer, total, contract),
            more_failures=kept - more,
            more_tier=credit_tier(more, total, contract),
            decision=decision,
            reason=reason,
            provisional=provisional,
        )
    )
    return with_awards(verdicts, contract).select(
        pl.exclude(*_FACTS, "provisional", "fewer_tier", "more_tier"),
        *(rate_of(f"{edge}tier", contract).alias(f"{edge}credit_rate") for edge in ("", "fewer_", "more_")),
    )
