"""One side: what its logs, its tally, its report or its claim pack have of an account in a cycle."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date

import polars as pl

from sla_audit.commands.audit import Request, facts_of
from sla_audit.commands.claim_pack.compare import facts_beside
from sla_audit.commands.one_account import OneAccount, count_one, keys_of
from sla_audit.commands.rows import RowsAsked, kept_rows, tables_of
from sla_audit.contract.intervals import step_of
from sla_audit.judge.allocation.place import days_of
from sla_audit.judge.breakdown.fates import fates
from sla_audit.judge.classification.rules import CLASSES
from sla_audit.judge.differences import Terms
from sla_audit.judge.period import Period
from sla_audit.judge.verdicts import rule
from sla_audit.model.cycle import ServiceCycle
from sla_audit.model.facts import Facts
from sla_audit.model.tally import OUTCOME, REQUESTS
from sla_audit.tally.engine import Progress
from sla_audit.tally.saved.tally_file import is_tally
from sla_audit.tally.slots import SlotGrid

COARSE = ("class", "clause")
"""What a saved report tells requests apart by."""

KIND = ("status", "no_answer", "content_flag", "client_aborted", "class", "clause", "exclusion")
"""What logs, tallies and claim packs do."""

ANSWERED = {name: OUTCOME.get(name, pl.String()) for name in KIND} | {"clause": pl.Int32(), REQUESTS: pl.Int64()}
"""The columns of plain answers that are counted and not listed."""


@dataclass(frozen=True)
class Side:
    """What one side counts of an account in a cycle, under the reading in force.

    `counts` has `day`, the columns of `KIND` and `requests`; `by_class` has one row, a column for each class. `terms`
    say what follows from that; None where nothing of the account is there. `rows` are all its requests in the logs, of
    any time that they hold, in the columns of `rows.Rows`; None where there are only counts. Requests are told apart
    by `kind`; the other columns, and the day where it is not known, are null. Plain answers may be left out of `rows`:
    then they are `answered`, counts in the columns of `KIND`.
    """

    counts: pl.DataFrame
    by_class: pl.DataFrame
    terms: Terms | None
    rows: pl.DataFrame | None
    kind: tuple[str, ...] = KIND
    answered: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=ANSWERED))

    def with_answered(self, answered: pl.DataFrame) -> Side:
        """Say which of the counts are not among the rows."""
        return replace(self, answered=answered)


def count_side(
    request: Request, account: str, cycle: ServiceCycle, progress: Progress | None = None, packed: Facts | None = None
) -> Side:
    """Count what a side has of an account in a cycle; its logs are looked at for those beside it as well.

    Facts that the request does not give are those that are `packed` by the other side, if it is a claim pack. Raises
    `InputError` for whatever the user can mend.
    """
    request = replace(request, period=Period(cycle.plus(-1), cycle.plus(1)))
    facts = facts_of(request) if packed is None else facts_beside(request, packed, account)
    keys = keys_of(facts, [account], request.contract)
    zone = request.contract.zone
    grid = SlotGrid(zone, facts.service_edges(zone), facts.windows(), step=step_of(request.contract))
    if any(source.format == "parquet" and is_tally(source.path) for source in request.logs.find().sources):
        return side_of(count_one(request, account, facts, grid, None, progress, cycle=cycle), None, request.as_of)
    asked = RowsAsked(account)
    with kept_rows(request, asked, keys) as traced:
        case = count_one(request, account, facts, grid, traced, progress, cycle=cycle)
        return side_of(case, pl.concat(tables_of(case, asked)), request.as_of)


def side_of(case: OneAccount, rows: pl.DataFrame | None, as_of: date) -> Side:
    """Give what is counted of an account as a side, judged on a day."""
    allocated, reading = case.allocated(), case.scope.reading
    ends = fates(case.tally, allocated, case.contract).filter(pl.col("place") == "counted")
    days = days_of(case.tally.slots, case.contract.time_zone)
    counts = ends.select(
        pl.lit(days).gather(pl.col("slot")).alias("day"),
        *(pl.lit(case.tally.outcomes[name]).gather(pl.col("outcome")).alias(name) for name in KIND if name in OUTCOME),
        *(pl.col(f"{reading}/{name}").alias(name) for name in KIND if name not in OUTCOME),
        REQUESTS,
    )
    ruled = rule(allocated, case.contract, case.own, case.scope)
    terms = Terms(ruled.cycles, case.contract, reading, as_of) if ruled.cycles.height else None
    summed = counts.group_by("day", *KIND).agg(pl.col(REQUESTS).sum()).sort("day", *KIND, nulls_last=True)
    return Side(summed, by_class(counts), terms, rows)


def by_class(counts: pl.DataFrame) -> pl.DataFrame:
    """Add requests up by class: one row, a column for each."""
    return counts.select(
        pl.col(REQUESTS).filter(pl.col("class") == name).sum().cast(pl.Int64).alias(name) for name in CLASSES
    )
