"""One code per account, the same for every batch of every thread."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

Codes = npt.NDArray[np.uint32]


class AccountIndex:
    """Codes of account ids, given out in the order of first sight.

    The ids of a batch come as a dictionary, so that a text is looked at once per batch and not per
    row. Polars' categories do the interning: they are shared by all threads, and need no lock here.
    """

    def __init__(self) -> None:
        self._categories = pl.Categories.random()
        self._kind = pl.Categorical(self._categories)
        # Polars forgets categories that no series uses. This one uses them for as long as the index lives.
        self._anchor = pl.Series([], dtype=self._kind)

    def codes(self, dictionary: pa.Array) -> Codes:
        """Give the code of each id in a batch's dictionary of text."""
        ids = pl.Series(dictionary)
        if ids.null_count():
            ids = ids.fill_null("")
        codes: Codes = ids.cast(self._kind).to_physical().to_numpy()
        return codes

    def frame(self) -> pl.DataFrame:
        """List the ids by code, as `account_id`."""
        return pl.DataFrame({"account_id": self._categories.to_series()})
