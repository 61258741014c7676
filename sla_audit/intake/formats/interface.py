"""What a format of logs offers: to open a log, name its columns, and give the fragments in which it is read."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from sla_audit.intake.bytes.head import Head
from sla_audit.intake.bytes.text_format import TextFormat
from sla_audit.intake.columns import LogColumns
from sla_audit.intake.dialects.dialect import Dialect
from sla_audit.intake.formats.wrappers import Wrapper
from sla_audit.intake.fragments.fragment import LogFragment
from sla_audit.intake.sources.source import Source


@dataclass(frozen=True)
class Written:
    """What the user says of how logs are written: the `text` of those that are CSV, and the dialect of all, if any."""

    text: TextFormat = field(default_factory=TextFormat)
    dialect: Dialect | None = None


@dataclass(frozen=True)
class ReadOptions:
    """How logs are read: whether `statistics` are believed, where there are any, and texts `uncut`, in one piece."""

    statistics: bool = True
    uncut: bool = False


class OpenedLog(ABC):
    """A log of which as much has been read as tells how it is read; this holds while its `Head` is open.

    `dialect` is the one it is in, where that is known before its columns, `wrapper` what is around each line. With
    `has_objects`, each row has columns of its own, and `names` are those of the first.
    """

    has_objects = False

    def __init__(self, source: Source, dialect: Dialect | None, wrapper: Wrapper | None = None) -> None:
        self.source = source
        self.dialect = dialect
        self.wrapper = wrapper

    @property
    def around(self) -> str | None:
        """What is around its rows, and is taken off, as the report names it."""
        return None if self.wrapper is None else self.wrapper.name

    @property
    @abstractmethod
    def names(self) -> list[str]:
        """The names of its columns. Raises `InputError` or `ArrowInvalid` where they cannot be told."""

    @abstractmethod
    def fragments(self, columns: LogColumns, zone: ZoneInfo, options: ReadOptions) -> Iterator[LogFragment]:
        """Plan the reading of some of its columns; times without a zone are those of `zone`."""


Opener = Callable[[Source, Head, Written], OpenedLog]
"""Opens a source of a format; what is no text leaves its head alone. Raises `InputError` for what is not of it."""
