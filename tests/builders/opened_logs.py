"""Logs opened as a run opens them: the names of their columns, and the fragments in which they are read."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

import pyarrow as pa

from sla_audit.intake.bytes.text_format import TextFormat
from sla_audit.intake.columns import LogColumns
from sla_audit.intake.dialects.dialect import Dialect
from sla_audit.intake.formats.interface import ReadOptions, Written
from sla_audit.intake.formats.registry import open_log
from sla_audit.intake.fragments.account import ReadAccount
from sla_audit.intake.fragments.fragment import LogFragment
from sla_audit.intake.logs import LogFile
from sla_audit.intake.read_log import ReadLog
from sla_audit.intake.rejects import Reject
from sla_audit.intake.sources.source import Source


def names_in(source: Source, text: TextFormat | None = None, dialect: Dialect | None = None) -> list[str]:
    """Name the columns of a log; `text` is how CSV is written, `dialect` the one that was chosen."""
    with open_log(source, Written(text or TextFormat(), dialect)) as opened:
        return opened.names


def fragments_of(
    source: Source, columns: LogColumns, zone: ZoneInfo, encoding: str = "utf-8", *, statistics: bool = True
) -> list[LogFragment]:
    """Plan the reading of some columns of a log."""
    with open_log(source, Written(TextFormat(encoding=encoding))) as opened:
        return list(opened.fragments(columns, zone, ReadOptions(statistics=statistics)))


@dataclass
class Read:
    """Fragments that were read: their batches, and the account of each."""

    batches: list[pa.RecordBatch] = field(default_factory=list)
    accounts: list[ReadAccount] = field(default_factory=list)

    @property
    def rows(self) -> int:
        """How many rows were read."""
        return sum(account.rows for account in self.accounts)

    @property
    def rejects(self) -> list[Reject]:
        """The rows that could not be read."""
        return [reject for account in self.accounts for reject in account.rejects]


def read_all(fragments: Iterable[LogFragment], without: Collection[str] = ()) -> Read:
    """Read fragments to their ends, in turn."""
    read = Read()
    for fragment in fragments:
        reading = fragment.read(without)
        read.batches += reading
        read.accounts.append(reading.account())
    return read


class Log:
    """A log as a run opens and reads it; its account is that of what has been read of it by then."""

    def __init__(self, file: LogFile) -> None:
        self.file = file
        self.read = ReadLog(file)

    def batches(self) -> list[pa.RecordBatch]:
        """Read it."""
        read = read_all(self.file.fragments)
        self.read = ReadLog(self.file, tuple(read.accounts))
        return read.batches
