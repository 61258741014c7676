"""Which rows, of those that say the same of the same request, are counted: the first ones, in the order of the logs."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
import polars as pl

from sla_audit.model.tally import LOGGED, REQUEST_ID, REQUESTS
from sla_audit.model.traced import INSTANT, KEY

_SAME = (REQUEST_ID, INSTANT, KEY, *LOGGED)
_GROUP = "group"


class DuplicateRows:
    """Tells row by row which are not counted; it is asked about all rows that were kept, in their order, once.

    `listed` says how many are not, in the columns of `same_request.LISTED`; `rows` are all that were kept, some at a
    time, in the columns of `model.traced.TRACED`.
    """

    def __init__(self, listed: pl.DataFrame, rows: Iterable[pl.DataFrame]) -> None:
        same = listed.rename({"account_id": KEY}).group_by(_SAME, maintain_order=True).agg(pl.col(REQUESTS).sum())
        self._groups = same.select(_SAME).with_row_index(_GROUP)
        self._counted = -same[REQUESTS].to_numpy().astype(np.int64)
        if same.height:
            for some in rows:
                np.add.at(self._counted, self._group(some).drop_nulls().to_numpy(), 1)
        self._seen = np.zeros(same.height, dtype=np.int64)

    def among(self, rows: pl.DataFrame) -> npt.NDArray[np.bool_]:
        """Tell which of the next rows are not counted."""
        if not len(self._counted):
            return np.zeros(rows.height, dtype=np.bool_)
        group = self._group(rows)
        numbered = pl.DataFrame({_GROUP: group}).select(number=pl.int_range(1, pl.len() + 1).over(_GROUP))["number"]
        some = group.is_not_null().to_numpy()
        which = group.drop_nulls().to_numpy()
        surplus = np.zeros(rows.height, dtype=np.bool_)
        surplus[some] = self._seen[which] + numbered.to_numpy()[some] > self._counted[which]
        np.add.at(self._seen, which, 1)
        return surplus

    def _group(self, rows: pl.DataFrame) -> pl.Series:
        found = rows.select(_SAME).join(self._groups, on=_SAME, how="left", nulls_equal=True, maintain_order="left")
        return found[_GROUP]
