"""A contract for a person at a terminal: clause by clause, and what becomes of each."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table
from rich.text import Text

from sla_audit.contract.model import ClaimRule, Contract
from sla_audit.report.figures import percent

_BASIS = {
    "computed": "computed from the log",
    "facts": "taken from facts",
    "not_judged": "cannot be judged from logs",
}
_STYLES = {"computed": "green", "facts": "cyan", "not_judged": "yellow"}


def print_contract(contract: Contract, console: Console) -> None:
    """Print what the contract file says and what the program makes of each clause."""
    console.print(Text(f"{contract.title.en}  {contract.title.zh}", style="bold"))
    console.print(Text(f"{contract.id}, version {contract.version}, in force from {contract.effective_from}"))
    console.print(Text(f"Source: {contract.source}"))
    console.print(Text(f"sha256 {contract.sha256}", style="dim"))
    _print_numbers(contract, console)
    console.print()
    console.print(_clauses(contract))
    console.print()
    console.print(_causes(contract))


def _print_numbers(contract: Contract, console: Console) -> None:
    terms, claim = contract.compensation, contract.claim
    console.print()
    console.print(
        f"Objective ({contract.objective.clause}): success rate of at least "
        f"{percent(str(contract.objective.success_rate))} % per calendar month, {contract.time_zone}"
    )
    console.print(f"Compensation ({terms.clause}), {contract.currency}, as a {terms.paid_as}, at most the cash paid:")
    for tier in terms.tiers:
        bounds = f"from {percent(str(tier.from_)):>3} % to below {percent(str(tier.below)):>3} %"
        console.print(f"  {bounds}: {percent(str(tier.rate))} % of the month's service fee")
    console.print(f"Rounding: once, half up, to {terms.quantum} {contract.currency}")
    console.print(f"Claims ({claim.clause}): from {_opening(claim)} to {_closing(claim)}")
    for name, reading in contract.readings.items():
        default = ", default" if name == contract.default_reading else ""
        console.print(f"Reading {name!r} ({reading.clause}{default}): a failure is {reading.meaning}")


def _opening(claim: ClaimRule) -> str:
    if claim.opens_after_working_day is not None:
        return f"the day after working day {claim.opens_after_working_day} of the next month"
    return f"day {(claim.opens_after_days or 0) + 1} after the cycle"


def _closing(claim: ClaimRule) -> str:
    if claim.closes_months_after is not None:
        return f"the end of month {claim.closes_months_after} after the cycle"
    return f"day {claim.closes_days_after} after the cycle"


def _clauses(contract: Contract) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column("Clause", no_wrap=True)
    table.add_column("Title", ratio=3)
    table.add_column("What becomes of it", ratio=4)
    for clause in contract.clauses:
        how = Text(f"{_BASIS[clause.basis]}: ", style=_STYLES[clause.basis]).append(clause.how, style="default")
        table.add_row(clause.number, f"{clause.title.en} {clause.title.zh}", how)
    return table


def _causes(contract: Contract) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column("2.7.1", no_wrap=True)
    table.add_column("Left out of the rate", ratio=3)
    table.add_column("Known from", ratio=2)
    for cause in contract.causes:
        known = "the log, and the exclusions file" if cause.basis == "computed" else "the exclusions file"
        known += ", only if announced" if cause.notice_required else ""
        table.add_row(
            f"({cause.number})", f"{cause.title.en} {cause.title.zh}", Text(known, style=_STYLES[cause.basis])
        )
    return table
