"""The accounts of an audit: those in the logs and those in the accounts file, each with what the file says of it."""

from __future__ import annotations

import polars as pl

_WITHOUT_FILE = {"plan": pl.lit("paid"), "known": pl.lit(value=True), "on_file": pl.lit(value=False)}
_NO_DATES = {name: pl.lit(None, pl.Date) for name in ("applied_on", "expires_on")}


def roster(seen: pl.Series, accounts: pl.DataFrame | None) -> pl.DataFrame:
    """List every account by code: those that were `seen`, in that order, then those that only the file has.

    Gives `account_id`, `plan`, `applied_on`, `expires_on`, `known` and `on_file`. Without a file, every account is
    taken as paid and in service; where there is one, an account that it lacks has no plan and is not known.
    """
    ids = pl.DataFrame({"account_id": seen})
    if accounts is None:
        return ids.with_columns(**_WITHOUT_FILE, **_NO_DATES)
    unseen = accounts.select("account_id").join(ids, on="account_id", how="anti", maintain_order="left")
    stated = accounts.select("account_id", "plan", "applied_on", "expires_on", known=pl.lit(value=True))
    return (
        pl.concat([ids, unseen])
        .join(stated, on="account_id", how="left", maintain_order="left")
        .with_columns(pl.col("known").fill_null(value=False))
        .with_columns(on_file="known")
    )
