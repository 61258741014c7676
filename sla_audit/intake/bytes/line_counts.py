"""How many lines end before places of a file, which is asked for each part of it that has a line to be named."""

from __future__ import annotations

import threading
from collections.abc import Callable

from sla_audit.intake.bytes.chunks import line_ends
from sla_audit.intake.bytes.planned import Planned


class LineCounts:
    """The counts that are known: each goes on from the last one before it, so that all together go through it once.

    Threads may share them; sent to another process, they are counted anew there.
    """

    def __init__(self, planned: Planned) -> None:
        self._planned = planned
        self._known = {0: 0}
        self._lock = threading.Lock()

    def before(self, place: int) -> int:
        """Count the lines that end before a place. Raises `InputError` as `Planned.open` does."""
        with self._lock:
            if place not in self._known:
                start = max(each for each in self._known if each <= place)
                with self._planned.open() as file:
                    file.seek(start)
                    self._known[place] = self._known[start] + line_ends(file, place - start)
            return self._known[place]

    def __reduce__(self) -> tuple[Callable[[Planned], LineCounts], tuple[Planned]]:
        """Send what is counted, and no counts."""
        return LineCounts, (self._planned,)
