"""Claim packs that were made, noted each with what its run found, so that it is seen which claim has one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sla_audit.ledger.finding import Found, note_findings
from sla_audit.ledger.rows import Book
from sla_audit.model.ledger import Packed


class FoundAndPacked(NamedTuple):
    """What a run found of an account and cycle, and the pack that it made of it."""

    found: Found
    packed: Packed


def note_packs(book: Book, contract: str, currency: str, made: Sequence[FoundAndPacked]) -> int:
    """Note packs, each under its claim, and give how many are new: one of the same manifest is the same pack.

    A claim that the ledger has not is made by what was found of it. Raises `InputError` as `note_findings` does.
    """
    note_findings(book, contract, currency, (each.found for each in made))
    known = {history.key: history for history in book.histories(contract)}
    new = 0
    for each in made:
        history = known[each.found.key]
        if each.packed.manifest not in {packed.manifest for packed in history.packs}:
            book.add_pack(history.number, each.packed)
            new += 1
    return new
