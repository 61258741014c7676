"""Counts of a tally that a later exclusion would part, which nothing but the logs can do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import polars as pl

from sla_audit.contract.model import Contract
from sla_audit.errors import Problem
from sla_audit.judge.classification.classes import KIND, class_kinds
from sla_audit.judge.classification.exclusions import cut, in_scope
from sla_audit.judge.dimensions import Dimensions
from sla_audit.model.instant import moment
from sla_audit.model.verdicts import ExclusionFinding
from sla_audit.sentence import Sentence


def cutting(findings: Sequence[ExclusionFinding], dimensions: Dimensions) -> dict[int, pl.Series]:
    """Tell which accepted exclusions, by their positions, begin or end inside a slot, and which slots these are."""
    accepted = ((at, finding.exclusion) for at, finding in enumerate(findings) if finding.state == "applied")
    parted = {at: cut(exclusion, dimensions.slots) for at, exclusion in accepted}
    return {at: slots for at, slots in parted.items() if slots.any()}


def unsafe_splits(
    counts: pl.DataFrame,
    dimensions: Dimensions,
    contract: Contract,
    findings: Sequence[ExclusionFinding],
    cut_by: Mapping[int, pl.Series],
) -> Iterator[Problem]:
    """Say which accepted exclusions begin or end inside a slot with requests that they would class otherwise.

    The columns are those of `classes.add_up`. Requests that have their class whatever covers them, such as
    successes, may lie in such a slot, and so may those that an exclusion which comes first covers wholly. `cut_by` has
    the slots that are cut, as `cutting` gives them, by those of the findings that are looked at.
    """
    if not cut_by:
        return
    clauses = pl.Series([finding.exclusion.clause for finding in findings], dtype=pl.Int32)
    for at, parted in cut_by.items():
        exclusion = findings[at].exclusion
        in_parted = counts.filter(pl.lit(parted).gather(pl.col("slot")))
        if not in_parted.height:
            continue
        clause = pl.lit(clauses).gather(pl.col("covering"))
        comes_first = (clause < exclusion.clause) | ((clause == exclusion.clause) & (pl.col("covering") < at))
        within = in_parted.filter(in_scope(exclusion, dimensions) & ~comes_first.fill_null(value=False))
        kinds = within.select(KIND).unique()
        as_it_is = class_kinds(kinds, dimensions, contract, findings)
        covered = class_kinds(kinds.with_columns(covering=pl.lit(at, pl.Int32)), dimensions, contract, findings)
        ends = [name for name in as_it_is.columns if name not in KIND]
        differs = pl.any_horizontal(as_it_is[name].ne_missing(covered[name]) for name in ends)
        unsure = within.join(kinds.filter(differs), on=KIND, how="semi", nulls_equal=True)
        if unsure.height:
            edges = dimensions.slots.select("starts_at", "ends_at").row(unsure["slot"][0])
            stretch = " to ".join(moment(edge, contract.zone).isoformat(" ") for edge in edges)
            yield Problem(
                Sentence("exclusion {exclusion!r}", exclusion=exclusion.id),
                Sentence(
                    "begins or ends inside a stretch that a tally has added up ({stretch}), "
                    "with {requests} requests that it may or may not cover",
                    stretch=stretch,
                    requests=unsure["requests"].sum(),
                ),
                "Give the logs of that time instead of their tally, or count them again: sla-audit tally --exclusions.",
            )
