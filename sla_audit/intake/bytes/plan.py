"""The one place that plans to read a file, wherever it is."""

from __future__ import annotations

from pathlib import Path

from sla_audit.intake.bytes.planned import Planned, PlannedFile
from sla_audit.intake.bytes.planned_object import PlannedObject
from sla_audit.storage.location import StoredPath


def plan_of(path: Path, *, grows: bool = False) -> Planned:
    """Plan to read a file, which `grows` if more may be written to it. Raises `OSError` where that cannot be.

    Raises `InputError` where a store does not answer.
    """
    return PlannedObject.of(path) if isinstance(path, StoredPath) else PlannedFile.of(path, grows=grows)
