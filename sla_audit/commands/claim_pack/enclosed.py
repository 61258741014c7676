"""The evidence in a claim pack, from which every figure follows: rows, counts of plain answers, facts, the agreement.

A pack is made from its own evidence, as it is read back: what can be made can be verified.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl

from sla_audit.commands.audit import Basis, report_on
from sla_audit.commands.claim_pack.facts_file import read_facts_file
from sla_audit.commands.claim_pack.tables import read_answered, read_rows
from sla_audit.commands.claim_pack.terms import Terms
from sla_audit.commands.count import CountResult
from sla_audit.commands.explain import explained
from sla_audit.commands.one_account import OneAccount
from sla_audit.contract.intervals import step_of
from sla_audit.contract.load import parse_contract
from sla_audit.contract.model import Contract
from sla_audit.errors import InputError, Problem
from sla_audit.intake.sources.find import Found
from sla_audit.intake.unattributed import Unattributed
from sla_audit.judge.breakdown.fates import fates
from sla_audit.judge.intervals.listed import failing_intervals
from sla_audit.model.calendar import WorkingDays
from sla_audit.model.coverage import Coverage
from sla_audit.model.facts import Facts
from sla_audit.model.tally import OUTCOME, OUTCOME_FIELDS, REQUESTS, SLOT, Tally
from sla_audit.pack.manifest import AGAIN, AGREEMENT, ANSWERED, FACTS, ROWS
from sla_audit.report.document import Report
from sla_audit.report.explanation import Explanation
from sla_audit.sentence import Sentence
from sla_audit.tally.dedup.same_request import Ids
from sla_audit.tally.slots import SlotGrid

EVIDENCE = (AGREEMENT, ANSWERED, FACTS, ROWS)
"""The files that everything else in a pack follows from."""

WHY = ("class", "clause", "exclusion", "rule")
_KIND = (*SLOT, *OUTCOME)


@dataclass(frozen=True)
class Enclosed:
    """Evidence that was read: `rows` and `answered` as `tables` gives them, `inputs` as a report names its files."""

    terms: Terms
    contract: Contract
    facts: Facts
    working_days: WorkingDays
    rows: pl.DataFrame
    answered: pl.DataFrame
    inputs: tuple[dict[str, Any], ...]

    @cached_property
    def grid(self) -> SlotGrid:
        """How time is cut: by day, and where the rules for this account change."""
        zone = self.contract.zone
        return SlotGrid(zone, self.facts.service_edges(zone), self.facts.windows(), step=step_of(self.contract))

    @cached_property
    def placed_rows(self) -> pl.DataFrame:
        """The rows, each with the slot that it lies in."""
        return self.rows.with_columns(slots_of(self.rows["instant"], self.grid))

    @cached_property
    def tally(self) -> Tally:
        """The counts: one for each row that is no duplicate, and those of plain answers."""
        rows = self.placed_rows.filter(pl.col("class") != "duplicate").select(
            *_KIND, pl.lit(1, pl.Int64).alias(REQUESTS)
        )
        counts = (
            pl.concat([rows, self.answered.select(*_KIND, REQUESTS)])
            .group_by(_KIND)
            .agg(pl.col(REQUESTS).sum())
            .sort(_KIND, nulls_last=True)
        )
        slots, outcomes = (counts.select(names).unique(maintain_order=True) for names in (list(SLOT), list(OUTCOME)))
        coded = counts.join(slots.with_row_index("slot"), on=list(SLOT), maintain_order="left").join(
            outcomes.with_row_index("outcome"), on=list(OUTCOME), nulls_equal=True, maintain_order="left"
        )
        accounts = pl.DataFrame({"account_id": [self.terms.account]})
        return Tally(
            accounts, slots, outcomes, coded.select(pl.lit(0, pl.UInt32).alias("account"), "slot", "outcome", REQUESTS)
        )

    @cached_property
    def case(self) -> OneAccount:
        """The account as counting its logs would give it."""
        terms = self.terms
        return OneAccount(
            account=terms.account,
            cycle=terms.cycle,
            contract=self.contract,
            scope=terms.scope,
            grid=self.grid,
            counted=self._counted,
            keys=None,
            everyone=self.tally,
            tally=self.tally,
            own=self.facts,
            all_facts=self.facts,
        )

    @cached_property
    def intervals(self) -> pl.DataFrame:
        """The intervals in which requests failed under the reading in force (see `judge.intervals.listed`)."""
        return failing_intervals(self.case.allocated(), self.contract, self.terms.reading)

    def report(self, coverage: Coverage) -> Report:
        """Report on this account alone; `coverage` is what is known of the logs."""
        basis = Basis(self.facts, self.working_days, self.grid, self._counted)
        return report_on(self.terms.request(self.contract), basis, coverage).report

    def explanation(self) -> Explanation:
        """Explain the verdict."""
        return explained(self.case, self.terms.request(self.contract), self.working_days)

    def told(self) -> pl.DataFrame:
        """Say again of each row what becomes of it, under every reading; of a duplicate, nothing but that."""
        tally = self.tally
        ends = fates(tally, self.case.allocated(), self.contract)
        named = ends.with_columns(
            pl.lit(tally.slots["starts_at"]).gather(pl.col("slot")).alias("starts_at"),
            pl.lit(tally.slots["ends_at"]).gather(pl.col("slot")).alias("ends_at"),
            *(pl.lit(tally.outcomes[name]).gather(pl.col("outcome")).alias(name) for name in OUTCOME),
        ).drop("slot", "outcome", REQUESTS)
        rows = self.placed_rows.select(*_KIND, is_duplicate=pl.col("class") == "duplicate")
        found = rows.join(named, on=_KIND, how="left", nulls_equal=True, maintain_order="left")
        why_not: pl.Expr = (
            pl.when("is_duplicate").then(pl.lit("duplicate")).when(pl.col("place") != "counted").then(pl.col("place"))
        )
        readings = (self.terms.reading, *(name for name in self.contract.readings if name != self.terms.reading))
        columns = []
        for reading in readings:
            prefix = "" if reading == self.terms.reading else f"{reading}_"
            for name in WHY:
                value: pl.Expr = pl.when(why_not.is_null()).then(pl.col(f"{reading}/{name}"))
                if not prefix and name == "class":
                    value = pl.coalesce(why_not, value)
                columns.append(value.cast(pl.String).alias(f"{prefix}{name}"))
        return found.select(columns)

    @property
    def _counted(self) -> CountResult:
        duplicate = int((self.rows["class"] == "duplicate").sum())
        return CountResult(
            tally=self.tally,
            times=pl.DataFrame(),
            times_of_logs={},
            flags=(),
            untold=(),
            found=Found((), ()),
            copied={},
            inputs=self.inputs,
            logs=(),
            tells=frozenset(name for name, field in OUTCOME_FIELDS.items() if field.is_scope),
            rejects=(),
            read=self.rows.height + int(self.answered[REQUESTS].sum()),
            rejected=0,
            outside_period=0,
            ids=Ids(duplicate=duplicate),
            unattributed=Unattributed(),
        )


def read_enclosed(files: Mapping[str, bytes], terms: Terms) -> Enclosed:
    """Read the evidence of a pack. Raises `InputError` where it is not written as a pack writes it."""
    contract = parse_contract(files[AGREEMENT], AGREEMENT)
    if terms.reading not in contract.readings:
        raise InputError(
            Problem(
                AGREEMENT, Sentence("has no reading {reading!r}, by which is claimed", reading=terms.reading), AGAIN
            )
        )
    facts, working_days = read_facts_file(files[FACTS], contract)
    rows = read_rows(files[ROWS], contract, terms)
    answered = read_answered(files[ANSWERED], contract)
    counted = {ANSWERED: int(answered[REQUESTS].sum()), ROWS: rows.height}
    inputs = tuple({"path": name, "bytes": len(files[name]), "rows": number} for name, number in counted.items())
    return Enclosed(terms, contract, facts, working_days, rows, answered, inputs)


def slots_of(instants: pl.Series, grid: SlotGrid) -> list[pl.Series]:
    """Give for each instant the slot that it lies in, as columns of `model.tally.SLOT`."""
    at = instants.to_numpy()
    if not len(at):
        return [pl.Series(name, [], dtype=pl.Int64) for name in SLOT]
    edges = grid.edges(int(at.min()), int(at.max()))
    slots = np.array(grid.slots(edges), dtype=np.int64)
    found = slots[np.searchsorted(edges, at, side="right") - 1]
    return [pl.Series(name, found[:, column]) for column, name in enumerate(SLOT)]
