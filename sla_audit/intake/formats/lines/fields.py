"""The fields of lines in some formats: of all lines at once, or of one."""

from __future__ import annotations

from codecs import BOM_UTF8
from collections.abc import Sequence
from functools import cached_property

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv

from sla_audit.intake.columns import LogColumns
from sla_audit.intake.dialects.line_format import Escapes, LineFormat, like, odd, unescaped

_BYTES_A_BLOCK = 8 << 20
_FEW_BYTES = 1 << 16
_NO_CHARACTER_OF_TEXT = "\x01"


class FieldReader:
    """Lines of some formats, and the fields of them that are wanted."""

    def __init__(self, formats: Sequence[LineFormat], columns: LogColumns) -> None:
        self._formats = formats
        self._wanted = columns.all
        self._unlike = {columns.request_id, *(columns.timestamp if len(columns.timestamp) == 1 else ())}

    def columns(self, text: bytes) -> pa.RecordBatch | None:
        """Give the fields that are wanted of all lines as columns; None where some line is odd."""
        lines = _lines(text)
        if lines is None:
            return None
        found: list[pl.Series] = []
        for expression, groups in self._expressions:
            fields = lines.str.extract_groups(expression)
            some = [
                pl.repeat(None, len(lines), dtype=pl.String, eager=True) if at is None else fields.struct.field(str(at))
                for at in groups
            ]
            found = some if not found else [_first_of(*pair) for pair in zip(found, some, strict=True)]
            if not found[self._always].null_count():
                break
        else:
            return None
        (escapes,) = {each.escapes for each in self._formats}
        arrays = [
            _column(each.to_arrow().cast(pa.string()), repeats=name not in self._unlike, escapes=escapes)
            for name, each in zip(self._wanted, found, strict=True)
        ]
        return pa.RecordBatch.from_arrays(arrays, names=list(self._wanted))

    def of(self, line: str) -> list[str | None] | None:
        """Give the fields that are wanted of one line; None where it is of no format."""
        found = next(like(line, self._formats), None) or next(odd(line, self._formats), None)
        if found is None:
            return None
        each, fields = found
        said = dict(zip(each.names, fields, strict=True))
        values = [said.get(name) for name in self._wanted]
        return [unescaped(value, each.escapes) if each.escapes and value else value for value in values]

    @property
    def first(self) -> LineFormat:
        """The format that goes before the others."""
        return self._formats[0]

    @cached_property
    def _expressions(self) -> list[tuple[str, list[int | None]]]:
        """The expression of each format, and the group in it of each field that is wanted."""
        found = []
        for each in self._formats:
            order = [name for name in each.names if name in self._wanted]
            groups = [order.index(name) + 1 if name in order else None for name in self._wanted]
            found.append((f"^(?:{each.expression(order)})$", groups))
        return found

    @cached_property
    def _always(self) -> int:
        """The place of a field that all formats have, so that a line of any has it."""
        return next(at for at, name in enumerate(self._wanted) if all(name in each.names for each in self._formats))


def _lines(text: bytes) -> pl.Series | None:
    """Give the lines of a text that are not blank; None where they are not plain."""
    if b"\0" in text or text.count(b"\r") != text.count(b"\r\n"):
        return None
    if 0 < len(text) <= _FEW_BYTES and not text.startswith(BOM_UTF8):
        return _few_lines(text)
    try:
        table = pa_csv.read_csv(
            pa.BufferReader(text),
            read_options=pa_csv.ReadOptions(column_names=["line"], block_size=_BYTES_A_BLOCK, use_threads=False),
            parse_options=pa_csv.ParseOptions(delimiter=_NO_CHARACTER_OF_TEXT, quote_char=False),
            convert_options=pa_csv.ConvertOptions(column_types={"line": pa.string()}, strings_can_be_null=False),
        )
    except pa.ArrowInvalid:
        return None
    return pl.Series(table.column("line"))


def _few_lines(text: bytes) -> pl.Series | None:
    """Do the same for a short text, of which Arrow's threads would take longer to hear than to read it."""
    try:
        lines = text.decode().replace("\r\n", "\n").split("\n")
    except UnicodeDecodeError:
        return None
    return None if _NO_CHARACTER_OF_TEXT.encode() in text else pl.Series(list(filter(None, lines)), dtype=pl.String)


def _first_of(one: pl.Series, other: pl.Series) -> pl.Series:
    return one.zip_with(one.is_not_null(), other)


def _column(column: pa.Array, *, repeats: bool, escapes: Escapes) -> pa.Array:
    """Give a column as text or, where values repeat, as a dictionary; with what is escaped in it undone."""
    escaped = escapes and pc.any(pc.match_substring(column, escapes)).as_py()
    if not repeats and not escaped:
        return column
    encoded = column.dictionary_encode()
    if escaped:
        values = pa.array([unescaped(value, escapes) for value in encoded.dictionary.to_pylist()], pa.string())
        encoded = pa.DictionaryArray.from_arrays(encoded.indices, values, safe=False)
    return encoded if repeats else encoded.dictionary_decode()
