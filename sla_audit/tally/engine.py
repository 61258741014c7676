"""What an engine is: it counts fragments, wherever it does so, and the result is the same to the byte."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol

import numpy as np
import polars as pl

from sla_audit.model.flags import FlagCount
from sla_audit.model.tally import Tally
from sla_audit.tally.dedup.same_request import LISTED, Ids
from sla_audit.tally.dedup.spill import Hashes
from sla_audit.tally.planner import Account, Ask, Fragment
from sla_audit.tally.timeline import Timeline

Progress = Callable[[Account, int, int], None]
"""Told of every fragment that has been counted: its account, its bytes, and the bytes of all; from any thread."""


@dataclass(frozen=True)
class Count:
    """A tally, how many rows are not in it, and when the rows were.

    `outside_period` rows were passed over because they lie in months not asked for; `ids` has the duplicates, and
    `duplicates` those that are to be listed, in the columns of `same_request.LISTED`; `surplus` has those that matter
    to other looks. `repeated` are the callers and instants of repeated requests that are to be listed, each a number
    (see `repeats.found.callers_then`), sorted. `flags`
    are those of all rows in the period, also of duplicates. `accounts` and `timelines` have one for each fragment, in
    the order of the fragments.
    """

    tally: Tally
    outside_period: int
    accounts: tuple[Account, ...]
    timelines: tuple[Timeline, ...]
    flags: tuple[FlagCount, ...] = ()
    ids: Ids = field(default_factory=Ids)
    duplicates: pl.DataFrame = field(default_factory=partial(pl.DataFrame, schema=LISTED))
    surplus: pl.DataFrame = field(default_factory=partial(pl.DataFrame, schema=LISTED))
    repeated: Hashes = field(default_factory=lambda: np.zeros(0, np.uint64))


class Engine(Protocol):
    """Counts fragments: on the threads of this process (`local_threads`), or elsewhere."""

    def count(self, fragments: Sequence[Fragment], ask: Ask, progress: Progress | None = None) -> Count:
        """Count fragments; the result depends neither on their order nor on how many are counted at a time.

        Rows outside of the period are never looked at for duplicates. Raises the first failure, when all work has
        stopped: `InputError` for what the user can mend.
        """
        ...

    def close(self) -> None:
        """Give back what it holds; whatever is being done for it is stopped."""
        ...
