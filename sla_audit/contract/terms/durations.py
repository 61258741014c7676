"""How long something takes, as agreements write it: `500ms`, `2s`, `5min` or `1h`."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import BeforeValidator

from sla_audit.sentence import Sentence

_MICROSECONDS = {"h": 3600 * 10**6, "min": 60 * 10**6, "s": 10**6, "ms": 1000}
_WRITTEN = re.compile(r"([1-9][0-9]{0,8})(ms|s|min|h)", re.ASCII)
_LONGEST = 24 * _MICROSECONDS["h"]


def microseconds_of(duration: str) -> int:
    """Give a duration in microseconds."""
    number, unit = number_and_unit(duration)
    return number * _MICROSECONDS[unit]


def number_and_unit(duration: str) -> tuple[int, str]:
    """Take a duration apart."""
    found = _WRITTEN.fullmatch(duration)
    if found is None:
        raise ValueError(duration)
    return int(found[1]), found[2]


def written(microseconds: int) -> str:
    """Give so many microseconds as a duration, in seconds where it is a whole number of them."""
    unit = "s" if microseconds % _MICROSECONDS["s"] == 0 else "ms"
    return f"{microseconds // _MICROSECONDS[unit]}{unit}"


def _duration(value: Any) -> str:
    if not isinstance(value, str) or _WRITTEN.fullmatch(value) is None or microseconds_of(value) > _LONGEST:
        raise ValueError(Sentence("{value!r:.80} is no time such as 500ms, 2s, 5min or 1h, up to a day", value=value))
    return value


Duration = Annotated[str, BeforeValidator(_duration)]
"""A whole number of `ms`, `s`, `min` or `h`, up to a day, as it is written."""
