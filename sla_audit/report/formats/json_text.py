"""JSON as text in Polars, of many values at once: the same as of each by itself."""

from __future__ import annotations

import json
from collections.abc import Mapping

import polars as pl

from sla_audit.output.escape import for_json

text_of = json.JSONEncoder(ensure_ascii=False).encode
"""Writes a value on one line."""

_IN_PLAIN_TEXT = r"^[ !#-\[\]-~]*$"
"""What stands in JSON as it is: ASCII that is printed, but for quotes and backslashes."""


def texts(values: pl.Series) -> pl.Series:
    """Write text, whole numbers and truths; null as `null`."""
    if values.dtype != pl.String:
        return values.cast(pl.String).fill_null("null")
    odd = (~values.str.contains(_IN_PLAIN_TEXT)).fill_null(value=False)
    written = pl.concat_str(pl.lit('"'), pl.col(values.name), pl.lit('"')).fill_null("null")
    plain = values.to_frame().select(written.alias(values.name)).to_series()
    if not odd.any():
        return plain
    one_by_one = pl.Series([for_json(text_of(text)) for text in values.filter(odd)], dtype=pl.String)
    return plain.scatter(odd.arg_true(), one_by_one)


def lines(parts: pl.Expr, edges: str, newline: str) -> pl.Expr:
    """Write lists of what is written already, a line for each, between two `edges` such as `[]`; null as null."""
    inner = f"{newline} "
    several = pl.concat_str(pl.lit(edges[0] + inner), parts.list.join(f",{inner}"), pl.lit(newline + edges[1]))
    return pl.when(parts.list.len() > 0).then(several).when(parts.is_not_null()).then(pl.lit(edges))


def fields(parts: Mapping[str, pl.Expr], newline: str) -> pl.Expr:
    """Write objects of what is written already, a line for each key; one of which the value is null has none."""
    inner = f"{newline} "
    pairs = [pl.concat_str(pl.lit(f"{inner}{for_json(text_of(key))}: "), part) for key, part in parts.items()]
    return pl.concat_str(pl.lit("{"), pl.concat_str(pairs, separator=",", ignore_nulls=True), pl.lit(f"{newline}}}"))
