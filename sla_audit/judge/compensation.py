"""The amount owed: a tier's rate times a base, at most a cap, rounded once (clause 2.10.1)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_DOWN, Context, Decimal

from sla_audit.contract.terms.compensation import Compensation

_EXACT = Context(prec=60)


@dataclass(frozen=True)
class Award:
    """An amount in what the contract owes, and whether the cap limited it."""

    amount: Decimal
    capped: bool


def award(base: Decimal, cap: Decimal | None, rate: Decimal, terms: Compensation, parts: int = 1) -> Award:
    """Compute `min(base * rate, cap)`, rounded half up to the contract's quantum; without a cap, all of it.

    The base is counted in so many `parts` of its unit: a fee by the hour, times minutes, is one of sixtieths. Nothing
    is divided before it is rounded. A cap that is no whole number of quanta is cut to one, so that rounding cannot
    pass it.
    """
    share, part = _EXACT.multiply(base, rate), _EXACT.multiply(terms.quantum, parts)
    quanta = _EXACT.divide_int(_EXACT.fma(share, 2, part), _EXACT.multiply(part, 2))
    rounded = _EXACT.multiply(quanta, terms.quantum)
    if cap is None:
        return Award(rounded, capped=False)
    most = cap.quantize(terms.quantum, ROUND_DOWN, _EXACT)
    return Award(min(rounded, most), capped=_EXACT.multiply(cap, parts) < share or most < rounded)
