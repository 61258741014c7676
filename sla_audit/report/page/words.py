"""What the page's script says, in whole sentences with named places."""

from __future__ import annotations

from sla_audit.report.wording import DECISIONS, REASONS

WORDS = {
    "decisions": list(DECISIONS.values()),
    "reasons": list(REASONS.values()),
    "open": "Show how {account}, {cycle}, came to its amount",
    "shown": "{from} to {to} of {count} results",
    "none": "No result is so. Change the filter above.",
    "unknown": "not known",
    "clause": "Clause",
    "waterfall": "From requests to amount",
    "step": "Step",
    "figure": "Figure",
    "share": "Share of all requests",
    "requests": "Requests in the cycle, {from} to {to}",
    "excluded": "Left out: {cause}",
    "counted": "Counted",
    "answered": "Answered",
    "failed": "Explicit failures under the {reading} reading",
    "rate": "Success rate: {kept} of {counted}, cut and not rounded. The objective is {objective} %.",
    "no_rate": "Success rate: nothing was counted",
    "met": "Share of the service fee: the objective is met",
    "tier": "Share of the service fee at this rate",
    "fee": "Service fee of the month",
    "cash": "Paid in cash, which compensation never exceeds",
    "owed": "Owed, paid as a {paid_as}: {why}",
    "not_owed": "Nothing is owed: {why}",
    "undetermined": "It cannot be told what is owed: {why}",
    "claim": "Claim it from {opens_on} to {closes_on}, both inclusive",
    "otherwise": "Under the {reading} reading: {failed} explicit failures, {rate} %, {credit} % of the fee, {decision}",
    "edge": "Failures fewer or more, and another rate would be earned",
    "days": "Day by day",
    "day": "Day",
    "days_answered": "Answered",
    "days_failed": "Explicit failures",
    "days_excluded": "Excluded",
    "days_chart": "{failed} explicit failures on {days} days; most on {worst}: {most}.",
    "days_table": "The days as a table",
    "no_failures": "No explicit failure on any day.",
}

COLUMNS = (
    ("account", "Account", "name"),
    ("cycle", "Cycle", "cycle"),
    ("requests", "Requests", "n more"),
    ("excluded", "Excluded", "n more"),
    ("counted", "Counted", "n more"),
    ("explicit_failure", "Failed", "n more"),
    ("success_rate", "Rate, %", "n"),
    ("compensation", "Owed, {currency}", "n"),
)
"""The columns of the table: which, how they are headed, and of what kind they are."""

OWED_CHART = "What the accounts are owed. {amounts}."
