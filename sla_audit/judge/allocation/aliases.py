"""Counts of keys, made those of the accounts that the keys stand for on each day."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from sla_audit.model.tally import Tally


@dataclass(frozen=True)
class Aliased:
    """A tally by account, and the requests of each `key` by `slot` and `outcome` that have no account by an alias.

    Those stay under their key. `account_of` has the `account` for which each `key` stands in each `slot` of its counts.
    """

    tally: Tally
    unmatched: pl.DataFrame
    matched: pl.DataFrame
    account_of: pl.DataFrame


def aliased(tally: Tally, days: pl.Series, aliases: pl.DataFrame) -> Aliased:
    """Put the requests of each key under its account; `days` has the day in which each slot lies.

    `aliases` has `key`, `account`, `from` and `to` (half-open days, null where open), one account at most for a key on
    a day. They are applied once: an account that is a key too is not looked up again.
    """
    keys = tally.accounts.with_row_index("account")
    of_key = keys.join(aliases.rename({"account": "target"}), left_on="account_id", right_on="key")
    pairs = tally.counts.join(of_key.select("account").unique(), on="account", how="semi")
    of_slot = pl.DataFrame({"day": days}).with_row_index("slot")
    found = (
        pairs.select("account", "slot")
        .unique()
        .join(of_slot, on="slot")
        .join(of_key, on="account")
        .filter(
            (pl.col("from") <= pl.col("day")).fill_null(value=True),
            (pl.col("day") < pl.col("to")).fill_null(value=True),
        )
        .select("account", "slot", "target")
    )
    ids = tally.accounts["account_id"]
    named = tally.counts.join(found, on=["account", "slot"], how="left").with_columns(
        key=pl.lit(ids).gather(pl.col("account"))
    )
    names = named.select(name=pl.coalesce("target", "key"), slot="slot", outcome="outcome", requests="requests")
    accounts = names.select(pl.col("name").unique(maintain_order=True)).with_row_index("account")
    counts = (
        names.join(accounts, on="name")
        .group_by("account", "slot", "outcome")
        .agg(pl.col("requests").sum())
        .select(tally.counts.columns)
    )
    listed = accounts.select(account_id="name")
    by_key = named.select("key", "slot", "outcome", "requests", is_matched=pl.col("target").is_not_null())
    return Aliased(
        Tally(listed, tally.slots, tally.outcomes, counts),
        unmatched=by_key.filter(~pl.col("is_matched")).drop("is_matched"),
        matched=by_key.filter("is_matched").drop("is_matched"),
        account_of=found.select(pl.lit(ids).gather(pl.col("account")).alias("key"), "slot", account="target"),
    )
