"""Which outcomes may be failures of an agreement by intervals, and whose intervals these fail in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from sla_audit.model.statuses import StatusSet


@dataclass(frozen=True)
class MayFail:
    """Statuses that may be failures; intervals are those of an account, and of what columns `by` say besides.

    Where the gateway says that the service did not answer, or may have said so, there is no status.
    """

    statuses: StatusSet
    by: tuple[str, ...] = ()

    def holds(self, outcome: Mapping[str, Any]) -> bool:
        """Tell whether an outcome may be a failure."""
        status = outcome["status"] if outcome["no_answer"] is False else None
        return self.statuses.none if status is None else status in self.statuses.codes

    def among_those_between(self, bounds: tuple[int, int] | None) -> bool:
        """Tell whether statuses between two, both inclusive, may be failures; None: they are not known."""
        return bounds is None or any(bounds[0] <= status <= bounds[1] for status in self.statuses.codes)

    def among(self, outcomes: pl.DataFrame) -> pl.Series:
        """Tell it of each outcome of a tally."""
        return pl.Series([self.holds(outcome) for outcome in outcomes.iter_rows(named=True)], dtype=pl.Boolean)
