"""The accounts of an audit: those in the logs and those in the accounts file, each with what the file says of it."""

from __future__ import annotations

from collections.abc import Collection

import polars as pl

from sla_audit.judge.allocation.service import PERIODS

_WITHOUT_FILE = {"plan": pl.lit("paid"), "known": pl.lit(value=True), "on_file": pl.lit(value=False)}
_NO_DATES = {name: pl.lit(None, pl.Date) for name in ("applied_on", "expires_on")}


def roster(seen: pl.Series, accounts: pl.DataFrame | None, uncompensated: Collection[str]) -> pl.DataFrame:
    """List every account by code: those that were `seen`, in that order, then those that only the file has.

    Gives `account_id`, `plan`, `applied_on`, `expires_on`, `known`, `on_file` and `periods`. Without a file, every
    account is taken as paid and in service; where there is one, an account that it lacks has no plan and is not known.
    Of an account with several rows, the dates are the first and the last of all, `periods` has the rows (else it is
    null), and the plan is one that is compensated if any is.
    """
    ids = pl.DataFrame({"account_id": seen})
    if accounts is None:
        return ids.with_columns(**_WITHOUT_FILE, **_NO_DATES, periods=pl.lit(None, PERIODS))
    stated = _one_row_each(accounts, uncompensated).with_columns(known=pl.lit(value=True))
    unseen = stated.select("account_id").join(ids, on="account_id", how="anti", maintain_order="left")
    return (
        pl.concat([ids, unseen])
        .join(stated, on="account_id", how="left", maintain_order="left")
        .with_columns(pl.col("known").fill_null(value=False))
        .with_columns(on_file="known")
        .select(*ids.columns, "plan", "applied_on", "expires_on", "known", "on_file", "periods")
    )


def _one_row_each(accounts: pl.DataFrame, uncompensated: Collection[str]) -> pl.DataFrame:
    stated = accounts.select("account_id", "plan", "applied_on", "expires_on", periods=pl.lit(None, PERIODS))
    several = stated["account_id"].is_duplicated()
    if not several.any():
        return stated
    free = pl.col("plan").is_in(list(uncompensated))
    history = (
        stated.filter(several)
        .sort("applied_on", maintain_order=True)
        .group_by("account_id", maintain_order=True)
        .agg(
            plan=pl.col("plan").sort_by(free, maintain_order=True).first(),
            applied_on=pl.col("applied_on").min(),
            expires_on=pl.when(pl.col("expires_on").is_not_null().all()).then(pl.col("expires_on").max()),
            periods=pl.struct("plan", "applied_on", "expires_on"),
        )
    )
    return pl.concat([stated.filter(~several), history.select(stated.columns)])
