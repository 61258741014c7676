"""Values of JSON that nobody reads: where they end, if they are what Python reads as JSON.

What Python takes and JSON forbids is left to it, but for control characters in a text.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from sla_audit.intake.scan.compiled import compiled
from sla_audit.intake.scan.words import Text, kept, text_end

NONE = -1
"""Not a place: what stands there is for others to read."""

_DEEPEST = 60
_ONE = np.uint64(1)
_QUOTE, _BACKSLASH, _COMMA, _COLON = (ord(each) for each in '"\\,:')
_OPENS, _CLOSES, _OPENS_LIST, _CLOSES_LIST = (ord(each) for each in "{}[]")
_ZERO, _NINE, _MINUS, _PLUS, _POINT = (ord(each) for each in "09-+.")
_TRUE, _NULL, _FALS = (np.uint64(int.from_bytes(each, "little")) for each in (b"true", b"null", b"fals"))
_SPACE, _TAB, _RETURN, _LINE_END = (ord(each) for each in " \t\r\n")
_ESCAPED = np.zeros(256, np.bool_)
_ESCAPED[list(b'"\\/bfnrt')] = True
_HEX = np.zeros(256, np.bool_)
_HEX[list(b"0123456789abcdefABCDEF")] = True
_MOST_DIGITS = 4000  # of more Python makes no number


@compiled
def spaces(text: Text, at: int) -> int:
    """Find what is no white space, or the end of the line."""
    while text.data[at] == _SPACE or text.data[at] == _TAB or text.data[at] == _RETURN:
        at += 1
    return at


@compiled
def skip(text: Text, at: int) -> int:
    """Find the end of a value; `NONE` where it is not surely one."""
    if text.data[at] == _OPENS or text.data[at] == _OPENS_LIST:
        return _nested(text, at)
    return _single(text, at)


@compiled
def skip_text(text: Text, at: int) -> int:
    """Find the place after the quote that closes a text, from the place after the one that opens it."""
    while True:
        at = text_end(text.words, at)
        byte = text.data[at]
        if byte == _QUOTE:
            return at + 1
        if byte == _BACKSLASH:
            at = _escape(text, at + 1)
            if at < 0:
                return NONE
        elif byte == _LINE_END or byte == 0:
            return NONE
        else:
            at += 1


@compiled
def word(text: Text, at: int) -> int:
    """Find the end of `true`, `false` or `null`."""
    four = kept(text.words[at], 4)
    if four == _TRUE or four == _NULL:
        return at + 4
    return at + 5 if four == _FALS and text.data[at + 4] == ord("e") else NONE


@compiled
def whole(text: Text, at: int) -> int:
    """Find the end of the whole part of a number."""
    start = at + (1 if text.data[at] == _MINUS else 0)
    at = _digits(text, start)
    fits = 0 < at - start <= _MOST_DIGITS and (at - start == 1 or text.data[start] != _ZERO)
    return at if fits else NONE


@compiled
def after_number(text: Text, at: int) -> Any:
    """Find the end of what may follow the whole part of a number, and whether it has an exponent."""
    if text.data[at] == _POINT:
        end = _digits(text, at + 1)
        if end == at + 1:
            return NONE, False
        at = end
    if text.data[at] != ord("e") and text.data[at] != ord("E"):
        return at, False
    at += 1
    if text.data[at] == _PLUS or text.data[at] == _MINUS:
        at += 1
    end = _digits(text, at)
    return (NONE if end == at else end), True


@compiled
def _digits(text: Text, at: int) -> int:
    while _ZERO <= text.data[at] <= _NINE:
        at += 1
    return at


@compiled
def _escape(text: Text, at: int) -> int:
    r"""Find the end of what stands after a backslash; `\x` is for others."""
    byte = text.data[at]
    if _ESCAPED[byte]:
        return at + 1
    if byte != ord("u"):
        return NONE
    for each in range(1, 5):
        if not _HEX[text.data[at + each]]:
            return NONE
    return at + 5


@compiled
def _single(text: Text, at: int) -> int:
    byte = text.data[at]
    if byte == _QUOTE:
        return skip_text(text, at + 1)
    if byte == _MINUS or _ZERO <= byte <= _NINE:
        at = whole(text, at)
        return NONE if at < 0 else after_number(text, at)[0]
    return word(text, at)


@compiled
def _nested(text: Text, at: int) -> int:
    """Find the end of an object or a list; which of them are open stands in the bits of a number."""
    open_, depth = np.uint64(0), 0
    while True:
        byte = text.data[at]
        is_object = byte == _OPENS
        if is_object or byte == _OPENS_LIST:
            if depth == _DEEPEST:
                return NONE
            open_, depth = (open_ << _ONE) | np.uint64(is_object), depth + 1
            at = spaces(text, at + 1)
            if text.data[at] != (_CLOSES if is_object else _CLOSES_LIST):
                at = _key(text, at) if is_object else at
                if at < 0:
                    return NONE
                continue
        else:
            at = _single(text, at)
            if at < 0:
                return NONE
        at, open_, depth = _after(text, at, open_, depth)
        if depth <= 0:
            return at


@compiled
def _after(text: Text, at: int, open_: Any, depth: int) -> Any:
    """Close what ends after a value, and find the next one, or the end of all."""
    while depth > 0:
        at = spaces(text, at)
        in_object = open_ & _ONE != 0
        byte = text.data[at]
        if byte == _COMMA:
            at = spaces(text, at + 1)
            if in_object:
                at = _key(text, at)
            return (NONE, open_, 0) if at < 0 else (at, open_, depth)
        if byte != (_CLOSES if in_object else _CLOSES_LIST):
            return NONE, open_, 0
        at, open_, depth = at + 1, open_ >> _ONE, depth - 1
    return at, open_, depth


@compiled
def _key(text: Text, at: int) -> int:
    """Find the value of a key."""
    if text.data[at] != _QUOTE:
        return NONE
    at = skip_text(text, at + 1)
    if at < 0:
        return NONE
    at = spaces(text, at)
    return spaces(text, at + 1) if text.data[at] == _COLON else NONE
