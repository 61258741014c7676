"""The amounts of many results at once: exact `Decimal` arithmetic (see `compensation`), on those that are owed."""

from __future__ import annotations

from decimal import Decimal

import polars as pl

from sla_audit.contract.model import Contract
from sla_audit.judge.compensation import award


def awards(rows: pl.DataFrame, decision: pl.Expr, tier: str, contract: Contract) -> pl.DataFrame:
    """Give `amount` and `capped`, row for row: of what is `owed` an award, 0 of what is `not_owed`, else null.

    Reads `service_fee`, `cash_paid` and the position of a `tier`; `decision` is text.
    """
    terms = contract.compensation
    places = max(0, -int(terms.quantum.as_tuple().exponent))
    money = pl.Decimal(38, places)
    decided = rows.select(decision=decision)["decision"]
    owed = (decided == "owed").arg_true()
    facts = rows[owed].select("service_fee", "cash_paid", tier)
    found = [award(fee, cash, terms.tiers[at].rate, terms) for fee, cash, at in facts.iter_rows()]
    nothing = pl.select(amount=pl.when(decided == "not_owed").then(pl.lit(Decimal(0), money)))["amount"]
    return pl.DataFrame(
        {
            "amount": nothing.scatter(owed, pl.Series([each.amount for each in found], dtype=money)),
            "capped": pl.repeat(False, rows.height, eager=True).scatter(owed, [each.capped for each in found]),
        }
    )
