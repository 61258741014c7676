"""Which exclusion covers a count, and which one would without it: those of one scope at a time, all counts at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from sla_audit.judge.dimensions import Dimensions
from sla_audit.model.facts import Exclusion
from sla_audit.model.instant import microseconds
from sla_audit.model.verdicts import ExclusionFinding

_Ranks = npt.NDArray[np.int32]
_NONE = np.iinfo(np.int32).max
_Scope = tuple[frozenset[str], frozenset[str], frozenset[str]]


class Covering(NamedTuple):
    """The exclusions that cover counts, by their positions among the findings: the `first`, and the `next` but for it.

    Null where there is none.
    """

    first: pl.Series
    next: pl.Series


def covering(counts: pl.DataFrame, findings: Sequence[ExclusionFinding], dimensions: Dimensions) -> Covering:
    """Find which accepted exclusions cover counts, which have the codes `account`, `slot` and `outcome`.

    Where several do, the first is that of the lowest clause number, and of those the one that was given first. A slot
    that an edge of a window cuts is not covered by it (see `tallied`).
    """
    ranked = sorted(
        (at for at, finding in enumerate(findings) if finding.state == "applied"),
        key=lambda at: (findings[at].exclusion.clause, at),
    )
    best = np.full((2, counts.height), _NONE, dtype=np.int32)
    if ranked and counts.height:
        rows = _Rows(counts, [findings[at].exclusion for at in ranked], dimensions)
        slot = counts["slot"].to_numpy()
        slots = _Slots(dimensions.slots)
        for scope, ranks in _by_scope(ranked, findings):
            at = rows.within(scope)
            windows = [(rank, findings[ranked[rank]].exclusion) for rank in ranks]
            of_slot = slots.covered_by(windows)
            if at is None:
                _take(best, slice(None), of_slot[:, slot])
            else:
                _take(best, at, of_slot[:, slot[at]])
    if not ranked:
        return Covering(*2 * (pl.repeat(None, counts.height, dtype=pl.Int32, eager=True),))
    positions = pl.Series([*ranked, None], dtype=pl.Int32)
    return Covering(*(positions.gather(np.where(each == _NONE, len(ranked), each)) for each in best))


def _take(best: _Ranks, at: npt.NDArray[np.int64] | slice, found: _Ranks) -> None:
    """Keep the two lowest ranks of those known and those found, for some counts."""
    known = best[:, at]
    best[1, at] = np.minimum(np.maximum(known[0], found[0]), np.minimum(known[1], found[1]))
    best[0, at] = np.minimum(known[0], found[0])


def _by_scope(ranked: Sequence[int], findings: Sequence[ExclusionFinding]) -> Iterator[tuple[_Scope, list[int]]]:
    """Group ranks by what their exclusions are about."""
    scopes: dict[_Scope, list[int]] = {}
    for rank, at in enumerate(ranked):
        exclusion = findings[at].exclusion
        scopes.setdefault((exclusion.accounts, exclusion.regions, exclusion.apis), []).append(rank)
    yield from scopes.items()


class _Slots:
    """The slots of counts, in the order of their starts."""

    def __init__(self, slots: pl.DataFrame) -> None:
        starts, ends = (slots[name].to_numpy() for name in ("starts_at", "ends_at"))
        self._order = np.argsort(starts, kind="stable")
        self._starts, self._ends = starts[self._order], ends[self._order]

    def covered_by(self, windows: Sequence[tuple[int, Exclusion]]) -> _Ranks:
        """Give the two lowest ranks of windows, which come in the order of their ranks, that each slot lies in."""
        best = np.full((2, len(self._starts)), _NONE, dtype=np.int32)
        for rank, exclusion in reversed(windows):
            starts_at, ends_at = microseconds(exclusion.starts_at), microseconds(exclusion.ends_at)
            first, end = np.searchsorted(self._starts, (starts_at, ends_at))
            inside = self._ends[first:end] <= ends_at
            some = best[:, first:end]
            some[1, inside] = some[0, inside]
            some[0, inside] = rank
        unordered = np.empty_like(best)
        unordered[:, self._order] = best
        return unordered


class _Rows:
    """Counts by account and outcome, of which an exclusion may name some."""

    def __init__(self, counts: pl.DataFrame, exclusions: Sequence[Exclusion], dimensions: Dimensions) -> None:
        self._outcomes, self._dimensions = counts["outcome"].to_numpy(), dimensions
        names = sorted({name for exclusion in exclusions for name in exclusion.accounts})
        named = np.flatnonzero(dimensions.accounts.is_in(names).to_numpy()) if names else np.empty(0, dtype=np.int64)
        self._code_of = dict(zip(dimensions.accounts.gather(named).to_list(), named.tolist(), strict=True))
        account = counts["account"].to_numpy()
        is_named = np.zeros(len(dimensions.accounts), dtype=np.bool_)
        is_named[named] = True
        some = np.flatnonzero(is_named[account])
        by_account = some[np.argsort(account[some], kind="stable")]
        self._of = {
            code: by_account[first:end]
            for code, first, end in zip(
                named.tolist(),
                np.searchsorted(account[by_account], named).tolist(),
                np.searchsorted(account[by_account], named, side="right").tolist(),
                strict=True,
            )
        }

    def within(self, scope: _Scope) -> npt.NDArray[np.int64] | None:
        """Find the counts that a scope is about; None for all of them."""
        accounts, regions, apis = scope
        at = None
        if accounts:
            codes = [self._code_of[name] for name in accounts if name in self._code_of]
            at = np.concatenate([np.empty(0, dtype=np.int64), *(self._of[code] for code in codes)])
        for name, names in (("region", regions), ("api", apis)):
            if names:
                chosen = self._dimensions.outcomes[name].is_in(sorted(names)).fill_null(value=False).to_numpy()
                is_chosen = chosen[self._outcomes if at is None else self._outcomes[at]]
                at = np.flatnonzero(is_chosen) if at is None else at[is_chosen]
        return at
