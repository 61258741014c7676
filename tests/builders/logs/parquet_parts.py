"""Parquet files made by hand, whose footers and pages may say anything: Thrift's compact protocol, written and read."""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from tests.program import Measured, measured

BYTE, I32, I64, BINARY, LIST, STRUCT = 3, 5, 6, 8, 9, 12
Fields = list[list[Any]]
"""A struct: its fields, each with its number, its kind and its value; that of a list is its kind and its values."""

INT32, INT64, BYTE_ARRAY, FIXED = 1, 2, 6, 7
UTF8, MILLIS = 0, 9
START = 1_790_784_000_000  # milliseconds: the first instant of October 2026 in China


def read_struct(data: bytes, at: int = 0) -> tuple[Fields, int]:
    """Read a struct as it can be written again."""
    fields: Fields = []
    number = 0
    while head := data[at]:
        at += 1
        if head > 15:
            number += head >> 4
        else:
            number, at = _signed(data, at)
        value, at = _read(data, at, head & 15)
        fields.append([number, head & 15, value])
    return fields, at + 1


def write(kind: int, value: Any) -> bytes:
    """Write a value."""
    if kind in {1, 2}:
        return b""
    if kind == BYTE:
        return bytes([value])
    if kind in {4, I32, I64}:
        return unsigned(value << 1 if value >= 0 else (-value << 1) - 1)
    if kind == BINARY:
        return unsigned(len(value)) + bytes(value)
    if kind == LIST:
        of, values = value
        head = bytes([len(values) << 4 | of]) if len(values) < 15 else bytes([0xF0 | of]) + unsigned(len(values))
        return head + b"".join(bytes([each]) if of in {1, 2} else write(of, each) for each in values)
    assert kind == STRUCT
    return b"".join(bytes([each]) + write(4, number) + write(each, of) for number, each, of in value) + b"\0"


def unsigned(value: int) -> bytes:
    """Write a number without a sign."""
    written = bytearray()
    while value > 127:
        written.append(value & 127 | 128)
        value >>= 7
    return bytes([*written, value])


