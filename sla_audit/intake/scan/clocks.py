"""Times of day and offsets from UTC, from their bytes."""

from __future__ import annotations

from typing import Any

import numpy as np

from sla_audit.intake.scan.compiled import compiled
from sla_audit.intake.scan.words import Text, number

_NONE, _WITH_ZONE, _WITHOUT = 0, 1, 2  # as in `times`
_SECOND = 10**6
_LENGTH = 8
_FINEST = 9  # digits of a fraction
_ZEROS = np.uint64(0x3030_3A30_303A_3030)  # 00:00:00
_AT_COLONS = np.uint64(0x0000_FF00_00FF_0000)
_SIXES = np.uint64(0x0606_0606_0606_0606)
_TOP_HALVES = np.uint64(0xF0F0_F0F0_F0F0_F0F0)
_BYTE = np.uint64(0xFF)
_POINT, _COMMA, _COLON, _PLUS, _MINUS, _SPACE, _Z = (ord(each) for each in ".,:+- Z")


@compiled
def clock(text: Text, at: int, end: int, common: bool) -> Any:
    """Read 13:06:07, a fraction and a zone between two places: microseconds, less the offset, and what they are.

    In the `common` log format a space stands before the offset.
    """
    if end - at < _LENGTH:
        return 0, _NONE
    # Take 00:00:00 off: of every byte, at most 9 is left, and nothing of the colons.
    left = text.words[at] ^ _ZEROS
    if ((left + _SIXES) | left) & _TOP_HALVES != 0 or left & _AT_COLONS != 0:
        return 0, _NONE
    hour, minute, second = _pair(left, 0), _pair(left, 24), _pair(left, 48)
    if hour > 23 or minute > 59 or second > 59:
        return 0, _NONE
    at += _LENGTH
    fraction = 0
    if at < end and (text.data[at] == _POINT or text.data[at] == _COMMA):
        fraction, after = _fraction(text, at + 1, end)
        if after == at + 1:
            return 0, _NONE
        at = after
    since = (hour * 3600 + minute * 60 + second) * _SECOND + fraction
    if at == end:
        return since, _WITHOUT
    offset, is_read = _offset(text, at, end, common)
    return (since - offset * _SECOND, _WITH_ZONE) if is_read else (0, _NONE)


@compiled
def digits(text: Text, at: int, count: int) -> int:
    """Read so many digits; less than any number where one is none."""
    found = 0
    for each in range(count):
        digit = number(text.data[at + each]) - 48
        if not 0 <= digit <= 9:
            return -1
        found = found * 10 + digit
    return found


@compiled
def _pair(left: Any, shift: int) -> int:
    """Give the number of two digits, the first of which stands at some bit."""
    ten, one = left >> np.uint64(shift) & _BYTE, left >> np.uint64(shift + 8) & _BYTE
    return number(ten) * 10 + number(one)


@compiled
def _fraction(text: Text, at: int, end: int) -> Any:
    """Read the digits of a fraction as microseconds, those beyond cut, and where they end; at their start if none."""
    found, scale, start = 0, _SECOND // 10, at
    while at < end:
        digit = number(text.data[at]) - 48
        if not 0 <= digit <= 9:
            break
        found += digit * scale
        scale //= 10
        at += 1
    return (found, at) if at - start <= _FINEST else (0, start)


@compiled
def _offset(text: Text, at: int, end: int, common: bool) -> Any:
    """Read `Z`, `+08:00` or `+0800` as seconds, and whether it is that and nothing more."""
    if common:
        if text.data[at] != _SPACE:
            return 0, False
        at += 1
    elif text.data[at] == _Z:
        return 0, at + 1 == end
    if end - at < 5 or (text.data[at] != _PLUS and text.data[at] != _MINUS):
        return 0, False
    has_colon = not common and text.data[at + 3] == _COLON
    if end - at != (6 if has_colon else 5):
        return 0, False
    hours, minutes = digits(text, at + 1, 2), digits(text, at + (4 if has_colon else 3), 2)
    if not 0 <= hours <= 23 or not 0 <= minutes <= 59:
        return 0, False
    seconds = hours * 3600 + minutes * 60
    return (-seconds if text.data[at] == _MINUS else seconds), True
