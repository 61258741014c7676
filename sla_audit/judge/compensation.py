"""The amount owed: a share of the fee, capped at the cash paid, rounded once (clause 2.10.1)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal

from sla_audit.contract.model import Compensation

_EXACT = Context(prec=60)


@dataclass(frozen=True)
class Award:
    """An amount in the contract's currency, and whether the cash paid limited it."""

    amount: Decimal
    capped: bool


def award(service_fee: Decimal, cash_paid: Decimal, rate: Decimal, terms: Compensation) -> Award:
    """Compute `min(service_fee * rate, cash_paid)`, rounded half up to the contract's quantum."""
    share = _EXACT.multiply(service_fee, rate)
    amount = min(share, cash_paid).quantize(terms.quantum, ROUND_HALF_UP, _EXACT)
    return Award(amount, capped=cash_paid < share)
