"""Reconciling: the logs, tallies or reports of two sides, counted and compared for one account and month."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sla_audit.commands.audit import Request
from sla_audit.commands.two_sides.compare import compare
from sla_audit.commands.two_sides.saved_side import saved_side
from sla_audit.commands.two_sides.side import Side, count_side
from sla_audit.errors import InputError, Problem
from sla_audit.model.comparison import Comparison
from sla_audit.model.month import Month
from sla_audit.tally.engine import Progress


@dataclass(frozen=True)
class Given:
    """What one side gives: a saved `report`, or else the logs and tallies of what is asked."""

    request: Request
    report: Path | None = None

    def side(self, account: str, month: Month, progress: Progress | None) -> Side:
        """Count it, or read what it has counted."""
        if self.report is not None:
            return saved_side(self.report, self.request, account, month)
        return count_side(self.request, account, month, progress)


def reconcile(ours: Given, theirs: Given, account: str, month: Month, progress: Progress | None = None) -> Comparison:
    """Count what both sides have of an account in a month, and compare it.

    Raises `InputError` for whatever the user can mend, such as an account that neither side has.
    """
    sides = [given.side(account, month, progress) for given in (ours, theirs)]
    if all(side.terms is None for side in sides):
        found = f"neither side has anything of it in {month}"
        raise InputError(Problem(f"--account {account!r}", found, "Choose another account, or another --cycle."))
    return compare(*sides)
