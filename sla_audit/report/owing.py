"""What an agreement owes, in words: the rate of a tier, what it is a rate of, and what limits it."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

from sla_audit.contract.model import Contract
from sla_audit.contract.terms.compensation import Compensation
from sla_audit.model.cycle_lengths import cycle_named
from sla_audit.model.units import CALLS
from sla_audit.report.language import Words
from sla_audit.report.measuring import measure_of
from sla_audit.report.numbers import money, owed, percent
from sla_audit.sentence import to_say

if TYPE_CHECKING:
    from sla_audit.report.explanation import Explanation

FORMS = {
    "voucher": to_say("as vouchers"),
    "cash": to_say("in cash"),
    "credit": to_say("as credit for later bills"),
    "calls": to_say("as calls given back"),
    "service_time": to_say("as time of service"),
}
"""What compensation of several accounts is paid as."""
AS_ONE = {"voucher": to_say("as a voucher")}
"""What that of a single one is paid as, where it is said otherwise."""
BASES = {
    "service_fee": to_say("the monthly service fee"),
    "failed_calls": to_say("the calls that failed"),
    "days_of_month": to_say("the days of the month"),
    "fault_fee": to_say("the fee of the minutes of faults"),
}
CAPS = {
    "cash_paid": to_say("at most the cash paid"),
    "service_fee": to_say("at most the monthly service fee"),
    "calls_bought": to_say("at most the calls bought"),
    "none": to_say("without a cap"),
}
_CAPPED = {
    "cash_paid": to_say("cash cap"),
    "service_fee": to_say("fee cap"),
    "calls_bought": to_say("cap: calls bought"),
}
_SHARES = {
    "service_fee": to_say("{rate} % of the fee"),
    "days_of_month": to_say("{rate} % of the days of the month"),
    "fault_fee": to_say("{rate} x the fee of the faults"),
}


def form_of(terms: Compensation) -> str:
    """Give the text that says as what a single amount is paid."""
    return AS_ONE.get(terms.paid_as, FORMS[terms.paid_as])


def figure_of(rate: str | None, terms: Compensation) -> str:
    """Write the rate of a tier: in percent, or how many times the base."""
    if rate is None:
        return "-"
    return f"{number_of(rate, terms)} %" if terms.is_share else f"x {number_of(rate, terms)}"


def credit_of(rate: str | None, terms: Compensation, words: Words) -> str:
    """Say what the rate of a tier is, and of what."""
    number = number_of(rate, terms)
    if terms.base == "failed_calls":
        return words.count_of(
            1 if number == "1" else 2,
            "{rate} call for each that failed",
            "{rate} calls for each that failed",
            rate=number,
        )
    return words.say(_SHARES[terms.base], rate=number)


def number_of(rate: str | None, terms: Compensation) -> str:
    """Write the rate of a tier without its sign: what stands before the percent, or how many times the base."""
    return percent(rate) if rate is None or terms.is_share else owed(rate, CALLS)


def limit_of(terms: Compensation, words: Words) -> str:
    """Say what caps what is owed."""
    return words.of(CAPS[terms.cap])


def cap_of(explained: Explanation, terms: Compensation) -> str:
    """Write what caps what is owed, of an explanation by terms that have a cap: money, or calls."""
    cap = getattr(explained, terms.cap)
    return owed(cap, CALLS) if terms.cap == "calls_bought" else money(cap)


def amount_of(result: Mapping[str, Any], terms: Compensation, words: Words) -> str:
    """Say of what an amount that is owed came: a row of `Report.results`."""
    said = product_of(result, terms, words)
    return words.say("{amount}, {cap}", amount=said, cap=words.of(_CAPPED[terms.cap])) if result["capped"] else said


def product_of(result: Mapping[str, Any], terms: Compensation, words: Words) -> str:
    """Write the rate of a result's tier times its base, before cap and rounding.

    The minutes of faults are not at hand where a report was made without them.
    """
    rate = number_of(result["credit_rate"], terms)
    if terms.base == "service_fee":
        return words.say("{share} % of {fee}", share=rate, fee=money(result["service_fee"]))
    if terms.base == "failed_calls":
        failed = result["explicit_failure"]
        return words.count_of(
            failed, "{times} x {failed:,} failed call", "{times} x {failed:,} failed calls", times=rate, failed=failed
        )
    if terms.base == "days_of_month":
        return words.say("{share} % of {days} days", share=rate, days=days_of(result["cycle"]))
    if result.get("fault_minutes") is None:
        return credit_of(result["credit_rate"], terms, words)
    minutes = result["fault_minutes"]
    return words.count_of(
        minutes,
        "{times} x the fee of {minutes:,} minute at {fee} an hour",
        "{times} x the fee of {minutes:,} minutes at {fee} an hour",
        times=rate,
        minutes=minutes,
        fee=money(result["hourly_fee"]),
    )


def days_of(cycle: str) -> int:
    """Count the days of a cycle."""
    return cycle_named(cycle).days


def how_owed(contract: Contract, reading: str, words: Words) -> str:
    """Say how results come to their rate and amount, with the clauses."""
    terms = contract.compensation
    return words.say(
        "One for each account and service cycle; at first, those with most at stake on top. The rate is {measured}, "
        "cut and never rounded up (clause {rate}); failures are by the reading in force (clause {failed}); what is "
        "owed is the rate of the tier times {base}, {cap} (clause {owed}).",
        measured=measure_of(contract, words),
        base=words.of(BASES[terms.base]),
        cap=limit_of(terms, words),
        rate=contract.objective.clause,
        failed=contract.readings[reading].clause,
        owed=terms.clause,
    )


class OwingTier(NamedTuple):
    """A tier in which something is owed: rates from `least` to below `below`."""

    least: Decimal
    below: Decimal
    rate: Decimal


def owed_below(contract: Contract) -> Decimal:
    """Give the rate from which on nothing is owed: the objective, or the end of the highest tier."""
    terms = contract.compensation
    return terms.tiers[0].below if terms.owed_when == "in_a_tier" else contract.objective.success_rate


def owing_tiers(contract: Contract) -> list[OwingTier]:
    """List the tiers that some rate is owed by, as far as they reach, from the best down."""
    top = owed_below(contract)
    return [
        OwingTier(tier.from_, min(tier.below, top), tier.rate)
        for tier in contract.compensation.tiers
        if tier.from_ < top or (contract.objective.strict and tier.from_ == top)
    ]
