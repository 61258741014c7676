"""What the codes of counts stand for."""

from __future__ import annotations

from typing import NamedTuple

import polars as pl


class Dimensions(NamedTuple):
    """The lists of which the codes `account`, `slot` and `outcome` of a count are row numbers.

    `slots` has `starts_at`, `ends_at` and, from `allocation.place`, `day`, `cycle` and `month`, a position among the
    `months` of the audit; `outcomes` has `status`, `no_answer`, `content_flag`, `client_aborted`, `region`,
    `api` and `repeated` (see `model.tally.Tally`).

    The service cycles of all accounts are numbered too, account by account and then month by month.
    """

    accounts: pl.Series
    slots: pl.DataFrame
    outcomes: pl.DataFrame
    months: int

    @property
    def cycle_numbers(self) -> int:
        """How many numbers there are."""
        return len(self.accounts) * self.months

    def cycle_number(self) -> pl.Expr:
        """Express the number of the cycle that a count belongs to."""
        month = pl.lit(self.slots["month"]).gather(pl.col("slot"))
        return pl.col("account").cast(pl.Int64) * self.months + month
