"""A look at one log: how it is written, which columns it has, and what the rows of its sample say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import accumulate, combinations
from pathlib import Path
from typing import Any, Self
from zoneinfo import ZoneInfo

import pyarrow as pa

from sla_audit.commands.log_sets import LogSet
from sla_audit.commands.preflight.sample import BYTES_AT_START, Sample, sample_of
from sla_audit.contract.unattributed import WithoutAccount
from sla_audit.errors import InputError, Problem, renamed
from sla_audit.intake.bytes.text_format import UTF_8
from sla_audit.intake.columns import REQUIRED, ColumnMap, LogColumns, resolve_columns
from sla_audit.intake.content import Content
from sla_audit.intake.dialects.naming import fitting_dialects
from sla_audit.intake.formats.interface import OpenedLog, ReadOptions, Written
from sla_audit.intake.formats.parquet.fragment import ParquetFragment
from sla_audit.intake.formats.registry import names_of, open_log
from sla_audit.intake.fragments.account import ReadAccount
from sla_audit.intake.fragments.fragment import LogFragment, Offsets, unreadable
from sla_audit.intake.logs import is_blank, settled
from sla_audit.intake.rejects import Reject
from sla_audit.intake.sources.source import Source
from sla_audit.model.tally import Tally
from sla_audit.sentence import Sentence, in_series, to_say
from sla_audit.tally.engine import Count
from sla_audit.tally.local_threads import LocalThreads
from sla_audit.tally.planner import Ask
from sla_audit.tally.timeline import Span
from sla_audit.tally.timeline import add_up as all_times

MOST_ROWS = 20_000
"""So many rows of a Parquet file are read."""


@dataclass(frozen=True)
class SeenLog:
    """What was seen of a log: `bytes` and `rows` were looked at; `problems` would let a run refuse it.

    Where its only fault is that nothing says what some canonical columns are, it `lacks` these, and `columns` are the
    others. Its lines are of a `format`; `dialects` are those that fit. `requests` are the readable rows of the sample,
    None where none was read; without accounts, where these are lacking. `times` are bounds of them or, where the footer
    says so, of all rows, in microseconds, both inclusive. Some rows are read `one_by_one`, which is slow; some times
    have no zone (`local_time`).
    """

    source: Source
    problems: tuple[Problem, ...] = ()
    format: str = ""
    names: tuple[str, ...] = ()
    columns: LogColumns | None = None
    lacks: tuple[str, ...] = ()
    dialects: tuple[str, ...] = ()
    wrapper: str | None = None
    whole: bool = False
    bytes: int = 0
    rows: int = 0
    one_by_one: int = 0
    rejected: int = 0
    unfinished: int = 0
    by_column: Counter[str] = field(default_factory=Counter)
    rejects: tuple[Reject, ...] = ()
    local_time: bool = False
    requests: Tally | None = None
    times: tuple[int, int] | None = None
    all_rows: int | None = None


def look_at(
    source: Source,
    of: LogSet,
    needed: Collection[str],
    ask: Ask,
    without_account: WithoutAccount,
    folder: Path,
    *,
    request_ids: bool = True,
) -> SeenLog:
    """Look at a log: see `SeenLog`. `folder` is empty, and takes the sample; ids are read as in a run."""
    names = {(folder / part).as_posix(): source.shown for part in ("start", "end")}
    try:
        sample = sample_of(source, of.csv.encoding, folder)
        names |= {each.path.as_posix(): source.shown for each in (sample.start, sample.end) if each is not None}
        in_utf8 = of if sample.start is source else replace(of, csv=replace(of.csv, encoding=UTF_8))
        return _look(source, sample, in_utf8, needed, ask, without_account, request_ids=request_ids)
    except InputError as error:
        if source.kind.is_text and size_of(source) <= BYTES_AT_START and is_blank(Content(source, of.csv.encoding)):
            return SeenLog(source, whole=True)
        return SeenLog(source, tuple(renamed(problem, names) for problem in error.problems))
    except (pa.ArrowException, OSError, UnicodeError) as error:
        return SeenLog(source, (renamed(unreadable(source, error), names),))


def size_of(source: Source) -> int:
    """Give the size of a file; 0 for one that is gone."""
    try:
        return source.path.stat().st_size
    except OSError:
        return 0


def _look(
    source: Source,
    sample: Sample,
    of: LogSet,
    needed: Collection[str],
    ask: Ask,
    without_account: WithoutAccount,
    *,
    request_ids: bool,
) -> SeenLog:
    with open_log(sample.start, Written(of.csv, of.dialect)) as opened:
        names = tuple(names_of(opened))
        seen = SeenLog(
            source,
            format="json" if opened.has_objects else source.format,
            names=names,
            dialects=_dialects(opened, of, names),
            wrapper=opened.around,
            whole=sample.whole,
            bytes=sample.bytes,
        )
        columns, lacks, problems = _columns_of(opened, of, needed, names, without_account.contract.limits)
        seen = replace(seen, problems=problems, columns=columns, lacks=lacks)
        if columns is None or not {*lacks} <= {"account_id"}:
            return seen
        read = replace(columns, account_id=columns.status) if lacks else columns
        read = read if request_ids else read.without_ids()
        zone = ask.grid.zone if columns.time_zone is None else ZoneInfo(columns.time_zone)
        fragments = [
            replace(each, without_account=without_account)
            for each in opened.fragments(read, zone, ReadOptions(of.statistics))
        ]
    return _with_rows(seen, sample, fragments, _rows_of_end(sample, of, read, zone, without_account), ask)


def _columns_of(
    opened: OpenedLog, of: LogSet, needed: Collection[str], names: tuple[str, ...], limits: tuple[int, ...]
) -> tuple[LogColumns | None, tuple[str, ...], tuple[Problem, ...]]:
    """Resolve the columns of a log; where that fails, without those canonical ones for which it would succeed."""

    def resolved(mapping: ColumnMap, needed: Collection[str]) -> LogColumns | list[Problem]:
        source = opened.source
        return resolve_columns(
            mapping, names, needed, source.shown, opened.dialect, source.partitions, objects=opened.has_objects
        )

    found = resolved(of.columns, needed)
    if isinstance(found, LogColumns):
        return settled(found, of.flags, of.time_zone, limits), (), ()
    unsaid = [canonical for canonical in REQUIRED if not of.columns.says(canonical)]
    for lacks in (some for size in range(1, 4) for some in combinations(unsaid, size) if names):
        standing_in = ColumnMap({**of.columns.named, **dict.fromkeys(lacks, (names[0],))})
        others = resolved(standing_in, ())
        if isinstance(others, LogColumns):
            return settled(others, of.flags, of.time_zone, limits), lacks, _lacking(lacks, found)
    return None, (), tuple(found)


def _lacking(lacks: tuple[str, ...], found: Sequence[Problem]) -> tuple[Problem, ...]:
    """Say in one way of all logs that nothing says what some columns are, where that is all that is wrong."""
    if len(found) != len(lacks):
        return tuple(found)
    columns = " ".join(f"--column {name}=NAME" for name in lacks)
    remedy = Sentence("Say which: {columns}, or the same under [columns] in the config.", columns=columns)
    names = in_series(lacks, to_say("{listed} or {value}"))
    return (Problem(found[0].where, Sentence("nothing says which column is {names}", names=names), remedy),)


def _dialects(opened: OpenedLog, of: LogSet, names: Collection[str]) -> tuple[str, ...]:
    if opened.dialect is not None:
        return (opened.dialect.id,)
    return tuple(each.id for each in fitting_dialects(names, of.columns.named, objects=opened.has_objects))


def _rows_of_end(
    sample: Sample, of: LogSet, columns: LogColumns, zone: ZoneInfo, without_account: WithoutAccount
) -> list[LogFragment]:
    """Plan to read the last lines of a log: these may be anything, in a log whose fields differ from line to line."""
    if sample.end is None:
        return []
    try:
        with open_log(sample.end, Written(of.csv, of.dialect)) as opened:
            if not {*columns.all} <= {*names_of(opened)}:
                return []
            fragments = list(opened.fragments(columns, zone, ReadOptions()))
    except (InputError, pa.ArrowException, OSError, UnicodeError):
        return []
    return [replace(each, without_account=without_account) for each in fragments]


def _with_rows(seen: SeenLog, sample: Sample, first: list[LogFragment], last: list[LogFragment], ask: Ask) -> SeenLog:
    """Read the rows of a sample. Of the last lines, what cannot be read may have been cut, and says nothing."""
    known = [each.times for each in first if isinstance(each, ParquetFragment) and each.times is not None]
    times = (min(each[0] for each in known), max(each[1] for each in known)) if known else None
    if not sample.start.kind.is_text:
        seen = replace(
            seen, times=times if len(known) == len(first) else None, all_rows=sum(each.rows or 0 for each in first)
        )
        if seen.lacks:  # nothing may stand in for text there
            return seen
        before = accumulate((each.rows or 0 for each in first), initial=0)
        first = [each for each, rows in zip(first, before, strict=False) if rows < MOST_ROWS]
    counts = [LocalThreads(1).count([_Beginning(each, MOST_ROWS) for each in first], ask)]
    accounts = [account for account in counts[0].accounts if isinstance(account, ReadAccount)]
    with suppress(InputError):
        counts += [LocalThreads(1).count([_Beginning(each, MOST_ROWS) for each in last], ask)] if last else []
    rejects = [reject for account in accounts for reject in account.rejects if reject.column not in seen.lacks]
    by_column = sum((account.rejects.by_column for account in accounts), Counter[str]())
    unfinished = sum(account.rejects.unfinished.total() for account in accounts)
    for name in seen.lacks:
        del by_column[name]
    return replace(
        seen,
        rows=sum(account.rows for account in accounts),
        one_by_one=sum(account.one_by_one for account in accounts),
        rejected=by_column.total() - unfinished,
        by_column=by_column,
        unfinished=unfinished,
        rejects=tuple(rejects),
        local_time=any(account.local_time for account in accounts),
        requests=Tally.merge([each.tally for each in counts]),
        times=seen.times or _bounds(counts),
    )


def _bounds(counts: Sequence[Count]) -> tuple[int, int] | None:
    """Give the first and the last instant of what was counted, to a quarter of an hour."""
    times = all_times(timeline for each in counts for timeline in each.timelines)
    if not times.height:
        return None
    return int(times["starts_at"].to_numpy().min()), int(times["ends_at"].to_numpy().max()) - 1


class _Beginning:
    """The first rows of a fragment, each looked at, whatever statistics say: a `planner.Fragment`."""

    rows: int | None = None
    times: tuple[int, int] | None = None
    spans: Sequence[Span] = ()
    statuses: tuple[int, int] | None = None
    has_request_ids = False

    def __init__(self, fragment: LogFragment, most: int) -> None:
        if isinstance(fragment, ParquetFragment):
            fragment = replace(fragment, rows_a_batch=most)
        self._fragment = replace(fragment, known={})
        self._most = most
        self.bytes = fragment.bytes
        self.known: Mapping[str, Any] = {}
        self.stays = True

    def again(self, *, compared: bool = False, places: Offsets | None = None) -> Self:
        del compared, places
        return self

    def skip(self) -> ReadAccount:
        return ReadAccount(0)

    def read(self, without: Collection[str] = ()) -> _FirstRows:
        return _FirstRows(self._fragment.read(without), self._most)


class _FirstRows:
    """A reading that ends after so many rows, with the batch that it is at."""

    def __init__(self, reading: Any, most: int) -> None:
        self._reading = reading
        self._most = most

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        for batch in self._reading:
            yield batch
            if self._reading.rows >= self._most:
                break

    def account(self) -> ReadAccount:
        account: ReadAccount = self._reading.account()
        return account
