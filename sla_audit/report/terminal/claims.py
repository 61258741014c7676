"""Claims for a person at a terminal: what can be filed today, until when, for how much."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from decimal import Decimal

from rich.console import Console
from rich.text import Text

from sla_audit.contract.model import Contract
from sla_audit.model.notice import Notice
from sla_audit.output.escape import for_terminal
from sla_audit.report.claims_document import Claim, Claims
from sla_audit.report.language import ENGLISH, Words
from sla_audit.report.ledger.summary import headlines, summed
from sla_audit.report.ledger.words import in_words as what_became
from sla_audit.report.owing import FORMS
from sla_audit.report.sentences import REASONS, unsure
from sla_audit.report.sentences import as_said as wording_as_said
from sla_audit.report.terminal.layout import WARNING, Column, Row, print_rows
from sla_audit.report.terminal.ledger import HEADLINE_STYLES
from sla_audit.sentence import to_say

_ORDER = ("open", "not_yet_open", "undetermined", "closed", "nothing_owed")
_STYLES = {"open": "bold green", "not_yet_open": "cyan", "undetermined": WARNING, "closed": "red", "nothing_owed": ""}
_HEADLINES = ("open", "not_yet_open", "closed")


def print_claims(
    claims: Claims,
    contract: Contract,
    console: Console,
    *,
    every: bool,
    as_said: Sequence[Notice] = (),
    words: Words = ENGLISH,
) -> None:
    """Print what can be done about each claim, the most pressing first; without `every`, only what may be owed.

    What is `as_said` by a saved report is named below.
    """
    words = words.of_cycles(contract).owing(claims.currency)
    to_do = [claim for claim in claims.claims if not claim.is_dealt_with]
    by_state = {state: [claim for claim in to_do if claim.state == state] for state in _ORDER}
    dealt_with = [claim for claim in claims.claims if claim.is_dealt_with]
    for state in _HEADLINES:
        if by_state[state]:
            text = _headline(state, by_state[state], claims, contract, words)
            console.print(Text(text, style=_STYLES[state]), soft_wrap=True)
    for kind, text in headlines(
        summed([claim.tracked for claim in dealt_with if claim.tracked]), claims.currency, words
    ):
        console.print(Text(text, style=HEADLINE_STYLES[kind]), soft_wrap=True)
    if not any(by_state[state] for state in _HEADLINES) and not dealt_with:
        console.print(Text(_without_claims(by_state, words), style="bold"))
    cycles = sorted({claim.cycle for claim in claims.claims})
    console.print(Text(_basis(cycles, claims, contract, words), style="dim"), soft_wrap=True)
    states = [state for state in _ORDER if every or state != "nothing_owed"]
    shown = [claim for state in states for claim in sorted(by_state[state], key=_urgency)]
    at = next((at for at, claim in enumerate(shown) if claim.state not in _HEADLINES), len(shown))
    shown[at:at] = sorted(dealt_with, key=_urgency)
    if shown:
        console.print()
        _print_table(shown, claims, console, words, one_cycle=len(cycles) == 1)
    hidden = 0 if every else len(by_state["nothing_owed"])
    if hidden:
        console.print(
            Text(
                words.say("{hidden:,} more, for which nothing is owed; --account ID shows one.", hidden=hidden),
                style="dim",
            )
        )

    said = wording_as_said(as_said, words)
    if said is not None:
        console.print(Text(for_terminal(said), style="dim"), soft_wrap=True)


def _without_claims(by_state: Mapping[str, list[Claim]], words: Words) -> str:
    """Say that there is nothing to claim, if that is known."""
    if by_state["undetermined"]:
        count = len(by_state["undetermined"])
        return words.count_of(
            count,
            "No claim is known of; the amount of {count:,} result is unknown.",
            "No claim is known of; the amounts of {count:,} results are unknown.",
            count=count,
        )
    if not by_state["nothing_owed"]:
        return words.of("No claim is known of: there is no result to judge.")
    return words.of("There is nothing to claim.")


def _headline(state: str, claims: list[Claim], document: Claims, contract: Contract, words: Words) -> str:
    values = {
        "count": len(claims),
        "owed": words.owed(sum((Decimal(claim.compensation or 0) for claim in claims), Decimal(0))),
        "currency": document.currency,
        "form": words.of(FORMS[contract.compensation.paid_as]),
    }
    if state == "open":
        return words.count_of(
            len(claims),
            "{count:,} claim can be filed now: {owed} {currency}, {form}.",
            "{count:,} claims can be filed now: {owed} {currency}, {form}.",
            **values,
        )
    if state == "not_yet_open":
        return words.count_of(
            len(claims),
            "{count:,} claim cannot be filed yet: {owed} {currency}, {form}.",
            "{count:,} claims cannot be filed yet: {owed} {currency}, {form}.",
            **values,
        )
    return words.count_of(
        len(claims),
        "{count:,} claim can no longer be filed: {owed} {currency}, {form}.",
        "{count:,} claims can no longer be filed: {owed} {currency}, {form}.",
        **values,
    )


def _basis(cycles: list[str], claims: Claims, contract: Contract, words: Words) -> str:
    values = {"title": words.title(contract.title), "clause": contract.claim.clause, "as_of": claims.as_of}
    if len(cycles) == 1:
        said = to_say("{title}, cycle {cycle}, claims under clause {clause}, as of {as_of}")
        return words.say(said, cycle=cycles[0], **values)
    return words.say("{title}, claims under clause {clause}, as of {as_of}", **values)


def _urgency(claim: Claim) -> tuple[object, ...]:
    return claim.closes_on, -Decimal(claim.compensation or 0), claim.account_id, claim.cycle


def _print_table(claims: list[Claim], document: Claims, console: Console, words: Words, *, one_cycle: bool) -> None:
    columns = [
        Column(words.of("Account"), "id"),
        *([] if one_cycle else [Column(words.of("Cycle"), "word")]),
        Column(words.say("Owed, {currency}", currency=document.currency), "figure"),
        Column(words.of("What to do"), "words"),
    ]
    rows = []
    for claim in claims:
        owed = "?" if claim.compensation is None else words.owed(claim.compensation)
        to_do = Text(in_words(claim, words), style=_STYLES[claim.state])
        if claim.tracked is not None and claim.is_dealt_with:
            to_do = Text(for_terminal(what_became(claim.tracked, document.as_of, words)))
        account = Text(for_terminal(claim.account_id))
        rows.append(Row((account, *([] if one_cycle else [Text(claim.cycle)]), Text(owed), to_do)))
    print_rows(columns, rows, console, main=len(columns) - 2)


def in_words(claim: Claim, words: Words) -> str:
    """Say what can be done about a claim, and until when."""
    provisional = unsure(claim.calendar, words)
    if claim.state == "open":
        return words.count_of(
            claim.working_days_left or 0,
            "file it by {closes_on}, {days} working day left{unsure}",
            "file it by {closes_on}, {days} working days left{unsure}",
            closes_on=claim.closes_on,
            days=claim.working_days_left,
            unsure=provisional,
        )
    if claim.state == "not_yet_open":
        said = to_say("opens on {opens_on}, file it by {closes_on}{unsure}")
        return words.say(said, opens_on=claim.opens_on, closes_on=claim.closes_on, unsure=provisional)
    if claim.state == "closed":
        return words.say("closed since {day}", day=claim.closes_on + timedelta(days=1))
    said = to_say("amount unknown: {reason}") if claim.state == "undetermined" else to_say("nothing is owed: {reason}")
    return words.say(said, reason=words.of(REASONS[claim.reason]))
