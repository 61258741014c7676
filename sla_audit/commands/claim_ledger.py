"""The ledger of claims in use: what a run found is noted, what people say is entered, how claims stand is told."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

import polars as pl

from sla_audit.contract.model import Contract
from sla_audit.errors import InputError, Problem, refuse
from sla_audit.ledger.database import check_ledger, transaction
from sla_audit.ledger.entering import Noted, Said
from sla_audit.ledger.finding import Found, note_findings
from sla_audit.ledger.packing import FoundAndPacked, note_packs
from sla_audit.ledger.rows import Book
from sla_audit.ledger.standing import SenselessEntryError, standing
from sla_audit.ledger.vouchers import Matched, credit_vouchers
from sla_audit.model.ledger import ClaimKey, Finding, History, Packed, Tracked, TrackedClaim, Voucher
from sla_audit.report.document import Report
from sla_audit.report.ledger.columns import with_claims
from sla_audit.sentence import Sentence, as_phrase, to_say

__all__ = [
    "FOUND",
    "check_ledger",
    "credit_from",
    "enter",
    "note_report",
    "noting_packs",
    "shown",
    "tracked",
    "with_ledger",
]

FOUND = (
    *("account_id", "cycle", "decision", "reason", "compensation", "credit_rate"),
    *("cycle_start", "cycle_end", "opens_on", "closes_on", "calendar"),
)
"""The columns of a result that the ledger takes note of."""

Enter = Callable[[Book, History, Said], Noted]


@dataclass(frozen=True)
class Which:
    """Which claims are meant: by their numbers, or by account and cycle."""

    numbers: tuple[int, ...] = ()
    account: str | None = None
    cycle: str | None = None


def note_report(path: Path, results: pl.DataFrame, contract: Contract, reading: str, as_of: date) -> int:
    """Note what a run found, making the ledger where there is none, and give how many claims changed.

    `results` are those of a report. Raises `InputError` where the file cannot be used.
    """
    with transaction(path, create=True) as connection:
        found = (_found(row, contract, reading, as_of) for row in results.select(FOUND).iter_rows())
        return note_findings(Book(connection, path), contract.id, contract.unit_owed, found)


@dataclass(frozen=True)
class PackToNote:
    """A pack that was made: the row of its account in the report, its letter's number and edition, its manifest."""

    result: pl.DataFrame
    letter: str
    edition: int
    manifest: str


@contextmanager
def noting_packs(
    path: Path, made: Sequence[PackToNote], contract: Contract, reading: str, as_of: date
) -> Iterator[int]:
    """Note packs with what was found of their claims, and give how many are new, unless an exception leaves this.

    Raises `InputError` where the file cannot be used.
    """
    with transaction(path, create=True) as connection:
        yield note_packs(
            Book(connection, path),
            contract.id,
            contract.unit_owed,
            [_found_and_packed(each, contract, reading, as_of) for each in made],
        )


def _found_and_packed(made: PackToNote, contract: Contract, reading: str, as_of: date) -> FoundAndPacked:
    found = _found(made.result.select(FOUND).row(0), contract, reading, as_of)
    amount = found.finding.amount
    assert amount is not None  # a pack claims what is owed  # noqa: S101
    return FoundAndPacked(found, Packed(as_of, made.letter, made.edition, amount, made.manifest))


def with_ledger(report: Report, contract: Contract, path: Path, as_of: date) -> Report:
    """Note what a report found, and give it what the ledger has of its claims then. Raises `InputError`."""
    note_report(path, report.results, contract, report.head["reading"], as_of)
    return with_claims(report, tracked(path, contract, as_of))


def tracked(path: Path, contract: Contract, as_of: date) -> Tracked:
    """Tell how the claims under a contract stand on a day. Raises `InputError`."""
    with transaction(path, only_read=True) as connection:
        book = Book(connection, path)
        histories = book.histories(contract.id)
        return Tracked(
            as_of,
            contract.unit_owed,
            tuple(claim for history in histories if (claim := _standing(path, history, as_of)) is not None),
            tuple(book.other_contracts(contract.id)),
        )


def tracked_where_there(path: Path, contract: Contract, as_of: date) -> tuple[TrackedClaim, ...]:
    """Tell how the claims stand in a ledger that may not be there yet. Raises `InputError`."""
    return tracked(path, contract, as_of).claims if path.exists() and path.stat().st_size else ()


def shown(path: Path, contract: Contract, which: Which, as_of: date) -> tuple[TrackedClaim, History]:
    """Give one claim as it stands on a day, and all that is held of it. Raises `InputError`."""
    with transaction(path, only_read=True) as connection:
        (history,) = _meant(Book(connection, path), path, contract, which)
    claim = _standing(path, history, as_of)
    if claim is None:
        raise InputError(
            Problem(_named(history), Sentence("was not known of on {as_of}", as_of=as_of), "Give a later --as-of.")
        )
    return claim, history


