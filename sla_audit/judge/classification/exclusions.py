"""Which exclusions are accepted, and what each one covers (clause 2.7.1 (1)-(12))."""

from __future__ import annotations

import polars as pl

from sla_audit.contract.model import Contract
from sla_audit.judge.dimensions import Dimensions
from sla_audit.model.facts import Exclusion
from sla_audit.model.instant import microseconds
from sla_audit.model.verdicts import ExclusionFinding


def examine(exclusion: Exclusion, contract: Contract) -> ExclusionFinding:
    """Accept an exclusion, or refuse it: where notice is required, it must come before the start."""
    cause = contract.cause(exclusion.clause)
    announced = exclusion.notified_at is not None and exclusion.notified_at < exclusion.starts_at
    if cause is not None and cause.notice_required and not announced:
        never = exclusion.notified_at is None
        return ExclusionFinding(exclusion, "refused", "not_announced" if never else "announced_late")
    return ExclusionFinding(exclusion, "applied", None)


def cut(exclusion: Exclusion, slots: pl.DataFrame) -> pl.Series:
    """Tell which slots an edge of the window falls into: part of their requests lie in it, and none knows which."""
    starts_at, ends_at = microseconds(exclusion.starts_at), microseconds(exclusion.ends_at)
    meets = (slots["starts_at"] < ends_at) & (slots["ends_at"] > starts_at)
    return meets & ((slots["starts_at"] < starts_at) | (slots["ends_at"] > ends_at))


def in_scope(exclusion: Exclusion, dimensions: Dimensions) -> pl.Expr:
    """Tell whether a count, by its codes, is of the accounts, regions and APIs that an exclusion is about."""
    within = pl.lit(value=True)
    if exclusion.accounts:
        within &= _chosen("account", dimensions.accounts.is_in(sorted(exclusion.accounts)))
    if exclusion.regions:
        within &= _chosen("outcome", dimensions.outcomes["region"].is_in(sorted(exclusion.regions)))
    if exclusion.apis:
        within &= _chosen("outcome", dimensions.outcomes["api"].is_in(sorted(exclusion.apis)))
    return within


def _chosen(code: str, rows: pl.Series) -> pl.Expr:
    """Tell whether a code is that of one of the chosen rows."""
    return pl.lit(rows.fill_null(value=False)).gather(pl.col(code))
