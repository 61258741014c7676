"""Small tallies from rows."""

from __future__ import annotations

import polars as pl
from hypothesis import strategies as st

from sla_audit.model.tally import LOGGED, OUTCOME, SLOT, Tally

Row = tuple[str, int, int | None, str | None]


rows = st.lists(
    st.tuples(
        st.sampled_from("ABC"), st.integers(0, 3), st.sampled_from([200, 503, None]), st.sampled_from([None, "east"])
    ),
    max_size=12,
)


def tally(listed: list[Row]) -> Tally:
    """Count rows one by one, codes in the order of first sight."""
    accounts = list(dict.fromkeys(row[0] for row in listed))
    slots = list(dict.fromkeys(row[1] for row in listed))
    outcomes = list(dict.fromkeys(row[2:] for row in listed))
    counts: dict[tuple[int, int, int], int] = {}
    for account, slot, *outcome in listed:
        key = accounts.index(account), slots.index(slot), outcomes.index(tuple(outcome))
        counts[key] = counts.get(key, 0) + 1
    codes = {"account": pl.UInt32, "slot": pl.UInt32, "outcome": pl.UInt32, "requests": pl.Int64}
    return Tally(
        pl.DataFrame({"account_id": accounts}, schema={"account_id": pl.String}),
        pl.DataFrame([(slot * 10, slot * 10 + 10) for slot in slots], schema=SLOT, orient="row"),
        pl.DataFrame(
            [(status, status == 503, False, False, region, None, None, None, False) for status, region in outcomes],
            schema=OUTCOME,
            orient="row",
        ),
        pl.DataFrame([(*key, count) for key, count in counts.items()], schema=codes, orient="row"),
    )


def spelt(counted: Tally) -> dict[tuple[object, ...], int]:
    """Give the counts by what their codes stand for, as logs say it."""
    found = {}
    for account, slot, outcome, requests in counted.counts.iter_rows():
        key = (*counted.accounts.row(account), *counted.slots.row(slot), *counted.outcomes.select(*LOGGED).row(outcome))
        assert key not in found
        found[key] = requests
    return found
