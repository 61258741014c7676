"""The counting kernel: Arrow batches in, counts out. Integer keys; no Python and no text per row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import prod
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from sla_audit.errors import InputError, Problem
from sla_audit.model.tally import OUTCOME, OUTCOME_FIELDS, REQUESTS, SLOT, Tally
from sla_audit.sentence import Sentence, to_say
from sla_audit.tally.account_index import AccountIndex
from sla_audit.tally.cells import Cells, CodedColumn
from sla_audit.tally.dedup.same_request import instants
from sla_audit.tally.intervals.kept import KeptSteps
from sla_audit.tally.intervals.may_fail import MayFail
from sla_audit.tally.limits import UNSEEN_OUTCOME
from sla_audit.tally.listed_cells import Codes, Counts
from sla_audit.tally.outcomes import ABSENT, OutcomeIndex
from sla_audit.tally.slot_runs import slot_runs
from sla_audit.tally.slots import SlotGrid, SlotIndex

_PER_SECOND = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}
_MICROSECONDS = 10**6
_MOST_TABLES = 64
_SAMPLE = 4096
_FEW_EDGES = 64
_ONE_IN = 8  # rows of other slots, where most lie in one: at most one in so many
_FEW_VALUES = 16
_MOST_COMBINATIONS = 1 << 22


class Kernel:
    """Counts batches into cells of slot x account x outcome; threads may share one.

    A batch has `timestamp` (timestamp of any unit, UTC, no nulls), `account_id` (text or a dictionary
    of text, no nulls) and any of the columns of `model.OUTCOME` as dictionaries of their type, which may
    repeat a value; a null, in the indices or in the dictionary, is a null, and says nothing but in `no_answer`, where
    it says that it is not known. `known` gives the one value
    that a column has in every row, for columns that a batch leaves out; for `timestamp`, any instant, in
    microseconds, of the one slot that all rows lie in. A column that is in neither says nothing.

    A batch of counts has `requests`: how many each row stands for. It may have the columns of `model.SLOT`
    (timestamps in microseconds) for `timestamp`.

    Where something `may_fail`, the grid has steps, by which only such rows are counted, and those that lie in steps
    which are `kept` besides; all others go to its `rests`. Batches in which something may fail then have `timestamp`,
    also if it is `known`.
    Where each slot has `few` rows beside the accounts that there are, no room is made for all accounts in each.
    """

    def __init__(
        self,
        grid: SlotGrid,
        may_fail: MayFail | None = None,
        kept: KeptSteps | None = None,
        *,
        few: bool = False,
    ) -> None:
        self.accounts = AccountIndex()
        self.slots = SlotIndex(steps=grid.steps is not None)
        self.outcomes = OutcomeIndex()
        self.cells = Cells()
        self._grid = grid
        self._usual_grid = grid if may_fail is None else grid.rests
        self._may_fail = may_fail
        self._kept = kept
        self._few = few
        self._failing = np.zeros(0, dtype=np.bool_)
        self._tables: dict[tuple[Any, ...], tuple[Sequence[pa.Array], npt.NDArray[np.uint16]]] = {}

    def count(self, batch: pa.RecordBatch, known: Mapping[str, Any]) -> None:
        """Count the rows of a batch, which has a column at least.

        Most requests of a log end alike, and lie in one slot. They are counted by account alone; only the odd
        ones are looked at in full.
        """
        rows = batch.num_rows
        if not rows:
            return
        slot, account = self._slot(batch, known), self._account(batch, known)
        said = {name: known[name] for name in OUTCOME if name in known}
        columns = {name: _Column.of(batch.column(name)) for name in OUTCOME if name in batch.schema.names}
        if REQUESTS in batch.schema.names:
            taken = {name: column.at(slice(None)) for name, column in columns.items()}
            counts = _Some(batch, known, slot, account, self._outcome(taken, said), np.arange(rows))
            self._add(counts, batch.column(REQUESTS).to_numpy())
            return
        usual, is_odd = _split(columns, rows)
        of_usual, elsewhere = slot.split()
        if np.count_nonzero(elsewhere) * _ONE_IN <= rows:
            is_odd |= elsewhere
        else:
            of_usual = slot
        odd = np.flatnonzero(is_odd)
        code = self.outcomes.code(said | usual) if len(odd) * 2 <= rows and not self._few else None
        if code is None or self._fails(np.array([code]))[0]:
            odd = np.arange(rows)
        else:
            self.cells.add_alike(of_usual, account, code, rows, odd)
        if len(odd):
            taken = {name: column.at(odd) for name, column in columns.items()}
            self._add(_Some(batch, known, slot.at(odd), account.at(odd), self._outcome(taken, said), odd))

    def _add(self, some: _Some, by: Counts | None = None) -> None:
        """Count some rows of a batch, by steps where they may have failed."""
        by_steps = self._by_steps(some)
        if by_steps is None or not by_steps.any():
            self.cells.add(some.slot, some.account, some.outcome, len(some.at), by, few=self._few)
            return
        rest = np.flatnonzero(~by_steps)
        of_rest = None if by is None else by[rest]
        self.cells.add(some.slot.at(rest), some.account.at(rest), some.outcome.at(rest), len(rest), of_rest)
        steps = np.flatnonzero(by_steps)
        of_steps = None if by is None else by[steps]
        slot = self._step(some.batch, some.at[steps]) or some.slot.at(steps)
        self.cells.add(slot, some.account.at(steps), some.outcome.at(steps), len(steps), of_steps, few=True)

    def _step(self, batch: pa.RecordBatch, at: Codes) -> CodedColumn | None:
        """Give the slots of steps that some rows lie in; None where the batch says itself which slots these are."""
        if set(SLOT).issubset(batch.schema.names):
            return None
        if "timestamp" not in batch.schema.names:
            found = to_say("a Parquet file has statuses that its statistics do not have")
            raise InputError(
                Problem(Sentence("logs"), found, "Give --no-statistics, and have the file's writer mended.")
            )
        slots, which = self._grid.slots_at(instants(batch)[at])
        return CodedColumn(self.slots.codes(slots), which)

    def _by_steps(self, some: _Some) -> npt.NDArray[np.bool_] | None:
        """Tell which rows are counted by steps; None where all are counted as the grid says."""
        if self._may_fail is None or self._grid.steps is None:
            return None
        if set(SLOT).issubset(some.batch.schema.names):
            starts_at, ends_at = (some.batch.column(name).cast(pa.int64()).to_numpy() for name in SLOT)
            is_step: npt.NDArray[np.bool_] = (ends_at - starts_at)[some.at] <= self._grid.steps.length
            return is_step
        by_steps = self._fails(some.outcome.full(len(some.at)))
        if self._kept is not None:
            kept = np.zeros(some.batch.num_rows, dtype=np.bool_)
            kept[self._kept.among(some.batch, some.known)] = True
            by_steps |= kept[some.at]
        return by_steps

    def _fails(self, outcome: Codes) -> npt.NDArray[np.bool_]:
        """Tell which outcomes, by their codes, may be failures."""
        if self._may_fail is None:
            return np.zeros(len(outcome), dtype=np.bool_)
        failing = self._failing
        if int(outcome.max()) >= len(failing):
            more = [self._may_fail.holds(each) for each in self.outcomes.since(len(failing))]
            self._failing = failing = np.append(failing, np.array(more, dtype=np.bool_))
        return failing.take(outcome)

    def tally(self) -> Tally:
        """Give what has been counted so far."""
        slot, account, outcome, requests = self.cells.counts()
        counts = pl.DataFrame({"account": account, "slot": slot, "outcome": outcome, REQUESTS: requests})
        return Tally(self.accounts.frame(), self.slots.frame(), self.outcomes.frame(), counts)

    def _account(self, batch: pa.RecordBatch, known: Mapping[str, Any]) -> CodedColumn:
        if "account_id" in known:
            return CodedColumn(self.accounts.codes(pa.array([known["account_id"]], pa.string())))
        column = batch.column("account_id")
        if pa.types.is_dictionary(column.type):
            return CodedColumn(self.accounts.codes(column.dictionary), column.indices.to_numpy())
        codes = self.accounts.codes(column)
        return CodedColumn(slice(0, int(codes.max()) + 1), codes)

    def _slot(self, batch: pa.RecordBatch, known: Mapping[str, Any]) -> CodedColumn:
        if set(SLOT).issubset(batch.schema.names):
            return self._counted_slot(batch)
        grid = self._usual_grid
        if "timestamp" in known:
            slots = grid.slots(grid.edges(known["timestamp"], known["timestamp"]))
            return CodedColumn(self.slots.codes(slots))
        column = batch.column("timestamp")
        ticks = column.cast(pa.int64())
        scale = _PER_SECOND[column.type.unit]
        if grid.steps is not None:
            slots, rows = grid.slots_at(instants(batch))
            return CodedColumn(self.slots.codes(slots), rows)
        bounds = pc.min_max(ticks).as_py()
        edges = grid.edges(*(bounds[name] * _MICROSECONDS // scale for name in ("min", "max")))
        codes = self.slots.codes(grid.slots(edges))
        if len(set(codes.tolist())) == 1:
            return CodedColumn(codes[:1])
        # The edges go to the unit of the rows, not the rows to that of the edges. One that falls
        # between two ticks moves up to the next, which leaves no row on another side of it.
        inner = (
            -(-edges[1:-1] * scale // _MICROSECONDS)
            if scale < _MICROSECONDS
            else edges[1:-1] * (scale // _MICROSECONDS)
        )
        return CodedColumn(codes, _stretches(inner, ticks.to_numpy(zero_copy_only=False)))

    def _counted_slot(self, batch: pa.RecordBatch) -> CodedColumn:
        """Take each slot of a tally as that of the grid which holds it; one that none holds stays itself."""
        runs = slot_runs(batch)
        codes = self.slots.codes(map(self._grid.fold, runs.slots()))
        return CodedColumn(codes, np.repeat(np.arange(len(codes)), np.diff(np.append(runs.first, batch.num_rows))))

    def _outcome(self, columns: Mapping[str, _Column], said: Mapping[str, Any]) -> CodedColumn:
        """Give the outcome of each row, settled once per combination of what the columns say."""
        if not columns:
            return CodedColumn(np.array([self.outcomes.code(said)]))
        combined: Any = None
        for column in columns.values():
            combined = column.codes if combined is None else combined * np.int64(column.size) + column.codes
        if prod(column.size for column in columns.values()) > _MOST_COMBINATIONS:
            return self._few_of_many(columns, said, combined)
        table = self._table(columns, said)
        outcome = table.take(combined)
        if outcome.max() == UNSEEN_OUTCOME:
            for unseen in np.flatnonzero(np.bincount(combined)).tolist():
                if table[unseen] == UNSEEN_OUTCOME:
                    table[unseen] = self.outcomes.code(dict(said) | _values(columns, unseen))
            outcome = table.take(combined)
        return CodedColumn(np.where(table == UNSEEN_OUTCOME, 0, table), combined)

    def _few_of_many(self, columns: Mapping[str, _Column], said: Mapping[str, Any], combined: Codes) -> CodedColumn:
        """Settle only the combinations that occur, where a table of all there could be would be too large."""
        occurring, rows = np.unique(combined, return_inverse=True)
        codes = [self.outcomes.code(dict(said) | _values(columns, each)) for each in occurring.tolist()]
        return CodedColumn(np.array(codes), rows)

    def _table(self, columns: Mapping[str, _Column], said: Mapping[str, Any]) -> npt.NDArray[np.uint16]:
        """Give the table from combined codes to outcomes, kept for as long as the same dictionaries come."""
        dictionaries = [column.dictionary for column in columns.values()]
        key = (*columns, *said.items(), *(part for dictionary in dictionaries for part in _identity(dictionary)))
        known = self._tables.get(key)
        if known is None:
            # Holding the dictionaries keeps their addresses from being given to others.
            size = prod(column.size for column in columns.values())
            known = (dictionaries, np.full(size, UNSEEN_OUTCOME, dtype=np.uint16))
            if len(self._tables) >= _MOST_TABLES:
                self._tables.clear()
            self._tables[key] = known
        return known[1]


class _Some(NamedTuple):
    """Some rows of a batch, by their positions `at` in it, and what is known of all; columns are of these rows."""

    batch: pa.RecordBatch
    known: Mapping[str, Any]
    slot: CodedColumn
    account: CodedColumn
    outcome: CodedColumn
    at: Codes


class _Column(NamedTuple):
    """A column as codes into a dictionary, and which rows are null; their code is the one past its end.

    Codes come as Arrow has them: until `at` mends them, those of null rows mean nothing.
    """

    codes: Codes
    null: npt.NDArray[np.bool_] | None
    dictionary: pa.Array

    @classmethod
    def of(cls, column: pa.DictionaryArray) -> _Column:
        """Take a column of a batch, without copying it."""
        indices = column.indices
        first, end = indices.offset, indices.offset + len(indices)
        valid, data = indices.buffers()
        null = None
        if indices.null_count:
            bits = np.unpackbits(np.frombuffer(valid, dtype=np.uint8), count=end, bitorder="little")
            null = bits[first:] == 0
        codes = np.frombuffer(data, dtype=str(indices.type))[first:end]
        return cls(codes, null, column.dictionary)

    @property
    def size(self) -> int:
        return len(self.dictionary) + 1

    def usual(self) -> int:
        """Guess the most frequent code from the first rows."""
        codes = self.codes[:_SAMPLE]
        if self.null is not None:
            codes = np.where(self.null[:_SAMPLE], self.size - 1, codes)
        return int(np.bincount(codes).argmax())

    def other_than(self, code: int) -> npt.NDArray[np.bool_]:
        """Tell which rows have another code."""
        if self.null is not None and code == self.size - 1:
            return ~self.null
        other: npt.NDArray[np.bool_] = self.codes != code
        return other if self.null is None else other | self.null

    def at(self, positions: Codes | slice) -> _Column:
        """Give the column of some of the rows, null where it says so."""
        codes = self.codes[positions]
        if self.null is not None:
            codes = np.where(self.null[positions], self.size - 1, codes)
        return _Column(codes, None, self.dictionary)

    def value(self, name: str, code: int) -> Any:
        """Give what a code says in the column of that name."""
        value = None if code == len(self.dictionary) else self.dictionary[code].as_py()
        return ABSENT[name] if value is None and not OUTCOME_FIELDS[name].may_be_unknown else value


def _values(columns: Mapping[str, _Column], combined: int) -> dict[str, Any]:
    """Take a combined code apart into what each column says."""
    values = {}
    for name, column in reversed(list(columns.items())):
        combined, code = divmod(combined, column.size)
        values[name] = column.value(name, code)
    return values


def _split(columns: Mapping[str, _Column], rows: int) -> tuple[dict[str, Any], npt.NDArray[np.bool_]]:
    """Guess what most rows say from the first ones, and tell which rows say something else."""
    usual: dict[str, Any] = {}
    odd = np.zeros(rows, dtype=np.bool_)
    for name, column in columns.items():
        most = column.usual()
        usual[name] = column.value(name, most)
        odd |= column.other_than(most)
    return usual, odd


def _stretches(edges: npt.NDArray[np.int64], ticks: npt.NDArray[np.int64]) -> Codes:
    """Tell which stretch each instant lies in: how many edges are at or before it."""
    if len(edges) > _FEW_EDGES:
        return np.searchsorted(edges, ticks, side="right")
    passed = np.zeros(len(ticks), dtype=np.uint8)
    for edge in edges:
        passed += ticks >= edge  # a pass over all instants for each edge is a tenth of a search for each instant
    return passed


def _identity(array: pa.Array) -> tuple[Any, ...]:
    """Tell arrays apart: short ones, which each batch has anew, by their values, others by their memory.

    Arrow makes a new object at every access to the same array.
    """
    if len(array) <= _FEW_VALUES:
        return (str(array.type), *array.to_pylist())
    return (array.offset, len(array), *(buffer.address for buffer in array.buffers() if buffer is not None))
