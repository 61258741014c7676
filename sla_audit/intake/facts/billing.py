"""The billing file: what an account was charged for a cycle, and what of it was paid in cash."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

import polars as pl

from sla_audit.errors import Problem, refuse
from sla_audit.intake.facts import hints
from sla_audit.intake.facts.amounts import STRICT_AMOUNT, foreign_signs
from sla_audit.intake.facts.dates import first_day_as_month
from sla_audit.intake.facts.form import BillingForm
from sla_audit.intake.facts.table import PLACE, FactsTable
from sla_audit.model.cycle_lengths import CycleLength
from sla_audit.sentence import Sentence, in_series, to_say


class _OfLength(NamedTuple):
    """How cycles of a length are written, what is expected where one is not, and what may be meant then."""

    pattern: str
    expected: str
    meant: Callable[[str], hints.Meant | None]


_YEAR = "^(19[7-9][0-9]|2[01][0-9][0-9])"
_LENGTHS: Mapping[CycleLength, _OfLength] = {
    "month": _OfLength(_YEAR + "-(0[1-9]|1[0-2])$", to_say("a month such as 2026-10"), hints.month),
    "quarter": _OfLength(_YEAR + "-Q[1-4]$", to_say("a quarter such as 2026-Q4"), hints.quarter),
}
_AMOUNTS = ("service_fee", "cash_paid", "hourly_fee")
_CALLS = ("calls_bought", "billed_calls")
_FIRST = ("service_fee", "cash_paid")
"""What the first agreement asks for."""
_AN_AMOUNT = to_say("an amount of 0 or more, such as 1200.00")
_NUMBER = r"^[0-9]{1,18}$"
_FINER = r"\.[0-9]{2}[0-9]*[1-9]"
_STRICT = BillingForm()


def read_billing(
    path: Path,
    form: BillingForm = _STRICT,
    currency: str = "CNY",
    needed: Sequence[str] = _FIRST,
    length: CycleLength = "month",
) -> pl.DataFrame:
    """Read `account_id`, `cycle`, what an agreement `needed`, and, optional, `billed_calls` and `unit_price` of a call.

    What may be needed are the amounts `service_fee`, `cash_paid` and `hourly_fee`, and the number of `calls_bought`.
    Cycles are of the contract's length. Amounts are exact decimals of its currency with at most six decimals, in a
    workbook with two. Raises `InputError` with every mistake: an empty account, two rows for one account and cycle, a
    cycle or an amount that is none, a negative amount, a total that is none. Cash above the fee is fine.
    """
    refuse(foreign_signs(form.currency_signs, currency, Sentence("[{table}] of the config", table=form.table)))
    optional = ("billed_calls", "unit_price")
    table = FactsTable(path, required=("account_id", "cycle", *needed), optional=optional, form=form)
    amounts = [name for name in _AMOUNTS if name in needed]
    of_length, numbers = _LENGTHS[length], _numbers(table, form)
    cycle = _month(table, form) if length == "month" else pl.col("cycle")
    table.check_account()
    table.check(~cycle.str.contains(of_length.pattern), "cycle", of_length.expected, of_length.meant)
    table.check_unique("account_id", "cycle", told=(pl.col("account_id"), cycle))
    for amount in amounts:
        table.check(~numbers[amount].str.contains(STRICT_AMOUNT), amount, _AN_AMOUNT, hints.amount)
        if table.is_sheet:  # which shows fewer digits than it has
            finer = numbers[amount].str.contains(STRICT_AMOUNT) & numbers[amount].str.contains(_FINER)
            table.check(
                finer, amount, to_say("no more than two decimals: round it in the sheet, which shows it rounded")
            )
    if "calls_bought" in needed:
        bought = numbers["calls_bought"].str.contains(_NUMBER).fill_null(value=False)
        table.check(~bought, "calls_bought", to_say("a whole number"))
    calls = numbers["billed_calls"]
    table.check(
        pl.col("billed_calls").is_not_null() & ~calls.str.contains(_NUMBER).fill_null(value=False),
        "billed_calls",
        to_say("a whole number, or nothing"),
    )
    price = numbers["unit_price"]
    table.check(
        pl.col("unit_price").is_not_null() & ~price.str.contains(STRICT_AMOUNT).fill_null(value=False),
        "unit_price",
        to_say("what a call costs, such as 0.002, or nothing"),
        hints.amount,
    )
    table.refuse()
    read = [pl.col("account_id"), cycle, *(numbers[name].cast(pl.Decimal(38, 6)) for name in amounts)]
    read += [numbers[name].cast(pl.Int64) for name in needed if name in _CALLS]
    prices = [price.cast(pl.Decimal(38, 6))] if table.rows["unit_price"].count() else []
    bills = table.rows.select(*read, calls.cast(pl.Int64), *prices)
    refuse(_wrong_totals(table, bills, numbers, amounts))
    return bills


def _month(table: FactsTable, form: BillingForm) -> pl.Expr:
    """Read months the strict way; in a workbook, which makes a day of a month that is entered, also as first days."""
    cycle = pl.col("cycle") if "cycle" in table.typed else form.date_form.months(pl.col("cycle"))
    return pl.coalesce(first_day_as_month(cycle), cycle).alias("cycle") if table.is_sheet else cycle.alias("cycle")


def _numbers(table: FactsTable, form: BillingForm) -> dict[str, pl.Expr]:
    """Read amounts and calls the strict way; those that the file has typed are written so already."""
    read = {name: form.amount_form.amounts(pl.col(name)) for name in (*_AMOUNTS, "unit_price")}
    read |= {name: form.amount_form.numbers(pl.col(name)) for name in _CALLS}
    return {name: (pl.col(name) if name in table.typed else number).alias(name) for name, number in read.items()}


def _wrong_totals(
    table: FactsTable, bills: pl.DataFrame, numbers: dict[str, pl.Expr], amounts: Sequence[str]
) -> Iterator[Problem]:
    """Say which rows of totals are not the sum of all rows above, nor of those since the last total."""
    rows = table.rows.select(pl.col(PLACE)).with_columns(bills.select(amounts))
    totals = table.totals.select(pl.col(PLACE), *(numbers[name] for name in amounts))
    last = dict.fromkeys(amounts, 0)
    for place, *written in totals.sort(PLACE).iter_rows():
        for name, total in zip(amounts, written, strict=True):
            if total is None:
                continue
            above = rows.filter(pl.col(PLACE) < place)
            sums = {Decimal(part[name].sum() or 0) for part in (above, above.filter(pl.col(PLACE) > last[name]))}
            last[name] = place
            if not re.fullmatch(STRICT_AMOUNT, total) or Decimal(total) not in sums:
                add_up = in_series([f"{each.normalize():f}" for each in sorted(sums)], to_say("{listed} or {value}"))
                what = Sentence(
                    "the total of {name} is {total!r}, but the rows above add up to {add_up}",
                    name=name,
                    total=total,
                    add_up=add_up,
                )
                remedy = to_say("See whether rows are missing, as behind a filter, or remove the row of the total.")
                yield Problem(f"{table.where}, {table.at(place)}", what, remedy)
