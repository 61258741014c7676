"""How the text logs of a run are written: what stands between two fields, and the encoding."""

from __future__ import annotations

import codecs
from dataclasses import dataclass

from sla_audit.sentence import to_say

UTF_8 = "utf-8"
_NAMED = {"tab": "\t", "\\t": "\t", "\t": "\t", "space": " "}
_NO_DELIMITER = {'"', "\r", "\n", "\0"}
_NO_TEXT = {"idna", "punycode", "raw-unicode-escape", "undefined", "unicode-escape"}  # Python's own, of no log


@dataclass(frozen=True)
class Unheaded:
    """Lines without a header, each of them a row: the names of the fields in order, and how many each line must have.

    A gateway that adds fields over the years adds them at the end.
    """

    names: tuple[str, ...]
    least: int


@dataclass(frozen=True)
class TextFormat:
    """One ASCII character between fields, and the name that Python gives the encoding.

    `unheaded` is how logs without a header are written, None for CSV.
    """

    delimiter: str = ","
    encoding: str = UTF_8
    unheaded: Unheaded | None = None


def delimiter_of(written: str) -> str:
    """Read a delimiter: one character, `tab` or `space`. Raises `ValueError` for what cannot stand between fields."""
    if written in _NAMED:
        return _NAMED[written]
    if len(written) != 1 or not written.isascii() or written.isalnum() or written in _NO_DELIMITER:
        raise ValueError("expected one ASCII character that is no letter, digit, quote or line end, or tab or space")
    return written


def encoding_of(written: str) -> str:
    """Read the name of an encoding, in any spelling that Python knows. Raises `ValueError`.

    UTF-8 with a byte order mark is UTF-8: a mark is never a part of the first column's name.
    """
    expected = to_say("expected an encoding of text, such as utf-8, gb18030, utf-16 or latin-1")
    try:
        name = codecs.lookup(written).name.replace("_", "-")
        "a".encode(name)  # not all that is registered is about text
    except (LookupError, ValueError):
        raise ValueError(expected) from None
    if name in _NO_TEXT:
        raise ValueError(expected)
    return UTF_8 if name == "utf-8-sig" else name
