"""What the reports for people say: whole sentences with named places, the same in every format."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl

from sla_audit.contract.model import Contract
from sla_audit.report.document import Report
from sla_audit.report.figures import money, percent

REASONS = {
    "cycle_running": "cycle still running",
    "no_requests": "nothing counted",
    "objective_met": "objective met",
    "free_plan": "free plan",
    "account_unknown": "not in accounts file",
    "billing_missing": "no billing row",
    "nothing_paid": "nothing paid in cash",
    "below_objective": "below objective",
}
DECISIONS = {"owed": "owed", "not_owed": "not owed", "undetermined": "undetermined"}
EXCLUSION_STATES = {
    ("applied", None): "applied",
    ("refused", "not_announced"): "refused: not announced before it began",
}
PLACES = {
    "counted": "counted",
    "outside_cycle": "outside service dates",
    "outside_period": "in months not asked for",
    "other_service": "of other services",
    "duplicate": "duplicate",
    "rejected": "rejected",
}
_CLAIM = ("cycle", "opens_on", "closes_on", "calendar")


def headline(report: Report, contract: Contract) -> str:
    """Say what is owed, to how many, in what form, under which clause."""
    totals, terms, count = report.head["totals"], contract.compensation, report.results.height
    if totals["owed"]:
        said = _numbered(
            count,
            "Owed: {amount} {currency} for {owed:,} of {count:,} result, as a {paid_as} (clause {clause}).",
            "Owed: {amount} {currency} for {owed:,} of {count:,} results, as a {paid_as} (clause {clause}).",
        )
    elif totals["undetermined"]:
        known = "Nothing is known to be owed: {count:,} result."
        said = _numbered(count, known, "Nothing is known to be owed: {count:,} results.")
    else:
        said = _numbered(count, "Nothing is owed: {count:,} result.", "Nothing is owed: {count:,} results.")
    return said.format(
        amount=money(totals["compensation"]),
        currency=report.head["currency"],
        owed=totals["owed"],
        count=count,
        paid_as=terms.paid_as,
        clause=terms.clause,
    )


def basis(report: Report, contract: Contract) -> str:
    """Say by which agreement, under which reading and on what day it was judged."""
    said = "{title}, {reading} reading, as of {as_of}"
    return said.format(title=contract.title.en, reading=report.head["reading"], as_of=report.head["as_of"])


def undetermined(report: Report) -> str | None:
    """Say how many results are undetermined, by reason, the most frequent first; None where none is."""
    count = report.head["totals"]["undetermined"]
    if not count:
        return None
    reasons = report.results.filter(pl.col("decision") == "undetermined")["reason"].value_counts()
    ordered = reasons.sort("count", "reason", descending=[True, False]).iter_rows()
    why = ", ".join(f"{number:,} {REASONS[reason]}" for reason, number in ordered)
    return f"Undetermined: {count:,} ({why})."


def other_readings(report: Report) -> Iterator[str]:
    """Say what the other readings give, where it moves money."""
    totals = report.head["totals"]
    for name, other in totals["readings"].items():
        if name != report.head["reading"] and other["compensation"] != totals["compensation"]:
            said = "Under the {reading} reading: {amount} {currency}."
            amount = money(other["compensation"])
            yield said.format(reading=name, amount=amount, currency=report.head["currency"])


def claim_windows(report: Report, contract: Contract) -> Iterator[str]:
    """Say when claims can be filed, for every cycle in which something is owed."""
    owed = report.results.filter(pl.col("decision") == "owed").select(_CLAIM).unique().sort("cycle")
    for cycle, opens_on, closes_on, calendar in owed.iter_rows():
        said = "Claims for {cycle}: from {opens_on} to {closes_on}, both inclusive (clause {clause})."
        if calendar == "provisional":
            said = (
                "Claims for {cycle}: from {opens_on} to {closes_on}, both inclusive (provisional calendar) "
                "(clause {clause})."
            )
        yield said.format(cycle=cycle, opens_on=opens_on, closes_on=closes_on, clause=contract.claim.clause)


def rows(report: Report) -> str:
    """Say where every row of the logs went."""
    places = report.head["rows"]
    parts = [f"{places[name]:,} {words}" for name, words in PLACES.items() if places[name] or name == "counted"]
    return "Rows: {read:,} read = {parts}.".format(read=places["read"], parts=" + ".join(parts))


def why(result: Mapping[str, Any]) -> str:
    """Say why a result, a row of `Report.results`, got its amount."""
    if result["decision"] != "owed":
        return REASONS[result["reason"]]
    said = "{share} % of {fee}, cash cap" if result["capped"] else "{share} % of {fee}"
    return said.format(share=percent(result["credit_rate"]), fee=money(result["service_fee"]))


def differing(result: Mapping[str, Any], report: Report) -> Iterator[str]:
    """Say what the other readings give a result, where it moves money."""
    for name in report.readings:
        said = (result[f"{name}/decision"], result[f"{name}/compensation"])
        if name != report.head["reading"] and said != (result["decision"], result["compensation"]):
            yield f"{name}: {'undetermined' if said[1] is None else money(said[1])}"


def near_mark(near: int) -> str:
    """Say what the mark `~` beside a rate means."""
    return _numbered(
        near,
        "~ at most {near:,} failure fewer or more would earn another rate.",
        "~ at most {near:,} failures fewer or more would earn another rate.",
    ).format(near=near)


def exclusion_state(exclusion: Mapping[str, Any]) -> str:
    """Say what became of an exclusion, an entry of `exclusions`."""
    return EXCLUSION_STATES[exclusion["state"], exclusion["reason"]]


def results_listed(count: int, listed: int, contract: Contract) -> str:
    """Say how many of the results are listed, and why these."""
    said = _numbered(
        listed,
        "{listed:,} of {count:,} results is below the objective of {objective} % under some reading.",
        "{listed:,} of {count:,} results are below the objective of {objective} % under some reading.",
    )
    return said.format(listed=listed, count=count, objective=percent(str(contract.objective.success_rate)))


def agreement(contract: Contract) -> str:
    """Name the contract and its version."""
    said = "Agreement: {id}, version {version}, sha256 {sha256}."
    return said.format(id=contract.id, version=contract.version, sha256=contract.sha256)


def readings(report: Report, contract: Contract) -> Iterator[str]:
    """Say what every reading takes for a failure, and which one is in force."""
    for name, reading in contract.readings.items():
        said = "The {name} reading (clause {clause}): a failure is {meaning}."
        if name == report.head["reading"]:
            said = "The {name} reading (clause {clause}), in force here: a failure is {meaning}."
        yield said.format(name=name, clause=reading.clause, meaning=reading.meaning)


def days(contract: Contract) -> str:
    """Say whose days and months are meant."""
    said = "Days and months are those of {time_zone} (clause {clause})."
    return said.format(time_zone=contract.time_zone, clause=contract.objective.clause)


def cause_title(number: int, contract: Contract) -> str:
    """Give the title of a cause of exclusion; a contract may have forgotten it."""
    cause = contract.cause(number)
    return "" if cause is None else cause.title.en


def cause_clause(number: int) -> str:
    """Cite the clause of a cause of exclusion."""
    return f"2.7.1 ({number})"


def _numbered(count: int, one: str, many: str) -> str:
    return one if count == 1 else many
