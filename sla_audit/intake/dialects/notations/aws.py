"""The notation of AWS API Gateway: `$context.status`. Source: docs.aws.amazon.com, variables for access logging.

A field has the name of the variable, without what all begin with.
"""

from __future__ import annotations

import re

from sla_audit.intake.dialects.notations.tokens import Field, Token

VARIABLE = re.compile(r"\$context\.(\w+(?:\.\w+)*)", re.ASCII)
OF_THE_INTEGRATION = re.compile(r"\$context\.integration(?:Status|\.status)\b", re.ASCII)


def tokens_of(written: str) -> list[Token]:
    """Take a format apart."""
    found: list[Token] = []
    done = 0
    for variable in VARIABLE.finditer(written):
        name = variable[1]
        found += [written[done : variable.start()], Field(name, "words" if name == "requestTime" else "")]
        done = variable.end()
    return [*found, written[done:]]
