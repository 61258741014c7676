"""Counts by intervals of any logs, on any engine, against dictionaries: which step, what failed in it, and what is left."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple
from unittest import mock

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sla_audit.commands.count import CountOptions, Logs, count
from sla_audit.contract.model import Contract, Unit
from sla_audit.contract.terms.measure import Measure
from sla_audit.intake.formats.csv import log as csv_log
from sla_audit.model.instant import microseconds, midnight
from sla_audit.model.tally import Tally
from sla_audit.tally.engine import Engine
from sla_audit.tally.local_threads import LocalThreads
from sla_audit.tally.slots import SlotGrid
from tests.builders.elsewhere import small_tasks
from tests.builders.worlds import CONTRACT, SLOW

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
STEPS = {"1min": timedelta(minutes=1), "5min": timedelta(minutes=5), "1h": timedelta(hours=1)}
FIRST = date(2026, 10, 5)
ZONE = CONTRACT.zone


class Row(NamedTuple):
    """A request: seconds after a midnight, its account, status, api and number, which makes its id."""

    second: int
    account: str
    status: int | None
    api: str
    number: int


def by(interval: Any, pooled: str | None = None) -> Contract:
    """Give the contract of tests as one that is judged by intervals."""
    measure = Measure(kind="mean_of_intervals", clause="2.7", interval=interval)
    return CONTRACT.model_copy(update={"measure": measure, "unit": Unit(pooled=pooled)})


@st.composite
def rows(draw: st.DrawFn) -> list[Row]:
    """Draw requests, many of them of the same intervals, in any order."""
    second = st.integers(0, 12).map(lambda each: each * 61) | st.integers(-90_000, 200_000)
    drawn = draw(
        st.lists(
            st.tuples(
                second, st.sampled_from("ABC"), st.sampled_from([200, 200, 200, 404, 503, None]), st.sampled_from("xy")
            ),
            min_size=1,
            max_size=40,
        )
    )
    return [Row(*each, number) for number, each in enumerate(drawn)]


def instant(row: Row) -> int:
    return microseconds(midnight(FIRST, ZONE)) + row.second * 10**6


def write(folder: Path, listed: list[Row], chance: random.Random, *, again: bool) -> None:
    """Write rows into logs of several formats, by chance in order; some of them, where asked, `again`."""
    listed = [*listed, *(chance.sample(listed, len(listed) // 3) if again else ())]
    if chance.random() < 0.5:
        listed.sort()
    else:
        chance.shuffle(listed)
    parts: dict[str, list[Row]] = {}
    for at, row in enumerate(listed):
        parts.setdefault(chance.choice(["a.csv", "b.parquet", "c.jsonl"]) if at % 3 else "d.parquet", []).append(row)
    for name, some in parts.items():
        stamps = [(EPOCH + timedelta(microseconds=instant(row))).strftime("%Y-%m-%dT%H:%M:%SZ") for row in some]
        plain = [
            {
                "timestamp": at,
                "account_id": row.account,
                "status": row.status,
                "api": row.api,
                "request_id": f"r{row.number}",
            }
            for at, row in zip(stamps, some, strict=True)
        ]
        if name.endswith("csv"):
            lines = [",".join("" if value is None else str(value) for value in each.values()) for each in plain]
            (folder / name).write_text("\n".join([",".join(plain[0]), *lines, ""]))
        elif name.endswith("jsonl"):
            (folder / name).write_text("".join(json.dumps(each) + "\n" for each in plain))
        else:
            table = pa.Table.from_pylist(
                plain, pa.schema({name: pa.int16() if name == "status" else pa.string() for name in plain[0]})
            )
            stamped = pa.array([instant(row) for row in some], pa.timestamp("us", "UTC"))
            pq.write_table(
                table.set_column(0, "timestamp", stamped), folder / name, row_group_size=chance.choice([2, 5, 100])
            )


def key(row: Row, contract: Contract, aliases: bool) -> tuple[Any, ...]:
    """Name the interval of an account, and of a sub-unit where the contract has some, that a request lies in."""
    at = EPOCH + timedelta(microseconds=instant(row))
    day = at.astimezone(ZONE).date()
    assert contract.measure is not None
    number = (at - midnight(day, ZONE)) // STEPS[contract.measure.interval]
    owner = "C" if aliases and row.account == "A" and day <= FIRST else row.account
    return owner, day, number, row.api if contract.unit.pooled else None


ALIASES = pl.DataFrame(
    {"key": ["A"], "account": ["C"], "from": [None], "to": [FIRST + timedelta(days=1)]},
    schema={"key": pl.String, "account": pl.String, "from": pl.Date, "to": pl.Date},
)


def expected(listed: list[Row], contract: Contract, grid: SlotGrid, *, aliases: bool = False) -> dict[Any, int]:
    failing = {key(row, contract, aliases) for row in listed if row.status in (503, None)}
    found: Counter[Any] = Counter()
    for row in listed:
        (slot,), _ = (grid if key(row, contract, aliases) in failing else grid.rests).slots_at(np.array([instant(row)]))
        found[row.account, slot, row.status, row.api] += 1
    return found


def spelt(tally: Tally) -> dict[Any, int]:
    found: Counter[Any] = Counter()
    for account, slot, outcome, requests in tally.counts.iter_rows():
        said = tally.outcomes.row(outcome, named=True)
        found[tally.accounts.row(account)[0], tally.slots.row(slot), said["status"], said["api"]] += requests
    return found


@contextmanager
def small(chance: random.Random) -> Iterator[Engine]:
    """Let logs be cut into parts of a few rows, and count them on threads or elsewhere."""
    with mock.patch.multiple(csv_log, _BYTES_A_RANGE=chance.choice([100, 1 << 20])):
        yield LocalThreads(2) if chance.random() < 0.7 else small_tasks()


@SLOW
@given(
    rows(),
    st.sampled_from(sorted(STEPS)),
    st.sampled_from([None, "api"]),
    st.booleans(),
    st.booleans(),
    st.lists(st.tuples(st.integers(-100, 4000), st.integers(1, 4000)), max_size=2),
    st.randoms(use_true_random=False),
)
def test_whatever_an_account_had_where_it_may_have_failed_is_counted_by_intervals(
    tmp_path_factory: pytest.TempPathFactory,
    listed: list[Row],
    interval: str,
    pooled: str | None,
    daily: bool,
    aliases: bool,
    spans: list[tuple[int, int]],
    chance: random.Random,
) -> None:
    folder, contract = tmp_path_factory.mktemp("logs"), by(interval, pooled)
    start = midnight(FIRST, ZONE)
    windows = [(start + timedelta(seconds=at), start + timedelta(seconds=at + long)) for at, long in spans]
    grid = SlotGrid(ZONE, [], windows, daily=daily, step=STEPS[interval])
    write(folder, listed, chance, again=True)
    with small(chance) as engine:
        options = CountOptions(columns=("api",), aliases=ALIASES if aliases else None)
        found = count(Logs((str(folder),), engine=engine), contract, grid, options)
    assert spelt(found.tally) == expected(listed, contract, grid, aliases=aliases)
