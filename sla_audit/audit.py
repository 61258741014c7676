"""The whole audit on one screen: logs and facts in, a report out."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from sla_audit.contract.facts import Facts
from sla_audit.contract.model import Contract
from sla_audit.intake import notices as log_notices
from sla_audit.intake.columns import ColumnMap
from sla_audit.intake.facts import read_facts
from sla_audit.intake.logs import LogFile, open_logs
from sla_audit.intake.rejects import Reject, Tolerance, refuse_rejects
from sla_audit.intake.sources import find_sources
from sla_audit.judge import notices as verdict_notices
from sla_audit.judge.period import Period
from sla_audit.judge.verdicts import Question, judge
from sla_audit.report import document
from sla_audit.tally.engine import count_all
from sla_audit.tally.slots import SlotGrid


@dataclass(frozen=True)
class Request:
    """What to audit, and how. Time is given, never read from a clock."""

    contract: Contract
    logs: tuple[str, ...]
    as_of: date
    reading: str
    accounts: Path | None = None
    billing: Path | None = None
    exclusions: Path | None = None
    columns: ColumnMap = field(default_factory=ColumnMap)
    apis: tuple[str, ...] = ()
    period: Period = field(default_factory=Period)
    tolerance: Tolerance = field(default_factory=Tolerance)
    jobs: int = 1


@dataclass(frozen=True)
class Audit:
    """The report, and the rows that could not be read."""

    report: document.Document
    rejects: tuple[Reject, ...]


def audit(request: Request) -> Audit:
    """Read, count, judge and report. Raises `InputError` for whatever the user can mend."""
    contract = request.contract
    facts = read_facts(request.accounts, request.billing, request.exclusions, contract)

    found = find_sources(request.logs)
    logs = open_logs(found.sources, request.columns, _needed_columns(request, facts), contract.zone)

    edges = (edge for exclusion in facts.exclusions for edge in (exclusion.starts_at, exclusion.ends_at))
    tally = count_all([log.batches for log in logs], SlotGrid(contract.zone, edges), request.jobs)
    rejects = tuple(reject for log in logs for reject in log.rejects)
    read = sum(log.rows for log in logs)
    refuse_rejects(rejects, len(rejects), read, request.tolerance)

    question = Question(request.period.months(), request.apis, request.as_of, request.reading)
    judgement = judge(tally, contract, facts, question)

    report = document.document(
        contract=contract,
        reading=request.reading,
        as_of=request.as_of,
        inputs=[_input(log) for log in logs],
        rows={"read": read, **judgement.rows, "duplicate": 0, "rejected": len(rejects)},
        exclusions=document.exclusions(judgement.exclusions),
        results=document.results(
            judgement.cycles, judgement.verdicts, judgement.by_clause, judgement.claims, request.reading
        ),
        totals=document.totals(judgement.totals),
        warnings=[
            *log_notices.notices(logs, found.repeated, contract.time_zone),
            *verdict_notices.notices(judgement, contract, facts),
        ],
    )
    return Audit(report, rejects)


def _needed_columns(request: Request, facts: Facts) -> set[str]:
    """Name the optional columns without which an exclusion's scope, or the service, cannot be told."""
    needed = {"api"} if request.apis or any(exclusion.apis for exclusion in facts.exclusions) else set()
    return needed | ({"region"} if any(exclusion.regions for exclusion in facts.exclusions) else set())


def _input(log: LogFile) -> document.Document:
    return {"path": log.source.shown, "bytes": log.bytes, "rows": log.rows}
