"""What differences between two counts of a cycle are worth, one after the other: together, all the difference."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise

import polars as pl

from sla_audit.contract.model import Contract
from sla_audit.judge.classification.rules import CLASSES
from sla_audit.judge.ruling import rule_on

MOVED = "moved"


@dataclass(frozen=True)
class Terms:
    """What a verdict depends on besides the counts.

    `cycle` is a row of `cycles.service_cycles` with its bill.
    """

    cycle: pl.DataFrame
    contract: Contract
    reading: str
    as_of: date

    def amounts(self, counts: pl.DataFrame) -> list[Decimal | None]:
        """Give the compensation for each row of counts by class; None where it cannot be told."""
        verdicts = rule_on(
            pl.concat([self.cycle] * counts.height), counts.select(CLASSES), self.contract, self.reading, self.as_of
        )
        return verdicts["compensation"].to_list()


def worth(differences: pl.DataFrame, first: pl.DataFrame, terms: Terms) -> pl.DataFrame:
    """Say of each difference how the compensation moves by it, once those before it are settled.

    `differences` have, for each class, how many requests more there are of it (fewer, where negative), `first` has one
    row: how many there were. Adds `moved`: the sum of all is the whole difference in money, whatever their order;
    null where the compensation before or after cannot be told.
    """
    steps = pl.concat([first.select(CLASSES), differences.select(CLASSES)], how="vertical_relaxed")
    amounts = terms.amounts(steps.select(pl.col(CLASSES).cum_sum()))
    moved = [None if before is None or after is None else after - before for before, after in pairwise(amounts)]
    return differences.with_columns(pl.Series(MOVED, moved, pl.Decimal(38, 6)))
