"""Open a log of any format: see `log_formats.LOG_FORMATS` for what there is."""

from __future__ import annotations

import pkgutil
from collections.abc import Iterator
from contextlib import contextmanager

from sla_audit.errors import InputError
from sla_audit.intake.bytes.head import Head
from sla_audit.intake.formats.csv.header import too_many_columns
from sla_audit.intake.formats.interface import OpenedLog, Opener, Written
from sla_audit.intake.log_formats import LogFormat
from sla_audit.intake.sources.source import Source
from sla_audit.limits import MOST_COLUMNS


def opener_of(kind: LogFormat) -> Opener:
    """Import what opens the logs of a format."""
    opener: Opener = pkgutil.resolve_name(kind.opener)
    return opener


@contextmanager
def open_log(source: Source, written: Written) -> Iterator[OpenedLog]:
    """Open a log, to name its columns and plan its reading: its beginning is read once, and let go in the end.

    Raises `InputError`, `OSError`, `UnicodeError` or what Arrow raises for what cannot be read.
    """
    with Head(source.planned, written.text.encoding) as head:
        yield opener_of(source.kind)(source, head, written)


def names_of(opened: OpenedLog) -> list[str]:
    """Name the columns of a log. Raises `InputError` where they are more than any log has."""
    names = opened.names
    if len(names) > MOST_COLUMNS:
        raise InputError(too_many_columns(opened.source.shown))
    return names
