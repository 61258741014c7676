"""The agreement at the end of the page, clause by clause in our own words, where every citation leads."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from html import escape
from typing import NamedTuple

from sla_audit.contract.model import Contract
from sla_audit.contract.terms.fields import Bilingual
from sla_audit.report.agreement import BASIS, closing, opening
from sla_audit.report.language import Words
from sla_audit.report.measuring import faults_of, measure_of
from sla_audit.report.numbers import percent
from sla_audit.report.owing import FORMS, credit_of, limit_of
from sla_audit.sentence import to_say

_CITATION = re.compile(r"(?<![\w.,-])[0-9]+(?:\.[0-9]+)+(?: \([0-9]+\))?(?![\w.,-]*[\w-])(?! ?%)")
_DAY = re.compile(r"(?<![\w-])[0-9]{4}-[0-9]{2}(?:-[0-9]{2})?(?![\w-])")
_NOT_A_NAME = re.compile(r"[^0-9A-Za-z.]+")


class ClauseText(NamedTuple):
    """A clause: its number, the element that a citation leads to, what is made of it, and its titles.

    Each title is there in the language of the page, and in the other one.
    """

    number: str
    anchor: str
    titles: tuple[tuple[str, str], ...]
    lines: tuple[str, ...]


def clause_texts(contract: Contract, words: Words) -> list[ClauseText]:
    """Give every clause that the agreement lists or the page cites, in order, and after its clause each cause."""
    numbers = {clause.number for clause in contract.clauses} | set(_terms(contract, words))
    clauses = [_clause(number, contract, words) for number in numbers]
    causes = [_text(words.cause_clause(cause.number), [_both(cause.title, words)], []) for cause in contract.causes]
    return sorted([*clauses, *causes], key=lambda each: _in_order(each.number))


def anchor(number: str) -> str:
    """Name the element of a clause; the script makes the same of a number (`links.js`)."""
    return "clause-" + _NOT_A_NAME.sub("-", number).strip("-")


def cited(text: str, anchors: Mapping[str, str]) -> str:
    """Write a sentence as markup in which the clauses that it cites are links.

    What looks like the number of a clause and is a percentage stays text.
    """
    parts: list[str] = []
    end = 0
    for found in _CITATION.finditer(text):
        if found[0] in anchors:
            parts += [kept_whole(text[end : found.start()]), f'<a href="#{anchors[found[0]]}">{found[0]}</a>']
            end = found.end()
    return "".join([*parts, kept_whole(text[end:])])


def kept_whole(text: str) -> str:
    """Write a sentence as markup in which no month or day is broken into two lines."""
    return _DAY.sub(r'<span class="whole">\g<0></span>', escape(text))


def _clause(number: str, contract: Contract, words: Words) -> ClauseText:
    parts = [clause for clause in contract.clauses if clause.number == number]
    made = [words.say("{basis}: {how}", basis=words.of(BASIS[each.basis]), how=words.of(each.how)) for each in parts]
    titles = dict.fromkeys(_both(each.title, words) for each in parts)
    return _text(number, list(titles), [*_terms(contract, words).get(number, []), *dict.fromkeys(made)])


def _text(number: str, titles: list[tuple[str, str]], lines: list[str]) -> ClauseText:
    return ClauseText(number, anchor(number), tuple(titles), tuple(lines))


def _both(title: Bilingual, words: Words) -> tuple[str, str]:
    return words.title(title), title.en if words.language == "zh" else title.zh


def _terms(contract: Contract, words: Words) -> dict[str, list[str]]:
    """Say what the agreement has in figures, by clause."""
    terms: dict[str, list[str]] = {}
    for clause, said in _each_term(contract, words):
        terms.setdefault(clause, []).append(said)
    return terms


def _each_term(contract: Contract, words: Words) -> Iterator[tuple[str, str]]:
    objective, compensation, claim = contract.objective, contract.compensation, contract.claim
    said = to_say("The success rate is to be at least {objective} % in each service cycle.")
    if objective.strict:
        said = to_say("The success rate is to be more than {objective} % in each service cycle.")
    yield objective.clause, words.say(said, objective=percent(str(objective.success_rate)))
    if contract.measure is not None:
        parts = [
            words.say("It is {measured}", measured=measure_of(contract, words)),
            *faults_of(contract.measure, words),
        ]
        yield contract.measure.clause, words.say("{said}.", said=words.joined(parts))
    for name, reading in contract.readings.items():
        said = to_say("Under the {reading} reading, a failure is {meaning}.")
        yield reading.clause, words.say(said, reading=words.of(name), meaning=words.of(reading.meaning))
    yield from ((compensation.clause, said) for said in _owed(contract, words))
    said = to_say("Claims are taken from {opening} to {closing}, both inclusive.")
    yield claim.clause, words.say(said, opening=opening(claim, words), closing=closing(claim, words))


def _owed(contract: Contract, words: Words) -> Iterator[str]:
    terms = contract.compensation
    for tier in terms.tiers:
        rates = {"least": percent(str(tier.from_)), "below": percent(str(tier.below)), "rate": percent(str(tier.rate))}
        if terms.base == "service_fee":
            yield words.say("From {least} % to below {below} %: {rate} % of the service fee.", **rates)
        else:
            credit = credit_of(f"{tier.rate:f}", terms, words)
            yield words.say("From {least} % to below {below} %: {credit}.", **rates, credit=credit)
    said = {"quantum": terms.quantum, "currency": contract.unit_owed}
    if terms.cap == "cash_paid" and terms.paid_as == "voucher":
        text = to_say("At most the cash paid; as a {paid_as}; rounded once, half up, to {quantum} {currency}.")
        yield words.say(text, paid_as=words.of(terms.paid_as), **said)
    else:
        text = to_say("{cap}; {form}; rounded once, half up, to {quantum} {currency}.")
        yield words.say(text, cap=limit_of(terms, words), form=words.of(FORMS[terms.paid_as]), **said)


def _in_order(number: str) -> list[tuple[int, str]]:
    """Order numbers of clauses as readers do: 2.9 before 2.10, a cause after its clause."""
    return [(int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"[^0-9A-Za-z]+", number) if part]
