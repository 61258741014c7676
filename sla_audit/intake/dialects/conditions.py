"""What a rule of a dialect asks of one value of a log."""

from __future__ import annotations

import re
from decimal import Decimal
from fnmatch import fnmatchcase

from sla_audit.intake.values.spellings import is_nothing

_NOTHING = "nothing"
_NUMBER = re.compile(r"-?\d+(\.\d+)?", re.ASCII)
_RANGE = re.compile(r"(-?\d+)\.\.(-?\d+)", re.ASCII)


def matches(value: str, condition: str, separator: str | None = None) -> bool:
    """Tell whether a condition holds of a value, or of one of those that `separator` sets apart.

    A condition is `nothing` (empty, null, `-`), a number, a range of numbers such as `500..599`, or a glob.
    """
    if condition == _NOTHING:
        return is_nothing(value)
    parts = [value] if separator is None else [part.strip() for part in value.split(separator)]
    limits = _RANGE.fullmatch(condition)
    if limits:
        return any(_is_number(part) and int(limits[1]) <= Decimal(part) <= int(limits[2]) for part in parts)
    if _is_number(condition):
        return any(_is_number(part) and Decimal(part) == Decimal(condition) for part in parts)
    return any(fnmatchcase(part, condition) for part in parts)


def _is_number(text: str) -> bool:
    return _NUMBER.fullmatch(text) is not None
