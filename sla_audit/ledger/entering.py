"""What people say of a claim, taken into the ledger where it makes sense, and refused with the next step where not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import NoReturn

from sla_audit.errors import InputError, Problem
from sla_audit.ledger.rows import Book
from sla_audit.ledger.standing import Followed, SenselessEntryError, followed, found_by, standing
from sla_audit.model.ledger import Entry, Finding, History, Nevertheless, TrackedClaim
from sla_audit.sentence import Message, Sentence, as_phrase, to_say


@dataclass(frozen=True)
class Said:
    """What is to be noted of one claim; an amount that is not given follows from what was found, or was filed."""

    day: date
    noted_on: date
    amount: Decimal | None = None
    reference: str | None = None
    note: str | None = None
    said_by: str | None = None
    nevertheless: frozenset[Nevertheless] = frozenset()


@dataclass(frozen=True)
class Noted:
    """What became of it: the entry, how the claim stands with it, and whether it was there before."""

    claim: TrackedClaim
    entry: Entry
    was_there: bool = False


def file(book: Book, history: History, said: Said) -> Noted:
    """Note that a claim was sent to the other side. Raises `InputError`."""
    found = _found(history, said)
    amount = said.amount if said.amount is not None else found.amount
    if amount is None:
        _refuse(
            history,
            Sentence("what is owed cannot be told ({reason})", reason=found.reason),
            to_say("Say what was claimed: --amount."),
        )
    if said.amount is None and found.decision == "not_owed":
        _refuse(
            history,
            Sentence("nothing is owed ({reason})", reason=found.reason),
            to_say("Say what was claimed all the same: --amount."),
        )
    if not amount:
        _refuse(
            history,
            to_say("nothing would be claimed; expected an amount above 0"),
            to_say("Say how much it was: --amount."),
        )
    return _note(book, history, said, _entry("filed", said, amount), lambda _: _out_of_time(said.day, found))


def answer(book: Book, history: History, said: Said) -> Noted:
    """Note what the other side answered: the amount that it approves, 0 for none, None for all that was claimed."""

    def more(before: Followed) -> Iterator[tuple[Nevertheless, Message]]:
        claimed = None if before.filed is None else before.filed.amount
        if claimed is not None and (said.amount or 0) > claimed:
            yield (
                "more",
                Sentence(
                    "{amount} was approved, more than the {claimed} that was claimed",
                    amount=said.amount,
                    claimed=claimed,
                ),
            )

    filed = followed(history).filed
    amount = said.amount if said.amount is not None or filed is None else filed.amount
    return _note(book, history, said, _entry("answered", said, amount if amount is not None else Decimal(0)), more)


def credit(book: Book, history: History, said: Said) -> Noted:
    """Note a credit: a voucher on a later bill. None is all that is still to come."""

    def more(before: Followed) -> Iterator[tuple[Nevertheless, Message]]:
        agreed = _agreed(before)
        if agreed is not None and before.credited + (entry.amount or 0) > agreed:
            whole = before.credited + (entry.amount or 0)
            text = to_say("{whole} would be credited in all, more than the {agreed} that was approved")
            if before.answer is None:
                text = to_say("{whole} would be credited in all, more than the {agreed} that was claimed")
            yield "more", Sentence(text, whole=whole, agreed=agreed)

    reached = followed(history)
    agreed = _agreed(reached)
    rest = None if agreed is None else agreed - reached.credited
    entry = _entry("credited", said, said.amount if said.amount is not None else rest)
    if said.amount is None and rest == 0:  # a killed run that is repeated has noted the rest as it was then
        entry = replace(entry, amount=reached.credits[-1].amount if reached.credits else Decimal(0))
    alike = next((each for each in reached.credits if _is_same(each, entry)), None)
    if alike is not None:
        return Noted(_standing(history, said), alike, was_there=True)
    if said.amount is not None and said.amount <= 0:
        _refuse(
            history,
            to_say("nothing would be credited; expected an amount above 0"),
            to_say("Say how much it was: --amount."),
        )
    if said.amount is None and rest is not None and rest <= 0:
        _refuse(
            history, to_say("all that was agreed was credited already"), to_say("Say how much was credited: --amount.")
        )
    return _note(book, history, said, replace(entry, amount=entry.amount or Decimal(0)), more)


def withdraw(book: Book, history: History, said: Said) -> Noted:
    """Note that a claim was taken back, or is not going to be filed."""
    return _note(book, history, said, _entry("withdrawn", said, None))


def correct(book: Book, history: History, said: Said, number: int) -> Noted:
    """Strike an entry out, as if it had never been said; it is still shown. Raises `InputError`."""
    struck = next((entry for entry in history.entries if entry.number == number and entry.kind != "struck"), None)
    if struck is None:
        _refuse(history, Sentence("has no entry {number}", number=number), to_say("sla-audit claim show lists them."))
    entry = replace(_entry("struck", said, None), strikes=number)
    if number in history.struck:
        return Noted(_standing(history, said), entry, was_there=True)
    corrected = replace(history, entries=(*history.entries, entry))
    try:
        followed(corrected)
    except SenselessEntryError as error:
        _refuse(
            history,
            Sentence("cannot do without entry {number}: then it {what}", number=number, what=as_phrase(error.what)),
            to_say("Strike out first what rests on it."),
        )
    book.add_entry(history.number, entry)
    return Noted(_standing(corrected, said), entry)


def _note(
    book: Book,
    history: History,
    said: Said,
    entry: Entry,
    doubts: Callable[[Followed], Iterator[tuple[Nevertheless, Message]]] = lambda _: iter(()),
) -> Noted:
    """Add an entry, unless it was the last thing that was said: then a killed run is being repeated."""
    _not_of_the_future(history, said)
    stood = sorted(history.standing, key=lambda each: each.number)
    if stood and _is_same(stood[-1], entry):
        return Noted(_standing(history, said), stood[-1], was_there=True)
    before = _followed(history)
    for doubt, what in doubts(before):
        if doubt not in said.nevertheless:
            _refuse(history, what, Sentence("If that is right, say so: --{doubt}.", doubt=doubt))
        entry = replace(entry, nevertheless=doubt)
    whole = replace(history, entries=(*history.entries, replace(entry, number=_NEXT)))
    try:
        followed(whole)
    except SenselessEntryError as error:
        _refuse(history, error.what, error.remedy)
    added = replace(entry, number=book.add_entry(history.number, entry))
    return Noted(_standing(replace(history, entries=(*history.entries, added)), said), added)


_NEXT = 1 << 62
"""The number of an entry that has none yet: it comes after all others of its day."""


def _entry(kind: str, said: Said, amount: Decimal | None) -> Entry:
    return Entry(
        kind=kind,  # type: ignore[arg-type]
        day=said.day,
        noted_on=said.noted_on,
        amount=amount,
        reference=said.reference,
        note=said.note,
        said_by=said.said_by,
    )


def _is_same(one: Entry, other: Entry) -> bool:
    return (one.kind, one.day, one.amount, one.reference) == (other.kind, other.day, other.amount, other.reference)


def _out_of_time(day: date, found: Finding) -> Iterator[tuple[Nevertheless, Message]]:
    if day < found.opens_on:
        yield (
            "early",
            Sentence("claims are taken from {opens_on}, but it was filed on {day}", opens_on=found.opens_on, day=day),
        )
    if day > found.closes_on:
        yield (
            "late",
            Sentence(
                "claims were taken until {closes_on}, but it was filed on {day}", closes_on=found.closes_on, day=day
            ),
        )


def _agreed(before: Followed) -> Decimal | None:
    said = before.answer or before.filed
    return None if said is None else said.amount


def _found(history: History, said: Said) -> Finding:
    found = found_by(history, said.noted_on)
    if found is None:
        days = ", ".join(str(each.as_of) for each in history.findings[:1])
        _refuse(
            history,
            Sentence("was detected on {days}, after {noted_on}", days=days, noted_on=said.noted_on),
            to_say("Give a later --as-of."),
        )
    return found


def _standing(history: History, said: Said) -> TrackedClaim:
    _found(history, said)
    claim = standing(history, said.noted_on)
    if claim is None:
        raise AssertionError(history)
    return claim


def _followed(history: History) -> Followed:
    try:
        return followed(history)
    except SenselessEntryError as error:
        _refuse(
            history, Sentence("has entries that make no sense: it {what}", what=as_phrase(error.what)), error.remedy
        )


def _not_of_the_future(history: History, said: Said) -> None:
    _found(history, said)
    if said.day > said.noted_on:
        _refuse(
            history,
            Sentence("{day} is after {noted_on}, the day of --as-of", day=said.day, noted_on=said.noted_on),
            to_say("Give the day on which it happened."),
        )


def _refuse(history: History, what: Message, remedy: Message) -> NoReturn:
    key = history.key
    raise InputError(
        Problem(
            Sentence(
                "claim {number} ({account_id}, {cycle})",
                number=history.number,
                account_id=key.account_id,
                cycle=key.cycle,
            ),
            what,
            remedy,
        )
    )
