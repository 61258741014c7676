"""The logs of a run: what each file has, and the fragments in which it is read; no row is read here."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow as pa

from sla_audit.contract.unattributed import WithoutAccount
from sla_audit.errors import InputError, Problem, refuse
from sla_audit.intake.bytes.compression import packing_of
from sla_audit.intake.bytes.text_format import TextFormat
from sla_audit.intake.columns import ColumnMap, LogColumns, resolve_columns
from sla_audit.intake.content import Content
from sla_audit.intake.dialects.dialect import Dialect
from sla_audit.intake.formats.interface import OpenedLog, ReadOptions, Written
from sla_audit.intake.formats.registry import names_of, open_log
from sla_audit.intake.fragments.fragment import LogFragment, unreadable
from sla_audit.intake.reject_store import RejectRoom
from sla_audit.intake.scan.scanners import scanning
from sla_audit.intake.sources.source import Source
from sla_audit.intake.traced.tracing import Tracing
from sla_audit.intake.values.content_flags import FlagWords
from sla_audit.limits import MOST_REJECTS_HELD, MOST_TRACED_HELD
from sla_audit.system.temporary import NumberedFiles

_PLAIN = TextFormat()
_FEW_REJECTS = 5  # as many as are shown
_TIMES_PACKED = 8
_LESS_GAIN = 5  # by scanning CSV, which Arrow reads nearly as quickly
_UNSEEN = LogColumns(("timestamp",), "account_id", "status")


@dataclass(frozen=True, eq=False)
class LogFile:
    """One log, and the fragments that it is read in.

    Nothing is known of the columns of a log in which nothing stands yet, and it has no fragments.
    """

    source: Source
    content: Content
    columns: LogColumns = _UNSEEN
    fragments: tuple[LogFragment, ...] = ()
    wrapper: str | None = None

    @property
    def bytes(self) -> int:
        """The planned size of the file."""
        return self.source.planned.size


def open_logs(
    sources: Sequence[Source],
    mapping: ColumnMap,
    needed: Collection[str],
    zone: ZoneInfo,
    *,
    dialect: Dialect | None = None,
    csv: TextFormat = _PLAIN,
    statistics: bool = True,
    request_ids: bool = True,
    flags: FlagWords | None = None,
    time_zone: str | None = None,
    uncut: Collection[Path] = (),
    without_account: WithoutAccount | None = None,
    scan: bool | None = None,
    bytes_of_text: int | None = None,
    limits: tuple[int, ...] = (),
) -> tuple[LogFile, ...]:
    """Look at each file's columns and plan its reading; no row is read yet.

    `needed` names optional columns that the run cannot do without; without a `dialect`, the columns may tell one (see
    `columns.resolve_columns`). `csv` says how CSV logs are written, `statistics` whether those of Parquet files are
    believed, `request_ids` whether they are read where there are any, `flags` what content flags mean, instead of what
    a dialect says of them, `time_zone` which is that of times without one, instead of the dialect's, `uncut` which text
    logs must be read in one piece, `without_account` which rows need no account, `scan` whether texts are scanned,
    instead of where that is worth while: for all the `bytes_of_text` of a run, where there are more than those of these
    sources; `limits` those of which it is told which one a request took longer than. Text in which nothing stands, as
    where a log was just begun, is a log without rows. Raises `InputError` with every file that cannot be read and every
    column that is missing.
    """
    logs: list[LogFile] = []
    problems: list[Problem] = []
    size = sum(map(text_in, sources)) if bytes_of_text is None else bytes_of_text
    scanners = scanning(size, wanted=scan)
    resolved = _Resolver(mapping, needed, request_ids=request_ids, settled=(flags, time_zone, limits))
    for source in sources:
        content = Content(source, csv.encoding if source.kind.is_text else None)
        try:
            with open_log(source, Written(csv, dialect)) as opened:
                columns = resolved(opened)
                if not isinstance(columns, LogColumns):
                    problems += columns
                    continue
                local = zone if columns.time_zone is None else ZoneInfo(columns.time_zone)
                fragments = tuple(opened.fragments(columns, local, ReadOptions(statistics, source.path in uncut)))
            fragments = tuple(
                replace(fragment, without_account=without_account, scanners=scanners) for fragment in fragments
            )
            logs.append(LogFile(source, content, columns, fragments, opened.around))
            if source.live is not None:
                rows = sum(fragment.rows or 0 for fragment in fragments)
                problems += source.live.other_rows(source.shown, rows)
        except InputError as error:
            if content.encoding is not None and is_blank(content):
                logs.append(LogFile(source, content))
            else:
                problems += error.problems
        except (pa.ArrowException, OSError, UnicodeError) as error:
            problems.append(unreadable(source, error))
    refuse(problems)
    return tuple(logs)


class _Resolver:
    """Resolves the columns of logs, once for all that have the same: many small files share what is made of them."""

    def __init__(
        self,
        mapping: ColumnMap,
        needed: Collection[str],
        *,
        request_ids: bool,
        settled: tuple[FlagWords | None, str | None, tuple[int, ...]],
    ) -> None:
        self._mapping = mapping
        self._needed = needed
        self._request_ids = request_ids
        self._settled = settled
        self._known: dict[Hashable, tuple[Dialect | None, LogColumns]] = {}

    def __call__(self, opened: OpenedLog) -> LogColumns | list[Problem]:
        """Give the columns of a log, or its problems: see `columns.resolve_columns`."""
        names, dialect, objects, source = names_of(opened), opened.dialect, opened.has_objects, opened.source
        partitions = source.partitions
        key = (*names, id(dialect), objects, *partitions.items())
        if key in self._known:
            return self._known[key][1]
        found = resolve_columns(self._mapping, names, self._needed, source.shown, dialect, partitions, objects=objects)
        if not isinstance(found, LogColumns):
            return found
        columns = settled(found if self._request_ids else found.without_ids(), *self._settled)
        self._known[key] = dialect, columns  # holding the dialect keeps its id from being another's
        return columns


def with_room_for_rejects(logs: Sequence[LogFile], files: NumberedFiles | None = None) -> tuple[LogFile, ...]:
    """Let all parts of all logs hold no more rejects than is good for one, but each as many as may be shown.

    All rows that cannot be read go to `files`.
    """
    most = max(_FEW_REJECTS, MOST_REJECTS_HELD // max(1, sum(len(log.fragments) for log in logs)))

    def with_room(fragment: LogFragment) -> LogFragment:
        return replace(fragment, room=RejectRoom(most, None if files is None else files.next()))

    return tuple(replace(log, fragments=tuple(map(with_room, log.fragments))) for log in logs)


def keeping(logs: Sequence[LogFile], tracing: Tracing, files: NumberedFiles) -> tuple[LogFile, ...]:
    """Let the parts of all logs keep some rows one by one: in memory as many as is good for all, others in files."""
    most = MOST_TRACED_HELD // max(1, sum(len(log.fragments) for log in logs))

    def with_room(fragment: LogFragment) -> LogFragment:
        return fragment.keeping(replace(tracing, file=files.next(), most=most))

    return tuple(replace(log, fragments=tuple(map(with_room, log.fragments))) for log in logs)


def settled(columns: LogColumns, flags: FlagWords | None, time_zone: str | None, limits: tuple[int, ...]) -> LogColumns:
    """Let what is said of a log's flags, and of its times without a zone, win over what its dialect says.

    Of how long requests took, `limits` matter.
    """
    if columns.took is not None:
        columns = replace(columns, took=columns.took._replace(limits=limits))
    columns = columns if flags is None else replace(columns, flags=flags)
    return columns if time_zone is None else replace(columns, time_zone=time_zone)


def text_in(source: Source) -> int:
    """Tell about how many bytes of text a log has, unpacked, that are worth scanning; 0 where it cannot be opened."""
    try:
        size = source.planned.size if source.kind.is_text else 0
    except OSError:
        return 0
    return size * (_TIMES_PACKED if packing_of(source.path) else 1) // (_LESS_GAIN if source.kind.has_header else 1)


def is_blank(content: Content) -> bool:
    """Tell whether nothing stands in a log, as where it was just begun; not so where it cannot be read."""
    try:
        return content.is_blank()
    except (InputError, OSError):
        return False  # what was found before says more
