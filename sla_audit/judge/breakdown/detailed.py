"""Which results a report tells more of: how their failures ended, their days, and what each exclusion did to them."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from sla_audit.judge.classification.rules import CLASSES

MOST_OTHERS = 1_000
"""So many of the results that are not below the objective are told more of, those with most failures first."""

MOST_RULED = 20_000
"""Of so many results it is told what they would be without each exclusion, in the same order."""

Touched = pl.DataFrame
"""What exclusions change in cycles: the position of the `exclusion`, the `number` of the cycle, `requests` that it
takes out, `requests_alone` that no other would, and of each class how many more there are than without it. The last are
null where a tally has added up what that depends on."""


def ranked(cycles: pl.DataFrame, verdicts: Mapping[str, pl.DataFrame], reading: str, touched: Touched) -> pl.DataFrame:
    """Give each cycle its `row` and `number`, whether more is `told` of it, whether it is `below`, and what `failed`.

    Told more of are those below the objective under some reading, and the others of which most requests failed, those
    counted that exclusions took out. `cycles` and `verdicts` are as in `verdicts.Judgement`.
    """
    below = pl.any_horizontal(pl.lit(verdict["tier"] >= 0) for verdict in verdicts.values()).fill_null(value=False)
    excused = touched.group_by("number").agg(excused=pl.col("requests").sum())
    cycle = (
        cycles.select("number")
        .with_row_index("row")
        .with_columns(below=below, explicit_failure=verdicts[reading]["explicit_failure"])
        .join(excused, on="number", how="left", maintain_order="left")
        .select("row", "number", "below", failed=pl.col("explicit_failure") + pl.col("excused").fill_null(0))
    )
    others = cycle.filter(~pl.col("below") & (pl.col("failed") > 0)).sort(-pl.col("failed"), "row").head(MOST_OTHERS)
    return cycle.with_columns(told=pl.col("below") | pl.col("row").is_in(others["row"].implode()))


def told_of(ranks: pl.DataFrame, touched: Touched) -> Touched:
    """Take those of `touched` of which it is told what a cycle would be without the exclusion.

    Gives them with the `row` of the cycle, in the order of the cycles and then of the exclusions.
    """
    told = ranks.filter("told").sort(~pl.col("below"), -pl.col("failed"), "row").head(MOST_RULED)
    return touched.join(told.select("number", "row"), on="number").sort("row", "exclusion")


def otherwise(touched: Touched, verdicts: pl.DataFrame) -> pl.DataFrame:
    """Give the requests by class of the cycles of `touched`, which has their `row`, without the exclusion."""
    ruled = verdicts[touched["row"]]
    return pl.DataFrame([ruled[name] - touched[name] for name in CLASSES])
