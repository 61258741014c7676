"""HAProxy's notation: `%ci`, `%{+Q}r`, `%[req.hdr(host)]`. Source: doc/configuration.txt, 8.2.6 custom log format.

A field has the name that it has there, with its sign.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from sla_audit.intake.dialects.notations.tokens import Field, Token
from sla_audit.sentence import Sentence

_ADDRESSES = ("bi", "ci", "fi", "si")
_PORTS = ("bp", "cp", "fp", "sp")
_NUMBERS = (
    *("B", "Ta", "Tc", "Td", "Th", "Ti", "Tq", "TR", "Tr", "Ts", "Tt", "Tu", "Tw", "U", "ac", "bc", "bq", "fc", "lc"),
    *("ms", "pid", "rc", "rt", "sc", "sq", "ST"),
)
_DATES = ("T", "Tl", "t", "tr", "trg", "trl")
_WITH_OFFSET = ("T", "Tl", "trg", "trl")
_TEXTS = (
    *("CC", "CS", "H", "HM", "HP", "HPO", "HQ", "HU", "HV", "ID", "OG", "b", "f", "ft", "r", "s", "sslc", "sslv"),
    *("ts", "tsc"),
)
_CAPTURED = ("hr", "hs")
_ALL = sorted((*_ADDRESSES, *_PORTS, *_NUMBERS, *_DATES, *_TEXTS, *_CAPTURED, "hrl", "hsl", "o"), key=len, reverse=True)
_VARIABLE = re.compile(
    rf"%%|%(?:\([^)]*\))?(?:\{{(?P<flags>[^}}]*)\}})?(?:(?P<name>{'|'.join(_ALL)})|(?P<sample>\[[^\]]*\]))"
)
IS_HAPROXY = re.compile(r"%(?:\{[+-]|\[|ST\b|ci\b|tsc?\b|TR\b|ft\b|tr[gl]?\b)")
_SPACES = re.compile(r" {2,}")


def all_tokens_of(written: str) -> Iterator[list[Token]]:
    """Take a format apart, once for each choice of captured headers: where none is there, nothing stands for them.

    Raises `ValueError` for what is not read of it.
    """
    captured = [name for name in _CAPTURED if re.search(rf"%(?:\{{[^}}]*\}})?{name}\b", written)]
    for without in ([], *([[name] for name in captured[1:]]), *([captured] if captured else [])):
        shown = re.sub(rf"%(?:\{{[^}}]*\}})?(?:{'|'.join(without)})\b", "", written) if without else written
        yield list(_merged(_tokens(shown)))


def _tokens(written: str) -> Iterator[Token]:
    done, quotes_all = 0, False
    for variable in _VARIABLE.finditer(written):
        text = written[done : variable.start()]
        if "%" in text:
            raise ValueError(
                Sentence(
                    "{variable} is no variable of HAProxy's", variable=text[text.index("%") :].split(maxsplit=1)[0]
                )
            )
        yield text
        done = variable.end()
        name, flags = variable["name"] or variable["sample"], variable["flags"] or ""
        if name is None:
            yield "%"
            continue
        unread = [flag for flag in ("+X", "+E", "+json", "+cbor", "+bin") if flag in flags]
        if unread and not (name == "o" and unread == ["+E"]):
            raise ValueError(Sentence("{variable}: the flag {flag} is not read", variable=variable[0], flag=unread[0]))
        quotes = "+Q" in flags or (quotes_all and "-Q" not in flags)
        if name == "o":
            quotes_all = quotes
            continue
        if name in {"hrl", "hsl"}:
            raise ValueError(
                Sentence(
                    "{variable}: captured headers as a list of texts are not read; expected %{name}",
                    variable=variable[0],
                    name=name[:2],
                )
            )
        yield from _field(name, quotes=quotes)
    if "%" in written[done:]:
        raise ValueError(
            Sentence("{variable} is no variable of HAProxy's", variable=written[done:].split(maxsplit=1)[0])
        )
    yield written[done:]


def _field(name: str, *, quotes: bool) -> Iterator[Token]:
    sign = f"%{name}"
    if name in _CAPTURED:
        yield from ("{", Field(sign), "}")
    elif quotes and name not in (*_NUMBERS, *_PORTS, *_DATES):
        yield from ('"', Field(sign), '"')
    elif name in _ADDRESSES:
        yield Field(sign, "address")
    elif name in _PORTS:
        yield Field(sign, "digits")
    else:
        yield Field(sign, "words" if name in _WITH_OFFSET else "")


def _merged(tokens: Iterator[Token]) -> Iterator[Token]:
    """Merge spaces that follow each other, and leave out those before all else, as HAProxy does."""
    text, is_first = "", True
    for token in tokens:
        if isinstance(token, str):
            text = _SPACES.sub(" ", text + token)
            continue
        yield from (text.lstrip(" ") if is_first else text, token)
        text, is_first = "", False
    yield text
