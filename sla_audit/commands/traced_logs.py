"""The rows of a run that are kept one by one: which are wanted, and what was kept of each log."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple, Self

import pyarrow as pa

from sla_audit.intake.read_log import ReadLog
from sla_audit.intake.traced.tracing import Tracing
from sla_audit.system.temporary import NumberedFiles


@dataclass(frozen=True)
class Traced:
    """Which rows are to be kept one by one, and the files where they wait when they are many."""

    tracing: Tracing
    files: NumberedFiles


class TracedLog(NamedTuple):
    """A log by its path, what its rows are called, and those of them that were kept, part by part."""

    path: str
    unit: str
    parts: tuple[Iterable[pa.RecordBatch], ...]

    @classmethod
    def of(cls, log: ReadLog) -> Self:
        """Give those of a log that has been read."""
        parts = tuple(account.traced for account in log.accounts if account.traced is not None)
        return cls(log.source.shown, "line" if log.source.kind.is_text else "row", parts)
