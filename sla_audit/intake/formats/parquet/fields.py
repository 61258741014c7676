"""The fields of a Parquet file: columns, and those within structs, named with dots."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from sla_audit.errors import InputError, Problem
from sla_audit.intake.tables.live import EXPORT
from sla_audit.sentence import Sentence

_INT96 = "INT96"
_FIELD_ID = b"PARQUET:field_id"


@dataclass(frozen=True)
class Field:
    """A field: its name with dots, the names of the columns down to it, its type, and whether it is kept as INT96.

    A table may know it by a `number` (Parquet's field id).
    """

    name: str
    path: tuple[str, ...]
    type: pa.DataType
    int96: bool = False
    number: int | None = None

    def of(self, batch: pa.RecordBatch) -> pa.Array:
        """Take the field out of a batch, in a type that a log's values are read from; null where a struct is null."""
        top, *within = self.path
        column = batch.column(top)
        return _plain(pc.struct_field(column, within) if within else column)


def fields_of(metadata: Any) -> list[Field]:
    """List the fields of a file; a list or a map is one field, whatever is in it."""
    schema = metadata.schema.to_arrow_schema()
    leaves = [metadata.schema.column(at) for at in range(len(metadata.schema))]
    int96 = {leaf.path for leaf in leaves if leaf.physical_type == _INT96}
    return [
        Field(".".join(path), path, each.type, int96=".".join(path) in int96, number=_number(each))
        for field in schema
        for path, each in _within(field, ())
    ]


def of_table(fields: Sequence[Field], columns: Mapping[int, str], shown: str) -> list[Field]:
    """Give those of the fields that are columns of a table, which knows them by their numbers.

    What the table has no more is left out, as if the file had it not. Raises `InputError` where a column is named
    otherwise in the file than in the table. A file without numbers was written by another, and goes by names.
    """
    if all(field.number is None for field in fields):
        return list(fields)
    kept = [field for field in fields if field.number in columns]
    for field in kept:
        now = columns[field.number or 0]
        if now != field.name:
            found = Sentence("has column {name!r}, which the table has renamed to {now!r}", name=field.name, now=now)
            raise InputError(Problem(shown, found, EXPORT))
    return kept


def rows_of(batch: pa.RecordBatch, fields: Sequence[Field], *, utc: bool) -> pa.RecordBatch:
    """Give the fields of a batch under their names.

    Timestamps kept as INT96 carry no zone. Where `utc`, they are instants, as Spark and Hive write them.
    """
    arrays = [field.of(batch) for field in fields]
    for at, field in enumerate(fields):
        if utc and field.int96:
            arrays[at] = arrays[at].cast(pa.timestamp(arrays[at].type.unit, "UTC"))
    return pa.RecordBatch.from_arrays(arrays, names=[field.name for field in fields])


def are_columns(fields: Iterable[Field]) -> bool:
    """Tell whether all fields are columns whose values are read as they come."""
    return all(len(field.path) == 1 and not field.int96 and not _is_odd(field.type) for field in fields)


def holds_text(kind: pa.DataType) -> bool:
    """Tell whether a type holds texts, of any width, or bytes."""
    return _is_other_text(kind) or bool(pa.types.is_string(kind))


def _within(field: pa.Field, above: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], pa.Field]]:
    path = (*above, field.name)
    if pa.types.is_struct(field.type):
        for child in field.type:
            yield from _within(child, path)
    else:
        yield path, field


def _number(field: pa.Field) -> int | None:
    said = (field.metadata or {}).get(_FIELD_ID)
    return None if said is None else int(said)


def _plain(column: pa.Array) -> pa.Array:
    """Give text of any width and bytes as text, and decimals as those that dictionaries are made of."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        values = column.dictionary
        if not _is_odd(kind):
            return column
        return pa.DictionaryArray.from_arrays(column.indices, _plain(values))
    if _is_other_text(kind):
        return column.cast(pa.string())
    if _is_small_decimal(kind):
        return column.cast(pa.decimal128(kind.precision, kind.scale))
    return column


def _is_odd(kind: pa.DataType) -> bool:
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    return _is_other_text(kind) or _is_small_decimal(kind)


def _is_other_text(kind: pa.DataType) -> bool:
    """Tell whether a type holds texts, but not as `string`; bytes are taken for UTF-8."""
    kinds = (
        pa.types.is_large_string,
        pa.types.is_string_view,
        pa.types.is_binary,
        pa.types.is_large_binary,
        pa.types.is_binary_view,
    )
    return any(bool(holds(kind)) for holds in kinds)


def _is_small_decimal(kind: pa.DataType) -> bool:
    return bool(pa.types.is_decimal32(kind) or pa.types.is_decimal64(kind))
