"""What the page's script says, in whole sentences with named places."""

from __future__ import annotations

from typing import Any

from sla_audit.report.language import Words
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
    "fee": to_say("Monthly service fee"),
    "cash": to_say("Paid in cash, which compensation never exceeds"),
    "owed": to_say("Owed, paid as a {paid_as}: {why}"),
    "not_owed": to_say("Nothing is owed: {why}"),
    "undetermined": to_say("Amount unknown: {why}"),
    "claim": to_say("Claim it from {opens_on} to {closes_on}, both inclusive"),
    "otherwise_uncounted": to_say("Under the {reading} reading: nothing was counted"),
    "otherwise": to_say(
        "Under the {reading} reading: {failed} explicit failures, {rate} %, {credit} % of the fee, {decision}"
    ),
    "fewer": to_say("With {count} failures fewer: {credit} % of the fee"),
    "fewer_one": to_say("With {count} failure fewer: {credit} % of the fee"),
    "more": to_say("With {count} failures more: {credit} % of the fee"),
    "more_one": to_say("With {count} failure more: {credit} % of the fee"),
    "until": to_say("With {count} failures more, the objective would be missed: {credit} % of the fee"),
    "until_one": to_say("With {count} failure more, the objective would be missed: {credit} % of the fee"),
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
    "ex_same_owed": to_say("{rate} %, {credit} % of the fee, the same amount"),
    "ex_otherwise": to_say("{rate} %, {credit} % of the fee: {owed}"),
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


def words_of_script(words: Words) -> dict[str, Any]:
    """Give the sentences of the script, whose places it fills itself."""
    return {
        "decisions": list(map(words.of, DECISIONS.values())),
        "reasons": list(map(words.of, REASONS.values())),
        **{name: words.of(text) for name, text in WORDS.items()},
    }
