"""Whose intervals are told apart, and the cycles that they may lie in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

import numpy as np
import polars as pl

from sla_audit.contract.model import Contract
from sla_audit.judge.allocation.allocate import AllocatedCounts
from sla_audit.model.cycle import ServiceCycle

_Found = TypeVar("_Found")


@dataclass(frozen=True)
class Units:
    """The sub-units of which intervals are told apart: that of each outcome, and how many each cycle has seen."""

    of_outcome: pl.Series
    many: int
    seen: dict[int, int]
    names: pl.Series

    @classmethod
    def of(cls, allocated: AllocatedCounts, contract: Contract) -> Units:
        """Find them among what was allocated; without sub-units, there is one, of no name."""
        dimensions = allocated.dimensions
        number = dimensions.cycle_number()
        nobody = pl.Series([None], dtype=pl.String)
        if contract.unit.pooled is None:
            seen = np.flatnonzero(np.bincount(allocated.counts.select(number=number)["number"].to_numpy())).tolist()
            return cls(
                pl.repeat(0, dimensions.outcomes.height, dtype=pl.Int64, eager=True), 1, dict.fromkeys(seen, 1), nobody
            )
        codes = dimensions.outcomes[contract.unit.pooled].rank("dense").fill_null(0).cast(pl.Int64)
        numbered = allocated.counts.select(number=number, unit=pl.lit(codes).gather(pl.col("outcome"))).unique()
        seen_by = numbered.group_by("number").len()
        named = dimensions.outcomes[contract.unit.pooled].drop_nulls().unique().sort()  # as their ranks are
        many = int(codes.max() or 0) + 1  # type: ignore[arg-type]
        return cls(codes, many, dict(seen_by.iter_rows()), pl.concat([nobody, named]))


class Around(NamedTuple):
    """The cycles of an audit; where runs may go there, also the one before and the one after: then `edge` is 1."""

    cycles: tuple[ServiceCycle, ...]
    edge: int

    @classmethod
    def of(cls, allocated: AllocatedCounts) -> Around:
        """Take the cycles of an audit, and where counts lie beside them, their neighbours."""
        cycles = allocated.cycles
        if not allocated.beside.height or not cycles:
            return cls(cycles, 0)
        return cls((cycles[0].plus(-1), *cycles, cycles[-1].plus(1)), 1)

    def place_of(self, slots: pl.DataFrame) -> pl.Series:
        """Give the position of the cycle of each slot among these; null where it is none of them."""
        position = {str(cycle): at for at, cycle in enumerate(self.cycles)}
        return pl.Series([position.get(cycle) for cycle in slots["cycle"]], dtype=pl.Int64)

    def inside(self, found: Mapping[int, _Found]) -> dict[int, _Found]:
        """Give what was found of the cycles of the audit by the numbers that their cycles have there."""
        many, of_audit = len(self.cycles), len(self.cycles) - 2 * self.edge
        return {
            number // many * of_audit + number % many - self.edge: each
            for number, each in found.items()
            if self.edge <= number % many < many - self.edge
        }
