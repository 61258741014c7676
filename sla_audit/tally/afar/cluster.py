"""What moves tasks to whoever does them, and their messages to where they meet."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from sla_audit.tally.afar.messages import Message

Done = Callable[[int], None]
"""Told now and then how many tasks have been done."""


class Cluster(Protocol):
    """Does tasks: see `tasks`."""

    @property
    def slots(self) -> int:
        """How many tasks it does at a time, about."""
        ...

    def run(self, work: bytes, tasks: Sequence[bytes], partitions: int, done: Done) -> Iterable[Message]:
        """Do each task by `tasks.do`, in any order, some of them again, and give the messages of each once.

        Unless there are no `partitions`, those of one key meet in one of so many, where they are `tasks.merged`.

        Raises `InputError` for what the user can mend.
        """
        ...

    def close(self) -> None:
        """Give back what it holds; whatever is being done for it is stopped."""
        ...
