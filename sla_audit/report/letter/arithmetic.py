"""From the counts of a claim to its amount, as a letter argues it: each step with its figure and its clause.

What is said of the first agreement's kind, a share of the month's fee by the share of requests, is in its own words;
what others promise, measure and owe is said as they do.
"""

from __future__ import annotations

from collections.abc import Iterator

from sla_audit.contract.model import Contract
from sla_audit.contract.terms.compensation import Compensation
from sla_audit.report.explanation import Explanation
from sla_audit.report.language import Words
from sla_audit.report.measuring import INTERVALS, faults_of
from sla_audit.report.numbers import money, percent, rate_percent
from sla_audit.report.owing import cap_of, credit_of, days_of, figure_of, owed_below, product_of
from sla_audit.sentence import to_say

Row = tuple[str, str, str]


def in_unit(amount: str | None, unit: str, words: Words) -> str:
    """Write an amount with its unit, be it money, calls or days."""
    return words.say("{amount} {currency}", amount=words.owing(unit).owed(amount), currency=unit)


def billed(explained: Explanation, contract: Contract, words: Words) -> Iterator[Row]:
    """Say what the amount follows from besides requests: bills, days, minutes of faults."""
    terms = contract.compensation
    fee = words.of("Monthly service fee" if contract.is_share_of_fee else to_say("Fee of the service for the cycle"))
    if terms.base == "days_of_month":
        yield words.of(to_say("Days of the month")), f"{days_of(explained.cycle)}", terms.clause
    if terms.base == "fault_fee":
        minutes = explained.fault_minutes or 0
        yield words.of(to_say("Minutes of faults that count")), f"{minutes:,}", _measured_by(contract)
        hourly = in_unit(explained.hourly_fee, contract.currency, words)
        yield words.of(to_say("Average fee of an hour before the fault")), hourly, terms.clause
    if "service_fee" in terms.facts:
        yield fee, in_unit(explained.service_fee, contract.currency, words), terms.clause
    if terms.cap == "cash_paid":
        cash = to_say("of which paid in cash, without vouchers")
        if "service_fee" not in terms.facts:
            cash = to_say("Paid in cash for the cycle, without vouchers")
        yield words.of(cash), in_unit(explained.cash_paid, contract.currency, words), terms.clause
    if terms.cap == "calls_bought":
        yield words.of(to_say("Calls bought in the month")), f"{explained.calls_bought or 0:,}", terms.clause


def arithmetic(explained: Explanation, contract: Contract, words: Words) -> Iterator[Row]:
    """Walk from the requests to the amount; the contract is as the reading in force reads it."""
    verdict, clause, terms = explained.verdict, contract.objective.clause, contract.compensation
    said = words.say(
        "Requests counted: {requests:,} - {left_out:,} excluded",
        requests=explained.requests,
        left_out=verdict.excluded,
    )
    yield said, f"{explained.requests - verdict.excluded:,}", clause
    rate = words.say("{share} %", share=rate_percent(verdict.success_rate))
    if contract.measure is None:
        yield _of_requests(explained, words), rate, clause
    else:
        yield _of_intervals(explained, contract, words), rate, _measured_by(contract)
    if terms.base == "service_fee":
        credit = words.say("{share} %", share=percent(verdict.credit_rate))
        product = words.say("{fee} x {credit}", fee=money(explained.service_fee), credit=credit)
    else:
        credit, product = figure_of(verdict.credit_rate, terms), product_of(explained.as_result, terms, words)
    yield _tier(explained, contract, words), credit, terms.clause
    yield product, in_unit(explained.share, explained.currency, words), terms.clause
    if terms.more_than:
        least = in_unit(f"{terms.more_than:f}", explained.currency, words)
        yield words.say("Amounts above {least} are owed, this one among them", least=least), "", terms.clause
    yield _limited(explained, terms, words), in_unit(verdict.compensation, explained.currency, words), terms.clause


def _measured_by(contract: Contract) -> str:
    return contract.objective.clause if contract.measure is None else contract.measure.clause


def _of_requests(explained: Explanation, words: Words) -> str:
    kept, total = explained.kept or 0, explained.total or 0  # which are known where requests make the rate
    return words.say(
        "Success rate: 1 - {failed:,} / {total:,} = {kept:,} / {total:,}, cut after four decimals, not rounded",
        failed=total - kept,
        total=total,
        kept=kept,
    )


