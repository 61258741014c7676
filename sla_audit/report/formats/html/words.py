"""What the page's script says, in whole sentences with named places."""

from __future__ import annotations

from typing import Any

from sla_audit.contract.model import Contract
from sla_audit.report.document import Report
from sla_audit.report.language import Words
from sla_audit.report.measuring import measure_of, promised
from sla_audit.report.owing import credit_of, figure_of
from sla_audit.report.schema import of_some
from sla_audit.report.sentences import DECISIONS, REASONS
from sla_audit.sentence import to_say

WORDS = {
    "open": to_say("Show how {account}, {cycle}, came to its amount"),
    "shown": to_say("{from} to {to} of {count} results"),
    "none": to_say("No results match this filter."),
    "unknown": to_say("not known"),
    "clause": to_say("Clause"),
    "waterfall": to_say("From requests to amount"),
    "step": to_say("Step"),
    "figure": to_say("Figure"),
    "share": to_say("Share of all requests"),
    "requests": to_say("Requests in the cycle, {from} to {to}"),
    "excluded": to_say("Excluded: {cause}"),
    "counted": to_say("Counted"),
    "answered": to_say("Successes"),
    "failed": to_say("Explicit failures under the {reading} reading"),
    "failed_with": to_say("Explicit failures under the {reading} reading: {statuses}"),
    "silent": to_say("{status}, no answer from the service"),
    "no_status": to_say("no status"),
    "between": to_say("; "),
    "untold": to_say("no status, or one that the tally does not tell"),
    "rate": to_say("Success rate: {kept} of {counted}, cut and not rounded. The objective is {objective} %."),
    "no_rate": to_say("Success rate: nothing was counted"),
    "met": to_say("Share of the monthly service fee: the objective is met"),
    "tier": to_say("Share of the monthly service fee at this rate"),
    "owed": to_say("Owed, paid {form}: {why}"),
    "not_owed": to_say("Nothing is owed: {why}"),
    "undetermined": to_say("Amount unknown: {why}"),
    "claim": to_say("Claim it from {opens_on} to {closes_on}, both inclusive"),
    "otherwise_uncounted": to_say("Under the {reading} reading: nothing was counted"),
    "otherwise": to_say("Under the {reading} reading: {failed} explicit failures, {rate} %, {credit}, {decision}"),
    "fewer": to_say("With {count} failures fewer: {credit}"),
    "fewer_one": to_say("With {count} failure fewer: {credit}"),
    "more": to_say("With {count} failures more: {credit}"),
    "more_one": to_say("With {count} failure more: {credit}"),
    "until": to_say("With {count} failures more, the objective would be missed: {credit}"),
    "until_one": to_say("With {count} failure more, the objective would be missed: {credit}"),
    "days": to_say("Day by day"),
    "day": to_say("Day"),
    "days_answered": to_say("Successes"),
    "days_failed": to_say("Explicit failures"),
    "days_excluded": to_say("Excluded"),
    "days_chart": to_say("{failed} explicit failures on {days} days; most on {worst}: {most}."),
    "days_table": to_say("The days as a table"),
    "no_failures": to_say("No explicit failure on any day."),
    "ex_title": to_say("Exclusions of this time and account"),
    "ex_none": to_say("No exclusion is of this time and account."),
    "ex_more": to_say("Exclusions not listed here: {count}."),
    "ex_id": to_say("Exclusion"),
    "ex_cause": to_say("Cause and clause"),
    "ex_state": to_say("State"),
    "ex_window": to_say("Window"),
    "ex_notice": to_say("Announced"),
    "ex_here": to_say("Left out here"),
    "ex_without": to_say("Without it"),
    "ex_all": to_say("In all accounts, more"),
    "ex_refused": to_say("It counts for nothing; what it would change, explain tells."),
    "ex_same": to_say("nothing changes"),
    "ex_same_owed": to_say("{rate} %, {credit}, the same amount"),
    "ex_otherwise": to_say("{rate} %, {credit}: {owed}"),
    "ex_not_told": to_say("not told here; explain does"),
    "copy_figures": to_say("Copy the figures"),
    "copy_link": to_say("Copy the address"),
    "copy_rows": to_say("Copy the command that lists the rows"),
    "copy_explain": to_say("Copy the command that explains it"),
    "copied": to_say("Copied."),
    "total": to_say("All {count} results"),
    "total_one": to_say("{count} result"),
    "total_unknown": to_say("not known of {count}"),
    "at_least": to_say("at least {amount}"),
}

