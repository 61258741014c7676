"""The values of a dictionary page, which are all that the codes of a column can stand for."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import BinaryIO

import numpy as np

from sla_audit.parquet.footer import read_at
from sla_audit.parquet.packing import CODECS, unpacked
from sla_audit.parquet.pages import Pages
from sla_audit.parquet.thrift import UnsoundError
from sla_audit.sentence import Sentence

_BYTES_OF_A_LENGTH = 4


def dictionary_values(file: BinaryIO, pages: Pages) -> Iterator[bytes] | None:
    """Give the values of the dictionary of a column, as they are kept; None where they cannot be told.

    Raises `UnsoundError` where it holds other bytes than its checksum, its codec or its number of values says.
    """
    data, page, leaf = _read(file, pages), pages.dictionary, pages.chunk.leaf
    if data is None or page is None:
        return None
    if leaf.physical == "BYTE_ARRAY":
        return _texts(data, page.values, leaf.name)
    width = leaf.width
    if width is None:
        return None
    if width * page.values > len(data):
        raise UnsoundError(
            Sentence(
                "the dictionary of column {name!r} holds fewer than {values} values", name=leaf.name, values=page.values
            )
        )
    return (data[at : at + width] for at in range(0, width * page.values, width or 1))


def longest_text(file: BinaryIO, pages: Pages) -> int | None:
    """Give the bytes of the longest text of a dictionary; None where that cannot be told. Raises as the above does."""
    data, page = _read(file, pages), pages.dictionary
    if data is None or page is None or not page.values:
        return None if data is None else 0
    first = int.from_bytes(data[:_BYTES_OF_A_LENGTH], "little")
    size = _BYTES_OF_A_LENGTH + first
    if len(data) == page.values * size:  # as ids mostly are, of one length: seen at once
        lengths = np.frombuffer(data, np.uint8).reshape(page.values, size)[:, :_BYTES_OF_A_LENGTH]
        if (np.ascontiguousarray(lengths).view("<u4") == first).all():
            return first
    return max(map(len, _texts(data, page.values, pages.chunk.leaf.name)))


def _read(file: BinaryIO, pages: Pages) -> bytes | None:
    page, chunk = pages.dictionary, pages.chunk
    if page is None or not page.is_plain or (chunk.codec and chunk.codec not in CODECS):
        return None
    data = read_at(file, page.at, page.bytes)
    if len(data) != page.bytes or (page.checksum is not None and zlib.crc32(data) != page.checksum & 0xFFFF_FFFF):
        raise UnsoundError(
            Sentence("the dictionary of column {name!r} is damaged: its checksum is another", name=chunk.leaf.name)
        )
    return unpacked(data, chunk, page.unpacked_bytes)


def _texts(data: bytes, values: int, name: str) -> Iterator[bytes]:
    at = 0
    for _ in range(values):
        begin = at + _BYTES_OF_A_LENGTH
        at = begin + int.from_bytes(data[at:begin], "little")
        if at > len(data) or begin > len(data):
            raise UnsoundError(
                Sentence("the dictionary of column {name!r} holds fewer than {values} values", name=name, values=values)
            )
        yield data[begin:at]
