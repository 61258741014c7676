"""Pages of texts of which each says how much it shares with the one before, so that few bytes may stand for many.

Source: https://github.com/apache/parquet-format/blob/master/Encodings.md (delta strings, delta encoding)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import BinaryIO

import numpy as np
import numpy.typing as npt

from sla_audit.parquet.footer import Chunk, read_at
from sla_audit.parquet.packing import unpacked
from sla_audit.parquet.thrift import UnsoundError
from sla_audit.sentence import Sentence

_MOST_BYTES_OF_A_NUMBER = 10
_MOST_BITS = 64
_MOST_TEXTS = 1 << 21
_MOST_LENGTH = np.int64(1) << 31
_BYTES_OF_LEVELS = 4

_Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class FrontCoded:
    """Where such a page is, how many values it has, and the bytes of its levels.

    `levels` is None where they say themselves how long they are. They are never packed, but for those that say so.
    """

    at: int
    bytes: int
    unpacked_bytes: int
    values: int
    levels: int | None
    is_packed: bool


def expanded(file: BinaryIO, chunk: Chunk, page: FrontCoded) -> tuple[int, int]:
    """Give the bytes of the longest text of a page, and those of all together. Raises `UnsoundError`."""
    data = read_at(file, page.at, page.bytes)
    name = chunk.leaf.name
    if page.values > _MOST_TEXTS:
        raise UnsoundError(
            Sentence(
                "a page of column {name!r} has {texts} texts; at most {most} are read",
                name=name,
                texts=page.values,
                most=_MOST_TEXTS,
            )
        )
    if page.levels is None:
        data = unpacked(data, chunk, page.unpacked_bytes)
        if chunk.leaf.deepest:
            data = data[_BYTES_OF_LEVELS + int.from_bytes(data[:_BYTES_OF_LEVELS], "little") :]
    else:
        data = data[page.levels :]
        data = unpacked(data, chunk, page.unpacked_bytes - page.levels) if page.is_packed else data
    try:
        prefixes, at = _numbers(data, 0, page.values)
        rest, _ = _numbers(data, at, page.values)
    except (IndexError, ValueError) as error:
        raise UnsoundError(
            Sentence("a page of column {name!r} does not say how long its texts are", name=name)
        ) from error
    if len(prefixes) != len(rest) or not _are_lengths(prefixes) or not _are_lengths(rest):
        raise UnsoundError(Sentence("a page of column {name!r} does not say how long its texts are", name=name))
    texts = prefixes + rest
    return int(texts.max(initial=0)), int(texts.sum())


def _are_lengths(numbers: _Numbers) -> bool:
    return not len(numbers) or bool(numbers.min() >= 0 and numbers.max() < _MOST_LENGTH)


def _numbers(data: bytes, at: int, most: int) -> tuple[_Numbers, int]:
    """Read numbers of which each is told by what it is more than the one before, and give the place behind them."""
    block, at = _unsigned(data, at)
    parts, at = _unsigned(data, at)
    count, at = _unsigned(data, at)
    first, at = _signed(data, at)
    if count > most:
        raise ValueError("more numbers than values")
    if count <= 1:
        return np.full(count, first, np.int64), at
    if not parts or not block or block % parts or block // parts % 32:
        raise ValueError("blocks of an unknown size")
    size = block // parts
    steps, left = [np.array([first], np.int64)], count - 1
    while left > 0:
        least, at = _signed(data, at)
        widths, at = data[at : at + parts], at + parts
        if len(widths) < parts:
            raise ValueError("a block ends too early")
        for width in widths:
            if left <= 0:
                break
            if width > _MOST_BITS:
                raise ValueError("numbers of an unknown width")
            end = at + size * width // 8
            taken = min(size, left)
            steps.append(_unpacked(data[at:end], width, taken) + np.int64(least))
            left, at = left - taken, end
    with np.errstate(over="ignore"):
        return np.cumsum(np.concatenate(steps)), at


def _unpacked(data: bytes, width: int, count: int) -> _Numbers:
    """Read numbers of so many bits each, the lowest first."""
    if not width:
        return np.zeros(count, np.int64)
    if len(data) * 8 < count * width:
        raise ValueError("a block ends too early")
    bits = np.unpackbits(np.frombuffer(data, np.uint8), bitorder="little", count=count * width)
    wide = np.zeros((count, _MOST_BITS), np.uint8)
    wide[:, :width] = bits.reshape(count, width)
    return np.packbits(wide, axis=1, bitorder="little").view(np.int64).reshape(count)


def _unsigned(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    for place in range(_MOST_BYTES_OF_A_NUMBER):
        byte = data[at + place]
        value |= (byte & 127) << 7 * place
        if byte < 128:
            return value, at + place + 1
    raise ValueError("a number without an end")


def _signed(data: bytes, at: int) -> tuple[int, int]:
    value, at = _unsigned(data, at)
    value = value >> 1 ^ -(value & 1)
    if not -(1 << 63) <= value < 1 << 63:
        raise ValueError("a number that is too large")
    return value, at