def _unsigned(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte, at = data[at], at + 1
        value, shift = value | (byte & 127) << shift, shift + 7
        if byte < 128:
            return value, at


def _signed(data: bytes, at: int) -> tuple[int, int]:
    value, at = _unsigned(data, at)
    return value >> 1 ^ -(value & 1), at


def _read(data: bytes, at: int, kind: int) -> tuple[Any, int]:
    if kind in {1, 2}:
        return None, at
    if kind == BYTE:
        return data[at], at + 1
    if kind in {4, I32, I64}:
        return _signed(data, at)
    if kind == BINARY:
        size, at = _unsigned(data, at)
        return data[at : at + size], at + size
    if kind == LIST:
        head, at = data[at], at + 1
        size, of, values = head >> 4, head & 15, []
        if size == 15:
            size, at = _unsigned(data, at)
        for _ in range(size):
            value, at = (data[at], at + 1) if of in {1, 2} else _read(data, at, of)
            values.append(value)
        return (of, values), at
    assert kind == STRUCT
    return read_struct(data, at)


def footer_of(file: bytes) -> tuple[int, Fields]:
    """Give the place and the fields of the footer of a file."""
    start = len(file) - 8 - int.from_bytes(file[-8:-4], "little")
    return start, read_struct(file, start)[0]


def changed(file: bytes, change: Callable[[Fields], None]) -> bytes:
    """Give a file with another footer."""
    start, fields = footer_of(file)
    change(fields)
    return closed(file[:start], fields)


def closed(body: bytes, fields: Fields) -> bytes:
    """Write a footer behind the pages of a file."""
    footer = write(STRUCT, fields)
    return body + footer + len(footer).to_bytes(4, "little") + b"PAR1"


def field(fields: Fields, *way: int) -> Any:
    """Give what a way through structs and lists leads to: numbers of fields, and places in the lists that they are."""
    value: Any = fields
    for step in way:
        found = value[1] if isinstance(value, tuple) else {number: each for number, _, each in value}
        value = found[step]
    return value


def put(fields: Fields, number: int, kind: int, value: Any) -> None:
    """Give a struct a field, in place of one of that number."""
    fields[:] = sorted(
        [*(each for each in fields if each[0] != number), [number, kind, value]], key=lambda each: each[0]
    )


def of_column(footer: Fields, column: int, group: int = 0) -> Fields:
    """Give what a footer says of a column of a row group."""
    found: Fields = field(footer, 4, group, 1, column, 3)
    return found


@dataclass(frozen=True)
class Column:
    """A column whose every row group has the same pages; `pages` says of each whether it is a dictionary."""

    name: str
    physical: int
    converted: int | None
    pages: Sequence[tuple[bool, bytes]]
    width: int | None = None


def parquet(columns: Sequence[Column], rows: int, *, codec: int = 0, groups: int = 1) -> bytes:
    """Make a file of some row groups of so many rows each. No value is null."""
    body = b"PAR1"
    schema: list[Fields] = [[[4, BINARY, b"schema"], [5, I32, len(columns)]]]
    for column in columns:
        element: Fields = [[1, I32, column.physical]]
        element += [[2, I32, column.width]] if column.width is not None else []
        element += [[3, I32, 0], [4, BINARY, column.name.encode()]]
        schema.append(element + ([[6, I32, column.converted]] if column.converted is not None else []))
    row_groups = list[Fields]()
    for _ in range(groups):
        chunks = list[Fields]()
        for column in columns:
            start, places = len(body), list[int]()
            for _, page in column.pages:
                places.append(len(body))
                body += page
            data = next(
                place for place, (is_dictionary, _) in zip(places, column.pages, strict=True) if not is_dictionary
            )
            about: Fields = [[1, I32, column.physical], [2, LIST, (I32, [0, 3, 8])]]
            about += [[3, LIST, (BINARY, [column.name.encode()])], [4, I32, codec], [5, I64, rows]]
            about += [[6, I64, len(body) - start], [7, I64, len(body) - start], [9, I64, data]]
            about += [[11, I64, start]] if data != start else []
            chunks.append([[2, I64, start], [3, STRUCT, about]])
        row_groups.append([[1, LIST, (STRUCT, chunks)], [2, I64, 1], [3, I64, rows]])
    said: Fields = [[1, I32, 2], [2, LIST, (STRUCT, schema)], [3, I64, rows * groups], [4, LIST, (STRUCT, row_groups)]]
    return closed(body, said)


def page(body: bytes, values: int, encoding: int, *, size: int | None = None, codec: str | None = None) -> bytes:
    """Make a page of values, with the size it says that it has unpacked."""
    return _page(0, body, [5, STRUCT, [[1, I32, values], [2, I32, encoding], [3, I32, 3], [4, I32, 3]]], size, codec)


def dictionary(body: bytes, values: int, *, size: int | None = None, codec: str | None = None) -> bytes:
    """Make a dictionary page."""
    return _page(2, body, [7, STRUCT, [[1, I32, values], [2, I32, 0]]], size, codec)


def _page(kind: int, body: bytes, about: list[Any], size: int | None, codec: str | None) -> bytes:
    size = len(body) if size is None else size
    packed = body if codec is None else pa.Codec(codec).compress(body, asbytes=True)
    return write(STRUCT, [[1, I32, kind], [2, I32, size], [3, I32, len(packed)], about]) + packed


def texts(*values: bytes) -> bytes:
    """Write texts one by one."""
    return b"".join(len(value).to_bytes(4, "little") + value for value in values)


def same(rows: int, value: bytes, *, text: bool = True, codec: str | None = None) -> list[tuple[bool, bytes]]:
    """Make the pages of a column that has one value in all rows: a dictionary of one, and one run of its code."""
    held = texts(value) if text else value
    run = b"\1" + unsigned(rows << 1) + b"\0"
    return [(True, dictionary(held, 1, codec=codec)), (False, page(run, rows, 8, codec=codec))]


def times(rows: int, codec: str | None = None) -> Column:
    """Make a column of one time."""
    return Column("timestamp", INT64, MILLIS, same(rows, struct.pack("<q", START), text=False, codec=codec))


def accounts(rows: int, value: bytes = b"acct-1", codec: str | None = None) -> Column:
    """Make a column of one account."""
    return Column("account_id", BYTE_ARRAY, UTF8, same(rows, value, codec=codec))


def statuses(rows: int, codec: str | None = None) -> Column:
    """Make a column of one status."""
    return Column("status", INT32, None, same(rows, struct.pack("<i", 200), text=False, codec=codec))


def compute(path: Path, *options: str) -> Measured:
    """Count a log in a process of its own."""
    return measured("compute", str(path), "--jobs", "2", "-o", "report.json", *options, folder=path.parent)
