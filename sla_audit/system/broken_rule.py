"""The rule that a value breaks, in the words of the files that people and programs write, not in those of pydantic."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_WORDS = (
    ("valid tuple", "list"),
    ("valid dictionary", "table"),
    ("an instance of Decimal", "a number"),
    ("a valid boolean", "true or false"),
    ("a valid string", "text"),
    ("a valid integer", "a whole number"),
)
"""What pydantic calls by the types of Python, and what TOML and JSON call it."""


def broken_rule(mistake: Mapping[str, Any]) -> str:
    """Say which rule was broken, from one of the errors of a `ValidationError`: 'input should be a list'."""
    rule: str = mistake["msg"].removeprefix("Value error, ")
    for of_python, of_files in _WORDS:
        rule = rule.replace(of_python, of_files)
    return rule[:1].lower() + rule[1:]
