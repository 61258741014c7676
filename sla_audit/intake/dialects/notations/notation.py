"""Which notation a format is written in, and the formats of lines that it stands for."""

from __future__ import annotations

from string import Formatter

from sla_audit.intake.dialects.line_format import SHAPES, Escapes, LineFormat
from sla_audit.intake.dialects.notations import apache, aws, envoy, haproxy, nginx
from sla_audit.intake.dialects.notations.tokens import NO_FIELD, Field, Token, format_of
from sla_audit.sentence import Sentence

BRACES, AWS = "braces", "aws-api-gateway"


def notation_of(written: str) -> str:
    """Tell a notation by the id of the gateway that has it; `BRACES` is the one of dialects themselves.

    Raises `ValueError` where a text has no field in any notation.
    """
    if aws.VARIABLE.search(written):
        return AWS if aws.OF_THE_INTEGRATION.search(written) else f"{AWS}-examples"
    if nginx.VARIABLE.search(written):
        return "nginx"
    if envoy.OPERATOR.search(written):
        return "envoy"
    if haproxy.IS_HAPROXY.search(written):
        return "haproxy"
    if "%" in written:
        return "apache"
    if "{" in written:
        return BRACES
    raise ValueError(NO_FIELD)


def line_formats(written: str, *, escapes: Escapes = "") -> tuple[LineFormat, ...]:
    """Read a format: the formats of lines that it stands for, the fullest first. Raises `ValueError`."""
    return tuple(format_of(written, tokens, escapes) for tokens in all_tokens(written))


def all_tokens(written: str) -> list[list[Token]]:
    """Take a format apart, once for each format of lines that it stands for. Raises `ValueError`."""
    notation = notation_of(written)
    if notation == "haproxy":
        return list(haproxy.all_tokens_of(written))
    if notation == BRACES:
        return [_of_braces(written)]
    module = {"nginx": nginx, "apache": apache, "envoy": envoy}.get(notation, aws)
    return [module.tokens_of(written)]


def _of_braces(written: str) -> list[Token]:
    """Read fields as `{name}`, and `{{` for a brace that is one.

    `{name:list}` is a list with commas, `{name:words}` two words, `{name:digits}` a number, `{name:address}` one that
    may have colons before a port, `{name:rest}` what may stand at the end of a line.
    """
    found: list[Token] = []
    names: set[str] = set()
    before = ""
    for text, name, shape, _ in Formatter().parse(written):
        before += text
        if name is None:
            continue
        if not name:
            raise ValueError(NO_FIELD)
        if shape and shape not in SHAPES:
            raise ValueError(
                Sentence("{shape!r} is no shape of a field; expected {shapes}", shape=shape, shapes=", ".join(SHAPES))
            )
        if names and not before:
            raise ValueError("names two fields with nothing between them, so that there is no telling where one ends")
        if name in names:
            raise ValueError(Sentence("names a field twice: {name}", name=name))
        names.add(name)
        found += [before, Field(name, shape or "")]
        before = ""
    return [*found, before]
