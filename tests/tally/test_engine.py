"""The local engine: many threads, one result, and a clean stop."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
import pyarrow as pa
import pytest

from sla_audit.cli.main import run
from sla_audit.tally.local_threads import LocalThreads
from sla_audit.tally.planner import Ask
from sla_audit.tally.slots import SlotGrid

SHANGHAI = ZoneInfo("Asia/Shanghai")
START = 1_790_784_000  # 1 October 2026 in Shanghai


class Requests:
    """A fragment of some requests: seconds after the start, account, status."""

    bytes = 1
    times: tuple[int, int] | None = None
    spans: Sequence[tuple[int, int, int]] = ()
    known: Mapping[str, Any] = {}
    has_request_ids = False

    def __init__(self, *requests: tuple[int, str, int | None], times: tuple[int, int] | None = None) -> None:
        self.requests = requests
        self.rows: int | None = len(requests)
        self.times = times
        self.spans = () if times is None else ((*times, len(requests)),)

    def read(self, without: Collection[str] = ()) -> Reading:
        return Reading(self, without)

    def batches(self, without: Collection[str]) -> Iterator[pa.RecordBatch]:
        columns = {
            "timestamp": pa.array([START + second for second, _, _ in self.requests], pa.timestamp("s", "UTC")),
            "account_id": pa.array([account for _, account, _ in self.requests]).dictionary_encode(),
            "status": pa.array([status for _, _, status in self.requests], pa.int16()).dictionary_encode(),
        }
        yield pa.RecordBatch.from_pydict({name: array for name, array in columns.items() if name not in without})

    def skip(self) -> Account:
        return Account(len(self.requests))


@dataclass(frozen=True)
class Account:
    rows: int
    one_by_one: int = 0


class Reading:
    """One reading of them."""

    def __init__(self, requests: Requests, without: Collection[str]) -> None:
        self._requests, self._without, self._rows = requests, without, 0

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        for batch in self._requests.batches(self._without):
            self._rows += batch.num_rows
            yield batch

    def account(self) -> Account:
        return Account(self._rows)


def counts(*fragments: Any, jobs: int = 2, period: tuple[int, int] | None = None) -> tuple[Any, int]:
    cut = datetime.fromtimestamp(START + 60, UTC)
    found = LocalThreads(jobs).count(fragments, Ask(SlotGrid(SHANGHAI, [cut]), period))
    tally = found.tally
    spelt = tally.counts.select(
        pl.lit(tally.accounts["account_id"]).gather(pl.col("account")).alias("account"),
        ((pl.lit(tally.slots["starts_at"]).gather(pl.col("slot")) // 10**6) - START).alias("slot"),
        pl.lit(tally.outcomes["status"]).gather(pl.col("outcome")).alias("status"),
        "requests",
    )
    return sorted(spelt.rows(), key=repr), found.outside_period


def test_every_request_is_counted_by_account_slot_and_outcome() -> None:
    found, outside = counts(
        Requests((0, "A", 200), (59, "A", 200), (60, "A", 200), (61, "B", None)), Requests((0, "A", 503), (1, "A", 200))
    )
    assert found == sorted([("A", 0, 200, 3), ("A", 60, 200, 1), ("B", 60, None, 1), ("A", 0, 503, 1)], key=repr)
    assert outside == 0


@pytest.mark.parametrize("jobs", [1, 2, 7])
def test_neither_threads_nor_order_change_the_counts(jobs: int) -> None:
    fragments = [
        Requests(*((second, f"account-{second * 7 % 50}", 200 + second % 3) for second in range(start, 600, 37)))
        for start in range(37)
    ]
    everything, _ = counts(*fragments, jobs=1)
    assert sum(row[-1] for row in everything) == 600
    assert counts(*reversed(fragments), jobs=jobs)[0] == everything


def test_more_codes_than_there_was_room_for() -> None:
    accounts = [f"account-{number}" for number in range(3000)]
    many = Requests(*((number % 90, account, 200 + number % 300) for number, account in enumerate(accounts)))
    found, _ = counts(many, Requests((0, "account-0", 200)))
    assert len(found) == 3000
    assert sum(row[-1] for row in found) == 3001
    assert ("account-0", 0, 200, 2) in found


def test_a_fragment_in_one_slot_needs_no_times() -> None:
    class Timeless(Requests):
        def batches(self, without: Collection[str]) -> Iterator[pa.RecordBatch]:
            assert "timestamp" in without
            return super().batches(without)

    bounds = (START * 10**6, (START + 59) * 10**6)
    assert counts(Timeless((0, "A", 200), (59, "A", 503), times=bounds))[0] == [("A", 0, 200, 1), ("A", 0, 503, 1)]


def test_times_are_decoded_where_they_tell_more_than_the_bounds_and_every_time_is_asked_for() -> None:
    quarter = 900

    def pieces(*seconds: int, every_time: bool) -> list[tuple[int, int, int]]:
        bounds = (START + min(seconds)) * 10**6, (START + max(seconds)) * 10**6
        fragment = Requests(*((second, "A", 200) for second in seconds), times=bounds)
        (timeline,) = LocalThreads().count([fragment], Ask(SlotGrid(SHANGHAI), every_time=every_time)).timelines
        quarters = [(part // 10**6 - START) // quarter for part in timeline.pieces()["starts_at"]]
        ends = [(part // 10**6 - START) // quarter for part in timeline.pieces()["ends_at"]]
        return list(zip(quarters, ends, timeline.pieces()["rows"], strict=True))

    spread = (0, 1, quarter, 5 * quarter)
    assert pieces(*spread, every_time=False) == [(0, 1, 1), (0, 6, 2), (5, 6, 1)]
    assert pieces(*spread, every_time=True) == [(0, 1, 2), (1, 2, 1), (5, 6, 1)]
    assert pieces(0, 1, quarter - 1, every_time=False) == pieces(0, 1, quarter - 1, every_time=True) == [(0, 1, 3)]


def test_a_fragment_outside_the_period_is_not_read() -> None:
    class Unread(Requests):
        def batches(self, without: Collection[str]) -> Iterator[pa.RecordBatch]:
            raise AssertionError(without)

    start = START * 10**6
    outside = Unread((0, "A", 200), (1, "B", 200), times=(start, start + 10**6))
    assert counts(outside, period=(start + 10**6 + 1, start + 10**9)) == ([], 2)
    edge = Requests((0, "A", 200), times=(start, start))
    assert counts(edge, period=(start, start + 1)) == ([("A", 0, 200, 1)], 0)
    assert counts(Unread((0, "A", 200), times=(start, start)), period=(start - 5, start)) == ([], 1)


def test_the_first_failure_stops_all_threads() -> None:
    class Broken(Requests):
        def batches(self, without: Collection[str]) -> Iterator[pa.RecordBatch]:
            raise RuntimeError("broken")

    with pytest.raises(RuntimeError, match="broken"):
        counts(Endless((0, "A", 200)), Broken((0, "A", 200)))


class Endless(Requests):
    """A log that never ends."""

    def batches(self, without: Collection[str]) -> Iterator[pa.RecordBatch]:
        while True:
            time.sleep(0.01)
            yield from super().batches(without)


@pytest.fixture
def interruptible() -> Iterator[None]:
    """Let SIGINT interrupt, also where the tests were started in the background, where it is ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("interruptible")
