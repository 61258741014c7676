"""What is asked about repeated requests: which are errors, whose they are, and how long callers have to wait."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from sla_audit.contract.service import of_service
from sla_audit.model.statuses import StatusSet
from sla_audit.model.tally import OUTCOME
from sla_audit.tally.dedup.sought import Positions
from sla_audit.tally.dedup.spill import Hashes
from sla_audit.tally.dedup.watermark import Instants
from sla_audit.tally.owners import STEP_OF, Owners
from sla_audit.tally.row_numbers import mixed, numbers_of, numbers_of_rows


class Waits(NamedTuple):
    """How long a caller has to wait, in microseconds: see `contract.terms.repeats.Repeats`.

    After the first error of a row it is so long, and after each further one `factor` times as long, `most` at most;
    unless that is `after_each`, there is only the first wait.
    """

    first: int
    factor: int
    most: int
    after_each: bool

    def growing(self) -> Instants:
        """Give the wait after the first error of a row, the second, and so on, until it does not grow any more."""
        waits = [self.first]
        while self.factor > 1 and waits[-1] < self.most:
            waits.append(min(waits[-1] * self.factor, self.most))
        return np.array(waits, dtype=np.int64)


@dataclass(frozen=True)
class Callers:
    """Tells who sent a request: an account, of which keys may have `owners`, and what columns `by` say besides."""

    by: tuple[str, ...]
    owners: Owners | None
    zone: ZoneInfo

    def of(self, batch: pa.RecordBatch, at: Instants, positions: Positions) -> Hashes:
        """Give a number for the caller of some rows of a batch, as `kernel.Kernel` takes them; `at` is of all rows."""
        return mixed(
            [
                self._accounts_in(batch, at, positions),
                *(numbers_of_rows(batch, {}, name, positions) for name in self.by),
            ]
        )

    def accounts(self, ids: pa.Array, at: Instants) -> Hashes:
        """Give a number for the account that each of some ids stands for, then."""
        if self.owners is None:
            return numbers_of(ids)
        named = pl.DataFrame({"account_id": ids, "step": at}, schema=STEP_OF)
        distinct = named.unique()
        owner = numbers_of(self.owners.of(distinct).to_arrow().cast(pa.string()))
        found = named.join(distinct.with_columns(owner=owner), on=list(STEP_OF), how="left", maintain_order="left")
        numbers: Hashes = found["owner"].to_numpy()
        return numbers

    def _accounts_in(self, batch: pa.RecordBatch, at: Instants, positions: Positions) -> Hashes:
        if self.owners is None:
            return numbers_of_rows(batch, {}, "account_id", positions)
        ids = batch.column("account_id").take(pa.array(positions))
        return self.accounts(ids.dictionary_decode() if pa.types.is_dictionary(ids.type) else ids, at[positions])


@dataclass(frozen=True)
class Repeating:
    """Which requests are errors, by their status, who sends them, and how long these have to wait.

    Where there are `apis`, globs of the operations of a service, requests of others neither make wait, nor have to.
    """

    errors: StatusSet
    callers: Callers
    waits: Waits
    apis: tuple[str, ...] = ()

    def among(self, outcomes: pl.DataFrame) -> pl.Series:
        """Tell of each outcome of a tally whether it is an error."""
        answered = pl.when(pl.col("no_answer") == pl.lit(value=False)).then("status")
        listed = answered.is_in(pl.Series(sorted(self.errors.codes), dtype=OUTCOME["status"]).implode())
        return outcomes.select(listed.fill_null(self.errors.none)).to_series()

    def of_service_in(self, batch: pa.RecordBatch) -> npt.NDArray[np.bool_]:
        """Tell of each row of a batch, as `kernel.Kernel` takes it, whether it is of the service."""
        if not self.apis or "api" not in batch.schema.names:
            return np.full(batch.num_rows, of_service(None, self.apis))
        column = batch.column("api")
        named = column if pa.types.is_dictionary(column.type) else column.dictionary_encode()
        own = {name for name in named.dictionary.to_pylist() if of_service(name, self.apis)}
        return _told(named, own, null=of_service(None, self.apis))

    def errors_in(self, batch: pa.RecordBatch) -> npt.NDArray[np.bool_]:
        """Tell of each row of a batch, as `kernel.Kernel` takes it, whether it is an error."""
        found = np.full(batch.num_rows, self.errors.none)
        if "status" in batch.schema.names:
            found = _told(batch.column("status"), self.errors.codes, null=self.errors.none)
        if "no_answer" in batch.schema.names:
            unanswered = _told(batch.column("no_answer"), {True}, null=True)
            found = np.where(unanswered, self.errors.none, found)
        return found


def _told(column: pa.DictionaryArray, values: Collection[object], *, null: bool) -> npt.NDArray[np.bool_]:
    """Tell where a column says one of some values, each of which is looked at once."""
    said = column.dictionary.to_pylist()
    table = np.array([null if value is None else value in values for value in said] + [null], dtype=np.bool_)
    indices = column.indices.fill_null(len(said)) if column.indices.null_count else column.indices
    found: npt.NDArray[np.bool_] = table.take(indices.to_numpy(zero_copy_only=False))
    return found
