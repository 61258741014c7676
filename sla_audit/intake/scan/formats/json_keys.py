"""Which fields of an object are wanted, as a tree: a field of an object within is named with a dot."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sla_audit.intake.scan.compiled import compiled
from sla_audit.intake.scan.rows import ABSENT, NULL, Found
from sla_audit.intake.scan.words import Numbers, Text, same, with_room

UNWANTED, UNCLEAR = -1, -2
"""What a key may be besides the number of a column: of no interest, or for others to read."""

OBJECT = 1 << 16
"""From here on, numbers are those of objects within."""

MOST_LEVELS = 30


class Keys(NamedTuple):
    """Of each key the object that it is in, where it stands in `text`, and its column, or its own object.

    `under` tells of each object which columns are within it. Of the columns, `ids` take no number but a whole one, and
    no truth value, `always` must be there, `late` should have no value in any object, and `times` keep all digits.
    """

    text: Text
    starts: Numbers
    lengths: Numbers
    parents: Numbers
    targets: Numbers
    under: npt.NDArray[np.bool_]
    ids: npt.NDArray[np.bool_]
    always: npt.NDArray[np.bool_]
    late: npt.NDArray[np.bool_]
    times: npt.NDArray[np.bool_]


def keys_of(
    names: Sequence[str], ids: Sequence[str], always: Sequence[str], late: Sequence[str], times: Sequence[str]
) -> Keys | None:
    """Give the keys of fields; None where one of them is within another."""
    objects: dict[tuple[str, ...], int] = {(): 0}
    targets: dict[tuple[tuple[str, ...], str], int] = {}
    for column, name in enumerate(names):
        *path, last = name.split(".")
        if len(path) > MOST_LEVELS:
            return None
        for level, part in enumerate(path):
            of = tuple(path[:level])
            inner = objects.setdefault((*of, part), len(objects))
            if targets.setdefault((of, part), OBJECT + inner) != OBJECT + inner:
                return None
        if targets.setdefault((tuple(path), last), column) != column:
            return None
        if path and targets.setdefault(((), name), UNCLEAR) != UNCLEAR:
            return None
    written = [key.encode() for _, key in targets]
    lengths = np.array([len(each) for each in written], np.int64)
    within = [tuple(name.split(".")) for name in names]
    return Keys(
        with_room(b"".join(written)),
        np.cumsum(lengths) - lengths,
        lengths,
        np.array([objects[path] for path, _ in targets], np.int64),
        np.array(list(targets.values()), np.int64),
        np.array([[parts[: len(path)] == path for parts in within] for path in objects], np.bool_),
        *(np.array([name in some for name in names], np.bool_) for some in (ids, always, late, times)),
    )


@compiled
def target_of(keys: Keys, of: int, text: Text, at: int, length: int) -> int:
    """Tell what a key of an object is."""
    for each in range(len(keys.targets)):
        is_alike = keys.parents[each] == of and keys.lengths[each] == length
        if is_alike and same(text.words, at, keys.text.words, keys.starts[each], length):
            return keys.targets[each]
    return UNWANTED


@compiled
def make_null(keys: Keys, of: int, found: Found) -> bool:
    """Take all fields of an object for null; tell whether none of them was there before."""
    for column in range(len(found.kinds)):
        if keys.under[of, column]:
            if found.kinds[column] != ABSENT:
                return False
            found.kinds[column] = NULL
    return True


@compiled
def lacks_some(keys: Keys, found: Found) -> bool:
    """Tell whether an object lacks a field that all must have."""
    for column in range(len(found.kinds)):
        if keys.always[column] and found.kinds[column] == ABSENT:
            return True
    return False
