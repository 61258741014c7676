"""One line of a JSON lines log as Python reads it: an object, and what its fields say as text."""

from __future__ import annotations

import json
import re
from codecs import BOM_UTF8
from collections import Counter
from collections.abc import Iterator, Mapping
from math import isnan
from typing import Any

from sla_audit.limits import MOST_DEPTH, MOST_VALUES
from sla_audit.sentence import to_say

_HALF = re.compile("[\ud800-\udfff]")  # half of a character that JSON escapes as two, or a byte that is no UTF-8


class Fractional(float):
    """A number with a fraction or an exponent, which remembers how it was written."""

    written: str

    def __new__(cls, written: str) -> Fractional:
        """Read a number as JSON writes it."""
        number = super().__new__(cls, written)
        number.written = written
        return number


_ESCAPES = re.compile(rb"((?:\\x[0-9A-Fa-f]{2})++)|\\.")

_BEFORE_A_VALUE = (b",", b"{", b"[")
_TEXT = re.compile(rb'"(?:[^"\\]++|\\.)*+"', re.DOTALL)
_TEXT_OR_BRACKET = re.compile(r'"(?:[^"\\]++|\\.)*+"|[\[\]{}]', re.DOTALL)

_BEGINS_OTHERWISE = re.compile(rb"^[^\S\n]*[^\s{]", re.MULTILINE)


def object_of(line: bytes) -> dict[str, Any] | None:
    r"""Read a line as an object; None where it is none.

    What JSON forbids and gateways write all the same is read as they mean it: control characters, other than NUL, and
    bytes as `\xE6\x97\xA5`, as NGINX writes them where its format is not told that it is JSON.
    """
    found = _loaded(line)
    if found is None and b"\\x" in line:
        found = _loaded(mended(line))
    return found if isinstance(found, dict) else None


def begin_as_objects(text: bytes) -> bool:
    """Tell whether all lines that are not blank begin as objects do: Arrow crashes where the first is `null`."""
    text = text.removeprefix(BOM_UTF8)
    lines = text.count(b"\n") + (not text.endswith(b"\n"))
    if text.count(b"\n{") + text.startswith(b"{") == lines:
        return True
    return not _BEGINS_OTHERWISE.search(text)


def mended(text: bytes) -> bytes:
    r"""Write `\x22` as JSON would; what it escapes by itself stays as it is, and lines stay lines."""
    return _ESCAPES.sub(_as_json, text)


def _as_json(escape: re.Match[bytes]) -> bytes:
    if escape[1] is None:
        return escape[0]
    characters = bytes.fromhex(escape[1].replace(b"\\x", b"").decode("ascii")).decode("utf-8", "surrogateescape")
    return json.dumps(characters)[1:-1].encode("ascii")


def _loaded(line: bytes) -> Any:
    if b"\0" in line:
        return None
    if len(line) > MOST_VALUES and too_large(line):
        return None
    try:
        text = _shallow(line.decode("utf-8-sig", "surrogateescape"))
        return _DECODER.decode(text)
    except (ValueError, RecursionError):
        return None


def too_large(line: bytes) -> bool:
    """Tell whether a line has more values than an object may have."""
    return sum(map(line.count, _BEFORE_A_VALUE)) > MOST_VALUES and (
        sum(map(_TEXT.sub(b"", line).count, _BEFORE_A_VALUE)) > MOST_VALUES
    )


def leaves(found: Mapping[str, Any]) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Yield the fields of an object that hold no other object but an empty one, each with the way to it."""
    open_: list[tuple[tuple[str, ...], Iterator[tuple[str, Any]]]] = [((), iter(found.items()))]
    while open_:
        before, fields = open_[-1]
        for name, value in fields:
            if isinstance(value, dict) and value:
                open_.append(((*before, name), iter(value.items())))
                break
            yield (*before, name), value
        else:
            open_.pop()


def _shallow(text: str) -> str:
    """Put null for what lies so deep that Python would not read it; it is for nobody to look at."""
    if text.count("{") + text.count("[") <= MOST_DEPTH:
        return text
    kept, depth, start = [], 0, 0
    for found in _TEXT_OR_BRACKET.finditer(text):
        if found[0] in "[{":
            depth += 1
            if depth == MOST_DEPTH + 1:
                kept += [text[start : found.start()], "null"]
                start = len(text)
        elif found[0] in "]}":
            start = found.end() if depth == MOST_DEPTH + 1 else start
            depth -= 1
    return "".join([*kept, text[start:]]) if kept else text


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


def has(found: Mapping[str, Any], name: str) -> bool:
    """Tell whether an object has a field, be it null. Where null stands for an object within, its fields are null."""
    value: Any = found
    for part in _parts(found, name):
        if not isinstance(value, dict):
            return True  # null, or what is no object: that is for `value_of` to tell
        if part not in value:
            return False
        value = value[part]
    return True


def text_of(value: Any) -> str | None:
    """Give a value as text, as the log spells it. Raises `ValueError` where it is not a single one."""
    if isinstance(value, list | dict):
        raise ValueError(_EXPECTED.get(type(value), _SINGLE))
    if isinstance(value, str) and _HALF.search(value):
        raise ValueError("text in UTF-8")
    return value if value is None or isinstance(value, str) else json.dumps(value)


_SINGLE = to_say("a single value")


def time_of(value: Any) -> str | None:
    """Give a time as text: a number as the log has it, of which a float would drop digits."""
    return value.written if isinstance(value, Fractional) else text_of(value)


def id_of(value: Any) -> str | None:
    """Give an account as text. Raises `ValueError` for what could not be a column of ids."""
    if isinstance(value, float) and isnan(value):  # as Python writes what a data frame lacks
        return None
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


_DECODER = json.JSONDecoder(object_pairs_hook=_pairs, parse_float=Fractional, strict=False)


class _Twice(list[Any]):
    """The values of a key that an object has more than once: there is no telling which of them is meant."""


class _NoObject(list[Any]):
    """What stands where an object is expected."""


_EXPECTED = {_Twice: to_say("one value for the key"), _NoObject: to_say("an object")}


def _parts(found: Mapping[str, Any], name: str) -> list[str]:
    """Split a name at its dots, unless the object has it whole."""
    return [name] if name in found else name.split(".")
