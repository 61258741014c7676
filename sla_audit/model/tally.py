"""The tally: how many requests, per account, slot and outcome."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import polars as pl


class OutcomeField(NamedTuple):
    """A column of what a log says of a request: its type, and what a log says by not having it.

    It `may_be_unknown`: null, where `absent` is not. A scope is read only where a run needs it. What is `of_some`
    agreements alone is told nowhere under others. What `is_found` is said by no log: it follows from other requests,
    and is in no tally that is written down.
    """

    kind: pl.DataType
    absent: bool | None
    may_be_unknown: bool = False
    is_scope: bool = False
    of_some: bool = False
    is_found: bool = False


OUTCOME_FIELDS = {
    "status": OutcomeField(pl.Int16(), None),
    "no_answer": OutcomeField(pl.Boolean(), absent=False, may_be_unknown=True),
    "content_flag": OutcomeField(pl.Boolean(), absent=False),
    "client_aborted": OutcomeField(pl.Boolean(), absent=False),
    "region": OutcomeField(pl.String(), None, is_scope=True),
    "api": OutcomeField(pl.String(), None, is_scope=True),
    "error_code": OutcomeField(pl.String(), None, is_scope=True, of_some=True),
    "took_over": OutcomeField(pl.Int64(), None, is_scope=True, of_some=True),
    "repeated": OutcomeField(pl.Boolean(), absent=False, of_some=True, is_found=True),
}
"""What is known of a request, before any judgement. A status of null: none was given.

`no_answer` is the gateway's own word that the service did not answer, whatever the status beside it. Unknown, which
only comes with a status of null: a tally of an earlier version does not tell whether there was a status, and that word.
`error_code` is the code that an answer carries beside its status; null: none. `took_over` is the highest of the limits
that the agreement names for how long a request may take, in microseconds, which it took longer than; null: than none.
`repeated` are requests that came sooner after an error than the agreement allows (see `contract.terms.repeats`).
"""

OUTCOME = {name: field.kind for name, field in OUTCOME_FIELDS.items()}
"""The same as a schema."""

SAYS_MORE = pl.any_horizontal(
    "no_answer", "content_flag", "client_aborted", *(pl.col(name).is_not_null() for name in ("error_code", "took_over"))
)
"""Whether something is said of a request, besides its status and its scopes, by which it may be no plain answer."""

LOGGED = {name: field.kind for name, field in OUTCOME_FIELDS.items() if not field.is_found}
"""Those columns of an outcome that a log says."""

CLIENT = "client"
"""The column of a batch that has by whom a request was sent, where that tells callers of an account apart."""


def outcome_under(columns: Collection[str]) -> list[str]:
    """Name the columns of an outcome that are told under an agreement which needs some optional columns."""
    return [name for name, field in OUTCOME_FIELDS.items() if not field.of_some or name in columns]


SLOT = {"starts_at": pl.Int64(), "ends_at": pl.Int64()}
"""A half-open stretch of time, in microseconds since 1970 in UTC."""

REQUEST_ID = "request_id"
"""The column of a batch that has the id of each row's request; null: it has none."""

PLACE = "place"
"""The column of a batch that says where in its text each row begins, a line by itself: see `again` of a fragment."""

COMPARED = {"besides": pl.UInt64(), "logged": pl.UInt64(), "certain": pl.Boolean()}
"""The columns of a batch by which rows of one request id are compared, besides those of `OUTCOME`.

`besides` is a number for what else the log says of the request, `logged` one for the columns in which it does, and
`certain` says that id and time together are one request's own, whatever the rows say.
"""

_CELL = ["account", "slot", "outcome"]

REQUESTS = "requests"
"""The column of a count that says how many requests it stands for."""


