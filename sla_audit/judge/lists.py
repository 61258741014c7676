"""What the codes of counts stand for."""

from __future__ import annotations

from typing import NamedTuple

import polars as pl


class Lists(NamedTuple):
    """The lists of which the codes `account`, `slot` and `outcome` of a count are row numbers.

    `slots` has `starts_at`, `ends_at` and, from `placing.with_days`, `day` and `cycle`; `outcomes` has `status`,
    `content_flag`, `client_aborted`, `region` and `api`.
    """

    accounts: pl.Series
    slots: pl.DataFrame
    outcomes: pl.DataFrame
