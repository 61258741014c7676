"""Which exclusions are accepted, and what each one covers (clause 2.7.1 (1)-(12))."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import polars as pl

from sla_audit.contract.facts import Exclusion
from sla_audit.contract.instant import microseconds
from sla_audit.contract.model import Contract


@dataclass(frozen=True)
class ExclusionFinding:
    """What became of an exclusion, and how many requests it took out of the rate."""

    exclusion: Exclusion
    state: Literal["applied", "refused"]
    reason: Literal["not_announced"] | None
    requests: int = 0


def examine(exclusion: Exclusion, contract: Contract) -> ExclusionFinding:
    """Accept an exclusion, or refuse it: where notice is required, it must come before the start."""
    cause = contract.cause(exclusion.clause)
    announced = exclusion.notified_at is not None and exclusion.notified_at < exclusion.starts_at
    if cause is not None and cause.notice_required and not announced:
        return ExclusionFinding(exclusion, "refused", "not_announced")
    return ExclusionFinding(exclusion, "applied", None)


def covering_exclusion(findings: Sequence[ExclusionFinding], accounts: pl.Series) -> pl.Expr:
    """Express which exclusion covers a count: its position in `findings`, null where none does.

    Where several do, it is the one of the lowest clause number, and of those the first. Reads the
    columns `starts_at`, `ends_at` (of the slot), `account` (a code into `accounts`), `region`, `api`.
    """
    accepted = [(at, finding.exclusion) for at, finding in enumerate(findings) if finding.state == "applied"]
    accepted.sort(key=lambda pair: pair[1].clause)
    covers = [pl.when(_covers(exclusion, accounts)).then(pl.lit(at, dtype=pl.Int32)) for at, exclusion in accepted]
    return pl.coalesce(*covers, pl.lit(None, dtype=pl.Int32))


def coarsen(counts: pl.DataFrame, slots: pl.DataFrame, findings: Sequence[ExclusionFinding]) -> pl.DataFrame:
    """Add counts up over the slots of a cycle that no accepted exclusion touches: nothing tells them apart.

    `counts` has `account`, `slot`, `outcome` and `requests`; the first such slot of the cycle stands for all.
    """
    accepted = [_window(finding.exclusion) for finding in findings if finding.state == "applied"]
    touched = pl.any_horizontal(
        pl.lit(value=False), *((pl.col("starts_at") < ends) & (pl.col("ends_at") > starts) for starts, ends in accepted)
    )
    alike = slots.with_row_index("slot").with_columns(touched=touched)
    alike = alike.with_columns(
        stands_for=pl.when("touched").then("slot").otherwise(pl.col("slot").first().over("cycle", "touched"))
    )
    return (
        counts.select(
            "account", pl.lit(alike["stands_for"]).gather(pl.col("slot")).alias("slot"), "outcome", "requests"
        )
        .group_by("account", "slot", "outcome")
        .agg(pl.col("requests").sum())
    )


def _covers(exclusion: Exclusion, accounts: pl.Series) -> pl.Expr:
    """Tell whether the slot lies in the window; slots are cut at its edges, so none straddles one."""
    starts_at, ends_at = _window(exclusion)
    covers = (pl.col("starts_at") >= starts_at) & (pl.col("ends_at") <= ends_at)
    if exclusion.accounts:
        codes = accounts.is_in(list(exclusion.accounts)).arg_true()
        covers &= pl.col("account").is_in(codes.implode())
    if exclusion.regions:
        covers &= pl.col("region").is_in(sorted(exclusion.regions)).fill_null(value=False)
    if exclusion.apis:
        covers &= pl.col("api").is_in(sorted(exclusion.apis)).fill_null(value=False)
    return covers


def _window(exclusion: Exclusion) -> tuple[int, int]:
    """Give the edges of an exclusion in microseconds since 1970."""
    return microseconds(exclusion.starts_at), microseconds(exclusion.ends_at)
