"""A tally as rows that say what its codes stand for."""

from __future__ import annotations

from collections.abc import Collection

import polars as pl
import pyarrow as pa

from sla_audit.model.tally import LOGGED, REQUESTS, SLOT, Tally
from sla_audit.tally.outcomes import ARROW


def spelt(tally: Tally, counts: pl.DataFrame, outcome: Collection[str] = tuple(LOGGED)) -> list[pa.Array]:
    """Give some counts of a tally as columns: the account, a dictionary, `SLOT`, some of `LOGGED`, and `REQUESTS`."""
    ids = tally.accounts["account_id"].to_arrow().cast(pa.string())
    return [
        pa.DictionaryArray.from_arrays(counts["account"].to_arrow().cast(pa.int32()), ids),
        *(tally.slots[name].gather(counts["slot"]).to_arrow() for name in SLOT),
        *(tally.outcomes[name].gather(counts["outcome"]).to_arrow() for name in outcome),
        counts[REQUESTS].to_arrow(),
    ]


def as_batch(tally: Tally) -> pa.RecordBatch:
    """Give a tally as a batch of counts that `Kernel` takes, its slots one after the other."""
    account, *others = spelt(tally, tally.counts.sort("slot"))
    starts_at, ends_at, *outcomes, requests = others
    coded = [each.cast(ARROW[name]).dictionary_encode() for name, each in zip(LOGGED, outcomes, strict=True)]
    return pa.RecordBatch.from_arrays(
        [account, starts_at, ends_at, *coded, requests], names=["account_id", *SLOT, *LOGGED, REQUESTS]
    )