@dataclass(frozen=True)
class Tally:
    """Counts as a star: a small table of codes around three lists of what the codes stand for.

    `counts` has `account`, `slot`, `outcome` (codes: row numbers of the lists) and `requests`, each
    combination at most once. `accounts` has `account_id`; `slots` has the columns of `SLOT`;
    `outcomes` has those of `OUTCOME`. Tallies add up: `merge` of the parts is the tally of the whole.
    """

    accounts: pl.DataFrame
    slots: pl.DataFrame
    outcomes: pl.DataFrame
    counts: pl.DataFrame

    @property
    def requests(self) -> int:
        """How many requests were counted."""
        return int(self.counts["requests"].sum())

    @classmethod
    def empty(cls) -> Tally:
        """Give the tally of no log at all."""
        codes = dict.fromkeys(("account", "slot", "outcome"), pl.UInt32())
        return cls(
            pl.DataFrame(schema={"account_id": pl.String()}),
            pl.DataFrame(schema=SLOT),
            pl.DataFrame(schema=OUTCOME),
            pl.DataFrame(schema=codes | {"requests": pl.Int64()}),
        )

    def __add__(self, other: Tally) -> Tally:
        """Add two tallies up."""
        return Tally.merge((self, other))

    def less(self, other: Tally) -> Tally:
        """Take requests away that are counted here. Raises `ValueError` where some are not."""
        negative = replace(other, counts=other.counts.with_columns(-pl.col(REQUESTS)))
        rest = self + negative
        if (rest.counts[REQUESTS] < 0).any():
            raise ValueError("takes away more than there is")
        return replace(rest, counts=rest.counts.filter(pl.col(REQUESTS) > 0))

    def moved(self, away: Tally, to: Tally) -> Tally:
        """Take requests `away` that are counted here, and add others, both few beside all.

        Raises `ValueError` where some are not counted here.
        """
        whole, (here, taken, given) = _in_one_code([self, away, to])
        cell = whole._cell().alias("cell")
        near = here.with_row_index("at").filter(_of_slots(taken)).select("at", cell, REQUESTS)
        found = near.join(taken.select(cell, taken=REQUESTS), on="cell")
        if found.height != taken.height or (found["taken"] > found[REQUESTS]).any():
            raise ValueError("takes away more than there is")
        requests = here[REQUESTS].to_numpy().copy()
        requests[found["at"].to_numpy()] -= found["taken"].to_numpy()
        rest = here.with_columns(pl.Series(REQUESTS, requests)).filter(pl.col(REQUESTS) > 0)
        counts = pl.concat([rest, given])
        near = rest.filter(_of_slots(given)).select(cell)
        return replace(whole, counts=_summed(counts) if near.join(given.select(cell), on="cell").height else counts)

    def _cell(self) -> pl.Expr:
        """Express account, slot and outcome of a count as one number, which is quicker to look for than three."""
        slot = pl.col("slot").cast(pl.Int64) * self.outcomes.height + pl.col("outcome").cast(pl.Int64)
        return slot * len(self.accounts) + pl.col("account").cast(pl.Int64)

    @classmethod
    def merge(cls, parts: Iterable[Tally]) -> Tally:
        """Add tallies up. The order of the parts changes nothing but the order of the codes."""
        tallies = list(parts)
        if not tallies:
            return cls.empty()
        whole, recoded = _in_one_code(tallies)
        return replace(whole, counts=_summed(pl.concat(recoded)))


def _in_one_code(tallies: Sequence[Tally]) -> tuple[Tally, list[pl.DataFrame]]:
    """Give the lists of all tallies as one, without counts, and the counts of each with its codes."""
    accounts, account_codes = union([tally.accounts for tally in tallies])
    slots, slot_codes = union([tally.slots for tally in tallies])
    outcomes, outcome_codes = union([tally.outcomes for tally in tallies])
    recoded = [
        tally.counts.select(
            account=_recode("account", account_codes[part]),
            slot=_recode("slot", slot_codes[part]),
            outcome=_recode("outcome", outcome_codes[part]),
            requests="requests",
        )
        for part, tally in enumerate(tallies)
    ]
    return Tally(accounts, slots, outcomes, recoded[0].clear()), recoded


def _of_slots(counts: pl.DataFrame) -> pl.Expr:
    """Express whether a count is of a slot of others."""
    return pl.col("slot").is_in(counts["slot"].unique().to_list())


def _summed(counts: pl.DataFrame) -> pl.DataFrame:
    return counts.group_by(_CELL).agg(pl.col(REQUESTS).sum())


def union(lists: Sequence[pl.DataFrame]) -> tuple[pl.DataFrame, list[pl.Series]]:
    """Give the distinct rows of all lists, and for each list the new code of each of its rows."""
    stacked = pl.concat([rows.with_columns(part=pl.lit(part, pl.UInt32)) for part, rows in enumerate(lists)])
    names = lists[0].columns
    distinct = stacked.select(names).unique(maintain_order=True)
    codes = stacked.join(distinct.with_row_index("code"), on=names, how="left", nulls_equal=True, maintain_order="left")
    parts = codes.group_by("part", maintain_order=True).agg("code")
    by_part = dict(parts.iter_rows())
    return distinct, [pl.Series("code", by_part.get(part, []), pl.UInt32) for part in range(len(lists))]


def _recode(column: str, codes: pl.Series) -> pl.Expr:
    if codes.to_list() == list(range(len(codes))):
        return pl.col(column).cast(codes.dtype)
    return pl.lit(codes).gather(pl.col(column)).alias(column)
