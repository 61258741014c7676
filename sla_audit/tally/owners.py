"""Whose the requests of a key are: intervals are those of accounts, of which one may have several keys."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import polars as pl

from sla_audit.tally.steps import midnight_of

STEP_OF = {"account_id": pl.String(), "step": pl.Int64()}
"""An account as logs name it, and the start of a step, in microseconds."""


class Owners:
    """The accounts for which keys stand, and when; whoever has no alias then owns what bears its name.

    `aliases` has `key`, `account`, `from` and `to` (half-open days of a zone, null where open); one account at most
    for a key on a day. No step is of two days.
    """

    def __init__(self, aliases: pl.DataFrame, zone: ZoneInfo) -> None:
        since, until = (
            pl.Series(name, [None if day is None else midnight_of(day, zone) for day in aliases[name]], dtype=pl.Int64)
            for name in ("from", "to")
        )
        self._aliases = pl.DataFrame([aliases["key"], aliases["account"].alias("owner"), since, until])

    def of(self, steps: pl.DataFrame) -> pl.Series:
        """Give the owner of each row of some that have the columns of `STEP_OF`."""
        numbered = steps.select(*STEP_OF).with_row_index("row")
        standing = numbered.join(self._aliases, left_on="account_id", right_on="key").filter(_then())
        named = numbered.join(standing.select("row", "owner"), on="row", how="left", maintain_order="left")
        return named.select(pl.coalesce("owner", "account_id")).to_series()

    def all_keys(self, steps: pl.DataFrame) -> pl.DataFrame:
        """Add to some rows, which have the columns of `STEP_OF`, the same of all other keys of their owners."""
        owned = steps.with_columns(owner=self.of(steps))
        others = owned.join(self._aliases, on="owner").filter(_then()).with_columns(account_id="key")
        by_name = owned.with_columns(account_id="owner")
        own = by_name.filter(self.of(by_name) == by_name["owner"])
        return pl.concat([each.select(steps.columns) for each in (steps, others, own)]).unique()


def _then() -> pl.Expr:
    return (pl.col("from") <= pl.col("step")).fill_null(value=True) & (pl.col("step") < pl.col("to")).fill_null(
        value=True
    )
