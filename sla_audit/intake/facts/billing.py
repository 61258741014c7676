"""The billing file: what an account was charged for a cycle, and what of it was paid in cash."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from sla_audit.intake.facts import hints as facts_hints
from sla_audit.intake.facts.table import FactsTable

_AMOUNT = r"^[0-9]{1,18}(\.[0-9]{1,6})?$"
_MONTH = r"^(19[7-9][0-9]|2[01][0-9][0-9])-(0[1-9]|1[0-2])$"


def read_billing(path: Path) -> pl.DataFrame:
    """Read `account_id`, `cycle`, `service_fee`, `cash_paid` and, optional, `billed_calls`.

    Amounts are exact decimals of the contract's currency with at most six decimals. Raises
    `InputError` with every mistake: an empty account, two rows for one account and cycle, a month
    or an amount that is none, a negative amount. Cash above the fee is fine.
    """
    table = FactsTable(path, required=("account_id", "cycle", "service_fee", "cash_paid"), optional=("billed_calls",))
    table.check_account()
    table.check(~pl.col("cycle").str.contains(_MONTH), "cycle", "a month such as 2026-10", facts_hints.month)
    table.check_unique("account_id", "cycle")
    for amount in ("service_fee", "cash_paid"):
        wrong = ~pl.col(amount).str.contains(_AMOUNT)
        table.check(wrong, amount, "an amount of 0 or more, such as 1200.00", facts_hints.amount)
    calls = pl.col("billed_calls")
    table.check(
        calls.is_not_null() & ~calls.str.contains(r"^[0-9]{1,18}$"), "billed_calls", "a whole number, or nothing"
    )
    table.refuse()
    return table.rows.select(
        "account_id",
        "cycle",
        pl.col("service_fee", "cash_paid").cast(pl.Decimal(38, 6)),
        calls.cast(pl.Int64),
    )
