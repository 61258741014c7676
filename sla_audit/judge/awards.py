"""The amounts of all results: what is owed, what would be by what is known now, and what would be in another tier.

Money is exact `Decimal` arithmetic (see `compensation`), on the rows that it takes.
"""

from __future__ import annotations

from decimal import Decimal

import polars as pl

from sla_audit.contract.model import Contract
from sla_audit.judge.compensation import award

_OWED, _NOT_OWED = "owed", "not_owed"


def with_awards(verdicts: pl.DataFrame, contract: Contract) -> pl.DataFrame:
    """Add `compensation` and `capped`, `estimate`, `fewer_compensation` and `more_compensation`.

    Reads `decision` and `provisional` (see `decisions.decide`), `tier`, `fewer_tier` and `more_tier`, `plan`,
    `service_fee` and `cash_paid`. The amounts are null where they cannot be told, and `estimate` where something was
    decided.
    """
    undecided = pl.when(pl.col("decision") == "undetermined").then("provisional")
    owed = _amounts(verdicts, "decision", "tier", contract)
    estimate = _amounts(verdicts.with_columns(provisional=undecided), "provisional", "tier", contract)
    at_edges = {
        f"{edge}_compensation": _amounts(
            verdicts.with_columns(payable=_payable(f"{edge}_tier", contract)), "payable", f"{edge}_tier", contract
        )["amount"]
        for edge in ("fewer", "more")
    }
    return verdicts.with_columns(
        compensation=owed["amount"],
        capped=owed["capped"].fill_null(value=False),
        estimate=estimate["amount"],
        **at_edges,
    )


def _payable(tier: str, contract: Contract) -> pl.Expr:
    """Tell whether an amount is owed in a tier; null where that cannot be told."""
    nothing = (pl.col(tier) < 0) | pl.col("plan").is_in(list(contract.compensation.uncompensated_plans))
    known = pl.col(tier).is_not_null() & pl.col("service_fee").is_not_null()
    return (
        pl.when(pl.col(tier).is_null()).then(None).when(nothing).then(pl.lit(_NOT_OWED)).when(known).then(pl.lit(_OWED))
    )


def _amounts(rows: pl.DataFrame, decided: str, tier: str, contract: Contract) -> pl.DataFrame:
    """Give `amount` and `capped`, row for row: of what is owed an award, 0 of what is not, else null."""
    terms = contract.compensation
    places = max(0, -int(terms.quantum.as_tuple().exponent))
    money = pl.Decimal(38, places)
    numbered = rows.select(decided, "service_fee", "cash_paid", tier).with_row_index("row")
    owed = numbered.filter(pl.col(decided) == _OWED).select("row", "service_fee", "cash_paid", tier)
    awards = [award(fee, cash, terms.tiers[at].rate, terms) for _, fee, cash, at in owed.iter_rows()]
    amounts = owed.select("row").with_columns(
        pl.Series("amount", [each.amount for each in awards], money),
        pl.Series("capped", [each.capped for each in awards], pl.Boolean),
    )
    return numbered.join(amounts, on="row", how="left", maintain_order="left").select(
        pl.when(pl.col(decided) == _NOT_OWED).then(pl.lit(Decimal(0), money)).otherwise("amount").alias("amount"),
        "capped",
    )
