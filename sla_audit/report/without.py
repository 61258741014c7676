"""What a result would be without each exclusion that took out some of its requests, as a report writes it down."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from sla_audit.report.daily import field

_COUNTS = ("requests", "requests_alone", "success", "explicit_failure", "excluded")
_VERDICT = ("success_rate", "credit_rate", "decision", "compensation")
FIELDS = ("exclusion", *_COUNTS, *_VERDICT)
"""What is said, in order; all but the first two are null where a tally has added up what that depends on."""

WITHOUT = pl.List(
    pl.Struct(
        {
            "exclusion": pl.String,
            **dict.fromkeys(_COUNTS, pl.Int64),
            **dict.fromkeys(_VERDICT, pl.String),
        }
    )
)
"""The type of `without`, the same results without each exclusion, which is named by its id."""


def by_result(without: pl.DataFrame, exclusions: Sequence[str]) -> pl.DataFrame:
    """Give each `account_id` and `cycle` its entries in one list; `exclusions` are the ids of those by position.

    `without` is as in `model.verdicts.Judgement`, its rates and amounts in text.
    """
    named = without.with_columns(exclusion=pl.lit(pl.Series(exclusions, dtype=pl.String)).gather(pl.col("exclusion")))
    return named.group_by("account_id", "cycle", maintain_order=True).agg(without=pl.struct(*FIELDS))


def as_json_text(exclusions: Sequence[str], written: Sequence[str]) -> pl.Expr:
    """Write each entry as JSON on one line; `written` has the ids of exclusions as JSON holds them."""
    ids = field("exclusion").replace_strict(list(exclusions), list(written), return_dtype=pl.String)
    parts = [_pair("exclusion", ids)]
    parts += [_pair(name, field(name).cast(pl.String)) for name in _COUNTS]
    parts += [_pair(name, pl.concat_str(pl.lit('"'), field(name), pl.lit('"'))) for name in _VERDICT]
    return pl.concat_str(pl.lit("{"), pl.concat_str(parts, separator=", "), pl.lit("}"))


def _pair(name: str, value: pl.Expr) -> pl.Expr:
    return pl.concat_str(pl.lit(f'"{name}": '), value.fill_null("null"))
