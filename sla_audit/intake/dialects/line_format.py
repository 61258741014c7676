"""How a line of a log is written, in the notation of gateways: `$name` as NGINX has it, or `{name}`.

A format is turned into an expression whose parts end where the character stands that follows them in the format, so
that a line is read in one go, however long or hostile it is.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from string import Formatter
from typing import NamedTuple

_NGINX = re.compile(r"\$(?:\{(\w+)\}|(\w+))", re.ASCII)
CLOSES = '"]}'
SHAPES = {
    "digits": r"\d+",
    "list": r"[^ ,]+(?:(?:, | : )[^ ,]+)*",
    "words": r"[^ ]+ [^ ]+",
}
"""What a field looks like that a space does not end: NGINX writes `502, 200` and `502 : 200` for several upstreams."""
_ESCAPED_TEXT = r'(?:[^"\\]|\\.)*'
_MOST_LISTED = 10_000


class Part(NamedTuple):
    """A field, the text that stands before it, and its shape where that is not told by what follows it."""

    before: str
    name: str
    shape: str


@dataclass(frozen=True)
class LineFormat:
    """The fields of a line in order, the text around them, and whether a backslash escapes a character in them."""

    written: str
    parts: tuple[Part, ...]
    end: str
    escapes: bool = False

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

    def _pieces(self, wanted: Sequence[str]) -> list[str]:
        """Give the expression of each field with the text before it."""
        follows = [*(part.before for part in self.parts[1:]), self.end]
        return [
            _literal(part.before)
            + (f"({_extent(part, after, self.escapes)})" if part.name in wanted else _extent(part, after, self.escapes))
            for part, after in zip(self.parts, follows, strict=True)
        ]


def line_format(written: str, *, escapes: bool = False) -> LineFormat:
    """Read a format: NGINX's where it has `$name` in it, else fields as `{name}`, and `{{` for a brace that is one.

    `{name:list}` is a list with commas, `{name:words}` two words, `{name:digits}` a number. Raises `ValueError`.
    """
    parts, end = _of_nginx(written) if _NGINX.search(written) else _of_braces(written)
    names = [part.name for part in parts]
    if not parts or "" in names:
        raise ValueError("expected fields as $name or {name}, and the text between them")
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(f"names a field twice: {', '.join(twice)}")
    if any(not part.before for part in parts[1:]):
        raise ValueError("names two fields with nothing between them, so that there is no telling where one ends")
    return LineFormat(written, tuple(parts), end, escapes)


def delimited(names: Sequence[str], delimiter: str) -> LineFormat:
    """Give the format of lines that are but fields with a character between them."""
    parts = [Part(delimiter if at else "", name, f"[^{_literal(delimiter)}]*") for at, name in enumerate(names)]
    return LineFormat(delimiter.join(names), tuple(parts), "")


def unescaped(text: str) -> str:
    r"""Undo what NGINX and Apache escape: `\x22`, `\"`, `\\`, `\n` and the like; a text as it is, where that is none.

    Bytes that are written one by one are read as UTF-8.
    """
    undone = _ESCAPED.sub(_one, text.encode("utf-8", "surrogateescape"))
    try:
        return undone.decode("utf-8")
    except UnicodeDecodeError:
        return text


_ESCAPED = re.compile(rb"\\(?:x([0-9A-Fa-f]{2})|(.))", re.DOTALL)
_CONTROLS = {b"n": b"\n", b"t": b"\t", b"r": b"\r", b"b": b"\b", b"f": b"\f", b"v": b"\v"}


def _one(escape: re.Match[bytes]) -> bytes:
    if escape[1] is not None:
        return bytes([int(escape[1], 16)])
    return escape[0] if escape[2] == b"x" else _CONTROLS.get(escape[2], escape[2])


def _of_nginx(written: str) -> tuple[list[Part], str]:
    parts, done = [], 0
    for found in _NGINX.finditer(written):
        name = found[1] or found[2]
        parts.append(Part(written[done : found.start()], name, _shape_of(name)))
        done = found.end()
    return parts, written[done:]


def _shape_of(name: str) -> str:
    """Tell the shape of a variable of NGINX's where it stands without quotes or brackets around it."""
    if name in {"time_local", "server_port"}:
        return SHAPES["words" if name == "time_local" else "digits"]
    several = name.startswith("upstream_") or name in {"http_x_forwarded_for", "proxy_add_x_forwarded_for"}
    return SHAPES["list"] if several else ""


def _of_braces(written: str) -> tuple[list[Part], str]:
    parts, before = [], ""
    for text, name, shape, _ in Formatter().parse(written):
        before += text
        if name is None:
            continue
        if shape and shape not in SHAPES:
            raise ValueError(f"{shape!r} is no shape of a field; expected {', '.join(SHAPES)}")
        parts.append(Part(before, name, SHAPES[shape] if shape else ""))
        before = ""
    return parts, before


def _extent(part: Part, after: str, escapes: bool) -> str:
    """Say what a field may hold: all up to the character after it and, unless that closes it, up to a space."""
    end = after[:1]
    if end == '"' and escapes:
        return _ESCAPED_TEXT
    if end and end in CLOSES:
        return rf"[^\{end}]*"
    return part.shape or (f"[^ {_literal(end)}]*" if end.strip() else "[^ ]*")


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
