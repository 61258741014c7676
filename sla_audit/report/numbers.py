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
