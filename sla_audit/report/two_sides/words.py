"""What is said of two sides that are compared, to people: at a terminal and on a page alike."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from sla_audit.model.comparison import SIDES
from sla_audit.output.escape import for_terminal
from sla_audit.report.document import amount
from sla_audit.report.endings import how_it_ended
from sla_audit.report.language import Words
from sla_audit.report.two_sides.document import Compared
from sla_audit.sentence import to_say

COUNTED = ("success", "explicit_failure", "excluded")
"""The classes that are counted."""

CLASSES = {
    "success": to_say("success"),
    "explicit_failure": to_say("explicit failure"),
    "excluded": to_say("excluded"),
    "duplicate": to_say("a duplicate"),
    "outside_cycle": to_say("out of service"),
    "other_service": to_say("of another API"),
    "outside_period": to_say("of another month"),
}

KINDS = {
    "only_ours": to_say("only ours"),
    "only_theirs": to_say("only theirs"),
    "not_counted": to_say("not counted by one side"),
    "other_ending": to_say("another ending"),
    "other_class": to_say("judged otherwise"),
    "other_day": to_say("another day"),
}
"""How sides differ about a request, as `model.comparison.DIFFERENCES` has it."""

OF_FACTS = to_say("other facts: service, fee or cash paid")

_UNLISTED = {
    "ours": to_say(
        "Ours is a claim pack, which lists no plain answers: it counts them, so that a request which only theirs lists "
        "may be among them."
    ),
    "theirs": to_say(
        "Theirs is a claim pack, which lists no plain answers: it counts them, so that a request which only ours lists "
        "may be among them."
    ),
}


def outcome(compared: Compared, words: Words) -> str:
    """Say in a sentence what the comparison comes to."""
    found, difference = compared.comparison, compared.difference
    if found.agree:
        return words.of("Both sides agree.")
    if difference is None:
        return words.of("The sides differ; what that is worth is unknown.")
    if not difference and not found.differences.height:
        return words.of("Both sides count the same, but not on the same days.")
    if not difference:
        return words.of("The sides differ, and owe the same.")
    said = (
        to_say("Theirs is {amount} {currency} more.")
        if difference > 0
        else to_say("Theirs is {amount} {currency} less.")
    )
    return words.say(said, amount=words.owed(abs(difference)), currency=compared.currency)


def about(compared: Compared, words: Words) -> str:
    """Say which account and month are compared."""
    return words.say("{account}, cycle {cycle}", account=for_terminal(compared.account_id), cycle=compared.cycle)


def unlisted(compared: Compared, words: Words) -> list[str]:
    """Say of each side that does not list all requests what follows."""
    return [words.of(_UNLISTED[side]) for side in compared.comparison.unlisted]


def totals(compared: Compared, words: Words) -> Iterator[tuple[str, str, str, str]]:
    """Give for each class, and for the compensation, its name, what both sides have, and how much more theirs has."""
    ours, theirs = (side.row(0, named=True) for side in compared.comparison.by_class)
    for name in COUNTED:
        more = theirs[name] - ours[name]
        yield words.of(CLASSES[name]), f"{ours[name]:,}", f"{theirs[name]:,}", f"{more:+,}" if more else ""
    amounts = [words.owed(each) for each in compared.comparison.amounts]
    title = words.say("compensation, {currency}", currency=compared.currency)
    yield title, amounts[0], amounts[1], signed(compared.difference, words)


def what_differs(row: Mapping[str, Any], words: Words) -> str:
    """Say how the sides differ about some requests."""
    ours, theirs = (side_of(row, side, words) for side in SIDES)
    if row["difference"] == "only_ours":
        return words.say("only ours: {what}", what=ours)
    if row["difference"] == "only_theirs":
        return words.say("only theirs: {what}", what=theirs)
    if row["difference"] == "other_day":
        return words.say("on another day: {what}", what=theirs)
    return words.say("ours: {ours}; theirs: {theirs}", ours=ours, theirs=theirs)


def side_of(row: Mapping[str, Any], side: str, words: Words) -> str:
    """Say what one side has of some requests; nothing where it has none."""
    class_ = row[f"{side}_class"]
    parts = [how_it_ended(row[f"{side}_status"], row[f"{side}_no_answer"], words)] if class_ else []
    parts += [words.of(CLASSES[class_])] if class_ else []
    if row[f"{side}_exclusion"] is not None:
        parts.append(words.say("exclusion {id}", id=for_terminal(row[f"{side}_exclusion"])))
    elif row[f"{side}_clause"] is not None:
        parts.append(words.cause_clause(row[f"{side}_clause"]))
    return words.listed(parts)


def headings(words: Words) -> list[str]:
    """Name the classes that are counted."""
    return [words.of(CLASSES[name]) for name in COUNTED]


def of_a_day(row: Mapping[str, Any]) -> list[str]:
    """Give what each side counts on a day, once where it is the same."""
    pairs = ([row[f"{side}_{name}"] for side in SIDES] for name in COUNTED)
    return [f"{ours:,}" if ours == theirs else f"{ours:,} / {theirs:,}" for ours, theirs in pairs]


def signed(change: Decimal | None, words: Words) -> str:
    """Write an amount with its sign, `?` where it is not known."""
    if change is None:
        return "?"
    sign = "" if not change else "+" if change > 0 else "-"
    return sign + words.owed(amount(abs(change)))
