"""How figures are written for people: amounts and shares."""

from __future__ import annotations

from decimal import Decimal


def percent(rate: str | None) -> str:
    """Write a share of one in percent, all its digits kept but trailing zeros."""
    return "-" if rate is None else f"{Decimal(rate).scaleb(2).normalize():f}"


def rate_percent(rate: str | None) -> str:
    """Write a success rate in percent with the four places that its six decimals leave."""
    return "-" if rate is None else f"{Decimal(rate).scaleb(2):.4f}"


def money(amount: str | Decimal | None) -> str:
    """Write an amount with thousands set apart."""
    return "-" if amount is None else f"{Decimal(amount):,}"


def size(count: int) -> str:
    """Write a number of bytes in the unit that is near it, of which each is a thousand of the one before."""
    for unit, power in (("GB", 3), ("MB", 2), ("kB", 1)):
        if count >= 1000**power:
            number = Decimal(count) / 1000**power
            return f"{number:.1f} {unit}" if number < 10 else f"{number:,.0f} {unit}"
    return f"{count} B"
