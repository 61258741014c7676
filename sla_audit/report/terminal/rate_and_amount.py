"""From the counts of an explanation to its amount: the rate, its tier, what this is a rate of, and what limits it."""

from __future__ import annotations

from collections.abc import Iterator

from sla_audit.contract.model import Contract
from sla_audit.contract.terms.compensation import Compensation
from sla_audit.report.explanation import Explanation, NearestTier
from sla_audit.report.language import Words
from sla_audit.report.measuring import faults_of, measure_of, promised
from sla_audit.report.numbers import money, percent, rate_percent
from sla_audit.report.owing import cap_of, credit_of, figure_of, product_of
from sla_audit.report.sentences import REASONS
from sla_audit.sentence import to_say


def rate_and_amount(explained: Explanation, contract: Contract, words: Words) -> Iterator[tuple[str, str, str]]:
    """Give each step as a figure, what it is, and its clause; the contract is as the reading in force reads it."""
    verdict, objective, terms = explained.verdict, contract.objective, contract.compensation
    if verdict.success_rate is None:
        yield words.of("no rate"), words.of("nothing was counted"), objective.clause
        return
    yield f"{rate_percent(verdict.success_rate)} %", _rate(explained, contract, words), objective.clause
    yield from _measured(explained, contract, words)
    credit, of_fee = figure_of(verdict.credit_rate, terms), terms.base == "service_fee"
    if explained.tier_from is None:
        met = to_say("of the fee: the objective is met") if of_fee else to_say("nothing: the objective is met")
        yield credit, words.of(met), terms.clause
    else:
        said = to_say("{credit}, for a rate from {least} % to below {below} %")
        if of_fee:
            said = to_say("of the fee, for a rate from {least} % to below {below} %")
        said = words.say(
            said,
            credit=credit_of(verdict.credit_rate, terms, words),
            least=percent(explained.tier_from),
            below=percent(explained.tier_below),
        )
        yield credit, said, terms.clause
    if of_fee:
        yield from _edges(explained.fewer, explained.more, words)
    else:
        yield from _edges_of_others(explained, terms, words)
    if explained.share is not None and verdict.compensation is not None:
        yield words.owed(explained.share), f"= {_product(explained, terms, words)}", terms.clause
        yield words.owed(verdict.compensation), _amount(explained, terms, words), terms.clause


def _rate(explained: Explanation, contract: Contract, words: Words) -> str:
    """Say what the rate was made of, and what is promised."""
    objective = contract.objective
    if explained.kept is None or explained.total is None:
        said = to_say("= {measured}, cut and not rounded; the objective is {promised}")
        return words.say(said, measured=measure_of(contract, words), promised=promised(objective, words))
    said = to_say("= {kept:,} / {total:,}, cut and not rounded; the objective is {objective} %")
    if objective.strict:
        said = to_say("= {kept:,} / {total:,}, cut and not rounded; the objective is more than {objective} %")
    rate = percent(str(objective.success_rate))
    return words.say(said, kept=explained.kept, total=explained.total, objective=rate)


def _measured(explained: Explanation, contract: Contract, words: Words) -> Iterator[tuple[str, str, str]]:
    """Say how long faults were, and what is one, where these are measured."""
    if contract.measure is None or contract.measure.bad is None:
        return
    minutes = explained.fault_minutes
    if minutes is not None:
        said = words.count_of(minutes, "minute of faults that count", "minutes of faults that count")
        yield f"{minutes:,}", said, contract.measure.clause
    yield "", words.joined(faults_of(contract.measure, words)), contract.measure.clause


def _product(explained: Explanation, terms: Compensation, words: Words) -> str:
    verdict = explained.verdict
    if terms.base == "service_fee":
        return f"{money(explained.service_fee)} x {figure_of(verdict.credit_rate, terms)}"
    return product_of(explained.as_result, terms, words)


def _amount(explained: Explanation, terms: Compensation, words: Words) -> str:
    verdict = explained.verdict
    if verdict.decision != "owed":
        return words.say("owed: {reason}", reason=words.of(REASONS[verdict.reason]))
    if terms.cap == "none":
        return words.of("owed: rounded once, half up")
    below, at_cap = _LIMITS[terms.cap]
    return words.say(at_cap if verdict.capped else below, cash=cap_of(explained, terms))


_LIMITS = {
    "cash_paid": (
        to_say("owed: not above the cash paid, {cash}; rounded once, half up"),
        to_say("owed: capped at the cash paid, {cash}; rounded once, half up"),
    ),
    "service_fee": (
        to_say("owed: not above the monthly service fee, {cash}; rounded once, half up"),
        to_say("owed: capped at the monthly service fee, {cash}; rounded once, half up"),
    ),
    "calls_bought": (
        to_say("owed: not above the calls bought, {cash}; rounded once, half up"),
        to_say("owed: capped at the calls bought, {cash}; rounded once, half up"),
    ),
}


def _edges_of_others(explained: Explanation, terms: Compensation, words: Words) -> Iterator[tuple[str, str, str]]:
    """Say how far the edges of a tier are that is no share of the fee."""
    if explained.fewer is not None:
        said = words.count_of(
            explained.fewer.failures,
            "{credit}, with {failures:,} fewer failure",
            "{credit}, with {failures:,} fewer failures",
            failures=explained.fewer.failures,
            credit=credit_of(explained.fewer.credit_rate, terms, words),
        )
        yield figure_of(explained.fewer.credit_rate, terms), said, ""
    if explained.more is not None:
        said = words.count_of(
            explained.more.failures,
            "{credit}, with {failures:,} more failure",
            "{credit}, with {failures:,} more failures",
            failures=explained.more.failures,
            credit=credit_of(explained.more.credit_rate, terms, words),
        )
        yield figure_of(explained.more.credit_rate, terms), said, ""


def _edges(fewer: NearestTier | None, more: NearestTier | None, words: Words) -> Iterator[tuple[str, str, str]]:
    if fewer is not None:
        said = words.count_of(
            fewer.failures,
            "of the fee, with {failures:,} fewer failure",
            "of the fee, with {failures:,} fewer failures",
            failures=fewer.failures,
        )
        yield f"{percent(fewer.credit_rate)} %", said, ""
    if more is not None:
        said = words.count_of(
            more.failures,
            "of the fee, with {failures:,} more failure",
            "of the fee, with {failures:,} more failures",
            failures=more.failures,
        )
        yield f"{percent(more.credit_rate)} %", said, ""
