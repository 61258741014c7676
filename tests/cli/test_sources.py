"""Several sources in one run: each with its own way to be read, one report, as if they had been one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.program import sla_audit

KONG = (
    '{"started_at": %d, "response": {"status": %d}, "request": {"id": "%s"}, "consumer": {"username": "a"}, '
    '"latencies": {"proxy": 1, "request": 2}}\n'
)
AT = 1_791_176_400  # 2026-10-05T05:00:00Z
EDGE = "time;customer;code;rid\n2026-10-05 05:00:01;a;200;r-2\n2026-10-05 05:00:00;a;200;r-1\n"

SOURCES = """
[[sources]]
logs = "kong"
dialect = "kong"

[[sources]]
logs = ["edge/*.csv"]
delimiter = ";"
encoding = "utf-16"
time_zone = "UTC"
columns = { timestamp = "time", account_id = "customer", status = "code", request_id = "rid" }
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("kong", "edge"):
        (tmp_path / name).mkdir()
    rows = [(AT * 1000, 200, "r-1"), (AT * 1000 + 5000, 502, "r-3")]
    (tmp_path / "kong" / "k.jsonl").write_text("".join(KONG % row for row in rows), encoding="utf-8")
    (tmp_path / "edge" / "e.csv").write_text(EDGE, encoding="utf-16")
    return tmp_path


def config(folder: Path, text: str = SOURCES) -> None:
    (folder / "c.toml").write_text(f'as_of = "2026-11-20"\n{text}', encoding="utf-8")


def report(folder: Path, *arguments: str) -> dict[str, Any]:
    done = sla_audit("compute", *arguments, "--as-of", "2026-11-20", "-o", "-", "--quiet", folder=folder)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def refused(folder: Path, *arguments: str) -> str:
    done = sla_audit("compute", "--config", "c.toml", *arguments, folder=folder)
    assert done.returncode == 2, done.stdout
    return " ".join(done.stderr.split())


def test_each_source_is_read_as_it_says_and_the_same_request_is_counted_once(folder: Path) -> None:
    config(folder)
    found = report(folder, "--config", "c.toml")
    assert found["rows"] | {"read": 4, "counted": 3, "duplicate": 1} == found["rows"]
    assert [(file["path"], file["rows"]) for file in found["inputs"]] == [("edge/e.csv", 2), ("kong/k.jsonl", 2)]
    (result,) = found["results"]
    assert (result["success"], result["explicit_failure"]) == (2, 1)


def test_sources_that_need_no_word_give_the_report_of_one(folder: Path) -> None:
    for name, rows in {"a.csv": ("r-1", "r-2"), "b.csv": ("r-1", "r-3")}.items():
        lines = [f"2026-10-05T05:00:0{each[-1]}Z,a,{50 + int(each[-1])}2,{each}" for each in rows]
        (folder / name).write_text("timestamp,account_id,status,request_id\n" + "\n".join(lines), encoding="utf-8")
    config(folder, '[[sources]]\nlogs = "a.csv"\n[[sources]]\nlogs = "b.csv"')
    of_sources, of_one = report(folder, "--config", "c.toml"), report(folder, "a.csv", "b.csv")
    assert of_sources.pop("provenance") != of_one.pop("provenance")  # one has a config
    assert of_sources == of_one
    assert of_one["rows"]["duplicate"] == 1


def test_a_tally_is_taken_of_all_sources(folder: Path) -> None:
    config(folder)
    done = sla_audit("tally", "--config", "c.toml", "-o", "t.tally.parquet", folder=folder)
    assert "3 requests of 2 logs, without 1 duplicate rows" in done.stderr
    counted, whole = report(folder, "t.tally.parquet"), report(folder, "--config", "c.toml")
    assert (counted["results"], counted["rows"]) == (whole["results"], whole["rows"])


def test_a_file_of_two_sources_is_refused(folder: Path) -> None:
    config(folder, '[[sources]]\nlogs = "edge"\nencoding = "utf-16"\n[[sources]]\nlogs = "edge/e.csv"')
    said = refused(folder)
    assert "edge/e.csv: is named by sources 1 and 2, each of which says how its logs are read" in said
    assert "Name it in one of [[sources]] alone." in said


