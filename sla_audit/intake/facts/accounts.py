"""The accounts file: who uses the service, on which plan, from when to when."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from sla_audit.intake.facts import hints as facts_hints
from sla_audit.intake.facts.table import FactsTable
from sla_audit.model.facts import PLANS
from sla_audit.model.month import FIRST_DAY, LAST_DAY

_DATE = r"^[0-9]{4}-[0-9][0-9]-[0-9][0-9]$"


def read_accounts(path: Path) -> pl.DataFrame:
    """Read `account_id`, `plan`, `applied_on` and, optional and inclusive, `expires_on`.

    Raises `InputError` with every mistake: a missing or repeated account, an unknown plan, a date
    that is none, an end before the start.
    """
    table = FactsTable(path, required=("account_id", "plan", "applied_on"), optional=("expires_on",))
    table.check_account()
    table.check_unique("account_id")
    table.check(~pl.col("plan").is_in(PLANS), "plan", " or ".join(PLANS), facts_hints.plan)
    since_1970 = _date("applied_on").is_between(FIRST_DAY, LAST_DAY)
    table.check(~since_1970, "applied_on", "a date such as 2026-10-09", facts_hints.date)
    given = pl.col("expires_on").is_not_null()
    no_date = given & _date("expires_on").is_null()
    table.check(no_date, "expires_on", "a date such as 2026-10-09, or nothing", facts_hints.date)
    table.check(
        (given & (_date("expires_on") < _date("applied_on"))).fill_null(value=False),
        "expires_on",
        "a day not before applied_on",
    )
    table.refuse()
    return table.rows.select("account_id", "plan", _date("applied_on"), _date("expires_on"))


def _date(column: str) -> pl.Expr:
    text = pl.col(column)
    return pl.when(text.str.contains(_DATE)).then(text).str.to_date("%Y-%m-%d", strict=False).alias(column)
