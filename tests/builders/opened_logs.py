"""Logs opened as a run opens them: the names of their columns, and the fragments in which they are read."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from sla_audit.intake.bytes.text_format import TextFormat
from sla_audit.intake.columns import LogColumns
from sla_audit.intake.dialects.dialect import Dialect
from sla_audit.intake.formats.interface import ReadOptions, Written
from sla_audit.intake.formats.registry import open_log
from sla_audit.intake.fragment import LogFragment
from sla_audit.intake.sources.find import Source


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
