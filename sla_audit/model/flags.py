"""Content flags as values: how often each occurs, and whose requests have many."""

from __future__ import annotations

from typing import NamedTuple


class Flagged(NamedTuple):
    """An account and cycle, its requests, and how many of them are flagged."""

    account_id: str
    cycle: str
    requests: int
    flagged: int


class FlagCount(NamedTuple):
    """So many rows of a month have a content flag, which was taken for one or not; a value of None: one of many values.

    A month of None: of all months together.
    """

    value: str | None
    rows: int
    flagged: bool
    month: str | None = None

    @property
    def kind(self) -> tuple[str | None, bool, str | None]:
        """What tells it from others."""
        return self.value, self.flagged, self.month
