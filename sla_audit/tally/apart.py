"""Accounts told apart: what an agreement judges by itself besides an account is an account of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import polars as pl

from sla_audit.model.tally import REQUESTS, Tally

UNKNOWN = "unknown"
"""What stands for a region, say, that the log does not tell."""
_BETWEEN = "/"


def told_apart(tally: Tally, columns: Sequence[str]) -> Tally:
    """Make an account of each that an account has requests of by columns of the outcomes, such as `acme/us-east-1`."""
    if not columns:
        return tally
    parts = (pl.lit(tally.outcomes[name]).gather(pl.col("outcome")) for name in columns)
    account = pl.lit(tally.accounts["account_id"]).gather(pl.col("account"))
    named = tally.counts.with_columns(name=name_of(account, *parts))
    accounts = named.select(account_id=pl.col("name").unique(maintain_order=True)).with_row_index("code")
    counts = (
        named.join(accounts, left_on="name", right_on="account_id")
        .group_by(pl.col("code").alias("account"), "slot", "outcome")
        .agg(pl.col(REQUESTS).sum())
        .select(tally.counts.columns)
    )
    return replace(tally, accounts=accounts.select("account_id"), counts=counts)


def name_of(account: pl.Expr, *parts: pl.Expr) -> pl.Expr:
    """Name what is an account of its own, by the account that a log has and what tells it apart."""
    return pl.concat_str(account, *(part.fill_null(UNKNOWN) for part in parts), separator=_BETWEEN)


def wholes_of(name: str) -> list[str]:
    """List the accounts that something may be a part of, by its name; what stands between may stand in names too."""
    parts = name.split(_BETWEEN)
    return [_BETWEEN.join(parts[:many]) for many in range(1, len(parts))]
