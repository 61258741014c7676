"""Parts of JSON lines logs: pieces of whole lines, each parsed by Arrow, or line by line where Arrow finds a fault."""

from __future__ import annotations

import json
from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, compress, islice
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from sla_audit.errors import InputError, Problem
from sla_audit.intake.bytes.chunks import Piece, lines_in, numbered_lines, some_at_a_time
from sla_audit.intake.bytes.last_line import ends_a_line, parted
from sla_audit.intake.fingerprint import Samples
from sla_audit.intake.formats.jsonl.fast import JsonReader
from sla_audit.intake.formats.jsonl.objects import (
    has,
    id_of,
    mended,
    object_of,
    shown,
    text_of,
    time_of,
    too_large,
    value_of,
)
from sla_audit.intake.formats.jsonl.sample import (
    EXPECTED,
    Kinds,
    as_text,
    quoted,
    said,
    type_in,
    type_of,
)
from sla_audit.intake.formats.line_reader import LineReader
from sla_audit.intake.formats.scanned import ScannedReading
from sla_audit.intake.formats.wrappers import Wrapper, as_on_other_lines
from sla_audit.intake.fragments.fragment import LogFragment
from sla_audit.intake.rejects import DAMAGED, TEXT, Reject
from sla_audit.intake.scan.layout import Layout
from sla_audit.intake.traced.tracing import LOGGED
from sla_audit.limits import MOST_VALUES
from sla_audit.sentence import Sentence, said_by, to_say

if TYPE_CHECKING:
    from sla_audit.intake.scan.scanner import Scanner


@dataclass(frozen=True, eq=False, kw_only=True)
class JsonFragment(LogFragment):
    """A part of one file, or all of it, in pieces of whole lines, each with a `wrapper` around its object, if any.

    `kinds` has what the first objects hold.
    """

    kinds: Kinds
    reader: LineReader
    wrapper: Wrapper | None

    def read(self, without: Collection[str] = ()) -> JsonReading:
        """Begin to read its rows: see `LogFragment.read`. Nothing is known of a column before it is read."""
        return JsonReading(self, without)


