"""Counts by intervals of any logs, on any engine, against dictionaries: what is told by step, and what is left."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple
from unittest import mock

import numpy as np
import polars as pl
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sla_audit.commands.audit import take_tally
from sla_audit.commands.count import CountOptions, Logs, count
from sla_audit.contract.model import Contract
from sla_audit.contract.terms.measure import Measure
from sla_audit.contract.terms.unit import Unit
from sla_audit.errors import InputError
from sla_audit.intake.formats.csv import log as csv_log
from sla_audit.model.instant import microseconds, midnight
from sla_audit.model.tally import Tally
from sla_audit.tally.engine import Engine
from sla_audit.tally.local_threads import LocalThreads
from sla_audit.tally.slots import SlotGrid
from tests.builders.elsewhere import small_tasks
from tests.builders.plain_rows import write_rows
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
        listed.sort(key=lambda row: row.second)
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
        write_rows(folder / name, plain, chance)


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


def logged(folder: Path, *requests: tuple[str, str, int]) -> Path:
    """Write a log of requests: the time of day on the 5th, or with its date; the account; and the status."""
    folder.mkdir(exist_ok=True)
    stamps = [f"2026-10-{at}" if "T" in at else f"2026-10-05T{at}" for at, _, _ in requests]
    lines = [f"{at}+08:00,{account},{status},x" for at, (_, account, status) in zip(stamps, requests, strict=True)]
    (folder / "log.csv").write_text("\n".join(["timestamp,account_id,status,api", *lines, ""]))
    return folder


def tallied(logs: Path, contract: Contract) -> Path:
    """Count logs into a tally beside them."""
    path = logs.with_suffix(".tally.parquet")
    path.write_bytes(take_tally(Logs((str(logs),)), contract, None).content)
    return path


def counted(contract: Contract, *paths: Path, aliases: pl.DataFrame | None = None) -> dict[Any, int]:
    step = None if contract.measure is None else STEPS[contract.measure.interval]
    logs = Logs(tuple(map(str, paths)))
    return spelt(count(logs, contract, SlotGrid(ZONE, step=step), CountOptions(aliases=aliases)).tally)


def of_day(time: str, until: str) -> tuple[int, int]:
    start, end = (datetime.fromisoformat(f"2026-10-{each}").replace(tzinfo=ZONE) for each in (time, until))
    return microseconds(start), microseconds(end)


def told(error: pytest.ExceptionInfo[InputError]) -> str:
    return " | ".join(f"{problem.what} {problem.remedy}" for problem in error.value.problems)


REQUESTS = (("10:01:00", "A", 200), ("10:04:00", "A", 503), ("10:06:00", "A", 200), ("10:04:30", "B", 200))
OF_A, OF_THE_DAY = of_day("05T10:00", "05T10:05"), of_day("05T10:00", "05T10:15")


def test_a_tally_tells_the_intervals_in_which_something_failed(tmp_path: Path) -> None:
    tally = tallied(logged(tmp_path / "logs", *REQUESTS), by("5min"))
    assert counted(by("5min"), tally) == {
        ("A", OF_A, 200, None): 1,
        ("A", OF_A, 503, None): 1,
        ("A", OF_THE_DAY, 200, None): 1,
        ("B", OF_THE_DAY, 200, None): 1,
    }
    assert sum(counted(CONTRACT, tally).values()) == 4


def test_a_tally_by_days_is_what_it_was(tmp_path: Path) -> None:
    logs = logged(tmp_path / "logs", *REQUESTS)
    head = json.loads(pq.read_metadata(tallied(logs, CONTRACT)).metadata[b"sla-audit"])
    assert "intervals" not in head
    assert head["slots"] == [["2026-10-04T16:00:00+00:00", "2026-10-05T16:00:00+00:00"]]
    with_intervals = json.loads(pq.read_metadata(tallied(logs, by("1h"))).metadata[b"sla-audit"])["intervals"]
    assert (with_intervals["interval"], with_intervals["by"]) == ("1h", [])
    assert 503 in with_intervals["failures"]
    assert 404 not in with_intervals["failures"]


@pytest.mark.parametrize(
    ("taken", "asked", "what"),
    [
        (None, "5min", "counted by days; the contract 'jdcloud-smart-compose' is judged by intervals of 5 minutes"),
        ("1h", "5min", "counted by intervals of 1 hour; the contract"),
        ("1min", "5min", "counted by intervals of 1 minute; the contract"),
    ],
)
def test_a_tally_of_other_intervals_is_refused(tmp_path: Path, taken: str | None, asked: str, what: str) -> None:
    tally = tallied(logged(tmp_path / "logs", *REQUESTS), CONTRACT if taken is None else by(taken))
    with pytest.raises(InputError) as error:
        counted(by(asked), tally)
    assert what in told(error)
    assert "--contract jdcloud-smart-compose" in told(error)


def test_a_tally_that_kept_other_failures_is_refused(tmp_path: Path) -> None:
    wide = by("5min")
    narrow = wide.model_copy(
        update={
            "readings": {
                name: each.model_copy(
                    update={"explicit_failure": replace(each.explicit_failure, codes=frozenset({503}))}
                )
                for name, each in wide.readings.items()
            }
        }
    )
    logs = logged(tmp_path / "logs", *REQUESTS)
    assert counted(narrow, tallied(logs, wide))
    with pytest.raises(InputError, match="under another contract"):
        counted(wide, tallied(logs, narrow))
    with pytest.raises(InputError, match="under another contract"):
        counted(wide, tallied(logged(tmp_path / "others", *REQUESTS), by("5min", "api")))


def test_a_tally_does_not_tell_how_many_of_a_day_lie_in_an_interval_that_failed_elsewhere(tmp_path: Path) -> None:
    contract = by("5min")
    failing = logged(tmp_path / "one", ("10:01:00", "A", 503), ("10:20:00", "A", 200))
    others = tallied(logged(tmp_path / "two", ("10:02:00", "A", 200), ("10:08:00", "A", 200)), contract)
    for first in (failing, tallied(failing, contract)):
        with pytest.raises(InputError, match="has requests of A by the day, and others of it failed") as error:
            counted(contract, first, others)
        assert "2026-10-05 10:00+08:00" in told(error)
    both = tallied(logged(tmp_path / "three", ("10:01:00", "A", 503), ("10:02:00", "A", 200)), contract)
    assert counted(contract, failing, both)["A", OF_A, 503, None] == 2
    elsewhere = tallied(logged(tmp_path / "four", ("11:02:00", "B", 200), ("11:08:00", "A", 200)), contract)
    assert sum(counted(contract, failing, elsewhere).values()) == 4


def test_the_few_rows_of_the_day_before_leave_its_morning_alone(tmp_path: Path) -> None:
    contract = by("5min")
    first = tallied(logged(tmp_path / "one", ("10:01:00", "A", 503), ("23:59:00", "A", 200)), contract)
    second = tallied(logged(tmp_path / "two", ("05T23:59:59", "A", 200), ("06T10:00:00", "A", 503)), contract)
    found = counted(contract, first, second)
    assert found["A", OF_A, 503, None] == 1
    assert found["A", of_day("05T23:45", "06T00:00"), 200, None] == 1


def test_a_tally_of_few_rows_over_the_edge_of_an_hour_is_not_taken_for_one_of_it(tmp_path: Path) -> None:
    contract, day = by("1h"), of_day("05T00:00", "06T00:00")
    logs = logged(tmp_path / "two", ("10:50:00", "A", 200), ("11:10:00", "A", 200))
    assert counted(contract, tallied(logs, contract)) == {("A", day, 200, None): 2}
    with pytest.raises(InputError, match="has requests of A by the day"):
        counted(contract, logged(tmp_path / "one", ("10:01:00", "A", 503)), tallied(logs, contract))
    within = tallied(logged(tmp_path / "three", ("10:50:00", "A", 200)), contract)
    failing = tallied(logged(tmp_path / "four", ("10:01:00", "A", 503)), contract)
    assert set(counted(contract, within, failing)) == {
        ("A", of_day("05T10:00", "05T11:00"), 503, None),
        ("A", of_day("05T10:45", "05T11:00"), 200, None),
    }


def test_keys_of_one_account_share_its_intervals_which_a_tally_of_keys_may_not_tell(tmp_path: Path) -> None:
    contract = by("5min")
    logs = logged(tmp_path / "logs", ("10:01:00", "A", 503), ("10:02:00", "C", 200), ("10:09:00", "C", 200))
    found = counted(contract, logs, aliases=ALIASES)
    assert found["C", OF_A, 200, None] == 1
    with pytest.raises(InputError, match="has requests of C by the day"):
        counted(contract, tallied(logs, contract), aliases=ALIASES)
