"""JSON that was saved, read with care: whatever a report cannot hold is refused here, with its place."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sla_audit.errors import InputError, Problem, cannot_be_read, field_name, refuse
from sla_audit.limits import MOST_PIPED_BYTES
from sla_audit.sentence import Message, Sentence, said_by, to_say
from sla_audit.system.plain_text import is_unicode
from sla_audit.system.whole_file import read_document

AGAIN = to_say("Make the report again with sla-audit compute.")

_DEEPEST = 100
_MOST = 2**63
_TYPED = "results"  # each of its values has a type that is checked, and what is not typed is not taken


def read_json(path: Path) -> Any:
    """Read a JSON file. Raises `InputError` where it is none, or holds what no report can.

    That is: half a character (a lone surrogate), NaN or Infinity, a number beyond 64 bits, a key that comes twice, or
    brackets within brackets beyond any that a report has.
    """
    where = path.as_posix()
    try:
        return parse_json(read_document(path, MOST_PIPED_BYTES), where)
    except OSError as error:
        raise InputError(cannot_be_read(where, error)) from error


def parse_json(document: bytes, where: str) -> Any:
    """Read a document that `where` names in messages, as `read_json` does a file."""
    try:
        content = json.loads(document.decode("utf-8"), object_pairs_hook=_distinct)
    except _TwiceError as error:
        raise InputError(
            Problem(where, Sentence("the key {key!r} comes twice in one object", key=str(error)), AGAIN)
        ) from error
    except (ValueError, RecursionError) as error:
        raise InputError(Problem(where, Sentence("not JSON in UTF-8: {why}", why=said_by(error)), AGAIN)) from error
    fault = next(_faults(content), None)
    refuse([] if fault is None else [Problem(f"{where}: {fault[0]}", fault[1], AGAIN)])
    return content


class _TwiceError(Exception):
    """A key comes twice: readers do not agree which value is meant."""


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        raise _TwiceError(next(key for key in keys if keys.count(key) > 1))
    return found


def _faults(content: Any) -> Iterator[tuple[Message, Message]]:
    """Walk through all values, without a call for each level, and say what is wrong with them."""
    left: list[tuple[tuple[str | int, ...], Any]] = [((), content)]
    while left:
        place, value = left.pop()
        if len(place) > _DEEPEST:
            yield (
                field_name(place[:4]),
                Sentence("brackets within brackets, more than {deepest} deep", deepest=_DEEPEST),
            )
            return
        if isinstance(value, dict):
            yield from ((field_name((*place, _shown(key))), _HALF) for key in value if not is_unicode(key))
            left += [((*place, key), each) for key, each in value.items() if (*place, key) != (_TYPED,)]
        elif isinstance(value, list):
            left += [((*place, number), each) for number, each in enumerate(value)]
        elif isinstance(value, str) and not is_unicode(value):
            yield field_name(place), _HALF
        elif isinstance(value, float) and not math.isfinite(value):
            yield field_name(place), Sentence("found {value}, which is no number", value=value)
        elif isinstance(value, int) and not -_MOST <= value < _MOST:
            yield field_name(place), to_say("a number beyond 64 bits")


_HALF = to_say("text that holds half a character (a lone surrogate)")


def _shown(key: str) -> str:
    return key.encode("utf-8", "backslashreplace").decode()
