"""The whole audit on one screen: logs and facts in, a report out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from sla_audit.commands.by_intervals import intervals_of, narrowed
from sla_audit.commands.count import CountOptions, CountResult, Logs, count
from sla_audit.commands.provenance import Digest, digested, provenance
from sla_audit.commands.repeated_requests import needs_logs
from sla_audit.commands.traced_logs import Traced
from sla_audit.contract.intervals import step_of
from sla_audit.contract.model import Contract
from sla_audit.contract.unattributed import WithoutAccount
from sla_audit.coverage.examine import audited_cycles, examine_coverage
from sla_audit.coverage.kept import logs_kept
from sla_audit.coverage.notices import coverage_notices
from sla_audit.errors import refuse
from sla_audit.intake import notices as log_notices
from sla_audit.intake.facts.form import STRICT, FactsForms
from sla_audit.intake.facts.holidays import read_holidays
from sla_audit.intake.facts.read import read_facts
from sla_audit.intake.id_notices import id_notices
from sla_audit.intake.reject_store import RejectStore
from sla_audit.judge import notices as verdict_notices
from sla_audit.judge.allocation.aliases import Aliased, aliased
from sla_audit.judge.allocation.allocate import AuditScope, allocate
from sla_audit.judge.allocation.place import days_of
from sla_audit.judge.breakdown.attribution import attributed
from sla_audit.judge.breakdown.days import Days, days
from sla_audit.judge.breakdown.failures import failures
from sla_audit.judge.breakdown.flagged import flagged_notices, often_flagged
from sla_audit.judge.completeness.metering import EXACT
from sla_audit.judge.completeness.reconciliation import reconcile
from sla_audit.judge.completeness.reconciliation_notices import reconciliation_notices
from sla_audit.judge.period import Period
from sla_audit.judge.verdicts import judge, without_each
from sla_audit.model.calendar import WorkingDays
from sla_audit.model.coverage import Coverage
from sla_audit.model.facts import Facts
from sla_audit.model.instant import microseconds, midnight, moment
from sla_audit.model.notice import Notice
from sla_audit.model.tally import Tally
from sla_audit.model.verdicts import CallTolerance, Judgement
from sla_audit.report import document
from sla_audit.report.attribution import as_json as attribution_json
from sla_audit.tally.dedup.same_request import Ids
from sla_audit.tally.engine import Progress
from sla_audit.tally.flags import first_of, of_all_months
from sla_audit.tally.saved.head import TallyEnding, TallyFlag, TallyHead, TallyLeftOut, TallyRows, TallySource
from sla_audit.tally.saved.write import tally_bytes
from sla_audit.tally.slots import SlotGrid

_FLAGS_SHOWN = 100
_A_DAY = 86_400_000_000  # microseconds


@dataclass(frozen=True)
class Request:
    """What to audit, and how. Time is given, never read from a clock.

    `daily` asks for the requests of each day besides, which takes longer: time is then cut at every midnight.
    With `every_time`, the time of every row is looked at, so that no gap in the logs is missed. `config` is the file
    that all this is from, if any.
    """

    contract: Contract
    logs: Logs
    as_of: date
    reading: str
    accounts: Path | None = None
    billing: Path | None = None
    exclusions: Path | None = None
    alias: Path | None = None
    holidays: Path | None = None
    forms: FactsForms = STRICT
    apis: tuple[str, ...] = ()
    period: Period = field(default_factory=Period)
    daily: bool = False
    every_time: bool = False
    config: Path | None = None
    metering: CallTolerance = EXACT

    @property
    def files(self) -> tuple[tuple[str, Path | None], ...]:
        """The files besides the logs that say what is audited, and how, each under its role."""
        facts = ("accounts", "billing", "alias", "exclusions", "holidays")
        written = (each for logs in self.logs.sets for each in logs.written_in)
        return (("config", self.config), *dict.fromkeys(written), *((name, getattr(self, name)) for name in facts))

    @property
    def fact_files(self) -> tuple[Path | None, ...]:
        """The files of facts; None for each that is not given."""
        return (self.accounts, self.billing, self.alias, self.exclusions, self.holidays)


@dataclass(frozen=True)
class Audit:
    """The report, whether the logs are whole, and the rows that could not be read."""

    report: document.Report
    coverage: Coverage
    rejects: tuple[RejectStore, ...]


@dataclass(frozen=True)
class Basis:
    """What a report rests on: the facts, the calendar, how time was cut, and what was counted."""

    facts: Facts
    working_days: WorkingDays
    grid: SlotGrid
    counted: CountResult


def audit(request: Request, progress: Progress | None = None) -> Audit:
    """Read, count, judge and report. Raises `InputError` for whatever the user can mend."""
    with digested(request.files) as files:
        return report_on(request, basis_of(request, progress), files=files)


def basis_of(request: Request, progress: Progress | None = None, traced: Traced | None = None) -> Basis:
    """Read the facts and count the logs; some rows may be kept besides. Raises `InputError` as `audit` does."""
    contract = request.contract
    facts = facts_of(request)
    working_days = read_holidays(request.holidays, request.forms.holidays).of(contract.claim.calendar)
    working_days.prepare()

    edges, step = facts.service_edges(contract.zone), step_of(contract)
    grid = SlotGrid(contract.zone, edges, facts.windows(), daily=request.daily, step=step)
    options = replace(wanted(request, facts), traced=traced)
    return Basis(facts, working_days, grid, count(request.logs, contract, grid, options, progress))


def report_on(
    request: Request, basis: Basis, coverage: Coverage | None = None, files: Sequence[Digest] | None = None
) -> Audit:
    """Judge what was counted, and report.

    `coverage` is what is known of the logs, where these are not at hand; `files` are those that the run was given
    besides the logs, where the report is to say so.
    """
    contract, facts = request.contract, basis.facts
    working_days, counted = basis.working_days, basis.counted

    scope = AuditScope(request.period.cycles(), request.apis, request.as_of, request.reading, request.metering)
    keys = by_account(counted.tally, facts, contract)
    allocated = allocate(counted.tally if keys is None else keys.tally, contract, facts, scope)
    judgement = judge(allocated, contract, facts, scope, working_days)
    cycles, verdicts = judgement.cycles, judgement.verdicts
    by_intervals = contract.measure is not None  # then counts of a day, or of a cycle, do not give a rate
    by_day = days(allocated, cycles, judgement.detailed, contract, request.reading) if request.daily else None
    often = often_flagged(allocated, cycles, verdicts[request.reading], contract)
    reconciliation = reconcile(allocated, facts, contract.zone, keys, request.apis)
    audited = audited_cycles(cycles, allocated.cycles, request.as_of)
    of_logs = coverage is None
    coverage = coverage or examine_coverage(counted.times, counted.times_of_logs, audited, working_days, contract.zone)

    rows = _rows(counted, judgement.rows, WithoutAccount(contract, request.apis))
    head = document.head(
        contract=contract,
        reading=request.reading,
        as_of=request.as_of,
        provenance=None if files is None else _made_of(request, files),
        inputs=counted.inputs,
        left_out=[asdict(each) for each in counted.found.left_out],
        holidays=_holidays(working_days),
        rows=rows,
        request_ids=_request_ids(counted.ids),
        logged=judgement.logged,
        coverage=coverage,
        metering=judgement.metering,
        kept=logs_kept(counted.times, request.as_of, contract.zone) if of_logs and counted.knows_all_times else None,
        content_flags=first_of(of_all_months(counted.flags), _FLAGS_SHOWN),
        often_flagged=often,
        exclusions=judgement.exclusions,
        reconciliation=reconciliation,
        daily=None if by_day is None else by_day.overall,
        attribution=_attribution(request, by_day, judgement),
        totals=judgement.totals,
        notices=[
            *log_notices.notices(counted.logs, counted.found, counted.copied, contract.time_zone, rows["unattributed"]),
            *id_notices(asdict(counted.ids), counted.read),
            *log_notices.unfinished(counted.unfinished),
            *counted.untold,
            *coverage_notices(coverage, request.as_of, contract.zone),
            *verdict_notices.notices(judgement, contract, facts, request.reading, request.as_of, counted.rejected),
            *reconciliation_notices(reconciliation),
            *flagged_notices(often, contract),
        ],
    )
    results = document.results(
        cycles,
        verdicts,
        judgement.by_clause,
        judgement.differing,
        judgement.claims,
        request.reading,
        failures=failures(allocated, cycles, judgement.detailed, contract, request.reading),
        daily=None if by_day is None else by_day.by_cycle,
        without=None if by_day is None or by_intervals else without_each(judgement, allocated, contract, facts, scope),
        exclusions=[finding.exclusion.id for finding in judgement.exclusions],
        facts=contract.facts,
    )
    return Audit(document.Report(head, results), coverage, counted.rejects)


def _attribution(request: Request, by_day: Days | None, judgement: Judgement) -> list[dict[str, Any]] | None:
    if by_day is None or request.contract.measure is not None:
        return None  # what the failures of a day cost does not follow from how many there are, by intervals
    ruled, reading = judgement.verdicts[request.reading], request.reading
    days = attributed(by_day.by_cycle, judgement.cycles, ruled, request.contract, reading, request.as_of)
    return attribution_json(days)


def _made_of(request: Request, files: Sequence[Digest]) -> dict[str, Any]:
    return provenance(files, request.logs, request.period, request.forms, request.metering)


def facts_of(request: Request) -> Facts:
    """Read the facts of a run. Raises `InputError` with the mistakes of all files."""
    files = (request.accounts, request.billing, request.exclusions)
    return read_facts(*files, request.contract, request.forms, alias=request.alias)


def by_account(tally: Tally, facts: Facts, contract: Contract) -> Aliased | None:
    """Put what was counted by key under the accounts that the keys stand for; None where there is no alias file."""
    if facts.aliases is None:
        return None
    return aliased(tally, days_of(tally.slots, contract.time_zone), facts.aliases)


@dataclass(frozen=True)
class Taken:
    """A tally as a file, how many requests of how many logs it counts, and the rows that it does not count.

    Its logs have so many `rows`, the `first` request is of a day that begins then, in microseconds. `notices` say what
    lay beside the logs and was not read.
    """

    content: bytes
    counted: int
    duplicate: int
    logs: int
    rejects: tuple[RejectStore, ...]
    notices: tuple[Notice, ...] = ()
    rows: int = 0
    first: int | None = None


def take_tally(
    logs: Logs,
    contract: Contract,
    exclusions: Path | None,
    keep: Collection[str] = (),
    progress: Progress | None = None,
    forms: FactsForms = STRICT,
) -> Taken:
    """Count logs by day, and by the edges of exclusions, for audits to come. Raises `InputError` as `audit` does."""
    refuse(needs_logs("tally", contract))
    facts = read_facts(None, None, exclusions, contract, forms)
    needed = _scopes(facts).union(keep, contract.columns)
    tells = CountOptions(needed if contract.limits else needed - {"took_over"}, kept=True)
    step = step_of(contract)
    grid = SlotGrid(contract.zone, (edge for window in facts.windows() for edge in window), step=step)
    counted = count(logs, contract, grid, tells, progress)
    tally = counted.tally if grid.steps is None else narrowed(counted.tally, counted.times, grid.steps)
    requests = tally.requests
    head = TallyHead(
        time_zone=contract.time_zone,
        tells=tuple(sorted(counted.tells)),
        limits=contract.limits if "took_over" in counted.tells else (),
        rows=TallyRows(
            counted=requests,
            rejected=counted.rejected,
            unattributed=counted.unattributed.total(),
            **asdict(counted.ids),
        ),
        unattributed=tuple(
            TallyEnding(**ending._asdict(), rows=rows)
            for ending, rows in sorted(counted.unattributed.items(), key=repr)
        ),
        content_flags=tuple(TallyFlag(**flag._asdict()) for flag in counted.flags),
        sources=tuple(TallySource(**asdict(log)) for log in counted.logs),
        left_out=tuple(TallyLeftOut(**asdict(each)) for each in counted.found.left_out),
        intervals=intervals_of(contract),
    )
    return Taken(
        content=tally_bytes(tally, head),
        counted=requests,
        duplicate=counted.ids.duplicate,
        logs=len(counted.logs),
        rejects=counted.rejects,
        notices=tuple(log_notices.left_out(counted.found.left_out)),
        rows=counted.read,
        first=_first(counted),
    )


def _first(counted: CountResult) -> int | None:
    slots = counted.tally.slots["starts_at"].gather(counted.tally.counts["slot"].unique())
    return int(slots.min()) if len(slots) else None  # type: ignore[arg-type]


def _holidays(working_days: WorkingDays) -> dict[str, str] | None:
    if working_days.path is None or working_days.sha256 is None:
        return None
    return {"path": working_days.path, "sha256": working_days.sha256}


def wanted(request: Request, facts: Facts) -> CountOptions:
    """Say what an audit must know of the rows.

    With `apis`, rows of other services are set aside first, wherever they lie, so that all of them are read.
    """
    running = request.period.running(request.as_of, request.contract.cycles)
    return CountOptions(
        columns=_scopes(facts) | request.contract.columns | ({"api"} if request.apis else set()),
        period=_around(request.period.instants(request.contract.zone), request.contract),
        apis=request.apis,
        everywhere=bool(request.apis),
        every_time=request.every_time,
        running=None if running is None else running.instants(request.contract.zone),
        aliases=facts.aliases,
    )


def with_neighbours(period: tuple[int, int] | None, contract: Contract) -> tuple[int, int] | None:
    """Take a day more on both sides where what lies there may belong to a run of intervals in a cycle."""
    if period is None or not contract.joins_cycles:
        return period
    return period[0] - _A_DAY, period[1] + _A_DAY


def _around(period: tuple[int, int] | None, contract: Contract) -> tuple[int, int] | None:
    """Take the neighbours of a period too, and before these a day, from its beginning on, for what repeats errors."""
    wider = with_neighbours(period, contract)
    if wider is None or contract.repeats is None:
        return wider
    day_before = moment(wider[0], contract.zone).date() - timedelta(days=1)
    return microseconds(midnight(day_before, contract.zone)), wider[1]


def _scopes(facts: Facts) -> set[str]:
    scopes = {"api": "apis", "region": "regions"}
    return {name for name, scope in scopes.items() if any(getattr(each, scope) for each in facts.exclusions)}


def _request_ids(ids: Ids) -> dict[str, int]:
    """Say what request ids told, besides which rows are duplicates."""
    return {
        "contradicted": ids.contradicted,
        "reused_ids": ids.reused_ids,
        "reused_rows": ids.reused,
        "shared_rows": ids.shared,
    }


def _rows(counted: CountResult, places: dict[str, int], without_account: WithoutAccount) -> dict[str, int]:
    """Say where every row of the logs went."""
    outside_period = places["outside_period"] + counted.outside_period
    needless: Counter[str | None] = Counter()
    for ending, rows in counted.unattributed.items():
        needless[without_account.place(ending)] += rows
    return {
        "read": counted.read,
        **places,
        "outside_period": outside_period,
        "other_service": places["other_service"] + needless["other_service"],
        "duplicate": counted.ids.duplicate,
        "rejected": counted.rejected,
        "unattributed": needless["unattributed"],
    }
