"""A claim pack against other logs: counted again, and where they differ."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, NamedTuple

import polars as pl

from sla_audit.commands.audit import Basis, Request, facts_of, report_on, wanted
from sla_audit.commands.claim_pack.enclosed import Enclosed
from sla_audit.commands.claim_pack.terms import refuse_intervals
from sla_audit.commands.count import count
from sla_audit.contract.intervals import step_of
from sla_audit.errors import InputError
from sla_audit.intake.facts.holidays import read_holidays
from sla_audit.model.facts import Facts
from sla_audit.report.document import Report
from sla_audit.report.selected import chosen, what_is_near
from sla_audit.tally.engine import Progress
from sla_audit.tally.slots import SlotGrid

_FACTS = ("cycle_start", "cycle_end", "plan", "service_fee", "cash_paid", "calls_bought", "hourly_fee")
_COUNTS = ("requests", "success", "explicit_failure", "excluded")
_VERDICT = ("success_rate", "credit_rate", "decision", "reason", "compensation")


class Difference(NamedTuple):
    """Something that the pack and the logs say differently, as text; None: they do not say it at all."""

    what: str
    in_pack: str | None
    in_logs: str | None


@dataclass(frozen=True)
class Comparison:
    """Where a pack and other logs differ, and how much less, or more, the logs give."""

    differences: tuple[Difference, ...]
    compensation: str | None
    less: str | None

    @property
    def are_equal(self) -> bool:
        """Tell whether they say the same."""
        return not self.differences


def compare(
    enclosed: Enclosed, report: Report, request: Request, account: str, progress: Progress | None = None
) -> Comparison:
    """Count an account again in the logs of a request, and compare it with the report of a pack.

    Facts that the request does not give are those of the pack. Raises `InputError` for whatever the user can mend.
    """
    refuse_intervals(request.contract)
    request = replace(request, daily=True)
    facts = facts_beside(request, enclosed.facts, account)
    working_days = enclosed.working_days
    if request.holidays is not None:
        working_days = read_holidays(request.holidays, request.forms.holidays)
    zone = request.contract.zone
    grid = SlotGrid(zone, facts.service_edges(zone), facts.windows(), step=step_of(request.contract))
    counted = count(request.logs, request.contract, grid, wanted(request, facts), progress)
    found = report_on(request, Basis(facts, working_days, grid, counted)).report
    ours = report.results.row(0, named=True)
    try:
        theirs = chosen(found.results, account, [str(enclosed.terms.cycle)]).row(0, named=True)
    except InputError as error:
        said = error.problems[0]
        return Comparison((Difference(f"account {account}", "is there", str(said.what)),), None, None)
    if not theirs["requests"]:
        near = what_is_near(account, sorted(counted.tally.accounts["account_id"].to_list()))
        none = Difference(f"requests of {account}", str(ours["requests"]), f"none. {near}")
        return Comparison((none,), theirs["compensation"], None)
    differences = tuple(_differences(ours, theirs, report.readings))
    amounts = [each["compensation"] for each in (ours, theirs)]
    less = None if None in amounts else f"{Decimal(amounts[0]) - Decimal(amounts[1]):f}"
    return Comparison(differences, theirs["compensation"], less)


def facts_beside(request: Request, packed: Facts, account: str) -> Facts:
    """Give the facts of the request, and where it gives none those of a pack, said of the account."""
    given = facts_of(request)

    def named(table: pl.DataFrame | None) -> pl.DataFrame | None:
        return None if table is None else table.with_columns(account_id=pl.lit(account))

    exclusions = tuple(
        replace(each, accounts=frozenset({account}) if each.accounts else frozenset()) for each in packed.exclusions
    )
    return Facts(
        accounts=given.accounts if request.accounts is not None else named(packed.accounts),
        billing=given.billing if request.billing is not None else named(packed.billing),
        exclusions=given.exclusions if request.exclusions is not None else exclusions,
        aliases=given.aliases,
    )


def _differences(ours: Mapping[str, Any], theirs: Mapping[str, Any], readings: list[str]) -> Iterator[Difference]:
    for name in (*_FACTS, *_COUNTS):
        if name in ours:  # some are there only where the agreement asks for them
            yield from _difference(name, ours[name], theirs[name])
    by_clause = [_by_clause(each["excluded_by_clause"]) for each in (ours, theirs)]
    for clause in sorted(set().union(*by_clause)):
        yield from _difference(f"excluded by clause ({clause})", *(each.get(clause, 0) for each in by_clause))
    for name in _VERDICT:
        yield from _difference(name, ours[name], theirs[name])
    for reading in readings:
        for name in ("explicit_failure", "compensation"):
            column = f"{reading}/{name}"
            yield from _difference(f"{name} under the {reading} reading", ours[column], theirs[column])
    days = [{day["date"]: day for day in each.get("daily") or ()} for each in (ours, theirs)]
    if all(days):
        for day in sorted(set(days[0]) | set(days[1])):
            for name in ("success", "explicit_failure", "excluded"):
                yield from _difference(f"{day}: {name}", *(each.get(day, {}).get(name, 0) for each in days))


def _difference(what: str, in_pack: object, in_logs: object) -> Iterator[Difference]:
    if in_pack != in_logs:
        yield Difference(what, *(None if value is None else str(value) for value in (in_pack, in_logs)))


def _by_clause(parts: list[dict[str, int]] | None) -> dict[int, int]:
    return {part["clause"]: part["requests"] for part in parts or ()}