def _of_intervals(explained: Explanation, contract: Contract, words: Words) -> str:
    """Say how the rate follows from the intervals."""
    measure = contract.measure
    assert measure is not None  # noqa: S101
    values = {
        "lost": explained.intervals_lost,
        "total": explained.intervals or 0,
        "interval": words.of(INTERVALS[measure.interval]),
    }
    if measure.bad is None:
        return words.say(
            "Availability: 1 - {lost} / {total:,}, cut after four decimals, not rounded: 1 less the mean of the "
            "failure rates of all {total:,} intervals of {interval} in the cycle, which add up to {lost}; intervals "
            "without a failed request have a rate of 0",
            **values,
        )
    said = words.say(
        "Availability: 1 - {lost} / {total:,}, cut after four decimals, not rounded: of {total:,} intervals of "
        "{interval} in the cycle, {lost} are of faults",
        **values,
    )
    return words.joined([said, *faults_of(measure, words)])


def _tier(explained: Explanation, contract: Contract, words: Words) -> str:
    """Say what the tier of the rate is a rate of, and which rates it holds."""
    said = to_say("{credit}, for a rate from {least} % to below {below} %")
    if contract.is_share_of_fee:
        said = to_say("Share of the monthly service fee, for a rate from {least} % to below {below} %")
    elif contract.measure is not None:
        said = to_say("{credit}, for an availability from {least} % to below {below} %")
    return words.say(
        said,
        credit=credit_of(explained.verdict.credit_rate, contract.compensation, words),
        least=percent(explained.tier_from),
        below=percent(explained.tier_below),
    )


_LIMITS = {
    "cash_paid": (
        to_say("Compensation claimed; not above the cash paid, {cash}, rounded once, half up"),
        to_say("Compensation claimed; capped at the cash paid, {cash}, rounded once, half up"),
    ),
    "service_fee": (
        to_say("Compensation claimed; not above the fee, {cash}, rounded once, half up"),
        to_say("Compensation claimed; capped at the fee, {cash}, rounded once, half up"),
    ),
    "calls_bought": (
        to_say("Compensation claimed; not above the calls bought, {cash}, rounded once, half up"),
        to_say("Compensation claimed; capped at the calls bought, {cash}, rounded once, half up"),
    ),
}


def _limited(explained: Explanation, terms: Compensation, words: Words) -> str:
    """Say what limits the amount, if anything does."""
    if terms.cap == "none":
        return words.of(to_say("Compensation claimed; rounded once, half up"))
    below, at_cap = _LIMITS[terms.cap]
    return words.say(at_cap if explained.verdict.capped else below, cash=cap_of(explained, terms))


def promise_of(explained: Explanation, contract: Contract, words: Words) -> str:
    """Say by which agreement the service is used, what its rate was, and what is promised, or owed below which rate."""
    values = {
        "title": words.title(contract.title),
        "version": contract.version,
        "account": explained.account_id,
        "first": explained.cycle_start,
        "last": explained.cycle_end,
        "rate": rate_percent(explained.verdict.success_rate),
        "objective_clause": contract.objective.clause,
        "objective": percent(str(contract.objective.success_rate)),
    }
    if contract.measure is None and contract.compensation.owed_when == "below_objective":
        said = to_say(
            'We use the service under the agreement "{title}" (edition {version}) with the account {account}. In the '
            "service cycle from {first} to {last} the success rate of its interface was {rate} %. Clause "
            "{objective_clause} promises no less than {objective} %."
        )
        if contract.objective.strict:
            said = to_say(
                'We use the service under the agreement "{title}" (edition {version}) with the account {account}. In '
                "the service cycle from {first} to {last} the success rate of its interface was {rate} %. Clause "
                "{objective_clause} promises more than {objective} %."
            )
        return words.say(said, **values)
    rate = to_say("the success rate of its interface")
    if contract.measure is not None:
        rate = to_say("its availability")
    return words.say(
        'We use the service under the agreement "{title}" (edition {version}) with the account {account}. In the '
        "service cycle from {first} to {last} {what} was {rate} %, by clause {clause}. {promise}",
        what=words.of(rate),
        clause=_measured_by(contract),
        promise=_promise(contract, words),
        **values,
    )


def _promise(contract: Contract, words: Words) -> str:
    """Say what is promised; where something is owed whatever that is, below which rate."""
    if contract.compensation.owed_when == "in_a_tier":
        below, clause = percent(str(owed_below(contract))), contract.compensation.clause
        return words.say("Clause {clause} compensates whatever is below {below} %.", clause=clause, below=below)
    promise = to_say("Clause {clause} promises no less than {objective} %.")
    if contract.objective.strict:
        promise = to_say("Clause {clause} promises more than {objective} %.")
    objective = percent(str(contract.objective.success_rate))
    return words.say(promise, clause=contract.objective.clause, objective=objective)
