"""A saved report, checked whole before it is believed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from sla_audit.contract.model import Contract
from sla_audit.errors import InputError, Problem, refuse
from sla_audit.model.calendar import INSTALLED, WorkingDays
from sla_audit.report.attribution import with_attribution
from sla_audit.report.document import Report, completed
from sla_audit.report.saved.json_text import AGAIN
from sla_audit.report.saved.restore import Restored
from sla_audit.report.saved.whole import WholeReport
from sla_audit.sentence import Sentence
from sla_audit.verification import (
    attribution,
    claims,
    coverage,
    exclusions,
    flags,
    measured,
    metering,
    notices,
    provenance,
    reconciliation,
    results,
    rows,
    without,
)
from sla_audit.verification.context import CheckContext, Unverifiable
from sla_audit.verification.judged_again import judged_again, refuse_another_contract

_PARTS = (
    rows,
    provenance,
    results,
    measured,
    attribution,
    claims,
    exclusions,
    without,
    coverage,
    metering,
    flags,
    reconciliation,
)
_LAST = notices  # which follow from all the others


def check(
    report: WholeReport, where: Path, contract: Contract, working_days: WorkingDays = INSTALLED
) -> tuple[Unverifiable, ...]:
    """Recompute whatever follows from something else in a report, and name the rest, which is as the report says.

    `working_days` are those of a holidays file, if one is given. Raises `InputError` where something does not follow,
    the report was made with another contract or holidays file.
    """
    return _checked(report, where, contract, working_days)[1]


def _checked(
    report: WholeReport, where: Path, contract: Contract, working_days: WorkingDays
) -> tuple[CheckContext, tuple[Unverifiable, ...]]:
    """Check a report; give also what it was checked with."""
    shown = where.as_posix()
    refuse_another_contract(report, where, contract)
    if report.holidays is None and working_days.sha256 is not None:
        raise InputError(
            Problem(shown, "made without a holidays file", "Leave --holidays out, or make the report again with it.")
        )
    if report.holidays is not None and working_days.sha256 not in (None, report.holidays.sha256):
        found = Sentence(
            "made with the holidays file {path}, sha256 {sha256}",
            path=report.holidays.path,
            sha256=report.holidays.sha256,
        )
        raise InputError(Problem(shown, found, "Name that file with --holidays, or make the report again."))
    context = context_of(report, where, contract, working_days)
    for parts in (_PARTS, (_LAST,)):
        found_here = [fault for part in parts for fault in part.faults(context)]
        refuse(Problem(f"{shown}: {place}" if place else shown, what, AGAIN) for place, what in found_here)
    return context, tuple(each for part in (*_PARTS, _LAST) for each in part.as_said(context))


def believed(restored: Restored, where: Path, contract: Contract, working_days: WorkingDays = INSTALLED) -> Report:
    """Check a report that was saved, and make it whole: it names what is as it said, and what follows is recomputed.

    Raises `InputError` as `check` does.
    """
    context, as_said = _checked(restored.saved, where, contract, working_days)
    caused = attribution.attribution_of(restored.saved, contract, context.verdicts)
    head = with_attribution(restored.report.head, caused)
    return completed(
        replace(restored.report, head=head, as_said=tuple(each.said for each in as_said)), context.verdicts
    )


def context_of(report: WholeReport, where: Path, contract: Contract, working_days: WorkingDays) -> CheckContext:
    """Judge the counts of a report again. Raises `InputError` where that gives other verdicts than it holds."""
    readings = list(contract.readings)
    if list(report.totals.readings) != readings:
        found = Sentence(
            "totals.readings are {readings}; its contract has {own}",
            readings=", ".join(report.totals.readings),
            own=", ".join(readings),
        )
        raise InputError(Problem(where.as_posix(), found, AGAIN))
    verdicts = judged_again(report, where, contract)
    known = report.holidays is None or report.holidays.sha256 == working_days.sha256
    days = working_days if report.holidays is not None and known else INSTALLED
    return CheckContext(report, contract, verdicts, days, known)
