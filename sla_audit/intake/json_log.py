"""JSON lines logs: pieces of whole lines, each parsed by Arrow, or line by line where Arrow finds a fault."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from itertools import compress
from pathlib import Path
from typing import Any, Self
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.json as pa_json

from sla_audit.errors import InputError, Problem
from sla_audit.intake.columns import LogColumns
from sla_audit.intake.csv_format import UTF_8
from sla_audit.intake.csv_header import too_many_columns
from sla_audit.intake.fingerprint import Samples
from sla_audit.intake.fragment import LogFragment
from sla_audit.intake.json_objects import (
    Fractional,
    begin_as_objects,
    has,
    id_of,
    leaves,
    mended,
    object_of,
    shown,
    text_of,
    time_of,
    too_large,
    value_of,
)
from sla_audit.intake.line_reader import LineReader, line_readers
from sla_audit.intake.pieces import Piece, first_lines, numbered_lines, some_at_a_time
from sla_audit.intake.rejects import Reject
from sla_audit.intake.sources import Source
from sla_audit.intake.text import is_sound
from sla_audit.intake.transcoding import UTF_16_MARKS, open_utf8, undecodable
from sla_audit.intake.unfinished import parted
from sla_audit.intake.wrappers import Wrapper
from sla_audit.limits import MOST_COLUMNS, MOST_VALUES

_BYTES_A_RANGE = 16 << 20
_BYTES_A_BLOCK = 8 << 20
_LINES_A_SAMPLE = 1000
_TYPES = {str: pa.string(), bool: pa.bool_(), int: pa.int64(), Fractional: pa.float64()}
_EXACT = pa.decimal256(76, 18)  # so wide that what overflows, which Arrow does not tell, comes near no time
_FAR = re.compile(rb":\s*-?[\d.]+[eE][+-]?\d{3}")  # a number of which Arrow makes no decimal, but ends the process
_EXPECTED = "one JSON object a line"
_LIST = re.compile(rb"\s*\[\s*$")  # objects in one list, and nothing that a gateway says when it starts


def json_header(path: Path, encoding: str = UTF_8, wrapper: Wrapper | None = None) -> list[str]:
    """Name the fields of the first objects; those of an object within are joined by a dot.

    Raises `InputError` where none of the first lines is an object, or where all are in one list.
    """
    return list(_sample(path, encoding, wrapper))


def json_fragments(
    source: Source, columns: LogColumns, zone: ZoneInfo, encoding: str = UTF_8, wrapper: Wrapper | None = None
) -> Iterator[LogFragment]:
    """Plan the reading of a file: see `line_reader.line_readers`. Each of its objects is within a `wrapper`, if any."""
    kinds = _sample(source.path, encoding, wrapper)
    types = {name: kinds.get(name, pa.string()) for name in columns.all}
    # Of a time, a float would hold fewer digits than the log has. Where it has more than this type, Arrow says so.
    types |= {name: _EXACT for name in columns.timestamp if types.get(name) == pa.float64()}
    besides = {name: kinds[name] for name in columns.besides if name in kinds and name not in types}
    for reader in line_readers(source, encoding, _BYTES_A_RANGE):
        yield JsonFragment(
            source,
            columns,
            zone,
            bytes=reader.bytes,
            types=types,
            besides=besides,
            reader=reader,
            wrapper=wrapper,
        )


class JsonFragment(LogFragment):
    """A part of one file, or all of it, in pieces of whole lines."""

    def __init__(
        self,
        *args: Any,
        types: Mapping[str, pa.DataType | None],
        besides: Mapping[str, pa.DataType | None],
        reader: LineReader,
        wrapper: Wrapper | None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self._types = types
        self._besides = besides
        self._reader = reader
        self._wrapper = wrapper

    def again(self, *, compared: bool = False) -> Self:
        """Give the same part of the log as one of which nothing has been read yet: see `LogFragment.again`."""
        unread = super().again(compared=compared)
        unread._types = {**self._types, **(self._besides if compared else {})}
        return unread

    def _batches(self, without: Collection[str]) -> Iterator[pa.RecordBatch]:
        del without  # a text file has no statistics, so nothing is known of a column before it is read
        self.samples = Samples()
        for piece in self._reader.pieces(self.samples):
            yield from self._read(piece)

    def _read(self, piece: Piece) -> Iterator[pa.RecordBatch]:
        """Read a piece with Arrow or, where something is wrong, line by line, its half-written end by itself."""
        text = piece.data.to_pybytes()
        objects = text if self._wrapper is None else self._unwrapped(text, self._wrapper)
        self._take_up_flags(objects)
        self._take_up_fields(objects)
        fast = self._fast(objects, text)
        if fast is None and b"\\x" in objects:
            fast = self._fast(mended(objects), text)
        if fast is not None:
            read = self._canonical(fast, self.columns.without(()))
            if not read.faults:
                yield self._take(read, fast.num_rows, "line", ())
                return
        parts = parted(piece, quoted=False)
        if parts is None:
            yield from self._slow(text, piece.lines_before())
            return
        whole, last = parts
        yield from self._read(whole)
        with self.rejects.of_last_line():
            yield from self._slow(last.data.to_pybytes(), last.lines_before())

    @staticmethod
    def _unwrapped(text: bytes, wrapper: Wrapper) -> bytes:
        objects = wrapper.off_all(text)
        return wrapper.off_what_has_it(text) if objects is None else objects

    def _take_up_flags(self, text: bytes) -> None:
        """Read the flags too that the first lines did not have: some writers leave out what is empty or false."""
        if self.columns.content_flag is None and b'"content_flag"' in text:
            self.columns = replace(self.columns, content_flag="content_flag")
        if self.columns.client_aborted is None and b'"client_aborted"' in text:
            self.columns = replace(self.columns, client_aborted="client_aborted")
        self._take_up_types(text)

    def _take_up_fields(self, text: bytes) -> None:
        """Read the fields of a dialect too that the first lines did not have: gateways leave out what says nothing."""
        naming = self.columns.naming
        for name in () if naming is None else naming.unseen:
            if _line_with(text, name) is not None:
                self.columns = self.columns.seeing(name)
        self._take_up_types(text)

    def _take_up_types(self, text: bytes) -> None:
        late = {name: _type_in(text, name) for name in self.columns.all if name not in self._types}
        self._types = {**self._types, **late}

    def _fast(self, objects: bytes, text: bytes) -> pa.RecordBatch | None:
        """Parse objects with Arrow; None where it cannot, or where they are not as many as the lines of the text."""
        types = {name: kind for name, kind in self._types.items() if kind is not None}
        if not objects or len(types) < len(self._types) or not begin_as_objects(objects):
            return None
        if _EXACT in types.values() and _FAR.search(objects):
            return None
        try:
            table = pa_json.read_json(
                pa.BufferReader(objects),
                read_options=pa_json.ReadOptions(use_threads=False, block_size=_BYTES_A_BLOCK),
                parse_options=pa_json.ParseOptions(
                    explicit_schema=_schema(types), unexpected_field_behavior="ignore", newlines_in_values=False
                ),
            )
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
            return None  # the slow path names the line, and why
        if table.num_rows != _lines(text):
            return None
        arrays = [_field(table, name) for name in types]
        if not all(map(is_sound, arrays)):
            return None
        batch = pa.RecordBatch.from_arrays(arrays, names=list(types))
        return None if self._lacks_some(batch, text) else batch

    def _lacks_some(self, batch: pa.RecordBatch, text: bytes) -> bool:
        """Tell whether some object lacks a field that all must have. Arrow reads null there, as where it is null."""
        nulls = {name: batch.column(name) for name in self.columns.always if batch.column(name).null_count}
        if not nulls:
            return False
        suspects = {name: column.is_null().to_numpy(zero_copy_only=False) for name, column in nulls.items()}
        of_some = np.logical_or.reduce(list(suspects.values())).tobytes()
        for row, (_, line) in compress(enumerate(numbered_lines(text, 0)), of_some):
            found = object_of(line) or {}
            if any(null[row] and not has(found, name) for name, null in suspects.items()):
                return True
        return False

    def _slow(self, text: bytes, lines_before: int) -> Iterator[pa.RecordBatch]:
        """Read a piece line by line, so that each line that cannot be read is named."""
        lines = numbered_lines(text, lines_before)
        for chunk in some_at_a_time(lines, lambda each: len(each[1])):
            read = [self._row(number, line) for number, line in chunk]
            good = [
                (number, line, row) for (number, line), row in zip(chunk, read, strict=True) if isinstance(row, list)
            ]
            malformed = [row for row in read if isinstance(row, Reject)]
            fields = [[row[at] for _, _, row in good] for at in range(len(self.columns.all))]
            yield self._take_lines(fields, [each[0] for each in good], [_raw(each[1]) for each in good], malformed)

    def _row(self, number: int, line: bytes) -> list[str | None] | Reject:
        """Give the fields of a line that are wanted, as text; or say what is wrong with it."""
        place, inner = f"line {number}", line if self._wrapper is None else self._wrapper.off(line)
        if b"\0" in line:
            return Reject(self.source.shown, place, "row", "damaged: it holds NUL bytes", "text", _raw(line))
        if inner is None:
            expected = f"{self._wrapper.name if self._wrapper else ''}, as on other lines"
            return Reject(self.source.shown, place, "row", _shown(_raw(line)), expected, _raw(line))
        found = object_of(inner)
        if found is None:
            expected = f"an object of at most {MOST_VALUES:,} values" if too_large(inner) else _EXPECTED
            return Reject(self.source.shown, place, "row", _shown(_raw(line)), expected, _raw(line))
        for name in self.columns.always:
            if not has(found, name):
                expected = "the field, as other lines have it, be it null or empty"
                return Reject(self.source.shown, place, name, f"absent: no field {name!r}", expected, _raw(line))
        values = []
        for name in self.columns.all:
            value = value_of(found, name)
            try:
                values.append(self._text_of(name, value))
            except ValueError as error:
                return Reject(self.source.shown, place, name, _shown(json.dumps(value)), str(error), _raw(line))
        return values

    def _text_of(self, name: str, value: Any) -> str | None:
        if name == self.columns.account_id:
            return id_of(value)
        if name in self._besides:
            return shown(value)
        return time_of(value) if name in self.columns.timestamp else text_of(value)


def _sample(path: Path, encoding: str, wrapper: Wrapper | None) -> dict[str, pa.DataType | None]:
    """Tell the fields of the first lines and their types; None where several are mixed."""
    with open_utf8(path, encoding) as file:
        head = file.peek(len(UTF_16_MARKS[0]))
        if encoding == UTF_8 and head.startswith(UTF_16_MARKS):
            raise InputError(undecodable(path, UTF_8, "a byte order mark of UTF-16", 0, head))
        lines = [line for line in first_lines(file, _LINES_A_SAMPLE, path.as_posix()) if line.strip()]
    if not lines:
        raise InputError(Problem(path.as_posix(), "the file is empty; expected JSON lines", "Leave the file out."))
    objects = [found for line in lines if (found := object_of((wrapper.off(line) or b"") if wrapper else line))]
    if not objects or _LIST.match(lines[0]):
        what = f"the first line is {_shown(_raw(lines[0]))}; expected {_EXPECTED}"
        raise InputError(Problem(path.as_posix(), what, "Check the file, or its suffix."))
    seen: dict[str, set[type]] = {}
    for found in objects:
        for keys, value in leaves(found):
            kinds = seen.setdefault(".".join(keys), set())
            if value is not None:
                kinds.add(type(value))
            if any("." in key for key in keys):
                kinds |= {str, dict}  # whole keys with dots are told from nested ones by the slow path alone
            if len(seen) > MOST_COLUMNS:
                raise InputError(too_many_columns(path.as_posix()))
    return {name: _type(kinds) for name, kinds in seen.items()}


def _type(kinds: set[type]) -> pa.DataType | None:
    if not kinds:
        return pa.string()
    if kinds == {int, Fractional}:
        return pa.float64()
    return _TYPES.get(kinds.pop()) if len(kinds) == 1 else None


def _type_in(text: bytes, name: str) -> pa.DataType | None:
    """Tell the type of a field from the first line that has it; None where that does not tell."""
    found = _line_with(text, name) or {}
    return _TYPES.get(type(value_of(found, name)))


def _line_with(text: bytes, name: str) -> dict[str, Any] | None:
    """Find the first object in which a field has a single value; None where there is none."""
    token, at = f'"{name.rpartition(".")[2]}"'.encode(), -1
    while (at := text.find(token, at + 1)) >= 0:
        end = text.find(b"\n", at)
        end = len(text) if end < 0 else end
        found = object_of(text[text.rfind(b"\n", 0, at) + 1 : end]) or {}
        if type(value_of(found, name)) in _TYPES:
            return found
        at = end
    return None


def _schema(types: Mapping[str, pa.DataType]) -> pa.Schema:
    """Nest the fields whose names have dots."""
    nested: dict[str, Any] = {}
    for name, kind in types.items():
        *path, leaf = name.split(".")
        inner = nested
        for part in path:
            inner = inner.setdefault(part, {})
        inner[leaf] = kind

    def struct(fields: dict[str, Any]) -> list[tuple[str, pa.DataType]]:
        return [(name, pa.struct(struct(kind)) if isinstance(kind, dict) else kind) for name, kind in fields.items()]

    return pa.schema(struct(nested))


def _field(table: pa.Table, name: str) -> pa.Array:
    """Take a column of the table, or a field of a struct in it."""
    top, *path = name.split(".")
    column = table.column(top).combine_chunks()
    return pc.struct_field(column, path) if path else column


def _lines(text: bytes) -> int:
    """Count the lines that are not blank: one by one only where not all of them begin as an object does."""
    ends = text.count(b"\n")
    lines = ends if text.endswith(b"\n") else ends + 1
    if text.startswith(b"{") and text.count(b"\n{") + 1 == lines:
        return lines
    return sum(1 for line in text.split(b"\n") if line.strip())


def _raw(line: bytes) -> str:
    return line.decode("utf-8", errors="backslashreplace").strip()


def _shown(text: str) -> str:
    return repr(text if len(text) <= 80 else text[:77] + "...")
