"""Logs that have grown since they were tallied: known again by what they begin with, so that no row counts twice."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable
from pathlib import Path

import pytest

from sla_audit.cli.main import run

pytestmark = pytest.mark.usefixtures("folder")

HEADER = "timestamp,account_id,status\n"


def lines(rows: Iterable[int]) -> str:
    return "".join(f"2026-10-10T10:{row // 60 % 60:02}:{row % 60:02}Z,account-{row},502\n" for row in rows)


def objects(rows: Iterable[int]) -> str:
    return "".join(
        json.dumps({"timestamp": f"2026-10-10T10:00:{row % 60:02}Z", "account_id": f"a-{row}", "status": 502}) + "\n"
        for row in rows
    )


def tallied(log: str, name: str = "day") -> str:
    assert run(["tally", log, "-o", f"{name}.tally.parquet", "--quiet"]) == 0
    return f"{name}.tally.parquet"


def refused(capsys: pytest.CaptureFixture[str], *logs: str) -> str:
    assert run(["compute", *logs, "--quiet", "-o", "report.json"]) == 2
    assert not Path("report.json").exists()
    return capsys.readouterr().err


def counted(*logs: str) -> int:
    assert run(["compute", *logs, "--quiet", "-o", "report.json"]) == 0
    rows: int = json.loads(Path("report.json").read_bytes())["rows"]["counted"]
    return rows


MESSAGE = "day.tally.parquet: counts the log {}, and {} begins with the same rows: it has grown since"


@pytest.mark.parametrize("before", [1, 3, 5_000], ids=["a row", "a few rows", "more than is looked at"])
def test_a_log_that_has_grown_is_not_counted_beside_its_tally(before: int, capsys: pytest.CaptureFixture[str]) -> None:
    log = Path("a.csv")
    log.write_text(HEADER + lines(range(before)))
    tally = tallied("a.csv")
    with log.open("a") as file:
        file.write(lines(range(before, before + 4)))
    assert MESSAGE.format("a.csv", "a.csv") in refused(capsys, tally, "a.csv")
    assert counted(tally) == before
    assert counted("a.csv") == before + 4


def test_it_is_known_under_another_name_packed_and_as_json_lines(capsys: pytest.CaptureFixture[str]) -> None:
    Path("a.jsonl").write_text(objects(range(300)))
    tally = tallied("a.jsonl")
    Path("b.jsonl.gz").write_bytes(gzip.compress(objects(range(309)).encode()))
    assert MESSAGE.format("a.jsonl", "b.jsonl.gz") in refused(capsys, tally, "b.jsonl.gz")


def test_a_large_log_that_was_cut_since_is_known_too(capsys: pytest.CaptureFixture[str]) -> None:
    Path("a.csv").write_text(HEADER + lines(range(5_000)))
    tally = tallied("a.csv")
    Path("a.csv").write_text(HEADER + lines(range(4_000)))
    assert MESSAGE.format("a.csv", "a.csv") in refused(capsys, tally, "a.csv")


def test_two_tallies_of_a_log_that_grew_between_are_not_added_up(capsys: pytest.CaptureFixture[str]) -> None:
    Path("a.csv").write_text(HEADER + lines(range(4_000)))
    first = tallied("a.csv", "noon")
    Path("a.csv").write_text(HEADER + lines(range(5_000)))
    message = MESSAGE.format("a.csv", "a log that is counted in noon.tally.parquet")
    errors = refused(capsys, first, tallied("a.csv", "day"))
    assert message in errors or message.replace("day", "x").replace("noon", "day").replace("x", "noon") in errors


def test_logs_that_share_no_more_than_a_header_are_counted() -> None:
    Path("a.csv").write_text(HEADER)
    Path("b.csv").write_text(HEADER + lines([1, 2]))
    Path("c.csv").write_text(HEADER + lines([3]))
    assert counted(tallied("a.csv", "a"), tallied("b.csv", "b"), "c.csv") == 3


def test_hosts_that_log_the_same_first_rows_are_counted() -> None:
    Path("a.csv").write_text(HEADER + lines(range(3)))
    Path("b.csv").write_text(HEADER + lines(range(9)))
    assert counted(tallied("a.csv"), "b.csv") == 12


def test_the_same_bytes_of_another_partition_are_other_requests() -> None:
    for account, rows in (("x", 3), ("y", 5)):
        log = Path(f"account_id={account}/log.csv")
        log.parent.mkdir()
        log.write_text("timestamp,status\n" + "".join(f"2026-10-10T10:00:{row:02}Z,502\n" for row in range(rows)))
    assert counted(tallied("account_id=x/log.csv"), "account_id=y/log.csv") == 8
