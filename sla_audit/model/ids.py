"""Ids as people and programs write them: what is no part of one, and which words say that there is none."""

from __future__ import annotations

EDGES = (
    "\t\n\v\f\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000\u200b\u2060\ufeff"
)
"""White space of Unicode, and what it calls zero width: around an id they are no part of it, and nobody sees them."""

NONE_IN_ANY_CASE = frozenset({"null", "none"})
NONE_AS_WRITTEN = frozenset({"", "-", "nan", "NaN", "\\N", "(null)", "<null>", "<nil>"})
"""How databases, data frames and gateways write that there is no id. `Nan` and `NAN` may be somebody's name."""


def trimmed(text: str) -> str:
    """Give an id without what is around it."""
    return text.strip(EDGES)


def is_none(text: str) -> bool:
    """Tell whether a text, trimmed, says that there is no id."""
    return text in NONE_AS_WRITTEN or text.lower() in NONE_IN_ANY_CASE
