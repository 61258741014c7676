"""From files to counts: logs and tallies in, one tally out, and an account of every file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl

from sla_audit.commands.by_intervals import by_intervals, failing_alone, tells_other_intervals, untold_intervals
from sla_audit.commands.counted_twice import counted_twice, summary_of
from sla_audit.commands.inputs import Input, inputs_of
from sla_audit.commands.log_sets import LogSet, open_sets, read_otherwise
from sla_audit.commands.repeated_requests import needs_logs, repeating
from sla_audit.commands.traced_logs import Traced, TracedLog
from sla_audit.contract.model import Contract
from sla_audit.contract.terms.durations import written
from sla_audit.contract.unattributed import AccountlessEnding, WithoutAccount
from sla_audit.errors import Problem, refuse
from sla_audit.intake.duplicate_files import copies
from sla_audit.intake.fragments.account import ReadAccount
from sla_audit.intake.fragments.fragment import UnsafeSplitError
from sla_audit.intake.live_logs import counted_in_part, pass_over_unfinished
from sla_audit.intake.logs import LogFile, keeping, with_room_for_rejects
from sla_audit.intake.read_log import ReadLog
from sla_audit.intake.reject_store import RejectStore
from sla_audit.intake.rejects import Tolerance, refuse_rejects
from sla_audit.intake.sources.changes import unchanged
from sla_audit.intake.sources.dated import Days
from sla_audit.intake.sources.find import Found, find_groups
from sla_audit.intake.sources.finder import Beside, Group
from sla_audit.intake.sources.source import Source
from sla_audit.intake.sources.streams import spooled
from sla_audit.intake.unattributed import Unattributed
from sla_audit.model.flags import FlagCount
from sla_audit.model.log_summary import LeftOut, LogSummary
from sla_audit.model.notice import Notice
from sla_audit.model.tally import Tally
from sla_audit.sentence import Sentence, in_series, to_say
from sla_audit.storage.location import fetch_ahead, location
from sla_audit.system.temporary import NumberedFiles
from sla_audit.tally.apart import told_apart
from sla_audit.tally.as_told import as_told
from sla_audit.tally.dedup.same_request import Ids
from sla_audit.tally.dedup.spill import Hashes
from sla_audit.tally.engine import Count, Engine, Progress
from sla_audit.tally.flags import added_up
from sla_audit.tally.local_threads import LocalThreads
from sla_audit.tally.planner import Account, Ask, Fragment
from sla_audit.tally.saved.tally_file import TallyFile, is_tally
from sla_audit.tally.slot_runs import Numbers
from sla_audit.tally.slots import SlotGrid
from sla_audit.tally.timeline import Timeline, columns_of
from sla_audit.tally.timeline import add_up as all_times
from sla_audit.tally.untold import untold

_NAMED = 5
_FEW_ROWS = 1 << 21  # the times of so many are decoded in the blink of an eye


@dataclass(frozen=True)
class Logs(LogSet):
    """Which logs and tallies to count, and how; there may be `more` sets of them, each written in a way of its own.

    Of the files that they name, `only` some may be meant; where patterns have the parts of a date in them, those of the
    `days` asked for, None: of all.
    All rows that cannot be read go to `reject_files`, if any. Where `hashed` is not 0, every byte of each file is
    digested, so many files at a time.
    """

    more: tuple[LogSet, ...] = ()
    only: frozenset[Path] | None = None
    beside: Beside = field(default_factory=Beside)
    tolerance: Tolerance = field(default_factory=Tolerance)
    reject_files: NumberedFiles | None = None
    keep_duplicates: bool = False
    hashed: int = 0
    engine: Engine = field(default_factory=LocalThreads)
    days: Days | None = None

    @property
    def sets(self) -> tuple[LogSet, ...]:
        """All sets of logs."""
        return (self, *self.more)

    def find(self) -> Found:
        """Find the files of all sets. Raises `InputError` as `find_sources` does."""
        groups = (Group(each.patterns, each.form, each.version) for each in self.sets)
        found = find_groups(groups, self.beside, self.days)
        if self.only is None:
            return found
        return replace(found, sources=tuple(source for source in found.sources if source.path in self.only))


@dataclass(frozen=True)
class CountResult:
    """What was counted, and where each row of the files went; files that are copies of others are left out.

    What `found` names as left out is also what was when its tallies were counted.

    `times` says when the rows were, in the columns of `timeline.PIECE`, and `times_of_logs` says so log by log, as
    arrays. `flags` are the content flags of rows in the period. What tallies do not tell is `untold`. `inputs` are
    every file given (see `inputs.Input`); `logs` accounts for the logs behind the counts, also for those
    behind a tally. Requests are told apart by the optional columns that it `tells`. `read` rows are those of the tally,
    `outside_period`, `rejected`, the `duplicate` ones of `ids`, which has what request ids told, and those
    `unattributed` ones that have no account and need none. The `unfinished` logs have a half-written last line, which
    is passed over. `traced` has the rows that were kept one by one, of each log that was read, and `duplicates` which
    of them are not counted, in the columns of `same_request.LISTED`; `repeated` tells which of them came too soon (see
    `tally.engine.Count`).
    """

    tally: Tally
    times: pl.DataFrame
    times_of_logs: Mapping[str, Mapping[str, Numbers]]
    flags: tuple[FlagCount, ...]
    untold: tuple[Notice, ...]
    found: Found
    copied: Mapping[Path, Path]
    inputs: tuple[Input, ...]
    logs: tuple[LogSummary, ...]
    tells: frozenset[str]
    rejects: tuple[RejectStore, ...]
    read: int
    rejected: int
    outside_period: int
    ids: Ids
    unattributed: Unattributed
    unfinished: tuple[str, ...] = ()
    traced: tuple[TracedLog, ...] = ()
    duplicates: pl.DataFrame = field(default_factory=pl.DataFrame)
    repeated: Hashes = field(default_factory=lambda: np.zeros(0, np.uint64))
    knows_all_times: bool = True
    """Whether no tally was passed over, of whose times nothing is known then."""


@dataclass(frozen=True)
class CountOptions:
    """What a run must know of the rows.

    `columns` names the optional columns (`region`, `api`, `client`, `error_code`, `took_over`) that it cannot do
    without. Outside `period` (half-open, microseconds since 1970) nothing need be read, unless `everywhere`. With
    `every_time` the time of every row inside it is looked at; else, Parquet's statistics may do, where the logs are not
    small. `running` is the cycle that has not ended (likewise half-open), where it is asked for: its logs may be
    written to yet. Rows without an account of other services than those of `apis` (globs; none: all) need none. What is
    counted may be `kept`, as a tally. The keys of `aliases` (see `model.facts.Facts`) stand for accounts, of which
    intervals are.
    """

    columns: Collection[str] = ()
    apis: Sequence[str] = ()
    period: tuple[int, int] | None = None
    everywhere: bool = False
    every_time: bool = False
    running: tuple[int, int] | None = None
    kept: bool = False
    traced: Traced | None = None
    aliases: pl.DataFrame | None = None


def count(
    given: Logs, contract: Contract, grid: SlotGrid, wanted: CountOptions, progress: Progress | None = None
) -> CountResult:
    """Count every file of a run once, and every request. Raises `InputError` for whatever the user can mend."""
    found = given.find()
    with spooled(found.sources) as sources, unchanged(sources):
        return _count_found(replace(found, sources=sources), given, contract, grid, wanted=wanted, progress=progress)


def _count_found(
    found: Found, given: Logs, contract: Contract, grid: SlotGrid, *, wanted: CountOptions, progress: Progress | None
) -> CountResult:
    fetch_ahead((source.path, not source.kind.is_text) for source in found.sources)
    counted_before = [source for source in found.sources if source.format == "parquet" and is_tally(source.path)]
    paths = {source.path for source in counted_before}
    not_counted = [source for source in found.sources if source.path not in paths]
    tallies = [TallyFile.open(source.path, source.shown, source.planned.for_arrow) for source in counted_before]
    refuse(of_no_use(tallies, contract, wanted))
    logs, copied, result = _count_files(not_counted, tallies, given, contract, grid, wanted=wanted, progress=progress)

    times_of_logs = _by_log(logs, result.timelines[len(tallies) :])
    logs, unfinished = pass_over_unfinished(logs, _last_rows(times_of_logs), wanted.running, wanted.period)
    by_column = sum((log.rejected for log in logs), Counter[str]())
    rejected = by_column.total() + sum(tally.head.rows.rejected for tally in tallies)
    read = sum(log.rows for log in logs) + sum(tally.head.rows.read for tally in tallies)
    refuse_rejects([reject for log in logs for reject in log.rejects], by_column, rejected, read, given.tolerance)
    refuse(counted_in_part(logs, unfinished))
    needless = sum((*(log.unattributed for log in logs), *map(_unattributed, tallies)), Unattributed())
    behind = [summary_of(source) for tally in tallies for source in tally.head.sources]
    left_out = {LeftOut(**each.model_dump()) for tally in tallies for each in tally.head.left_out}.union(found.left_out)
    shown = {source.path: location(source.shown) for source in found.sources}
    tells = _tells(wanted.columns, logs, tallies, contract)
    tally = as_told(result.tally, tells, contract.limits) if tallies else result.tally
    return CountResult(
        tally=tally if wanted.kept else told_apart(tally, contract.unit.apart),
        times=all_times(result.timelines),
        times_of_logs=times_of_logs,
        flags=added_up([*result.flags, *(flag for tally in tallies for flag in tally.flags(wanted.period))]),
        untold=tuple(untold(tallies)),
        found=replace(found, left_out=tuple(sorted(left_out, key=lambda each: (each.path, each.reason)))),
        copied={shown[path]: shown[first] for path, first in copied.items()},
        inputs=inputs_of(logs, list(zip(tallies, counted_before, strict=True)), given.hashed),
        logs=tuple(sorted((*(log.summary(kept=wanted.kept) for log in logs), *behind), key=lambda log: log.path)),
        tells=tells,
        rejects=tuple(account.rejects for log in logs for account in log.accounts),
        read=read,
        rejected=rejected,
        outside_period=result.outside_period,
        ids=sum((tally.head.rows.ids for tally in tallies), result.ids),
        unfinished=unfinished,
        unattributed=needless,
        traced=tuple(map(TracedLog.of, logs)),
        duplicates=result.duplicates,
        repeated=result.repeated,
        knows_all_times=not any(_is_passed_over(tally, wanted) for tally in tallies),
    )


def _count_files(
    sources: Sequence[Source],
    tallies: Sequence[TallyFile],
    given: Logs,
    contract: Contract,
    grid: SlotGrid,
    *,
    wanted: CountOptions,
    progress: Progress | None,
) -> tuple[tuple[ReadLog, ...], Mapping[Path, Path], Count]:
    """Count tallies and logs; give the logs that were read, those that were not because they are copies, and the count.

    A text log that turns out not to be cut where rows end may have been counted wrongly, so all is counted again; that
    log alone is opened anew, to be read in one piece.
    """

    def open_some(some: Sequence[Source], uncut: Collection[Path] = ()) -> tuple[LogFile, ...]:
        ids = not given.keep_duplicates
        return open_sets(given.sets, some, wanted.columns, contract, apis=wanted.apis, request_ids=ids, uncut=uncut)

    alone = wanted.traced is not None and wanted.traced.tracing.alone  # rows of one account, maybe not all: no others
    opened = open_some(sources)
    copied = copies(opened)
    refuse(read_otherwise(copied, sources, given.sets))
    while True:
        counted = [log for log in opened if log.source.path not in copied]
        counted = list(with_room_for_rejects(counted, given.reject_files))
        if wanted.traced is not None:
            counted = list(keeping(counted, wanted.traced.tracing, wanted.traced.files))
        refuse(counted_twice(list(map(ReadLog, counted)), tallies) if tallies else ())
        fragments: list[Fragment] = [*tallies, *(fragment for log in counted for fragment in log.fragments)]
        small = sum(fragment.rows or 0 for fragment in fragments) <= _FEW_ROWS
        ask = Ask(grid, wanted.period, everywhere=wanted.everywhere, every_time=wanted.every_time or small)
        if contract.measure is not None and grid.steps is not None:
            ask = by_intervals(ask, contract, wanted.aliases)
        ask = replace(ask, repeating=repeating(contract, wanted.aliases, wanted.apis))
        if wanted.traced is not None:
            ask = replace(ask, listed=wanted.traced.tracing.keys)
        try:
            result = given.engine.count(fragments, replace(ask, may_fail=None) if alone else ask, progress)
        except UnsafeSplitError as error:
            (uncut,) = open_some([error.source], [error.source.path])
            opened = tuple(uncut if log.source.path == error.source.path else log for log in opened)
        else:
            if alone or tallies or result.ids.duplicate:  # else no other interval was counted by itself
                result = replace(result, tally=failing_alone(result.tally, ask))
            refuse(untold_intervals(tallies, result.tally, ask))
            logs = _read(counted, result.accounts[len(tallies) :])
            refuse(counted_twice(logs, tallies) if tallies else ())
            return logs, copied, result


def _read(logs: Sequence[LogFile], accounts: Sequence[Account]) -> tuple[ReadLog, ...]:
    """Give each log the accounts of its fragments, out of those of all."""
    of_fragments = (account for account in accounts if isinstance(account, ReadAccount))
    return tuple(ReadLog(log, tuple(islice(of_fragments, len(log.fragments)))) for log in logs)


def _is_passed_over(tally: TallyFile, wanted: CountOptions) -> bool:
    """Tell whether a tally has nothing of the months that are asked for, and is not read."""
    asked = Ask(SlotGrid(ZoneInfo(tally.head.time_zone)), wanted.period, everywhere=wanted.everywhere)
    return tally.times is not None and asked.passes_over(*tally.times)


def of_no_use(tallies: Sequence[TallyFile], contract: Contract, wanted: CountOptions) -> Iterator[Problem]:
    """Say which tallies cannot answer: of days of another zone, added up too far, or without rows that now matter."""
    for tally in tallies:
        if contract.repeats is not None:
            yield from needs_logs(tally.shown, contract)
            continue
        if tally.head.time_zone != contract.time_zone:
            found = Sentence(
                "counted by the days of {time_zone}; the contract's are those of {own}",
                time_zone=tally.head.time_zone,
                own=contract.time_zone,
            )
            yield Problem(tally.shown, found, "Count the logs again with --contract, or give the logs themselves.")
        yield from tells_other_intervals(tally, contract)
        if wanted.traced is not None:
            logs = [source.path for source in tally.head.sources]
            remedy = Sentence("Give the logs that it counts: {logs}.", logs=", ".join(logs[:_NAMED]))
            if len(logs) > _NAMED:
                remedy = Sentence(
                    "Give the logs that it counts: {logs}, and {more} more.",
                    logs=", ".join(logs[:_NAMED]),
                    more=len(logs) - _NAMED,
                )
            yield Problem(tally.shown, "has counts, and no rows", remedy)
        missing = sorted(set(wanted.columns) - set(tally.head.tells))
        by_contract = Sentence(
            "Count the logs again with --contract {contract}, or give the logs themselves.", contract=contract.id
        )
        if missing:
            names = in_series(missing, to_say("{listed} and {value}"))
            again = "".join(f" --keep {name}" for name in missing)
            remedy = Sentence("Count the logs again with{again}, or give the logs themselves.", again=again)
            if "took_over" in missing:
                remedy = by_contract
            yield Problem(
                tally.shown,
                Sentence("does not tell requests apart by {names}, which this run needs", names=names),
                remedy,
            )
        elif not set(contract.limits) <= set(tally.head.limits):
            found = Sentence(
                "tells which requests took longer than {told}; the contract {contract!r} names {needed}",
                told=", ".join(map(written, tally.head.limits)),
                contract=contract.id,
                needed=", ".join(map(written, contract.limits)),
            )
            yield Problem(tally.shown, found, by_contract)
        without_account = WithoutAccount(contract, wanted.apis)
        needed = sum(rows for ending, rows in _unattributed(tally).items() if without_account.place(ending) is None)
        if needed:
            found = Sentence(
                "was taken without {rows} rows that have no account; under the contract {contract!r}, "
                "rates may depend on whose they are",
                rows=needed,
                contract=contract.id,
            )
            yield Problem(tally.shown, found, "Give the logs themselves.")


def _unattributed(tally: TallyFile) -> Unattributed:
    """Give the rows of a tally's logs that have no account, and needed none when it was taken."""
    rows = Unattributed()
    for ending in tally.head.unattributed:
        rows[AccountlessEnding(**ending.model_dump(exclude={"rows"}))] += ending.rows
    return rows


def _tells(
    needed: Collection[str], logs: Sequence[ReadLog], tallies: Sequence[TallyFile], contract: Contract
) -> frozenset[str]:
    """Name the optional columns by which all requests are told apart; limits are told that the contract names."""
    told_by_all = [frozenset[str](tally.head.tells) for tally in tallies]
    if logs or not tallies:
        told_by_all.append(frozenset(needed))
    told = frozenset.intersection(*told_by_all)
    return told if contract.limits else told - {"took_over"}


def _by_log(logs: Sequence[ReadLog], timelines: Sequence[Timeline]) -> dict[str, dict[str, Numbers]]:
    """Add up the times of each log, given those of the fragments of all logs."""
    of_fragments = iter(timelines)
    return {log.source.shown: columns_of(islice(of_fragments, len(log.accounts))) for log in logs}


def _last_rows(times_of_logs: Mapping[str, Mapping[str, Numbers]]) -> dict[str, int]:
    """Give the time of the last row of each log that has one, to a quarter of an hour."""
    return {path: int(times["ends_at"].max()) - 1 for path, times in times_of_logs.items() if len(times["ends_at"])}
