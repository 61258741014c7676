"""Where something stands in a report that was saved."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sla_audit.sentence import Sentence

if TYPE_CHECKING:
    from sla_audit.report.saved.read import SavedResult


def place_of(where: str, result: SavedResult, reading: str | None = None) -> Sentence:
    """Name a result of a report, or what it has under a reading."""
    if reading is None:
        return Sentence(
            "{where}: account {account_id!r}, cycle {cycle}",
            where=where,
            account_id=result.account_id,
            cycle=result.cycle,
        )
    return Sentence(
        "{where}: account {account_id!r}, cycle {cycle}, reading {name!r}",
        where=where,
        account_id=result.account_id,
        cycle=result.cycle,
        name=reading,
    )
