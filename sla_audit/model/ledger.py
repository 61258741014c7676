"""What a ledger of claims holds, and how a claim stands by it on a day (clause 2.10.2).

Amounts are exact decimals in the currency of the claim, days are those of the contract's time zone.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Literal

EntryKind = Literal["filed", "answered", "credited", "withdrawn", "struck"]
Nevertheless = Literal["early", "late", "more"]
"""What an entry says was done all the same: filed before the window or after it, or more money than was agreed."""

TrackedState = Literal[
    "detected",
    "ready",
    "filed",
    "approved",
    "partly_approved",
    "rejected",
    "partly_credited",
    "credited",
    "withdrawn",
    "lapsed",
    "nothing_owed",
]
STATES: tuple[TrackedState, ...] = TrackedState.__args__  # type: ignore[attr-defined]

TO_FILE: tuple[TrackedState, ...] = ("detected", "ready")
"""States in which a claim waits to be filed, and lapses if it is not."""

AWAITED: tuple[TrackedState, ...] = ("filed", "approved", "partly_approved", "partly_credited")
"""States in which money is still to come from the other side."""


@dataclass(frozen=True, order=True)
class ClaimKey:
    """What a claim is about: there is one claim, as there is one bill, for an account and a service cycle."""

    contract: str
    account_id: str
    cycle: str


@dataclass(frozen=True)
class Finding:
    """What a run found a claim to be worth; `amount` is null where that cannot be told."""

    as_of: date
    reading: str
    decision: str
    reason: str
    amount: Decimal | None
    first_day: date
    last_day: date
    opens_on: date
    closes_on: date
    calendar: str


@dataclass(frozen=True)
class Entry:
    """What somebody said of a claim: it happened on a `day` and was noted on another.

    The amount of `filed` is what was claimed, of `answered` what was approved (0 is a rejection), of `credited` what
    was credited. An entry that is `struck` out is named by `strikes`. `number` is 0 until it is noted.
    """

    kind: EntryKind
    day: date
    noted_on: date
    amount: Decimal | None = None
    reference: str | None = None
    note: str | None = None
    said_by: str | None = None
    nevertheless: Nevertheless | None = None
    strikes: int | None = None
    number: int = 0


@dataclass(frozen=True)
class Packed:
    """A claim pack that was made: as of which day, with which letter, claiming what, and the digest of its manifest."""

    as_of: date
    letter: str
    edition: int
    amount: Decimal
    manifest: str


@dataclass(frozen=True)
class History:
    """All that a ledger holds of a claim, in the order in which it was noted."""

    number: int
    key: ClaimKey
    currency: str
    findings: tuple[Finding, ...] = ()
    entries: tuple[Entry, ...] = ()
    packs: tuple[Packed, ...] = ()

    @property
    def struck(self) -> frozenset[int]:
        """The numbers of the entries that were struck out."""
        return frozenset(entry.strikes for entry in self.entries if entry.strikes is not None)

    @property
    def standing(self) -> tuple[Entry, ...]:
        """The entries that stand, in the order of the days on which they happened."""
        kept = (entry for entry in self.entries if entry.kind != "struck" and entry.number not in self.struck)
        return tuple(sorted(kept, key=lambda entry: (entry.day, entry.number)))


@dataclass(frozen=True)
class TrackedClaim:
    """How a claim stands on a day: all of it follows from its history.

    `file_by` is the last day to file it, inclusive, where that is still to be done. `outstanding` is what was claimed,
    or approved where there is an answer, and not credited yet; null where nothing is awaited. `pack` is the last
    one that was made for it.
    """

    number: int
    key: ClaimKey
    currency: str
    state: TrackedState
    found: Finding
    filed: Entry | None = None
    answer: Entry | None = None
    credits: tuple[Entry, ...] = field(default=())
    withdrawn: Entry | None = None
    pack: Packed | None = None

    @property
    def file_by(self) -> date | None:
        """The last day on which it can be filed, where it has to be."""
        return self.found.closes_on if self.state in TO_FILE else None

    @property
    def credited(self) -> Decimal:
        """The sum of what was credited."""
        return sum((entry.amount or Decimal(0) for entry in self.credits), Decimal(0))

    @property
    def agreed(self) -> Decimal | None:
        """What was approved, or else what was claimed: more than this is not expected. Null before it is filed."""
        said = self.answer or self.filed
        return None if said is None else said.amount

    @property
    def outstanding(self) -> Decimal | None:
        """What is still to come."""
        return (
            None if self.state not in AWAITED or self.agreed is None else max(self.agreed - self.credited, Decimal(0))
        )


@dataclass(frozen=True)
class Tracked:
    """How the claims under a contract stand on a day, by number; and how many are there under other contracts."""

    as_of: date
    currency: str
    claims: tuple[TrackedClaim, ...]
    elsewhere: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True)
class Voucher:
    """A voucher that a bill says was credited: its `place` in the file, and the day, where one is given."""

    place: str
    account_id: str
    amount: Decimal
    reference: str | None = None
    credited_on: date | None = None
