"""Rows of one request are counted once, wherever they are read."""

from __future__ import annotations

import csv
import json
import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sla_audit.commands.audit import Audit, Request, audit, take_tally
from sla_audit.commands.count import Logs
from sla_audit.errors import InputError
from sla_audit.intake import logs
from sla_audit.intake.columns import ColumnMap
from sla_audit.intake.formats.csv import log as csv_log
from sla_audit.intake.formats.csv.fragment import CsvFragment
from sla_audit.intake.formats.jsonl import log as json_log
from sla_audit.intake.scan.scanners import scanning
from sla_audit.judge.period import Period
from sla_audit.tally.dedup import detect as duplicates
from sla_audit.tally.dedup import spill
from sla_audit.tally.dedup import watermark as stretches
from tests.builders import worlds as properties
from tests.builders.worlds import AS_OF, CONTRACT, SLOW, World
from tests.oracles.judgement import Row, one_each

T = datetime(2026, 10, 5, tzinfo=UTC)
REQUESTS = ("r1", "r2", "0af7651916cd43dd8448eb211c80319c", None)

Change = Callable[[Row], Row]
CHANGES: dict[str, Change] = {
    "sent again": lambda row: row,
    "another status": lambda row: replace(row, status=503 if row.status == 200 else 200),
    "no status": lambda row: replace(row, status=None),
    "a flag": lambda row: replace(row, content_flag="gambling"),
    "a later time": lambda row: replace(row, timestamp=row.timestamp + timedelta(milliseconds=1)),
    "another account": lambda row: replace(row, account_id="b" if row.account_id == "a" else "a"),
    "no id": lambda row: replace(row, request_id=None),
}
with_ids = st.builds(lambda row, name: replace(row, request_id=name), properties.rows, st.sampled_from(REQUESTS))
planted = st.builds(
    lambda listed, again: [*listed, *(CHANGES[change](listed[at % len(listed)]) for at, change in again)],
    st.lists(with_ids, min_size=1, max_size=12),
    st.lists(st.tuples(st.integers(0, 11), st.sampled_from(sorted(CHANGES))), max_size=20),
)
worlds = st.builds(
    World,
    planted,
    st.none() | properties.accounts,
    properties.bills,
    properties.windows,
    st.sampled_from([None, "2026-10", "2026-11"]),
)


def few_bits(bits: int) -> Callable[[pa.RecordBatch, Any], Any]:
    """Give a hash of so few bits that many requests share one."""
    whole = duplicates.hashes

    def hashes(batch: pa.RecordBatch, at: Any) -> Any:
        return whole(batch, at) & ~np.uint64((1 << (64 - bits)) - 1) if bits else np.zeros(len(at), np.uint64)

    return hashes


@contextmanager
def small(chance: random.Random) -> Iterator[None]:
    """Let little fit anywhere: runs, stretches and rounds are short, and most runs lie in the temporary file."""
    with ExitStack() as patches:
        patches.enter_context(mock.patch.multiple(spill, _MOST_HELD=chance.choice([0, 5, 1 << 20])))
        patches.enter_context(mock.patch.multiple(spill, _AT_ONCE=chance.choice([1, 3, 1 << 20])))
        patches.enter_context(mock.patch.multiple(stretches, _ROWS_A_STRETCH=chance.choice([1, 4, 1 << 20])))
        patches.enter_context(mock.patch.multiple(duplicates, _ROWS_A_RUN=chance.choice([1, 4, 1 << 20])))
        patches.enter_context(mock.patch.multiple(duplicates, _REPEATED_A_ROUND=chance.choice([1, 2, 1 << 20])))
        patches.enter_context(mock.patch.object(duplicates, "hashes", few_bits(chance.choice([0, 2, 64, 64]))))
        patches.enter_context(mock.patch.multiple(json_log, _BYTES_A_RANGE=chance.choice([64, 1 << 20])))
        if chance.choice([True, False]):
            patches.enter_context(scanned())
        yield


