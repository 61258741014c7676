"""The counters: one number per slot, outcome and account, in one table that all threads add to."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import numpy.typing as npt

from sla_audit.tally.listed_cells import Codes, Counts, ListedCells

_MOST_CELLS = 1 << 27  # half a GiB of counters; beyond that, only the cells that are not zero are kept
_MANY_ACCOUNTS = 1 << 17  # a plane of more takes more memory than a few rows are worth
_SPARSE = 8  # a table of more cells than so many times the rows is not worth filling
_SAMPLE = 4096
_FEW_CODES = 64
_NONE = -1


class CodedColumn:
    """A column of codes: `values[rows]`, or `values[0]` in every row where `rows` is None.

    Values that are each their own position are a slice: then `rows` are the codes.
    """

    __slots__ = ("rows", "values")

    def __init__(self, values: Codes | slice, rows: Codes | None = None) -> None:
        self.values = values
        self.rows = rows

    @property
    def size(self) -> int:
        """How many values there are."""
        return self.values.stop if isinstance(self.values, slice) else len(self.values)

    def split(self) -> tuple[CodedColumn, npt.NDArray[np.bool_]]:
        """Guess the value of most rows from some, and tell which rows have another."""
        if self.rows is None:
            return self, np.zeros(1, dtype=np.bool_)
        values = _codes(self.values)
        usual = np.bincount(values.take(self.rows[:: len(self.rows) // _SAMPLE + 1])).argmax()
        others = np.flatnonzero(values != usual)
        if len(others) > _FEW_CODES:
            return CodedColumn(np.array([usual])), (values != usual).take(self.rows)
        is_other = np.zeros(len(self.rows), dtype=np.bool_)
        for other in others:
            is_other |= self.rows == other  # a pass over narrow codes for each is quicker than looking each row up
        return CodedColumn(np.array([usual])), is_other

    def at(self, positions: Codes) -> CodedColumn:
        """Give the column of some of the rows."""
        return CodedColumn(self.values, None if self.rows is None else self.rows[positions])

    def full(self, rows: int) -> Codes:
        """Give the code of every row."""
        if self.rows is None:
            return np.full(rows, _codes(self.values)[0])
        return self.rows if isinstance(self.values, slice) else self.values.take(self.rows)


class Cells:
    """Counts of rows: a plane of accounts for each pair of slot and outcome that occurs.

    Adding to many cells at once is a single numpy call that holds the interpreter anyway, so one
    table under a lock costs no more than one for each thread, and needs no merging. Where there are many accounts,
    rows of several pairs are listed instead; and so are all where the table would be too large.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._table = np.zeros((256, 1024), dtype=np.uint32)
        self._plane_of = np.full((8, 16), _NONE, dtype=np.int64)
        self._pairs: list[tuple[int, int]] = []
        self._added = 0
        self._laid_out = True
        self._listed = ListedCells()

    def add(
        self,
        slot: CodedColumn,
        account: CodedColumn,
        outcome: CodedColumn,
        rows: int,
        by: Counts | None = None,
        *,
        few: bool = False,
    ) -> None:
        """Add to the cell of each of `rows` rows: 1, or what `by` says. Pairs of slot and outcome may have `few` rows.

        Those are listed, whatever the others are.
        """
        if not rows:
            return
        counts = np.ones(rows, dtype=np.int64) if by is None else by
        slots, outcomes = (_codes(column.values) for column in (slot, outcome))
        if slot.rows is None and outcome.rows is None:
            self._add(slots[0], outcomes[0], account.full(rows), counts, few=few)
            return
        occurring, pair = _occurring(_positions(slot, outcome, rows), slot.size * outcome.size)
        of_slot, of_outcome = slots[occurring // outcome.size], outcomes[occurring % outcome.size]
        self._add(of_slot, of_outcome, account.full(rows), counts, pair, scattered=by is None, few=few)

    def add_alike(self, slot: CodedColumn, account: CodedColumn, outcome: int, rows: int, but: Codes) -> None:
        """Add 1 to the cell of each of `rows` rows that all have one outcome, `but` for some of them."""
        size = slot.size * account.size
        if isinstance(account.values, slice) or size > _SPARSE * rows:
            rest = np.delete(np.arange(rows), but)
            self.add(slot.at(rest), account.at(rest), CodedColumn(np.array([outcome])), len(rest))
            return
        # Positions in the dictionaries of the batch are small and close together, which the processor likes.
        counts = _frequencies(slot, account, rows, size)
        counts -= _frequencies(slot.at(but), account.at(but), len(but), size)
        for code, of_slot in zip(_codes(slot.values), counts.reshape(-1, account.size), strict=True):
            self._add(code, np.int64(outcome), account.values, of_slot)

    def counts(self) -> tuple[Codes, Codes, Codes, Counts]:
        """Give slot, account, outcome and count of every cell that is not zero."""
        with self._lock:
            cells = self._listed.by_pair()
            for pair, plane in zip(self._pairs, self._table, strict=False):
                cells[pair] = _of_plane(plane, cells.get(pair))
        nothing = (np.zeros(0, dtype=np.int64),) * 2
        pairs = np.array(list(cells), dtype=np.uint32).reshape(-1, 2)
        slot, outcome = (np.repeat(codes, [len(account) for account, _ in cells.values()]) for codes in pairs.T)
        account, counts = (np.concatenate(column) for column in zip(nothing, *cells.values(), strict=True))
        return slot, account.astype(np.uint32), outcome, counts

    def _add(
        self,
        slot: Any,
        outcome: Any,
        account: Codes,
        by: Counts,
        pair: Codes | None = None,
        *,
        scattered: bool = False,
        few: bool = False,
    ) -> None:
        """Add to cells, of which one may come more than once; slot and outcome are one for all, or at `pair`."""
        with self._lock:
            self._added += int(by.sum())
            if self._added > np.iinfo(self._table.dtype).max:
                self._table = self._table.astype(np.uint64)  # half as wide for as long as nothing can overflow
            in_planes = self._laid_out and not (few or (scattered and self._table.shape[1] > _MANY_ACCOUNTS))
            plane = self._planes(slot, outcome) if in_planes else None
            if self._laid_out:
                self._make_room(int(account.max()) + 1)
            if plane is None or not self._laid_out:
                of_rows = (slot, outcome) if pair is None else (slot[pair], outcome[pair])
                self._listed.add(*of_rows, account, by)
                return
            amounts = by.astype(self._table.dtype)
            if pair is None:
                np.add.at(self._table[plane], account, amounts)
            else:
                first = plane * self._table.shape[1]
                np.add.at(self._table.reshape(-1), first.take(pair) + account, amounts)

    def _planes(self, slot: Any, outcome: Any) -> Any:
        """Give the plane of each pair of slot and outcome, a new one where there is none yet."""
        wanted = (int(np.max(slot)) + 1, int(np.max(outcome)) + 1)
        if any(need > have for need, have in zip(wanted, self._plane_of.shape, strict=True)):
            grown = np.full(_grown(self._plane_of.shape, wanted), _NONE, dtype=np.int64)
            grown[: self._plane_of.shape[0], : self._plane_of.shape[1]] = self._plane_of
            self._plane_of = grown
        plane = self._plane_of[slot, outcome]
        if np.min(plane) != _NONE:
            return plane
        both = np.broadcast_arrays(slot, outcome)
        for pair in sorted(set(zip(*(np.ravel(part).tolist() for part in both), strict=True))):
            if self._plane_of[pair] == _NONE:
                self._plane_of[pair] = len(self._pairs)
                self._pairs.append(pair)
        return self._plane_of[slot, outcome]

    def _make_room(self, accounts: int) -> None:
        """Have a place in every plane for every account."""
        used, room = len(self._pairs), self._table.shape
        planes, width = _grown(room, (used, accounts))
        if (planes, width) == room:
            return
        if used * width > _MOST_CELLS:
            for (slot, outcome), plane in zip(self._pairs, self._table, strict=False):
                self._listed.add(slot, outcome, *_of_plane(plane))
            self._laid_out, self._table = False, self._table[:0]
            return
        # Untouched pages of a zeroed array take no memory, so room to grow is free, up to what may be asked for.
        planes = max(used, min(planes, _MOST_CELLS // width))
        table = np.zeros((planes, width), dtype=self._table.dtype)
        table[:used, : room[1]][: room[0]] = self._table[:used]
        self._table = table


def _grown(shape: tuple[int, ...], wanted: tuple[int, int]) -> tuple[int, int]:
    """Give a shape that holds what is wanted, with room to grow where it had to grow."""
    rows, columns = (have if need <= have else max(need, have * 2) for need, have in zip(wanted, shape, strict=True))
    return rows, columns


def _codes(values: Codes | slice) -> Codes:
    return np.arange(values.stop) if isinstance(values, slice) else values


def _of_plane(plane: Codes, more: tuple[Codes, Counts] | None = None) -> tuple[Codes, Counts]:
    """Give the accounts of a plane that are not zero, and their counts, with those of more accounts added."""
    if more is not None:
        account, counts = more
        plane = plane.copy()
        plane[account] += counts.astype(plane.dtype)
    account = np.flatnonzero(plane != 0)  # truths are searched faster than numbers
    return account, plane.take(account).astype(np.int64)


def _occurring(codes: Codes, size: int) -> tuple[Codes, Codes]:
    """Give the codes, of `size` possible ones, that occur, and for each row the position of its code among them."""
    if size > _SPARSE * len(codes):
        occurring, positions = np.unique(codes, return_inverse=True)
        return occurring, positions
    occurring = np.flatnonzero(np.bincount(codes, minlength=size))
    position_of = np.zeros(size, dtype=np.int64)
    position_of[occurring] = np.arange(len(occurring))
    return occurring, position_of.take(codes)


def _frequencies(slot: CodedColumn, account: CodedColumn, rows: int, size: int) -> Counts:
    """Count the rows by their positions in the values of slot and account, slot by slot."""
    if slot.rows is None and account.rows is None:
        return np.array([rows])
    return np.bincount(_positions(slot, account, rows), minlength=size)


def _positions(slot: CodedColumn, account: CodedColumn, rows: int) -> Codes:
    """Give for each row its position in the values of slot and account, slot by slot."""
    if account.rows is None:
        return np.zeros(rows, dtype=np.int64) if slot.rows is None else slot.rows
    return account.rows if slot.rows is None else slot.rows * np.int64(account.size) + account.rows
