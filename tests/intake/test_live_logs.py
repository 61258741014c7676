"""A log that is still written to: its half-written last line is read when it is whole, or refused for what it is."""

from __future__ import annotations

import csv
import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from sla_audit.cli.main import run
from sla_audit.intake.formats.csv import log as csv_log
from tests.builders.logs.text_lines import alb
from tests.builders.runs import refused

HEADER = "timestamp,account_id,status,agent\n"
OCTOBER = [f"2026-10-{day:02}T05:06:07Z,a,{502 if day == 3 else 200},curl" for day in range(1, 21)]
LIVE = HEADER + "\n".join(OCTOBER) + "\n"
OBJECTS = "".join(
    f'{{"timestamp":"2026-10-{day:02}T05:06:07Z","account_id":"a","status":200}}\n' for day in range(1, 21)
)
PASSED_OVER = "the last line has no end and cannot be read yet, as in a log that is still written to"
NOT_COMPLETE = "this last line has no line end: it is not complete"


@pytest.fixture(autouse=True)
def in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def report(*arguments: str, as_of: str = "2026-10-20") -> dict[str, Any]:
    assert run(["compute", *arguments, "--as-of", as_of, "--quiet", "-o", "report.json"]) == 0
    found: dict[str, Any] = json.loads(Path("report.json").read_text(encoding="utf-8"))
    return found


def passed_over(found: dict[str, Any]) -> list[str]:
    return [warning for warning in found["warnings"] if warning.startswith(PASSED_OVER)]


HALVES: dict[str, tuple[str, bytes, tuple[str, ...]]] = {
    "CSV, cut in a field": ("a.csv", (LIVE + "2026-10-20T07:0").encode(), ()),
    "CSV, cut in the status": ("a.csv", (LIVE + "2026-10-20T07:00:00Z,a,50").encode(), ()),
    "CSV, cut within quotes": ("a.csv", (LIVE + '2026-10-20T07:00:00Z,a,502,"Mozilla/5.0 (X').encode(), ()),
    "CSV, cut within quotes after others": (
        "a.csv",
        (LIVE + '2026-10-20T06:00:00Z,a,502,"one\ntwo"\n2026-10-20T07:00:00Z,a,502,"Mozilla').encode(),
        (),
    ),
    "CSV, cut within a character": ("a.csv", (LIVE + "2026-10-20T07:00:00Z,浏").encode()[:-1], ()),
    "CSV in another encoding": ("a.csv", (LIVE + "2026-10-20T07").encode("gb18030"), ("--encoding", "gb18030")),
    "JSON lines": ("a.jsonl", (OBJECTS + '{"timestamp":"2026-10-20T07:00:00Z","acc').encode(), ()),
    "JSON lines in a log": ("a.log", (OBJECTS + '{"timestamp":"2026-10-20T07:00:00Z","acc').encode(), ()),
    "lines of a load balancer": (
        "a.log",
        ("".join(f"{alb(trace_id=str(at))}\n" for at in range(20)) + alb()[:180]).encode(),
        ("--column", "account_id=domain_name"),
    ),
}


@pytest.mark.parametrize(("name", "content", "options"), HALVES.values(), ids=HALVES)
def test_a_half_written_last_line_is_passed_over(name: str, content: bytes, options: tuple[str, ...]) -> None:
    rows = 21 if b'two"' in content else 20
    Path(name).write_bytes(content)
    found = report(name, *options)
    assert found["rows"]["read"] == found["rows"]["counted"] == rows
    assert found["rows"]["rejected"] == 0
    assert found["inputs"][0]["rows"] == rows
    (warning,) = passed_over(found)
    assert warning.endswith(f"when it is complete: {name}")


@pytest.mark.parametrize("size", [100, 300, 700])
def test_it_is_passed_over_in_a_log_that_is_read_in_ranges(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_log, "_BYTES_A_RANGE", size)
    Path("a.csv").write_text(LIVE + '2026-10-20T07:00:00Z,a,502,"Mozilla')
    found = report("a.csv", "--jobs", "2")
    assert found["rows"]["read"] == found["rows"]["counted"] == 20
    assert passed_over(found)


def test_it_is_passed_over_in_a_log_that_cannot_be_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_log, "_BYTES_A_RANGE", 100)
    rows = OCTOBER.copy()
    rows[2] = rows[2].replace("curl", 'a 5" screen')
    rows[9] = rows[9].replace("curl", '"one\ntwo"')
    Path("a.csv").write_text(HEADER + "\n".join(rows) + "\n2026-10-20T07:00:00Z,a,5")
    found = report("a.csv")
    assert found["rows"]["read"] == found["rows"]["counted"] == 20
    assert passed_over(found)


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.csv", LIVE.removesuffix("\n")), ("a.csv", LIVE + '2026-10-20T07:00:00Z,a,502,"x"'), ("a.jsonl", OBJECTS[:-1])],
)
def test_a_whole_last_line_without_a_line_end_is_counted(name: str, content: str) -> None:
    Path(name).write_text(content)
    found = report(name)
    assert found["rows"]["counted"] == content.count("\n") + (name == "a.jsonl")
    assert not passed_over(found)


