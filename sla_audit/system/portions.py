"""Things put together that follow each other, as many as are good for one go."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

_Item = TypeVar("_Item")


def in_portions(
    items: Iterable[_Item], size_of: Callable[[_Item], int], most: int, most_items: int | None = None
) -> Iterator[list[_Item]]:
    """Give items in portions whose sizes come to no more than `most`; one that is larger stays alone.

    None has more than `most_items`, if that is said, but each has one.
    """
    portion, held = list[_Item](), 0
    for item in items:
        size = size_of(item)
        if portion and (held + size > most or (most_items is not None and len(portion) >= most_items)):
            yield portion
            portion, held = [], 0
        portion.append(item)
        held += size
    if portion:
        yield portion
