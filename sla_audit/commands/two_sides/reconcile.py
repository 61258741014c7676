"""Reconciling: the logs or tallies of two sides, counted and compared for one account and month."""

from __future__ import annotations

from sla_audit.commands.audit import Request
from sla_audit.commands.two_sides.compare import compare
from sla_audit.commands.two_sides.side import count_side
from sla_audit.errors import InputError, Problem
from sla_audit.model.comparison import Comparison
from sla_audit.model.month import Month
from sla_audit.tally.engine import Progress


def reconcile(
    ours: Request, theirs: Request, account: str, month: Month, progress: Progress | None = None
) -> Comparison:
    """Count what both sides have of an account in a month, and compare it.

    Raises `InputError` for whatever the user can mend, such as an account that neither side has.
    """
    sides = [count_side(request, account, month, progress) for request in (ours, theirs)]
    if all(side.terms is None for side in sides):
        found = f"neither side has anything of it in {month}"
        raise InputError(Problem(f"--account {account!r}", found, "Choose another account, or another --cycle."))
    return compare(*sides)
