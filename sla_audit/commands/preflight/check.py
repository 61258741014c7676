"""A first look at all that a run would read: heads, footers and a sample, so that it takes seconds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path

from sla_audit.commands.audit import Request, by_account, facts_of, wanted
from sla_audit.commands.count import of_no_use
from sla_audit.commands.preflight.duration import about_seconds
from sla_audit.commands.preflight.groups import groups_of
from sla_audit.commands.preflight.look import SeenLog, look_at, size_of
from sla_audit.commands.preflight.sample import spread
from sla_audit.contract.unattributed import WithoutAccount
from sla_audit.errors import InputError, Problem
from sla_audit.intake.bytes.compression import packing_of
from sla_audit.intake.facts.holidays import read_holidays
from sla_audit.intake.rejects import refuse_rejects
from sla_audit.intake.sources.find import Found, look_for
from sla_audit.intake.sources.finder import Group
from sla_audit.intake.sources.left_out import UNKNOWN_KIND
from sla_audit.intake.sources.source import Source
from sla_audit.intake.sources.streams import spooled
from sla_audit.judge.allocation.allocate import AuditScope, allocate
from sla_audit.judge.completeness.reconciliation import reconcile
from sla_audit.model.cycle import ServiceCycle
from sla_audit.model.facts import Facts
from sla_audit.model.instant import moment
from sla_audit.model.reconciliation import Reconciliation
from sla_audit.model.tally import Tally
from sla_audit.report.check_document import Check, CheckedLeftOut, CheckedProblem, CheckedTally, Expected, LookedAt
from sla_audit.report.reconciliation import as_json
from sla_audit.sentence import Message, Sentence
from sla_audit.storage.location import location
from sla_audit.system.temporary import TemporaryFolder
from sla_audit.tally.local_threads import LocalThreads
from sla_audit.tally.planner import Ask
from sla_audit.tally.saved.tally_file import TallyFile, is_tally
from sla_audit.tally.slots import SlotGrid

_MOST_LEFT_OUT, _MOST_SHOWN = 10, 20
_MOST_TALLY_BYTES = 8 << 20


@dataclass
class _Look:
    """What has been seen so far, and why a run would be refused."""

    problems: list[Problem] = field(default_factory=list)
    logs: list[SeenLog] = field(default_factory=list)
    tallies: list[TallyFile] = field(default_factory=list)
    counts: list[Tally] = field(default_factory=list)
    times: list[tuple[int, int]] = field(default_factory=list)


def check(request: Request) -> Check:
    """Look at what an audit would read, and say what it would make of it. Writes nothing but samples, for a while.

    Whatever would let it be refused, as far as can be seen, is among the `problems`, instead of being raised.
    """
    looked = _Look()
    facts = _facts(request, looked)
    groups = (Group(each.patterns, each.form, each.version) for each in request.logs.sets)
    found, looked.problems[len(looked.problems) :] = look_for(groups, request.logs.beside, request.logs.days)
    try:
        with spooled(found.sources) as sources, closing(TemporaryFolder()) as folder:
            found = replace(found, sources=sources)
            logs = _look_at_all(found, request, facts, looked, folder.path)
            left_out = [*_left_out(found, request, folder.path)]
    except InputError as error:  # of a stream, which cannot be kept
        looked.problems += error.problems
        logs, left_out = [], [CheckedLeftOut(each.path, each.bytes, each.reason) for each in found.left_out]
    looked.problems += _rejected(looked.logs, request)
    tally = Tally.merge(looked.counts)
    times, cycles = _cycles(looked.times, request)
    return Check(
        looked=LookedAt(
            files=len(looked.logs) + len(looked.tallies),
            of_files=len(found.sources),
            bytes=sum(log.bytes for log in looked.logs),
            of_bytes=sum(map(size_of, logs)),
            rows=sum(log.rows for log in looked.logs),
            tallies=len(looked.tallies),
        ),
        groups=groups_of(logs, looked.logs, request),
        tallies=tuple(
            CheckedTally(
                tally.shown,
                tally.rows,
                tuple(each.model_dump(include={"path", "bytes", "rows", "fingerprint"}) for each in tally.head.sources),
            )
            for tally in looked.tallies
        ),
        left_out=tuple(left_out),
        first=None if times is None else moment(times[0], request.contract.zone).date(),
        last=None if times is None else moment(times[1], request.contract.zone).date(),
        months=tuple(map(str, cycles)),
        accounts=len(_accounts(tally)),
        some_accounts=tuple(_accounts(tally)[:_MOST_SHOWN]),
        reconciliation=as_json(_reconciled(tally, facts, request, looked)),
        expected=Expected(
            accounts=request.accounts is not None,
            billing=request.billing is not None,
            exclusions=request.exclusions is not None,
            request_ids=not request.logs.keep_duplicates
            and any(log.columns is not None and log.columns.request_id in log.names for log in looked.logs),
            jobs=_jobs(request),
            about_seconds=about_seconds(logs, looked.logs, _jobs(request)),
        ),
        problems=_as_one(looked.problems),
    )


def _facts(request: Request, looked: _Look) -> Facts:
    """Read the facts whole, as a run does."""
    facts = Facts()
    try:
        facts = facts_of(request)
    except InputError as error:
        looked.problems += error.problems
    try:
        read_holidays(request.holidays, request.forms.holidays)
    except InputError as error:
        looked.problems += error.problems
    return facts


def _look_at_all(found: Found, request: Request, facts: Facts, looked: _Look, folder: Path) -> list[Source]:
    """Look at the heads of tallies, and at some logs; give all logs."""
    logs, options = list[Source](), wanted(request, facts)
    grid = SlotGrid(request.contract.zone, facts.service_edges(request.contract.zone), facts.windows())
    ask = Ask(grid, everywhere=True, every_time=True)
    for source in found.sources:
        if source.format != "parquet" or not is_tally(source.path):
            logs.append(source)
            continue
        try:
            tally = TallyFile.open(source.path, source.shown, source.planned.for_arrow)
            looked.tallies.append(tally)
            looked.times += [] if tally.times is None else [tally.times]
            if tally.bytes <= _MOST_TALLY_BYTES:
                looked.counts.append(LocalThreads(1).count([tally], ask).tally)
        except InputError as error:
            looked.problems += error.problems
    looked.problems += of_no_use(looked.tallies, request.contract, options)
    without_account = WithoutAccount(request.contract, options.apis)
    for number, source in enumerate(spread(logs)):
        place = folder / str(number)
        place.mkdir()
        of, ids = request.logs.sets[source.group], not request.logs.keep_duplicates
        log = look_at(source, of, options.columns, ask, without_account, place, request_ids=ids)
        looked.logs.append(log)
        looked.problems += log.problems
        looked.times += [] if log.times is None else [log.times]
        if log.requests is not None and not log.lacks:
            looked.counts.append(log.requests)
    return logs


def _left_out(found: Found, request: Request, folder: Path) -> Iterator[CheckedLeftOut]:
    """Say what lay beside the logs, and what the lines of the first few files look like."""
    grid = SlotGrid(request.contract.zone)
    for number, each in enumerate(found.left_out):
        like = None
        if each.reason == UNKNOWN_KIND and number < _MOST_LEFT_OUT and location(each.path).is_file():
            place = folder / f"left-{number}"
            place.mkdir()
            source = Source(location(each.path), "lines")
            log = look_at(source, request.logs.sets[0], (), Ask(grid), WithoutAccount(request.contract), place)
            like = None if not log.names else log.dialects[0] if log.dialects else "JSON lines"
        yield CheckedLeftOut(each.path, each.bytes, each.reason, like)


def _rejected(logs: Sequence[SeenLog], request: Request) -> Iterator[Problem]:
    """Say which rows of the sample a run would not take, where these are more than is tolerated."""
    passed_over = not any(log.rejected for log in logs) and all(_is_written_to(log, request) for log in logs)
    rejected = 0 if passed_over else sum(log.rejected + log.unfinished for log in logs)
    rejects = [] if passed_over else [reject for log in logs for reject in log.rejects]
    by_column = sum((log.by_column for log in logs), Counter[str]())
    try:
        refuse_rejects(rejects, by_column, rejected, sum(log.rows for log in logs), request.logs.tolerance)
    except InputError as error:
        *rows, summary = error.problems
        yield from rows
        yield replace(summary, where=Sentence("the rows that were looked at"))


def _is_written_to(log: SeenLog, request: Request) -> bool:
    """Tell whether a last line without an end may be one that is still written: see `live_logs`."""
    running = request.period.running(request.as_of, request.contract.cycles)
    if not log.unfinished:
        return True
    if running is None or packing_of(log.source.path) is not None:
        return False
    asked, cycle = (period.instants(request.contract.zone) for period in (request.period, running))
    last = None if log.times is None else log.times[1]
    return last is None or cycle is None or last >= cycle[0] or (asked is not None and last < asked[0])


def _cycles(times: Sequence[tuple[int, int]], request: Request) -> tuple[tuple[int, int] | None, list[ServiceCycle]]:
    """Tell the first and the last instant, and the cycles between that have rows, or may have."""
    if not times:
        return None, []
    bounds = min(first for first, _ in times), max(last for _, last in times)
    zone = request.contract.zone
    kind, cycles = request.contract.cycles, set[ServiceCycle]()
    for first, last in times:
        cycle, end = (kind.of(moment(instant, zone).date()) for instant in (first, last))
        cycles.update(cycle.until(end))
    return bounds, sorted(cycles)


def _accounts(tally: Tally) -> list[str]:
    return sorted(tally.accounts["account_id"].to_list())


def _reconciled(tally: Tally, facts: Facts, request: Request, looked: _Look) -> Reconciliation:
    scope = AuditScope(request.period.cycles(), request.apis, request.as_of, request.reading)
    try:
        keys = by_account(tally, facts, request.contract)
        allocated = allocate(tally if keys is None else keys.tally, request.contract, facts, scope)
        return reconcile(allocated, facts, request.contract.zone, keys, request.apis)
    except InputError as error:  # tallies that are too coarse for an exclusion
        looked.problems += error.problems
        return Reconciliation()


def _as_one(problems: Sequence[Problem]) -> tuple[CheckedProblem, ...]:
    """Say the same of several files once."""
    files: dict[tuple[Message, Message], list[str]] = {}
    for problem in problems:
        files.setdefault((problem.what, problem.remedy), []).append(str(problem.where))
    return tuple(CheckedProblem(where[0], what, remedy, len(set(where))) for (what, remedy), where in files.items())


def _jobs(request: Request) -> int:
    engine = request.logs.engine
    return engine.jobs if isinstance(engine, LocalThreads) else 1
