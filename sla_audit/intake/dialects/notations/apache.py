"""Apache's notation. Source: httpd.apache.org, mod_log_config, custom log formats.

A field has the name that it has there (`%u`, `%>s`, `%{X-Account}i`), but for times: all that are of the request's
beginning are `%t`, and all that are of its end `%{end}t`.
"""

from __future__ import annotations

import re

from sla_audit.intake.dialects.notations.tokens import Field, Token
from sla_audit.sentence import Sentence

_NAMED = r"%(?:!?\d{3}(?:,\d{3})*)?[<>]?(?:\{(?P<of>[^}]*)\})?(?P<letter>\^?[A-Za-z]{1,2})"
_TIME = r"%(?:[<>])?\{[^}]*\}t"
_DIRECTIVE = re.compile(rf"%%|(?P<times>{_TIME}(?:[ .T]?{_TIME})+)|{_NAMED}", re.ASCII)
_LETTERS = "aABbCDefhHikLlmnopPqrRsTtuUvVXIOS"
_OTHERS = ("^FB", "^FU")
_SHAPES = {"h": "address", "a": "address", "A": "address", "p": "digits"}
_ARGUMENT = re.compile(r"\{([^}]*)\}t")
_OF_END = "end"


def tokens_of(written: str) -> list[Token]:
    """Take a format apart. Raises `ValueError` for what is no directive of Apache's."""
    found: list[Token] = []
    done = 0
    for directive in _DIRECTIVE.finditer(written):
        start, end = directive.span()
        found.append(_plain(written[done:start]))
        if directive["times"]:
            found.append(_time(directive[0], directive[0].count(" ")))
        elif directive[0] == "%%":
            found.append("%")
        else:
            tokens, end = _named(directive)
            found += tokens
        done = end
    return [*found, _plain(written[done:])]


def _plain(text: str) -> str:
    if "%" in text:
        raise ValueError(
            Sentence("{directive} is no directive of Apache's", directive=text[text.index("%") :].split(maxsplit=1)[0])
        )
    return text


def _named(directive: re.Match[str]) -> tuple[list[Token], int]:
    """Read one directive, which may have a second letter that is not its own."""
    letters, end = directive["letter"], directive.end()
    if letters in _OTHERS:
        return [Field(directive[0])], end
    extra = len(letters) - 1
    name, letter = directive[0][: len(directive[0]) - extra], letters[0]
    if letter not in _LETTERS:
        raise ValueError(Sentence("{directive} is no directive of Apache's", directive=directive[0]))
    if letter == "t" and directive["of"] is None:
        return ["[", Field("%t", "words"), "]"], end - extra
    if letter == "t":
        return [_time(name, directive["of"].count(" "))], end - extra
    return [Field(name, _SHAPES.get(letter, ""))], end - extra


def _time(written: str, spaces: int) -> Field:
    """Give a time that strftime or a number of seconds writes, of the beginning unless it says otherwise."""
    arguments = _ARGUMENT.findall(written)
    if spaces > 1:
        raise ValueError(
            Sentence("{written} has more spaces than a time that can be read; expected one or none", written=written)
        )
    is_of_end = any(argument.startswith(_OF_END) for argument in arguments)
    return Field("%{end}t" if is_of_end else "%t", "words" if spaces else "")
