"""How long a request may take: limits that an agreement names, such as `2s`."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import BeforeValidator

from sla_audit.sentence import Sentence

_MICROSECONDS = {"ms": 1000, "s": 10**6, "min": 60 * 10**6}
_WRITTEN = re.compile(r"([1-9][0-9]{0,8})(ms|s|min)", re.ASCII)
_LONGEST = 24 * 60 * _MICROSECONDS["min"]


def microseconds_of(limit: str) -> int:
    """Give a limit in microseconds."""
    found = _WRITTEN.fullmatch(limit)
    if found is None:
        raise ValueError(limit)
    return int(found[1]) * _MICROSECONDS[found[2]]


def written(microseconds: int) -> str:
    """Give so many microseconds as agreements write a limit, in seconds where it is a whole number of them."""
    unit = "s" if microseconds % _MICROSECONDS["s"] == 0 else "ms"
    return f"{microseconds // _MICROSECONDS[unit]}{unit}"


def _limit(value: Any) -> str:
    if not isinstance(value, str) or _WRITTEN.fullmatch(value) is None or microseconds_of(value) > _LONGEST:
        raise ValueError(Sentence("{value!r:.80} is no time such as 500ms, 2s or 5min, up to a day", value=value))
    return value


Limit = Annotated[str, BeforeValidator(_limit)]
"""How long a request may take at most, as it is written: a whole number of `ms`, `s` or `min`."""
