"""JSON lines logs: pieces of whole lines, each parsed by Arrow, or line by line where Arrow finds a fault."""

from __future__ import annotations

import json
from abc import abstractmethod
from collections.abc import Collection, Iterator, Mapping
from itertools import islice, pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.json as pa_json

from sla_audit.errors import InputError, Problem
from sla_audit.intake.columns import LogColumns
from sla_audit.intake.csv_format import UTF_8
from sla_audit.intake.fragment import LogFragment, line_ends
from sla_audit.intake.packed import packing_of
from sla_audit.intake.pieces import Piece, line_boundaries, line_pieces
from sla_audit.intake.rejects import Reject
from sla_audit.intake.sources import Source
from sla_audit.intake.transcoding import UTF_16_MARKS, open_utf8, undecodable

_BYTES_A_RANGE = 48 << 20
_BYTES_A_BLOCK = 8 << 20
_LINES_A_SAMPLE = 1000
_LINES_A_BATCH = 50_000
_TYPES = {str: pa.string(), bool: pa.bool_(), int: pa.int64(), float: pa.float64()}
_EXPECTED = "one JSON object a line, no key twice"


def json_header(path: Path, encoding: str = UTF_8) -> list[str]:
    """Name the fields of the first objects; those of an object within are joined by a dot.

    Raises `InputError` where the first line is no object.
    """
    return list(_sample(path, encoding))


def json_fragments(source: Source, columns: LogColumns, zone: ZoneInfo, encoding: str = UTF_8) -> Iterator[LogFragment]:
    """Plan the reading of a file: ranges of its bytes that end with a line.

    A file that is packed, or in another encoding, can only be read from its start: it is one fragment.
    """
    kinds = _sample(source.path, encoding)
    types = {name: kinds.get(name, pa.string()) for name in columns.all}
    if packing_of(source.path) or encoding != UTF_8:
        size = source.path.stat().st_size
        yield JsonStream(source, columns, zone, bytes=size, types=types, encoding=encoding)
        return
    for first, end in pairwise(line_boundaries(source.path, 0, _BYTES_A_RANGE)):
        yield JsonRange(source, columns, zone, bytes=end - first, types=types, start=first)


