"""The amounts of many results at once: exact `Decimal` arithmetic (see `compensation`), on those that are owed."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import ROUND_DOWN, Context, Decimal
from typing import Any

import polars as pl

from sla_audit.contract.model import Contract
from sla_audit.contract.terms.compensation import Compensation
from sla_audit.judge.compensation import award

FOR_BASE = {
    "service_fee": ("service_fee",),
    "failed_calls": ("explicit_failure",),
    "days_of_month": ("days",),
    "fault_fee": ("hourly_fee", "fault_minutes"),
}
"""The columns that each base follows from."""

_MINUTES = 60
"""The parts of the hour that an hourly fee is for."""
_EXACT = Context(prec=60)
_FINEST = Decimal("0.000001")


def read_by(terms: Compensation) -> tuple[str, ...]:
    """Name the columns that amounts follow from, besides the tier."""
    cap = () if terms.cap == "none" else (terms.cap,)
    return tuple(dict.fromkeys((*FOR_BASE[terms.base], *cap)))


def awards(rows: pl.DataFrame, decision: pl.Expr, tier: str, contract: Contract) -> pl.DataFrame:
    """Give `amount` and `capped`, row for row: of what is `owed` an award, 0 of what is `not_owed`, else null.

    An award that is `not_above_least`, which is said too, is 0. Reads what is `read_by` the contract's terms, and the
    position of a `tier`; `decision` is text.
    """
    terms = contract.compensation
    places = max(0, -int(terms.quantum.as_tuple().exponent))
    amounts = pl.Decimal(38, places)
    decided = rows.select(decision=decision)["decision"]
    owed = (decided == "owed").arg_true()
    facts = rows[owed]
    parts = _parts_of(terms)
    rates = [terms.tiers[at].rate for at in facts[tier]]
    found = [
        award(base, cap, rate, terms, parts)
        for base, cap, rate in zip(_bases(facts, terms), _caps(facts, terms), rates, strict=True)
    ]
    few = [bool(terms.more_than) and each.amount <= terms.more_than for each in found]
    nothing = pl.select(amount=pl.when(decided == "not_owed").then(pl.lit(Decimal(0), amounts)))["amount"]
    amount = [Decimal(0) if is_few else each.amount for each, is_few in zip(found, few, strict=True)]
    capped = [each.capped and not is_few for each, is_few in zip(found, few, strict=True)]
    return pl.DataFrame(
        {
            "amount": nothing.scatter(owed, pl.Series(amount, dtype=amounts)),
            "capped": pl.repeat(False, rows.height, eager=True).scatter(owed, capped),
            "not_above_least": pl.repeat(False, rows.height, eager=True).scatter(owed, few),
        }
    )


def _bases(facts: pl.DataFrame, terms: Compensation) -> Iterator[Decimal]:
    for row in facts.select(FOR_BASE[terms.base]).iter_rows():
        yield _base_of(terms, *row)


def share_of(terms: Compensation, rate: Decimal, *found: Any) -> Decimal:
    """Give what a rate of credit is worth before cap and rounding, from what the columns `FOR_BASE` have.

    A fee by the hour is cut after six places, since there may be no end of them.
    """
    share = _EXACT.multiply(_base_of(terms, *found), rate)
    if terms.base != "fault_fee":
        return share
    return _EXACT.divide(share, _MINUTES).quantize(_FINEST, ROUND_DOWN, _EXACT)


def _parts_of(terms: Compensation) -> int:
    return _MINUTES if terms.base == "fault_fee" else 1


def _base_of(terms: Compensation, *found: Any) -> Decimal:
    """Give what a rate of credit is a rate of, in `_parts_of` its unit."""
    match terms.base:
        case "fault_fee":
            hourly_fee, minutes = found
            return _EXACT.multiply(hourly_fee, minutes)
        case "days_of_month":
            return Decimal(found[0])
        case "failed_calls" | "service_fee":
            return Decimal(found[0])


def _caps(facts: pl.DataFrame, terms: Compensation) -> Iterator[Decimal | None]:
    if terms.cap == "none":
        yield from (None for _ in range(facts.height))
    else:
        yield from map(Decimal, facts[terms.cap])
