"""NGINX's notation: `$name` and `${name}`. Source: nginx.org, ngx_http_log_module, log_format."""

from __future__ import annotations

import re

from sla_audit.intake.dialects.notations.tokens import Field, Token

VARIABLE = re.compile(r"\$(?:\{(\w+)\}|(\w+))", re.ASCII)


def tokens_of(written: str) -> list[Token]:
    """Take a format apart."""
    found: list[Token] = []
    done = 0
    for variable in VARIABLE.finditer(written):
        found += [written[done : variable.start()], _field(variable[1] or variable[2])]
        done = variable.end()
    return [*found, written[done:]]


def _field(name: str) -> Field:
    """Tell the shape of a variable where it stands without quotes or brackets around it."""
    if name == "time_local":
        return Field(name, "words")
    if name.endswith("_port"):
        return Field(name, "digits")
    if name.startswith("upstream_") or name in {"http_x_forwarded_for", "proxy_add_x_forwarded_for"}:
        return Field(name, "list")
    return Field(name, "address" if name.endswith("_addr") else "")
