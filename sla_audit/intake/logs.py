"""The logs of a run: what each file has, and the fragments in which it is read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
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
from sla_audit.intake.fingerprint import beginning_of, begins_as, content_fingerprint, fingerprint
from sla_audit.intake.formats.interface import ReadOptions, Written
from sla_audit.intake.formats.registry import names_of, open_log
from sla_audit.intake.fragment import LogFragment, unreadable
from sla_audit.intake.reject_store import RejectFiles, RejectStore
from sla_audit.intake.rejects import Reject
from sla_audit.intake.scan.scanners import scanning
from sla_audit.intake.sources.find import Source
from sla_audit.intake.unattributed import Unattributed
from sla_audit.intake.values.content_flags import FlagWords
from sla_audit.limits import MOST_REJECTS_HELD
from sla_audit.model.log_summary import Beginning, LogSummary

_PLAIN = TextFormat()
_FEW_REJECTS = 5  # as many as are shown
_TIMES_PACKED = 8
_LESS_GAIN = 5  # by scanning CSV, which Arrow reads nearly as quickly
_UNSEEN = LogColumns(("timestamp",), "account_id", "status")


@dataclass(frozen=True, eq=False)
class LogFile:
    """One log and the fragments it is read in; once these are read, an account of all its rows.

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

    @property
    def rows(self) -> int:
        """How many rows have been read."""
        return sum(fragment.read for fragment in self.fragments)

    @property
    def rejects(self) -> list[Reject]:
        """The rows that could not be read, in the order of the file, as far as they are held."""
        return [reject for fragment in self.fragments for reject in fragment.rejects]

    @property
    def rejected(self) -> Counter[str]:
        """How many rows could not be read, by column."""
        return sum((fragment.rejects.by_column for fragment in self.fragments), Counter())

    @property
    def unfinished(self) -> int:
        """How many of them are of a last line that is only half written."""
        return sum(fragment.rejects.unfinished.total() for fragment in self.fragments)

    @property
    def unattributed(self) -> Unattributed:
        """The rows that have no account, and need none."""
        return sum((fragment.unattributed for fragment in self.fragments), Unattributed())

    @property
    def local_time(self) -> bool:
        """Whether some timestamp carried no zone, and was read in the contract's."""
        return self.columns.time_zone is None and any(fragment.local_time for fragment in self.fragments)

    @property
    def fingerprint(self) -> str:
        """What is the same for copies of the file."""
        return fingerprint(self.source.planned, self.columns.said_by_path)

    @property
    def content_fingerprint(self) -> str | None:
        """What is the same for copies of what it holds; of a log that is packed or encoded, None until it is read."""
        said = self.columns.said_by_path
        if self.content.is_plain:
            return content_fingerprint(self.content, said)
        samples = [fragment.samples for fragment in self.fragments]
        return samples[0].digest(said) if samples and samples[0] is not None else None

    @property
    def _columns(self) -> tuple[str, ...]:
        """The canonical columns that some part of the log has."""
        read = (name for each in self.fragments for name in each.columns.without(each.absent))
        return () if self.columns is _UNSEEN else tuple(dict.fromkeys(read))

    @property
    def _notes(self) -> tuple[str, ...]:
        dialect = self.columns.dialect
        return () if dialect is None else dialect.notes_on(self.columns.lasted)

    def begins_as(self, sizes: Iterable[int]) -> list[Beginning]:
        """Digest its first bytes, as many as each of some sizes, where it is a text that has so many."""
        return [] if self.content.encoding is None else begins_as(self.content, self.columns.said_by_path, sizes)

    @property
    def _beginning(self) -> Beginning | None:
        return None if self.content.encoding is None else beginning_of(self.content, self.columns.said_by_path)

    def summary(self, *, kept: bool = False) -> LogSummary:
        """Account for the log, once it has been read; where that is `kept`, so that it is known when it has grown."""
        return LogSummary(
            path=self.source.shown,
            bytes=self.bytes,
            rows=self.rows,
            rejected=self.rejected.total(),
            local_time=self.local_time,
            columns=self._columns,
            fingerprint=self.fingerprint,
            dialect=None if self.columns.dialect is None else self.columns.dialect.id,
            notes=self._notes,
            assumed_utc=any(fragment.assumed_utc for fragment in self.fragments),
            wrapper=self.wrapper,
            content=self.content_fingerprint,
            beginning=self._beginning if kept else None,
        )


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
    uncut: Collection[Path] = (),
    without_account: WithoutAccount | None = None,
    reject_files: RejectFiles | None = None,
    scan: bool | None = None,
) -> tuple[LogFile, ...]:
    """Look at each file's columns and plan its reading; no row is read yet.

    `needed` names optional columns that the run cannot do without; without a `dialect`, the columns may tell one (see
    `columns.resolve_columns`). `csv` says how CSV logs are written, `statistics` whether those of Parquet files are
    believed, `request_ids` whether they are read where there are any, `flags` what content flags mean, instead of what
    a dialect says of them, `uncut` which text logs must be read in one piece, `without_account` which rows need no
    account, `reject_files` where all rows go that cannot be read, `scan` whether texts are scanned, instead of
    where that is worth while. Text in which nothing stands, as where a log was just
    begun, is a log without rows. Raises `InputError`
    with every file that cannot be read and every column that is missing.
    """
    logs: list[LogFile] = []
    problems: list[Problem] = []
    scanners = scanning(sum(_bytes_of_text(source) for source in sources), wanted=scan)
    for source in sources:
        content = Content(source, csv.encoding if source.kind.is_text else None)
        try:
            with open_log(source, Written(csv, dialect)) as opened:
                columns = resolve_columns(
                    mapping,
                    names_of(opened),
                    needed,
                    source.shown,
                    opened.dialect,
                    source.partitions,
                    objects=opened.has_objects,
                )
                if not isinstance(columns, LogColumns):
                    problems += columns
                    continue
                columns = columns if request_ids else columns.without_ids()
                columns = columns if flags is None else replace(columns, flags=flags)
                local = zone if columns.time_zone is None else ZoneInfo(columns.time_zone)
                fragments = tuple(
                    opened.fragments(columns, local, ReadOptions(statistics, source.path in uncut, scanners))
                )
            for fragment in fragments:
                fragment.without_account = without_account
            wrapper = None if opened.wrapper is None else opened.wrapper.name
            logs.append(LogFile(source, content, columns, fragments, wrapper))
        except InputError as error:
            if content.encoding is not None and _is_blank(content):
                logs.append(LogFile(source, content))
            else:
                problems += error.problems
        except (pa.ArrowException, OSError, UnicodeError) as error:
            problems.append(unreadable(source, error))
    refuse(problems)
    _make_room_for_rejects([fragment for log in logs for fragment in log.fragments], reject_files)
    return tuple(logs)


