"""What a report says first, in every format for people: what can be claimed, and until when; then the rest."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, NamedTuple

from sla_audit.contract.model import Contract
from sla_audit.report import sentences
from sla_audit.report.document import Report, amount
from sla_audit.report.language import Words
from sla_audit.report.owing import FORMS
from sla_audit.report.standing.completeness import missing_from_the_logs
from sla_audit.report.standing.table import Kind, Running, Standing, running_of, standings_of
from sla_audit.sentence import to_say

Tone = Literal["act", "good", "news", "warning", "past"]
"""How a line is to be taken: something can be claimed, nothing is owed, a month runs, a fact is wanted, it is over."""


class Line(NamedTuple):
    """A sentence, and how it is to be taken; `brief` is its beginning, which can stand alone, `rest` what follows."""

    tone: Tone
    brief: str
    rest: str
    text: str


def headlines(report: Report, contract: Contract, words: Words) -> list[Line]:
    """Say what a report comes to, the most pressing first: the first line is its headline, and there is always one.

    Beside it, as the second, stands what is missing from the logs.
    """
    nothing_to_judge = sentences.without_logs(report, words)
    if nothing_to_judge is not None:
        headline = Line("warning", nothing_to_judge.rstrip(".。"), "", nothing_to_judge)
        return [headline, *_unknown(report, words, known=True)]
    headline, *more = _what_it_comes_to(report, contract, words)
    return [headline, *_incomplete(report, contract, words), *more]


def _what_it_comes_to(report: Report, contract: Contract, words: Words) -> list[Line]:
    standings = standings_of(report)
    owed = [_standing(each, report, contract, words) for each in standings if each.amount.known]
    running = [_running(each, report, words) for each in running_of(report)]
    unknown = _unknown(report, words, known=bool(owed))
    act = [line for line in owed if line.tone == "act"]
    later = [line for line in owed if line.tone != "act"]
    if owed:
        return [*act, *running, *later, *unknown]
    ended = report.results.height - int((report.results["reason"] == "cycle_running").sum())
    if not unknown and (ended or not running):
        running.insert(0, _nothing_owed(ended, words))
    return [*unknown, *running]


def _incomplete(report: Report, contract: Contract, words: Words) -> Iterator[Line]:
    """Say what is missing from the logs, and so from every figure; nothing where they seem to be whole."""
    missing = missing_from_the_logs(report, words)
    if missing is not None:
        said = to_say("{missing}; what is not in them is in no rate (clause {clause})")
        rest = words.say(said, missing=missing, clause=contract.objective.clause)
        yield _line("warning", words.of("The logs are not whole"), rest, words)


def _line(tone: Tone, brief: str, rest: str, words: Words) -> Line:
    return Line(tone, brief, rest, words.say("{brief}: {rest}.", brief=brief, rest=rest))


def _nothing_owed(ended: int, words: Words) -> Line:
    rest = words.count_of(ended, "{count:,} result", "{count:,} results", count=ended)
    return _line("good", words.of("Nothing is owed"), rest, words)


_BRIEF: dict[Kind, tuple[Tone, str, str]] = {
    "claimable": (
        "act",
        to_say("{amount} {currency} can be claimed until {day}{unsure}"),
        to_say("At least {amount} {currency} can be claimed until {day}{unsure}"),
    ),
    "opening": (
        "news",
        to_say("{amount} {currency} can be claimed from {day}{unsure} on"),
        to_say("At least {amount} {currency} can be claimed from {day}{unsure} on"),
    ),
    "filed": (
        "news",
        to_say("{amount} {currency} filed, and not credited yet"),
        to_say("At least {amount} {currency} filed, and not credited yet"),
    ),
    "lapsed": ("past", to_say("{amount} {currency} lapsed"), to_say("At least {amount} {currency} lapsed")),
}
_UNLESS_FILED = (
    to_say("{amount} {currency} lapsed, unless filed in time"),
    to_say("At least {amount} {currency} lapsed, unless filed in time"),
)


def _standing(each: Standing, report: Report, contract: Contract, words: Words) -> Line:
    """Say how much can be claimed, or cannot yet, or not any more; and by whom, of which cycles."""
    tone, *said = _BRIEF[each.kind]
    if each.kind == "lapsed" and not sentences.has_ledger(report):
        said = list(_UNLESS_FILED)
    brief = words.say(
        said[each.amount.unknown > 0],
        amount=words.owed(amount(each.amount.known)),
        currency=report.head["currency"],
        day=each.day,
        unsure=sentences.unsure(each.calendar, words),
    )
    who = words.count_of(
        report.head["totals"]["accounts"],
        "{accounts:,} of {all:,} account",
        "{accounts:,} of {all:,} accounts",
        accounts=each.accounts,
        all=report.head["totals"]["accounts"],
    )
    rest = words.say(
        "{who}, {form} (clauses {owed_by}, {clause})",
        who=words.listed([who, *each.cycles]),
        form=words.of(FORMS[contract.compensation.paid_as]),
        owed_by=contract.compensation.clause,
        clause=contract.claim.clause,
    )
    return _line(tone, brief, rest, words)


def _running(each: Running, report: Report, words: Words) -> Line:
    """Say of a month that runs who is below the objective by now, and what that would come to."""
    said = to_say("{cycle} is still running, day {day} of {days}")
    brief = words.say(said, cycle=each.cycle, day=each.day, days=each.days)
    if not each.below:
        return _line("news", brief, words.of("no account is below the objective"), words)
    below = words.count_of(
        each.below,
        "{below:,} of {all:,} accounts is below the objective",
        "{below:,} of {all:,} accounts are below the objective",
        below=each.below,
        all=each.accounts,
    )
    estimate = words.of(to_say("what would be owed is unknown until there is a bill"))
    if each.estimate.known is not None:
        values = {"amount": each.estimate.in_words(words), "currency": report.head["currency"]}
        estimate = words.say("{amount} {currency} would be owed if it ended today", **values)
    return _line("news", brief, words.joined([below, estimate]), words)


def _unknown(report: Report, words: Words, *, known: bool) -> list[Line]:
    """Say how many results of cycles that are over are not known, and why; one line, or none."""
    count, why = sentences.undetermined_count(report), sentences.undetermined_reasons(report, words)
    if not count:
        return []
    if known:
        said = words.say("Undetermined: {count:,} ({why}).", count=count, why=why)
        return [Line("warning", said, "", said)]
    rest = words.say("undetermined: {count:,} ({why})", count=count, why=why)
    return [_line("warning", words.of("Nothing is known to be owed"), rest, words)]
