"""A tally as one that tells less: what only some of its parts tell, or tell more finely, is told by none."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

import polars as pl

from sla_audit.model.tally import OUTCOME, OUTCOME_FIELDS, Tally


def as_told(tally: Tally, tells: Collection[str], limits: Sequence[int]) -> Tally:
    """Leave out of the outcomes what is `of_some` agreements and not told, and of limits all but some, in order."""
    said = {name: pl.lit(None, OUTCOME[name]) for name, field in OUTCOME_FIELDS.items() if field.of_some}
    said |= {name: pl.col(name) for name in tells if name in said}
    if "took_over" in tells:
        said["took_over"] = _highest(limits)
    outcomes = tally.outcomes.with_columns(**said)
    return tally if outcomes.equals(tally.outcomes) else Tally.merge([replace(tally, outcomes=outcomes)])


def _highest(limits: Sequence[int]) -> pl.Expr:
    """Express the highest of some limits that is not above the one which a request took longer than."""
    found = pl.lit(None, pl.Int64)
    for limit in limits:
        found = pl.when(pl.col("took_over") >= limit).then(pl.lit(limit, pl.Int64)).otherwise(found)
    return found
