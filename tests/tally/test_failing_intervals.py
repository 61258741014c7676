"""Only intervals in which something may have failed stay: against dictionaries and Python's own calendar."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from sla_audit.contract.intervals import PossibleFailures
from sla_audit.model.instant import microseconds
from sla_audit.model.statuses import StatusSet
from sla_audit.model.tally import Tally
from sla_audit.tally.intervals.failing import only_failing
from sla_audit.tally.intervals.may_fail import MayFail
from sla_audit.tally.kernel import Kernel
from sla_audit.tally.owners import Owners
from sla_audit.tally.slots import SlotGrid

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SECOND = 10**6
MAY_FAIL = PossibleFailures(StatusSet(frozenset({500, 503}), none=True))
ZONES = ["Asia/Shanghai", "America/New_York", "Australia/Lord_Howe"]
STEPS = [timedelta(minutes=1), timedelta(minutes=5), timedelta(hours=1)]


class Row(NamedTuple):
    """A request: seconds from the start, its account, status and api."""

    second: int
    account: str
    status: int | None
    api: str | None


ROWS = st.lists(
    st.builds(
        Row,
        st.integers(0, 40).map(lambda each: each * 97) | st.integers(-90_000, 40 * 86_400),
        st.sampled_from("ABC"),
        st.sampled_from([200, 200, 200, 429, 503, None]),
        st.sampled_from([None, "x", "y"]),
    ),
    max_size=40,
)


def batch(rows: list[Row], base: int) -> pa.RecordBatch:
    return pa.RecordBatch.from_pydict(
        {
            "timestamp": pa.array([base + row.second * SECOND for row in rows], pa.timestamp("us", "UTC")),
            "account_id": pa.array([row.account for row in rows], pa.string()).dictionary_encode(),
            "status": pa.array([row.status for row in rows], pa.int16()).dictionary_encode(),
            "api": pa.array([row.api for row in rows], pa.string()).dictionary_encode(),
        }
    )


def counted(rows: list[Row], base: int, grid: SlotGrid) -> Tally:
    kernel = Kernel(grid)
    if rows:
        kernel.count(batch(rows, base), {})
    return kernel.tally()


def spelt(tally: Tally) -> dict[tuple[Any, ...], int]:
    found: Counter[tuple[Any, ...]] = Counter()
    for account, slot, outcome, requests in tally.counts.iter_rows():
        said = tally.outcomes.row(outcome, named=True)
        found[tally.accounts.row(account)[0], tally.slots.row(slot), said["status"], said["api"]] += requests
    return dict(found)


def step_of(instant: int, zone: ZoneInfo, step: timedelta) -> tuple[date, int]:
    day = (EPOCH + timedelta(microseconds=instant)).astimezone(zone).date()
    midnight = datetime(day.year, day.month, day.day, tzinfo=zone)
    return day, timedelta(microseconds=instant - microseconds(midnight)) // step


@given(
    st.sampled_from(ZONES),
    st.sampled_from(["2026-10-03", "2026-10-31", "2026-03-07", "2026-04-04"]),
    st.sampled_from(STEPS),
    st.booleans(),
    ROWS,
    st.lists(st.tuples(st.integers(-100, 4000), st.integers(1, 4000)), max_size=3),
    st.lists(st.integers(-100, 4000), max_size=2),
    st.sampled_from([(), ("api",)]),
    st.booleans(),
)
def test_only_intervals_that_may_have_failed_are_told_from_the_rest(
    zone_name: str,
    first: str,
    step: timedelta,
    daily: bool,
    rows: list[Row],
    spans: list[tuple[int, int]],
    cuts: list[int],
    by: tuple[str, ...],
    with_aliases: bool,
) -> None:
    zone = ZoneInfo(zone_name)
    base = microseconds(datetime.fromisoformat(first).replace(tzinfo=zone))
    windows = [
        (EPOCH + timedelta(microseconds=base + start * SECOND), EPOCH + timedelta(microseconds=base + end * SECOND))
        for start, end in ((start, start + length) for start, length in spans)
    ]
    moments = [EPOCH + timedelta(microseconds=base + cut * SECOND) for cut in cuts]
    grid = SlotGrid(zone, moments, windows, daily=daily, step=step)
    next_day = date.fromisoformat(first) + timedelta(days=1)
    aliases = pl.DataFrame(
        {"key": ["A", "B"], "account": ["C", "C"], "from": [None, next_day], "to": [next_day, None]},
        schema={"key": pl.String, "account": pl.String, "from": pl.Date, "to": pl.Date},
    )
    whole = counted(rows, base, grid)
    may_fail = MayFail(MAY_FAIL, by)

    found = only_failing(
        whole, may_fail.among(whole.outcomes), grid, by, Owners(aliases, zone) if with_aliases else None
    )

    def key(row: Row) -> tuple[Any, ...]:
        owner, (day, number) = row.account, step_of(base + row.second * SECOND, zone, step)
        if with_aliases and ((owner == "A" and day < next_day) or (owner == "B" and day >= next_day)):
            owner = "C"
        return owner, day, number, row.api if by else None

    failing = {key(row) for row in rows if row.status in (503, None)}
    expected: Counter[tuple[Any, ...]] = Counter()
    for row in rows:
        at = np.array([base + row.second * SECOND])
        (slot,), _ = (grid if key(row) in failing else grid.rests).slots_at(at)
        expected[row.account, slot, row.status, row.api] += 1
    assert spelt(found) == expected
    assert found.requests == len(rows)


def test_a_status_that_the_gateway_gave_itself_is_none() -> None:
    none = {
        "content_flag": False,
        "client_aborted": False,
        "region": None,
        "api": None,
        "error_code": None,
        "took_over": None,
    }
    statuses = MayFail(PossibleFailures(StatusSet(frozenset({503}), none=True)))
    assert statuses.holds({**none, "status": 503, "no_answer": False})
    assert statuses.holds({**none, "status": 404, "no_answer": True})
    assert statuses.holds({**none, "status": None, "no_answer": None})
    assert not statuses.holds({**none, "status": 404, "no_answer": False})
    assert not MayFail(PossibleFailures(StatusSet(frozenset({503}), none=False))).holds(
        {**none, "status": None, "no_answer": False}
    )
