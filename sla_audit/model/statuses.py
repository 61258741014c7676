"""Sets of HTTP statuses as a contract file writes them: `"none"`, `502`, `"5xx"`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BeforeValidator

from sla_audit.sentence import Sentence

_FAMILY = re.compile(r"([1-5])xx")

FIRST_STATUS, LAST_STATUS = 100, 599
"""The statuses that HTTP defines (RFC 9110, section 15)."""
HTTP_0_9 = 9
"""What NGINX logs, as `009`, where it answered by HTTP/0.9, which knows no status
(`ngx_http_variable_status` in its `ngx_http_variables.c`)."""


@dataclass(frozen=True)
class StatusSet:
    """Which statuses a rule speaks of; `none` is the request that was given no status."""

    codes: frozenset[int]
    none: bool

    def holds(self, status: int | None) -> bool:
        """Tell whether a status is one of them; None: none was given."""
        return self.none if status is None else status in self.codes


NO_STATUS = StatusSet(frozenset(), none=False)
"""Where something else than the status tells."""


def _parse(written: Any) -> StatusSet:
    if isinstance(written, StatusSet):
        return written
    if not isinstance(written, list | tuple) or not written:
        raise ValueError('expected a list such as ["none", 502, "4xx"]')
    codes: set[int] = set()
    for item in written:
        if item == "none":
            continue
        if isinstance(item, str) and (family := _FAMILY.fullmatch(item)):
            hundred = int(family[1]) * 100
            codes.update(range(hundred, hundred + 100))
        elif type(item) is int and FIRST_STATUS <= item <= LAST_STATUS:
            codes.add(item)
        else:
            raise ValueError(
                Sentence('{item!r:.80} is not "none", a status from 100 to 599, or a family such as "5xx"', item=item)
            )
    return StatusSet(frozenset(codes), "none" in written)


StatusSetField = Annotated[StatusSet, BeforeValidator(_parse)]