def unread(logs: Sequence[LogFile], reject_files: RejectFiles | None = None) -> tuple[LogFile, ...]:
    """Give the same logs, of which nothing has been read yet; all rows go to `reject_files` that cannot be read."""
    fresh = [replace(log, fragments=tuple(fragment.unread() for fragment in log.fragments)) for log in logs]
    _make_room_for_rejects([fragment for log in fresh for fragment in log.fragments], reject_files)
    return tuple(fresh)


def _make_room_for_rejects(fragments: Sequence[LogFragment], files: RejectFiles | None) -> None:
    """Let all parts of all logs hold no more rejects than is good for one, but each as many as may be shown."""
    for fragment in fragments:
        most = max(_FEW_REJECTS, MOST_REJECTS_HELD // len(fragments))
        fragment.rejects = RejectStore(most, None if files is None else files.next())


def _bytes_of_text(source: Source) -> int:
    """Tell about how much text a log has, unpacked, that is worth scanning; 0 for a file that cannot be opened."""
    try:
        size = source.planned.size if source.kind.is_text else 0
    except OSError:
        return 0
    return size * (_TIMES_PACKED if packing_of(source.path) else 1) // (_LESS_GAIN if source.kind.has_header else 1)


def _is_blank(content: Content) -> bool:
    try:
        return content.is_blank()
    except (InputError, OSError):
        return False  # what was found before says more
