"""Taking out what is not to be counted: second and third looks, wherever they are taken, and what they come to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Protocol, TypeVar

import polars as pl

from sla_audit.model.tally import Tally
from sla_audit.tally.dedup.detect import Look, Search, SecondLook, changed
from sla_audit.tally.dedup.reused_ids import Reused, Suspects
from sla_audit.tally.dedup.same_request import Ids, added_up, surplus
from sla_audit.tally.dedup.spill import Hashes
from sla_audit.tally.engine import Count
from sla_audit.tally.intervals.kept import KeptSteps
from sla_audit.tally.planner import Ask

IDS_AT_ONCE = 1 << 22
"""How many ids are looked for at a time, about."""

_Told = TypeVar("_Told")

Near = Callable[[pl.DataFrame], pl.DataFrame]
"""Keeps of rows, in the columns of `same_request.LISTED`, those that other looks ask for."""


class Looks(Protocol):
    """Takes a look at all its parts, in this process or elsewhere."""

    def __call__(self, look: Look[_Told], /) -> list[_Told]:
        """Give what is told of each part, in their order. Raises the first failure, as `Engine.count` does."""
        ...


@dataclass(frozen=True)
class _Taken:
    """What some second looks would take out: the counts, of which ids at which times, and what the ids told.

    Of rows that are asked for, `listed` has each, and `near` those that other looks ask for.
    """

    looks: list[SecondLook]
    tally: Tally
    moments: pl.DataFrame
    ids: Ids
    listed: list[pl.DataFrame]
    near: list[pl.DataFrame]


def without_duplicates(
    count: Count,
    search: Search,
    ask: Ask,
    looks: Looks,
    most_ids: int = IDS_AT_ONCE,
    *,
    kept: KeptSteps | None = None,
    near: Near | None = None,
) -> Count:
    """Look a second time at what may be of one request, and take out what is not to be counted: see `same_request`.

    Where that would be something, a third look tells which ids are used at several times; if any are, the second is
    repeated without them. About so many ids are looked for at a time that memory stays bounded. What was counted by
    steps though it is no failure lies in those that are `kept`. Which of the duplicates are `near` is the `surplus`.

    Raises `InputError` where the logs do not hold what was counted.
    """
    rest, ids, known, duplicates, surplus = count.tally, Ids(), list[Hashes](), [count.duplicates], [count.surplus]
    rounds = search.rounds()
    while (taken := _second_looks(rounds, ask, looks, most_ids, kept, near=near)).looks:
        if taken.ids.duplicate:
            suspects = Suspects(taken.moments, search)
            reused = suspects.reused(looks(suspects))
            if len(reused.numbers):
                taken = _second_looks(iter(taken.looks), ask, looks, most_ids, kept, near=near, reused=reused)
                new = reused.less(known)
                known.append(reused.numbers)
                ids += Ids(reused=int(new.rows.sum()), reused_ids=len(new.numbers))
        ids += taken.ids
        duplicates += taken.listed
        surplus += taken.near
        try:
            rest = rest.less(taken.tally) if taken.ids.duplicate else rest
        except ValueError as error:
            raise changed() from error
    return replace(count, tally=rest, ids=ids, duplicates=pl.concat(duplicates), surplus=pl.concat(surplus))


def _second_looks(
    rounds: Iterator[SecondLook],
    ask: Ask,
    looks: Looks,
    most_ids: int,
    kept: KeptSteps | None,
    *,
    near: Near | None,
    reused: Reused | None = None,
) -> _Taken:
    """Take the next looks, of so many ids as may be held, and say what they would take out, but for `reused` ids."""
    done, again, ids = list[SecondLook](), ask.kernel(kept), Ids()
    moments, listed, beside = list[pl.DataFrame](), list[pl.DataFrame](), list[pl.DataFrame]()
    for look in rounds:
        rows = added_up(looks(look))
        found = surplus(rows if reused is None else reused.out_of(rows))
        again.count(found.rows, {})
        done.append(look)
        moments.append(found.moments)
        listed.append(found.listed.filter(pl.col("account_id").is_in(sorted(ask.listed))))
        beside += [] if near is None else [near(found.listed)]
        ids += found.ids
        if sum(map(len, moments)) >= most_ids:
            break
    return _Taken(done, again.tally(), pl.concat(moments) if moments else pl.DataFrame(), ids, listed, beside)