def test_an_interrupt_stops_all_threads() -> None:
    before = set(threading.enumerate())  # libraries have pools of their own, which other tests may have begun
    timer = threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        counts(Endless((0, "A", 200)), Endless((0, "A", 200)))
    timer.join()
    begun = set(threading.enumerate()) - before
    assert not [thread for thread in begun if thread.name.startswith("ThreadPoolExecutor")]


def test_an_interrupted_command_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Any
) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    (tmp_path / "log.csv").write_text("timestamp,account_id,status\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(LocalThreads, "count", interrupted)
    assert run(["compute", "log.csv", "-o", "report.json"]) == 130
    assert "interrupted; outputs are as they were, or all are new" in capsys.readouterr().err
    assert not (tmp_path / "report.json").exists()


@pytest.mark.parametrize(
    ("most_cells", "most_listed", "many_accounts"), [(1, 1, 1), (200_000, 10, 1), (1, 1 << 22, 99), (1 << 27, 99, 1)]
)
def test_counters_that_do_not_fit_are_listed(
    monkeypatch: pytest.MonkeyPatch, most_cells: int, most_listed: int, many_accounts: int
) -> None:
    fragments = [
        Requests(*((second, f"account-{second * 7 % 50}", 200 + second % 3) for second in range(start, 600, 37)))
        for start in range(37)
    ]
    laid_out, _ = counts(*fragments)
    monkeypatch.setattr("sla_audit.tally.cells._MOST_CELLS", most_cells)
    monkeypatch.setattr("sla_audit.tally.cells._MANY_ACCOUNTS", many_accounts)
    monkeypatch.setattr("sla_audit.tally.listed_cells._MOST_LISTED", most_listed)
    monkeypatch.setattr("sla_audit.tally.kernel._MOST_COMBINATIONS", 1)
    more = Requests(*((0, f"more-{number}", 200 + number % 40) for number in range(3000)))
    listed, _ = counts(*fragments, more)
    assert [row for row in listed if not row[0].startswith("more")] == laid_out
    assert sum(row[-1] for row in listed) == 3600
