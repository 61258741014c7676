"""Lines of one JSON object each: the fields that are wanted, in one pass.

The objects of a log are much alike. So what stands between two values, a key with what is around it, is remembered
from the lines before, and is but compared where it is the same again.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from sla_audit.intake.scan.compiled import compiled, entry
from sla_audit.intake.scan.formats.json_keys import (
    MOST_LEVELS,
    OBJECT,
    UNCLEAR,
    UNWANTED,
    Keys,
    lacks_some,
    make_null,
    target_of,
)
from sla_audit.intake.scan.formats.json_skip import NONE, skip, spaces, word
from sla_audit.intake.scan.formats.json_values import read_value
from sla_audit.intake.scan.rows import ABSENT, MOST_ROWS, ODD, STOP, Columns, Count, Found, Rows, found_in, put, settle
from sla_audit.intake.scan.words import LONGEST, Numbers, Text, is_blank, line_end, same, text_end
from sla_audit.limits import MOST_VALUES

_MOST_KNOWN = 256
_MOST_DEPTH = 64
_OPENS, _CLOSES, _QUOTE, _COMMA, _COLON, _LINE_END, _NULL = (ord(each) for each in '{}",:\nn')
_AT, _LENGTH, _BEFORE, _OF, _DEPTH, _TARGET = range(6)


class Place(NamedTuple):
    """Where in an object a scan is: how deep, in which object that is wanted, and whether right behind its brace."""

    at: int
    depth: int
    of: int
    opened: bool


class Memory(NamedTuple):
    """What stood before each field of the lines before, and what a scan of one line needs to know of objects within.

    `parents` are the objects that are open at each depth, `met` those that the line has had.
    """

    fields: npt.NDArray[np.int64]
    parents: Numbers
    met: npt.NDArray[np.bool_]


class Plan(NamedTuple):
    """Which keys are wanted, and room for what is found in a line, and for what is remembered of it."""

    keys: Keys
    found: Found
    memory: Memory


def plan_of(keys: Keys) -> Plan:
    """Make room for what these keys need."""
    fields, parents = np.zeros((_MOST_KNOWN, 6), np.int64), np.zeros(MOST_LEVELS + 2, np.int64)
    objects, columns = keys.under.shape
    return Plan(keys, found_in(columns), Memory(fields, parents, np.zeros(objects, np.bool_)))


@entry
def scan_json(text: Text, stop: int, plan: Plan, columns: Columns, rows: Rows, count: Count) -> Count:
    """Scan the lines from where a scan has come to a place, or to where there is no room for more."""
    at, number, read, odd = count
    keys, found, memory = plan
    memory.fields[:] = 0
    while at < stop and read < MOST_ROWS and odd < len(rows.odd):
        how = ODD
        end = _object(text, at, keys, found, memory)
        if end < 0:
            end = line_end(text.words, at)
            if is_blank(text, at, end):
                number += 1
                at = end
                continue
        elif end - at <= MOST_VALUES and not lacks_some(keys, found):
            how = settle(text, columns, found, rows, read)
            if how == STOP:
                break
        read, odd = put(rows, Count(at, number, read, odd), how)
        number += 1
        at = end
    return Count(at, number, read, odd)


@compiled
def _object(text: Text, at: int, keys: Keys, found: Found, memory: Memory) -> int:
    """Find the fields that are wanted of an object, and the end of its line; `NONE` where it is for others to read."""
    found.kinds[:] = ABSENT
    memory.met[:] = False
    at = spaces(text, at)
    if text.data[at] != _OPENS:
        return NONE
    place = Place(at + 1, 1, 0, True)
    field = 0
    while True:
        place, target = _to_value(text, place, field, keys, memory)
        if target == UNCLEAR:
            return _line_end(text, place.at) if place.depth == 0 else NONE
        place = _over_value(text, place, target, keys, found, memory)
        if place.at < 0:
            return NONE
        if place.depth == 1 and text.data[place.at] == _CLOSES and text.data[place.at + 1] == _LINE_END:
            return place.at + 2
        field += 1


@compiled
def _to_value(text: Text, place: Place, field: int, keys: Keys, memory: Memory) -> Any:
    """Go to the next value, and tell what it is; `UNCLEAR` also at the end of the object, which has depth 0."""
    before = (place.of * _MOST_DEPTH + place.depth) * 2 + place.opened
    if field < _MOST_KNOWN:
        known = memory.fields[field]
        if known[_BEFORE] == before and same(text.words, place.at, text.words, known[_AT], known[_LENGTH]):
            return Place(place.at + known[_LENGTH], known[_DEPTH], known[_OF], False), known[_TARGET]
    start = place.at
    place = _next(text, place, memory.parents)
    if place.depth == 0 or place.at < 0:
        return place, UNCLEAR
    at, target = _key(text, place, keys)
    place = Place(at, place.depth, place.of, False)
    if target != UNCLEAR and field < _MOST_KNOWN and at - start <= LONGEST:
        known = memory.fields[field]
        known[_AT], known[_LENGTH], known[_BEFORE] = start, at - start, before
        known[_OF], known[_DEPTH], known[_TARGET] = place.of, place.depth, target
    return place, target


@compiled
def _over_value(text: Text, place: Place, target: int, keys: Keys, found: Found, memory: Memory) -> Place:
    """Go to the end of a value, or into it where fields of it are wanted; place `NONE` where that is unclear."""
    at, depth, of = place.at, place.depth, place.of
    if target == UNWANTED:
        return Place(skip(text, at), depth, of, False)
    if target < OBJECT:
        return Place(read_value(text, at, keys, target, found), depth, of, False)
    within = target - OBJECT
    if memory.met[within]:
        return Place(NONE, depth, of, False)
    memory.met[within] = True
    if text.data[at] == _OPENS:
        memory.parents[depth] = of
        return Place(at + 1, depth + 1, within, True)
    is_null = text.data[at] == _NULL and make_null(keys, within, found)
    return Place(word(text, at) if is_null else NONE, depth, of, False)


@compiled
def _next(text: Text, place: Place, parents: Numbers) -> Place:
    """Find the quote of the next key, or the end of the object; place `NONE` where neither is there."""
    at, depth, of, opened = spaces(text, place.at), place.depth, place.of, place.opened
    while text.data[at] == _CLOSES:
        at, depth, opened = at + 1, depth - 1, False
        if depth == 0:
            return Place(at, 0, 0, False)
        of = parents[depth]
        at = spaces(text, at)
    if not opened:
        at = spaces(text, at + 1) if text.data[at] == _COMMA else NONE
    if at >= 0 and text.data[at] != _QUOTE:
        at = NONE
    return Place(at, depth, of, False)


@compiled
def _key(text: Text, place: Place, keys: Keys) -> Any:
    """Find the value of a key, and what the key is."""
    end = text_end(text.words, place.at + 1)
    if text.data[end] != _QUOTE:
        return NONE, UNCLEAR
    after = spaces(text, end + 1)
    if text.data[after] != _COLON:
        return NONE, UNCLEAR
    return spaces(text, after + 1), target_of(keys, place.of, text, place.at + 1, end - place.at - 1)


@compiled
def _line_end(text: Text, at: int) -> int:
    at = spaces(text, at)
    return at + 1 if text.data[at] == _LINE_END else NONE
