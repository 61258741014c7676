"""Ids that are the same once a letter is left out of one, or one of both."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

MOST_IDS = 100_000
"""Of so many ids such pairs can be found in a second or two."""

_MOST_LETTERS = 64
_ODD = 0x9E3779B97F4A7C15  # a base that hashes well, and has an inverse
_INVERSE = np.uint64(pow(_ODD, -1, 1 << 64))
_PLACE = np.uint64(0xC2B2AE3D27D4EB4F)
_MOST_BITS = 24
_Hashes = npt.NDArray[np.uint64]
_Positions = npt.NDArray[np.int64]


def pairs(ours: Sequence[str], theirs: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield the pairs of which neither is so near a third; of distinct ids, none of which is on both sides.

    A digit for another, or more or fewer of them, makes another number and no misspelling: accounts are numbered. Ids
    of more than 64 letters are left out.
    """
    left, right = ([each for each in side if 0 < len(each) <= _MOST_LETTERS] for side in (ours, theirs))
    if not left or not right:
        return
    cut, theirs_cut = _cut(left), _cut(right)
    near, back = _only_one(cut, theirs_cut), _only_one(theirs_cut, cut)
    for at in np.flatnonzero(near >= 0).tolist():
        one, other = left[at], right[near[at]]
        if back[near[at]] == at and _is_one_letter(one, other):  # hashes may be the same by chance
            yield one, other


class _Cut(NamedTuple):
    """Hashes of ids, `whole` and without each of their letters: `rest` of the id `of`, without the one `at` a place."""

    whole: _Hashes
    of: _Positions
    at: _Positions
    rest: _Hashes
    digit: npt.NDArray[np.bool_]


def _cut(ids: Sequence[str]) -> _Cut:
    lengths = np.array([len(each) for each in ids], dtype=np.int64)
    letters = np.frombuffer("".join(ids).encode("utf-32-le", "surrogatepass"), np.uint32)
    ends = np.cumsum(lengths)
    of = np.repeat(np.arange(len(ids)), lengths)
    at = np.arange(len(letters)) - (ends - lengths)[of]
    powers = np.cumprod(np.full(_MOST_LETTERS, _ODD, dtype=np.uint64))
    sums = np.append(np.uint64(0), np.cumsum(letters.astype(np.uint64) * powers[at], dtype=np.uint64))
    before, after = sums[:-1] - sums[ends - lengths][of], sums[ends][of] - sums[1:]
    digit = (letters >= ord("0")) & (letters <= ord("9"))
    return _Cut(sums[ends] - sums[ends - lengths], of, at, before + after * _INVERSE, digit)


def _only_one(ours: _Cut, theirs: _Cut) -> _Positions:
    """Give for each of our ids the only one of theirs that is so near; -1 where there is none, or several."""
    first = np.full(len(ours.whole), len(theirs.whole))
    last = np.full(len(ours.whole), -1)

    def match(of: _Positions, keys: _Hashes, their_of: _Positions, their_keys: _Hashes) -> None:
        # Most hashes are on one side only: a look at some of their bits saves sorting and searching them.
        mine, yours = _shared(keys, their_keys), _shared(their_keys, keys)
        of, keys, their_of, their_keys = of[mine], keys[mine], their_of[yours], their_keys[yours]
        order = np.lexsort((their_of, their_keys))
        found, whose = their_keys[order], their_of[order]
        begin, end = (np.searchsorted(found, keys, side=side) for side in ("left", "right"))
        some = end > begin
        np.minimum.at(first, of[some], whose[begin[some]])
        np.maximum.at(last, of[some], whose[end[some] - 1])

    # The same place is left out of both: one letter stands for another.
    rest, their_rest = (each.rest + each.at.astype(np.uint64) * _PLACE for each in (ours, theirs))
    for mine, yours in ((slice(None), ~theirs.digit), (~ours.digit, theirs.digit)):
        match(ours.of[mine], rest[mine], theirs.of[yours], their_rest[yours])
    everyone = np.arange(len(theirs.whole))
    match(ours.of[~ours.digit], ours.rest[~ours.digit], everyone, theirs.whole)
    match(np.arange(len(ours.whole)), ours.whole, theirs.of[~theirs.digit], theirs.rest[~theirs.digit])
    return np.where(first == last, first, -1)


def _shared(keys: _Hashes, others: _Hashes) -> npt.NDArray[np.bool_]:
    """Tell which hashes may be among others."""
    bits = min(_MOST_BITS, len(others).bit_length() + 8)  # 256 places or more for each, so that few agree by chance
    aside = np.uint64(64 - bits)
    there = np.zeros(1 << bits, dtype=np.bool_)
    there[others >> aside] = True
    shared: npt.NDArray[np.bool_] = there[keys >> aside]
    return shared


def _is_one_letter(one: str, other: str) -> bool:
    short, long = sorted((one, other), key=len)
    at = next((at for at, (mine, yours) in enumerate(zip(short, long, strict=False)) if mine != yours), len(short))
    return long[at + 1 :] == (short[at:] if len(short) < len(long) else short[at + 1 :])
