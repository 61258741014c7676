"""What facts and logs name of each other, as a value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

Difference = Literal["letter_case", "spaces", "leading_zeros", "full_width", "one_letter", "several"]


class Near(NamedTuple):
    """An id that is near another, and what the two differ by."""

    nearest: str
    differs_by: Difference


Scope = Literal["accounts", "regions", "apis"]


@dataclass(frozen=True)
class Unmatched:
    """A name that is not there, and the one that is near it, where one is (see `near_ids`).

    Of a scope, also which `exclusion` names it, and what it is meant to be.
    """

    name: str
    nearest: str | None = None
    differs_by: Difference | None = None
    exclusion: str = ""
    scope: Scope = "accounts"


@dataclass(frozen=True)
class Unmatchables:
    """How many names are not there, how many of them are near one that is, and the first of them, those first."""

    count: int
    near: int
    listed: tuple[Unmatched, ...]


@dataclass(frozen=True)
class File:
    """The accounts of a facts file against those of the logs, in the months of the report.

    Of those `given`, so many are `in_logs`. An account that the file has and the logs have not is near one that the
    logs have and the file `lacks`, and the other way round; `elsewhere` rows are of other months.
    """

    given: int
    in_logs: int
    not_in_logs: Unmatchables
    lacks: Unmatchables
    elsewhere: int = 0


@dataclass(frozen=True)
class Scopes:
    """How many names accepted exclusions of those months have in their scopes, how many are found, and which are not.

    An account is found in the logs or in the other facts; regions and APIs are found in the logs alone.
    """

    given: int
    found: int
    not_found: Unmatchables


@dataclass(frozen=True)
class Reconciliation:
    """What was found of each facts file; None where there is none."""

    accounts: File | None = None
    billing: File | None = None
    exclusions: Scopes | None = None
    alias: File | None = None
    """The keys of the alias file against those of the logs; it `lacks` those that have no account on some day."""
