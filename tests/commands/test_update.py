"""A directory of tallies, kept up to date: each row of each log is in one of them, whatever becomes of the logs."""

from __future__ import annotations

import gzip
import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from tests.program import sla_audit

HEADER = "timestamp,account_id,status,request_id\n"


def rows(numbers: Iterable[int]) -> str:
    return "".join(
        f"2026-10-{number % 28 + 1:02}T05:00:00Z,a-{number % 5},{502 if number % 7 == 0 else 200},r-{number}\n"
        for number in numbers
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "a.csv").write_text(HEADER + rows(range(40)), encoding="utf-8")
    (tmp_path / "logs" / "b.csv").write_text(HEADER + rows(range(100, 140)), encoding="utf-8")
    return tmp_path


def updated(folder: Path, *arguments: str) -> str:
    done = sla_audit("tally", "--update", "tallies", *(arguments or ("logs",)), folder=folder)
    assert done.returncode == 0, done.stderr
    return done.stderr


def refused(folder: Path, *arguments: str) -> str:
    before = contents(folder)
    done = sla_audit("tally", "--update", "tallies", *(arguments or ("logs",)), folder=folder)
    assert done.returncode == 2, done.stderr
    assert contents(folder) == before
    return " ".join(done.stderr.split())


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (folder / "tallies").glob("*")}


def report(folder: Path, *logs: str) -> dict[str, Any]:
    done = sla_audit("compute", *logs, "--as-of", "2026-11-20", "-o", "-", "--quiet", folder=folder)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def assert_the_same(folder: Path) -> None:
    tallied, counted = report(folder, "tallies"), report(folder, "logs")
    assert (tallied["results"], tallied["rows"]) == (counted["results"], counted["rows"])


def test_what_no_tally_counts_is_counted_into_one_more(folder: Path) -> None:
    assert "80 requests of 2 logs" in updated(folder)
    assert "nothing new: 2 logs are counted already" in updated(folder)
    (folder / "logs" / "late.csv").write_text(HEADER + rows(range(200, 203)), encoding="utf-8")
    assert "3 requests of 1 logs" in updated(folder)
    assert len(contents(folder)) == 2
    assert_the_same(folder)


def test_logs_that_were_rotated_and_packed_are_known(folder: Path) -> None:
    updated(folder)
    logs = folder / "logs"
    (logs / "a.csv").rename(logs / "a.csv.1")
    (logs / "b.csv.2.gz").write_bytes(gzip.compress((logs / "b.csv").read_bytes()))
    (logs / "b.csv").unlink()
    assert "nothing new" in updated(folder)
    (logs / "a.csv").write_text(HEADER + rows(range(300, 303)), encoding="utf-8")
    assert "3 requests of 1 logs" in updated(folder)
    assert_the_same(folder)


def test_a_tally_of_which_a_log_has_grown_is_counted_anew(folder: Path) -> None:
    updated(folder)
    with (folder / "logs" / "a.csv").open("a") as file:
        file.write(rows(range(40, 50)))
    before = set(contents(folder))
    assert "90 requests of 2 logs, anew, because a log has grown" in updated(folder)
    assert set(contents(folder)) == before
    assert_the_same(folder)


def test_a_log_that_has_grown_beside_one_that_is_not_given_is_refused(folder: Path) -> None:
    updated(folder)
    with (folder / "logs" / "a.csv").open("a") as file:
        file.write(rows(range(40, 50)))
    said = refused(folder, "logs/a.csv")
    assert "counts the log logs/a.csv, which has grown since, and others that are not given" in said
    assert "Give these too, for all to be counted anew: logs/b.csv." in said


@pytest.mark.parametrize("numbers", [range(500, 540), range(500, 510), range(30)], ids=["other", "shorter", "cut"])
def test_a_log_that_was_rewritten_is_refused(folder: Path, numbers: range) -> None:
    updated(folder)
    (folder / "logs" / "a.csv").write_text(HEADER + rows(numbers), encoding="utf-8")
    said = refused(folder)
    assert "logs/a.csv: is another than the log of this name that tallies/2026-10-01." in said
    assert "it was rewritten, cut or replaced by another log" in said


def test_the_remedy_for_a_log_that_was_rewritten_works(folder: Path) -> None:
    updated(folder)
    (folder / "logs" / "a.csv").write_text(HEADER + rows(range(500, 540)), encoding="utf-8")
    refused(folder)
    for path in (folder / "tallies").iterdir():
        path.unlink()
    updated(folder)
    assert_the_same(folder)


def test_a_log_that_is_gone_is_told_and_counted_still(folder: Path) -> None:
    updated(folder)
    (folder / "logs" / "b.csv").unlink()
    assert "gone since they were counted, and counted still: logs/b.csv" in updated(folder)
    assert report(folder, "tallies")["rows"]["counted"] == 80


def test_a_log_that_is_not_given_this_time_is_not_gone(folder: Path) -> None:
    updated(folder)
    assert updated(folder, "logs/a.csv").strip() == "nothing new: 1 logs are counted already"


