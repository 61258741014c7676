"""The footer of a Parquet file: its columns, its row groups, and where each has the pages of each column.

Source: https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, BinaryIO, Self

from sla_audit.limits import MOST_FOOTER_BYTES
from sla_audit.parquet.schema import PHYSICAL, Leaf, leaves_of
from sla_audit.parquet.thrift import (
    BINARY,
    I32,
    I64,
    STRUCT,
    EndsError,
    Fields,
    UnsoundError,
    key,
    list_key,
    read_struct,
)
from sla_audit.sentence import Sentence

UNPACKED = 0
_CODECS = range(8)

_MARK = b"PAR1"
_BYTES_BEHIND = 8
_BYTES_A_LOOK = 1 << 14
_FOOTERS_KEPT = _SCHEMAS_KEPT = 64


@dataclass(frozen=True, slots=True)
class Statistics:
    """What the footer, the header of a page or an index says of some values: bounds as they are kept, and nulls."""

    least: bytes | None
    most: bytes | None
    nulls: int | None


Bounds = tuple[Any, Any]
"""The least and the most of some values, both inclusive: see `bounds_of`."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """Where the pages of a column of one row group are, from `start` to `end`, and what they are said to hold.

    `codec` is its number in the format. `index` has the place and the size of the index of the pages, if there is one.
    """

    leaf: Leaf
    codec: int
    values: int
    start: int
    end: int
    unpacked_bytes: int
    statistics: Statistics | None
    index: tuple[int, int] | None

    @property
    def bytes(self) -> int:
        """How many bytes it takes in the file."""
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class RowGroup:
    """The number of rows of a row group; its columns are read one by one, each checked against the schema."""

    rows: int
    columns: Sequence[Fields]


@dataclass(frozen=True)
class Footer:
    """A footer in which nothing contradicts itself, so far; `start` is where it begins in the file."""

    start: int
    rows: int
    leaves: tuple[Leaf, ...]
    groups: tuple[RowGroup, ...]
    schema: str = ""
    """All that says of what types the columns are: the same text, the same types."""

    def chunk(self, group: RowGroup, at: int) -> Chunk:
        """Give a column of a row group. Raises `UnsoundError` where it contradicts the schema, or lies elsewhere."""
        return _chunk(self, self.leaves[at], group.columns[at], group.rows)


def footer_of(path: Path) -> Footer:
    """Read the footer of a file. Raises `OSError`, and `UnsoundError` where Arrow might not survive to read it."""
    about = path.stat()
    return _footer_of(path, (about.st_dev, about.st_ino, about.st_size, about.st_mtime_ns))


@lru_cache(_FOOTERS_KEPT)
def _footer_of(path: Path, version: tuple[int, ...]) -> Footer:
    """Read a footer once, however often it is asked for while the file stays what it is."""
    del version
    start, data = footer_bytes(path)
    return read_footer(data, start)


def footer_bytes(path: Path) -> tuple[int, bytes]:
    """Give the place and the bytes of a footer. Raises `UnsoundError` for a file that has none."""
    with path.open("rb", buffering=0) as file:
        descriptor = file.fileno()
        size = os.fstat(descriptor).st_size
        if size < len(_MARK) + _BYTES_BEHIND:
            raise UnsoundError("the file is too short to be Parquet" if size else "the file is empty")
        tail = os.pread(descriptor, _BYTES_A_LOOK, max(0, size - _BYTES_A_LOOK))
        behind = tail[-_BYTES_BEHIND:]
        length = int.from_bytes(behind[:4], "little")
        start = size - _BYTES_BEHIND - length
        if behind[4:] == b"PARE":
            raise UnsoundError("its footer is encrypted")
        if behind[4:] != _MARK:
            raise UnsoundError("it does not end as Parquet does: it is none, or was cut")
        if start < len(_MARK):
            raise UnsoundError(
                Sentence("its footer is said to be of {length} bytes, more than the file has", length=length)
            )
        if length > MOST_FOOTER_BYTES:
            raise UnsoundError(
                Sentence(
                    "its footer is of {length} bytes; {most} MB are read at most; "
                    "write it with fewer, larger row groups",
                    length=length,
                    most=MOST_FOOTER_BYTES >> 20,
                )
            )
        whole = length + _BYTES_BEHIND <= len(tail)
        data = tail[-length - _BYTES_BEHIND : -_BYTES_BEHIND] if whole else os.pread(descriptor, length, start)
    if len(data) != length:
        raise EndsError
    return start, data


def read_footer(data: bytes, start: int) -> Footer:
    """Read the bytes of a footer that begins at a place of a file. Raises `UnsoundError`."""
    try:
        said, _ = read_struct(data)
        schema, leaves = _shared(_Schema.of(said))
        rows: int = said[key(3, I64)]
        groups = tuple(_group(each, len(leaves)) for each in _structs(said, 4))
    except KeyError as error:
        raise UnsoundError("its footer lacks what every footer has") from error
    except UnicodeDecodeError as error:
        raise UnsoundError("the name of a column is not UTF-8") from error
    found = sum(group.rows for group in groups)
    if found != rows:
        raise UnsoundError(
            Sentence("its footer says {rows} rows, and {found} in its row groups", rows=rows, found=found)
        )
    return Footer(start, rows, leaves, groups, schema)


@dataclass(frozen=True)
class _Schema:
    """What a footer says of its columns, all of which is in the `text`."""

    text: str
    elements: list[Fields] = field(compare=False)
    orders: list[Fields] = field(compare=False)

    @classmethod
    def of(cls, said: Fields) -> Self:
        elements, orders = said[list_key(2, STRUCT)], _orders(said)
        return cls(repr((elements, said.get(list_key(5, STRUCT)), orders)), elements, orders)


@lru_cache(_SCHEMAS_KEPT)
def _shared(schema: _Schema) -> tuple[str, tuple[Leaf, ...]]:
    """Give the text of a schema and its columns: the same ones to all files that have it."""
    return schema.text, leaves_of(schema.elements, schema.orders)


def statistics_of(said: Fields, leaf: Leaf) -> Statistics:
    """Take the bounds and the nulls from statistics. Raises `UnsoundError` where they give two bounds of one kind.

    Older bounds, fields 1 and 2, are in the order of signed numbers, whatever the values are.
    """
    nulls = said.get(key(3, I64))
    most, least = (said.get(key(number, BINARY)) if leaf.is_ordered else None for number in (5, 6))
    if leaf.physical in {"INT32", "INT64", "BOOLEAN"}:
        older_most, older_least = (said.get(key(number, BINARY)) for number in (1, 2))
        most, least = _either(most, older_most, leaf), _either(least, older_least, leaf)
    if nulls is not None and nulls < 0:
        raise UnsoundError(Sentence("statistics of {name!r} have a number of values that is below 0", name=leaf.name))
    return Statistics(least, most, nulls)


def _either(newer: bytes | None, older: bytes | None, leaf: Leaf) -> bytes | None:
    if newer is not None and older is not None and newer != older:
        raise UnsoundError(Sentence("statistics of {name!r} contradict themselves", name=leaf.name))
    return older if newer is None else newer


def bounds_of(statistics: Statistics, leaf: Leaf) -> Bounds | None:
    """Give the bounds in statistics, both inclusive, as whole numbers where values are; None where one is missing."""
    least, most = statistics.least, statistics.most
    if least is None or most is None:
        return None
    if leaf.physical in {"INT32", "INT64"}:
        if len(least) != leaf.width or len(most) != leaf.width:
            raise UnsoundError(Sentence("statistics of {name!r} are of another type", name=leaf.name))
        return int.from_bytes(least, "little", signed=True), int.from_bytes(most, "little", signed=True)
    return least, most


def read_at(file: BinaryIO, at: int, size: int) -> bytes:
    """Read so many bytes at a place of a file; fewer where it ends."""
    file.seek(at)
    return file.read(size)


def _structs(said: Fields, number: int) -> list[Fields]:
    """Give a list of structs; an empty one may say another type of its elements, or none."""
    for kind in (0, *range(1, 13)):
        if kind != STRUCT and said.get(list_key(number, kind)) == []:
            return []
    structs: list[Fields] = said[list_key(number, STRUCT)]
    return structs


def _orders(said: Fields) -> list[Fields]:
    orders: list[Fields] = said.get(list_key(7, STRUCT), [])
    return orders


def _group(said: Fields, columns: int) -> RowGroup:
    """Take a row group. Arrow believes that it has the columns of the schema."""
    chunks = _structs(said, 1)
    rows = said[key(3, I64)]
    if len(chunks) != columns:
        raise UnsoundError(
            Sentence(
                "a row group has {count} columns where the schema has {columns}", count=len(chunks), columns=columns
            )
        )
    if rows < 0:
        raise UnsoundError(Sentence("a row group has {rows} rows", rows=rows))
    return RowGroup(rows, chunks)


def _chunk(footer: Footer, leaf: Leaf, said: Fields, rows: int) -> Chunk:
    name = leaf.name
    try:
        about = said[key(3, STRUCT)]
        path = tuple(part.decode() for part in about[list_key(3, BINARY)])
        kind, codec, values = about[key(1, I32)], about[key(4, I32)], about[key(5, I64)]
        unpacked, packed = about[key(6, I64)], about[key(7, I64)]
        pages, dictionary = about[key(9, I64)], about.get(key(11, I64), 0)
    except KeyError as error:
        raise UnsoundError(Sentence("its footer lacks what every footer has of column {name!r}", name=name)) from error
    except UnicodeDecodeError as error:
        raise UnsoundError("the name of a column is not UTF-8") from error
    if said.get(key(1, BINARY)):
        raise UnsoundError(Sentence("column {name!r} is in another file", name=name))
    if not 0 <= kind < len(PHYSICAL) or PHYSICAL[kind] != leaf.physical or path != leaf.path:
        raise UnsoundError(Sentence("its footer contradicts itself about the type of {name!r}", name=name))
    if codec not in _CODECS:
        raise UnsoundError(Sentence("column {name!r} is packed in an unknown way", name=name))
    if values < 0 or (values != rows and not leaf.repeats):
        raise UnsoundError(
            Sentence(
                "its footer says {rows} rows, and {values} of column {name!r}", rows=rows, values=values, name=name
            )
        )
    start = dictionary if 0 < dictionary < pages else pages
    end = start + packed
    if values and (not len(_MARK) <= start <= end <= footer.start or unpacked < 0):
        raise UnsoundError(Sentence("its footer says that column {name!r} is where it cannot be", name=name))
    statistics = about.get(key(12, STRUCT))
    place, size = said.get(key(6, I64)), said.get(key(7, I32))
    index = None if place is None or size is None else (place, size)
    return Chunk(
        leaf,
        codec,
        values,
        start,
        end,
        unpacked,
        None if statistics is None else statistics_of(statistics, leaf),
        index,
    )
