"""Decimals and floats, many at once, cut to whole numbers of a smaller unit: exact, as their digits say."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

_PLACES = 6
_LIMB = np.uint64(32)  # bits
_LOW = np.uint64((1 << 32) - 1)

Numbers = npt.NDArray[np.int64]
Known = npt.NDArray[np.bool_]
_Limbs = list[npt.NDArray[np.uint64]]


def of_decimals(column: pa.Array) -> tuple[Numbers, Numbers, Known]:
    """Give what decimals have before the point, and after it in millionths, cut; and which are known.

    Those are not that are null, negative, or have more than 63 bits before the point. The type has 128 or 256 bits.
    """
    if column.type.scale < 0:
        column = column.cast(pa.decimal256(76, 0))
    scale, words = column.type.scale, column.type.bit_width // 64
    held = np.frombuffer(column.buffers()[1], np.uint64).reshape(-1, words)
    held = held[column.offset : column.offset + len(column)]
    known = column.is_valid().to_numpy(zero_copy_only=False)
    known &= (held[:, 1] < 1 << 63) & ~held[:, 2:].any(axis=1)
    limbs = [part for word in (1, 0) for part in (held[:, word] >> _LIMB, held[:, word] & _LOW)]
    while scale > _PLACES:
        step = min(_PLACES, scale - _PLACES)
        limbs, _ = _divided(limbs, 10**step)
        scale -= step
    limbs, rest = _divided(limbs, 10**scale)
    known &= (limbs[0] == 0) & (limbs[1] == 0) & (limbs[2] < 1 << 31)
    wholes = (limbs[2] << _LIMB | limbs[3]).astype(np.int64)
    return wholes, rest.astype(np.int64) * 10 ** (_PLACES - scale), known


def _divided(limbs: _Limbs, by: int) -> tuple[_Limbs, npt.NDArray[np.uint64]]:
    """Divide numbers by one that has at most 32 bits, as on paper; give what remains, too."""
    quotients, rest = [], np.zeros_like(limbs[0])
    for limb in limbs:
        rest = rest << _LIMB | limb
        quotients.append(rest // np.uint64(by))
        rest -= quotients[-1] * np.uint64(by)
    return quotients, rest


def cut(floats: npt.NDArray[np.float64], up: int, down: int) -> npt.NDArray[np.float64]:
    """Multiply floats by `up` and divide them by `down`, one of which is 1, and cut what comes after the point.

    Each is what the shortest decimal says that is read as this float: of the numbers that are, at most one may be whole
    once it is multiplied, and it has less than 53 bits then. So such a whole number is that decimal; and without one,
    none lies between the decimal and the float.
    """
    whole = np.rint(floats * up / down)
    back = whole * down / up
    found: npt.NDArray[np.float64] = whole - (back > floats)
    return found
