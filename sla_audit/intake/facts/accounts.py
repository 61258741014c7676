"""The accounts file: who uses the service, on which plan, from when to when."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import polars as pl

from sla_audit.intake.facts import hints
from sla_audit.intake.facts.dates import overlapping
from sla_audit.intake.facts.form import AccountsForm
from sla_audit.intake.facts.table import FactsTable
from sla_audit.model.facts import PLANS
from sla_audit.model.month import FIRST_DAY, LAST_DAY
from sla_audit.sentence import Sentence, in_series, to_say

_PLANS = {"paid": "paid", "free": "free", "付费": "paid", "免费": "free"}
"""The plans of the agreement, and its own words for them (clause 2.10.1)."""
_STRICT = AccountsForm()


def read_accounts(path: Path, form: AccountsForm = _STRICT) -> pl.DataFrame:
    """Read `account_id`, `plan`, `applied_on` and, optional and inclusive, `expires_on`, in the order of the file.

    An account has a row for each period of its service, which do not overlap. Raises `InputError` with every mistake: a
    missing account, an unknown plan, a date that is none, an end before the start, two periods that overlap.
    """
    table = FactsTable(path, required=("account_id", "plan", "applied_on"), optional=("expires_on",), form=form)
    applied_on, expires_on = (form.date_form.dates(name) for name in ("applied_on", "expires_on"))
    plan = _plan(form.plans)
    table.check_account()
    table.check(plan.is_null(), "plan", in_series(PLANS, to_say("{listed} or {value}")), hints.plan)
    table.check(
        ~applied_on.is_between(FIRST_DAY, LAST_DAY), "applied_on", to_say("a date such as 2026-10-09"), hints.date
    )
    given = pl.col("expires_on").is_not_null()
    no_date = given & expires_on.is_null()
    table.check(no_date, "expires_on", to_say("a date such as 2026-10-09, or nothing"), hints.date)
    table.check(
        (given & (expires_on < applied_on)).fill_null(value=False), "expires_on", to_say("a day not before applied_on")
    )
    for place, what in _overlaps(table, applied_on, expires_on):
        table.add(place, what, to_say("periods of one account that do not overlap (expires_on is the last day)"))
    table.refuse()
    return table.rows.select("account_id", plan, applied_on, expires_on)


def _plan(words: Mapping[str, str]) -> pl.Expr:
    """Read a plan, in any case or in the words of the file; null for what is none."""
    known = _PLANS | {word.lower(): plan for word, plan in words.items()}
    return pl.col("plan").str.to_lowercase().replace_strict(known, default=None, return_dtype=pl.String)


def _overlaps(table: FactsTable, applied_on: pl.Expr, expires_on: pl.Expr) -> Iterator[tuple[int, Sentence]]:
    """Say which rows of an account are of days that another row has too, each at the later of the two rows."""
    periods = table.placed(id=pl.col("account_id"), first=applied_on, last=expires_on)
    for row, other in overlapping(periods):
        before = Sentence("overlaps {place}, {period}", place=table.at(other["place"]), period=_shown(other))
        yield (
            row["place"],
            Sentence(
                "account_id {account!r}, {period}, {before}", account=row["id"], period=_shown(row), before=before
            ),
        )


def _shown(period: Mapping[str, Any]) -> Sentence:
    text = to_say("from {first} on") if period["last"] is None else to_say("from {first} to {last}")
    return Sentence(text, first=period["first"], last=period["last"])
