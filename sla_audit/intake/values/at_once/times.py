"""Times written as text, many at once: where the parts of each form stand, and what they come to."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from sla_audit.intake.values.at_once.alike import Bytes, number
from sla_audit.intake.values.at_once.places import Places
from sla_audit.intake.values.at_once.settle import NONE, Numbers
from sla_audit.intake.values.local_time import in_utc
from sla_audit.intake.values.time_forms import DAYS, MONTHS, DateOrder, form_of
from sla_audit.model.instant import EARLIEST, LATEST

_FIRST_YEAR, _LAST_YEAR = 1970, 2199
_FIRST_WEEKDAY = 3  # of 1970, counted from Monday
_SECOND = 10**6
_PLACES = 6  # decimals of a second that count

_Fits = npt.NDArray[np.bool_]


def _names(names: tuple[str, ...]) -> npt.NDArray[np.uint8]:
    """Give names of three letters numbers, from 1, by the five bits that tell letters apart; 0 to all others."""
    table = np.zeros(1 << 15, np.uint8)
    for at, name in enumerate(names, 1):
        first, then, last = (ord(letter) & 31 for letter in name)
        table[first << 10 | then << 5 | last] = at
    return table


_NUMBER_OF_MONTH, _NUMBER_OF_WEEKDAY = _names(MONTHS), _names(DAYS)
_MONTHS = np.arange(f"{_FIRST_YEAR}-01", f"{_LAST_YEAR + 1}-02", dtype="datetime64[M]")
_FIRST_DAYS = _MONTHS.astype("datetime64[D]").astype(np.int32)
_LENGTHS = np.array([end - first for first, end in pairwise(_FIRST_DAYS.tolist())], np.uint8)


class TimePattern:
    """Times whose parts stand in the same places."""

    def __init__(self, text: str, spans: Mapping[str, tuple[int, int]], zone: ZoneInfo) -> None:
        """Take them from a text, and where its parts stand: those of `time_forms`."""
        self._offset = _Offset(text, spans["offset"]) if "offset" in spans else None
        self._half = text[slice(*spans["half"])].lower() if "half" in spans else None
        self._names = {name: spans[name] for name in ("name", "weekday") if name in spans}
        free = [at for span in self._names.values() for at in range(*span)]
        if self._offset is not None and self._offset.sign is not None:
            free.append(self._offset.sign)
        self._places = Places.of(text, free)
        of_digits = ("year", "month", "day", "hour", "minute", "second", "fraction")
        self._parts = {name: self._places.within(spans[name]) for name in of_digits if name in spans}
        self._zone = zone
        self.local = self._offset is None

    def read(self, values: Bytes) -> tuple[Numbers, npt.NDArray[np.bool_]]:
        """Read times in microseconds: see `settle.Pattern`. Leap seconds, and hour 24, are left to be read apart."""
        digits, fits = self._places.read(values)
        if not fits.any():
            return np.full(len(fits), NONE), fits
        days = self._days(digits, values, fits)
        instants = days.astype(np.int64) * 86_400
        instants += self._seconds(digits, fits)
        if self._offset is not None:
            instants -= self._offset.read(digits, values, self._places, fits)
        instants *= _SECOND
        if "fraction" in self._parts:
            fraction = digits[self._parts["fraction"]][:_PLACES]
            instants += number(fraction).astype(np.int64) * 10 ** (_PLACES - len(fraction))
        if self.local and fits.any():
            instants = np.where(fits, instants, instants[np.argmax(fits)])  # of few years, if any is fit
            instants, none = in_utc(instants, _SECOND, self._zone)
            fits &= ~none
        fits &= (instants >= EARLIEST) & (instants < LATEST)
        return instants, fits

    def _days(self, digits: Bytes, values: Bytes, fits: _Fits) -> npt.NDArray[np.int32]:
        """Give the days since 1970, and find those unfit that no calendar has, or that have another weekday."""
        year = number(digits[self._parts["year"]]).astype(np.int32)
        if "name" in self._names:
            month = self._name("name", _NUMBER_OF_MONTH, values, fits)
        else:
            month = number(digits[self._parts["month"]]).astype(np.uint8)
        at = (year - _FIRST_YEAR) * 12 + month - 1
        day = number(digits[self._parts["day"]]).astype(np.uint8)
        fits &= (year >= _FIRST_YEAR) & (year <= _LAST_YEAR) & (month >= 1) & (month <= 12)
        fits &= (day >= 1) & (day <= _LENGTHS.take(at, mode="clip"))
        days: npt.NDArray[np.int32] = _FIRST_DAYS.take(at, mode="clip") + (day.astype(np.int32) - 1)
        if "weekday" in self._names:
            fits &= (days + _FIRST_WEEKDAY) % 7 + 1 == self._name("weekday", _NUMBER_OF_WEEKDAY, values, fits)
        return days

    def _name(self, name: str, known: npt.NDArray[np.uint8], values: Bytes, fits: _Fits) -> npt.NDArray[np.uint8]:
        """Give the number of each name, 0 where there is none such; what has no three letters is unfit."""
        letters = values[slice(*self._names[name])]
        fits &= np.max((letters | 0x20) - np.uint8(ord("a")), axis=0) < 26
        first, then, last = letters.astype(np.uint16) & 31
        found: npt.NDArray[np.uint8] = known.take(first << 10 | then << 5 | last)
        return found

    def _seconds(self, digits: Bytes, fits: _Fits) -> npt.NDArray[np.int32]:
        """Give the seconds of the day; what no clock shows is unfit."""
        clock = {
            name: number(digits[self._parts[name]]) for name in ("hour", "minute", "second") if name in self._parts
        }
        hour = clock["hour"]
        if self._half is not None:
            fits &= (hour >= 1) & (hour <= 12)
            hour = hour % 12 + (12 if self._half == "pm" else 0)
        fits &= hour < 24
        seconds = hour.astype(np.int32) * 3600
        for name, scale in (("minute", 60), ("second", 1)):
            if name in clock:
                fits &= clock[name] < 60
                seconds += clock[name].astype(np.int32) * scale
        return seconds


class _Offset:
    """An offset from UTC in the same places; `sign` is that of its sign, None where it is a name of UTC."""

    def __init__(self, text: str, span: tuple[int, int]) -> None:
        first, end = span
        self.sign = first if text[first] in "+-" else None
        digits = [at for at in range(first, end) if text[at].isdigit()]
        self._pairs = list(zip(digits[::2], digits[1::2], strict=True))

    def read(self, digits: Bytes, values: Bytes, places: Places, fits: _Fits) -> npt.NDArray[np.int32]:
        """Give the offsets in seconds; what is none is unfit."""
        total = np.zeros(values.shape[1], np.int32)
        if self.sign is None:
            return total
        for pair, scale, most in zip(self._pairs, (3600, 60, 1), (23, 59, 59), strict=False):
            part = number(digits[places.within((pair[0], pair[1] + 1))])
            fits &= part <= most
            total += part.astype(np.int32) * scale
        behind = values[self.sign] == ord("-")
        fits &= behind | (values[self.sign] == ord("+"))
        return np.where(behind, -total, total)


def time_pattern(text: str, zone: ZoneInfo, order: DateOrder | None) -> TimePattern | None:
    """Find where the parts of a time stand in a text; None where it is of no form that is read."""
    stripped = text.strip()
    found = form_of(stripped, order)
    if found is None:
        return None
    shift = text.index(stripped)
    spans = {
        name.rstrip("_"): (found.start(name) + shift, found.end(name) + shift)
        for name, value in found.groupdict().items()
        if value is not None
    }
    if "minute" not in spans and "offset" not in spans:
        return None  # a bare hour is more likely half a value
    if order is not None and "first" in spans:
        month, day = ("first", "then") if order == "month/day/year" else ("then", "first")
        spans |= {"month": spans[month], "day": spans[day]}
    return TimePattern(text, spans, zone)
