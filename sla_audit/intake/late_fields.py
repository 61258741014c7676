"""The fields that objects of a log may have although the first of them had not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any


@dataclass(frozen=True)
class LateFields:
    """Their names. By some of them `times` are others than without; `ids` are names of request ids.

    `seen` resolves the columns of a log once more, knowing that it has some of them: see `columns.resolve_columns`. It
    takes their names, and the log's.
    """

    names: tuple[str, ...] = ()
    times: frozenset[str] = frozenset()
    ids: frozenset[str] = frozenset()
    seen: Callable[[Sequence[str], str], Any] | None = None

    def without_ids(self) -> LateFields:
        """Leave out request ids, where they are not read."""
        return replace(self, names=tuple(name for name in self.names if name not in self.ids), ids=frozenset())