HALF = "2026-10-20T07:00:00Z,a,5"
REFUSED: dict[str, tuple[dict[str, str], tuple[str, ...]]] = {
    "the month has ended": ({"a.csv": LIVE + HALF}, ("--as-of", "2026-11-01")),
    "the running month is not asked for": ({"a.csv": LIVE + HALF}, ("--as-of", "2026-10-20", "--cycle", "2026-09")),
    "an ended month is asked for besides, and the log ends in it": (
        {"a.csv": LIVE + HALF},
        ("--as-of", "2026-11-20", "--cycle", "2026-10..2026-11"),
    ),
    "another row is wrong": ({"a.csv": LIVE.replace("502", "5O2") + HALF}, ("--as-of", "2026-10-20")),
    "a row of another log is wrong": (
        {"a.csv": LIVE + HALF, "b.csv": LIVE.replace("502", "5O2")},
        ("--as-of", "2026-10-20"),
    ),
    "a log of the month before is cut besides": (
        {"a.csv": LIVE + HALF, "b.csv": LIVE.replace("-10-", "-09-") + HALF},
        ("--as-of", "2026-10-20"),
    ),
}


@pytest.mark.parametrize(("files", "options"), REFUSED.values(), ids=REFUSED)
def test_it_is_refused_and_said_to_be_incomplete(
    files: dict[str, str], options: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    for name, content in files.items():
        Path(name).write_text(content)
    errors = refused(capsys, "compute", ".", *options)
    assert "a.csv, line 22: row is 3 fields; expected 4, as in the header; " + NOT_COMPLETE in errors
    assert "Run it again once it is" in errors


def test_what_is_packed_is_not_written_to_any_more(capsys: pytest.CaptureFixture[str]) -> None:
    Path("a.csv.gz").write_bytes(gzip.compress((LIVE + HALF).encode()))
    assert NOT_COMPLETE in refused(capsys, "compute", "a.csv.gz", "--as-of", "2026-10-20")


def test_a_line_of_the_month_before_is_passed_over_where_that_is_not_asked_for() -> None:
    Path("a.csv").write_text(LIVE + HALF)
    found = report("a.csv", "--cycle", "running", as_of="2026-11-01")
    assert (found["rows"]["read"], found["rows"]["outside_period"]) == (20, 20)
    assert passed_over(found)


def test_several_hosts_are_told_in_one_warning() -> None:
    for host in range(5):
        Path(f"{host}.csv").write_text(LIVE.replace(",a,", f",{host},") + HALF)
    found = report(".")
    assert found["rows"]["counted"] == 100
    assert [warning.rsplit(": ", 1)[1] for warning in passed_over(found)] == ["0.csv, 1.csv, 2.csv and 2 more"]


def test_rows_that_are_tolerated_are_rejected_and_so_is_the_line() -> None:
    Path("a.csv").write_text(LIVE.replace("502", "5O2") + HALF)
    found = report("a.csv", "--max-rejected", "2", "--rejects", "rejects.csv")
    assert (found["rows"]["read"], found["rows"]["rejected"]) == (21, 2)
    assert [row[1] for row in csv.reader(Path("rejects.csv").read_text().splitlines())] == [
        "place",
        "line 4",
        "line 22",
    ]
    assert not passed_over(found)


def test_a_tolerance_does_not_make_it_a_rejected_row() -> None:
    Path("a.csv").write_text(LIVE + HALF)
    found = report("a.csv", "--max-rejected", "2", "--rejects", "rejects.csv")
    assert (found["rows"]["read"], found["rows"]["rejected"]) == (20, 0)
    assert len(Path("rejects.csv").read_text().splitlines()) == 1


def test_a_quote_left_open_before_is_no_half_written_line(capsys: pytest.CaptureFixture[str]) -> None:
    Path("a.csv").write_text(LIVE.replace("curl", '"curl', 1) + HALF)
    assert "unexpected end of data" in refused(capsys, "compute", "a.csv", "--as-of", "2026-10-20")


def test_other_commands_do_alike(capsys: pytest.CaptureFixture[str]) -> None:
    Path("a.csv").write_text(LIVE + HALF)
    arguments = ["a.csv", "--as-of", "2026-10-20"]
    assert run(["explain", *arguments, "--account", "a", "--cycle", "2026-10", "--format", "json"]) == 0
    printed, errors = capsys.readouterr()
    assert json.loads(printed)["total"] == 20
    assert PASSED_OVER in errors
    assert run(["claim-check", *arguments]) == 1
    assert PASSED_OVER in capsys.readouterr().err
    assert NOT_COMPLETE in refused(capsys, "tally", "a.csv", "-o", "a.tally.parquet")
    assert not Path("a.tally.parquet").exists()
