"""How a line of a log is written: its fields in order, and the text around them.

A format is turned into an expression whose parts end where the character stands that follows them in the format, so
that a line is read in one go, however long or hostile it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, NamedTuple

from sla_audit.intake.dialects.odd_lines import Anchors

Escapes = Literal["", "\\", "#"]
"""What a gateway writes before what might end a field: nothing, a backslash (NGINX, Apache), or `#` and two digits
(HAProxy). A quote within quotes is only there after a backslash; `#` leaves none."""

CLOSES = '"]}'
SHAPES = {
    "digits": r"\d+",
    "list": r"[^ ,]+(?:(?:, | : )[^ ,]+)*",
    "words": r"[^ ]+ [^ ]+",
    "address": r"[^ ]*",
    "rest": r"(?: .*)?",
}
"""What a field looks like that a space does not end, or that something else than a space ends: NGINX writes `502, 200`
and `502 : 200` for several upstreams, an address of IPv6 has colons, and later versions add fields to a line's end."""
_ESCAPED_TEXT = r'(?:[^"\\]|\\.)*'
_MOST_LISTED = 10_000


class Part(NamedTuple):
    """A field, the text that stands before it, and its shape where that is not told by what follows it."""

    before: str
    name: str
    shape: str


@dataclass(frozen=True)
class LineFormat:
    """The fields of a line in order, the text around them, and what escapes a character in them."""

    written: str
    parts: tuple[Part, ...]
    end: str
    escapes: Escapes = ""

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the fields, in order."""
        return tuple(part.name for part in self.parts)

    def expression(self, wanted: Sequence[str]) -> str:
        """Give an expression of whole lines that has a group for each field that is wanted, in the order of the line.

        Python and Rust read it alike, and neither looks at a character more than a few times.
        """
        return "".join(self._pieces(wanted)) + _literal(self.end)

    def fields(self, line: str) -> tuple[str, ...] | None:
        """Give all fields of a line as they are written; None where the line is not of this format."""
        found = self._whole.fullmatch(line)
        return None if found is None else found.groups()

    def fields_around(self, line: str) -> tuple[str, ...] | None:
        """Give the same of a line in which what closes a field also stands within one: see `odd_lines`."""
        return None if self._anchors is None else self._anchors.fields(line)

    def beginning(self, line: str) -> dict[str, str]:
        """Give the fields of a line that are as this format has them, before one is not."""
        pieces = self._pieces(self.names)
        for count in range(len(pieces), 0, -1):
            found = re.match(_bounded("".join(pieces[:count])), line)
            if found is not None:
                return dict(zip(self.names, found.groups(), strict=False))
        return {}

    @cached_property
    def _whole(self) -> re.Pattern[str]:
        return re.compile(_bounded(self.expression(self.names)))

    @cached_property
    def _anchors(self) -> Anchors | None:
        """What stands between the fields that one character closes; None where there are none, or `#` escapes it."""
        expressions, begin, current = [], [""], ""
        for part, after in zip(self.parts, self._follows, strict=True):
            extent = _extent(part, after, self.escapes)
            current += _literal(part.before)
            if after and after[0] in CLOSES and extent == _all_but(after[0]) and self.escapes != "#":
                expressions.append(current)
                begin.append(after)
                current = ""
            else:
                current += f"({extent})"
        expressions.append(current + _literal(self.end))
        return Anchors([re.compile(_bounded(each)) for each in expressions], begin) if len(begin) > 1 else None

    @property
    def _follows(self) -> list[str]:
        """The text after each field."""
        return [*(part.before for part in self.parts[1:]), self.end]

    def _pieces(self, wanted: Sequence[str]) -> list[str]:
        """Give the expression of each field with the text before it."""
        return [
            _literal(part.before)
            + (f"({_extent(part, after, self.escapes)})" if part.name in wanted else _extent(part, after, self.escapes))
            for part, after in zip(self.parts, self._follows, strict=True)
        ]


def delimited(names: Sequence[str], delimiter: str) -> LineFormat:
    """Give the format of lines that are but fields with a character between them."""
    parts = [Part(delimiter if at else "", name, up_to(delimiter)) for at, name in enumerate(names)]
    return LineFormat(delimiter.join(names), tuple(parts), "")


def up_to(character: str) -> str:
    """Give the shape of a field that one character ends, and nothing else."""
    return f"[^{_literal(character)}]*"


def unescaped(text: str, escapes: Escapes) -> str:
    r"""Undo what a gateway escapes: `\x22`, `\"`, `\\`, `\n`, `\u0007` and the like, or `#22`.

    Bytes that are written one by one are read as UTF-8; a text stays as it is where that is none.
    """
    expression = _HEXADECIMAL if escapes == "#" else _ESCAPED
    undone = expression.sub(_one, text.encode("utf-8", "surrogateescape"))
    try:
        return undone.decode("utf-8")
    except UnicodeDecodeError:
        return text


_ESCAPED = re.compile(rb"\\(?:x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4})|(.))", re.DOTALL)
_HEXADECIMAL = re.compile(rb"#([0-9A-F]{2})")
_CONTROLS = {b"n": b"\n", b"t": b"\t", b"r": b"\r", b"b": b"\b", b"f": b"\f", b"v": b"\v"}


def _one(escape: re.Match[bytes]) -> bytes:
    byte, *others = escape.groups()
    if byte is not None:
        return bytes([int(byte, 16)])
    character, plain = others
    if character is not None:
        return chr(int(character, 16)).encode("utf-8", "surrogatepass")
    return escape[0] if plain in {b"x", b"u"} else _CONTROLS.get(plain, plain)


def _extent(part: Part, after: str, escapes: Escapes) -> str:
    """Say what a field may hold: all up to the character after it and, unless that closes it, up to a space."""
    end = after[:1]
    if end == '"' and escapes == "\\":
        return _ESCAPED_TEXT
    if end and end in CLOSES:
        return _all_but(end)
    return part.shape or (f"[^ {_literal(end)}]*" if end.strip() else "[^ ]*")


def _all_but(character: str) -> str:
    return rf"[^\{character}]*"


def _bounded(expression: str) -> str:
    """Give an expression of the same texts as Python alone reads it: it keeps no way back for each character.

    There is none where one of several shapes repeats, and each way takes memory; of a list, the ways are bounded.
    """
    several = SHAPES["list"]
    return expression.replace(_ESCAPED_TEXT, f"{_ESCAPED_TEXT}+").replace(
        several, f"{several[:-1]}{{0,{_MOST_LISTED}}}"
    )


def _literal(text: str) -> str:
    return re.escape(text).replace("\\ ", " ").replace("\\\t", "\t")


Fits = Iterator[tuple[LineFormat, tuple[str, ...]]]
"""Formats that a line has, each with the fields of the line; they are looked at as they are asked for."""

Fitting = Callable[[str, Sequence[LineFormat]], Fits]


def like(line: str, formats: Sequence[LineFormat]) -> Fits:
    """Give the formats that a line has, with its fields."""
    return ((each, fields) for each in formats if (fields := each.fields(line)) is not None)


def odd(line: str, formats: Sequence[LineFormat]) -> Fits:
    """Give the format of a line in which something odd stands in a field, where there is but one such."""
    found = [(each, fields) for each in formats if (fields := each.fields_around(line)) is not None]
    return iter(found if len(found) == 1 else [])
