"""The amount owed: a share of the fee, capped at the cash paid, rounded once (clause 2.10.1)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_HALF_UP, Context, Decimal

from sla_audit.contract.model import Compensation

_EXACT = Context(prec=60)


@dataclass(frozen=True)
class Award:
    """An amount in the contract's currency, and whether the cash paid limited it."""

    amount: Decimal
    capped: bool


def award(service_fee: Decimal, cash_paid: Decimal, rate: Decimal, terms: Compensation) -> Award:
    """Compute `min(service_fee * rate, cash_paid)`, rounded half up to the contract's quantum.

    Cash that is no whole number of quanta is cut to one, so that rounding cannot pass the cap.
    """
    share = _EXACT.multiply(service_fee, rate)
    rounded = share.quantize(terms.quantum, ROUND_HALF_UP, _EXACT)
    most = cash_paid.quantize(terms.quantum, ROUND_DOWN, _EXACT)
    return Award(min(rounded, most), capped=cash_paid < share or most < rounded)
