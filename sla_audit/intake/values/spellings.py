"""What a single value of a log means, however its writer spelt it.

Each function takes one distinct value, as Python sees it, and gives its meaning; `ValueError` says
what was expected instead. They run once per distinct value, never per row.
"""

from __future__ import annotations

import math
import re
from typing import Any

from sla_audit.limits import MOST_ID_BYTES
from sla_audit.model.ids import trimmed
from sla_audit.model.statuses import FIRST_STATUS, HTTP_0_9, LAST_STATUS
from sla_audit.sentence import Sentence

NOTHING = frozenset({"", "-", "null", "none", "nan"})
"""How logs write that there is no value."""

_NUMBER = re.compile(r"([+-]?\d{1,99})(?:\.0*)?", re.ASCII)
_TRUE = {"true", "1", "yes", "t", "y"}
_FALSE = {"false", "0", "no", "f", "n"}


def read_status(value: Any) -> int | None:
    """Read an HTTP status. None where no status was given to the caller.

    Empty, null, `-`, `0`, `000` and `-1` are how gateways write that there was none; `200.0` is 200; `009` is an answer
    without one.
    """
    text = _text(value)
    if text in NOTHING:
        return None
    if text == f"{HTTP_0_9:03}":
        return HTTP_0_9
    number = _NUMBER.fullmatch(text)
    status = int(number[1]) if number else None
    if status in {0, -1}:
        return None
    if status is None or not FIRST_STATUS <= status <= LAST_STATUS:
        raise ValueError(
            Sentence(
                "a status from {first} to {last}, or '-', 0, -1 or nothing for none",
                first=FIRST_STATUS,
                last=LAST_STATUS,
            )
        )
    return status


def read_client_aborted(value: Any) -> bool:
    """Read whether the client hung up first."""
    text = _text(value)
    number = _NUMBER.fullmatch(text)
    if number:
        text = str(int(number[1]))
    if text in _TRUE:
        return True
    if text in _FALSE or text in NOTHING:
        return False
    raise ValueError("true or false")


def read_scope(value: Any) -> str | None:
    """Read a region or an API: text without what is around it, None where that is empty."""
    text = "" if value is None else trimmed(str(value))
    if len(text.encode(errors="replace")) > MOST_ID_BYTES:
        raise ValueError(Sentence("a name of at most {most:,} bytes", most=MOST_ID_BYTES))
    return text or None


def read_error_code(value: Any) -> str | None:
    """Read the code of an error: text without what is around it, None where there is none."""
    code = read_scope(value)
    return None if code is None or is_nothing(code) else code


def plain(value: Any) -> str:
    """Give a value so that spellings of the same are alike: in lower case, trimmed, a whole number without zeros."""
    text = _text(value)
    number = _NUMBER.fullmatch(text)
    return str(int(number[1])) if number else text


def is_nothing(text: str) -> bool:
    """Tell whether a text is one of the ways to write that there is no value."""
    return text.strip().lower() in NOTHING


def _text(value: Any) -> str:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    return str(value).strip().lower()
