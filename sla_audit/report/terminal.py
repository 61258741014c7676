"""The report for a person at a terminal: what is owed first, then why."""

from __future__ import annotations

from typing import Any

import polars as pl
from rich.console import Console
from rich.table import Table
from rich.text import Text

from sla_audit.contract.model import Contract
from sla_audit.report import wording
from sla_audit.report.document import Report
from sla_audit.report.figures import money, plural, rate_percent
from sla_audit.report.safe_text import for_terminal
from sla_audit.report.selection import Show, most_urgent_first

_MOST_ROWS = 60
_STYLES = {"owed": "bold red", "undetermined": "yellow", "not_owed": ""}


def print_report(report: Report, contract: Contract, show: Show | None, console: Console, near: int = 3) -> None:
    """Print the report; figures come from the report, titles and clause numbers from the contract.

    Without `show`, the results below the objective under some reading are listed, those that need attention
    most first, and no more than fit a few screens. Rates at most `near` failures from another tier are marked.
    """
    results = report.results
    _print_headline(report, contract, console)
    console.print(Text(wording.basis(report, contract), style="dim"), soft_wrap=True)
    shown = most_urgent_first(results, show or "breached")
    if show is None:
        shown = shown.head(_MOST_ROWS)
    if shown.height:
        console.print()
        console.print(_results_table(shown, report, near))
        if (shown["failures_to_edge"] <= near).any():
            console.print(Text(wording.near_mark(near), style="dim"))
    hidden = results.height - shown.height
    if hidden:
        text = f"{hidden:,} more {plural(hidden, 'result')} not shown; --show all lists them."
        console.print(Text(text, style="dim"))
    if report.head["exclusions"]:
        console.print()
        console.print(_exclusions_table(report.head["exclusions"]))
    console.print()
    for text in wording.claim_windows(report, contract):
        console.print(Text(text), soft_wrap=True)
    console.print(Text(wording.rows(report)), soft_wrap=True)


def _print_headline(report: Report, contract: Contract, console: Console) -> None:
    style = _STYLES["owed"] if report.head["totals"]["owed"] else "bold"
    console.print(Text(wording.headline(report, contract), style=style), soft_wrap=True)
    for text in (wording.undetermined(report), *wording.other_readings(report)):
        if text is not None:
            console.print(Text(text, style=_STYLES["undetermined"]), soft_wrap=True)


def _results_table(results: pl.DataFrame, report: Report, near: int) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column("Account", overflow="fold")
    one_cycle = results["cycle"].n_unique() == 1
    if not one_cycle:
        table.add_column("Cycle", no_wrap=True)
    table.add_column("Counted", justify="right", no_wrap=True)
    table.add_column("Failed", justify="right", no_wrap=True)
    table.add_column("Rate, %", justify="right", no_wrap=True)
    table.add_column(f"Owed, {report.head['currency']}", justify="right", no_wrap=True)
    table.add_column("Why", overflow="fold")
    for result in results.iter_rows(named=True):
        counted = result["success"] + result["explicit_failure"]
        owed = "?" if result["compensation"] is None else money(result["compensation"])
        table.add_row(
            Text(for_terminal(result["account_id"])),
            *([] if one_cycle else [result["cycle"]]),
            f"{counted:,}",
            f"{result['explicit_failure']:,}",
            rate_percent(result["success_rate"]) + _mark(result["failures_to_edge"], near),
            Text(owed, style=_STYLES[result["decision"]]),
            Text("; ".join([wording.why(result), *wording.differing(result, report)])),
        )
    return table


def _exclusions_table(exclusions: list[dict[str, Any]]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column("Exclusion", overflow="fold")
    table.add_column("Clause", justify="right")
    table.add_column("State")
    table.add_column("Requests left out", justify="right")
    for exclusion in exclusions:
        style = "yellow" if exclusion["state"] == "refused" else ""
        table.add_row(
            Text(for_terminal(exclusion["id"])),
            wording.cause_clause(exclusion["clause"]),
            Text(wording.exclusion_state(exclusion), style=style),
            f"{exclusion['requests']:,}",
        )
    return table


def _mark(failures_to_edge: int | None, near: int) -> str:
    """Mark a rate that a few failures would have moved into another tier."""
    return " ~" if failures_to_edge is not None and failures_to_edge <= near else "  "
