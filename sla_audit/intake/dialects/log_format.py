"""What the user says of how a gateway writes its lines, in the gateway's own notation: a dialect that reads them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sla_audit.errors import InputError, Problem
from sla_audit.intake.dialects.dialect import Dialect, Text, built_in_dialects
from sla_audit.intake.dialects.naming import Naming
from sla_audit.intake.dialects.notations.configs import (
    NamedFormat,
    formats_in,
    found_in,
    named,
    without_escapes,
)
from sla_audit.intake.dialects.notations.notation import BRACES, all_tokens, line_formats, notation_of
from sla_audit.intake.dialects.notations.tokens import only_field
from sla_audit.sentence import Message, Sentence, in_series, said_by, to_say

_OPTION = "--log-format"
_BACKSLASHED = ("nginx", "apache")
_OF_A_FILE = re.compile(r"(?P<path>[^$%{}\n]*?)(?::(?P<name>[\w.+-]*))?")
_TEXT = re.compile(r'"(?:[^"\\]|\\.)*+"')
_VALUE = re.compile(r"(?<=[:,\[])(\s*+)((?:[%$]\{[^}]*+\}|%\[[^\]]*+\]|[^\s\"\[\]{},:])(?:\[[^\]]*+\]|[^,}\[\]\s])*+)")
_WHOLE = re.compile(r"%\{[^}]*\}o\s*")


@dataclass(frozen=True)
class ListedFormat:
    """A format of a configuration by its `name`: what to give as an `option` for it, and the `columns` of its logs.

    `lacks` says why no log of it can be read, where that is so.
    """

    name: str
    option: str
    written: str
    columns: tuple[str, ...] = ()
    lacks: Message | None = None


def formats_of(config: Path) -> list[ListedFormat]:
    """List the formats of a gateway's configuration. Raises `InputError` where it has none."""
    return [_listed(each, f"{config}:{each.name}") for each in formats_in(config)]


def _listed(each: NamedFormat, option: str) -> ListedFormat:
    try:
        dialect = _dialect_of(each, None)
        template = _template(each.written)
        names = line_formats(each.written)[0].names if template is None else tuple(key for key, _ in _leaves(template))
        lacks = [_either(dialect, own) for own in Naming(dialect, names).lacks]
    except ValueError as error:
        return ListedFormat(each.name, option, each.written, lacks=said_by(error))
    if lacks:
        return ListedFormat(each.name, option, each.written, names, Sentence("has no {fields}", fields=_none_of(lacks)))
    return ListedFormat(each.name, option, each.written, names)


def dialect_of_format(said: str, dialect: Dialect | None) -> Dialect:
    """Give the dialect that reads lines of a format: `dialect`, or that of the gateway whose notation it is.

    `said` is the format, the directive of a configuration that has it, or `FILE:NAME`. Raises `InputError`.
    """
    try:
        return _dialect_of(_found(said), dialect)
    except ValueError as error:
        shown = said if len(said) <= 100 else said[:97] + "..."
        remedy = to_say(
            "Give the format as the gateway's configuration has it, or FILE:NAME: see sla-audit dialects --from FILE."
        )
        raise InputError(Problem(f"{_OPTION} {shown!r}", said_by(error), remedy)) from None


def _dialect_of(written: NamedFormat, dialect: Dialect | None) -> Dialect:
    if dialect is None:
        notation = notation_of(written.written)
        if notation == BRACES:
            raise ValueError("is in no gateway's notation; expected $name, or as Apache, HAProxy or Envoy have it")
        dialect = built_in_dialects()[notation]
    template = _template(written.written)
    return _of_lines(written, dialect) if template is None else _of_objects(template, dialect)


def _none_of(lacks: Sequence[str]) -> Message:
    return in_series(lacks, to_say("{listed} and no {value}"))


def _found(said: str) -> NamedFormat:
    """Find the format that is said."""
    directives = list(found_in(f"{said.strip()}\n"))
    if len(directives) == 1:
        return directives[0]
    of_file = _OF_A_FILE.fullmatch(said)
    if of_file is not None:  # there is no field in it
        path = Path(of_file["path"])
        return named(formats_in(path), of_file["name"] or "", path.as_posix())
    return NamedFormat("", without_escapes(said))


