"""Rows that lack nothing but an account, and need none: see `contract.unattributed`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from sla_audit.contract.unattributed import AccountlessEnding, WithoutAccount

Unattributed = Counter[AccountlessEnding]
"""How many rows without an account ended so."""

_Positions = npt.NDArray[np.int64]


def unattributed(
    rows: pa.RecordBatch, positions: _Positions, known: Mapping[str, Any], without_account: WithoutAccount
) -> tuple[_Positions, Unattributed]:
    """Tell which of the rows without an account need none, by their positions, and how they ended.

    `known` is what every row says besides its columns. Each distinct ending is looked at once.
    """
    if not len(positions):
        return positions, Unattributed()
    taken = rows.take(pa.array(positions))
    said = {
        name: taken.column(name).dictionary_decode() for name in AccountlessEnding._fields if name in taken.schema.names
    }
    every = {name: [known.get(name)] * len(positions) for name in AccountlessEnding._fields if name not in said}
    endings = pl.DataFrame({name: pl.Series(every.get(name, said.get(name))) for name in AccountlessEnding._fields})
    distinct = endings.unique()
    needless = [without_account.place(AccountlessEnding(*ending)) is not None for ending in distinct.iter_rows()]
    judged = distinct.with_columns(needless=pl.Series(needless))
    found = endings.join(judged, on=AccountlessEnding._fields, how="left", nulls_equal=True, maintain_order="left")
    kept = found.filter("needless").group_by(AccountlessEnding._fields).len()
    counts = {AccountlessEnding(*ending): number for *ending, number in kept.iter_rows()}
    return positions[found["needless"].to_numpy()], Unattributed(counts)
