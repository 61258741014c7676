"""The report for a person at a terminal: what is owed first, then why."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import Any, Literal

from rich.console import Console
from rich.table import Table
from rich.text import Text

from sla_audit.contract.model import Contract
from sla_audit.report.document import Document
from sla_audit.report.safe_text import for_terminal

Show = Literal["owed", "breached", "all"]

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
_PLACES = {
    "counted": "counted",
    "outside_cycle": "outside service dates",
    "outside_period": "in months not asked for",
    "other_service": "of other services",
    "duplicate": "duplicate",
    "rejected": "rejected",
}
_STYLES = {"owed": "bold red", "undetermined": "yellow", "not_owed": ""}


def print_report(document: Document, contract: Contract, show: Show, console: Console) -> None:
    """Print the report; figures come from the document, titles and clause numbers from the contract."""
    _print_headline(document, contract, console)
    basis = f"{contract.title.en}, {document['reading']} reading, as of {document['as_of']}"
    console.print(Text(basis, style="dim"), soft_wrap=True)
    shown = [result for result in document["results"] if _is_shown(result, show)]
    if shown:
        console.print()
        console.print(_results_table(shown, document["currency"]))
    hidden = len(document["results"]) - len(shown)
    if hidden:
        console.print(Text(f"{hidden} more {_plural(hidden, 'result')} not shown; --show all lists them.", style="dim"))
    if document["exclusions"]:
        console.print()
        console.print(_exclusions_table(document["exclusions"]))
    _print_claims(document, contract, console)
    rows = document["rows"]
    parts = [f"{rows[name]:,} {words}" for name, words in _PLACES.items() if rows[name] or name == "counted"]
    console.print(Text(f"Rows: {rows['read']:,} read = {' + '.join(parts)}."), soft_wrap=True)


def _print_headline(document: Document, contract: Contract, console: Console) -> None:
    totals, currency, terms = document["totals"], document["currency"], contract.compensation
    results = document["results"]
    if totals["owed"]:
        owed = f"Owed: {_money(totals['compensation'])} {currency} for {totals['owed']} of {len(results)} "
        owed += f"{_plural(len(results), 'result')}, as a {terms.paid_as} (clause {terms.clause})."
        console.print(Text(owed, style=_STYLES["owed"]), soft_wrap=True)
    else:
        console.print(Text(f"Nothing is owed: {len(results)} {_plural(len(results), 'result')}.", style="bold"))
    open_reasons = Counter(result["reason"] for result in results if result["decision"] == "undetermined")
    if open_reasons:
        why = ", ".join(f"{count} {REASONS[reason]}" for reason, count in open_reasons.most_common())
        console.print(
            Text(f"Undetermined: {totals['undetermined']} ({why}).", style=_STYLES["undetermined"]),
            soft_wrap=True,
        )
    for name, other in totals["readings"].items():
        if name != document["reading"] and other["compensation"] != totals["compensation"]:
            text = f"Under the {name} reading: {_money(other['compensation'])} {currency}."
            console.print(Text(text, style=_STYLES["undetermined"]), soft_wrap=True)


def _results_table(results: list[Document], currency: str) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column("Account", overflow="fold")
    one_cycle = len({result["cycle"] for result in results}) == 1
    if not one_cycle:
        table.add_column("Cycle", no_wrap=True)
    table.add_column("Counted", justify="right", no_wrap=True)
    table.add_column("Failed", justify="right", no_wrap=True)
    table.add_column("Rate, %", justify="right", no_wrap=True)
    table.add_column(f"Owed, {currency}", justify="right", no_wrap=True)
    table.add_column("Why", overflow="fold")
    for result in sorted(results, key=_urgency):
        counted = result["success"] + result["explicit_failure"]
        owed = "?" if result["compensation"] is None else _money(result["compensation"])
        table.add_row(
            Text(for_terminal(result["account_id"])),
            *([] if one_cycle else [result["cycle"]]),
            f"{counted:,}",
            f"{result['explicit_failure']:,}",
            _rate(result["success_rate"]),
            Text(owed, style=_STYLES[result["decision"]]),
            Text(_why(result)),
        )
    return table


def _exclusions_table(exclusions: list[Document]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column("Exclusion", overflow="fold")
    table.add_column("Clause", justify="right")
    table.add_column("State")
    table.add_column("Requests left out", justify="right")
    for exclusion in exclusions:
        state = exclusion["state"] if exclusion["reason"] is None else "refused: not announced before it began"
        style = "yellow" if exclusion["state"] == "refused" else ""
        table.add_row(
            Text(for_terminal(exclusion["id"])),
            f"2.7.1 ({exclusion['clause']})",
            Text(state, style=style),
            f"{exclusion['requests']:,}",
        )
    return table


def _print_claims(document: Document, contract: Contract, console: Console) -> None:
    console.print()
    windows = {result["cycle"]: result["claim"] for result in document["results"] if result["decision"] == "owed"}
    for cycle, claim in sorted(windows.items()):
        provisional = " (provisional calendar)" if claim["calendar"] == "provisional" else ""
        text = f"Claims for {cycle}: from {claim['opens_on']} to {claim['closes_on']}, both inclusive"
        console.print(Text(f"{text}{provisional} (clause {contract.claim.clause})."), soft_wrap=True)


def _why(result: Document) -> str:
    if result["decision"] == "owed":
        share = f"{percent(result['credit_rate'])} % of {_money(result['service_fee'])}"
        return f"{share}, cash cap" if result["capped"] else share
    return REASONS[result["reason"]]


def _urgency(result: Document) -> tuple[Any, ...]:
    """Order results by what needs attention: the largest sums first, then what is open, then the rest."""
    owed = Decimal(result["compensation"] or 0)
    rank = {"owed": 0, "undetermined": 1, "not_owed": 2}[result["decision"]]
    return (rank, -owed, result["account_id"], result["cycle"])


def _is_shown(result: Document, show: Show) -> bool:
    below = result["credit_rate"] not in {None, "0"}
    return show == "all" or result["decision"] == "owed" or (show == "breached" and below)


def percent(rate: str | None) -> str:
    """Write a share of one in percent, all its digits kept but trailing zeros."""
    return "-" if rate is None else f"{Decimal(rate).scaleb(2).normalize():f}"


def _rate(rate: str | None) -> str:
    """Write a success rate in percent with the four places that its six decimals leave."""
    return "-" if rate is None else f"{Decimal(rate).scaleb(2):.4f}"


def _money(amount: str | None) -> str:
    return "-" if amount is None else f"{Decimal(amount):,}"


def _plural(count: int, noun: str) -> str:
    return noun if count == 1 else f"{noun}s"
