"""Two sides compared: by class, by day, by outcome and, where both have logs, by request; and what each is worth."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from sla_audit.commands.rows import plain_statuses
from sla_audit.commands.two_sides.requests import Listed, side_by_side
from sla_audit.commands.two_sides.side import KIND, Side
from sla_audit.contract.model import Contract
from sla_audit.judge.classification.rules import CLASSES
from sla_audit.judge.differences import worth
from sla_audit.model.comparison import DIFFERENCES, OF_A_SIDE, SIDES, Comparison
from sla_audit.model.tally import REQUESTS, SAYS_MORE


def compare(ours: Side, theirs: Side) -> Comparison:
    """Compare two sides, one of which has the account: of the other, it is as if its terms were the same.

    Raises `ValueError` where none has.
    """
    by_ours, by_theirs = ours.terms or theirs.terms, theirs.terms or ours.terms
    if by_ours is None or by_theirs is None:
        raise ValueError("neither side has the account")
    requests = None
    unlisted = tuple(of for of, side in zip(SIDES, (ours, theirs), strict=True) if side.answered.height)
    if ours.rows is not None and theirs.rows is not None:
        plain = _plain(by_ours.contract)
        found = side_by_side(
            Listed(ours.rows, plain if theirs.answered.height else None),
            Listed(theirs.rows, plain if ours.answered.height else None),
            by_ours.contract.time_zone,
        )
        requests = found.differ
        left = _and_rows(ours.answered, found.ours_counted), _and_rows(theirs.answered, found.theirs_counted)
        groups = _in_order(pl.concat([_of_requests(requests), _of_counts(*left, KIND)]))
    else:
        groups = _of_counts(ours.counts, theirs.counts, min(ours.kind, theirs.kind, key=len))
    differences = worth(groups, ours.by_class, by_ours)
    (at_ours,), (by_our_facts,) = by_ours.amounts(ours.by_class), by_ours.amounts(theirs.by_class)
    (at_theirs,) = by_theirs.amounts(theirs.by_class)
    return Comparison(
        by_class=(ours.by_class, theirs.by_class),
        amounts=(at_ours, at_theirs),
        days=_days(ours.counts, theirs.counts),
        differences=differences,
        by_facts=None if at_theirs is None or by_our_facts is None else at_theirs - by_our_facts,
        requests=requests,
        unlisted=unlisted if requests is not None else (),
    )


def _plain(contract: Contract) -> pl.Expr:
    """Tell which rows a claim pack counts, and does not list."""
    return ~SAYS_MORE & pl.col("status").is_in(sorted(plain_statuses(contract))).fill_null(value=False)


def _and_rows(counts: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    """Add rows to what is counted."""
    return pl.concat([counts, rows.select(*KIND, pl.lit(1, pl.Int64).alias(REQUESTS))])


def _of_requests(requests: pl.DataFrame) -> pl.DataFrame:
    """Group requests that differ in the same way."""
    said = [f"{side}_{name}" for side in SIDES for name in OF_A_SIDE]
    groups = requests.group_by("difference", *said).agg(pl.len().cast(pl.Int64).alias(REQUESTS))
    more = [(_is("theirs", name) - _is("ours", name)).mul(pl.col(REQUESTS)).alias(name) for name in CLASSES]
    return groups.with_columns(more)


def _in_order(groups: pl.DataFrame) -> pl.DataFrame:
    """Sort groups by how the sides differ, then by what they say."""
    said = [f"{side}_{name}" for side in SIDES for name in OF_A_SIDE]
    return groups.sort(pl.col("difference").cast(pl.Enum(DIFFERENCES)), *said, nulls_last=True)


def _is(side: str, name: str) -> pl.Expr:
    return (pl.col(f"{side}_class") == name).fill_null(value=False).cast(pl.Int64)


def _of_counts(ours: pl.DataFrame, theirs: pl.DataFrame, kind: Sequence[str]) -> pl.DataFrame:
    """Say of which outcomes, told apart by their `kind`, one side has more than the other."""
    untold = [pl.lit(None, ours.schema[name]).alias(name) for name in KIND if name not in kind]
    sums = [
        side.with_columns(untold).group_by(KIND).agg(pl.col(REQUESTS).sum().cast(pl.Int64)) for side in (ours, theirs)
    ]
    both = sums[0].join(sums[1], on=KIND, how="full", nulls_equal=True, coalesce=True, suffix="_theirs")
    more = (pl.col(f"{REQUESTS}_theirs").fill_null(0) - pl.col(REQUESTS).fill_null(0)).alias("more")
    differing = both.select(*KIND, more).filter(pl.col("more") != 0).sort(*KIND, nulls_last=True)
    is_ours = pl.col("more") < 0
    return differing.select(
        pl.when(is_ours).then(pl.lit("only_ours")).otherwise(pl.lit("only_theirs")).alias("difference"),
        *(
            pl.when(is_ours if side == "ours" else ~is_ours).then(name).alias(f"{side}_{name}")
            for side in SIDES
            for name in OF_A_SIDE
        ),
        pl.col("more").abs().alias(REQUESTS),
        *(pl.when(pl.col("class") == name).then("more").otherwise(0).alias(name) for name in CLASSES),
    )


def _days(ours: pl.DataFrame, theirs: pl.DataFrame) -> pl.DataFrame:
    """Give the days on which the sides have other counts; none where a side does not tell the days."""
    if ours["day"].null_count() or theirs["day"].null_count():
        ours, theirs = ours.clear(), theirs.clear()
    sums = [
        side.group_by("day").agg(
            pl.col(REQUESTS).filter(pl.col("class") == name).sum().cast(pl.Int64).alias(f"{of}_{name}")
            for name in CLASSES
        )
        for of, side in zip(SIDES, (ours, theirs), strict=True)
    ]
    both = sums[0].join(sums[1], on="day", how="full", coalesce=True).fill_null(0)
    differs = pl.any_horizontal(pl.col(f"ours_{name}") != pl.col(f"theirs_{name}") for name in CLASSES)
    return both.filter(differs).sort("day")
