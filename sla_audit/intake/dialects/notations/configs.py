"""The log formats in a gateway's own configuration, by their names: NGINX's, Apache's, HAProxy's and Envoy's."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from sla_audit.errors import InputError, Problem, cannot_be_read
from sla_audit.intake.dialects.notations import envoy
from sla_audit.sentence import Sentence, to_say
from sla_audit.system.settings_file import read_settings

_PIECE = r"""'(?:[^'\\]|\\.)*+'|"(?:[^"\\]|\\.)*+\""""
_NGINX = re.compile(
    rf"^[^\S\n]*+log_format\s++(?P<name>\S++)(?:\s++escape=(?P<escape>\w++))?(?P<pieces>(?:\s*+(?:{_PIECE}|[^\s;'\"]++))++)\s*+;",
    re.MULTILINE,
)
_NGINX_PIECE = re.compile(rf"{_PIECE}|[^\s'\"]++")
_APACHE = re.compile(
    r"^[^\S\n]*+(?P<directive>LogFormat|CustomLog|TransferLog)\s++(?P<rest>[^\n]++)", re.MULTILINE | re.IGNORECASE
)
_APACHE_WORD = re.compile(rf"{_PIECE}|\S++")
_HAPROXY = re.compile(
    r"^(?:(?P<section>defaults|frontend|listen|backend)\b[^\S\n]*+(?P<name>\S*+)|[^\S\n]*+log-format[^\S\n]++(?P<format>[^\n]++))",
    re.MULTILINE,
)
_HAPROXY_WORD = re.compile(r"""(?:'[^'\n]*+'|"(?:[^"\\\n]|\\.)*+"|\\.|[^\s'"\\#])++""")
_HAPROXY_PIECE = re.compile(r"""'([^']*+)'|"((?:[^"\\]|\\.)*+)"|((?:\\.|[^'"\\])++)""")
_ENVOY = re.compile(
    r"""(?:inline_string|text_format|accessLogFormat|format)["']?\s*+:\s*+(?P<format>"(?:[^"\\]|\\.)*+"|'[^'\n]*+'|[^\n]*%[^\n]*)"""
)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_CONTROLS = {"t": "\t", "n": "\n", "r": "\r"}


@dataclass(frozen=True)
class NamedFormat:
    """A format by its `name` in a configuration; `escape` is what NGINX is told of it (`default`, `json`, `none`)."""

    name: str
    written: str
    escape: str | None = None


def formats_in(path: Path) -> list[NamedFormat]:
    """List the log formats of a configuration. Raises `InputError` for a file that cannot be read."""
    where = path.as_posix()
    try:
        text = read_settings(path).decode("utf-8", "replace").replace("\r\n", "\n")
    except OSError as error:
        raise InputError(cannot_be_read(where, error)) from error
    found = list(found_in(text))
    if not found:
        what = to_say(
            "holds no log format: no log_format of NGINX's, no LogFormat of Apache's, no log-format of HAProxy's"
        )
        remedy = to_say("Name the file that has it: what a configuration includes is not looked for.")
        raise InputError(Problem(where, what, remedy))
    return found


def found_in(text: str) -> Iterator[NamedFormat]:
    """Find the log formats in the text of a configuration."""
    seen: set[NamedFormat] = set()
    for each in (*_of_nginx(text), *_of_apache(text), *_of_haproxy(text), *_of_envoy(text)):
        if each not in seen:
            seen.add(each)
            yield each


def without_escapes(written: str) -> str:
    r"""Undo what a configuration escapes: quotes, `\\`, `\t` and the like, and the spaces of HAProxy's; others stay."""
    return _ESCAPED.sub(lambda found: _plain(found[1]) or found[0], written)


def _plain(character: str) -> str:
    return character if character in "\"'\\ " else _CONTROLS.get(character, "")


def _of_nginx(text: str) -> Iterator[NamedFormat]:
    for found in _NGINX.finditer(text):
        pieces = [_unquoted(piece) for piece in _NGINX_PIECE.findall(found["pieces"])]
        yield NamedFormat(found["name"], "".join(pieces), found["escape"] or "default")


def _of_apache(text: str) -> Iterator[NamedFormat]:
    for found in _APACHE.finditer(re.sub(r"\\\n", "", text)):
        words = [_unquoted(word) for word in _APACHE_WORD.findall(found["rest"])]
        written, others = (words[0], words[1:]) if found["directive"].lower() == "logformat" else (words[-1], words[:1])
        if "%" in written and len(words) <= 2:
            yield NamedFormat(others[0] if others else "default", written)


def _of_haproxy(text: str) -> Iterator[NamedFormat]:
    section = "defaults"
    for found in _HAPROXY.finditer(text):
        if found["format"] is None:
            section = found["name"] or found["section"]
            continue
        word = _HAPROXY_WORD.match(found["format"])
        if word is not None:
            yield NamedFormat(
                section, "".join(_haproxy_piece(*each.groups()) for each in _HAPROXY_PIECE.finditer(word[0]))
            )


def _haproxy_piece(strong: str | None, weak: str | None, plain: str | None) -> str:
    """Undo the quotes of HAProxy: nothing is escaped between single ones."""
    return strong if strong is not None else _ESCAPED.sub(r"\1", weak if weak is not None else plain or "")


def _of_envoy(text: str) -> Iterator[NamedFormat]:
    found = [_unquoted(each["format"].strip()) for each in _ENVOY.finditer(text)]
    for number, written in enumerate((each for each in found if envoy.OPERATOR.search(each)), 1):
        yield NamedFormat(str(number), written)


def _unquoted(piece: str) -> str:
    return without_escapes(piece[1:-1]) if piece[:1] in {"'", '"'} and piece[:1] == piece[-1:] else piece


def named(formats: Sequence[NamedFormat], name: str, where: str) -> NamedFormat:
    """Find the format of a name; any name serves where there is but one, none. Raises `InputError`."""
    fitting = [each for each in formats if name in {each.name, ""}]
    if len(fitting) == 1:
        return fitting[0]
    known = ", ".join(dict.fromkeys(each.name for each in formats))
    found = to_say("has several log formats named {name!r}; it has: {known}")
    if not name:
        found = to_say("has several log formats; it has: {known}")
    elif not fitting:
        found = to_say("has no log format {name!r}; it has: {known}")
    raise InputError(
        Problem(
            where,
            Sentence(found, name=name, known=known),
            Sentence("Say which: {where}:NAME, or give the format itself.", where=where),
        )
    )
