"""Accounts told apart: what an agreement judges by itself besides an account is an account of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import polars as pl

from sla_audit.model.tally import REQUESTS, Tally

UNKNOWN = "unknown"
"""What stands for a region, say, that the log does not tell."""


def told_apart(tally: Tally, columns: Sequence[str]) -> Tally:
    """Make an account of each that an account has requests of by columns of the outcomes, such as `acme/us-east-1`."""
    if not columns:
        return tally
    parts = (pl.lit(tally.outcomes[name]).gather(pl.col("outcome")).fill_null(UNKNOWN) for name in columns)
    account = pl.lit(tally.accounts["account_id"]).gather(pl.col("account"))
    named = tally.counts.with_columns(name=pl.concat_str(account, *parts, separator="/"))
    accounts = named.select(account_id=pl.col("name").unique(maintain_order=True)).with_row_index("code")
    counts = (
        named.join(accounts, left_on="name", right_on="account_id")
        .group_by(pl.col("code").alias("account"), "slot", "outcome")
        .agg(pl.col(REQUESTS).sum())
        .select(tally.counts.columns)
    )
    return replace(tally, accounts=accounts.select("account_id"), counts=counts)
