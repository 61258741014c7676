"""Requests one by one, as few bytes each: who sent it and when, and what is known of it as codes of lists."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from sla_audit.model.tally import LOGGED, REQUEST_ID, REQUESTS, union
from sla_audit.tally.dedup.same_request import id_hashes, said_at
from sla_audit.tally.dedup.sought import Positions, are_in
from sla_audit.tally.dedup.spill import Hashes
from sla_audit.tally.dedup.watermark import Instants
from sla_audit.tally.outcomes import ARROW
from sla_audit.tally.repeats.asked import Callers
from sla_audit.tally.row_numbers import mixed, numbers_of

_SEED = 20_261_003
_CODE = pl.UInt32()
_ACCOUNT = {"account_id": pl.String()}

Codes = npt.NDArray[np.uint32]


@dataclass(frozen=True)
class CallerRows:
    """Requests: 32 bytes each, and two lists; they can be sent.

    `caller` and `request` are numbers of 64 bits, the latter of the id; `at` is in microseconds. `account` and
    `outcome` are row numbers of `accounts`, which has `account_id` as the log names it, and `outcomes`, which has
    `LOGGED`.
    """

    caller: Hashes
    at: Instants
    request: Hashes
    account: Codes
    outcome: Codes
    accounts: pl.DataFrame
    outcomes: pl.DataFrame

    def __len__(self) -> int:
        """Count them."""
        return len(self.at)

    @classmethod
    def of(cls, batch: pa.RecordBatch, at: Instants, positions: Positions, caller: Hashes) -> Self:
        """Take some rows of a batch, as `kernel.Kernel` takes it, each with its caller; `at` is of all rows."""
        said = said_at(batch, positions)
        has_ids = REQUEST_ID in batch.schema.names
        request = np.zeros(len(positions), np.uint64)
        if has_ids:
            request = id_hashes(batch.column(REQUEST_ID).take(pa.array(positions)))
        accounts, account = _coded(said, [*_ACCOUNT])
        outcomes, outcome = _coded(said, [*LOGGED])
        return cls(caller, at[positions], request, account, outcome, accounts, outcomes)

    @classmethod
    def together(cls, parts: Sequence[Self]) -> Self:
        """Put rows together, in their order."""
        accounts, of_account = union([pl.DataFrame(schema=_ACCOUNT), *(part.accounts for part in parts)])
        outcomes, of_outcome = union([pl.DataFrame(schema=LOGGED), *(part.outcomes for part in parts)])
        none = np.zeros(0, np.uint64)
        return cls(
            np.concatenate([none, *(part.caller for part in parts)]),
            np.concatenate([none.view(np.int64), *(part.at for part in parts)]),
            np.concatenate([none, *(part.request for part in parts)]),
            np.concatenate([none.astype(np.uint32), *_recoded([part.account for part in parts], of_account[1:])]),
            np.concatenate([none.astype(np.uint32), *_recoded([part.outcome for part in parts], of_outcome[1:])]),
            accounts,
            outcomes,
        )

    def some(self, which: npt.NDArray[np.bool_]) -> Self:
        """Keep some of them."""
        columns = ("caller", "at", "request", "account", "outcome")
        return replace(self, **{name: getattr(self, name)[which] for name in columns})

    def numbers_of_accounts(self, callers: Callers) -> Hashes:
        """Give a number for the account of each, as `callers` does."""
        ids = self.accounts["account_id"].to_arrow().cast(pa.string())
        return callers.accounts(ids.take(pa.array(self.account)), self.at)

    def counted_once(self, surplus: pl.DataFrame) -> Self:
        """Leave those out that are not counted, since they are a request that was logged again.

        `surplus` says how many are not, in the columns of `same_request.LISTED`; of rows that say the same, those of
        the first callers stay, by their numbers.
        """
        if surplus.is_empty():
            return self
        ids, at = surplus[REQUEST_ID].to_arrow().cast(pa.string()), surplus["instant"].to_numpy()
        account = numbers_of(surplus["account_id"].to_arrow().cast(pa.string()))
        numbers = mixed([id_hashes(ids), at.view(np.uint64), account, _numbers(surplus)])
        left_out, first = np.unique(numbers, return_inverse=True)
        how_many = np.bincount(first, surplus[REQUESTS].to_numpy()).astype(np.int64)

        accounts = numbers_of(self.accounts["account_id"].to_arrow().cast(pa.string()))
        own = mixed(
            [self.request, self.at.view(np.uint64), accounts[self.account], _numbers(self.outcomes)[self.outcome]]
        )
        some = np.flatnonzero(are_in(own, left_out))
        order = some[np.lexsort((self.caller[some], own[some]))]
        _, group, sizes = np.unique(own[order], return_inverse=True, return_counts=True)
        rank = np.arange(len(order)) - (np.cumsum(sizes) - sizes)[group]
        too_many = rank >= (sizes[group] - how_many[np.searchsorted(left_out, own[order])])
        stays = np.ones(len(self), dtype=np.bool_)
        stays[order[too_many]] = False
        return self.some(stays)

    def batch(self) -> pa.RecordBatch:
        """Give them as `Kernel` takes counts, which it puts into steps that are kept: each is one."""
        ids = self.accounts["account_id"].to_arrow().cast(pa.string())
        said = {name: self.outcomes[name].to_arrow().cast(kind).dictionary_encode() for name, kind in ARROW.items()}
        arrays = [
            pa.array(self.at, pa.timestamp("us", "UTC")),
            pa.DictionaryArray.from_arrays(pa.array(self.account.astype(np.int32)), ids),
            *(each.take(pa.array(self.outcome)) for each in said.values()),
            pa.array(np.ones(len(self), np.int64)),
        ]
        return pa.RecordBatch.from_arrays(arrays, names=["timestamp", "account_id", *said, REQUESTS])


def _coded(said: pl.DataFrame, names: list[str]) -> tuple[pl.DataFrame, Codes]:
    distinct = said.select(names).unique(maintain_order=True)
    return distinct, _codes_in(distinct, said)


def _codes_in(listed: pl.DataFrame, rows: pl.DataFrame) -> Codes:
    """Give the place in a list of each of some rows."""
    numbered = listed.with_row_index("code").with_columns(pl.col("code").cast(_CODE))
    found = rows.join(numbered, on=listed.columns, how="left", nulls_equal=True, maintain_order="left")
    codes: Codes = found["code"].to_numpy()
    return codes


def _recoded(codes: Sequence[Codes], new: Sequence[pl.Series]) -> list[Codes]:
    return [to.to_numpy()[each] for each, to in zip(codes, new, strict=True)]


def _numbers(outcomes: pl.DataFrame) -> Hashes:
    numbers: Hashes = outcomes.select(*LOGGED).hash_rows(_SEED).to_numpy()
    return numbers
