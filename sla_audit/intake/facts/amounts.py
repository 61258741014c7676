"""Amounts as facts files write them, and as an example in the config says that they do: exact, never as floats."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from unicodedata import normalize

import polars as pl

from sla_audit.errors import Problem
from sla_audit.sentence import Message, Sentence, in_series, to_say

STRICT_AMOUNT = r"^[0-9]{1,18}(\.[0-9]{1,6})?$"
_SAMPLE = re.compile("1([,.'\u2019 \u00a0\u202f]?)000([.,])00")
_NO_SAMPLE = to_say("expected one thousand as the file writes it, such as 1,000.00, 1.000,00, 1 000,00 or 1000,00")
_ALIKE = {
    " ": " \u00a0\u202f",
    "\u00a0": " \u00a0\u202f",
    "\u202f": " \u00a0\u202f",
    "'": "'\u2019",
    "\u2019": "'\u2019",
}
_NO_SIGN = re.compile(r"[\d.,'\u2019+()\s-]")
_CURRENCIES = {
    **dict.fromkeys(("元", "圆", "人民币", "cny", "rmb"), ("CNY",)),
    "¥": ("CNY", "JPY"),
    **dict.fromkeys(("$", "us$", "usd"), ("USD",)),
    **dict.fromkeys(("€", "eur"), ("EUR",)),
    **dict.fromkeys(("£", "gbp"), ("GBP",)),
    **dict.fromkeys(("hk$", "hkd"), ("HKD",)),
}
_FULL_WIDTH = {"¥": "\uffe5", "£": "\uffe1", "$": "\uff04"}


@dataclass(frozen=True)
class AmountForm:
    """What may stand between thousands (any of `grouping`), the `decimal` mark, and what may stand around an amount."""

    grouping: str = ""
    decimal: str = "."
    signs: tuple[str, ...] = ()
    strict: bool = True

    def amounts(self, column: pl.Expr) -> pl.Expr:
        """Write amounts the strict way; what is not written in this form stays as it is, or becomes null.

        Null where it would mean something else the strict way, as 1000.50 does where the decimal mark is a comma.
        """
        return self.numbers(self._without_signs(column))

    def numbers(self, column: pl.Expr) -> pl.Expr:
        """Do so with numbers that have no sign of a currency."""
        if self.strict:
            return column
        between, mark = f"[{re.escape(self.grouping)}]", re.escape(self.decimal)
        tail = f"({mark}[0-9]+)?$"
        grouped = f"^[0-9]{{1,3}}({between}[0-9]{{3}})+{tail}" if self.grouping else "^$"
        plain = column.str.replace_all(between, "") if self.grouping else column
        plain = plain.str.replace(self.decimal, ".", literal=True)
        in_this_form = column.str.contains(grouped) | column.str.contains(f"^[0-9]+{tail}")
        misread = column.str.contains(STRICT_AMOUNT)
        return pl.when(in_this_form).then(plain).when(~misread).then(column)

    def written(self, number: str) -> str:
        """Write a number, given the strict way, in this form: what a workbook has as a number is read as all else."""
        return number.replace(".", self.decimal)

    def _without_signs(self, column: pl.Expr) -> pl.Expr:
        if not self.signs:
            return column
        spellings = {each for sign in self.signs for each in (sign, _FULL_WIDTH.get(sign, sign))}
        sign = f"(?i:{'|'.join(sorted(map(re.escape, spellings), key=len, reverse=True))})"
        return column.str.replace(rf"^{sign}\s*", "").str.replace(rf"\s*{sign}$", "")


@lru_cache
def amount_form(sample: str | None, signs: Sequence[str]) -> AmountForm:
    """Read how numbers are written from an example, None for the strict way. Raises `ValueError`."""
    if sample is None:
        return AmountForm(signs=tuple(signs))
    found = _SAMPLE.fullmatch(sample)
    if found is None or found[1] == found[2]:
        raise ValueError(_NO_SAMPLE)
    return AmountForm(_ALIKE.get(found[1], found[1]), found[2], tuple(signs), strict=False)


def foreign_signs(signs: Sequence[str], currency: str, where: Message) -> Iterator[Problem]:
    """Say which signs are those of another currency than the contract's: amounts are never converted."""
    for sign in signs:
        currencies = _CURRENCIES.get(sign.lower(), (currency,))
        if currency not in currencies:
            what = Sentence(
                "currency_signs has {sign!r}, of {currencies}; amounts are in {currency}",
                sign=sign,
                currencies=in_series(currencies, to_say("{listed} or {value}")),
                currency=currency,
            )
            yield Problem(
                where, what, Sentence("Convert the amounts to {currency}, and remove the sign.", currency=currency)
            )


def currency_sign(written: str) -> str:
    """Take the sign of a currency. Raises `ValueError` for what could be a part of a number."""
    sign = normalize("NFKC", written)
    if _NO_SIGN.search(sign) or not sign:
        raise ValueError("expected the sign of a currency, such as ¥ or CNY")
    return sign
