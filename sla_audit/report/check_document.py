"""A first look before a run, as a document: `sla-audit/check/1`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

from sla_audit.output.escape import for_json
from sla_audit.sentence import Message

SCHEMA = "sla-audit/check/1"


@dataclass(frozen=True)
class CheckedGroup:
    """Logs that seem to be written alike: their folders, how many they are, an `example`, and how they would be read.

    `columns` are the canonical ones, with their names in the logs; nothing says what those are that it `lacks`, and
    `unread` are all others. `zone` says why times are read in the `time_zone`: each of them has a zone (`said`), or
    that is `given`, the `dialect`'s or `assumed`; `unseen`, where no row was read. Of the files `looked_at`, so many
    rows were read, and some cannot be.
    """

    example: str
    folders: tuple[str, ...]
    files: int
    bytes: int
    looked_at: int
    format: str
    packing: str | None
    dialects: tuple[str, ...]
    wrapper: str | None
    columns: Mapping[str, tuple[str, ...]]
    lacks: tuple[str, ...]
    unread: tuple[str, ...]
    time_zone: str
    zone: str
    rows: int
    rejected: int
    one_by_one: int


@dataclass(frozen=True)
class CheckedLeftOut:
    """What a directory holds besides: see `model.log_summary.LeftOut`; its lines may be like those of a log."""

    path: str
    bytes: int | None
    reason: str
    looks_like: str | None = None


@dataclass(frozen=True)
class CheckedTally:
    """A tally, how many requests it counts, and of which logs: each with its `path`, `bytes`, `rows`, `fingerprint`."""

    path: str
    requests: int
    sources: tuple[Mapping[str, str | int], ...]


@dataclass(frozen=True)
class CheckedProblem:
    """Why a run would be refused: see `errors.Problem`. So many files have the same."""

    where: Message
    what: Message
    remedy: Message
    files: int = 1


@dataclass(frozen=True)
class LookedAt:
    """How much was looked at, and how much there is; `bytes` are those of texts, unpacked."""

    files: int
    of_files: int
    bytes: int
    of_bytes: int
    rows: int
    tallies: int


@dataclass(frozen=True)
class Expected:
    """What a run will do: which files of facts it has, whether ids tell duplicates, and about how long it takes."""

    accounts: bool
    billing: bool
    exclusions: bool
    request_ids: bool
    jobs: int
    about_seconds: int


@dataclass(frozen=True)
class Check:
    """What was seen before a run; with `problems` it would be refused.

    The `first` and the `last` day, of the contract's time zone, and the `months` are those of the rows looked at, and
    of what footers say. `accounts` were seen in the sample; `reconciliation` compares it with the
    facts, as that of a report does.
    """

    looked: LookedAt
    groups: tuple[CheckedGroup, ...]
    tallies: tuple[CheckedTally, ...]
    left_out: tuple[CheckedLeftOut, ...]
    first: date | None
    last: date | None
    months: tuple[str, ...]
    accounts: int
    some_accounts: tuple[str, ...]
    reconciliation: Mapping[str, Any]
    expected: Expected
    problems: tuple[CheckedProblem, ...]
    next: tuple[str, ...] = field(default=())
    """The command to run next, as its arguments; what is to be filled in stands in capitals."""


def render_check(check: Check) -> str:
    """Write it as JSON; the same look gives the same bytes."""
    whole = {"schema": SCHEMA, "refused": bool(check.problems), **asdict(check)}
    return for_json(json.dumps(whole, ensure_ascii=False, indent=1, default=str)) + "\n"