@contextmanager
def scanned() -> Iterator[None]:
    """Scan all text, however little it is, so that rows are read once more by the places where they begin."""
    with mock.patch.object(logs, "scanning", return_value=scanning(1 << 40, wanted=True)):
        yield


@SLOW
@given(worlds, st.randoms(use_true_random=False))
def test_requests_are_counted_as_the_oracle_does_wherever_their_rows_are(world: World, chance: random.Random) -> None:
    with small(chance):
        report = properties.run(world, properties.write_mixed, chance)
    properties.assert_agreement(report, world)
    places = report["rows"]
    assert places["read"] == len(world.rows) == sum(number for name, number in places.items() if name != "read")
    assert report["request_ids"] == told(world)


@SLOW
@given(worlds, st.randoms(use_true_random=False))
def test_neither_order_nor_files_nor_collisions_change_a_figure(world: World, chance: random.Random) -> None:
    shuffled = replace(world, rows=chance.sample(world.rows, len(world.rows)))
    reports = [properties.run(world, properties.write_csv, chance)]
    with small(chance):
        reports.append(properties.run(shuffled, properties.write_mixed, chance))
        reports.append(properties.run(shuffled, properties.write_parquet, chance))
    for report in reports:
        properties.forget_files(report)
        del report["metering"]["logs_kept"]  # a row far from the others may make days between them seem kept
    assert reports[0] == reports[1] == reports[2]


def told(world: World) -> dict[str, int]:
    """Say what the ids of the rows in the months asked for tell, besides which rows are duplicates."""
    months = (None, f"{world.month}")
    inside = [
        each
        for each in world.rows
        if each.request_id is not None
        and (world.month is None or f"{each.timestamp.astimezone(properties.oracle.SHANGHAI):%Y-%m}" in months)
    ]
    of_id = {
        name: [each for each in inside if each.request_id == name] for name in {each.request_id for each in inside}
    }
    reused_ids = reused_rows = shared_rows = 0
    for listed in of_id.values():
        moments = [[each for each in listed if each.timestamp == at] for at in {each.timestamp for each in listed}]
        if len(moments) > 1 and any(len(one_each(moment)) < len(moment) for moment in moments):
            reused_ids, reused_rows = reused_ids + 1, reused_rows + len(listed)
            continue
        for moment in moments:
            requests = one_each(moment)
            shared_rows += len(requests) if len(requests) > 1 else 0
    return {"contradicted": 0, "reused_ids": reused_ids, "reused_rows": reused_rows, "shared_rows": shared_rows}


def row(second: float = 0, request_id: str | None = "r1", account: str = "a", status: int | None = 200) -> Row:
    return Row(T + timedelta(seconds=second), account, status, request_id=request_id)


