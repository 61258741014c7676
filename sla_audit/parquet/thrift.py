"""Thrift's compact protocol, in which the footer of a Parquet file and the headers of its pages are written.

Source: https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md
"""

from __future__ import annotations

from typing import Any, Final

import pyarrow as pa

from sla_audit.sentence import Sentence, to_say

Fields = dict[int, Any]
"""The fields of a struct, each under the number and the type that it has in the file: see `key` and `list_key`.

What is of another type than a reader looks for is not there for it, as it is not for Thrift itself.
"""

TRUE: Final = 1
BYTE: Final = 3
I16: Final = 4
I32: Final = 5
I64: Final = 6
DOUBLE: Final = 7
BINARY: Final = 8
LIST: Final = 9
SET: Final = 10
STRUCT: Final = 12

_FALSE = 2
_DEEPEST = 24
_BITS = {I16: 16, I32: 32, I64: 64}
_MOST_BYTES_OF_A_NUMBER = 10


class UnsoundError(pa.ArrowInvalid):  # type: ignore[misc]  # pyarrow has no types
    """A file that is no sound Parquet, or asks for more than is held: it is told as what Arrow itself refuses."""


class EndsError(UnsoundError):
    """What is read goes on behind the bytes that are there."""

    def __init__(self) -> None:
        super().__init__(to_say("a structure of it ends too early"))


def key(number: int, kind: int) -> int:
    """Give the place of a field in `Fields`; that of a bool has the kind `TRUE`, whatever it is."""
    return number << 8 | kind


def list_key(number: int, kind: int) -> int:
    """Give the place of a list of elements of some kind."""
    return number << 8 | kind << 4 | LIST


def read_struct(data: bytes, at: int = 0, depth: int = 0) -> tuple[Fields, int]:
    """Read a struct that begins at a place; give it, and the place behind it.

    Raises `UnsoundError` for what is no struct, has a field twice or a number that is too large for its type, and
    `EndsError` where the bytes end within it.
    """
    if depth > _DEEPEST:
        raise UnsoundError("a structure of it is nested too deeply")
    fields: Fields = {}
    number = 0
    try:
        while head := data[at]:
            at += 1
            kind = head & 15
            if head > 15:
                number += head >> 4
            else:
                number, at = read_number(data, at, I16)
            value: Any
            if kind in {I32, I64} and (value := data[at]) < 128:  # what is said most often, and fits into one byte
                value, at = value >> 1 ^ -(value & 1), at + 1
            else:
                kind, value, at = _value(data, at, kind, depth)
            place = number << 8 | kind
            if place in fields:
                raise UnsoundError("a structure of it has one field twice")
            fields[place] = value
    except IndexError:
        raise EndsError from None
    return fields, at + 1


def _value(data: bytes, at: int, kind: int, depth: int) -> tuple[int, Any, int]:
    """Read a value of some kind; give what its field has beside its number, the value, and the place behind it."""
    if kind <= _FALSE:
        return TRUE, kind == TRUE, at
    if kind == LIST:
        of, values, at = _list(data, at, depth + 1)
        return of << 4 | LIST, values, at
    value, at = _element(data, at, kind, depth + 1)
    return kind, value, at


def _element(data: bytes, at: int, kind: int, depth: int) -> tuple[Any, int]:
    """Read a value that is no bool, as fields and lists have them."""
    if kind in _BITS:
        return read_number(data, at, kind)
    if kind == BINARY:
        return _binary(data, at)
    if kind == STRUCT:
        return read_struct(data, at, depth)
    return _rare(data, at, kind, depth)


def read_number(data: bytes, at: int, kind: int) -> tuple[int, int]:
    """Read a number with a sign. Thrift would cut one that is too large, and so read another."""
    value, at = _unsigned(data, at)
    if value >> _BITS[kind]:
        raise UnsoundError("a number in it is too large for its type")
    return value >> 1 ^ -(value & 1), at


def _unsigned(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, at
        shift += 7
        if shift >= 7 * _MOST_BYTES_OF_A_NUMBER:
            raise UnsoundError("a number in it is too large for its type")


def _binary(data: bytes, at: int) -> tuple[bytes, int]:
    size = data[at]
    at += 1
    if size > 127:
        size, at = _unsigned(data, at - 1)
    end = at + size
    if end > len(data):
        raise EndsError
    return data[at:end], end


def _list(data: bytes, at: int, depth: int) -> tuple[int, list[Any], int]:
    """Read a list; give the kind of its elements, of which each takes a byte at least, so that none can be huge."""
    head = data[at]
    size, kind, at = head >> 4, head & 15, at + 1
    if size == 15:
        size, at = _unsigned(data, at)
    if size > len(data) - at:
        raise EndsError
    if kind <= _FALSE:
        return TRUE, [byte == TRUE for byte in data[at : at + size]], at + size
    values = []
    for _ in range(size):
        value, at = _element(data, at, kind, depth)
        values.append(value)
    return kind, values, at


def _rare(data: bytes, at: int, kind: int, depth: int) -> tuple[Any, int]:
    """Read what Parquet has in no structure of today, or only where nobody looks."""
    if depth > _DEEPEST:
        raise UnsoundError("a structure of it is nested too deeply")
    if kind == BYTE:
        return data[at], at + 1
    if kind == DOUBLE:
        if at + 8 > len(data):
            raise EndsError
        return data[at : at + 8], at + 8
    if kind in {LIST, SET}:
        _, values, at = _list(data, at, depth + 1)
        return values, at
    raise UnsoundError(Sentence("a structure of it has a field of the unknown type {kind}", kind=kind))
