"""Sentences cite the clauses of the first agreement; reports of another cite its own."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sla_audit.contract.terms.clauses import Citations


_SAID = r"(?:[Cc]lauses? |第 ?|条款 ?)"
_OPEN, _CLOSE = "[(\uff08]", "[)\uff09]"
_NONE = re.compile(rf"\s?{_OPEN}{_SAID}2\.9(?: 条)?{_CLOSE}")
_NUMBERED = re.compile(rf"\s?{_OPEN}{_SAID}2\.7\.1 \(\d+\)(?: 条)?{_CLOSE}")
_READINGS = re.compile(r"(?<=readings of clause )2\.7\.1|(?<=第 )2\.7\.1(?= 条的各口径)")
_CITED = re.compile(rf"({_SAID})(2\.7\.1|2\.7|2\.9)(?![.\d])")


def cited(text: str, citations: Citations) -> str:
    """Give a sentence, its places not filled, with the clauses of an agreement; one that it has not is left out.

    The number of a cause that stands in the sentence is the first agreement's own, and left out too.
    """
    if citations.metering is None:
        text = _NONE.sub("", text)
    clauses = {"2.7.1": citations.causes, "2.7": citations.rate, "2.9": citations.metering or ""}
    text = _READINGS.sub(lambda _: citations.readings, _NUMBERED.sub("", text))
    return _CITED.sub(lambda found: found[1] + clauses[found[2]], text)