def test_a_copy_that_another_source_reads_otherwise_is_refused(folder: Path) -> None:
    (folder / "edge" / "copy.csv").write_bytes((folder / "edge" / "e.csv").read_bytes())
    once = SOURCES.replace("edge/*.csv", "edge/e.csv")
    again = once[once.rindex("[[sources]]") :].replace("e.csv", "copy.csv")
    config(folder, once + again)
    assert report(folder, "--config", "c.toml")["rows"]["read"] == 4
    config(folder, once + again.replace('"UTC"', '"Asia/Shanghai"'))
    assert "edge/e.csv: is a copy of edge/copy.csv, which another of the sources says how to read" in refused(folder)


def test_what_one_source_leaves_out_may_be_a_log_of_another(folder: Path) -> None:
    (folder / "kong" / "current").write_text("timestamp,account_id,status\n2026-10-05T06:00:00Z,a,200\n", "utf-8")
    one = '[[sources]]\nlogs = "kong"\ndialect = "kong"\n'
    config(folder, one)
    assert [each["path"] for each in report(folder, "--config", "c.toml")["left_out"]] == ["kong/current"]
    config(folder, one + '[[sources]]\nlogs = "kong/current"\nformat = "csv"')
    found = report(folder, "--config", "c.toml")
    assert (found["left_out"], found["rows"]["read"]) == ([], 3)


def test_logs_that_are_given_are_one_source_and_read_instead(folder: Path) -> None:
    config(folder)
    (folder / "other.csv").write_text("timestamp,account_id,code\n2026-10-05T06:00:00Z,a,200\n", encoding="utf-8")
    found = report(folder, "--config", "c.toml", "other.csv", "--column", "status=code")
    assert [file["path"] for file in found["inputs"]] == ["other.csv"]


def test_logs_that_are_given_and_of_a_source_are_refused(folder: Path) -> None:
    config(folder, SOURCES + '[[sources]]\nlogs = "not-there-yet/"\n')
    said = refused(folder, "edge/")
    assert "edge/e.csv: is a log of [[sources]] 2 in the config, which says how it is read" in said
    assert "Leave LOGS out, to read all sources" in said


@pytest.mark.parametrize(
    "option",
    [
        "--dialect=kong",
        "--column=status=code",
        "--delimiter=tab",
        "--encoding=utf-8",
        "--time-zone=UTC",
        "--format=csv",
    ],
)
def test_an_option_that_would_say_it_of_all_sources_is_refused(folder: Path, option: str) -> None:
    config(folder)
    said = refused(folder, option)
    assert f"each says how its logs are written; {option.partition('=')[0]} would say it of all" in said


def test_settings_beside_sources_are_refused(folder: Path) -> None:
    config(folder, 'logs = "kong"\ntime_zone = "UTC"' + SOURCES)
    said = refused(folder)
    assert "c.toml: has [[sources]], and logs, time_zone beside them; say it in each of [[sources]]" in said


def test_a_setting_that_no_source_has_is_refused(folder: Path) -> None:
    config(folder, SOURCES + 'accounts = "a.csv"')
    said = refused(folder)
    assert "c.toml: sources[2].accounts: no such setting" in said
    assert "those of each of [[sources]]: logs, format, log_format, dialect" in said
    config(folder, "[[sources]]\nlogs = []")
    assert "c.toml: sources[1].logs: names no log" in refused(folder)


class TestTimeZone:
    LOG = "timestamp,account_id,status\n2026-10-31 20:00:00,a,200\n"

    def test_times_without_a_zone_are_of_the_one_that_is_said(self, tmp_path: Path) -> None:
        (tmp_path / "log.csv").write_text(self.LOG, encoding="utf-8")
        cycles = [
            [result["cycle"] for result in report(tmp_path, "log.csv", *said)["results"]]
            for said in ((), ("--time-zone", "UTC"))
        ]
        assert cycles == [["2026-10"], ["2026-11"]]

    def test_what_is_said_needs_no_warning(self, tmp_path: Path) -> None:
        (tmp_path / "log.csv").write_text(self.LOG, encoding="utf-8")
        assert "without a zone" in sla_audit("compute", "log.csv", folder=tmp_path).stderr
        assert "without a zone" not in sla_audit("compute", "log.csv", "--time-zone", "UTC", folder=tmp_path).stderr

    def test_an_abbreviation_is_refused(self, tmp_path: Path) -> None:
        (tmp_path / "log.csv").write_text(self.LOG, encoding="utf-8")
        done = sla_audit("compute", "log.csv", "--time-zone", "CST", folder=tmp_path)
        assert done.returncode == 2
        assert "--time-zone" in done.stderr
        assert "is not an IANA time zone such as 'Asia/Shanghai' or 'UTC'" in " ".join(done.stderr.split())
