"""The schema of a Parquet file: a tree of columns, whose leaves have values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from sla_audit.parquet.thrift import BINARY, I32, STRUCT, Fields, UnsoundError, key
from sla_audit.sentence import Sentence

Physical = Literal[
    "BOOLEAN", "INT32", "INT64", "INT96", "FLOAT", "DOUBLE", "BYTE_ARRAY", "FIXED_LEN_BYTE_ARRAY"
]  # fmt: skip
PHYSICAL: Sequence[Physical] = (
    "BOOLEAN", "INT32", "INT64", "INT96", "FLOAT", "DOUBLE", "BYTE_ARRAY", "FIXED_LEN_BYTE_ARRAY",
)  # fmt: skip
_WIDTHS = {"INT32": 4, "INT64": 8, "INT96": 12, "FLOAT": 4, "DOUBLE": 8}
_MANY = 2
_DEEPEST = 100
_MOST_COLUMNS = 100_000


@dataclass(frozen=True, slots=True)
class Leaf:
    """A column of values: its path, how its values are kept, and whether it has several, or none, in a row.

    `width` is the bytes of a value that has a fixed number of them; None for others. `is_ordered` says that the file
    tells by what order bounds of values hold.
    """

    path: tuple[str, ...]
    physical: Physical
    width: int | None
    deepest: int
    repeats: bool
    is_ordered: bool = False

    @property
    def name(self) -> str:
        """The path with dots."""
        return ".".join(self.path)


@dataclass(slots=True)
class _Group:
    """A group of a schema, of which so many `children` are still to come; the rest is as of a `Leaf`."""

    children: int
    path: tuple[str, ...] = ()
    deepest: int = 0
    repeats: bool = False

    def child(self, element: Fields) -> tuple[tuple[str, ...], int, bool]:
        """Take the next child, and give its path, its depth, and whether it repeats."""
        name, repetition = element[key(4, BINARY)].decode(), element[key(3, I32)]
        if repetition not in range(_MANY + 1):
            raise UnsoundError(Sentence("column {name!r} is kept in an unknown way", name=name))
        self.children -= 1
        return (*self.path, name), self.deepest + (repetition != 0), self.repeats or repetition == _MANY


def leaves_of(elements: list[Fields], orders: list[Fields]) -> tuple[Leaf, ...]:
    """List the columns of a schema, which is a tree whose elements stand parents first."""
    if not 0 < len(elements) <= _MOST_COLUMNS:
        raise UnsoundError(
            Sentence(
                "its schema has {columns} columns; at most {most} are read", columns=len(elements), most=_MOST_COLUMNS
            )
        )
    leaves: list[Leaf] = []
    groups = [_Group(_children(elements[0], len(elements)) or 0)]
    for element in elements[1:]:
        while groups and not groups[-1].children:
            groups.pop()
        if not groups or len(groups) > _DEEPEST:
            raise UnsoundError("its schema has columns of no group, or is nested too deeply")
        path, depth, repeats = groups[-1].child(element)
        children = _children(element, len(elements))
        if children is not None:
            groups.append(_Group(children, path, depth, repeats))
        else:
            ordered = len(leaves) < len(orders) and key(1, STRUCT) in orders[len(leaves)]
            leaves.append(_leaf(element, path, depth, repeats=repeats, ordered=ordered))
    if any(group.children for group in groups):
        raise UnsoundError("its schema lacks columns")
    return tuple(leaves)


def _children(element: Fields, most: int) -> int | None:
    """Give the number of columns in a group; None for what is a column itself."""
    children: int = element.get(key(5, I32), 0)
    if not 0 <= children < most:
        raise UnsoundError(Sentence("its schema has a group of {children} columns", children=children))
    return None if not children and key(1, I32) in element else children


def _leaf(element: Fields, path: tuple[str, ...], depth: int, *, repeats: bool, ordered: bool) -> Leaf:
    kind = element[key(1, I32)]
    if kind not in range(len(PHYSICAL)):
        raise UnsoundError(Sentence("column {name!r} is of an unknown type", name=".".join(path)))
    physical = PHYSICAL[kind]
    width = _WIDTHS.get(physical)
    if physical == "FIXED_LEN_BYTE_ARRAY":
        width = element[key(2, I32)]
        if width < 0:
            raise UnsoundError(
                Sentence("column {name!r} has values of {width} bytes", name=".".join(path), width=width)
            )
    return Leaf(path, physical, width, depth, repeats, ordered)
