"""Times as nearly all logs write them, from their bytes to microseconds since 1970.

The forms are those that `values.time_forms` takes for usual, and epoch numbers: a text that is read here means the same
there. All else is not read here, such as what lies near the ends of the years that can be audited.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from sla_audit.intake.scan.clocks import clock, digits
from sla_audit.intake.scan.compiled import compiled
from sla_audit.intake.scan.words import Text, Words, kept, number
from sla_audit.intake.values.epochs import EARLIEST_SECOND, LATEST_SECOND, UNITS
from sla_audit.model.instant import EARLIEST, LATEST

UNREAD, INSTANT, WALL_CLOCK = 0, 1, 2
"""What was read: nothing, microseconds in UTC, or those of a clock on the wall, as if it were in UTC."""

DAYS_KNOWN = 6
"""How many numbers it takes to remember the day that was read last in each form: its bytes, and which it is."""

_SECOND = 10**6
_DAY = 86_400 * _SECOND
_FIRST, _END = EARLIEST + _DAY, LATEST - _DAY  # no zone is further than a day from UTC
_ISO_DATE, _COMMON_DATE = 10, 11
_ISO, _COMMON = 0, 3  # where in the memory
_SLASH, _DASH, _POINT = ord("/"), ord("-"), ord(".")
_DAYS = np.array([31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31], np.int64)
_NAMES = b"JanFebMarAprMayJunJulAugSepOctNovDec"
_MONTHS = np.array([int.from_bytes(_NAMES[at : at + 3], "little") for at in range(0, len(_NAMES), 3)], np.int64)
_UNITS = np.array(list(UNITS.values()), np.int64)
_MOST_DIGITS = 19


@compiled
def instant(text: Text, at: int, end: int, known: Words) -> Any:
    """Read a time between two places: its number, and what it is. `known` remembers the days read last."""
    length = end - at
    if length > _ISO_DATE and text.data[at + 4] == _DASH:
        day = _iso_day(text, at, known)
        gap = text.data[at + _ISO_DATE]
        if day < 0 or (gap != ord("T") and gap != ord(" ")):
            return 0, UNREAD
        return _on(day, text, at + _ISO_DATE + 1, end, False)
    if length > _COMMON_DATE and text.data[at + 2] == _SLASH:
        day = _common_day(text, at, known)
        if day < 0 or text.data[at + _COMMON_DATE] != ord(":"):
            return 0, UNREAD
        return _on(day, text, at + _COMMON_DATE + 1, end, True)
    return _epoch(text, at, end)


@compiled
def instant_of_two(text: Text, date: Any, time: Any, known: Words) -> Any:
    """Read a date and a time of day, each between two places: the number, and what it is."""
    if date[1] - date[0] != _ISO_DATE or text.data[date[0] + 4] != _DASH:
        return 0, UNREAD
    day = _iso_day(text, date[0], known)
    return (0, UNREAD) if day < 0 else _on(day, text, time[0], time[1], False)


@compiled
def _on(day: int, text: Text, at: int, end: int, common: bool) -> Any:
    """Read the time of a day, and its zone."""
    since, how = clock(text, at, end, common)
    ticks = day * _DAY + since
    if how != UNREAD and _FIRST <= ticks < _END:
        return ticks, how
    return 0, UNREAD


@compiled
def _iso_day(text: Text, at: int, known: Words) -> int:
    """Read 2026-10-05: its days since 1970, or -1."""
    one, rest = text.words[at], kept(text.words[at + 8], 2)
    if one == known[_ISO] and rest == known[_ISO + 1]:
        return number(known[_ISO + 2])
    year, month, day = digits(text, at, 4), digits(text, at + 5, 2), digits(text, at + 8, 2)
    found = _day_number(year, month, day)
    if text.data[at + 7] != _DASH:
        found = -1
    if found >= 0:
        known[_ISO], known[_ISO + 1], known[_ISO + 2] = one, rest, np.uint64(found)
    return found


@compiled
def _common_day(text: Text, at: int, known: Words) -> int:
    """Read 05/Oct/2026: its days since 1970, or -1."""
    one, rest = text.words[at], kept(text.words[at + 8], 3)
    if one == known[_COMMON] and rest == known[_COMMON + 1]:
        return number(known[_COMMON + 2])
    name = number(kept(text.words[at + 3], 3))
    month = 0
    for each in range(12):
        if _MONTHS[each] == name:
            month = each + 1
    found = _day_number(digits(text, at + 7, 4), month, digits(text, at, 2))
    if text.data[at + 6] != _SLASH:
        found = -1
    if found >= 0:
        known[_COMMON], known[_COMMON + 1], known[_COMMON + 2] = one, rest, np.uint64(found)
    return found


@compiled
def _day_number(year: int, month: int, day: int) -> int:
    """Give the days since 1970 of a date from then on; -1 for what is none."""
    if year < 1970 or not 1 <= month <= 12 or day < 1:
        return -1
    leaps = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    if day > _DAYS[month - 1] + (1 if leaps and month == 2 else 0):
        return -1
    # From March on, so that the odd day comes last: the algorithm of Howard Hinnant, days_from_civil.
    of = year - (1 if month <= 2 else 0)
    of_year = (153 * ((month + 9) % 12) + 2) // 5 + day - 1
    return of * 365 + of // 4 - of // 100 + of // 400 + of_year - 719_468


@compiled
def _epoch(text: Text, at: int, end: int) -> Any:
    """Read a number with or without decimals, of which those beyond microseconds are cut."""
    point = at
    while point < end and ord("0") <= text.data[point] <= ord("9"):
        point += 1
    if not 0 < point - at <= _MOST_DIGITS or text.data[at] == ord("0"):
        return 0, UNREAD
    if point < end and text.data[point] != _POINT:
        return 0, UNREAD
    whole = number(0)
    for each in range(at, point):
        whole = whole * 10 + (number(text.data[each]) - 48)  # one of 19 digits may wrap, and is none then
    fraction = _decimals(text, point + 1, end)
    if fraction < 0:
        return 0, UNREAD
    for each in range(len(_UNITS)):
        unit = _UNITS[each]
        if EARLIEST_SECOND * unit <= whole < LATEST_SECOND * unit:
            if unit >= _SECOND:
                return whole // (unit // _SECOND), INSTANT
            return whole * (_SECOND // unit) + fraction // unit, INSTANT
    return 0, UNREAD


@compiled
def _decimals(text: Text, at: int, end: int) -> int:
    """Read the digits after a point as millionths; -1 where some is none."""
    found, scale = 0, _SECOND // 10
    while at < end:
        digit = number(text.data[at]) - 48
        if not 0 <= digit <= 9:
            return -1
        found += digit * scale
        scale //= 10
        at += 1
    return found
