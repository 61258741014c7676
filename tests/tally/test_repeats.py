"""Requests that came too soon after errors, of any logs on any engine, against a walk through those of each caller."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sla_audit.commands.audit import take_tally
from sla_audit.commands.count import CountOptions, Logs, count
from sla_audit.contract.intervals import step_of
from sla_audit.contract.model import Contract
from sla_audit.errors import InputError
from sla_audit.intake import logs
from sla_audit.intake.columns import ColumnMap
from sla_audit.intake.formats.csv import log as csv_log
from sla_audit.intake.scan.scanners import scanning
from sla_audit.model.instant import midnight
from sla_audit.model.tally import Tally
from sla_audit.tally.engine import Engine
from sla_audit.tally.local_threads import LocalThreads
from sla_audit.tally.repeats import found as found_repeats
from sla_audit.tally.repeats import looks, waiting
from sla_audit.tally.slots import SlotGrid
from tests.builders.callers import ALIASES, FIRST, TERMS, ZONE, Row, contract_of, repeated, rows, write
from tests.builders.elsewhere import small_tasks
from tests.builders.worlds import CONTRACT, SLOW
from tests.oracles import repeats as oracle


@contextmanager
def small(chance: random.Random) -> Iterator[Engine]:
    """Let logs be cut into parts of a few rows, some of them be scanned, and count them on threads or elsewhere."""
    with ExitStack() as patches:
        patches.enter_context(mock.patch.multiple(csv_log, _BYTES_A_RANGE=chance.choice([100, 1 << 20])))
        patches.enter_context(mock.patch.object(waiting, "_ERRORS_AT_ONCE", chance.choice([1, 3, 1 << 18])))
        patches.enter_context(mock.patch.object(looks, "_AT_ONCE", chance.choice([0, 3, 1 << 20])))
        if chance.random() < 0.5:
            patches.enter_context(mock.patch.object(logs, "scanning", return_value=scanning(1 << 40, wanted=True)))
        yield LocalThreads(2) if chance.random() < 0.7 else small_tasks()


def spelt(tally: Tally) -> Counter[Any]:
    found: Counter[Any] = Counter()
    for account, _, outcome, requests in tally.counts.iter_rows():
        said = tally.outcomes.row(outcome, named=True)
        key = tally.accounts.row(account)[0], said["status"], said["api"], said["repeated"]
        found[key] += requests
    return found


@SLOW
@given(
    rows(),
    st.sampled_from(TERMS),
    st.sampled_from([(), ("client",), ("api", "client")]),
    st.sampled_from([None, "1min", "1h"]),
    st.booleans(),
    st.sampled_from([(), ("x",)]),
    st.booleans(),
    st.lists(st.tuples(st.integers(-100, 4000), st.integers(1, 4000)), max_size=2),
    st.randoms(use_true_random=False),
)
def test_what_came_too_soon_after_an_error_of_its_caller_is_repeated(
    tmp_path_factory: pytest.TempPathFactory,
    listed: list[Row],
    terms: oracle.Terms,
    same: tuple[str, ...],
    interval: str | None,
    aliases: bool,
    apis: tuple[str, ...],
    again: bool,
    spans: list[tuple[int, int]],
    chance: random.Random,
) -> None:
    folder, contract = tmp_path_factory.mktemp("logs"), contract_of(terms, same, interval)
    start = midnight(FIRST, ZONE)
    windows = [(start + timedelta(seconds=at), start + timedelta(seconds=at + long)) for at, long in spans]
    grid = SlotGrid(ZONE, [], windows, daily=chance.random() < 0.5, step=step_of(contract))
    write(folder, listed, chance, again=again)
    with small(chance) as engine:
        options = CountOptions(columns={"api", *contract.columns}, apis=apis, aliases=ALIASES if aliases else None)
        found = count(Logs((str(folder),), engine=engine), contract, grid, options)
    told = repeated(listed, terms, same, aliases=aliases, apis=apis or ("x", "y"))
    expected = Counter((row.account, row.status, row.api, is_one) for row, is_one in zip(listed, told, strict=True))
    assert spelt(found.tally) == expected


BACK_OFF = oracle.Terms(timedelta(seconds=1), 2, timedelta(seconds=4))
EACH = oracle.Terms(timedelta(seconds=2))
FIRST_ONLY = oracle.Terms(timedelta(seconds=5), after_each=False)
BY_CLIENT = ("client",)

CASES: list[tuple[str, oracle.Terms, list[tuple[str, Any]], str]] = [
    ("just too soon", BACK_OFF, [("0", 503), ("0.999999", 503)], ".R"),
    ("when the wait is over", BACK_OFF, [("0", 503), ("1", 503)], ".."),
    ("just after it", BACK_OFF, [("0", 503), ("1.000001", 503)], ".."),
    ("a success too soon", BACK_OFF, [("0", 503), ("0.5", 200)], ".R"),
    ("a refusal too soon", BACK_OFF, [("0", 503), ("0.5", 404)], ".R"),
    ("after the second error the wait is twice as long", BACK_OFF, [("0", 503), ("1", 503), ("2.999999", 200)], "..R"),
    ("and then over", BACK_OFF, [("0", 503), ("1", 503), ("3", 200)], "..."),
    ("no longer than the longest", BACK_OFF, [(str(4 * at), 503) for at in range(6)] + [("24", 200)], "......."),
    ("but as long as that", BACK_OFF, [(str(4 * at), 503) for at in range(6)] + [("23.9", 200)], "......R"),
    ("an error too soon makes the wait longer too", BACK_OFF, [("0", 503), ("0.5", 503), ("2.4", 503)], ".RR"),
    ("and is what the wait is counted from", BACK_OFF, [("0", 503), ("0.5", 503), ("2.5", 503)], ".R."),
    ("a success ends the row", BACK_OFF, [("0", 503), ("1", 503), ("3", 200), ("3.1", 503), ("4.1", 503)], "....."),
    ("be it long after the wait", BACK_OFF, [("0", 503), ("10", 200), ("20", 503), ("21", 503)], "...."),
    ("without one, errors long apart are in a row", BACK_OFF, [("0", 503), ("20", 503), ("21.9", 503)], "..R"),
    ("be it too soon itself", BACK_OFF, [("0", 503), ("0.5", 200), ("0.6", 503), ("0.7", 200)], ".R.R"),
    ("no status is an error here", BACK_OFF, [("0", ""), ("0.5", 503)], ".R"),
    ("a refusal is none", BACK_OFF, [("0", 404), ("0.5", 503)], ".."),
    ("equal times do not follow each other", BACK_OFF, [("0", 503), ("0", 503), ("0", 500)], "..."),
    ("and count for each", BACK_OFF, [("0", 503), ("0", 503), ("1.9", 503)], "..R"),
    ("of equal times the success ends the row", BACK_OFF, [("0", 503), ("1", 503), ("1", 200), ("2.5", 503)], "...."),
    ("and the errors begin another", BACK_OFF, [("0", 503), ("1", 503), ("1", 200), ("1.9", 503)], "...R"),
    ("equal times are all too soon", BACK_OFF, [("0", 503), ("0.5", 200), ("0.5", 503)], ".RR"),
    ("a wait that does not grow", EACH, [("0", 503), ("2", 503), ("4", 503), ("5.9", 503)], "...R"),
    ("one wait from the first error on", FIRST_ONLY, [("0", 503), ("2", 503), ("4.9", 503), ("5", 503)], ".RR."),
    ("whose end begins another", FIRST_ONLY, [("0", 503), ("5", 503), ("9.9", 503), ("10", 503)], "..R."),
    ("errors within it move nothing", FIRST_ONLY, [("0", 503), ("4", 503), ("7", 503), ("11.9", 503)], ".R.R"),
    ("a success within it ends it", FIRST_ONLY, [("0", 503), ("1", 200), ("2", 503), ("3", 503)], ".R.R"),
    ("before midnight", BACK_OFF, [("-0.4", 503), ("0.5", 503)], ".R"),
    ("days before", oracle.Terms(timedelta(hours=1)), [("-176400", 503), ("-90000", 503), ("0", 503)], "..."),
]


def logged(path: Path, requests: Sequence[tuple[str, Any]], ids: Sequence[str] | None = None) -> None:
    """Write a log of one caller: seconds after a midnight, and the status, of each request; and ids, if any."""
    start = midnight(FIRST, ZONE)
    lines = []
    for at, (second, status) in enumerate(requests):
        stamp = (start + timedelta(seconds=float(second))).isoformat(timespec="microseconds")
        lines.append(",".join([stamp, "A", str(status), "c", ids[at] if ids else ""]))
    path.write_text("\n".join(["timestamp,account_id,status,client,request_id", *lines, ""]))


def counted(contract: Contract, *paths: Path, columns: ColumnMap | None = None) -> Counter[tuple[Any, bool]]:
    """Count requests by their status, and whether they are repeated."""
    logs_of = Logs(tuple(map(str, paths)), columns=columns or ColumnMap())
    found: Counter[tuple[Any, bool]] = Counter()
    for (_, status, _, is_one), requests in spelt(
        count(logs_of, contract, SlotGrid(ZONE), CountOptions(columns=contract.columns)).tally
    ).items():
        found[status, is_one] += requests
    return found


@pytest.mark.parametrize(("terms", "requests", "told"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_a_request_is_repeated_if_it_comes_before_the_wait_is_over(
    tmp_path: Path, terms: oracle.Terms, requests: list[tuple[str, Any]], told: str
) -> None:
    logged(tmp_path / "log.csv", requests)
    expected = Counter((status or None, is_one == "R") for (_, status), is_one in zip(requests, told, strict=True))
    assert counted(contract_of(terms, BY_CLIENT), tmp_path) == expected


class TestLoggedTwice:
    """A row that was sent again is no request that came again."""

    def test_an_error_counts_once_for_the_wait(self, tmp_path: Path) -> None:
        contract = contract_of(BACK_OFF, BY_CLIENT)
        logged(tmp_path / "one.csv", [("0", 503), ("1.5", 200)], ["r1", "r2"])
        logged(tmp_path / "other.csv", [("0", 503)], ["r1"])
        assert counted(contract, tmp_path) == {(503, False): 1, (200, False): 1}

    @pytest.mark.parametrize("since", [0.0, 1.7, 3.3, 3.7])  # also where stretches of the longest wait meet
    def test_what_came_too_soon_is_moved_once(self, tmp_path: Path, since: float) -> None:
        contract = contract_of(BACK_OFF, BY_CLIENT)
        rows, ids = [(str(since + at), status) for at, status in ((0, 503), (0.1, 503), (0.5, 200))], ["r1", "r2", "r3"]
        logged(tmp_path / "one.csv", [*rows, rows[1]], [*ids, "r2"])
        logged(tmp_path / "other.csv", rows, ids)
        assert counted(contract, tmp_path) == {(503, False): 1, (503, True): 1, (200, True): 1}

    @pytest.mark.parametrize("errors", [("none", "5xx"), ("4xx",)])
    @pytest.mark.parametrize("reverse", [False, True])
    def test_what_is_not_counted_neither_makes_wait_nor_ends_a_row(
        self, tmp_path: Path, errors: tuple[str, ...], *, reverse: bool
    ) -> None:
        """Of rows of one id of the gateway's own, that of the lowest status is counted: 404, but not 503."""
        contract = contract_of(BACK_OFF, BY_CLIENT)
        assert contract.repeats is not None
        told = contract.repeats.model_validate(contract.repeats.model_dump() | {"errors": errors})
        contract = contract.model_copy(update={"repeats": told})
        lines = [kong(1, "r1", 404), kong(1, "r1", 503), kong(500, "r2", 404), kong(600, "r3", 200)]
        (tmp_path / "kong.jsonl").write_text("\n".join(lines[::-1] if reverse else lines))
        waited = {(404, False): 1, (404, True): 1, (200, True): 1}
        expected = waited if errors == ("4xx",) else {(404, False): 2, (200, False): 1}
        assert counted(contract, tmp_path, columns=ColumnMap({"client": ("client_ip",)})) == expected


