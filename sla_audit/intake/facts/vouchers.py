"""The vouchers that a bill says were credited: the billing file of a later month, or a list of them."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import polars as pl

from sla_audit.errors import refuse
from sla_audit.intake.facts import hints
from sla_audit.intake.facts.amounts import STRICT_AMOUNT, foreign_signs
from sla_audit.intake.facts.form import BillingForm
from sla_audit.intake.facts.table import PLACE, FactsTable
from sla_audit.model.ledger import Voucher
from sla_audit.model.month import FIRST_DAY, LAST_DAY
from sla_audit.sentence import Sentence, to_say

_COLUMNS = ("voucher_id", "credited_on")
_STRICT = BillingForm()
_NONE = Decimal(0)


def read_vouchers(path: Path, form: BillingForm = _STRICT, currency: str = "CNY") -> list[Voucher]:
    """Read `account_id`, `voucher`, an amount, and, optional, `voucher_id` and `credited_on`, a day.

    Rows without a voucher, or with one of 0, are passed over: a bill has many. Raises `InputError` with every mistake:
    a missing account, an amount or a day that is none.
    """
    refuse(foreign_signs(form.currency_signs, currency, Sentence("[{table}] of the config", table=form.table)))
    table = FactsTable(path, required=("account_id", "voucher"), optional=_COLUMNS, form=form)
    given = pl.col("voucher").is_not_null()
    amount = pl.col("voucher") if "voucher" in table.typed else form.amount_form.amounts(pl.col("voucher"))
    wrong = given & ~amount.str.contains(STRICT_AMOUNT).fill_null(value=False)
    table.check_account()
    table.check(wrong, "voucher", to_say("an amount of 0 or more, such as 360.00, or nothing"), hints.amount)
    credited_on = form.date_form.dates("credited_on")
    no_day = pl.col("credited_on").is_not_null() & ~credited_on.is_between(FIRST_DAY, LAST_DAY).fill_null(value=False)
    table.check(no_day, "credited_on", to_say("a date such as 2026-12-03, or nothing"), hints.date)
    table.refuse()
    rows = table.rows.select(PLACE, "account_id", amount.alias("voucher"), "voucher_id", credited_on)
    vouchers = (
        Voucher(f"{table.where}, {table.at(place)}", account, Decimal(written or 0), reference, day)
        for place, account, written, reference, day in rows.iter_rows()
    )
    return [voucher for voucher in vouchers if voucher.amount > _NONE]
