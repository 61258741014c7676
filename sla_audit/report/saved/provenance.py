"""What a saved report says that it was made of and by."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from sla_audit.report.saved.daily import Count, SavedModel

_Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class SavedLog(SavedModel):
    """A log, by what it is known again."""

    path: str
    bytes: Count
    rows: Count
    fingerprint: _Digest | None = None


class SavedInput(SavedLog):
    """A file that was read; a tally has the logs behind it."""

    sha256: _Digest | None = None
    logs: tuple[SavedLog, ...] | None = None


class SavedProgram(SavedModel):
    """What made a report."""

    name: Literal["sla-audit"]
    version: str


ROLES = ("config", "dialect", "log_format", "accounts", "billing", "alias", "exclusions", "holidays")
"""What files besides the logs are to a run, in the order in which a report lists them."""


class SavedDigest(SavedModel):
    """A file besides the logs; of a pipe, nothing but that it was there."""

    role: Literal["config", "dialect", "log_format", "accounts", "billing", "alias", "exclusions", "holidays"]
    path: str
    bytes: Count | None
    sha256: _Digest | None


class SavedProvenance(SavedModel):
    """What a report was made of and by; `options` are those that were set."""

    program: SavedProgram
    files: tuple[SavedDigest, ...]
    options: dict[str, Any]
