"""The language of a report for people: sentences are English in the code, and other languages are catalogues."""

from __future__ import annotations

import gettext
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from sla_audit.model.units import CALLS, DAYS
from sla_audit.report import numbers
from sla_audit.report.citations import cited
from sla_audit.report.quarters import of_quarters
from sla_audit.sentence import to_say

if TYPE_CHECKING:
    from decimal import Decimal

    from sla_audit.contract.model import Contract
    from sla_audit.contract.terms.clauses import Citations
    from sla_audit.contract.terms.fields import Bilingual

LANGUAGES = ("en", "zh")


@dataclass(frozen=True)
class Words:
    """What is said in one language. Figures, dates and what comes from logs and facts have one form in all.

    Amounts that are owed are in a `unit`: the code of a currency, or `calls` or `days`. Sentences cite the clauses of
    the first agreement, unless `citations` say otherwise. The catalogue says whether cycles are months or quarters.
    """

    language: str
    html_language: str
    catalogue: gettext.NullTranslations
    unit: str = ""
    citations: Citations | None = None

    def of_contract(self, contract: Contract) -> Words:
        """Give the same words for what a contract owes, with its own clauses and cycles."""
        return replace(self.of_cycles(contract), unit=contract.unit_owed, citations=contract.citations)

    def of_cycles(self, contract: Contract) -> Words:
        """Give the same words for the cycles of a contract."""
        return self if contract.cycle.length == "month" else replace(self, catalogue=of_quarters(self.catalogue))

    def cause_clause(self, number: int) -> str:
        """Cite the clause of a cause of exclusion."""
        return f"{'2.7.1' if self.citations is None else self.citations.causes} ({number})"

    def _cited(self, text: str) -> str:
        return text if self.citations is None else cited(text, self.citations)

    def owing(self, unit: str) -> Words:
        """Give the same words for what is owed in a unit."""
        return self if unit == self.unit else replace(self, unit=unit)

    def owed(self, amount: str | Decimal | None) -> str:
        """Write an amount that is owed, without its unit."""
        return numbers.owed(amount, self.unit)

    def heading(self, unit: str) -> str:
        """Name a unit by itself, as above a column: a currency is a code there, which every language has."""
        return self.of(UNITS[unit]) if unit in UNITS else unit

    def say(self, sentence: str, /, **values: Any) -> str:
        """Put values into the named places of a sentence."""
        return self._filled(self._cited(self.catalogue.gettext(sentence)), values)

    def count_of(self, count: int, one: str, many: str, /, **values: Any) -> str:
        """Put values into the form of a sentence that goes with a number."""
        return self._filled(self._cited(self.catalogue.ngettext(one, many, count)), values)

    def _filled(self, said: str, values: dict[str, Any]) -> str:
        """Put values into places. A currency after an amount is a word; by itself, as above a column, it is a code."""
        if "} {currency}" in said:
            one = values["currency"] == CALLS and "1" in {str(values.get(name)) for name in ("amount", "quantum")}
            values = values | {"currency": self.of(_ONE_CALL if one else values["currency"])}
        elif "{currency}" in said:
            values = values | {"currency": self.heading(values["currency"])}
        return said.format(**values)

    def of(self, text: str) -> str:
        """Give a word or sentence as it is, its places not filled; one that no catalogue has stays."""
        # The empty text of a catalogue is its head.
        return self._cited(self.catalogue.gettext(text)) if text else text

    def listed(self, parts: Iterable[str]) -> str:
        """Set parts of a list apart."""
        return self.of(to_say(", ")).join(parts)

    def joined(self, parts: Iterable[str]) -> str:
        """Set clauses of a sentence apart."""
        return self.of(to_say("; ")).join(parts)

    def title(self, title: Bilingual) -> str:
        """Choose the title that a contract file has in this language."""
        return title.zh if self.language == "zh" else title.en

    def cause_title(self, number: int, contract: Contract) -> str:
        """Give the title of a cause of exclusion; a contract may have forgotten it."""
        cause = contract.cause(number)
        return "" if cause is None else self.title(cause.title)


CURRENCIES = (to_say("CNY"),)
"""Currencies that a language has a word for."""
UNITS = {CALLS: to_say("calls"), DAYS: to_say("days")}
"""What is given back where it is not money."""
_ONE_CALL = to_say("call")


@cache
def words_of(language: str) -> Words:
    """Load the words of a language, one of `LANGUAGES`."""
    if language == "en":
        return ENGLISH
    catalogue = files("sla_audit.report").joinpath("locale", language, "LC_MESSAGES", "sla_audit.mo")
    with catalogue.open("rb") as file:
        return Words(language, {"zh": "zh-CN"}[language], gettext.GNUTranslations(file))


ENGLISH = Words("en", "en", gettext.NullTranslations())
