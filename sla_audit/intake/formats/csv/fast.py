"""CSV as Arrow parses it: fast, but only where a strict reader would say the same."""

from __future__ import annotations

from codecs import BOM_UTF8
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv

_BYTES_A_BLOCK = 4 << 20
_BYTES_A_LOOK = 1 << 18
_ESCAPED_QUOTE = b'\\"'


@dataclass(frozen=True)
class FastReader:
    """How Arrow is to parse the rows: the names of all columns, the types of those that are wanted."""

    names: list[str]
    types: dict[str, pa.DataType]
    delimiter: str
    escapes: bool = False
    """Whether a backslash before a quote makes it a part of the text, which Arrow is not told of."""

    def of(self, wanted: Sequence[str]) -> FastReader:
        """Give a reader that parses these columns; the bytes of those that nobody needed before may be no UTF-8."""
        return replace(self, types={name: self.types.get(name, pa.binary()) for name in wanted})

    def with_text(self, names: Sequence[str]) -> FastReader:
        """Give a reader that parses some of the columns as the text that they are."""
        return replace(self, types=self.types | {name: pa.string() for name in names if name in self.types})

    def read(self, data: pa.Buffer) -> pa.Table | None:
        """Parse whole rows into one batch; None where a row cannot be parsed, or not with certainty."""
        quoted, plain = _look(data)
        if not plain or (self.escapes and quoted and _ESCAPED_QUOTE in memoryview(data).tobytes()):
            return None
        table = self._parsed(data, self.types, quoted=quoted)
        if table is None and any(map(pa.types.is_timestamp, self.types.values())):
            # A time that Arrow does not read may be one all the same, such as a leap second.
            as_text = {name: pa.string() if pa.types.is_timestamp(kind) else kind for name, kind in self.types.items()}
            table = self._parsed(data, as_text, quoted=quoted)
        if table is None:
            return None
        table = table.unify_dictionaries().combine_chunks()  # one dictionary, one batch
        return None if quoted and not _quotes_are_plain(data, table.num_rows, self.delimiter) else table

    def _parsed(self, data: pa.Buffer, types: dict[str, pa.DataType], *, quoted: bool) -> pa.Table | None:
        """Parse rows, with columns of some types; None where a row, or a value, is of another kind."""
        try:
            return pa_csv.read_csv(
                pa.BufferReader(data),
                read_options=pa_csv.ReadOptions(column_names=self.names, block_size=_BYTES_A_BLOCK, use_threads=False),
                parse_options=pa_csv.ParseOptions(
                    delimiter=self.delimiter, quote_char='"' if quoted else False, newlines_in_values=quoted
                ),
                convert_options=pa_csv.ConvertOptions(
                    column_types=types,
                    include_columns=list(types),
                    null_values=[""],
                    strings_can_be_null=False,
                ),
            )
        except pa.ArrowInvalid:
            return None  # the slow path names the row, and why


def _look(data: pa.Buffer) -> tuple[bool, bool]:
    """Tell whether a range of a file has quotes, without which no field holds a line break; and whether it is plain.

    It is not where it has a NUL byte, or begins with a byte order mark, which Arrow would take for that of the file.
    """
    view = memoryview(data)
    quoted = False
    for at in range(0, len(view), _BYTES_A_LOOK):
        block = view[at : at + _BYTES_A_LOOK].tobytes()
        quoted = quoted or b'"' in block
        if b"\0" in block:
            return quoted, False
    return quoted, not view[:3].tobytes().startswith(BOM_UTF8)


def _quotes_are_plain(data: pa.Buffer, rows: int, delimiter: str) -> bool:
    """Tell whether quotes do nothing but enclose fields of one line, so that Arrow and a strict reader agree.

    Arrow takes an unclosed quote, and what follows it up to the next one, for one field, whatever stands beside it.
    Here each line has an even number of quotes, of which one opens and the next one closes a field, by turns: at its
    edge, or at another quote, with which it is a quote within the field.
    """
    text = np.frombuffer(data, dtype=np.uint8)
    quote, edge, lf, cr = ord('"'), ord(delimiter), ord("\n"), ord("\r")
    ends = np.flatnonzero(text == lf)
    lines = len(ends) + int(text[-1] != lf)
    at = np.flatnonzero(text == quote)
    if lines != rows or len(at) % 2 or np.any(np.searchsorted(at, ends) % 2):
        return False
    around = np.pad(text, 1, constant_values=lf)
    before, after = around[at[::2]], around[at[1::2] + 2]
    inner = at[2::2] == at[1:-1:2] + 1  # that a field is closed and opened again
    opened = np.isin(before, (edge, lf))
    closed = np.isin(after, (edge, lf, cr))
    opened[1:] |= inner
    closed[:-1] |= inner
    return bool(np.all(opened) and np.all(closed))
