"""What a reading reads otherwise: fields of a contract file by their dotted path."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from pydantic_core import ErrorDetails, InitErrorDetails

from sla_audit.sentence import Sentence

_OTHERWISE = ("objective", "measure", "cycle", "compensation")
"""The tables of which a reading may read fields otherwise: what follows from the counts, not how it is counted."""
_COUNTED = {"measure.kind", "measure.interval", "cycle.length", "compensation.uncompensated_plans"}
"""Fields of these by which requests are counted, and days, and billed: they are the same too."""


def changed(written: Mapping[str, Any], changes: Mapping[str, Any]) -> tuple[dict[str, Any], list[InitErrorDetails]]:
    """Give a contract file with changes, and without those of its readings; and which cannot be made."""
    table: dict[str, Any] = copy.deepcopy(dict(written))
    for reading in table["readings"].values():
        reading.pop("changes", None)
    wrong = {path: _not_changed(table, path, value) for path, value in changes.items()}
    return table, [mistake((path,), what, changes[path]) for path, what in wrong.items() if what is not None]


def _not_changed(table: dict[str, Any], path: str, value: Any) -> Sentence | None:
    """Write a value at a dotted path of a contract file; say why where that is none that may be changed."""
    first, *parents, last = path.split(".") if path.count(".") else ("", path)
    if first not in _OTHERWISE or path in _COUNTED:
        return Sentence(
            "{path} is the same under every reading; one may change fields of {tables}",
            path=path,
            tables=", ".join(_OTHERWISE),
        )
    place: Any = table
    for parent in (first, *parents):
        place = place.setdefault(parent, {}) if isinstance(place, dict) else None
    if not isinstance(place, dict):
        return Sentence("{path} is in no table of its own; a list is changed as a whole", path=path)
    place[last] = value
    return None


def mistake(place: tuple[str, ...], what: Sentence, found: Any) -> InitErrorDetails:
    """Say what is wrong at a place."""
    return InitErrorDetails(type="value_error", loc=place, input=found, ctx={"error": ValueError(what)})


def within(above: tuple[str, ...], found: ErrorDetails) -> InitErrorDetails:
    """Give a mistake as one of a table further down."""
    place = (*above, *found["loc"])
    return InitErrorDetails(type=found["type"], loc=place, input=found["input"], ctx=found.get("ctx", {}))
