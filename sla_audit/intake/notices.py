"""What a reader of the report should know about the logs that were read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from sla_audit.intake.log_formats import SUFFIXES_SAID
from sla_audit.intake.sources.find import Found
from sla_audit.intake.sources.finder import STDIN
from sla_audit.intake.sources.left_out import BROKEN_LINK, CANNOT_BE_LISTED, NOT_A_FILE, PACKING, UNKNOWN_KIND
from sla_audit.intake.tables.live import LiveTable
from sla_audit.model.log_summary import LeftOut, LogSummary
from sla_audit.model.notice import Notice, Value, in_a_row

_LEFT_OUT = {
    UNKNOWN_KIND: Notice(
        "left out, because their suffix is none of {suffixes}: {names}", "money", suffixes=str(SUFFIXES_SAID)
    ),
    PACKING: Notice("left out, because they are packed in a way that is not read (unpack them): {names}", "money"),
    NOT_A_FILE: Notice("left out, because they are no files, but pipes, sockets or devices: {names}", "money"),
    BROKEN_LINK: Notice("left out, because they are links that lead nowhere: {names}", "money"),
    CANNOT_BE_LISTED: Notice("left out, because these directories cannot be listed: {names}", "money"),
}


_REPEATED = Notice("{path} was named more than once; it is counted once", "info")
_COPIED = Notice("{path} is a copy of {first}; it is counted once", "info")
_TABLE = Notice(
    "{path} is a table of {format}, read at version {version} of {made_at}, of which {files} files are part", "info"
)
_TABLE_OF = Notice("{notice}, as {metadata} says", "info")
_EMPTY = Notice("{path} holds no rows", "info")
_ALL_EMPTY = Notice("{logs} logs hold no rows: {paths}", "info")
_NOTHING_CAME = Notice(
    "standard input (-) was empty, not a byte came: look whether what writes to it has failed", "money"
)
_DIALECT = Notice("read in the dialect {name}: {paths}", "info")
_WITH_NOTE = Notice("{notice}; {note}", "info")
_WRAPPED = Notice("{wrapper} was taken off each line: {paths}", "info")
_LOCAL_TIME = Notice("timestamps without a zone are read in {time_zone}: {paths}", "fact")
_ASSUMED_UTC = Notice("timestamps kept as INT96 are read as UTC, which is what Spark and Hive write: {paths}", "fact")
_WITHOUT_FLAG = Notice("no content_flag column, so illegal content (clause 2.7.1 (5)) cannot be seen: {paths}", "fact")
_WITHOUT_IDS = Notice("no request_id column, so duplicates cannot be told: {paths}", "money")
_UNFINISHED = Notice(
    "the last line has no end and cannot be read yet, as in a log that is still written to; it will be counted "
    "when it is complete: {paths}",
    "info",
)
OF_THE_LOGS = {
    notice.text: notice.grade
    for notice in (
        *(_REPEATED, _COPIED, _EMPTY, _ALL_EMPTY, _DIALECT, _WITH_NOTE, _WRAPPED, _LOCAL_TIME, _ASSUMED_UTC),
        *(_TABLE, _TABLE_OF, _NOTHING_CAME, _WITHOUT_FLAG, _WITHOUT_IDS, _UNFINISHED),
    )
}
"""What only the logs themselves can tell, each with its grade: a report has nothing besides from which it follows."""


def notices(
    logs: Sequence[LogSummary],
    found: Found,
    copied: Mapping[Path, Path],
    time_zone: str,
    unattributed: int = 0,
) -> list[Notice]:
    """Say, in a fixed order, what was assumed about the logs once they are read.

    `unattributed` rows have no account.
    """
    return [
        *_tables(found.tables),
        *_repeated(found.repeated),
        *_copied(copied),
        *left_out(found.left_out),
        *_without_rows(logs),
        *_dialects(logs),
        *_wrapped(logs),
        *_local_time(logs, time_zone),
        *_assumed_utc(logs),
        *_without_flag(logs),
        *_without_ids(logs),
        *of_rows(unattributed, sum(log.rejected for log in logs)),
    ]


def unfinished(paths: Sequence[str]) -> Iterator[Notice]:
    """Say which logs have a half-written last line that was passed over."""
    if paths:
        yield _UNFINISHED.having(paths=_some(paths))


def left_out(found: Sequence[LeftOut]) -> Iterator[Notice]:
    """Say what lay beside the logs and was not read, reason by reason."""
    for reason, notice in _LEFT_OUT.items():
        paths = [each.path for each in found if each.reason == reason]
        if paths:
            yield notice.having(names=_some(paths))


def _tables(tables: Sequence[tuple[str, LiveTable]]) -> Iterator[Notice]:
    """Say which version of a table was read."""
    for path, table in tables:
        made_at = table.made_at.isoformat(timespec="seconds").replace("+00:00", "Z")
        read = _TABLE.having(
            path=path, format=table.format, version=table.version, made_at=made_at, files=len(table.files)
        )
        yield read if table.read_from is None else _TABLE_OF.having(notice=read, metadata=table.read_from.name)


def _repeated(repeated: Sequence[Path]) -> Iterator[Notice]:
    for path in repeated:
        yield _REPEATED.having(path=path.as_posix())


def _copied(copied: Mapping[Path, Path]) -> Iterator[Notice]:
    for path, first in sorted(copied.items()):
        yield _COPIED.having(path=path.as_posix(), first=first.as_posix())


def _without_rows(logs: Sequence[LogSummary]) -> Iterator[Notice]:
    """Say which logs are empty, or have nothing but a header, as one that has just been begun."""
    if any(log.path == STDIN and not log.bytes for log in logs):
        yield _NOTHING_CAME
    empty = list(dict.fromkeys(log.path for log in logs if not log.rows and (log.bytes or log.path != STDIN)))
    if len(empty) == 1:
        yield _EMPTY.having(path=empty[0])
    elif empty:
        yield _ALL_EMPTY.having(logs=len(empty), paths=_some(empty))


def _dialects(logs: Sequence[LogSummary]) -> Iterator[Notice]:
    """Say which dialects were read, and what to know of them."""
    said = sorted({(log.dialect, log.notes) for log in logs if log.dialect is not None})
    for name, notes in said:
        paths = _some([log.path for log in logs if (log.dialect, log.notes) == (name, notes)])
        notice = _DIALECT.having(name=name, paths=paths)
        for note in notes:
            notice = _WITH_NOTE.having(notice=notice, note=Notice(note))
        yield notice


def _wrapped(logs: Sequence[LogSummary]) -> Iterator[Notice]:
    """Say what was taken off the lines of logs before they were read."""
    for wrapper in sorted({log.wrapper for log in logs if log.wrapper is not None}):
        paths = _some([log.path for log in logs if log.wrapper == wrapper])
        yield _WRAPPED.having(wrapper=Notice(wrapper), paths=paths)


def _local_time(logs: Sequence[LogSummary], time_zone: str) -> Iterator[Notice]:
    local = [log.path for log in logs if log.local_time]
    if local:
        yield _LOCAL_TIME.having(time_zone=time_zone, paths=_some(local))


def _assumed_utc(logs: Sequence[LogSummary]) -> Iterator[Notice]:
    assumed = [log.path for log in logs if log.assumed_utc]
    if assumed:
        yield _ASSUMED_UTC.having(paths=_some(assumed))


def _without_flag(logs: Sequence[LogSummary]) -> Iterator[Notice]:
    without = [log.path for log in logs if log.rows and "content_flag" not in log.columns]
    if without:
        yield _WITHOUT_FLAG.having(paths=_some(without))


def _without_ids(logs: Sequence[LogSummary]) -> Iterator[Notice]:
    """Say which logs have no request ids where others do: whose logs never have any knows."""
    with_rows = [log for log in logs if log.rows]
    without = [log.path for log in with_rows if "request_id" not in log.columns]
    if 0 < len(without) < len(with_rows):
        yield _WITHOUT_IDS.having(paths=_some(without))


def of_rows(unattributed: int, rejected: int) -> Iterator[Notice]:
    """Say how many rows have no account, and how many could not be read."""
    if unattributed:
        yield Notice(
            "rows without an account that are in no rate, whoever sent them (clause 2.7.1): {rows}; they are counted "
            "by themselves",
            "money",
            rows=unattributed,
        )
    if rejected:
        yield Notice("{rejected} rows could not be read and are not counted", "info", rejected=rejected)


def _some(paths: Sequence[str], most: int = 3) -> Value:
    named = in_a_row(paths[:most])
    more = len(paths) - most
    return Notice("{paths} and {more} more", paths=named, more=more) if more > 0 else named
