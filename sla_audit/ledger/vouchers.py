"""Which claim a voucher on a later bill belongs to: by its reference, or else by account and amount."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from sla_audit.errors import InputError, Problem, refuse
from sla_audit.ledger.entering import Noted, Said, credit
from sla_audit.ledger.rows import Book
from sla_audit.ledger.standing import standing
from sla_audit.model.ledger import AWAITED, Entry, History, TrackedClaim, Voucher

Outcome = Literal["credited", "was_there", "nothing", "several"]


@dataclass(frozen=True)
class Matched:
    """What became of a voucher.

    `claims` is the one that it was credited to, now or before, or the several that it may belong to, or those of the
    account for which something is awaited where it is none of these.
    """

    voucher: Voucher
    outcome: Outcome
    claims: tuple[TrackedClaim, ...] = ()


def credit_vouchers(book: Book, contract: str, vouchers: Iterable[Voucher], said: Said) -> list[Matched]:
    """Credit each voucher to its claim, where there is exactly one. Raises `InputError` with what makes no sense.

    A voucher without a day has that of `said`.
    """
    by_account: dict[str, list[History]] = defaultdict(list)
    for history in book.histories(contract):
        by_account[history.key.account_id].append(history)
    matched, problems = [], []
    for voucher in vouchers:
        of_account = by_account[voucher.account_id]
        day, reference = voucher.credited_on or said.day, voucher.reference or said.reference
        of_voucher = replace(said, day=day, amount=voucher.amount, reference=reference)
        try:
            outcome, at = _meant(of_account, voucher, of_voucher)
            if outcome == "credited":
                noted = credit(book, of_account[at[0]], of_voucher)
                outcome = "was_there" if noted.was_there else "credited"
                of_account[at[0]] = _with(of_account[at[0]], noted)
        except InputError as error:
            problems += [Problem(voucher.place, str(each).replace("\n  ", " "), "") for each in error.problems]
            continue
        claims = (standing(of_account[each], said.noted_on) for each in at)
        matched.append(Matched(voucher, outcome, tuple(claim for claim in claims if claim is not None)))
    refuse(problems)
    return matched


def _meant(histories: Sequence[History], voucher: Voucher, said: Said) -> tuple[Outcome, list[int]]:
    """Find the places of the claims that a voucher may belong to."""
    for at, history in enumerate(histories):
        if any(_is_it(entry, said) for entry in history.standing):
            return "credited", [at]  # which finds that it is there already
    claims = {at: standing(history, said.noted_on) for at, history in enumerate(histories)}
    awaited = {at: claim for at, claim in claims.items() if claim is not None and claim.state in AWAITED}
    of_reference = [
        at
        for at in awaited
        if voucher.reference is not None
        and any(entry.reference == voucher.reference for entry in histories[at].standing if entry.kind != "credited")
    ]
    of_amount = [at for at, claim in awaited.items() if claim.outstanding == voucher.amount]
    for likely in (of_reference, of_amount):
        if likely:
            return ("credited" if len(likely) == 1 else "several"), likely
    return "nothing", list(awaited)


def _is_it(entry: Entry, said: Said) -> bool:
    """Tell whether an entry is of this voucher: that of a run that was killed, or of the same bill read again."""
    same = entry.kind == "credited" and entry.amount == said.amount and entry.reference == said.reference
    return same and (said.reference is not None or entry.day == said.day)


def _with(history: History, noted: Noted) -> History:
    return history if noted.was_there else replace(history, entries=(*history.entries, noted.entry))
