"""The rows that cannot be read: all are counted, the first ones held to be shown, and a file takes all that are wanted.

A few kilobytes unpack to millions of such rows, so that they are never held together.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from copy import copy
from dataclasses import astuple, dataclass, replace
from itertools import chain
from pathlib import Path

from sla_audit.intake.rejects import Reject
from sla_audit.limits import MOST_REJECTS_HELD
from sla_audit.system.temporary import NumberedFiles, numbered_files, put_away

_MOST_TEXT = 1000


@dataclass(frozen=True)
class RejectRoom:
    """Room for the rejects of a part of a log: so many are held at most, and a `file` takes all of them, if any."""

    most: int = MOST_REJECTS_HELD
    file: Path | None = None

    def store(self) -> RejectStore:
        """Begin to take them, of one reading of the part; what an earlier reading left in the file is gone."""
        return RejectStore(self.most, self.file)


class RejectStore:
    """The rejects of a part of a log. At most so many are held, but the first of each column always is.

    What is held has only the beginning of a long row; a `file` takes rows whole.
    """

    def __init__(self, most: int = MOST_REJECTS_HELD, file: Path | None = None) -> None:
        self.by_column: Counter[str] = Counter()
        self.unfinished: Counter[str] = Counter()
        """Those of a last line that is only half written, by column; they are in `by_column` too."""
        self._most = most
        self._file = file
        self._has_written = False
        self._held: list[Reject] = []
        self._of_last_line = False

    def __len__(self) -> int:
        """Count all of them."""
        return self.by_column.total()

    def __iter__(self) -> Iterator[Reject]:
        """Give those that are held, in the order of the file."""
        return iter(self._held)

    def __eq__(self, other: object) -> bool:
        """Tell whether the same were counted, and the same are held."""
        return isinstance(other, RejectStore) and (self.by_column, self._held) == (other.by_column, other._held)

    __hash__ = None  # type: ignore[assignment]

    def take(self, rejects: Iterable[Reject], by_column: Mapping[str, int]) -> None:
        """Take more of them, in the order of the file; only as many are looked at as are held or written."""
        if not by_column:
            return
        new = set(by_column) - set(self.by_column)
        self.by_column.update(by_column)
        if self._of_last_line:
            self.unfinished.update(by_column)
            rejects = (replace(reject, unfinished=True) for reject in rejects)
        if self._file is None:
            for reject in rejects:
                if len(self._held) >= self._most and not new:
                    return
                self._hold(reject, new)
            return
        with (
            put_away(self._file, "--rejects"),
            self._file.open("a" if self._has_written else "w", encoding="ascii") as file,
        ):
            self._has_written = True
            for reject in rejects:
                self._hold(reject, new)
                file.write(json.dumps(astuple(reject), default=str) + "\n")

    def add(self, reject: Reject) -> None:
        """Take one more."""
        self.take([reject], {reject.column: 1})

    @contextmanager
    def of_last_line(self) -> Iterator[None]:
        """Take what comes within for rows of a last line without a line end, which may be half written."""
        self._of_last_line = True
        try:
            yield
        finally:
            self._of_last_line = False

    def without_unfinished(self) -> RejectStore:
        """Take a last line that is only half written for none at all."""
        others = copy(self)
        others.by_column = self.by_column - self.unfinished
        others.unfinished = Counter()
        others._held = [reject for reject in self._held if not reject.unfinished]
        return others

    def all(self) -> Iterator[Reject]:
        """Give all of them, in the order of the file, where a file takes them; else those that are held."""
        if self._file is None or not self._has_written:
            yield from self._held
            return
        with self._file.open(encoding="ascii") as file:
            for line in file:
                reject = Reject(*json.loads(line))
                if self.unfinished or not reject.unfinished:
                    yield reject

    def _hold(self, reject: Reject, new: set[str]) -> None:
        if len(self._held) < self._most or reject.column in new:
            new.discard(reject.column)
            self._held.append(reject if len(reject.text) <= _MOST_TEXT else _shortened(reject))


def all_of(parts: Iterable[RejectStore]) -> Iterator[Reject]:
    """Give all rejects of some parts of logs, in their order: see `RejectStore.all`."""
    return chain.from_iterable(part.all() for part in parts)


@contextmanager
def reject_files(*, wanted: bool) -> Iterator[NumberedFiles | None]:
    """Make room for all rejects of a run, where they are wanted, as long as they are needed; then it is gone."""
    if not wanted:
        yield None
        return
    with numbered_files() as files:
        yield files


def _shortened(reject: Reject) -> Reject:
    return replace(reject, text=f"{reject.text[:_MOST_TEXT]}...")
