"""Which outcomes may be failures of an agreement by intervals, and whose intervals these fail in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from sla_audit.contract.intervals import PossibleFailures


@dataclass(frozen=True)
class MayFail:
    """What may be a failure; intervals are those of an account, and of what columns `by` say besides.

    Where the gateway says that the service did not answer, or may have said so, there is no status.
    """

    failures: PossibleFailures
    by: tuple[str, ...] = ()

    def holds(self, outcome: Mapping[str, Any]) -> bool:
        """Tell whether an outcome may be a failure."""
        status = outcome["status"] if outcome["no_answer"] is False else None
        return self.failures.holds(status, outcome["error_code"], outcome["took_over"])

    def among_those_between(self, bounds: tuple[int, int] | None) -> bool:
        """Tell whether requests with statuses between two, both inclusive, may be failures; None: these are not known.

        What else they have is not known: where that may make a failure, any of them may be one.
        """
        if bounds is None or not self.failures.are_told_by_status:
            return True
        return any(bounds[0] <= status <= bounds[1] for status in self.failures.statuses.codes)

    def among(self, outcomes: pl.DataFrame) -> pl.Series:
        """Tell it of each outcome of a tally."""
        return pl.Series([self.holds(outcome) for outcome in outcomes.iter_rows(named=True)], dtype=pl.Boolean)
