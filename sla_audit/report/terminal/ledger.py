"""The claims of a ledger for a person at a terminal: a list, one claim whole, and what was just noted."""

from __future__ import annotations

from datetime import date

from rich.console import Console
from rich.table import Table
from rich.text import Text

from sla_audit.contract.model import Contract
from sla_audit.model.ledger import TO_FILE, Entry, Finding, History, Tracked, TrackedClaim
from sla_audit.output.escape import for_terminal
from sla_audit.report.language import Words
from sla_audit.report.ledger.summary import headlines, summed
from sla_audit.report.ledger.words import STATES, elsewhere, in_words, nothing_there
from sla_audit.report.sentences import REASONS
from sla_audit.report.terminal.layout import WARNING, Column, Row, print_rows
from sla_audit.sentence import to_say

_STYLES = {"ready": "bold green", "detected": "cyan", "lapsed": "red"}
HEADLINE_STYLES = {"to_file": "bold green", "awaited": WARNING, "credited": "", "lapsed": "red"}
_KINDS = {
    "filed": to_say("filed"),
    "answered": to_say("answered"),
    "credited": to_say("credited"),
    "withdrawn": to_say("withdrawn"),
    "struck": to_say("strikes out entry {number}"),
}


def print_list(tracked: Tracked, contract: Contract, console: Console, words: Words) -> None:
    """Print claims: sums first, what will lapse before all, then each claim in the order that they are given."""
    words = words.owing(tracked.currency)
    for kind, text in headlines(summed(tracked.claims), tracked.currency, words):
        console.print(Text(text, style=HEADLINE_STYLES[kind]), soft_wrap=True)
    nothing = nothing_there(tracked, words)
    if nothing is not None:
        console.print(Text(nothing, style="bold"))
    values = {"title": words.title(contract.title), "clause": contract.claim.clause, "as_of": tracked.as_of}
    basis = words.say("{title}, claims under clause {clause}, as of {as_of}", **values)
    console.print(Text(basis, style="dim"), soft_wrap=True)
    if tracked.claims:
        console.print()
        _print_claims(tracked, console, words)
    others = elsewhere(tracked, words)
    if others is not None:
        console.print(Text(for_terminal(others), style="dim"), soft_wrap=True)


def print_noted(claim: TrackedClaim, console: Console, words: Words, *, was_there: bool) -> None:
    """Say how a claim stands with what was just noted of it, or that this was there before."""
    words = words.owing(claim.currency)
    said = to_say("Claim {number} ({account}, {cycle}): {state}.")
    if was_there:
        said = to_say("Claim {number} ({account}, {cycle}): {state}. That was noted before: nothing is changed.")
    text = words.say(
        said,
        number=claim.number,
        account=claim.key.account_id,
        cycle=claim.key.cycle,
        state=_state(claim, words),
    )
    console.print(Text(for_terminal(text)), soft_wrap=True)


def print_claim(claim: TrackedClaim, history: History, as_of: date, console: Console, words: Words) -> None:
    """Print all that there is of a claim."""
    words = words.owing(claim.currency)
    said = to_say("Claim {number}: {account}, cycle {cycle} ({first_day} to {last_day})")
    title = words.say(
        said,
        number=claim.number,
        account=claim.key.account_id,
        cycle=claim.key.cycle,
        first_day=claim.found.first_day,
        last_day=claim.found.last_day,
    )
    console.print(Text(for_terminal(title), style="bold"), soft_wrap=True)
    console.print(Text(for_terminal(in_words(claim, as_of, words))), soft_wrap=True)
    window = to_say("Claims for it: from {opens_on} to {closes_on}, both inclusive.")
    console.print(
        Text(words.say(window, opens_on=claim.found.opens_on, closes_on=claim.found.closes_on), style="dim"),
        soft_wrap=True,
    )
    console.print()
    console.print(_findings(history, words))
    if history.entries:
        console.print()
        console.print(_entries(history, words))
    if history.packs:
        console.print()
        console.print(_packs(history, words))


def _state(claim: TrackedClaim, words: Words) -> str:
    """Say the state of a claim in words, and the money that goes with it."""
    state = words.of(STATES[claim.state])
    amount = claim.credited if claim.credits else claim.agreed
    if amount is None or claim.state in {"withdrawn", "rejected"}:
        return state
    return words.say("{state}, {amount} {currency}", state=state, amount=words.owed(amount), currency=claim.currency)


