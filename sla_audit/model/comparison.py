"""What two sides count of the same account and month, beside each other."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import polars as pl

SIDES = ("ours", "theirs")
OF_A_SIDE = ("status", "no_answer", "class", "clause", "exclusion")
"""What is said on each side of requests that differ."""

DIFFERENCES = ("only_ours", "only_theirs", "not_counted", "other_ending", "other_class")
"""How sides differ about a request.

`only_ours` and `only_theirs`: the other side has no such row. `other_ending`: it ended otherwise. `not_counted`: one
side does not count its row, which lies in another month, or out of service, or is a duplicate. `other_class`: it ended
alike, and is judged otherwise, as where one side excludes it.
"""


@dataclass(frozen=True)
class Comparison:
    """Where two sides differ about an account and month, under the reading in force.

    `amounts` are the compensation as ours and theirs have it, None where it cannot be told. `days` has each `day` with
    other counts, and those of each class as `ours_` and `theirs_`. `differences` are groups of requests: `difference`
    (one of `DIFFERENCES`), what each side says of them (`ours_` and `theirs_` status, no_answer, class, clause,
    exclusion), how many `requests`, how many more there are of each class on their side, and by how much the
    compensation has `moved` with them, once those before are settled. What other facts move, with the counts of theirs,
    is `by_facts`. All that is moved is the difference of the amounts. `requests` are one by one; None where a side has
    only counts.
    """

    by_class: tuple[pl.DataFrame, pl.DataFrame]
    amounts: tuple[Decimal | None, Decimal | None]
    days: pl.DataFrame
    differences: pl.DataFrame
    by_facts: Decimal | None
    requests: pl.DataFrame | None

    @property
    def agree(self) -> bool:
        """Whether both sides say the same, in counts and in money."""
        return not self.differences.height and self.amounts[0] == self.amounts[1]
