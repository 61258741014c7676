"""What the codes of counts stand for."""

from __future__ import annotations

from typing import NamedTuple

import polars as pl


class Dimensions(NamedTuple):
    """The lists of which the codes `account`, `slot` and `outcome` of a count are row numbers.

    `slots` has `starts_at`, `ends_at` and, from `allocation.place`, `day`, `cycle` and its `position` among those of
    the audit, of which there are so many `cycles`; `outcomes` has the columns of `model.tally.OUTCOME`.

    The service cycles of all accounts are numbered too, account by account and then by time.
    """

    accounts: pl.Series
    slots: pl.DataFrame
    outcomes: pl.DataFrame
    cycles: int

    @property
    def cycle_numbers(self) -> int:
        """How many numbers there are."""
        return len(self.accounts) * self.cycles

    def cycle_number(self) -> pl.Expr:
        """Express the number of the cycle that a count belongs to."""
        position = pl.lit(self.slots["position"]).gather(pl.col("slot"))
        return pl.col("account").cast(pl.Int64) * self.cycles + position
