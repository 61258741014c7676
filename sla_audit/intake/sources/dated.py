"""Patterns with the parts of a date in them, such as `s3://logs/{yyyy}/{mm}/{dd}/`: of the days asked for alone."""

from __future__ import annotations

import re
from datetime import date, timedelta

Days = tuple[date, date]
"""The first and the last day that are asked for."""

_PLACE = re.compile(r"\{(yyyy|mm?|dd?|hh?)\}")
_ANY = {name: "[0-9]" * len(name) for name in ("yyyy", "mm", "dd", "hh")} | dict.fromkeys(("m", "d", "h"), "*")
_MARGIN = timedelta(days=1)
"""Of other zones, and of files that begin a little before their day or end after it."""


def is_dated(pattern: str) -> bool:
    """Tell whether the parts of a date stand in a pattern."""
    return _PLACE.search(pattern) is not None


def dated(pattern: str, days: Days | None) -> list[str]:
    """Give the patterns of the days asked for and of a day around them; where all are asked for, one for any day."""
    if days is None:
        return [_PLACE.sub(lambda place: _ANY[place[1]], pattern)]
    first, last = days[0] - _MARGIN, days[1] + _MARGIN
    of_days = (first + timedelta(days=number) for number in range((last - first).days + 1))
    return list(dict.fromkeys(_of_day(pattern, day) for day in of_days))


def _of_day(pattern: str, day: date) -> str:
    said = {"yyyy": f"{day.year:04}", "mm": f"{day.month:02}", "m": str(day.month)}
    said |= {"dd": f"{day.day:02}", "d": str(day.day), "hh": _ANY["hh"], "h": _ANY["h"]}
    return _PLACE.sub(lambda place: said[place[1]], pattern)
