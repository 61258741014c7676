"""A file to read: its format, what its path says of its rows, and how it is shown."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from sla_audit.errors import InputError, Problem, refuse
from sla_audit.intake.bytes.compression import packing_of, suffix_unpacked
from sla_audit.intake.bytes.plan import plan_of
from sla_audit.intake.bytes.planned import Planned
from sla_audit.intake.log_formats import BY_SUFFIX, BY_SUFFIX_OF_NAMED, LOG_FORMATS, LogFormat
from sla_audit.intake.sources.path_text import no_text
from sla_audit.intake.sources.refusals import unknown_kind
from sla_audit.intake.tables.live import LiveFile
from sla_audit.sentence import Sentence, to_say

_NULL = "__HIVE_DEFAULT_PARTITION__"
# CloudFront's standard logs have no other suffix: ID of the distribution, hour, and a part that tells them apart.
_CLOUDFRONT = re.compile(r"[A-Z0-9]+\.\d{4}-\d\d-\d\d-\d\d\.[0-9a-f]{8}\.gz")


@dataclass(frozen=True)
class Source:
    """A file to read, of a `format` in `LOG_FORMATS`. `path` is shown to the user as it was given, or as `said`.

    The suffix of a log of `lines` says nothing of how they are written: that is for the lines, or a dialect, to tell. A
    stream can be read but once: see `streams.spooled`. `group` counts the groups of patterns that a run names. What a
    file is as a part of a table, says `live`.
    """

    path: Path
    format: str
    said: str | None = None
    is_stream: bool = False
    group: int = 0
    live: LiveFile | None = None

    def __getstate__(self) -> dict[str, Any]:
        """Send how it is shown, and what it was when it was first looked at, to whoever knows it by another path."""
        return self.__dict__ | {"shown": self.shown}

    @property
    def kind(self) -> LogFormat:
        """What is known of its format."""
        return LOG_FORMATS[self.format]

    @property
    def partitions(self) -> dict[str, str | None]:
        """What its table, or else its directories, say of all its rows.

        Directories say it as Hive writes it: `account_id=acme`, null in a name of its own. Raises `InputError` where
        that is not UTF-8: two values would be read as one.
        """
        if self.live is not None:
            return dict(self.live.values)
        if "=" not in self.shown:
            return {}
        pairs = [part.partition("=") for part in Path(self.shown).parent.parts]
        try:
            return {
                unquote(name, errors="strict"): None if value == _NULL else unquote(value, errors="strict")
                for name, equals, value in pairs
                if equals
            }
        except UnicodeDecodeError as error:
            what = Sentence("a directory is named for the bytes {object!r}, which are not UTF-8", object=error.object)
            raise InputError(Problem(self.shown, what, "Rename the directory.")) from error

    @cached_property
    def planned(self) -> Planned:
        """What the file was when it was first looked at. Raises `OSError` where it cannot be read.

        Only a text that is not packed may be written to while it is read.
        """
        return plan_of(self.path, grows=self.kind.is_text and packing_of(self.path) is None)

    @cached_property
    def shown(self) -> str:
        """The path as messages and reports write it, alike on every system."""
        return self.path.as_posix() if self.said is None else self.said


def source_of(path: Path) -> Source:
    """Tell the format of a file of facts by its suffix; raises `InputError` where it is neither CSV nor Parquet."""
    refuse(filter(None, [no_text(path)]))
    kind = format_of(path)
    if kind is None or kind not in {"csv", "parquet"}:
        raise InputError(unknown_kind(path, to_say(".csv or .parquet"), to_say("Rename it.")))
    return Source(path, kind)


def format_of(path: Path) -> str | None:
    """Tell the format of a file by its suffix; only text may be packed."""
    kind = BY_SUFFIX.get(suffix_unpacked(path))
    if kind is None:
        return "lines" if _CLOUDFRONT.fullmatch(path.name) else None
    return None if not kind.is_text and packing_of(path) else kind.name


def format_of_named(path: Path) -> str | None:
    """Tell what a file is taken for where it is named by itself."""
    kind = BY_SUFFIX_OF_NAMED.get(suffix_unpacked(path))
    return None if kind is None else kind.name
