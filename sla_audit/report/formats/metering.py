"""Billed calls against logged ones, for people: who was billed for more, who for less, and what that is worth."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from sla_audit.contract.model import Contract
from sla_audit.report.document import Report
from sla_audit.report.language import Words
from sla_audit.report.numbers import money
from sla_audit.sentence import to_say

MOST_LISTED = 200
_STRETCHES = 3
_OVER = to_say("Billed for more than is logged: {results:,}, by {calls:,} calls together, worth {worth} {currency}.")
_UNDER = to_say("Billed for less than is logged: {results:,}, by {calls:,} calls together, worth {worth} {currency}.")
_FIGURES = (to_say("Billed"), to_say("Logged"), to_say("Difference"), to_say("Price of a call"))


def differing(report: Report) -> list[dict[str, Any]]:
    """Give the bills that differ, those worth most first; none of a report of a version that did not compare."""
    listed: list[dict[str, Any]] = _found(report).get("differing", [])
    return sorted(listed, key=_size, reverse=True)


def sentences(report: Report, contract: Contract, words: Words) -> Iterator[str]:
    """Say how many bills differ, and which days of a year the logs have."""
    found = _found(report)
    if found.get("compared"):
        yield from _compared(found, contract.currency, words)
    if found.get("logs_kept"):
        yield _kept(found["logs_kept"], report.head["as_of"], words)


def is_compared(report: Report) -> bool:
    """Tell whether some bill says how many calls it is for."""
    return bool(_found(report).get("compared"))


def _found(report: Report) -> Mapping[str, Any]:
    """Give what was found; reports of earlier versions have nothing, or null."""
    return report.head.get("metering") or {}


def _compared(found: Mapping[str, Any], currency: str, words: Words) -> Iterator[str]:
    yield words.count_of(
        found["compared"],
        "Metering: {compared:,} bill compared with the logs, tolerance {tolerance} (clause 2.9).",
        "Metering: {compared:,} bills compared with the logs, tolerance {tolerance} (clause 2.9).",
        compared=found["compared"],
        tolerance=found["tolerance"],
    )
    for side, said, priced in (
        ("over", to_say("Billed for more than is logged: {results:,}, by {calls:,} calls together."), _OVER),
        ("under", to_say("Billed for less than is logged: {results:,}, by {calls:,} calls together."), _UNDER),
    ):
        each = found[side]
        values = {name: each[name] for name in ("results", "calls")}
        if each["results"] > each["without_price"]:
            yield words.say(priced, worth=money(each["worth"]), currency=currency, **values)
        elif each["results"]:
            yield words.say(said, **values)


def titles(contract: Contract, words: Words) -> tuple[str, ...]:
    """Name the columns of a table of bills that differ; `>` marks those of figures."""
    return (
        words.of(to_say("Account")),
        words.of(to_say("Cycle")),
        *(f">{words.of(each)}" for each in _FIGURES),
        ">" + words.say("Worth, {currency}", currency=contract.currency),
    )


def worth(bill: Mapping[str, Any]) -> str:
    """Write what a difference is worth; nothing where no price is known."""
    return "" if bill["worth"] is None else money(bill["worth"])


def _kept(kept: Mapping[str, Any], as_of: str, words: Words) -> str:
    missing = [
        (date.fromisoformat(each["first_day"]), date.fromisoformat(each["last_day"])) for each in kept["missing"]
    ]
    if kept["first_day"] is None:
        return words.of("These logs have no day.")
    values = {"first": kept["first_day"], "last": kept["last_day"], "as_of": as_of}
    if not missing:
        said = to_say(
            "These logs are of {first} to {last}; no day of the twelve months before that of {as_of} is missing."
        )
        return words.say(said, **values)
    listed = [words.say("{first} to {end}", first=first, end=last) for first, last in missing[:_STRETCHES]]
    days = words.listed([*listed, *(["…"] if len(missing) > _STRETCHES else [])])
    count = sum((last - first).days + 1 for first, last in missing)
    return words.count_of(
        count,
        "These logs are of {first} to {last}; {count:,} day of the twelve months before that of {as_of} is missing: "
        "{days}.",
        "These logs are of {first} to {last}; {count:,} days of the twelve months before that of {as_of} are missing: "
        "{days}.",
        count=count,
        days=days,
        **values,
    )


def _size(bill: Mapping[str, Any]) -> tuple[float, int]:
    return abs(float(bill["worth"] or 0)), abs(bill["difference"])
