"""What the reports for people say: whole sentences with named places, the same in every format."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import polars as pl

from sla_audit.contract.model import Contract
from sla_audit.model.notice import Notice
from sla_audit.report.document import Report
from sla_audit.report.language import Words
from sla_audit.report.ledger.fields import LEDGER
from sla_audit.report.numbers import percent
from sla_audit.report.sums import Sum, sum_of
from sla_audit.sentence import to_say

REASONS = {
    "cycle_running": to_say("month still running"),
    "no_logs": to_say("no logs of the month"),
    "calls_not_logged": to_say("calls billed, none in the logs"),
    "partial_cycle": to_say("not in service for the whole month"),
    "no_requests": to_say("nothing counted"),
    "few_requests": to_say("too few requests to be judged"),
    "objective_met": to_say("objective met"),
    "free_plan": to_say("free plan"),
    "account_unknown": to_say("not in accounts file"),
    "billing_missing": to_say("no row in the billing file"),
    "nothing_paid": to_say("nothing paid in cash"),
    "nothing_bought": to_say("no calls bought"),
    "no_fee": to_say("no fee billed"),
    "not_above_least": to_say("not above the least that is paid"),
    "below_objective": to_say("below objective"),
    "in_a_tier": to_say("in a tier of compensation"),
}
DECISIONS = {"owed": to_say("owed"), "not_owed": to_say("not owed"), "undetermined": to_say("undetermined")}
EXCLUSION_STATES = {
    ("applied", None): to_say("applied"),
    ("refused", "not_announced"): to_say("refused: not announced before it began"),
    ("refused", "announced_late"): to_say("refused: announced no earlier than it began"),
}
CALENDARS = {
    "official": to_say("official"),
    "provisional": to_say("provisional"),
    "supplied": to_say("supplied"),
}
PLANS = {"paid": to_say("paid"), "free": to_say("free")}
PLACES = {
    "counted": to_say("counted"),
    "outside_cycle": to_say("outside service dates"),
    "outside_period": to_say("in months not asked for"),
    "other_service": to_say("of other services"),
    "duplicate": to_say("duplicate"),
    "rejected": to_say("unreadable"),
    "unattributed": to_say("without an account, and in no rate"),
}
LATER_PLACES = ("unattributed",)
"""Places that reports of earlier versions do not have."""
_CLAIM = ("cycle", "opens_on", "closes_on", "calendar")


def reasons_of(contract: Contract) -> Iterator[str]:
    """Give the reasons that results under an agreement can have, under some reading."""
    agreements = [contract, *map(contract.under, contract.readings)]
    facts = [each.compensation.facts for each in agreements]
    of_some = {
        "nothing_bought": any("calls_bought" in asked and "cash_paid" not in asked for asked in facts),
        "no_fee": any(asked and not {"cash_paid", "calls_bought"} & {*asked} for asked in facts),
        "partial_cycle": any(each.cycle.partial == "not_judged" for each in agreements),
        "few_requests": contract.unit.least_requests > 0,
        "not_above_least": any(each.compensation.more_than > 0 for each in agreements),
        "in_a_tier": any(each.compensation.owed_when == "in_a_tier" for each in agreements),
    }
    yield from (reason for reason in REASONS if of_some.get(reason, True))


def is_without_logs(report: Report) -> bool:
    """Tell whether nothing can be judged, for want of logs or of an account in service."""
    return (report.results["reason"] == "no_logs").all()  # so it is where there is no result


def without_logs(report: Report, words: Words) -> str | None:
    """Say that nothing can be judged, and for want of what; None where something can."""
    if not is_without_logs(report):
        return None
    empty = [month["cycle"] for month in report.head.get("months", []) if not month["rows"]]
    if empty:
        return words.say("Nothing can be judged: the logs have no row of {cycles}.", cycles=words.listed(empty))
    if report.head["rows"]["outside_cycle"]:
        return words.of("Nothing can be judged: no account is in service.")
    return words.of("Nothing can be judged: the logs have no row of the service.")


def basis(report: Report, contract: Contract, words: Words) -> str:
    """Say by which agreement, under which reading and on what day it was judged."""
    return words.say(
        "{title}, {reading} reading, as of {as_of}",
        title=words.title(contract.title),
        reading=words.of(report.head["reading"]),
        as_of=report.head["as_of"],
    )


def undetermined_count(report: Report) -> int:
    """Count the results of cycles that are over of which it cannot be told what is owed."""
    return _undetermined(report).height


def undetermined_reasons(report: Report, words: Words, *, running: bool = False) -> str:
    """Say why these results are undetermined, the most frequent reason first; nothing where none is.

    With `running`, those of cycles that are not over count too. A reason of all of them needs no number.
    """
    results = report.results.filter(pl.col("decision") == "undetermined") if running else _undetermined(report)
    reasons = results["reason"].value_counts()
    if reasons.height == 1:
        return words.of(REASONS[reasons["reason"].item()])
    ordered = reasons.sort("count", "reason", descending=[True, False]).iter_rows()
    return words.listed(
        words.say("{number:,}: {reason}", number=number, reason=words.of(REASONS[reason])) for reason, number in ordered
    )


def _undetermined(report: Report) -> pl.DataFrame:
    return report.results.filter((pl.col("decision") == "undetermined") & (pl.col("reason") != "cycle_running"))


def unsure(calendar: str | None, words: Words) -> str:
    """Say beside a day of a claim window that it may be another one; nothing where it is sure."""
    return words.of(" (holidays provisional)") if calendar == "provisional" else ""


def has_ledger(report: Report) -> bool:
    """Tell whether a report was made with a ledger, which knows what was filed."""
    return LEDGER in report.head


def by_now(results: pl.DataFrame, reading: str) -> Sum:
    """Add up what results below the objective under a reading would be owed, had their running cycle ended.

    Where none runs, nothing of that is known, and it is no 0.
    """
    running = results.filter(pl.col(f"{reading}/reason") == "cycle_running")
    below = running.filter(pl.col(f"{reading}/credit_rate") != "0")
    return sum_of(below[f"{reading}/estimate"]) if running.height else Sum(None, 0)


def other_readings(report: Report, words: Words) -> Iterator[str]:
    """Say what the other readings give, and what a running cycle would come to under them, where it moves money."""
    totals, in_force = report.head["totals"], by_now(report.results, report.head["reading"])
    for name, other in totals["readings"].items():
        if name != report.head["reading"] and other["compensation"] != totals["compensation"]:
            said = to_say("Under the {reading} reading: {amount} {currency}.")
            if other["compensation"] is None:
                said = to_say("Under the {reading} reading: amount unknown.")
            elif other["undetermined"]:
                said = to_say("Under the {reading} reading: at least {amount} {currency}.")
            values = {"amount": words.owed(other["compensation"]), "currency": report.head["currency"]}
            yield words.say(said, reading=words.of(name), **values)
        estimate = by_now(report.results, name)
        if estimate != in_force and estimate.known is not None:
            said = to_say("Under the {reading} reading, {amount} {currency} would be owed if it ended today.")
            values = {"amount": estimate.in_words(words), "currency": report.head["currency"]}
            yield words.say(said, reading=words.of(name), **values)


def claim_windows(report: Report, contract: Contract, words: Words) -> Iterator[str]:
    """Say when claims can be filed, for every cycle in which something is owed."""
    owed = report.results.filter(pl.col("decision") == "owed").select(_CLAIM).unique().sort("cycle")
    for cycle, opens_on, closes_on, calendar in owed.iter_rows():
        said = to_say("Claims for {cycle}: from {opens_on} to {closes_on}, both inclusive (clause {clause}).")
        if calendar == "provisional":
            said = to_say(
                "Claims for {cycle}: from {opens_on} to {closes_on}, both inclusive (provisional calendar) "
                "(clause {clause})."
            )
        yield words.say(said, cycle=cycle, opens_on=opens_on, closes_on=closes_on, clause=contract.claim.clause)


def rows(report: Report, words: Words) -> str:
    """Say where every row of the logs went."""
    parts = [
        words.say("{number:,} {place}", number=number, place=place)
        for name, place, number in rows_by_place(report, words)
        if number or name == "counted"
    ]
    return words.say("Rows: {read:,} read = {parts}.", read=report.head["rows"]["read"], parts=" + ".join(parts))


def rows_by_place(report: Report, words: Words) -> Iterator[tuple[str, str, int]]:
    """Give each place of rows, what it is called, and how many are there."""
    for name, place in PLACES.items():
        yield name, words.of(place), report.head["rows"].get(name, 0)


def saved_by(exclusion: Mapping[str, Any], words: Words) -> str:
    """Say by how much an exclusion lowers what is owed; of some results that may not be known."""
    if exclusion["compensation_saved"] is None:
        return "?"
    amount = words.owed(exclusion["compensation_saved"])
    return words.say("at least {amount}", amount=amount) if exclusion.get("undetermined") else amount


def near_mark(near: int, words: Words) -> str:
    """Say what the mark `~` beside a rate means."""
    return words.count_of(
        near,
        "~ close to a tier boundary: at most {near:,} failure fewer or more leads to another tier.",
        "~ close to a tier boundary: at most {near:,} failures fewer or more lead to another tier.",
        near=near,
    )


def exclusion_state(exclusion: Mapping[str, Any], words: Words) -> str:
    """Say what became of an exclusion, an entry of `exclusions`."""
    return words.of(EXCLUSION_STATES[exclusion["state"], exclusion["reason"]])


def results_listed(count: int, listed: int, contract: Contract, words: Words) -> str:
    """Say how many of the results are listed, and why these."""
    return words.count_of(
        listed,
        "{listed:,} of {count:,} results is below the objective of {objective} % under some reading.",
        "{listed:,} of {count:,} results are below the objective of {objective} % under some reading.",
        listed=listed,
        count=count,
        objective=percent(str(contract.objective.success_rate)),
    )


def agreement(contract: Contract, words: Words) -> str:
    """Name the contract and its version."""
    said = to_say("Agreement: {id}, version {version}, sha256 {sha256}.")
    return words.say(said, **contract.identity)


def readings(report: Report, contract: Contract, words: Words) -> Iterator[str]:
    """Say what every reading takes for a failure, and which one is in force."""
    yield from name_of_failures(contract, words)
    for name, reading in contract.readings.items():
        said = to_say("The {name} reading (clause {clause}): a failure is {meaning}.")
        if name == report.head["reading"]:
            said = to_say("The {name} reading (clause {clause}), in force here: a failure is {meaning}.")
        yield words.say(said, name=words.of(name), clause=reading.clause, meaning=words.of(reading.meaning))


def name_of_failures(contract: Contract, words: Words) -> Iterator[str]:
    """Say in English what the provider's own English calls an explicit failure, where the contract file knows it."""
    if words.language == "en" and contract.failure_name is not None:
        yield f'The provider\'s English edition calls an explicit failure a "{contract.failure_name}".'


def days(contract: Contract, words: Words) -> str:
    """Say whose days and months are meant."""
    return words.say(
        "Days and months are those of {time_zone} (clause {clause}).",
        time_zone=words.of(contract.time_zone),
        clause=contract.objective.clause,
    )


def as_said(said: Sequence[Notice], words: Words) -> str | None:
    """Say what in a saved report follows from nothing else; None of one that was not saved."""
    if not said:
        return None
    parts = words.joined(each.told(words.of) for each in said)
    return words.say("From a saved report, judged again. As the report says, and not checked: {parts}.", parts=parts)
