"""The alias file: which account a key of the logs stands for, such as a consumer, a host or a client id, and when."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import polars as pl

from sla_audit.intake.facts import hints
from sla_audit.intake.facts.dates import overlapping
from sla_audit.intake.facts.form import AliasForm
from sla_audit.intake.facts.table import FactsTable
from sla_audit.model.month import FIRST_DAY, LAST_DAY
from sla_audit.sentence import Sentence, to_say

_STRICT = AliasForm()
_DAYS = ("from", "to")


def read_aliases(path: Path, form: AliasForm = _STRICT) -> pl.DataFrame:
    """Read `key`, `account` and, optional, `from` and `to`: days, half-open, null where there is no such end.

    Raises `InputError` with every mistake: a missing key or account, a date that is none, an end not after the start,
    a key that stands for something twice on one day.
    """
    table = FactsTable(path, required=("key", "account"), optional=_DAYS, form=form)
    days = {name: form.date_form.dates(name) for name in _DAYS}
    table.check_account("key")
    table.check_account("account")
    for name, day in days.items():
        wrong = pl.col(name).is_not_null() & ~day.is_between(FIRST_DAY, LAST_DAY).fill_null(value=False)
        table.check(wrong, name, to_say("a date such as 2026-10-09, or nothing"), hints.date)
    table.check(
        (days["to"] <= days["from"]).fill_null(value=False), "to", to_say("a day after from, which is not in it")
    )
    keyed = table.placed(id=pl.col("key"), first=days["from"].fill_null(FIRST_DAY), last=days["to"] - timedelta(days=1))
    for row, other in overlapping(keyed):
        known = Sentence("{place} has the same key, {period}", place=table.at(other["place"]), period=_shown(other))
        table.add(
            row["place"],
            Sentence("key {key!r}, {period}, but {known}", key=row["id"], period=_shown(row), known=known),
            to_say("one account for a key on each day"),
        )
    table.refuse()
    return table.rows.select("key", "account", *days.values())


def _shown(period: dict[str, object]) -> Sentence:
    first, last = period["first"], period["last"]
    if first == FIRST_DAY:
        text = to_say("from the beginning on") if last is None else to_say("from the beginning to the end of {last}")
    else:
        text = to_say("from {first} on") if last is None else to_say("from {first} to the end of {last}")
    return Sentence(text, first=first, last=last)