def kong(milliseconds: int, name: str, status: int) -> str:
    """Write a line as Kong does, which gives each request an id of its own."""
    started = int(midnight(FIRST, ZONE).timestamp()) * 1000 + milliseconds
    line = {"started_at": started, "consumer": {"username": "A"}, "request": {"id": name}, "client_ip": "10.0.0.1"}
    return json.dumps(line | {"response": {"status": status}, "latencies": {"proxy": 3}, "source": "service"})


def test_other_callers_do_not_wait(tmp_path: Path) -> None:
    start = midnight(FIRST, ZONE).isoformat(timespec="microseconds")
    rows = [
        f"{start[:20]}{at}00000{start[26:]},{account},503,{client}"
        for at, account, client in [(0, "A", "c"), (1, "A", "d"), (2, "B", "c"), (3, "A", ""), (4, "A", "c")]
    ]
    (tmp_path / "log.csv").write_text("\n".join(["timestamp,account_id,status,client", *rows, ""]))
    assert counted(contract_of(BACK_OFF, BY_CLIENT), tmp_path) == {(503, False): 4, (503, True): 1}
    assert counted(contract_of(BACK_OFF, ()), tmp_path) == {(503, False): 2, (503, True): 3}


def test_more_errors_than_can_be_looked_at_are_refused(tmp_path: Path) -> None:
    logged(tmp_path / "log.csv", [("0", 503), ("0.5", 503), ("0.6", 200)])
    contract = contract_of(BACK_OFF, BY_CLIENT)
    with mock.patch.object(found_repeats, "MOST_ERRORS", 2):
        assert counted(contract, tmp_path) == {(503, False): 1, (503, True): 1, (200, True): 1}
    with (
        mock.patch.object(found_repeats, "MOST_ERRORS", 1),
        pytest.raises(InputError, match="2 requests ended with an error after which callers have to wait; at most 1"),
    ):
        counted(contract, tmp_path)


def test_a_count_does_not_tell(tmp_path: Path) -> None:
    logs_of, contract = Logs((str(tmp_path / "log.csv"),)), contract_of(BACK_OFF, BY_CLIENT)
    logged(tmp_path / "log.csv", [("0", 503), ("0.5", 503)])
    with pytest.raises(InputError, match="asks how soon a request came after an error"):
        take_tally(logs_of, contract, None)
    tally = tmp_path / "log.tally.parquet"
    tally.write_bytes(take_tally(logs_of, CONTRACT, None).content)
    with pytest.raises(InputError) as error:
        counted(contract, tally)
    (problem,) = error.value.problems
    assert "which counts do not tell" in str(problem.what)


def test_a_log_needs_the_columns_by_which_requests_are_the_same(tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text("timestamp,account_id,status\n2026-10-05T00:00:00Z,A,200\n")
    with pytest.raises(InputError, match="no column 'client'"):
        counted(contract_of(BACK_OFF, BY_CLIENT), tmp_path)
    assert counted(contract_of(BACK_OFF, ()), tmp_path) == {(200, False): 1}