def enter(path: Path, contract: Contract, which: Which, said: Said, how: Enter) -> list[Noted]:
    """Enter the same of all claims that are meant, or of none. Raises `InputError` with what is wrong with each."""
    noted, problems = [], []
    with transaction(path) as connection:
        book = Book(connection, path)
        for history in _meant(book, path, contract, which):
            if history.currency != contract.unit_owed:
                problems.append(_other_currency(history, contract))
                continue
            try:
                noted.append(how(book, history, said))
            except InputError as error:
                problems += error.problems
        refuse(problems)
    return noted


def credit_from(path: Path, contract: Contract, vouchers: Sequence[Voucher], said: Said) -> list[Matched]:
    """Credit the vouchers of a bill to their claims, in one transaction. Raises `InputError`."""
    with transaction(path) as connection:
        return credit_vouchers(Book(connection, path), contract.id, vouchers, said)


def _meant(book: Book, path: Path, contract: Contract, which: Which) -> Sequence[History]:
    """Find the claims that are meant; at least one. Raises `InputError` for one that is not there."""
    histories = book.histories(contract.id)
    if not which.numbers:
        found = [
            each for each in histories if each.key.account_id == which.account and which.cycle in {None, each.key.cycle}
        ]
        if len(found) != 1:
            raise InputError(_not_one(path, found, which))
        return found
    by_number = {history.number: history for history in histories}
    refuse(_no_such(book, path, number, contract) for number in which.numbers if number not in by_number)
    return [by_number[number] for number in dict.fromkeys(which.numbers)]


def _not_one(path: Path, found: Sequence[History], which: Which) -> Problem:
    of = Sentence("account {account!r}", account=which.account)
    if which.cycle is not None:
        of = Sentence("account {account!r}, cycle {cycle}", account=which.account, cycle=which.cycle)
    if found:
        cycles = ", ".join(each.key.cycle for each in found)
        return Problem(
            path.as_posix(),
            Sentence("has several claims of {of}: {cycles}", of=of, cycles=cycles),
            "Say which: --cycle.",
        )
    return Problem(path.as_posix(), Sentence("has no claim of {of}", of=of), _LISTED)


_LISTED = to_say("sla-audit claim list shows all; sla-audit compute --ledger notes what logs show.")


def _no_such(book: Book, path: Path, number: int, contract: Contract) -> Problem:
    other = book.contract_of(number)
    if other is None:
        return Problem(path.as_posix(), Sentence("has no claim {number}", number=number), _LISTED)
    found = Sentence(
        "has claim {number} under the contract {other}, not {id}", number=number, other=other, id=contract.id
    )
    return Problem(path.as_posix(), found, "Name that contract: --contract.")


def _standing(path: Path, history: History, as_of: date) -> TrackedClaim | None:
    try:
        return standing(history, as_of)
    except SenselessEntryError as error:
        found = Sentence(
            "{history} has entries that make no sense: it {what}", history=_named(history), what=as_phrase(error.what)
        )
        raise InputError(Problem(path.as_posix(), found, error.remedy)) from error


def _named(history: History) -> Sentence:
    return Sentence(
        "claim {number} ({account_id}, {cycle})",
        number=history.number,
        account_id=history.key.account_id,
        cycle=history.key.cycle,
    )


def _other_currency(history: History, contract: Contract) -> Problem:
    found = Sentence(
        "is in {currency}, but the contract's amounts are in {now}", currency=history.currency, now=contract.unit_owed
    )
    return Problem(_named(history), found, "Name the contract that it was detected under: --contract.")


def _found(row: tuple[str | None, ...], contract: Contract, reading: str, as_of: date) -> Found:
    said = dict(zip(FOUND, row, strict=True))
    amount, rate = said["compensation"], said["credit_rate"]
    finding = Finding(
        as_of=as_of,
        reading=reading,
        decision=str(said["decision"]),
        reason=str(said["reason"]),
        amount=None if amount is None else Decimal(amount),
        first_day=_day(said["cycle_start"]),
        last_day=_day(said["cycle_end"]),
        opens_on=_day(said["opens_on"]),
        closes_on=_day(said["closes_on"]),
        calendar=str(said["calendar"]),
    )
    key = ClaimKey(contract.id, str(said["account_id"]), str(said["cycle"]))
    return Found(key, finding, breached=rate is not None and Decimal(rate) > 0)


def _day(written: str | None) -> date:
    return date.fromisoformat(str(written))