def test_duplicates_are_told_within_an_update_and_not_between(folder: Path) -> None:
    (folder / "logs" / "b.csv").write_text(HEADER + rows(range(35, 45)), encoding="utf-8")
    updated(folder)
    assert_the_same(folder)
    (folder / "logs" / "c.csv").write_text(HEADER + rows(range(45, 47)) + rows([0]), encoding="utf-8")
    updated(folder)
    assert report(folder, "tallies")["rows"]["counted"] == report(folder, "logs")["rows"]["counted"] + 1


def test_logs_without_rows_are_looked_at_again(folder: Path) -> None:
    for name in ("a.csv", "b.csv"):
        (folder / "logs" / name).write_text(HEADER, encoding="utf-8")
    assert "nothing new" in updated(folder)
    assert not (folder / "tallies").exists()
    (folder / "logs" / "a.csv").write_text(HEADER + rows(range(3)), encoding="utf-8")
    assert "3 requests of 2 logs" in updated(folder)
    (folder / "logs" / "b.csv").write_text(HEADER + rows(range(5, 8)), encoding="utf-8")
    assert "3 requests of 1 logs" in updated(folder)
    assert_the_same(folder)


def test_a_tally_lists_its_sources(folder: Path) -> None:
    updated(folder)
    done = sla_audit("check", "tallies", "--format", "json", folder=folder)
    (tally,) = json.loads(done.stdout)["tallies"]
    assert tally["requests"] == 80
    assert [(each["path"], each["bytes"], each["rows"]) for each in tally["sources"]] == [
        (f"logs/{name}.csv", (folder / "logs" / f"{name}.csv").stat().st_size, 40) for name in "ab"
    ]
    assert all(len(each["fingerprint"]) == 64 for each in tally["sources"])


def test_tallies_may_lie_among_the_logs(folder: Path) -> None:
    for _ in range(2):
        done = sla_audit("tally", "--update", "logs/tallies", "logs", folder=folder)
        assert done.returncode == 0, done.stderr
    assert "nothing new" in done.stderr


def test_what_cannot_be_kept_up_to_date_is_refused(folder: Path) -> None:
    sla_audit("tally", "logs/b.csv", "-o", "b.tally.parquet", folder=folder)
    done = sla_audit("tally", "--update", "tallies", "logs/a.csv", "b.tally.parquet", folder=folder)
    assert "b.tally.parquet: is a tally of another place; expected logs" in done.stderr
    done = sla_audit("tally", "--update", "logs/a.csv", "logs", folder=folder)
    assert "logs/a.csv: cannot be written to" in done.stderr
    done = sla_audit("tally", "--update", "t", "-o", "b.tally.parquet", "logs", folder=folder)
    assert "Expected -o FILE, or --update DIR." in done.stderr
    assert not (folder / "tallies").exists()


def test_what_requests_are_told_apart_by_stays(folder: Path) -> None:
    updated(folder)
    (folder / "logs" / "c.csv").write_text("timestamp,account_id,status,api\n2026-10-05T05:00:00Z,a,200,x\n", "utf-8")
    said = refused(folder, "logs", "--keep", "api")
    assert "does not tell requests apart by api, as --keep asks" in said or "no column 'api'" in said


def test_two_updates_at_once_count_each_log_once(folder: Path) -> None:
    command = [sys.executable, "-m", "sla_audit", "tally", "--update", "tallies", "logs"]
    running = [subprocess.Popen(command, cwd=folder, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    said = sorted(process.communicate()[1] for process in running)
    assert [process.returncode for process in running] == [0, 0]
    assert "nothing new" in said[0]
    assert "80 requests" in said[1]
    assert_the_same(folder)


@pytest.mark.parametrize("after", [0.4, 0.8, 1.2])
def test_a_killed_update_leaves_all_as_it_was_or_as_it_will_be(folder: Path, after: float) -> None:
    (folder / "logs" / "big.csv").write_text(HEADER + rows(range(10_000, 60_000)), encoding="utf-8")
    command = [sys.executable, "-m", "sla_audit", "tally", "--update", "tallies", "logs"]
    process = subprocess.Popen(command, cwd=folder, stderr=subprocess.DEVNULL)
    time.sleep(after)
    process.send_signal(signal.SIGKILL)
    process.wait()
    updated(folder)
    assert_the_same(folder)


def test_exclusions_are_read_as_the_config_says(folder: Path) -> None:
    window = "M-1;1;2026-10-03T00:00:00+08:00;2026-10-04T00:00:00+08:00;2026-10-01T00:00:00+08:00"
    (folder / "e.csv").write_text(f"id;clause;starts_at;ends_at;notified_at\n{window}\n", encoding="utf-8")
    (folder / "c.toml").write_text(
        'logs = "logs"\nexclusions = "e.csv"\n[facts.exclusions]\ndelimiter = ";"\n', encoding="utf-8"
    )
    assert "80 requests of 2 logs" in updated(folder, "--config", "c.toml")