class JsonFragment(LogFragment):
    """A part of one file, or all of it, in pieces of whole lines."""

    def __init__(self, *args: Any, types: Mapping[str, pa.DataType | None], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._types = types

    @abstractmethod
    def _pieces(self) -> Iterator[Piece]:
        """Read the lines, piece by piece."""

    def _batches(self, without: Collection[str]) -> Iterator[pa.RecordBatch]:
        del without  # a text file has no statistics, so nothing is known of a column before it is read
        wanted = self.columns.without(())
        for piece in self._pieces():
            fast = self._fast(piece.data)
            if fast is not None:
                read = self._canonical(fast, wanted)
                if not read.faults:
                    yield self._take(read, fast.num_rows, "line", ())
                    continue
            yield from self._slow(piece)

    def _fast(self, data: pa.Buffer) -> pa.RecordBatch | None:
        """Parse the range with Arrow; None where it cannot, or where objects and lines are not the same."""
        types = {name: kind for name, kind in self._types.items() if kind is not None}
        if not data.size or len(types) < len(self._types):
            return None
        try:
            table = pa_json.read_json(
                pa.BufferReader(data),
                read_options=pa_json.ReadOptions(use_threads=False, block_size=_BYTES_A_BLOCK),
                parse_options=pa_json.ParseOptions(
                    explicit_schema=_schema(types), unexpected_field_behavior="ignore", newlines_in_values=False
                ),
            )
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
            return None  # the slow path names the line, and why
        if table.num_rows != sum(1 for line in data.to_pybytes().split(b"\n") if line.strip()):
            return None
        arrays = [_field(table, name) for name in types]
        return pa.RecordBatch.from_arrays(arrays, names=list(types))

    def _slow(self, piece: Piece) -> Iterator[pa.RecordBatch]:
        """Read a piece line by line, so that each line that cannot be read is named."""
        numbered = enumerate(piece.data.to_pybytes().split(b"\n"), piece.lines_before() + 1)
        lines = ((number, line) for number, line in numbered if line.strip())
        while chunk := list(islice(lines, _LINES_A_BATCH)):
            objects = [(number, _object(line)) for number, line in chunk]
            good = [(number, found) for number, found in objects if found is not None]
            texts = [_raw(line) for (_, line), (_, found) in zip(chunk, objects, strict=True) if found is not None]
            malformed = [
                Reject(self.source.shown, f"line {number}", "row", _shown(line), _EXPECTED, _raw(line))
                for (number, line), (_, found) in zip(chunk, objects, strict=True)
                if found is None
            ]
            fields = [[_text(found, name) for _, found in good] for name in self.columns.all]
            yield self._take_lines(fields, [number for number, _ in good], texts, malformed)


class JsonRange(JsonFragment):
    """A range of the bytes of one file, whole lines."""

    def __init__(self, *args: Any, start: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._start = start

    def _pieces(self) -> Iterator[Piece]:
        with pa.OSFile(str(self.source.path)) as file:
            file.seek(self._start)
            data = file.read_buffer(self.bytes)
        yield Piece(data, self._start, self._lines_before)

    def _lines_before(self) -> int:
        with self.source.path.open("rb") as file:
            return line_ends(file, self._start)


class JsonStream(JsonFragment):
    """One file that is read from its start: unpacked, brought to UTF-8 and cut into pieces as it comes."""

    def __init__(self, *args: Any, encoding: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._encoding = encoding

    def _pieces(self) -> Iterator[Piece]:
        with open_utf8(self.source.path, self._encoding) as file:
            yield from line_pieces(file, 0, _BYTES_A_RANGE, self.source.shown)


def _sample(path: Path, encoding: str) -> dict[str, pa.DataType | None]:
    """Tell the fields of the first lines and their types; None where several are mixed."""
    with open_utf8(path, encoding) as file:
        head = file.peek(len(UTF_16_MARKS[0]))
        if encoding == UTF_8 and head.startswith(UTF_16_MARKS):
            raise InputError(undecodable(path, UTF_8, "a byte order mark of UTF-16", 0, head))
        lines = [line for line in islice(file, _LINES_A_SAMPLE) if line.strip()]
    if not lines:
        raise InputError(Problem(path.as_posix(), "the file is empty; expected JSON lines", "Leave the file out."))
    first = _object(lines[0])
    if first is None:
        what = f"the first line is {_shown(lines[0])}; expected {_EXPECTED}"
        raise InputError(Problem(path.as_posix(), what, "Check the file, or its suffix."))
    seen: dict[str, set[type]] = {}
    for found in filter(None, map(_object, lines)):
        for keys, value in _leaves(found):
            kinds = seen.setdefault(".".join(keys), set())
            if value is not None:
                kinds.add(type(value))
            if any("." in key for key in keys):
                kinds |= {str, dict}  # whole keys with dots are told from nested ones by the slow path alone
    return {name: _type(kinds) for name, kinds in seen.items()}


def _type(kinds: set[type]) -> pa.DataType | None:
    if not kinds:
        return pa.string()
    if kinds == {int, float}:
        return pa.float64()
    return _TYPES.get(kinds.pop()) if len(kinds) == 1 else None


def _leaves(found: Mapping[str, Any], before: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    for name, value in found.items():
        if isinstance(value, dict):
            yield from _leaves(value, (*before, name))
        else:
            yield (*before, name), value


def _object(line: bytes) -> dict[str, Any] | None:
    """Read a line as an object; None where it is none, or says a key twice."""
    try:
        found = json.loads(line, object_pairs_hook=_pairs)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key twice")
    return found


def _text(found: Mapping[str, Any], name: str) -> str | None:
    """Give a field as text, as the log spells it."""
    value: Any = found
    for part in _parts(found, name):
        value = value.get(part) if isinstance(value, dict) else None
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value)


def _parts(found: Mapping[str, Any], name: str) -> list[str]:
    """Split a name at its dots, unless the object has it whole."""
    return [name] if name in found else name.split(".")


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


def _raw(line: bytes) -> str:
    return line.decode("utf-8", errors="backslashreplace").strip()


def _shown(line: bytes) -> str:
    text = _raw(line)
    return repr(text if len(text) <= 80 else text[:77] + "...")
