"""How the CSV logs of a run are written: what stands between two fields, and the encoding."""

from __future__ import annotations

import codecs
from dataclasses import dataclass

UTF_8 = "utf-8"
_TAB = {"tab", "\\t", "\t"}
_NO_DELIMITER = {'"', "\r", "\n", "\0"}
_NO_TEXT = {"idna", "punycode", "raw-unicode-escape", "undefined", "unicode-escape"}  # Python's own, of no log


@dataclass(frozen=True)
class CsvFormat:
    """One ASCII character between fields, and the name that Python gives the encoding."""

    delimiter: str = ","
    encoding: str = UTF_8


def delimiter_of(written: str) -> str:
    """Read a delimiter: one character, or `tab`. Raises `ValueError` for what cannot stand between fields."""
    if written in _TAB:
        return "\t"
    if len(written) != 1 or not written.isascii() or written.isalnum() or written in _NO_DELIMITER:
        raise ValueError("expected one ASCII character that is no letter, digit, quote or line end, or tab")
    return written


def encoding_of(written: str) -> str:
    """Read the name of an encoding, in any spelling that Python knows. Raises `ValueError`.

    UTF-8 with a byte order mark is UTF-8: a mark is never a part of the first column's name.
    """
    expected = "expected an encoding of text, such as utf-8, gb18030, utf-16 or latin-1"
    try:
        name = codecs.lookup(written).name.replace("_", "-")
        "a".encode(name)  # not all that is registered is about text
    except (LookupError, ValueError):
        raise ValueError(expected) from None
    if name in _NO_TEXT:
        raise ValueError(expected)
    return UTF_8 if name == "utf-8-sig" else name
