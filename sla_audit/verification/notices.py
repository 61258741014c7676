"""The warnings of a report: those that follow from what else it says, and those that only the logs can tell."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from sla_audit.coverage.notices import coverage_notices
from sla_audit.intake import notices as log_notices
from sla_audit.intake.id_notices import id_notices
from sla_audit.judge import notices as verdict_notices
from sla_audit.judge.breakdown.flagged import flagged_notices
from sla_audit.judge.completeness.reconciliation_notices import reconciliation_notices
from sla_audit.judge.totals import owed_together
from sla_audit.judge.verdicts import differing
from sla_audit.model.facts import Exclusion, Facts
from sla_audit.model.log_summary import LeftOut
from sla_audit.model.notice import Notice
from sla_audit.model.verdicts import ExclusionFinding, Judgement, Totals
from sla_audit.report.saved.whole import SavedNotice
from sla_audit.sentence import Message, Sentence
from sla_audit.tally.untold import OF_THE_TALLIES
from sla_audit.verification.claims import windows
from sla_audit.verification.context import CheckContext, Unverifiable
from sla_audit.verification.coverage import coverage_of
from sla_audit.verification.flags import often_flagged
from sla_audit.verification.judged_again import cycles_of
from sla_audit.verification.metering import metering_of
from sla_audit.verification.reconciliation import reconciliation_of
from sla_audit.verification.rows import logged

_PATHS = ("warnings[]", "notices[]")
_ONLY_THERE = log_notices.OF_THE_LOGS | OF_THE_TALLIES
_ANY_TIME = datetime(2000, 1, 1, tzinfo=ZoneInfo("UTC"))
_NEEDED = ("request_ids", "left_out", "months", "apis", "coverage", "metering", "often_flagged", "reconciliation")
"""Without these, a report is of an earlier version, whose warnings were others."""

_REWORDED = {
    Notice("the readings of clause 2.7.1 differ on {results} result: {sums}").text: (
        "the readings of clause 2.7.1 differ on {results} result; totals: {sums}"
    ),
    Notice("the readings of clause 2.7.1 differ on {results} results: {sums}").text: (
        "the readings of clause 2.7.1 differ on {results} results; totals: {sums}"
    ),
    Notice("{reading} {amount} {currency}").text: "{reading} {amount}",
    Notice("{reading} at least {amount} {currency}").text: "{reading} at least {amount}",
    Notice("{reading} not known").text: "{reading} unknown",
}
"""What an earlier version said, and what is said of the same now: its reports are believed."""


def faults(context: CheckContext) -> Iterator[tuple[Message, Message]]:
    """Say where the warnings are not those that follow."""
    if not _is_told(context):
        return
    graded = _is_graded(context)
    for notice in context.report.notices or () if graded else ():
        grade = _ONLY_THERE.get(notice.text, notice.grade)
        if notice.grade != grade:
            yield (
                "",
                Sentence(
                    "notices has {notice!r} graded {grade!r}, not {right!r}",
                    notice=str(Notice.from_json(_as_json(notice))),
                    grade=notice.grade,
                    right=grade,
                ),
            )
            return
    expected = [_plainly(notice.as_json(), graded=graded) for notice in _expected(context)]
    found = [_plainly(_as_json(notice), graded=graded) for notice in _following(context)]
    for number in range(max(len(expected), len(found))):
        told, follows = (listed[number] if number < len(listed) else None for listed in (found, expected))
        if told != follows:
            yield (
                "",
                Sentence(
                    "notices has {told} where what else it says gives {follows}",
                    told=_shown(told),
                    follows=_shown(follows),
                ),
            )
            return


def as_said(context: CheckContext) -> Iterator[Unverifiable]:
    """Tell how many warnings follow from nothing."""
    many = len(context.report.warnings)
    if not _is_told(context):
        if many:
            yield Unverifiable(_PATHS, Notice("all warnings, as the report is of an earlier version"))
        return
    alone = many - len(_following(context))
    if alone == 1:
        yield Unverifiable(_PATHS, Notice("the warning about what only the logs show"))
    elif alone:
        yield Unverifiable(_PATHS, Notice("the {warnings} warnings about what only the logs show", warnings=alone))


def _is_told(context: CheckContext) -> bool:
    report = context.report
    often = often_flagged(context) is not None or not (report.often_flagged and report.often_flagged.worst)
    return report.notices is not None and often and all(getattr(report, name) is not None for name in _NEEDED)


def _is_graded(context: CheckContext) -> bool:
    """Tell whether the notices have grades, which those of earlier versions lack."""
    return any(notice.grade is not None for notice in context.report.notices or ())


def _following(context: CheckContext) -> list[SavedNotice]:
    """Give the notices that are not about what only the logs show."""
    return [notice for notice in context.report.notices or () if notice.text not in _ONLY_THERE]


def _expected(context: CheckContext) -> Iterator[Notice]:
    """Say again, in the order of `audit.audit`, what follows from a report."""
    report, contract = context.report, context.contract
    rows, ids = report.rows, report.request_ids or {}
    zone = contract.zone
    yield from log_notices.left_out([LeftOut(each.path, each.bytes, each.reason) for each in report.left_out or ()])
    yield from log_notices.of_rows(rows.get("unattributed", 0), rows["rejected"])
    told = {"contradicted": ids["contradicted"], "reused_ids": ids["reused_ids"], "reused": ids["reused_rows"]}
    yield from id_notices({"duplicate": rows["duplicate"], "shared": ids["shared_rows"], **told}, rows["read"])
    if report.coverage is not None:
        yield from coverage_notices(coverage_of(report.coverage), report.as_of, zone)
    yield from verdict_notices.notices(
        _judgement(context), contract, _facts(context), report.reading, report.as_of, rows["rejected"]
    )
    yield from reconciliation_notices(reconciliation_of(context))
    yield from flagged_notices(often_flagged(context) or (), contract)


def _judgement(context: CheckContext) -> Judgement:
    """Give a judgement as far as notices look at it."""
    report = context.report
    assert report.metering is not None  # one of those that are needed  # noqa: S101
    by_reading = {name: owed_together(verdict["compensation"]) for name, verdict in context.verdicts.items()}
    totals = report.totals
    return Judgement(
        cycles=cycles_of(report),
        verdicts=context.verdicts,
        by_clause=pl.Series(),
        differing=differing(context.verdicts),
        exclusions=tuple(
            ExclusionFinding(Exclusion(each.id, each.clause, _ANY_TIME, _ANY_TIME), each.state, each.reason)
            for each in report.exclusions
        ),
        claims=windows(context),
        rows={"outside_cycle": report.rows["outside_cycle"]},
        logged=logged(context),
        metering=metering_of(report.metering),
        totals=Totals(
            totals.accounts, totals.breached, totals.owed, totals.undetermined, totals.compensation, by_reading
        ),
    )


def _facts(context: CheckContext) -> Facts:
    """Give facts of which no more is known than whether there are any."""
    found = context.report.reconciliation
    assert found is not None  # one of those that are needed  # noqa: S101
    accounts, billing = (None if file is None else pl.DataFrame() for file in (found.accounts, found.billing))
    return Facts(accounts=accounts, billing=billing)


def _as_json(notice: SavedNotice) -> dict[str, Any]:
    values = {
        name: _as_json(value) if isinstance(value, SavedNotice) else value for name, value in notice.values.items()
    }
    return {"text": notice.text, "values": values, "grade": notice.grade}


def _plainly(notice: dict[str, Any], *, graded: bool) -> str:
    """Write a notice in English, as it is worded now, with its grade.

    Why an exclusion was refused, a report does not say besides.
    """
    worded = _as_worded_now(notice)
    text = min(verdict_notices.REFUSALS, key=len) if worded["text"] in verdict_notices.REFUSALS else worded["text"]
    said = str(Notice.from_json({**notice, **worded, "text": text}))
    return f"{said} ({notice['grade']})" if graded else said


def _as_worded_now(notice: dict[str, Any]) -> dict[str, Any]:
    values = {
        name: _as_worded_now(value) if isinstance(value, dict) else _alike(name, value)
        for name, value in notice["values"].items()
    }
    return {"text": _REWORDED.get(notice["text"], notice["text"]), "values": values}


def _alike(name: str, value: Any) -> Any:
    """Write amounts as they were before they had commas."""
    return value.replace(",", "") if name == "amount" and isinstance(value, str) else value


def _shown(told: str | None) -> str:
    return "none" if told is None else repr(told)
