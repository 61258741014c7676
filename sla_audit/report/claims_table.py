"""Claims for a person at a terminal: what can be filed today, until when, for how much."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from rich.console import Console
from rich.table import Table
from rich.text import Text

from sla_audit.contract.model import Contract
from sla_audit.report.claims_document import Claim, Claims
from sla_audit.report.figures import money, plural
from sla_audit.report.safe_text import for_terminal
from sla_audit.report.wording import REASONS

_ORDER = ("open", "not_yet_open", "undetermined", "closed", "nothing_owed")
_STYLES = {"open": "bold green", "not_yet_open": "cyan", "undetermined": "yellow", "closed": "red", "nothing_owed": ""}
_HEADLINES = {
    "open": "can be filed now",
    "not_yet_open": "cannot be filed yet",
    "closed": "can no longer be filed",
}


def print_claims(claims: Claims, contract: Contract, console: Console, *, every: bool) -> None:
    """Print what can be done about each claim, the most pressing first; without `every`, only what may be owed."""
    by_state = {state: [claim for claim in claims.claims if claim.state == state] for state in _ORDER}
    for state, words in _HEADLINES.items():
        if by_state[state]:
            owed = sum((Decimal(claim.compensation or 0) for claim in by_state[state]), Decimal(0))
            number = f"{len(by_state[state]):,} {plural(len(by_state[state]), 'claim')}"
            text = f"{number} {words}: {money(owed)} {claims.currency}, as a {contract.compensation.paid_as}."
            console.print(Text(text, style=_STYLES[state]), soft_wrap=True)
    if not any(by_state[state] for state in _HEADLINES):
        console.print(Text("There is nothing to claim.", style="bold"))
    cycles = sorted({claim.cycle for claim in claims.claims})
    about = f"cycle {cycles[0]}, " if len(cycles) == 1 else ""
    basis = f"{contract.title.en}, {about}claims under clause {contract.claim.clause}, as of {claims.as_of}"
    console.print(Text(basis, style="dim"), soft_wrap=True)
    states = [state for state in _ORDER if every or state != "nothing_owed"]
    shown = [claim for state in states for claim in sorted(by_state[state], key=_urgency)]
    if shown:
        console.print()
        console.print(_table(shown, claims.currency, one_cycle=len(cycles) == 1))
    hidden = 0 if every else len(by_state["nothing_owed"])
    if hidden:
        console.print(Text(f"{hidden:,} more, for which nothing is owed; --account ID shows one.", style="dim"))


def _urgency(claim: Claim) -> tuple[object, ...]:
    return claim.closes_on, -Decimal(claim.compensation or 0), claim.account_id, claim.cycle


def _table(claims: list[Claim], currency: str, *, one_cycle: bool) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column("Account", overflow="fold")
    if not one_cycle:
        table.add_column("Cycle", no_wrap=True)
    table.add_column(f"Owed, {currency}", justify="right", no_wrap=True)
    table.add_column("What to do", overflow="fold")
    for claim in claims:
        owed = "?" if claim.compensation is None else money(claim.compensation)
        words = Text(in_words(claim), style=_STYLES[claim.state])
        table.add_row(Text(for_terminal(claim.account_id)), *([] if one_cycle else [claim.cycle]), owed, words)
    return table


def in_words(claim: Claim) -> str:
    """Say what can be done about a claim, and until when."""
    unsure = " (holidays provisional)" if claim.calendar == "provisional" else ""
    if claim.state == "open":
        days = f"{claim.working_days_left} {plural(claim.working_days_left or 0, 'working day')}"
        return f"file it by {claim.closes_on}, {days} left{unsure}"
    if claim.state == "not_yet_open":
        return f"opens on {claim.opens_on}, file it by {claim.closes_on}{unsure}"
    if claim.state == "closed":
        return f"closed since {claim.closes_on + timedelta(days=1)}"
    if claim.state == "undetermined":
        return f"cannot be told: {REASONS[claim.reason]}"
    return f"nothing is owed: {REASONS[claim.reason]}"
