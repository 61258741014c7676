"""What two sides count of the same account and month, beside each other."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import polars as pl

SIDES = ("ours", "theirs")
OF_A_SIDE = ("status", "no_answer", "class", "clause", "exclusion")
"""What is said on each side of requests that differ."""

DIFFERENCES = ("only_ours", "only_theirs", "not_counted", "other_ending", "other_class", "other_day")
"""How sides differ about a request.

`only_ours` and `only_theirs`: the other side has no such row, or does not list it. `other_ending`: it ended otherwise.
`not_counted`: one side does not count its row, which lies in another month, or out of service, or is a duplicate.
`other_class`: it ended alike, and is judged otherwise, as where one side excludes it. `other_day`: it is the same but
for the day on which it was submitted.
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
    only counts. Sides that are `unlisted`, claim packs, list no plain answers: these are counted, so that a request
    which the other side alone lists may be among them.
    """

    by_class: tuple[pl.DataFrame, pl.DataFrame]
    amounts: tuple[Decimal | None, Decimal | None]
    days: pl.DataFrame
    differences: pl.DataFrame
    by_facts: Decimal | None
    requests: pl.DataFrame | None
    unlisted: tuple[str, ...] = ()

    @property
    def agree(self) -> bool:
        """Whether both sides say the same, in counts, by day, and in money."""
        return not self.differences.height and not self.days.height and self.amounts[0] == self.amounts[1]
