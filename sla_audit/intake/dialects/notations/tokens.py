"""A format as its notation has it, in pieces: texts, and fields; and how these become a format of lines."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from sla_audit.intake.dialects.line_format import CLOSES, SHAPES, Escapes, LineFormat, Part, up_to
from sla_audit.sentence import to_say

_BETWEEN = "|;,^~\t\x01"
"""What stands between fields where it is no space: a field that nothing closes then may have spaces in it."""

NO_FIELD = to_say(
    "expected fields as $name or {name}, or as Apache, HAProxy and Envoy have them, and the text between them"
)


@dataclass(frozen=True)
class Field:
    """A field by the gateway's own name for it, and its shape (one of `SHAPES`, or none)."""

    name: str
    shape: str = ""


Token = str | Field


def format_of(written: str, tokens: Sequence[Token], escapes: Escapes) -> LineFormat:
    """Put pieces together.

    Fields with nothing between them come as one. Of a field that is named twice, the later one has a number.
    Raises `ValueError` where there is no field, or no telling where one ends.
    """
    parts: list[Part] = []
    before, is_open = "", False
    for token in tokens:
        if isinstance(token, str):
            before += token
            is_open = is_open and not token
        elif is_open:
            last = parts[-1]
            parts[-1] = Part(last.before, f"{last.name}+{token.name}", "")
        else:
            parts.append(Part(before, token.name, SHAPES[token.shape] if token.shape else ""))
            before, is_open = "", True
    if not parts:
        raise ValueError(NO_FIELD)
    return LineFormat(written, _shaped(_each_once(parts), before), before, escapes)


def only_field(tokens: Sequence[Token]) -> str | None:
    """Give the name of the field where there is but one, with nothing around it, or the brackets of a time."""
    fields = [token.name for token in tokens if isinstance(token, Field)]
    around = "".join(token for token in tokens if isinstance(token, str))
    return fields[0] if len(fields) == 1 and around.strip() in {"", "[]"} else None


def _each_once(parts: Sequence[Part]) -> list[Part]:
    seen: dict[str, int] = {}
    found = []
    for part in parts:
        times = seen[part.name] = seen.get(part.name, 0) + 1
        found.append(part if times == 1 else part._replace(name=f"{part.name}#{times}"))
    return found


def _shaped(parts: Sequence[Part], end: str) -> tuple[Part, ...]:
    """Settle the shapes that hang on what stands around a field."""
    follows = [*(part.before for part in parts[1:]), end]
    between = [_between(part, after) for part, after in zip(parts, follows, strict=True)]
    others = "".join(sorted({each for each in between if each}))
    return tuple(
        part._replace(shape=_shape(part, after, around, others))
        for part, after, around in zip(parts, follows, between, strict=True)
    )


def _between(part: Part, after: str) -> str:
    """Give the character between fields that ends one, if any; of the last field, the one before it."""
    if after[:1] and after[0] in CLOSES:
        return ""
    around = after.lstrip(" ")[:1] if after else part.before.rstrip(" ")[-1:]
    is_list = around == "," and part.shape == SHAPES["list"]
    return around if around and around in _BETWEEN and not is_list else ""


def _shape(part: Part, after: str, around: str, others: str) -> str:
    """Say what a field holds that no quote or bracket closes: nothing of what stands between `others`."""
    if after[:1] and after[0] in CLOSES:
        return part.shape
    if around:
        return up_to(around)
    shape = "" if part.shape == SHAPES["address"] and not after.startswith(":") else part.shape
    if not others or shape in {SHAPES["digits"], SHAPES["list"]}:
        return shape
    unlike = re.escape(others)
    if shape == SHAPES["words"]:
        return f"[^ {unlike}]+ [^ {unlike}]+"
    end = "" if shape == SHAPES["address"] else re.escape(after[:1].strip())
    return f"[^ {end}{unlike}]*"
