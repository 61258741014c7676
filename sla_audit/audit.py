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
from sla_audit.tally.engine import Progress, count_all
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
    statistics: bool = True


@dataclass(frozen=True)
class Audit:
    """The report, and the rows that could not be read."""

    report: document.Report
    rejects: tuple[Reject, ...]


def audit(request: Request, progress: Progress | None = None) -> Audit:
    """Read, count, judge and report. Raises `InputError` for whatever the user can mend."""
    contract = request.contract
    facts = read_facts(request.accounts, request.billing, request.exclusions, contract)

    found = find_sources(request.logs)
    needed = _needed_columns(request, facts)
    logs = open_logs(found.sources, request.columns, needed, contract.zone, statistics=request.statistics)

    grid = SlotGrid(contract.zone, facts.service_edges(contract.zone), facts.windows(), daily=False)
    fragments = [fragment for log in logs for fragment in log.fragments]
    counted = count_all(fragments, grid, request.jobs, _asked(request), progress)
    rejects = tuple(reject for log in logs for reject in log.rejects)
    read = sum(log.rows for log in logs)
    refuse_rejects(rejects, len(rejects), read, request.tolerance)

    question = Question(request.period.months(), request.apis, request.as_of, request.reading)
    judgement = judge(counted.tally, contract, facts, question)

    head = document.head(
        contract=contract,
        reading=request.reading,
        as_of=request.as_of,
        inputs=[_input(log) for log in logs],
        rows=_rows(read, judgement.rows, counted.outside_period, len(rejects)),
        exclusions=judgement.exclusions,
        totals=judgement.totals,
        warnings=[
            *log_notices.notices(logs, found, contract.time_zone),
            *verdict_notices.notices(judgement, contract, facts),
        ],
    )
    results = document.results(
        judgement.cycles,
        judgement.verdicts,
        judgement.by_clause,
        judgement.claims,
        request.reading,
        list(contract.readings),
    )
    return Audit(document.Report(head, results), rejects)


def _needed_columns(request: Request, facts: Facts) -> set[str]:
    """Name the optional columns without which an exclusion's scope, or the service, cannot be told."""
    needed = {"api"} if request.apis or any(exclusion.apis for exclusion in facts.exclusions) else set()
    return needed | ({"region"} if any(exclusion.regions for exclusion in facts.exclusions) else set())


def _asked(request: Request) -> tuple[int, int] | None:
    """Give the time that was asked for, outside which nothing need be read.

    None where every row matters: with `apis`, rows of other services are set aside first, wherever they lie.
    """
    return None if request.apis else request.period.instants(request.contract.zone)


def _rows(read: int, places: dict[str, int], passed_over: int, rejected: int) -> dict[str, int]:
    """Say where every row of the logs went."""
    outside_period = places["outside_period"] + passed_over
    return {"read": read, **places, "outside_period": outside_period, "duplicate": 0, "rejected": rejected}


def _input(log: LogFile) -> dict[str, str | int]:
    return {"path": log.source.shown, "bytes": log.bytes, "rows": log.rows}