def _of_lines(written: NamedFormat, dialect: Dialect) -> Dialect:
    """Give a dialect of which the lines have a format."""
    backslashed = notation_of(written.written) in _BACKSLASHED and written.escape != "none"
    escapes = dialect.text.escapes if dialect.text is not None and not backslashed else backslashed
    line_formats(written.written)
    text = Text.model_construct(formats=(written.written,), escapes=escapes if written.escape != "none" else False)
    return dialect.model_copy(update={"text": text, "lines": None})


def _of_objects(template: Mapping[str, Any], dialect: Dialect) -> Dialect:
    """Give a dialect of objects whose keys have names of the user's own."""
    keys: dict[str, str] = {}
    for key, value in _leaves(template):
        field = only_field(all_tokens(value)[-1]) if isinstance(value, str) and _has_field(value) else None
        if field is not None:
            keys.setdefault(field, key)
    return respelt(dialect, keys)


def respelt(dialect: Dialect, keys: Mapping[str, str]) -> Dialect:
    """Give a dialect in the names of a log that has each field under a key of its own; others it has not.

    Raises `ValueError` where it lacks what the dialect needs.
    """
    naming = Naming(dialect, keys)
    lacks = [_either(dialect, own) for own in naming.lacks]
    if lacks:
        raise ValueError(Sentence("has no {fields}, which {dialect} needs", fields=_none_of(lacks), dialect=dialect.id))
    read, lasted = naming.read(), dialect.lasted
    at = {own: keys.get(naming.of(own) or "", own) for own in dialect.own_names}
    columns = {
        name: tuple(keys.get(naming.of(own) or "", "") for own in some) for name, some in dialect.columns.items()
    }
    columns = {name: some for name, some in columns.items() if all(some)}
    columns["timestamp"] = tuple(keys[name] for name in naming.timestamp)
    if read.lasted is None or lasted is None:
        taken = None
    else:
        column = None if lasted.column is None else naming.of(lasted.column)
        taken = lasted.model_copy(update={"column": None if column is None else keys[column], "times": None})
    said = {keys.get(name, name): name for name in read.fields}
    spelt = {name: key for key, name in said.items()}
    return dialect.model_copy(
        update={
            "status": spelt[read.status],
            "columns": columns,
            "finer_timestamp": None,
            "lasted": taken,
            "aliases": {},
            "optional": tuple(spelt[own] for own in read.optional if own in spelt),
            "omitted": tuple(at[own] for own in dialect.omitted if at[own] in said),
            "lists": {spelt[own]: each for own, each in read.lists.items() if own in spelt},
            "outcomes": tuple(
                each.model_copy(update={"when": {spelt[own]: some for own, some in each.when.items()}})
                for each in read.outcomes
            ),
            "signs": None,
            "text": None,
            "lines": None,
        }
    )


def _template(written: str) -> dict[str, Any] | None:
    """Read a format that is an object of JSON, of which fields are values, in quotes or not; None for what is none."""
    text = _WHOLE.sub("", written.strip()).strip()
    if not text.startswith("{") or not text.endswith("}"):
        return None
    quoted, done = "", 0
    for found in _TEXT.finditer(text):
        quoted += _VALUE.sub(r'\1"\2"', text[done : found.start()]) + found[0]
        done = found.end()
    try:
        read = json.loads(quoted + _VALUE.sub(r'\1"\2"', text[done:]))
    except ValueError:
        return None
    return read if isinstance(read, dict) else None


def _leaves(template: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in template.items():
        if isinstance(value, dict):
            yield from _leaves(value, f"{before}{key}.")
        else:
            yield f"{before}{key}", value


def _has_field(value: str) -> bool:
    try:
        return notation_of(value) != BRACES
    except ValueError:
        return False


def _either(dialect: Dialect, own: str) -> str:
    return " or ".join((own, *dialect.aliases.get(own, ())))
