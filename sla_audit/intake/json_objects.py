"""One line of a JSON lines log as Python reads it: an object, and what its fields say as text."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

_HALF = re.compile("[\ud800-\udfff]")  # half of a character that JSON escapes as two, or a byte that is no UTF-8
_BEYOND_ALL_TIMES = 10**20  # nanoseconds; an exponent far from it would be written out as that many zeros


class Fractional(float):
    """A number with a fraction or an exponent, which remembers how it was written."""

    written: str

    def __new__(cls, written: str) -> Fractional:
        """Read a number as JSON writes it."""
        number = super().__new__(cls, written)
        number.written = written
        return number


def object_of(line: bytes) -> dict[str, Any] | None:
    """Read a line as an object; None where it is none."""
    try:
        text = line.decode("utf-8-sig", "surrogateescape")
        found = json.loads(text, object_pairs_hook=_pairs, parse_float=Fractional)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def leaves(found: Mapping[str, Any], before: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Yield the fields of an object that hold no other object, each with the way to it."""
    for name, value in found.items():
        if isinstance(value, dict):
            yield from leaves(value, (*before, name))
        else:
            yield (*before, name), value


def value_of(found: Mapping[str, Any], name: str) -> Any:
    """Find a field, of an object within where its name has dots; None where there is none."""
    value: Any = found
    for part in _parts(found, name):
        if value is None or isinstance(value, _Twice):
            return value
        if not isinstance(value, dict):
            return _NoObject([value])
        value = value.get(part)
    return value


def text_of(value: Any) -> str | None:
    """Give a value as text, as the log spells it. Raises `ValueError` where it is not a single one."""
    if isinstance(value, list | dict):
        raise ValueError({_Twice: "one value for the key", _NoObject: "an object"}.get(type(value), "a single value"))
    if isinstance(value, str) and _HALF.search(value):
        raise ValueError("text in UTF-8")
    return value if value is None or isinstance(value, str) else json.dumps(value)


def time_of(value: Any) -> str | None:
    """Give a time as text: a number that may be one with all its digits, of which a float would drop some."""
    if isinstance(value, Fractional) and 1 <= value < _BEYOND_ALL_TIMES:
        return f"{Decimal(value.written):f}"
    return text_of(value)


def id_of(value: Any) -> str | None:
    """Give an account as text. Raises `ValueError` for what could not be a column of ids."""
    if isinstance(value, bool | float):
        raise ValueError("account ids as text or whole numbers")
    return text_of(value)


def shown(value: Any) -> str | None:
    """Give any value as text, one that is not a single one as JSON."""
    text = value if value is None or isinstance(value, str) else json.dumps(value)
    return None if text is None else text.encode("utf-8", "backslashreplace").decode("utf-8")


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        times = Counter(name for name, _ in pairs)
        found |= {name: _Twice([value for key, value in pairs if key == name]) for name in times if times[name] > 1}
    return found


class _Twice(list[Any]):
    """The values of a key that an object has more than once: there is no telling which of them is meant."""


class _NoObject(list[Any]):
    """What stands where an object is expected."""


def _parts(found: Mapping[str, Any], name: str) -> list[str]:
    """Split a name at its dots, unless the object has it whole."""
    return [name] if name in found else name.split(".")
