"""Exact rates as text, of a length that a report can hold."""

from __future__ import annotations

from decimal import Decimal

PLACES = 60
"""So many decimals a rate is written with whose own numbers are longer: far more than any edge of a tier has."""
CUT = 10 ** (PLACES + 1)
"""What such a rate is over."""


def written(kept: int, total: int) -> tuple[str, str]:
    """Write `kept` of a `total` above 0, exactly; a longer one as a rate that lies between the same decimals.

    A mean of thousands of rates may have tens of thousands of digits. Of these it is written that it is more than its
    first 60 decimals, and less than the next: at every edge of a tier, and cut to fewer places, it is the same.
    """
    if total >= CUT:
        cut, rest = divmod(kept * 10**PLACES, total)
        kept, total = cut * 10 + (5 if rest else 0), CUT
    return f"{Decimal(kept):f}", f"{Decimal(total):f}"
