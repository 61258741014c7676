"""What becomes of each kind of request under every reading, and counts added up by it.

There are few kinds, an outcome and the exclusion that covers it, and many counts: so kinds are classed, and
counts only added up.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import polars as pl
import pyarrow as pa

from sla_audit.contract.model import Contract
from sla_audit.judge.adding import add_at
from sla_audit.judge.classification.rules import CLASSES, SAID, classify
from sla_audit.judge.dimensions import Dimensions
from sla_audit.model.verdicts import ExclusionFinding

KIND = ("outcome", "covering")
_END = ("class", "clause", "exclusion")
_SPARSE = 8  # sums that are so many times as many as the counts are not worth laying out


class ClassCounts(NamedTuple):
    """Requests added up by a number, such as that of the service cycle, and by how they are classified; see `add_up`.

    Those that end alike under all readings share a classification. `cells` has `number`, `classification` and
    `requests`, each cell once. `classifications` says what each is under each `reading`: its `class`, its `clause`, and
    the `exclusion` that took it out, if one did.
    """

    cells: pl.DataFrame
    classifications: pl.DataFrame

    def under(self, reading: str) -> pl.DataFrame:
        """Give the cells with their ends under one reading."""
        ends = self.classifications.filter(pl.col("reading") == reading).drop("reading")
        return self.cells.join(ends, on="classification")

    def by_class(self, reading: str, numbers: int) -> pl.DataFrame:
        """Add up, for each of so many numbers, the requests of each class under a reading."""
        class_of = self.classifications.filter(pl.col("reading") == reading).sort("classification")["class"]
        of_cell = class_of.gather(self.cells["classification"])
        cells = {name: self.cells.filter(of_cell == name) for name in CLASSES}
        return pl.DataFrame({name: add_at(part["number"], part["requests"], numbers) for name, part in cells.items()})

    def by_clause(self, reading: str, numbers: int) -> pl.Series:
        """Add up likewise what each clause left out under a reading: a list of `clause` and `requests` by number.

        Clauses are in order; null where none left anything out.
        """
        clause_of = self.classifications.filter(pl.col("reading") == reading).sort("classification")["clause"]
        of_cell, clauses = clause_of.gather(self.cells["classification"]), clause_of.unique().drop_nulls().sort()
        cells = [self.cells.filter(of_cell == clause) for clause in clauses]
        sums = [add_at(part["number"], part["requests"], numbers).to_numpy() for part in cells]
        requests = np.array(sums, dtype=np.int64).reshape(len(clauses), numbers).T
        number, column = np.nonzero(requests)
        listed = clauses.to_numpy()[column]
        parts = pa.StructArray.from_arrays([listed, requests[number, column]], names=["clause", "requests"])
        ends = np.searchsorted(number, np.arange(numbers + 1))
        none = np.append(ends[1:] == ends[:-1], False)
        return pl.Series(pa.ListArray.from_arrays(pa.array(ends, pa.int32(), mask=none), parts))


def add_up(
    counts: pl.DataFrame,
    dimensions: Dimensions,
    contract: Contract,
    findings: Sequence[ExclusionFinding],
    number: pl.Expr,
    numbers: int,
) -> ClassCounts:
    """Add counts up by `number`, which says something of them below `numbers`.

    They have codes, `requests`, and the position of the exclusion that is `covering` each.
    """
    uncovered = len(findings)
    kind = counts.select(
        kind=pl.col("outcome").cast(pl.Int64) * (uncovered + 1) + pl.col("covering").fill_null(uncovered)
    )["kind"]
    occurring = np.flatnonzero(np.bincount(kind.to_numpy(), minlength=1))
    outcome, covering = np.divmod(occurring, uncovered + 1)
    kinds = pl.DataFrame({"outcome": outcome, "covering": covering}).with_columns(
        pl.col("outcome").cast(pl.UInt32),
        covering=pl.when(pl.col("covering") < uncovered).then(pl.col("covering").cast(pl.Int32)),
    )
    classification_of, classifications = _classifications(class_kinds(kinds, dimensions, contract, findings), contract)
    classification_of_kind = np.zeros(int(occurring.max(initial=0)) + 1, dtype=np.int64)
    classification_of_kind[occurring] = classification_of
    many = max(classifications.height // len(contract.readings), 1)
    cell = counts.select(
        cell=number * many + pl.lit(pl.Series(classification_of_kind)).gather(pl.lit(kind)),
        requests="requests",
    )
    return ClassCounts(_sums(cell, numbers * many).select("requests", **_taken_apart(many)), classifications)


def class_kinds(
    kinds: pl.DataFrame, dimensions: Dimensions, contract: Contract, findings: Sequence[ExclusionFinding]
) -> pl.DataFrame:
    """Add to kinds, for every reading, its `reading/class`, `reading/clause` and `reading/exclusion`."""
    by_reading = classified(kinds, dimensions, contract, findings)
    parts = [found.select(pl.col(_END).name.prefix(f"{name}/")) for name, found in by_reading.items()]
    return pl.concat([kinds, *parts], how="horizontal")


def classified(
    kinds: pl.DataFrame, dimensions: Dimensions, contract: Contract, findings: Sequence[ExclusionFinding]
) -> dict[str, pl.DataFrame]:
    """Classify kinds, which have an `outcome` and what is `covering` it, under every reading: see `rules.classify`."""
    causes = pl.Series([finding.exclusion.clause for finding in findings], dtype=pl.Int32)
    described = kinds.with_columns(
        pl.lit(dimensions.outcomes[name]).gather(pl.col("outcome")) for name in SAID
    ).with_columns(exclusion="covering")
    return {name: classify(described, contract, reading, causes) for name, reading in contract.readings.items()}


def _classifications(classed: pl.DataFrame, contract: Contract) -> tuple[pl.Series, pl.DataFrame]:
    """Give kinds that end alike under all readings one classification: that of each kind, and each by reading."""
    by_reading = [name for name in classed.columns if name not in KIND]
    distinct = classed.select(by_reading).unique(maintain_order=True).with_row_index("classification")
    classifications = [
        distinct.select(
            "classification",
            pl.lit(name).alias("reading"),
            *(pl.col(f"{name}/{column}").alias(column) for column in _END),
        )
        for name in contract.readings
    ]
    known = classed.join(distinct, on=by_reading, nulls_equal=True, maintain_order="left")
    return known["classification"], pl.concat(classifications)


def _sums(cell: pl.DataFrame, cells: int) -> pl.DataFrame:
    """Add `requests` up by `cell`, a number below `cells`; those without any are left out."""
    if cells > _SPARSE * cell.height:
        return cell.group_by("cell").agg(pl.col("requests").sum())
    sums = add_at(cell["cell"], cell["requests"], cells)
    occurring = sums != 0
    return pl.DataFrame({"cell": occurring.arg_true(), "requests": sums.filter(occurring)})


def _taken_apart(many: int) -> dict[str, pl.Expr]:
    cell = pl.col("cell").cast(pl.Int64)
    return {"number": cell // many, "classification": (cell % many).cast(pl.UInt32)}
