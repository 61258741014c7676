"""How a claim stands on a day: a pure function of its history. No state is ever stored.

The entries that stand are followed in the order of the days on which they happened. Whether one may follow another is
said here, once: by it an entry that makes no sense is refused, and also one whose striking would leave such a one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from sla_audit.model.ledger import Entry, Finding, History, Packed, TrackedClaim, TrackedState
from sla_audit.sentence import Message, Sentence


class SenselessEntryError(ValueError):
    """An entry that makes no sense where it stands: what is so, what was expected, and what to do next."""

    def __init__(self, what: Message, remedy: str) -> None:
        super().__init__(str(what))
        self.what, self.remedy = what, remedy


@dataclass(frozen=True)
class Followed:
    """What the entries of a claim come to."""

    filed: Entry | None = None
    answer: Entry | None = None
    credits: tuple[Entry, ...] = ()
    withdrawn: Entry | None = None

    @property
    def credited(self) -> Decimal:
        """The sum of what was credited."""
        return sum((entry.amount or Decimal(0) for entry in self.credits), Decimal(0))

    def after(self, entry: Entry) -> Followed:
        """Follow one entry more. Raises `SenselessEntryError`."""
        return {"filed": self._filed, "answered": self._answered, "credited": self._credited}.get(
            entry.kind, self._withdrawn
        )(entry)

    def _filed(self, entry: Entry) -> Followed:
        if self.filed is not None and self.withdrawn is None:
            raise SenselessEntryError(
                Sentence("was filed on {day} already{referred}", day=self.filed.day, referred=_referred(self.filed)),
                "Withdraw it first, or strike that entry out: sla-audit claim correct.",
            )
        return Followed(filed=entry)

    def _answered(self, entry: Entry) -> Followed:
        self._needs_filing(entry, Sentence("an answer"))
        return replace(self, answer=entry)

    def _credited(self, entry: Entry) -> Followed:
        self._needs_filing(entry, Sentence("a credit"))
        return replace(self, credits=(*self.credits, entry))

    def _withdrawn(self, entry: Entry) -> Followed:
        if self.withdrawn is not None:
            raise SenselessEntryError(
                Sentence("was withdrawn on {day} already", day=self.withdrawn.day), "There is nothing left to withdraw."
            )
        if self.credits:
            raise SenselessEntryError(
                Sentence("was credited on {day}; expected one on which nothing has come", day=self.credits[-1].day),
                "Strike the credit out first, if it was none: sla-audit claim correct.",
            )
        return replace(self, withdrawn=entry)

    def _needs_filing(self, entry: Entry, what: Sentence) -> None:
        if self.withdrawn is not None:
            raise SenselessEntryError(
                Sentence(
                    "was withdrawn on {withdrawn}; {what} on {day} needs a claim that stands",
                    withdrawn=self.withdrawn.day,
                    what=what,
                    day=entry.day,
                ),
                "Strike the withdrawal out, or file the claim again.",
            )
        if self.filed is None:
            raise SenselessEntryError(
                Sentence("was not filed by {day}; {what} needs a claim that was", day=entry.day, what=what),
                "Note first when it was filed: sla-audit claim file.",
            )


def followed(history: History, until: date | None = None) -> Followed:
    """Follow the entries that stand, up to a day. Raises `SenselessEntryError`."""
    reached = Followed()
    for entry in history.standing:
        if until is None or entry.day <= until:
            reached = reached.after(entry)
    return reached


def found_by(history: History, as_of: date) -> Finding | None:
    """Give what the claim is worth by the last run of a day not after `as_of`; None where there was none yet."""
    of_time = [each for each in history.findings if each.as_of <= as_of]
    return max(enumerate(of_time), key=lambda each: (each[1].as_of, each[0]))[1] if of_time else None


def standing(history: History, as_of: date) -> TrackedClaim | None:
    """Tell how a claim stands on a day; None where it was not known of yet."""
    found = found_by(history, as_of)
    if found is None:
        return None
    reached = followed(history, as_of)
    return TrackedClaim(
        number=history.number,
        key=history.key,
        currency=history.currency,
        state=_state(found, reached, as_of),
        found=found,
        filed=reached.filed,
        answer=reached.answer,
        credits=reached.credits,
        withdrawn=reached.withdrawn,
        pack=_last_pack(history, as_of),
    )


def _last_pack(history: History, as_of: date) -> Packed | None:
    made = [each for each in history.packs if each.as_of <= as_of]
    return max(enumerate(made), key=lambda each: (each[1].as_of, each[0]))[1] if made else None


def _state(found: Finding, reached: Followed, as_of: date) -> TrackedState:
    if reached.withdrawn is not None:
        return "withdrawn"
    if reached.filed is not None:
        return _after_filing(reached.filed, reached)
    if found.decision == "not_owed":
        return "nothing_owed"
    if as_of < found.opens_on:
        return "detected"
    return "ready" if as_of <= found.closes_on else "lapsed"


def _after_filing(filed: Entry, reached: Followed) -> TrackedState:
    claimed = filed.amount or Decimal(0)
    agreed = claimed if reached.answer is None else reached.answer.amount or Decimal(0)
    if reached.credited:
        return "credited" if reached.credited >= agreed else "partly_credited"
    if reached.answer is None:
        return "filed"
    if not agreed:
        return "rejected"
    return "approved" if agreed >= claimed else "partly_approved"


def _referred(entry: Entry) -> Message:
    return "" if entry.reference is None else Sentence(" (reference {reference!r})", reference=entry.reference)
