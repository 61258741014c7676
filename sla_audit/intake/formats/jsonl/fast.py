"""JSON lines as Arrow parses them: fast, but only where reading line by line would say the same."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.json as pa_json

from sla_audit.intake.formats.jsonl.objects import begin_as_objects
from sla_audit.intake.values.text import is_sound

_BYTES_A_BLOCK = 8 << 20
_EXACT = pa.decimal256(76, 18)  # so wide that what overflows, which Arrow does not tell, comes near no time
_BEYOND_FLOATS = 2**53  # from here on, several whole numbers are one float
_NUMBER_IN_EXPONENT_FORM = rb'"\s*:\s*-?[0-9.]+[eE]'
_KEY_WITH_ESCAPES = re.compile(rb"\\[u/][^\"\\\n]*(?:\\.[^\"\\\n]*)*" + _NUMBER_IN_EXPONENT_FORM)


@dataclass(frozen=True)
class JsonReader:
    """Of which types the fields are that are wanted, None where line by line alone tells; and which are `exact`.

    Of a time, or how long a request took, a float would hold fewer digits than the log has, so its numbers become
    decimals. Where it has more than these, Arrow says so; but an exponent, which its parser of decimals follows out of
    bounds, is not given to it.
    """

    types: Mapping[str, pa.DataType | None]
    exact: Collection[str]

    def read(self, objects: bytes, lines: int) -> pa.RecordBatch | None:
        """Parse objects, one a line; None where that cannot be, or where they are not as many as there are `lines`."""
        types = {name: _EXACT if self._is_exact(name) else kind for name, kind in self.types.items()}
        if None in types.values() or not objects or not begin_as_objects(objects) or self._has_exponents(objects):
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
        if table.num_rows != lines:
            return None
        arrays = [_field(table, name) for name in types]
        plain = all(is_sound(array) and not _is_beyond_floats(array) for array in arrays)
        return pa.RecordBatch.from_arrays(arrays, names=list(types)) if plain else None

    def _is_exact(self, name: str) -> bool:
        return name in self.exact and self.types[name] == pa.float64()

    def _has_exponents(self, objects: bytes) -> bool:
        """Tell whether some time may be a number with an exponent, under whichever spelling of its key."""
        if any(pattern.search(objects) for pattern in self._exact_keys):
            return True
        return bool(self._exact_keys) and b"\\" in objects and _KEY_WITH_ESCAPES.search(objects) is not None

    @cached_property
    def _exact_keys(self) -> list[re.Pattern[bytes]]:
        keys = [name.rpartition(".")[2].encode() for name in self.types if self._is_exact(name)]
        return [re.compile(b'"' + re.escape(key) + _NUMBER_IN_EXPONENT_FORM) for key in keys]


def _schema(types: Mapping[str, pa.DataType | None]) -> pa.Schema:
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


def _is_beyond_floats(array: pa.Array) -> bool:
    """Tell whether a column of floats may have taken a whole number for its neighbour."""
    if not pa.types.is_float64(array.type):
        return False
    bounds = pc.min_max(array).as_py()
    return bounds["min"] is not None and not -_BEYOND_FLOATS < bounds["min"] <= bounds["max"] < _BEYOND_FLOATS
