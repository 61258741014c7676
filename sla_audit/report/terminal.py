"""The report for a person at a terminal: what is owed first, then why."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Literal

import polars as pl
from rich.console import Console
from rich.table import Table
from rich.text import Text

from sla_audit.contract.model import Contract
from sla_audit.report.document import Report
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
_SHOWN = {
    "owed": pl.col("decision") == "owed",
    "breached": (pl.col("decision") == "owed") | (pl.col("credit_rate") != "0") | pl.col("readings_differ"),
    "all": pl.lit(value=True),
}
_URGENCY = (
    pl.col("decision").replace_strict({"owed": 0, "undetermined": 1, "not_owed": 2}, return_dtype=pl.Int8),
    -pl.col("compensation").cast(pl.Decimal(38, 6)).fill_null(0),
    pl.col("account_id"),
    pl.col("cycle"),
)
_MOST_ROWS = 60
_CLAIM = ("cycle", "opens_on", "closes_on", "calendar")
_STYLES = {"owed": "bold red", "undetermined": "yellow", "not_owed": ""}


def print_report(report: Report, contract: Contract, show: Show | None, console: Console, near: int = 3) -> None:
    """Print the report; figures come from the report, titles and clause numbers from the contract.

    Without `show`, the results below the objective under some reading are listed, those that need attention
    most first, and no more than fit a few screens. Rates at most `near` failures from another tier are marked.
    """
    head, results = report.head, report.results
    _print_headline(report, contract, console)
    basis = f"{contract.title.en}, {head['reading']} reading, as of {head['as_of']}"
    console.print(Text(basis, style="dim"), soft_wrap=True)
    shown = results.filter(_SHOWN[show or "breached"]).sort(_URGENCY)
    if show is None:
        shown = shown.head(_MOST_ROWS)
    if shown.height:
        console.print()
        console.print(_results_table(shown, report, near))
        if (shown["failures_to_edge"] <= near).any():
            noun = plural(near, "failure")
            console.print(Text(f"~ at most {near:,} {noun} fewer or more would earn another rate.", style="dim"))
    hidden = results.height - shown.height
    if hidden:
        text = f"{hidden:,} more {plural(hidden, 'result')} not shown; --show all lists them."
        console.print(Text(text, style="dim"))
    if head["exclusions"]:
        console.print()
        console.print(_exclusions_table(head["exclusions"]))
    _print_claims(results, contract, console)
    rows = head["rows"]
    parts = [f"{rows[name]:,} {words}" for name, words in _PLACES.items() if rows[name] or name == "counted"]
    console.print(Text(f"Rows: {rows['read']:,} read = {' + '.join(parts)}."), soft_wrap=True)


def _print_headline(report: Report, contract: Contract, console: Console) -> None:
    totals, currency, terms = report.head["totals"], report.head["currency"], contract.compensation
    count = report.results.height
    if totals["owed"]:
        owed = f"Owed: {money(totals['compensation'])} {currency} for {totals['owed']:,} of {count:,} "
        owed += f"{plural(count, 'result')}, as a {terms.paid_as} (clause {terms.clause})."
        console.print(Text(owed, style=_STYLES["owed"]), soft_wrap=True)
    elif totals["undetermined"]:
        console.print(Text(f"Nothing is known to be owed: {count:,} {plural(count, 'result')}.", style="bold"))
    else:
        console.print(Text(f"Nothing is owed: {count:,} {plural(count, 'result')}.", style="bold"))
    if totals["undetermined"]:
        reasons = report.results.filter(pl.col("decision") == "undetermined")["reason"].value_counts()
        ordered = reasons.sort("count", "reason", descending=[True, False]).iter_rows()
        why = ", ".join(f"{number:,} {REASONS[reason]}" for reason, number in ordered)
        text = f"Undetermined: {totals['undetermined']:,} ({why})."
        console.print(Text(text, style=_STYLES["undetermined"]), soft_wrap=True)
    for name, other in totals["readings"].items():
        if name != report.head["reading"] and other["compensation"] != totals["compensation"]:
            text = f"Under the {name} reading: {money(other['compensation'])} {currency}."
            console.print(Text(text, style=_STYLES["undetermined"]), soft_wrap=True)


def _results_table(results: pl.DataFrame, report: Report, near: int) -> Table:
    currency, others = report.head["currency"], [name for name in report.readings if name != report.head["reading"]]
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column("Account", overflow="fold")
    one_cycle = results["cycle"].n_unique() == 1
    if not one_cycle:
        table.add_column("Cycle", no_wrap=True)
    table.add_column("Counted", justify="right", no_wrap=True)
    table.add_column("Failed", justify="right", no_wrap=True)
    table.add_column("Rate, %", justify="right", no_wrap=True)
    table.add_column(f"Owed, {currency}", justify="right", no_wrap=True)
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
            Text("; ".join([_why(result), *_differing(result, others)])),
        )
    return table


def _exclusions_table(exclusions: list[dict[str, Any]]) -> Table:
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


def _print_claims(results: pl.DataFrame, contract: Contract, console: Console) -> None:
    console.print()
    owed = results.filter(pl.col("decision") == "owed")
    for cycle, opens_on, closes_on, calendar in owed.select(_CLAIM).unique().sort("cycle").iter_rows():
        provisional = " (provisional calendar)" if calendar == "provisional" else ""
        text = f"Claims for {cycle}: from {opens_on} to {closes_on}, both inclusive"
        console.print(Text(f"{text}{provisional} (clause {contract.claim.clause})."), soft_wrap=True)


def _why(result: dict[str, Any]) -> str:
    if result["decision"] == "owed":
        share = f"{percent(result['credit_rate'])} % of {money(result['service_fee'])}"
        return f"{share}, cash cap" if result["capped"] else share
    return REASONS[result["reason"]]


def _mark(failures_to_edge: int | None, near: int) -> str:
    """Mark a rate that a few failures would have moved into another tier."""
    return " ~" if failures_to_edge is not None and failures_to_edge <= near else "  "


def _differing(result: dict[str, Any], others: list[str]) -> Iterator[str]:
    """Say what the other readings give, where it moves money."""
    for name in others:
        said = (result[f"{name}/decision"], result[f"{name}/compensation"])
        if said != (result["decision"], result["compensation"]):
            owed = "undetermined" if said[1] is None else money(said[1])
            yield f"{name}: {owed}"


def percent(rate: str | None) -> str:
    """Write a share of one in percent, all its digits kept but trailing zeros."""
    return "-" if rate is None else f"{Decimal(rate).scaleb(2).normalize():f}"


def rate_percent(rate: str | None) -> str:
    """Write a success rate in percent with the four places that its six decimals leave."""
    return "-" if rate is None else f"{Decimal(rate).scaleb(2):.4f}"


def money(amount: str | Decimal | None) -> str:
    """Write an amount with thousands set apart."""
    return "-" if amount is None else f"{Decimal(amount):,}"


def plural(count: int, noun: str) -> str:
    """Give a noun the form that goes with a number."""
    return noun if count == 1 else f"{noun}s"
