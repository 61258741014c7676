"""TOML files that people write, such as contracts, dialects and configs: read exactly, checked strictly.

A value has the type that the file says: `true` is no number, `"1"` is none either, and a decimal stays the decimal that
is written. Every mistake of a file is told at once, by field.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator
from datetime import date, time
from decimal import Decimal
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, TypeVar, get_args

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    StringConstraints,
    ValidationError,
    model_validator,
)

from sla_audit.errors import InputError, Problem
from sla_audit.sentence import Message, Sentence
from sla_audit.system.broken_rule import broken_rule
from sla_audit.system.plain_text import acting
from sla_audit.system.whole_file import read_whole

MOST_BYTES = 1 << 20
"""The largest such file; the longest of those that come with the program has a hundredth of it."""

_LONGEST_NAME, _LONGEST_TEXT, _SHOWN = 100, 2000, 80


class StrictModel(BaseModel):
    """A table of such a file: it has no other keys, and no value of another type."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    @model_validator(mode="before")
    @classmethod
    def _lists_are_tuples(cls, table: Any) -> Any:
        """Make tuples of lists, which a strict model tells apart."""
        return _with_tuples(table) if isinstance(table, dict) else table


def _only_says(text: str) -> str:
    character = acting(text)
    if character is not None:
        raise ValueError(
            Sentence("has the character {character}, which is not seen, or acts where it is shown", character=character)
        )
    return text


def _exact(value: Any) -> Any:
    """Take whole numbers for decimals, and no more than that: neither text, nor true, nor what a float has become."""
    return Decimal(value) if type(value) is int else value


OneLine = Annotated[str, StringConstraints(max_length=_LONGEST_TEXT), AfterValidator(_only_says)]
"""A text that is shown to people: one line, in which nothing acts."""

Name = Annotated[str, StringConstraints(min_length=1, max_length=_LONGEST_NAME), AfterValidator(_only_says)]
"""A short one that is not empty, such as the number of a clause."""

ExactDecimal = Annotated[Decimal, BeforeValidator(_exact)]
"""A decimal, written as a number."""

Model = TypeVar("Model", bound=BaseModel)


def read_settings(path: Path) -> bytes:
    """Read such a file. Raises `OSError` where it cannot be read, or is no such file by its size."""
    return read_whole(path, MOST_BYTES)


def parse_table(content: bytes, where: str) -> dict[str, Any]:
    """Read TOML, fractions as decimals. Raises `InputError` where it is none, or holds numbers that nothing can."""
    try:
        table: dict[str, Any] = tomllib.loads(content.decode("utf-8"), parse_float=Decimal)
    except RecursionError as error:
        raise InputError(Problem(where, "not a TOML file: nested too deeply", "Mend the file.")) from error
    except ArithmeticError as error:
        raise InputError(Problem(where, "has a number that is too large, or too small", "Mend the file.")) from error
    except ValueError as error:  # also of Python itself, for a number of thousands of digits
        reason: Message = Sentence("no such number")
        if isinstance(error, tomllib.TOMLDecodeError | UnicodeDecodeError):
            reason = str(error)
        raise InputError(
            Problem(where, Sentence("not a TOML file in UTF-8: {reason:.200}", reason=reason), "Mend the file.")
        ) from error
    return table


def validated(model: type[Model], table: dict[str, Any], where: str, remedy: Message = "") -> Model:
    """Check a table. Raises `InputError` with every mistake in it; `remedy` says what to do about an unknown key."""
    try:
        return model.model_validate(table)
    except ValidationError as error:
        mistakes = error.errors(include_url=False)
        raise InputError(*(_problem(model, where, remedy, each) for each in mistakes)) from error
    except RecursionError as error:
        raise InputError(Problem(where, "nested too deeply", "Mend the file.")) from error


def _with_tuples(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _with_tuples(each) for key, each in value.items()}
    return tuple(map(_with_tuples, value)) if isinstance(value, list) else value


def _problem(model: type[BaseModel], where: str, remedy: Message, mistake: Any) -> Problem:
    """Say in the words of the file what pydantic found: the field's path, the value, the rule."""
    location = [part for part in mistake["loc"] if not str(part).startswith("[")]
    field = _field(location)
    place = f"{where}: {field}" if field else where
    if mistake["type"] == "extra_forbidden":
        near = get_close_matches(str(location[-1]), _keys(model, location[:-1]), 1)
        if not near:
            return Problem(place, "no such setting", remedy)
        return Problem(place, Sentence("no such setting; did you mean {near}?", near=near[0]), remedy)
    what = broken_rule(mistake)
    shown = _shown(mistake["input"])
    own = mistake["type"] == "value_error"
    if mistake["type"] != "missing" and not (
        own and (str(shown) in str(what) or isinstance(mistake["input"], _TABLES))
    ):
        what = Sentence("{what}, found {shown}", what=what, shown=shown)
    return Problem(place, what)


_TABLES = (dict, tuple, BaseModel)


def _field(location: Iterable[int | str]) -> str:
    """Name a field by the way to it, entries of a list counted from 1."""
    return "".join(f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in location).lstrip(".")


def _shown(value: Any) -> Message:
    """Write a value as TOML does, as far as it can be read."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int) and value.bit_length() > 1000:
        return Sentence("a number of hundreds of digits")
    text = str(value) if isinstance(value, Decimal | date | time) else repr(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."


def _keys(model: type[BaseModel], location: Iterable[int | str]) -> list[str]:
    """List the keys of a table, by the way to it."""
    here: type[BaseModel] | None = model
    for part in location:
        named = {} if here is None else {field.alias or name: field for name, field in here.model_fields.items()}
        if part in named:
            here = next(_models(named[str(part)].annotation), None)
    return [] if here is None else [field.alias or name for name, field in here.model_fields.items()]


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    """Find the models in a type such as `tuple[Tier, ...]`, or `dict[str, Reading]`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from _models(inner)
