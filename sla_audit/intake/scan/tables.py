"""The distinct texts of each column, and a code for each: a hash tells where to look, and the bytes say which it is."""

from __future__ import annotations

import secrets
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from sla_audit.intake.scan.compiled import compiled
from sla_audit.intake.scan.utf8 import is_utf8
from sla_audit.intake.scan.words import ROOM, WIDTH, Bytes, Numbers, Text, Words, is_ascii, kept, number, same
from sla_audit.limits import MOST_ID_BYTES

UNFIT, FULL = -1, -2
"""Why a text has no code: it is for others to read, or no more texts go in."""

_MOST = 1 << 17
_SLOTS = _MOST * 2
_TO_SLOT = np.uint64(64 - (_SLOTS.bit_length() - 1))
_POOL = 8 << 20
_MOST_LOOKS = 256  # who chooses texts so that they lie at one place gains nothing by it
_ODD = np.uint64(0x9E37_79B9_7F4A_7C15)
_HALF = np.uint64(32)
_CODE = np.uint64(0xFFFF_FFFF)
_NO_WORD = np.uint64(0)


class Tables(NamedTuple):
    """One table for each column, of the same size.

    A slot has four numbers, so that one look tells of a text of up to two words all there is: its hash or, if it is
    short, the text itself; the length above the code with 1 added, 0 where the slot is free; the first word, and the
    last. The texts stand one after the other in `pool`, and end at `ends`.
    """

    slots: npt.NDArray[np.uint64]
    ends: Numbers
    pool: Bytes
    words: Words
    counts: Numbers
    seed: Words


def tables(columns: int) -> Tables:
    """Make empty tables."""
    pool = np.zeros((columns, _POOL + ROOM), np.uint8)
    words = np.ndarray((columns, _POOL + ROOM - WIDTH + 1), np.dtype("<u8"), pool, strides=(_POOL + ROOM, 1))
    return Tables(
        np.zeros((columns, _SLOTS, 4), np.uint64),
        np.zeros((columns, _MOST + 1), np.int64),
        pool,
        words,
        np.zeros(columns, np.int64),
        np.array([secrets.randbits(64)], np.uint64),
    )


def make_room(held: Tables, column: int) -> bool:
    """Forget the texts of a column if they take half of its room or more; tell whether they do."""
    count = int(held.counts[column])
    if 2 * count < _MOST and 2 * int(held.ends[column, count]) < _POOL:
        return False
    held.slots[column] = 0
    held.counts[column] = 0
    return True


def texts_of(held: Tables, column: int) -> pa.StringArray:
    """Give the texts of a column by their codes."""
    count = int(held.counts[column])
    ends = held.ends[column, : count + 1].astype(np.int32)
    return pa.StringArray.from_buffers(
        count, pa.py_buffer(ends), pa.py_buffer(held.pool[column, : int(ends[-1])].copy())
    )


@compiled
def code_of(held: Tables, column: int, text: Text, at: int, length: int) -> int:
    """Give the code of a text of some bytes, a new one where it is not known; `UNFIT` or `FULL` where it gets none."""
    if length > MOST_ID_BYTES:
        return UNFIT
    key, first, last, bits = _key(text.words, at, length, held.seed[0])
    slot = number((key * _ODD) >> _TO_SLOT)
    for _ in range(_MOST_LOOKS):
        known = held.slots[column, slot]
        if known[1] == 0:
            is_text = is_ascii(bits) or is_utf8(text.data, at, at + length)
            code = _new(held, column, text.data[at : at + length]) if is_text else UNFIT
            if code >= 0:
                known[0], known[1] = key, np.uint64(length) << _HALF | np.uint64(code + 1)
                known[2], known[3] = first, last
            return code
        if known[0] == key and known[2] == first and known[3] == last and number(known[1] >> _HALF) == length:
            code = number(known[1] & _CODE) - 1
            if length <= 2 * WIDTH or same(text.words, at, held.words[column], held.ends[column, code], length):
                return code
        slot = (slot + 1) & (_SLOTS - 1)
    return UNFIT


@compiled
def _key(words: Words, at: int, length: int, seed: Any) -> Any:
    """Give the hash of a text, its first and last word, and the bits that are set in some of its bytes."""
    if length < WIDTH:
        word = kept(words[at], length)
        return word, word, _NO_WORD, word
    key, bits, done = seed, _NO_WORD, 0
    while done + WIDTH <= length:
        word = words[at + done]
        bits |= word
        key = (key ^ word) * _ODD
        key ^= key >> _HALF
        done += WIDTH
    last = words[at + length - WIDTH]
    key = (key ^ last) * _ODD
    return key ^ (key >> _HALF), words[at], last, bits | last


@compiled
def _new(held: Tables, column: int, written: Bytes) -> int:
    """Give a text a code, if there is room."""
    code = held.counts[column]
    start = held.ends[column, code]
    if code >= _MOST or start + len(written) > _POOL:
        return FULL
    for each in range(len(written)):
        held.pool[column, start + each] = written[each]
    held.ends[column, code + 1] = start + len(written)
    held.counts[column] = code + 1
    return code
