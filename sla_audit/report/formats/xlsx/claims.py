"""What became of each claim, as columns of the sheet of results: where the report was made with a ledger."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from sla_audit.report.formats.xlsx.sheet import Column, Kind
from sla_audit.report.language import Words
from sla_audit.report.ledger.fields import LEDGER
from sla_audit.report.ledger.words import STATES


def columns_of_claims(words: Words) -> Iterator[Column]:
    """Give the columns of what became of the claim."""
    said: list[tuple[str, Kind, str]] = [
        (words.of("Claim no."), "count", "number"),
        (words.of("File by"), "date", "file_by"),
        (words.of("Filed on"), "date", "filed_on"),
        (words.of("Claimed"), "owed", "filed"),
        (words.of("Approved"), "owed", "approved"),
        (words.of("Credited"), "owed", "credited"),
        (words.of("To come"), "owed", "outstanding"),
    ]
    yield Column(words.of("Claim"), "text", partial(_claim_state, words))
    for title, kind, name in said:
        yield Column(title, kind, partial(_of_claim, name))


def _of_claim(name: str, row: Mapping[str, Any]) -> Any:
    return None if row[LEDGER] is None else row[LEDGER][name]


def _claim_state(words: Words, row: Mapping[str, Any]) -> str | None:
    return None if row[LEDGER] is None else words.of(STATES[row[LEDGER]["state"]])
