"""The header of a page: read by its usual form where it has that, and else as Thrift's structures are.

A file has one for every 20,000 rows or so of each column. Nearly all of them are written alike: one look with a regular
expression tells where each number is. Statistics stay bytes until somebody asks for them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from sla_audit.parquet.thrift import I32, STRUCT, TRUE, Fields, key, read_number, read_struct

DATA, _INDEX, DICTIONARY, DATA_2 = range(4)

_TYPE, _UNPACKED, _BYTES, _CHECKSUM = (key(number, I32) for number in (1, 2, 3, 4))
_HEADER, _DICTIONARY_HEADER, _HEADER_2 = (key(number, STRUCT) for number in (5, 7, 8))
_VALUES, _NULLS, _ENCODING, _ENCODING_2 = (key(number, I32) for number in (1, 2, 2, 4))
_LEVELS, _MORE_LEVELS, _IS_PACKED = key(5, I32), key(6, I32), key(7, TRUE)
_STATISTICS, _STATISTICS_2 = key(5, STRUCT), key(8, STRUCT)


@dataclass(slots=True)
class PageHeader:
    """What the header of a page says of its size and, where it is of values or a dictionary, of what it holds.

    `levels` are the bytes of the levels before the values; None where these say it themselves, as in the first kind.
    """

    kind: int
    packed_bytes: int
    unpacked_bytes: int
    values: int = 0
    encoding: int = 0
    nulls: int | None = None
    levels: int | None = None
    is_packed: bool = True
    checksum: int | None = None
    said: bytes | Fields | None = None

    @property
    def statistics(self) -> Fields | None:
        """The statistics of its values, as they are written."""
        return read_struct(self.said)[0] if isinstance(self.said, bytes) else self.said


def read_header(data: bytes, at: int) -> tuple[PageHeader, int]:
    """Read the header that begins at a place; give it, and the place behind it.

    Raises `UnsoundError` and `EndsError` as `read_struct` does, and `KeyError` where it lacks what every header has.
    """
    usual = _USUAL.match(data, at)
    if usual is not None:
        unpacked, size, values, encoding, said = usual.groups()
        header = PageHeader(DATA, _number(size), _number(unpacked), _number(values), _number(encoding), said=said)
        return header, usual.end()
    fields, behind = read_struct(data, at)
    return _header(fields), behind


def _header(fields: Fields) -> PageHeader:
    kind = fields[_TYPE]
    header = PageHeader(kind, fields[_BYTES], fields[_UNPACKED], checksum=fields.get(_CHECKSUM))
    if kind == DATA:
        about = fields[_HEADER]
        header.values, header.encoding, header.said = about[_VALUES], about[_ENCODING], about.get(_STATISTICS)
    elif kind == DATA_2:
        about = fields[_HEADER_2]
        header.values, header.encoding, header.said = about[_VALUES], about[_ENCODING_2], about.get(_STATISTICS_2)
        header.nulls, header.levels = about[_NULLS], about[_LEVELS] + about[_MORE_LEVELS]
        header.is_packed = about.get(_IS_PACKED, True)
    elif kind == DICTIONARY:
        about = fields[_DICTIONARY_HEADER]
        header.values, header.encoding = about[_VALUES], about[_ENCODING]
    return header


def _number(written: bytes) -> int:
    return read_number(written, 0, I32)[0]


_I32 = rb"(?:[\x80-\xff]{0,3}[\x00-\x7f]|[\x80-\xff]{4}[\x00-\x0f])"
_I64 = rb"[\x80-\xff]{0,8}[\x00-\x7f]"
_TEXT = b"(?:" + b"|".join(re.escape(bytes([size])) + b".{%d}" % size for size in range(65)) + b")"


def _of_any_number(kind: int) -> bytes:
    """Match the head of a field of a kind whose number is some more than that of the field before it."""
    return b"[" + b"".join(rb"\x%02x" % (more << 4 | kind) for more in range(1, 16)) + b"]"


_STATISTICS_FORM = b"(?:%s%s|%s%s|%s|%s)*" % (
    *(_of_any_number(8), _TEXT, _of_any_number(6), _I64),
    *(_of_any_number(1), _of_any_number(2)),
)
_USUAL = re.compile(
    rb"\x15\x00\x15(%(i32)b)\x15(%(i32)b)(?:\x15%(i32)b\x1c|\x2c)"  # a page of values: its sizes, and a checksum
    rb"\x15(%(i32)b)\x15(%(i32)b)\x15%(i32)b\x15%(i32)b"  # how many values, how they and their levels are written
    rb"(?:\x1c(%(statistics)b\x00))?\x00\x00" % {b"i32": _I32, b"statistics": _STATISTICS_FORM},
    re.DOTALL,
)
