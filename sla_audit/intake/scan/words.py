"""Eight bytes at a time: a text seen as numbers, and where in one of them a byte stands that is looked for.

Numbers are unsigned and wrap around; the byte that comes first in the text is the lowest one.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from sla_audit.intake.scan.compiled import compiled

Bytes = npt.NDArray[np.uint8]
Words = npt.NDArray[np.uint64]
Numbers = npt.NDArray[np.int64]

WIDTH = 8
ROOM = 128
"""So many bytes of a buffer follow the place where loops stop: they may look at these, and believe nothing of them."""
LONGEST = ROOM - WIDTH
"""So many bytes from a place before it on may be compared."""

_ONE = np.uint64(1)
_ONES = np.uint64(0x0101_0101_0101_0101)
_TOPS = np.uint64(0x8080_8080_8080_8080)
_SPACES = np.uint64(0x2020_2020_2020_2020)
_QUOTES = np.uint64(0x2222_2222_2222_2222)
_BACKSLASHES = np.uint64(0x5C5C_5C5C_5C5C_5C5C)
_LINE_ENDS = np.uint64(0x0A0A_0A0A_0A0A_0A0A)
_TO_TOP = np.uint64(56)
_KEEP = np.array([*((1 << 8 * each) - 1 for each in range(WIDTH)), (1 << 64) - 1], np.uint64)


class Text(NamedTuple):
    """A text as single bytes, and as the eight bytes from each place on."""

    data: Bytes
    words: Words


def text_of(buffer: Any) -> Text:
    """See a buffer of two words or more as a text, without copying it."""
    words = np.ndarray((len(buffer) - WIDTH + 1,), np.dtype("<u8"), buffer, strides=(1,))
    data = np.frombuffer(buffer, np.uint8)
    data.flags.writeable = words.flags.writeable = False
    return Text(data, words)


def with_room(data: bytes | memoryview) -> Text:
    """Copy a text, and put what loops may look at behind it."""
    return text_of(bytes(data) + bytes(ROOM))


@compiled
def same(words: Words, at: int, others: Words, other: int, length: int) -> bool:
    """Tell whether so many bytes from two places on are the same."""
    done = 0
    while done + WIDTH <= length:
        if words[at + done] != others[other + done]:
            return False
        done += WIDTH
    return done == length or ((words[at + done] ^ others[other + done]) & _KEEP[length - done]) == 0


@compiled
def first(found: Any) -> int:
    """Tell which of eight bytes is the first with its top bit set; there must be one."""
    below = (found & (~found + _ONE)) - _ONE
    return number(((below & _ONES) * _ONES) >> _TO_TOP) - 1


@compiled
def zeros(word: Any) -> Any:
    """Set the top bit of the first byte that is zero; also of some after it, which say nothing."""
    return (word - _ONES) & ~word & _TOPS


@compiled
def controls(word: Any) -> Any:
    """Set the top bit of the first byte that is a control character, likewise."""
    return (word - _SPACES) & ~word & _TOPS


@compiled
def is_ascii(word: Any) -> bool:
    """Tell whether no byte has its top bit set."""
    return (word & _TOPS) == 0


@compiled
def kept(word: Any, length: int) -> Any:
    """Give the first bytes of a word, up to eight, and zero for the others."""
    return word & _KEEP[length]


@compiled
def end_of(words: Words, at: int, one: Any, other: Any) -> int:
    """Find the first of two bytes, each eight times in a word, or a control character, from a place on."""
    while True:
        word = words[at]
        found = zeros(word ^ one) | zeros(word ^ other) | controls(word)
        if found != 0:
            return at + first(found)
        at += WIDTH


@compiled
def text_end(words: Words, at: int) -> int:
    """Find the first quote, backslash or control character from a place on; there must be one."""
    return end_of(words, at, _QUOTES, _BACKSLASHES)


@compiled
def line_end(words: Words, at: int) -> int:
    """Find the place after the next line end; there must be one."""
    while True:
        found = zeros(words[at] ^ _LINE_ENDS)
        if found != 0:
            return at + first(found) + 1
        at += WIDTH


@compiled
def is_blank(text: Text, at: int, end: int) -> bool:
    """Tell whether nothing but white space stands between two places."""
    while at < end:
        byte = text.data[at]
        if byte != 0x20 and not 0x09 <= byte <= 0x0D:
            return False
        at += 1
    return True


@compiled
def number(value: Any) -> Any:
    """Give a byte or a word as a number that may be negative; one with the top bit set wraps around."""
    return np.int64(value)
