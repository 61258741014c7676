"""Envoy's notation: `%START_TIME%`, `%REQ(:METHOD)%`. Source: envoyproxy.io, access logging, command operators.

A field has the operator's name with its arguments, without the signs around it; a time has the name alone.
"""

from __future__ import annotations

import re

from sla_audit.intake.dialects.notations.tokens import Field, Token
from sla_audit.sentence import Sentence

OPERATOR = re.compile(r"%([A-Z][A-Z0-9_]*)(\((?:[^()]|\([^()]*\))*\))?(?::\d+)?%")


def tokens_of(written: str) -> list[Token]:
    """Take a format apart."""
    found: list[Token] = []
    written = written.removesuffix("\n").removesuffix("\\n")
    done = 0
    for operator in OPERATOR.finditer(written):
        name, arguments = operator.groups(default="")
        spaces = arguments.count(" ") if name == "START_TIME" else 0
        if spaces > 1:
            raise ValueError(
                Sentence(
                    "{operator} has more spaces than a time that can be read; expected one or none",
                    operator=operator[0],
                )
            )
        name = name if name == "START_TIME" else f"{name}{arguments}"
        found += [written[done : operator.start()], Field(name, "words" if spaces else _shape(name))]
        done = operator.end()
    return [*found, written[done:]]


def _shape(name: str) -> str:
    return "address" if name.endswith("ADDRESS") else ""
