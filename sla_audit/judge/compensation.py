"""The amount owed: a tier's rate times a base, at most a cap, rounded once (clause 2.10.1)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_HALF_UP, Context, Decimal

from sla_audit.contract.terms.compensation import Compensation

_EXACT = Context(prec=60)
_MINUTES = Decimal(60)  # of the hour that an hourly fee is for


@dataclass(frozen=True)
class Award:
    """An amount in what the contract owes, and whether the cap limited it."""

    amount: Decimal
    capped: bool


def fault_fee(hourly_fee: Decimal, minutes: int) -> Decimal:
    """Give the fee of so many minutes, so exactly that no rounding of it comes out otherwise."""
    return _EXACT.divide(_EXACT.multiply(hourly_fee, minutes), _MINUTES)


def award(base: Decimal, cap: Decimal | None, rate: Decimal, terms: Compensation) -> Award:
    """Compute `min(base * rate, cap)`, rounded half up to the contract's quantum; without a cap, all of it.

    A cap that is no whole number of quanta is cut to one, so that rounding cannot pass it.
    """
    share = _EXACT.multiply(base, rate)
    rounded = share.quantize(terms.quantum, ROUND_HALF_UP, _EXACT)
    if cap is None:
        return Award(rounded, capped=False)
    most = cap.quantize(terms.quantum, ROUND_DOWN, _EXACT)
    return Award(min(rounded, most), capped=cap < share or most < rounded)