_OF_OTHERS = {
    "met": to_say("Rate of compensation: the objective is met"),
    "tier": to_say("Rate of compensation at this success rate"),
}
"""What is said otherwise where no share of the service fee is owed."""

COLUMNS = (
    ("account", to_say("Account"), "name"),
    ("cycle", to_say("Cycle"), "cycle"),
    ("requests", to_say("Requests"), "n more"),
    ("excluded", to_say("Excluded"), "n more"),
    ("counted", to_say("Counted"), "n more"),
    ("explicit_failure", to_say("Failures"), "n more"),
    ("success_rate", to_say("Rate, %"), "n"),
    ("compensation", to_say("Owed, {currency}"), "n"),
)
"""The columns of the table: which, how they are headed, and of what kind they are."""

OWED_CHART = to_say("What the accounts are owed. {amounts}.")


_BILLED = {
    "service_fee": to_say("Monthly service fee"),
    "cash_paid": to_say("Paid in cash, which compensation never exceeds"),
    "calls_bought": to_say("Calls bought, which compensation never exceeds"),
    "hourly_fee": to_say("Average fee of an hour before the fault"),
    "fault_minutes": to_say("Minutes of faults that count"),
}


def words_of_script(contract: Contract, words: Words) -> dict[str, Any]:
    """Give the sentences of the script, whose places it fills itself."""
    said = WORDS | (_OF_OTHERS if contract.compensation.base != "service_fee" else {})
    return {
        "decisions": list(map(words.of, DECISIONS.values())),
        "reasons": list(map(words.of, REASONS.values())),
        **{name: words.of(text) for name, text in said.items()},
        "rate": _rate(contract, words),
    }


def _rate(contract: Contract, words: Words) -> str:
    """Say what the rate of a result is; the script fills in what it was counted from, where that gives the rate."""
    strict = contract.objective.strict
    if contract.measure is None:
        over = to_say("Success rate: {kept} of {counted}, cut and not rounded. More than {objective} % is promised.")
        return words.of(over if strict else WORDS["rate"])
    said = to_say("Success rate: {measured}, cut and not rounded. The promise is {promised}.")
    return words.say(said, measured=measure_of(contract, words), promised=promised(contract.objective, words))


def bill(report: Report, contract: Contract, words: Words) -> list[tuple[str, str]]:
    """Name the columns of a bill that the agreement asks for, each with what it is."""
    shown = {*contract.facts, *(column.name for column in of_some(report.results.columns))}
    return [(name, words.of(text)) for name, text in _BILLED.items() if name in shown]


def credits_of(report: Report, contract: Contract, words: Words) -> dict[str, tuple[str, str]]:
    """Write each rate of credit, by its text in a report, alone and with what it is a rate of."""
    terms = [contract.under(report.head["reading"]).compensation]
    terms += [contract.under(name).compensation for name in report.readings]
    said = [name for name in report.results.columns if name.endswith("credit_rate")]
    found = {rate for name in said for rate in report.results[name].unique() if rate is not None}
    rates = [(rate, terms[0]) for rate in sorted({"0", *found})]
    rates += [(f"{tier.rate:f}", each) for each in reversed(terms) for tier in each.tiers]
    return {rate: (figure_of(rate, each), credit_of(rate, each, words)) for rate, each in rates}