class JsonReading(ScannedReading[JsonFragment]):
    """One reading of some lines: its `columns` grow by what later objects have."""

    loops = "json"

    def __init__(self, plan: JsonFragment, without: Collection[str] = ()) -> None:
        super().__init__(plan, without)
        self._learned: dict[str, pa.DataType] = {}
        self._sought = self.columns.later.names

    @property
    def _absent(self) -> Collection[str]:
        return {"request_id"} if self.columns.request_id in self._sought else ()

    def _batches(self) -> Iterator[pa.RecordBatch]:
        self.samples = Samples()
        for piece in self._wanted(self.plan.reader.pieces(self.samples)):
            yield from self._read(piece)

    @property
    def _late(self) -> tuple[str, ...]:
        return self._sought

    def _scanner(self, layout: Layout, written: Hashable) -> Scanner | None:
        from sla_audit.intake.scan.formats.json_scanner import json_scanner

        del written  # an object is an object
        return json_scanner(layout)

    def _read(self, piece: Piece) -> Iterator[pa.RecordBatch]:
        """Scan a piece, whole lines; its half-written end, and what cannot be scanned, is read otherwise."""
        whole, last = parted(piece, quoted=False) or (piece, None)
        scanned = self._scan(whole) if ends_a_line(whole) else None
        if scanned is None:
            yield from self._read_at_once(piece)
            return
        yield from scanned
        if last is not None:
            with self.rejects.of_last_line():
                yield from self._slow(last.data.to_pybytes(), last.lines_before())

    def _scan(self, piece: Piece) -> Iterator[pa.RecordBatch] | None:
        """Scan whole lines; None where they are not to be scanned."""
        wrapper = None if self.plan.scanners is None else self.plan.wrapper
        text = None if wrapper is None else piece.data.to_pybytes()
        objects = None if wrapper is None or text is None else wrapper.off_all(text)
        if text is not None and (objects is None or objects.count(b"\n") != text.count(b"\n")):
            return None
        settled = (
            self._settled(piece.data, start=piece.start) if objects is None else self._settled(pa.py_buffer(objects))
        )
        if settled is None or (text is not None and settled.lines != lines_in(text)):
            return None
        if not self.columns.later.times.isdisjoint(settled.late):
            return None  # others name the line
        odd = list(settled.odd.within(piece.data, piece.lines_before, by_number=text is not None))
        before = self.columns
        if self._sought:
            self._seek((number, self._object(number, line)) for number, line in odd)
        if settled.late:
            self._take_up(settled.late)
        if self.columns != before:
            return self._scan(piece)
        begin = None if text is not None else self._begin(settled.odd, piece)
        return chain(self._take_settled(settled), self._line_by_line(odd, begin))

    def _read_at_once(self, piece: Piece) -> Iterator[pa.RecordBatch]:
        """Read a piece with Arrow or, where something is wrong, line by line, its half-written end by itself."""
        text = piece.data.to_pybytes()
        objects = text if self.plan.wrapper is None else self._unwrapped(text, self.plan.wrapper)
        fast = self._fast(objects, text, piece)
        if fast is None and b"\\x" in objects:
            fast = self._fast(mended(objects), text, piece)
        lines = None if fast is None else self._lines(text, fast.num_rows, piece.lines_before)
        if fast is not None and lines is not None and not self._is_spelt_otherwise(fast):
            read = self._canonical(fast, self.columns.without(()))
            if not read.faults:
                yield self._take(fast, read, "line", lines)
                return
        parts = parted(piece, quoted=False)
        if parts is None:
            yield from self._slow(text, piece.lines_before())
            return
        whole, last = parts
        yield from self._read_at_once(whole)
        with self.rejects.of_last_line():
            yield from self._slow(last.data.to_pybytes(), last.lines_before())

    def _is_spelt_otherwise(self, batch: pa.RecordBatch) -> bool:
        """Tell whether it is needed how numbers are written, and some are kept that may be written otherwise."""
        names = [name for canonical in LOGGED for name in self.columns.without(())[canonical]]
        kinds = [batch.column(name).type for name in names if name in batch.schema.names]
        return self.traced is not None and any(
            pa.types.is_floating(kind) or pa.types.is_decimal(kind) for kind in kinds
        )

    @staticmethod
    def _unwrapped(text: bytes, wrapper: Wrapper) -> bytes:
        objects = wrapper.off_all(text)
        return wrapper.off_what_has_it(text) if objects is None else objects

    def _take_up(self, names: Sequence[str]) -> None:
        """Read fields as columns from now on that no object had before."""
        self.columns = self.columns.seeing(names, self._shown)
        self._sought = self.columns.later.names

    def _fast(self, objects: bytes, text: bytes, piece: Piece) -> pa.RecordBatch | None:
        """Parse objects with Arrow; None where it cannot, or where they are not as many as the lines of the text.

        Fields that are still to come are parsed as text, which costs next to nothing where there are none.
        """
        lines = lines_in(text)
        batch = self._parsed(objects, lines)
        if batch is None and self._learn(objects):
            batch = self._parsed(objects, lines)
        if batch is None:
            return None
        first = {name: _first(batch.column(name)) for name in self._sought if name in batch.schema.names}
        seen = {name: row for name, row in first.items() if row is not None}
        if seen:
            times = {name: row for name, row in seen.items() if name in self.columns.later.times}
            self._refuse_times({name: piece.lines_before() + _number(text, row) for name, row in times.items()})
            self._take_up(list(seen))
            if not set(self.columns.all) <= set(batch.schema.names):
                return self._fast(objects, text, piece)
        return None if self._lacks_some(batch, objects) else batch

    def _parsed(self, objects: bytes, lines: int) -> pa.RecordBatch | None:
        names = dict.fromkeys((*self.columns.all, *filter(self._can_be_sought, self._sought)))
        return JsonReader({name: self._type(name) for name in names}, self._exact).read(objects, lines)

    @property
    def _exact(self) -> tuple[str, ...]:
        """The names of what is read with all digits that the log has."""
        took = self.columns.took
        return (*self.columns.timestamp, *(() if took is None else (took.column,)))

    def _can_be_sought(self, name: str) -> bool:
        """Tell whether a field may come that is not within, and has not within it, what the first objects have."""
        return not any(f"{known}.".startswith(f"{name}.") or name.startswith(f"{known}.") for known in self.plan.kinds)

    def _type(self, name: str) -> pa.DataType | None:
        """Tell as what Arrow may parse a field: text where nothing is known of it."""
        columns = self.columns
        texts = {
            columns.account_id,
            columns.request_id,
            columns.region,
            columns.api,
            columns.error_code,
            columns.client,
        }
        # of which 1 and 1.0 are two
        return self._learned.get(name) or type_of(self.plan.kinds.get(name, frozenset()), mixed=name not in texts)

    def _learn(self, objects: bytes) -> bool:
        """Find the types of fields of which nothing is known; tell whether some are not those that were guessed."""
        names = (*self.columns.all, *self._sought)
        guessed = [name for name in names if not self.plan.kinds.get(name) and name not in self._learned]
        found = {name: kind for name in guessed if (kind := type_in(objects, name)) is not None}
        self._learned |= found
        return any(kind != pa.string() for kind in found.values())

    def _refuse_times(self, seen: Mapping[str, int]) -> None:
        """Say so where a field is seen late, at some line, without which times were others."""
        for name, line in seen.items():
            if name in self.columns.later.times:
                found = Sentence("from here on the log has {name!r}, by which times are others than before", name=name)
                remedy = to_say("Split the file there, and read its parts in two runs.")
                raise InputError(Problem(f"{self._shown}, line {line}", found, remedy))

    def _lacks_some(self, batch: pa.RecordBatch, objects: bytes) -> bool:
        """Tell whether some object lacks a field that all must have. Arrow reads null there, as where it is null."""
        nulls = {name: batch.column(name) for name in self.columns.always if batch.column(name).null_count}
        if not nulls:
            return False
        suspects = {name: column.is_null().to_numpy(zero_copy_only=False) for name, column in nulls.items()}
        of_some = np.logical_or.reduce(list(suspects.values())).tobytes()
        for row, (_, line) in compress(enumerate(numbered_lines(objects, 0)), of_some):
            found = object_of(line) or {}
            if any(null[row] and not has(found, name) for name, null in suspects.items()):
                return True
        return False

    def _slow(self, text: bytes, lines_before: int) -> Iterator[pa.RecordBatch]:
        """Read a piece line by line, so that each line that cannot be read is named."""
        yield from self._line_by_line(numbered_lines(text, lines_before))

    def _line_by_line(
        self, lines: Iterable[tuple[int, bytes]], begin: Mapping[int, int] | None = None
    ) -> Iterator[pa.RecordBatch]:
        for chunk in some_at_a_time(lines, lambda each: len(each[1])):
            objects = [self._object(number, line) for number, line in chunk]
            self._seek(zip((number for number, _ in chunk), objects, strict=True))
            read = [
                found if isinstance(found, Reject) else self._row(number, line, found)
                for (number, line), found in zip(chunk, objects, strict=True)
            ]
            good = [
                (number, line, row) for (number, line), row in zip(chunk, read, strict=True) if isinstance(row, list)
            ]
            malformed = [row for row in read if isinstance(row, Reject)]
            fields = [[row[at] for _, _, row in good] for at in range(len(self.columns.all))]
            texts = [as_text(each[1]) for each in good]
            yield self._take_lines(fields, [each[0] for each in good], texts, malformed, begin)

    def _seek(self, objects: Iterable[tuple[int, dict[str, Any] | Reject]]) -> None:
        """Take up the fields that some of these objects, each with its line, are the first to have."""
        seen: dict[str, int] = {}
        for number, found in objects:
            late = () if isinstance(found, Reject) else (each for each in self._sought if said(value_of(found, each)))
            for name in late:
                seen.setdefault(name, number)
        if seen:
            self._refuse_times(seen)
            self._take_up(list(seen))

    def _object(self, number: int, line: bytes) -> dict[str, Any] | Reject:
        """Give the object of a line; or say what is wrong with it."""
        place, inner = f"line {number}", line if self.plan.wrapper is None else self.plan.wrapper.off(line)
        if b"\0" in line:
            return Reject(self._shown, place, "row", DAMAGED, TEXT, as_text(line))
        if inner is None:
            expected = as_on_other_lines(self.plan.wrapper)
            return Reject(self._shown, place, "row", quoted(as_text(line)), expected, as_text(line))
        found = object_of(inner)
        if found is None:
            expected = Sentence(EXPECTED)
            if too_large(inner):
                expected = Sentence("an object of at most {most:,} values", most=MOST_VALUES)
            return Reject(self._shown, place, "row", quoted(as_text(line)), expected, as_text(line))
        return found

    def _row(self, number: int, line: bytes, found: dict[str, Any]) -> list[str | None] | Reject:
        """Give the fields of an object that are wanted, as text; or say what is wrong with it."""
        place = f"line {number}"
        for name in self.columns.always:
            if not has(found, name):
                expected = Sentence("the field, as other lines have it, be it null or empty")
                return Reject(
                    self._shown, place, name, Sentence("absent: no field {name!r}", name=name), expected, as_text(line)
                )
        values = []
        for name in self.columns.all:
            value = value_of(found, name)
            try:
                values.append(self._text_of(name, value))
            except ValueError as error:
                return Reject(self._shown, place, name, quoted(json.dumps(value)), said_by(error), as_text(line))
        return values

    def _text_of(self, name: str, value: Any) -> str | None:
        if name == self.columns.account_id:
            return id_of(value)
        if name in self.columns.merely_compared:
            return shown(value)
        return time_of(value) if name in self._exact else text_of(value)


def _first(column: pa.Array) -> int | None:
    """Find the first row that has a value."""
    return None if column.null_count == len(column) else column.is_valid().index(True).as_py()


def _number(text: bytes, row: int) -> int:
    """Give the number of a line, from 1, of which so many that are not blank are before it."""
    lines = (number for number, line in enumerate(text.split(b"\n"), 1) if line.strip())
    return next(islice(lines, row, None))
