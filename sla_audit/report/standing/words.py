"""What a report says first, in every format for people: what can be claimed, and until when; then the rest."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, NamedTuple

from sla_audit.contract.model import Contract
from sla_audit.report import sentences
from sla_audit.report.document import Report
from sla_audit.report.language import Words, to_say
from sla_audit.report.standing.table import Running, Standing, running_of, standings_of
from sla_audit.report.sums import Sum

Tone = Literal["act", "good", "news", "warning", "past"]
"""How a line is to be taken: something can be claimed, nothing is owed, a month runs, a fact is wanted, it is over."""


class Line(NamedTuple):
    """A sentence, and how it is to be taken."""

    tone: Tone
    text: str


def headlines(report: Report, contract: Contract, words: Words) -> list[Line]:
    """Say what a report comes to, the most pressing first: the first line is its headline, and there is always one."""
    nothing_to_judge = sentences.without_logs(report, words)
    if nothing_to_judge is not None:
        return [Line("warning", nothing_to_judge)]
    standings = standings_of(report)
    owed = [_standing(each, report, contract, words) for each in standings if each.amount.known]
    running = [_running(each, report, words) for each in running_of(report)]
    unknown = list(_unknown(report, standings, words))
    if not owed and not unknown and not running:
        return [_nothing_owed(report, words)]
    first = [line for line in owed if line.tone == "act"]
    later = [line for line in owed if line.tone != "act"]
    lines = [*first, *([] if owed else unknown), *running, *later, *(unknown if owed else [])]
    if not owed and not unknown and _any_ended(report):
        lines.insert(0, _nothing_owed(report, words))
    return lines


def _any_ended(report: Report) -> bool:
    return bool((report.results["reason"] != "cycle_running").any())


def _nothing_owed(report: Report, words: Words) -> Line:
    ended = int((report.results["reason"] != "cycle_running").sum())
    said = words.count_of(
        ended, "Nothing is owed: {count:,} result.", "Nothing is owed: {count:,} results.", count=ended
    )
    return Line("good", said)


def _standing(each: Standing, report: Report, contract: Contract, words: Words) -> Line:
    """Say how much can be claimed, or cannot yet, or not any more."""
    currency = report.head["currency"]
    values = {
        "amount": _amount(each.amount, currency, words),
        "day": each.day,
        "unsure": words.of(" (holidays provisional)") if each.calendar == "provisional" and each.day else "",
        "who": _who(each, report, words),
        "form": words.of(_FORMS[contract.compensation.paid_as]),
        "clause": contract.claim.clause,
        "owed_by": contract.compensation.clause,
    }
    if each.kind == "claimable":
        said = to_say("Can be claimed until {day}{unsure}: {amount} for {who}, {form} (clauses {owed_by}, {clause}).")
        return Line("act", words.say(said, **values))
    if each.kind == "opening":
        said = to_say("Can be claimed from {day}{unsure}: {amount} for {who} (clause {clause}).")
        return Line("news", words.say(said, **values))
    if each.kind == "filed":
        return Line("news", words.say("Filed, and not credited yet: {amount} for {who}.", **values))
    said = to_say("Lapsed unless filed in time: {amount} for {who} (clause {clause}).")
    if sentences.has_ledger(report):
        said = to_say("Lapsed: {amount} for {who} (clause {clause}).")
    return Line("past", words.say(said, **values))


_FORMS = {"voucher": to_say("as vouchers"), "cash": to_say("in cash")}


def _amount(each: Sum, currency: str, words: Words) -> str:
    return words.say("{amount} {currency}", amount=each.in_words(words), currency=currency)


def _who(each: Standing, report: Report, words: Words) -> str:
    """Name the accounts by number, and the cycles that they are of."""
    accounts = words.count_of(
        report.head["totals"]["accounts"],
        "{accounts:,} of {all:,} account",
        "{accounts:,} of {all:,} accounts",
        accounts=each.accounts,
        all=report.head["totals"]["accounts"],
    )
    return words.listed([accounts, *each.cycles])


def _running(each: Running, report: Report, words: Words) -> Line:
    """Say of a month that runs who is below the objective by now, and what that would come to."""
    values = {
        "cycle": each.cycle,
        "day": each.day,
        "days": each.days,
        "below": each.below,
        "all": each.accounts,
    }
    if not each.below:
        said = to_say("{cycle} is still running, day {day} of {days}: no account is below the objective.")
        return Line("news", words.say(said, **values))
    below = words.count_of(
        each.below,
        "{cycle} is still running, day {day} of {days}: {below:,} of {all:,} accounts is below the objective",
        "{cycle} is still running, day {day} of {days}: {below:,} of {all:,} accounts are below the objective",
        **values,
    )
    estimate = words.of(to_say("what would be owed is not known yet, without a bill"))
    if each.estimate.known is not None:
        amount = _amount(each.estimate, report.head["currency"], words)
        estimate = words.say("{amount} would be owed if it ended today", amount=amount)
    return Line("news", words.say("{clauses}.", clauses=words.joined([below, estimate])))


def _unknown(report: Report, standings: list[Standing], words: Words) -> Iterator[Line]:
    """Say what of cycles that are over is not known, and why."""
    said = sentences.undetermined(report, words)
    if said is not None:
        known = any(each.amount.known for each in standings)
        yield Line(
            "warning", said if known else words.say("Nothing is known to be owed. {undetermined}", undetermined=said)
        )