CASES: dict[str, tuple[list[list[Row]], int, int]] = {
    "a row that was sent again": ([[row(), row()]], 1, 1),
    "one that was sent three times more": ([[row(), row(), row(), row()]], 1, 3),
    "in another file": ([[row()], [row(), row(1, "r2")]], 2, 1),
    "in another month": ([[row(), row()], [row(86_400 * 30, "r2"), row(86_400 * 30, "r2")]], 2, 2),
    "the same id at another time": ([[row(), row(0.001)]], 2, 0),
    "the same id at another time, and again": ([[row(), row(), row(0.001)]], 3, 0),
    "the same id at another time, of another account": ([[row(), row()], [row(86_400, account="b")]], 3, 0),
    "the same id and time of another account": ([[row(), row(account="b")]], 2, 0),
    "one of them again": ([[row(), row(account="b")], [row(account="b"), row(1, "r2")]], 4, 0),
    "both of them again": ([[row(), row(account="b")], [row(account="b"), row()]], 2, 2),
    "a constant id": ([[row(at // 20, "fixed", status=502 if at < 5 else 200) for at in range(100)]], 100, 0),
    "a retry with the client's id": ([[row(status=502), row(status=502), row(status=200)]], 3, 0),
    "its log again": ([[row(status=502), row(status=502), row(status=200)] * 2], 3, 3),
    "its log twice more": ([[row(status=502), row(status=502), row(status=200)] * 3], 3, 6),
    "a part of its log again": ([[row(status=502), row(status=502), row(status=200)], [row(status=502)]], 4, 0),
    "rows that merely look alike": ([[row(0, "r1"), row(0, "r2")]], 2, 0),
    "rows without an id": ([[row(0, None), row(0, None), row(0, None)]], 3, 0),
    "an id of a dash": ([[row(0, "-"), row(0, "-")]], 2, 0),
    "an empty id": ([[row(0, ""), row(0, "")], [row(0, "")]], 3, 0),
    "an id spelt otherwise": ([[row(0, "R1"), row(0, "r1")]], 2, 0),
    "another status is another request": ([[row(status=503), row(status=200)]], 2, 0),
}


def write(folder: Path, files: Sequence[Sequence[Row]], kind: str = "csv", **options: Any) -> None:
    for at, listed in enumerate(files):
        if kind == "csv":
            with (folder / f"{at}.csv").open("w", newline="") as file:
                lines = csv.writer(file)
                lines.writerow(["timestamp", "account_id", "status", "request_id", str(at)])
                for each in listed:
                    lines.writerow([each.timestamp.isoformat(), each.account_id, each.status, each.request_id, ""])
        else:
            table = pa.table(
                {
                    "timestamp": pa.array([each.timestamp for each in listed], pa.timestamp("ms", "UTC")),
                    "account_id": [each.account_id for each in listed],
                    "status": pa.array([each.status for each in listed], pa.int16()),
                    "request_id": pa.array([each.request_id for each in listed], pa.string()),
                }
            )
            pq.write_table(table.append_column(str(at), pa.nulls(len(listed))), folder / f"{at}.parquet", **options)


def run(folder: Path, *, apis: tuple[str, ...] = (), cycle: str = "all", **options: Any) -> Audit:
    logs = Logs((str(folder),), **options)
    return audit(Request(CONTRACT, logs, AS_OF, "literal", apis=apis, period=Period.parse(cycle, AS_OF)))


def places(found: Audit) -> dict[str, int]:
    return {name: number for name, number in found.report.head["rows"].items() if number}


@pytest.mark.parametrize("kind", ["csv", "parquet"])
@pytest.mark.parametrize(("files", "counted", "duplicate"), CASES.values(), ids=CASES)
def test_what_is_one_request(files: list[list[Row]], counted: int, duplicate: int, kind: str, tmp_path: Path) -> None:
    write(tmp_path, files, kind)
    rows = found.report.head["rows"] if (found := run(tmp_path)) else {}
    assert (rows["read"], rows["counted"], rows["duplicate"]) == (sum(map(len, files)), counted, duplicate)


@pytest.mark.parametrize(("files", "counted", "duplicate"), CASES.values(), ids=CASES)
def test_what_is_one_request_where_text_is_scanned(
    files: list[list[Row]], counted: int, duplicate: int, tmp_path: Path
) -> None:
    with scanned():
        test_what_is_one_request(files, counted, duplicate, "csv", tmp_path)


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_duplicates_are_kept_where_that_is_asked_for(kind: str, tmp_path: Path) -> None:
    write(tmp_path, [[row(), row()]], kind)
    assert places(run(tmp_path, keep_duplicates=True)) == {"read": 2, "counted": 2}


KEPT: dict[str, tuple[list[int | None], int | None]] = {
    "an answer rather than a failure": ([503, 200], 200),
    "the lower of two failures": ([504, 502], 502),
    "any status rather than none": ([None, 504], 504),
    "none where there is nothing else": ([None, None], None),
}


def kong(status: int | None = 200, name: str = "r1", account: str = "a", milliseconds: int = 7, **more: Any) -> str:
    """Write a line as Kong does, which gives each request an id of its own."""
    consumer, request = {"username": account}, {"id": name, "method": "GET", "uri": "/"}
    started = int(T.timestamp()) * 1000 + milliseconds
    line = {"started_at": started, "consumer": consumer, "request": request, "response": {"status": status}}
    return json.dumps(line | {"latencies": {"proxy": 3}, "source": "service"} | more)


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize(("statuses", "kept"), KEPT.values(), ids=KEPT)
def test_of_rows_that_contradict_each_other_one_is_kept_and_the_report_says_so(
    statuses: list[int | None], kept: int | None, reverse: bool, tmp_path: Path
) -> None:
    lines = [kong(status) for status in statuses]
    (tmp_path / "kong.jsonl").write_text("\n".join(lines[::-1] if reverse else lines))
    found = run(tmp_path)
    (result,) = found.report.results.iter_rows(named=True)
    assert (result["success"], result["explicit_failure"]) == ((1, 0) if kept == 200 else (0, 1))
    warned = [warning for warning in found.report.head["warnings"] if "contradict each other" in warning]
    expected = (
        "1 request has rows that contradict each other; "
        "the row with the lowest status is counted, one without a status last"
    )
    assert warned == ([expected] if len(set(statuses)) > 1 else [])


def test_contradicting_requests_are_counted_not_their_rows(tmp_path: Path) -> None:
    lines = [kong(status, name) for name in ("r1", "r2") for status in (200, 502, 503)]
    (tmp_path / "kong.jsonl").write_text("\n".join(lines))
    found = run(tmp_path)
    assert any("2 requests have rows that" in warning for warning in found.report.head["warnings"])
    assert places(found) == {"read": 6, "counted": 2, "duplicate": 4}


OWN: dict[str, tuple[list[str], int]] = {
    "another latency": ([kong(), kong(latencies={"proxy": 4})], 1),
    "another account": ([kong(), kong(account="b"), kong(account="b", status=502)], 2),
    "a whole second": ([kong(milliseconds=0), kong(502, milliseconds=0)], 2),
    "another time": ([kong(), kong(502, milliseconds=8), kong()], 3),
}


@pytest.mark.parametrize(("lines", "requests"), OWN.values(), ids=OWN)
def test_ids_of_the_gateway_s_own(lines: list[str], requests: int, tmp_path: Path) -> None:
    (tmp_path / "kong.jsonl").write_text("\n".join(lines))
    assert run(tmp_path).report.head["rows"]["counted"] == requests


@pytest.mark.parametrize("end", ["", "\n"], ids=["where the last line does not end", "where all lines end"])
@pytest.mark.parametrize(("lines", "requests"), OWN.values(), ids=OWN)
def test_ids_of_the_gateway_s_own_where_text_is_scanned(
    lines: list[str], requests: int, end: str, tmp_path: Path
) -> None:
    (tmp_path / "kong.jsonl").write_text("\n".join(lines) + end)
    with scanned():
        assert run(tmp_path).report.head["rows"]["counted"] == requests


def test_ids_that_the_user_maps_are_not_the_gateway_s_own(tmp_path: Path) -> None:
    (tmp_path / "kong.jsonl").write_text("\n".join([kong(trace="t"), kong(502, "r2", trace="t")]))
    mapped = ColumnMap({"request_id": ("trace",)})
    assert places(run(tmp_path, columns=mapped)) == {"read": 2, "counted": 2}


NGINX = {"time_iso8601": "2026-10-05T13:06:07+08:00", "request_id": "r1", "http_host": "a", "status": 502, "uri": "/"}
SAID: dict[str, tuple[list[dict[str, Any]], int]] = {
    "the same": ([{}, {}], 1),
    "another path": ([{}, {"uri": "/auth"}], 2),
    "a duration": ([{"upstream_response_time": 0.25}, {"upstream_response_time": 0.5}], 2),
    "a duration spelt otherwise": ([{"took": 1, "bytes_sent": 250}, {"took": 2, "bytes_sent": "250.0"}], 1),
    "an upstream": ([{"upstream_addr": "10.0.0.1:80"}, {"upstream_addr": "-"}], 2),
    "no upstream, spelt otherwise": ([{"upstream_addr": None}, {"upstream_addr": "-"}], 1),
    "a list": ([{"tries": ["10.0.0.1"]}, {"tries": ["10.0.0.1", "10.0.0.2"]}], 2),
    "an object within": ([{"request": {"method": "GET"}}, {"request": {"method": "POST"}}], 2),
    "where it was sent from": ([{"log": {"file": {"path": "a.log"}}}, {"log": {"file": {"path": "a.log.1"}}}], 1),
    "when it was sent": ([{"ingested_at": 1}, {"ingested_at": 2}], 1),
    "bytes that are no text": ([{"http_user_agent": "\udcff"}, {"http_user_agent": "\udcfe"}], 2),
}


@pytest.mark.parametrize("kind", ["csv", "jsonl", "parquet"])
@pytest.mark.parametrize("together", [False, True], ids=["in a file each", "in one file"])
@pytest.mark.parametrize(("rows", "requests"), SAID.values(), ids=SAID)
def test_what_else_a_log_says_tells_requests_apart(
    rows: list[dict[str, Any]], requests: int, tmp_path: Path, kind: str, *, together: bool
) -> None:
    listed = [NGINX | each for each in rows]
    for at, group in enumerate([listed] if together else [[each] for each in listed]):
        if kind == "jsonl":
            lines = [json.dumps(each | {"file": at}, ensure_ascii=False) for each in group]
            (tmp_path / f"{at}.jsonl").write_text("\n".join(lines), "utf-8", "surrogateescape")
            continue
        flat = [
            {
                name: None if value is None else value if isinstance(value, str) else json.dumps(value)
                for name, value in [
                    ("file", str(at)),
                    *(
                        ("request.method", value["method"]) if name == "request" else (name, value)
                        for name, value in each.items()
                    ),
                ]
            }
            for each in group
        ]
        if kind == "csv":
            with (tmp_path / f"{at}.csv").open("w", newline="", errors="surrogateescape") as file:
                writer = csv.DictWriter(file, flat[0])
                writer.writeheader()
                writer.writerows(flat)
        else:
            columns = {
                name: pa.array(
                    [None if each[name] is None else each[name].encode(errors="surrogateescape") for each in flat],
                    pa.binary(),
                ).view(pa.string())
                for name in flat[0]
            }
            pq.write_table(pa.table(columns), tmp_path / f"{at}.parquet")
    found = run(tmp_path, columns=ColumnMap({"account_id": ("http_host",)}))
    assert places(found).get("counted") == requests
    shared = found.report.head["request_ids"]["shared_rows"]
    assert shared == (requests if requests > 1 else 0)


COLUMNS: dict[str, tuple[str, int]] = {
    "a log with fewer columns": ("r1,502\nr1,200", 2),
    "one that has it twice": ("r1,502\nr1,200\nr1,502\nr1,200", 2),
    "one that has only one of them": ("r1,502", 3),
}


@pytest.mark.parametrize(("fewer", "requests"), COLUMNS.values(), ids=COLUMNS)
def test_logs_with_other_columns_are_compared_by_what_is_counted(fewer: str, requests: int, tmp_path: Path) -> None:
    time = T.isoformat()
    full = f"timestamp,account_id,request_id,status,uri\n{time},a,r1,502,/x\n{time},a,r1,200,/y\n"
    lines = [f"{time},a,{line}" for line in fewer.splitlines()]
    (tmp_path / "full.csv").write_text(full)
    (tmp_path / "fewer.csv").write_text("\n".join(["timestamp,account_id,request_id,status", *lines]))
    assert run(tmp_path).report.head["rows"]["counted"] == requests


def test_what_one_log_tells_apart_is_not_taken_out_for_another_that_does_not(tmp_path: Path) -> None:
    time = T.isoformat()
    full = f"timestamp,account_id,request_id,status,uri\n{time},a,r1,502,/x\n{time},a,r1,502,/y\n"
    (tmp_path / "full.csv").write_text(full)
    (tmp_path / "fewer.csv").write_text("\n".join(["timestamp,account_id,request_id,status", f"{time},a,r1,502"]))
    assert places(run(tmp_path)) == {"read": 3, "counted": 3}


def test_whether_a_run_needs_a_column_changes_no_duplicate(tmp_path: Path) -> None:
    time = T.isoformat()
    lines = [f"{time},a,200,r1,{api}" for api in ("/x", "/y")] + [f"{time},a,200,r2,/x"] * 2
    (tmp_path / "log.csv").write_text("\n".join(["timestamp,account_id,status,request_id,operation", *lines]))
    mapped = ColumnMap({"api": ("operation",)})
    assert places(run(tmp_path, columns=mapped)) == {"read": 4, "counted": 3, "duplicate": 1}
    expected = {"read": 4, "counted": 2, "other_service": 1, "duplicate": 1}
    assert places(run(tmp_path, columns=mapped, apis=("/x",))) == expected


def test_requests_are_the_same_in_every_format_to_the_last_digit(tmp_path: Path) -> None:
    chance = random.Random(7)
    times = [f"{int(T.timestamp()) + at}.{chance.randrange(10**9):09}" for at in range(300)]
    csv_lines = [f"{time},a,502,r{at},0.{at:03}" for at, time in enumerate(times)]
    (tmp_path / "a.csv").write_text("\n".join(["timestamp,account_id,status,request_id,request_time", *csv_lines]))
    objects = [
        f'{{"timestamp": {time}, "account_id": "a", "status": 502, "request_id": "r{at}", "request_time": {at / 1000}}}'
        for at, time in enumerate(times)
    ]
    (tmp_path / "b.jsonl").write_text("\n".join(objects))
    assert places(run(tmp_path)) == {"read": 600, "counted": 300, "duplicate": 300}


def test_a_trace_id_in_a_parquet_log_tells_no_requests(tmp_path: Path) -> None:
    seconds = [at // 10 for at in range(1000)]
    table = pa.table(
        {
            "timestamp": pa.array([T + timedelta(seconds=at) for at in seconds], pa.timestamp("ms", "UTC")),
            "account_id": ["a"] * 1000,
            "status": pa.array([504 if at % 40 == 0 else 200 for at in range(1000)], pa.int16()),
            "trace": ["4bf92f3577b34da6a3ce929d0e0e4736"] * 1000,
        }
    )
    pq.write_table(table, tmp_path / "log.parquet", row_group_size=100)
    found = run(tmp_path, columns=ColumnMap({"request_id": ("trace",)}))
    (result,) = found.report.results.iter_rows(named=True)
    assert (result["success"], result["explicit_failure"]) == (975, 25)
    told = [warning for warning in found.report.head["warnings"] if "request id" in warning]
    assert told == [
        "request ids that are no request's own, as they are used at more than one time: 1, in 1000 rows; "
        "none of these rows is taken for a duplicate"
    ]


def test_other_times_in_a_month_that_was_not_asked_for_do_not_count(tmp_path: Path) -> None:
    write(tmp_path, [[row(), row()], [row(86_400 * 40)]], "parquet")
    assert places(run(tmp_path)) == {"read": 3, "counted": 3}
    october = {"read": 3, "counted": 1, "duplicate": 1, "outside_period": 1}
    for statistics in (True, False):
        assert places(run(tmp_path, cycle="2026-10", statistics=statistics)) == october


def test_what_is_taken_out_is_told_by_its_share(tmp_path: Path) -> None:
    write(tmp_path, [[row(at, f"r{at}") for at in range(998)], [row(0, "r0"), row(1, "r1")]])
    (warning,) = [each for each in run(tmp_path).report.head["warnings"] if "duplicates" in each]
    assert warning == ("2 of 1000 rows (0.20 %) are duplicates: the same request was logged again, and is counted once")


def test_a_duplicate_in_a_month_that_was_not_asked_for_is_outside_of_it(tmp_path: Path) -> None:
    write(tmp_path, [[row(), row(), row(86_400 * 40), row(86_400 * 40)]], "parquet")
    expected = {"read": 4, "counted": 1, "duplicate": 1, "outside_period": 2}
    assert places(run(tmp_path, cycle="2026-10")) == expected
    assert places(run(tmp_path, cycle="2026-10", statistics=False)) == expected


def test_duplicates_are_taken_out_before_other_services_are_set_aside(tmp_path: Path) -> None:
    lines = [f"{T.isoformat()},a,200,{name}" for name in ("r1,/ours", "r1,/ours", "r2,/theirs", "r2,/theirs")]
    (tmp_path / "log.csv").write_text("\n".join(["timestamp,account_id,status,request_id,api", *lines]) + "\n")
    assert places(run(tmp_path, apis=("/ours",))) == {"read": 4, "counted": 1, "other_service": 1, "duplicate": 2}
    elsewhere = {"read": 4, "other_service": 2, "outside_period": 2}
    assert places(run(tmp_path, apis=("/ours",), cycle="2026-11")) == elsewhere


def test_a_row_that_cannot_be_read_is_rejected_each_time(tmp_path: Path) -> None:
    lines = [f"{T.isoformat()},a,{status},r1" for status in ("200", "many", "many")]
    (tmp_path / "log.csv").write_text("\n".join(["timestamp,account_id,status,request_id", *lines]) + "\n")
    tolerant = replace(Logs((str(tmp_path),)).tolerance, rows=2)
    found = audit(Request(CONTRACT, Logs((str(tmp_path),), tolerance=tolerant), AS_OF, "literal"))
    assert places(found) == {"read": 3, "counted": 1, "rejected": 2}
    assert sum(map(len, found.rejects)) == 2


def test_times_are_compared_in_microseconds(tmp_path: Path) -> None:
    nanoseconds = [1_791_158_400_000_000_000 + more for more in (0, 999, 0, 1000)]
    table = pa.table(
        {
            "timestamp": pa.array(nanoseconds, pa.timestamp("ns", "UTC")),
            "account_id": ["a"] * 4,
            "status": [200] * 4,
            "request_id": ["r1", "r1", "r2", "r2"],
        }
    )
    pq.write_table(table, tmp_path / "log.parquet")
    assert places(run(tmp_path)) == {"read": 4, "counted": 3, "duplicate": 1}


def test_logs_without_ids_beside_logs_with_some_are_named(tmp_path: Path) -> None:
    write(tmp_path, [[row()]])
    (tmp_path / "plain.csv").write_text(f"timestamp,account_id,status\n{T.isoformat()},a,200\n")
    found = run(tmp_path)
    assert places(found) == {"read": 2, "counted": 2}
    (warning,) = [each for each in found.report.head["warnings"] if "duplicates" in each]
    assert warning == f"no request_id column, so duplicates cannot be told: {tmp_path.as_posix()}/plain.csv"
    assert "duplicates" not in " ".join(run(tmp_path, keep_duplicates=True).report.head["warnings"])


def test_a_tally_leaves_duplicates_out_and_says_how_many(tmp_path: Path) -> None:
    logs, tallies = tmp_path / "logs", tmp_path / "tallies"
    logs.mkdir()
    tallies.mkdir()
    lines = [kong(200), kong(503), kong(name="r2", milliseconds=0), kong(502, "r2", milliseconds=0)]
    lines += [kong(name="r3", milliseconds=at) for at in (1, 1, 2)]
    (logs / "kong.jsonl").write_text("\n".join(lines))
    ids = {"contradicted": 1, "reused_ids": 1, "reused_rows": 3, "shared_rows": 2}
    assert run(logs).report.head["request_ids"] == ids
    taken = take_tally(Logs((str(logs),)), CONTRACT, None)
    (tallies / "one.tally.parquet").write_bytes(taken.content)
    assert (taken.counted, taken.duplicate) == (6, 1)
    found = run(tallies)
    assert places(found) == {"read": 7, "counted": 6, "duplicate": 1}
    assert found.report.head["inputs"][0]["rows"] == 7
    assert found.report.head["request_ids"] == ids
    again = take_tally(Logs((str(tallies),)), CONTRACT, None)
    assert again.duplicate == 1


def test_rows_are_held_no_longer_than_other_rows_of_their_time_may_come(tmp_path: Path) -> None:
    day = 86_400
    files = [[row(at * day + second, f"{at}-{second}") for second in range(50)] for at in range(20)]
    write(tmp_path, files, "parquet")
    held, most = 0, 0
    keep, drop = spill.SpillBuffer.keep, spill.SpillBuffer.drop

    def kept(room: spill.SpillBuffer, numbers: Any) -> spill.Run:
        nonlocal held, most
        held += len(numbers)
        most = max(most, held)
        return keep(room, numbers)

    def dropped(room: spill.SpillBuffer, run: spill.Run) -> None:
        nonlocal held
        held -= run.size
        drop(room, run)

    with (
        mock.patch.multiple(stretches, _ROWS_A_STRETCH=1),
        mock.patch.multiple(spill.SpillBuffer, keep=kept, drop=dropped),
    ):
        assert places(run(tmp_path)) == {"read": 1000, "counted": 1000}
    assert most == 50
    assert held == 0


def test_what_does_not_fit_in_memory_goes_to_a_file_that_is_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    logs, temporary = tmp_path / "logs", tmp_path / "tmp"
    logs.mkdir()
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    monkeypatch.setattr(spill, "_MOST_HELD", 60)
    monkeypatch.setattr(csv_log, "_BYTES_A_RANGE", 500)
    write(logs, [[row(second % 90, f"r{second % 90}") for second in range(100)]])
    sizes = []
    numbers = spill.SpillBuffer.numbers

    def size_without_name(opened: Path) -> int:
        try:
            return opened.stat().st_size if str(opened.readlink()).startswith(str(temporary)) else 0
        except FileNotFoundError:  # that of the listing itself
            return 0

    def looked(room: spill.SpillBuffer, run: spill.Run) -> Any:
        sizes.append((run.held is not None, sum(map(size_without_name, Path("/proc/self/fd").iterdir()))))
        return numbers(room, run)

    monkeypatch.setattr(spill.SpillBuffer, "numbers", looked)
    assert places(run(logs)) == {"read": 100, "counted": 90, "duplicate": 10}
    assert {held for held, _ in sizes} == {True, False}
    assert 0 < max(size for _, size in sizes) <= 8 * 110
    assert not list(temporary.iterdir())


def test_a_full_disk_is_told_with_the_ways_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, [[row()]])
    monkeypatch.setattr(spill, "_MOST_HELD", 0)
    monkeypatch.setattr("tempfile.tempdir", "/dev/full")
    with pytest.raises(InputError) as refused:
        run(tmp_path)
    (problem,) = refused.value.problems
    assert str(problem.where) == "/dev/full"
    assert "--keep-duplicates" in str(problem.remedy)


def test_statistics_that_do_not_hold_their_rows_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, [[row(1), row(2, "r2")]], "parquet")
    monkeypatch.setattr(
        "sla_audit.intake.formats.parquet.row_groups._times",
        lambda *_: tuple(int(T.timestamp() + 2) * 10**6 for _ in range(2)),
    )
    with pytest.raises(InputError, match="earlier than its statistics say"):
        run(tmp_path)


@pytest.mark.parametrize("otherwise", [b",503,", b",200,r3\n2026-10-05T00:00:00+00:00,a,200,"])
def test_logs_that_change_between_the_looks_are_refused(
    otherwise: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, [[row(), row(), row(1, "r2")]])
    again = CsvFragment.again

    def changed(fragment: CsvFragment, **options: bool) -> CsvFragment:
        path = tmp_path / "0.csv"
        path.write_bytes(path.read_bytes().replace(b",200,", otherwise))
        return again(fragment, **options)

    monkeypatch.setattr(CsvFragment, "again", changed)
    with pytest.raises(InputError, match="changed while it was read"):
        run(tmp_path)
