"""How figures are written for people: amounts and shares."""

from __future__ import annotations

from decimal import Decimal

from sla_audit.model.units import CALLS, DAYS


def percent(rate: str | None) -> str:
    """Write a share of one in percent, all its digits kept but trailing zeros."""
    return "-" if rate is None else f"{Decimal(rate).scaleb(2).normalize():f}"


def rate_percent(rate: str | None) -> str:
    """Write a success rate in percent with the four places that its six decimals leave."""
    return "-" if rate is None else f"{Decimal(rate).scaleb(2):.4f}"


def money(amount: str | Decimal | None) -> str:
    """Write an amount with thousands set apart."""
    return "-" if amount is None else f"{Decimal(amount):,}"


def owed(amount: str | Decimal | None, unit: str) -> str:
    """Write what is owed in its unit: money as `money` does, calls without decimals, days with one; none is lost."""
    if amount is None or unit not in {CALLS, DAYS}:
        return money(amount)
    exact = Decimal(amount).normalize()
    places = max(-int(exact.as_tuple().exponent), 1 if unit == DAYS else 0)
    return f"{exact:,.{places}f}"


def size(count: int) -> str:
    """Write a number of bytes in the unit that is near it, of which each is a thousand of the one before."""
    for unit, power in (("GB", 3), ("MB", 2), ("kB", 1)):
        if count >= 1000**power:
            number = Decimal(count) / 1000**power
            return f"{number:.1f} {unit}" if number < 10 else f"{number:,.0f} {unit}"
    return f"{count} B"
