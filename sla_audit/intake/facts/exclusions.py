"""The exclusions file: windows in which one party asserts that a clause leaves failures out."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from sla_audit.contract.model import Contract
from sla_audit.intake.facts import hints
from sla_audit.intake.facts.dates import DateForm
from sla_audit.intake.facts.form import ExclusionsForm
from sla_audit.intake.facts.table import FactsTable, is_what, with_hint
from sla_audit.intake.values.timestamps import instant_of
from sla_audit.limits import MOST_EXCLUSIONS
from sla_audit.model.facts import Exclusion
from sla_audit.model.ids import trimmed
from sla_audit.model.instant import moment
from sla_audit.sentence import Sentence, to_say

_OPTIONAL = ("notified_at", "accounts", "regions", "apis", "note", "asserted_by")
_SCOPES = ("accounts", "regions", "apis")
_SEPARATORS = frozenset(",\uff0c\u3001\uff1b")
_INSTANT = to_say("an instant such as 2026-10-09T01:00:00+08:00")


_STRICT = ExclusionsForm()


def read_exclusions(
    path: Path, contract: Contract, accounts: Collection[str] = (), form: ExclusionsForm = _STRICT
) -> tuple[Exclusion, ...]:
    """Read the exclusions, in the order of the file.

    Times without a zone are read in the contract's. Raises `InputError` with every mistake: a
    missing or repeated id, an unknown clause, a time that is none, an end not after the start, names that another
    character than `;` seems to separate (unless it is one of the `accounts` of other facts).
    """
    table = FactsTable(
        path, ("id", "clause", "starts_at", "ends_at"), _OPTIONAL, lists=_SCOPES, most_rows=MOST_EXCLUSIONS, form=form
    )
    clauses = [str(cause.number) for cause in contract.causes]
    table.check(pl.col("id") == "", "id", to_say("a name for the exclusion"))
    table.check_unique("id")
    table.check(
        ~pl.col("clause").is_in(clauses),
        "clause",
        Sentence("a cause of the agreement, {first} to {last}", first=clauses[0], last=clauses[-1]),
    )
    exclusions = [_exclusion(place, row, table, contract.zone, accounts) for place, row in table.numbered_rows()]
    table.refuse()
    return tuple(exclusion for exclusion in exclusions if exclusion is not None)


def _exclusion(
    place: int, row: dict[str, Any], table: FactsTable, zone: ZoneInfo, accounts: Collection[str]
) -> Exclusion | None:
    times: dict[str, datetime | None] = {}
    for column in ("starts_at", "ends_at", "notified_at"):
        written = row[column]
        times[column] = _instant(written, zone, table.form.date_form)
        if times[column] is None and (written or column != "notified_at"):
            table.add(place, is_what(column, repr(written) if written else None), _INSTANT)
    starts_at, ends_at = times["starts_at"], times["ends_at"]
    if starts_at is None or ends_at is None:
        return None
    if ends_at <= starts_at:
        table.add(
            place,
            is_what("ends_at", repr(row["ends_at"])),
            Sentence("an instant after starts_at, {written!r}", written=row["starts_at"]),
        )
    for column in _SCOPES:
        expected = _expected(row[column], accounts if column == "accounts" else ())
        if expected is not None:
            meant = hints.names(row[column]) if isinstance(row[column], str) else None
            table.add(
                place,
                is_what(column, repr(row[column])),
                expected if meant is None else with_hint(expected, meant.do),
            )
    if not table.sound:
        return None
    return Exclusion(
        id=row["id"],
        clause=int(row["clause"]),
        starts_at=starts_at,
        ends_at=ends_at,
        notified_at=times["notified_at"],
        accounts=_scope(row["accounts"]),
        regions=_scope(row["regions"]),
        apis=_scope(row["apis"]),
        note=row["note"] or "",
        asserted_by=row["asserted_by"] or "",
    )


def _instant(written: str | None, zone: ZoneInfo, form: DateForm) -> datetime | None:
    instant = instant_of(form.instant(written), zone)[0] if written else None
    return None if instant is None else moment(instant)


def _expected(written: str | list[str | None] | None, known: Collection[str]) -> str | None:
    """Say what was expected where a scope would silently cover everything, or nothing; None where it is sound.

    In text, names that another character than `;` seems to separate are no names, unless they are `known`.
    """
    if isinstance(written, list):
        sound = written and all(name is not None and trimmed(name) for name in written)
        return None if sound else to_say("a list of names, none of them empty, or no list (null) for all")
    names = _scope(written)
    joined = [name for name in names if _SEPARATORS & set(name) and name not in known]
    return to_say("names separated by ';', or nothing for all") if written and (joined or not names) else None


def _scope(written: str | list[str | None] | None) -> frozenset[str]:
    """Read a scope, a list of names or text in which `;` separates them; nothing in it means everything is covered."""
    names = written if isinstance(written, list) else (written or "").split(";")
    return frozenset(filter(None, (trimmed(name or "") for name in names)))