def _plain_table() -> Table:
    return Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")


def _print_claims(tracked: Tracked, console: Console, words: Words) -> None:
    one_cycle = len({claim.key.cycle for claim in tracked.claims}) == 1
    columns = [
        Column(words.of("No."), "figure"),
        Column(words.of("Account"), "id"),
        *([] if one_cycle else [Column(words.of("Cycle"), "word")]),
        Column(words.of("State"), "word"),
        Column(words.say("Owed, {currency}", currency=tracked.currency), "figure"),
        Column(words.of("What was done, or is to do"), "words"),
    ]
    rows = []
    for claim in tracked.claims:
        style = _STYLES.get(claim.state, "")
        cells = (
            Text(str(claim.number)),
            Text(for_terminal(claim.key.account_id)),
            *([] if one_cycle else [Text(claim.key.cycle)]),
            Text(words.of(STATES[claim.state]), style=style),
            Text("?" if claim.found.amount is None else words.owed(claim.found.amount)),
            Text(for_terminal(in_words(claim, tracked.as_of, words)), style=style if claim.state in TO_FILE else ""),
        )
        rows.append(Row(cells))
    print_rows(columns, rows, console, main=len(columns) - 2, name=1)


def _findings(history: History, words: Words) -> Table:
    table = _plain_table()
    table.add_column(words.of("Run of"), no_wrap=True)
    table.add_column(words.say("Owed, {currency}", currency=history.currency), justify="right", no_wrap=True)
    table.add_column(words.of("Why"), overflow="fold")
    for finding in history.findings:
        table.add_row(
            str(finding.as_of), "?" if finding.amount is None else words.owed(finding.amount), _why(finding, words)
        )
    return table


def _why(finding: Finding, words: Words) -> str:
    said = to_say("{reason}, {reading} reading")
    reason = words.of(REASONS.get(finding.reason, finding.reason))
    return for_terminal(words.say(said, reason=reason, reading=words.of(finding.reading)))


def _entries(history: History, words: Words) -> Table:
    table = _plain_table()
    table.add_column(words.of("Entry"), justify="right", no_wrap=True)
    table.add_column(words.of("Day"), no_wrap=True)
    table.add_column(words.of("What"), overflow="fold")
    table.add_column(words.say("Amount, {currency}", currency=history.currency), justify="right", no_wrap=True)
    table.add_column(words.of("Reference"), overflow="fold")
    table.add_column(words.of("Note"), overflow="fold")
    for entry in history.entries:
        style = "strike dim" if entry.number in history.struck else ""
        table.add_row(
            str(entry.number),
            str(entry.day),
            Text(_what(entry, history, words), style=style),
            Text("" if entry.amount is None else words.owed(entry.amount), style=style),
            Text(for_terminal(entry.reference or ""), style=style),
            Text(for_terminal(_note(entry, words)), style=style),
        )
    return table


def _packs(history: History, words: Words) -> Table:
    table = _plain_table()
    table.add_column(words.of("Pack of"), no_wrap=True)
    table.add_column(words.say("Claimed, {currency}", currency=history.currency), justify="right", no_wrap=True)
    table.add_column(words.of("Letter"), overflow="fold")
    table.add_column(words.of("SHA-256 of its manifest"), overflow="fold")
    for pack in history.packs:
        table.add_row(str(pack.as_of), words.owed(pack.amount), for_terminal(pack.letter), for_terminal(pack.manifest))
    return table


def _what(entry: Entry, history: History, words: Words) -> str:
    what = words.say(_KINDS[entry.kind], number=entry.strikes)
    if entry.kind == "answered" and not entry.amount:
        what = words.of("rejected")
    parts = [what]
    if entry.nevertheless is not None:
        parts.append(words.of(_NEVERTHELESS[entry.nevertheless]))
    if entry.number in history.struck:
        parts.append(words.of("struck out"))
    return words.listed(parts)


_NEVERTHELESS = {"early": to_say("early"), "late": to_say("late"), "more": to_say("more than was agreed")}


def _note(entry: Entry, words: Words) -> str:
    parts = [entry.note or ""]
    if entry.said_by is not None:
        parts.append(words.say("by {name}", name=entry.said_by))
    if entry.noted_on != entry.day:
        parts.append(words.say("noted on {day}", day=entry.noted_on))
    return words.joined(filter(None, parts))
