"""The rule that a value breaks, in the words of the files that people and programs write, not in those of pydantic."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sla_audit.sentence import Sentence, said_by, to_say

_WORDS = (
    ("valid tuple", "list"),
    ("valid dictionary", "table"),
    ("an instance of Decimal", "a number"),
    ("a valid boolean", "true or false"),
    ("a valid string", "text"),
    ("a valid integer", "a whole number"),
)
"""What pydantic calls by the types of Python, and what TOML and JSON call it."""
_OR = to_say("{listed} or {value}")
_TEXTS = (
    to_say("field required"),
    to_say("extra inputs are not permitted"),
    to_say("input should be {expected}"),
    to_say("input should be greater than {gt}"),
    to_say("input should be greater than or equal to {ge}"),
    to_say("input should be less than {lt}"),
    to_say("input should be less than or equal to {le}"),
    to_say("input should be a finite number"),
    to_say("input should be a number"),
    to_say("input should be a whole number"),
    to_say("input should be a whole number, got a number with a fractional part"),
    to_say("input should be a whole number, unable to parse string as an integer"),
    to_say("input should be true or false"),
    to_say("input should be text"),
    to_say("input should be a list"),
    to_say("input should be a table"),
    to_say("input should be a table or instance of {class_name}"),
    to_say("input should be a valid date"),
    to_say("input should be a valid datetime"),
    to_say("input should be a valid decimal"),
    to_say("input should be a valid frozenset"),
    to_say("decimal input should be an integer, float, string or Decimal object"),
    to_say("string should have at least {min_length} character"),
    to_say("string should have at least {min_length} characters"),
    to_say("string should have at most {max_length} character"),
    to_say("string should have at most {max_length} characters"),
    to_say("string should match pattern '{pattern}'"),
    to_say("{field_type} should have at least {min_length} item after validation, not {actual_length}"),
    to_say("{field_type} should have at least {min_length} items after validation, not {actual_length}"),
    to_say("{field_type} should have at most {max_length} item after validation, not {actual_length}"),
    to_say("{field_type} should have at most {max_length} items after validation, not {actual_length}"),
)
"""What pydantic says of the rules that are in use, in these words."""


def broken_rule(mistake: Mapping[str, Any]) -> Sentence:
    """Say which rule was broken, from one of the errors of a `ValidationError`: 'input should be a list'."""
    rule: str = mistake["msg"].removeprefix("Value error, ")
    for of_python, of_files in _WORDS:
        rule = rule.replace(of_python, of_files)
    rule = rule[:1].lower() + rule[1:]
    context = mistake.get("ctx", {})
    known = [said_by(context["error"])] if isinstance(context.get("error"), ValueError) else _known(context)
    return next((each for each in known if str(each) == rule), Sentence(rule))


def _known(context: Mapping[str, Any]) -> list[Sentence]:
    """Give all that may be said of a mistake with what is told of it besides; one of some values lists them."""
    values = {
        name: f"{value[:1].lower()}{value[1:]}" if name == "field_type" else value for name, value in context.items()
    }
    listed, _, last = str(context.get("expected", "")).rpartition(" or ")
    if listed:
        values["expected"] = Sentence(_OR, listed=listed, value=last)
    return [Sentence(text, **values) for text in _TEXTS]
