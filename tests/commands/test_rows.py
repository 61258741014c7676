"""The rows behind a figure: as many as the report has, class by class, and each where it is said to stand."""

from __future__ import annotations

import csv
import gzip
import json
import random
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest import mock

import openpyxl
import polars as pl
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sla_audit.commands.audit import Request, audit
from sla_audit.commands.count import Logs
from sla_audit.commands.rows import RowClass, RowsAsked, rows
from sla_audit.errors import InputError
from sla_audit.intake import logs as opened_logs
from sla_audit.intake.columns import ColumnMap
from sla_audit.intake.dialects.dialect import load_dialect
from sla_audit.intake.formats.csv import log as csv_log
from sla_audit.intake.rejects import Tolerance
from sla_audit.judge.period import Period
from sla_audit.model.month import Month
from sla_audit.report.formats.csv_file import for_spreadsheet
from sla_audit.report.formats.json_file import render_json
from sla_audit.report.rows import files
from sla_audit.report.rows.columns import laid_out
from sla_audit.tally.local_threads import LocalThreads
from tests.builders.elsewhere import small_tasks
from tests.builders.examples import costly
from tests.builders.sent_again import sent_again
from tests.builders.worlds import AS_OF, CONTRACT, World, request_of, worlds
from tests.oracles.judgement import SHANGHAI
from tests.program import sla_audit

OCTOBER = Period(Month(2026, 10), Month(2026, 10))
TIME = "2026-10-05T13:06:07+08:00"


def found(request: Request, asked: RowsAsked) -> pl.DataFrame:
    with rows(request, asked) as behind:
        tables = laid_out(behind.tables, request.contract, asked.account, request.reading, keys=True)
        return pl.concat(tables)


def stands_there(row: dict[str, Any]) -> bool:
    """Look the row up in its file: the time, the account, the status and the id as they stand there."""
    path, (unit, place) = Path(row["file"]), row["place"].split()
    if path.suffix == ".parquet":
        assert unit == "row"
        there = pq.read_table(path).slice(int(place) - 1, 1).to_pylist()[0]
        at = there["timestamp"]
    else:
        assert unit == "line"
        lines = path.read_bytes().split(b"\n")
        line = lines[int(place) - 1].decode()
        there = (
            json.loads(line)
            if path.suffix == ".jsonl"
            else dict(zip(*csv.reader([lines[0].decode(), line.removesuffix("\r")]), strict=True))
        )
        assert row["time_as_logged"] == there["timestamp"]
        at = datetime.fromisoformat(there["timestamp"])
    same_time = datetime.fromisoformat(row["time"]) == at
    status = there["status"]
    same_status = row["status_as_logged"] in {str(status), None} or float(row["status_as_logged"]) == float(status)
    no_id = row["request_id"] is None and there["request_id"] in {None, "", "-", "null", 0}
    return (
        same_time
        and same_status
        and there["account_id"] == row["key"]
        and (no_id or row["request_id"] == there["request_id"])
    )


@costly(30)
@given(worlds, st.sampled_from(["literal", "broad"]), st.integers(0, 1 << 32))
def test_they_are_as_many_as_the_report_has(world: World, reading: str, seed: int) -> None:
    chance = random.Random(seed)
    world = replace(world, rows=sent_again(world.rows, chance))
    with TemporaryDirectory() as name:
        folder = Path(name)
        request = request_of(world, folder, reading, OCTOBER, chance)
        engine = chance.choice([LocalThreads(2), small_tasks()])
        request = replace(request, logs=replace(request.logs, engine=engine))
        size = chance.choice([64, 1000, 1 << 20])
        with (
            mock.patch.multiple(csv_log, _BYTES_A_RANGE=size),
            mock.patch.multiple(opened_logs, MOST_TRACED_HELD=chance.choice([0, 10, 1 << 20])),
        ):
            report = json.loads(render_json(audit(request).report))
            duplicates = 0
            in_month = [row for row in world.rows if Month.of(row.timestamp.astimezone(SHANGHAI)) == Month(2026, 10)]
            accounts = sorted({row.account_id for row in in_month})
            for account in accounts:
                listed = found(request, RowsAsked(account))
                of_account = [each for each in report["results"] if each["account_id"] == account]
                assert (
                    sum(each["requests"] for each in of_account) == listed.filter(pl.col("class").is_in(COUNTED)).height
                )
                for result in of_account:
                    assert_same(result, listed, reading)
                duplicates += listed.filter(pl.col("class") == "duplicate").height
                assert all(map(stands_there, listed.to_dicts()))
                assert listed.select("file", "place").is_unique().all()
                if account == accounts[-1]:
                    class_ = chance.choice(CLASSES)
                    some = found(request, RowsAsked(account, frozenset({class_})))
                    assert some.equals(listed.filter(pl.col("class") == class_))
        assert duplicates == report["rows"]["duplicate"]


CLASSES: tuple[RowClass, ...] = ("explicit_failure", "excluded", "duplicate")
COUNTED = ("success", "explicit_failure", "excluded")


def assert_same(result: dict[str, Any], listed: pl.DataFrame, reading: str) -> None:
    """Hold the rows of an account against its result: under each reading, and by clause."""
    (other,) = {"literal", "broad"} - {reading}
    for name, column in ((reading, "class"), (other, f"{other}_class")):
        of_class = Counter(listed[column].to_list())
        said = result["readings"][name]
        assert [of_class[each] for each in COUNTED] == [said[each] for each in COUNTED]
    excluded = listed.filter(pl.col("class") == "excluded")
    assert result["excluded"]["by_clause"] == {str(n): rows for n, rows in sorted(Counter(excluded["clause"]).items())}


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_bytes(gzip.compress(text.encode()) if name.endswith(".gz") else text.encode())
    return path


def october(logs: Path, **given: Any) -> Request:
    return Request(CONTRACT, Logs((str(logs),)), AS_OF, "literal", period=OCTOBER, **given)


def told(listed: pl.DataFrame, *columns: str) -> list[tuple[Any, ...]]:
    return listed.select(columns).rows()


HEADER = "timestamp,account_id,status\n"
JSON = '{{"timestamp": {}, "account_id": "a", "status": {}}}\n'
NGINX = '10.0.0.1 - a [05/Oct/2026:13:06:07 +0800] "GET /v1 HTTP/1.1" 503 612 "-" "curl/8.5"\n'


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("log.csv", f"{HEADER}\n{TIME},a,0503\n{TIME},b,200\n", [("line 3", TIME, "0503")]),
        ("log.csv", f'{HEADER}"{TIME}",a,503\n', [("line 2", TIME, "503")]),
        ("log.csv", f"{HEADER}{TIME},b,503\r\n\r\n{TIME},a,-\r\n", [("line 4", TIME, "-")]),
        ("log.csv.gz", f"{HEADER}{TIME},b,503\n{TIME},a,503", [("line 3", TIME, "503")]),
        ("log.csv", f"{HEADER}2026-10-05T05:06:07.100Z,a,503\n", [("line 2", "2026-10-05T05:06:07.100Z", "503")]),
        ("log.csv", f"{HEADER}{TIME},b,200\r{TIME},a,503\n", [("line 2", TIME, "503")]),
        ("log.jsonl", "\n" + JSON.format("1791176767.120", 503), [("line 2", "1791176767.120", "503")]),
        (
            "log.jsonl",
            JSON.format(1791176767120, '"503"') * 2,
            [(f"line {at}", "1791176767120", "503") for at in (1, 2)],
        ),
        ("log.jsonl", JSON.format(f'"{TIME}"', "null") + "no object", [("line 1", TIME, None)]),
    ],
)
def test_what_stands_in_the_log_is_given_as_it_stands(
    name: str, text: str, expected: list[tuple[Any, ...]], tmp_path: Path
) -> None:
    request = october(write(tmp_path, name, text))
    request = replace(request, logs=replace(request.logs, tolerance=Tolerance(rows=1)))
    assert told(found(request, RowsAsked("a")), "place", "time_as_logged", "status_as_logged") == expected


def test_lines_of_a_dialect_have_their_fields_and_their_numbers(tmp_path: Path) -> None:
    logs = Logs(
        (str(write(tmp_path, "log.log", NGINX.replace("- a [", "- b [") + NGINX)),),
        dialect=load_dialect("nginx"),
        columns=ColumnMap({"account_id": ("remote_user",)}),
    )
    listed = found(Request(CONTRACT, logs, AS_OF, "literal", period=OCTOBER), RowsAsked("a"))
    assert told(listed, "place", "time", "time_as_logged", "status_as_logged", "class") == [
        ("line 2", "2026-10-05T13:06:07.000000+08:00", "05/Oct/2026:13:06:07 +0800", "503", "explicit_failure")
    ]


def test_date_and_time_stand_beside_each_other_and_a_path_may_say_whose_rows_they_are(tmp_path: Path) -> None:
    folder = tmp_path / "account_id=a"
    folder.mkdir()
    path = write(folder, "log.csv", "day,clock,status\n2026-10-05,13:06:07,503\n")
    request = october(path)
    columns = ColumnMap({"timestamp": ("day", "clock")})
    request = replace(request, logs=replace(request.logs, patterns=(str(tmp_path),), columns=columns))
    assert told(found(request, RowsAsked("a")), "key", "time_as_logged") == [("a", "2026-10-05 13:06:07")]


def test_a_key_is_its_account_s_only_on_its_days(tmp_path: Path) -> None:
    log = write(
        tmp_path,
        "log.csv",
        HEADER + "".join(f"2026-10-{day:02}T00:00:00+08:00,{key},200\n" for day in (5, 6) for key in "ak"),
    )
    alias = write(tmp_path, "alias.csv", "key,account,from,to\nk,a,2026-10-06,\na,z,,2026-10-06\n")
    listed = found(october(log, alias=alias), RowsAsked("a"))
    assert told(listed, "place", "key", "account_id") == [("line 4", "a", "a"), ("line 5", "k", "a")]


def test_of_rows_of_one_request_the_first_is_counted(tmp_path: Path) -> None:
    text = "timestamp,account_id,status,request_id\n" + f"{TIME},a,503,r1\n{TIME},b,503,r2\n" * 2
    write(tmp_path, "log-2.csv", text)
    write(tmp_path, "log-1.csv", text.replace("503,r2", "503,r3"))
    listed = found(october(tmp_path / "log-*"), RowsAsked("a"))
    assert told(listed, "file", "place", "class", "clause", "rule") == [
        (str(tmp_path / "log-1.csv"), "line 2", "explicit_failure", None, 6),
        (str(tmp_path / "log-1.csv"), "line 4", "duplicate", None, None),
        (str(tmp_path / "log-2.csv"), "line 2", "duplicate", None, None),
        (str(tmp_path / "log-2.csv"), "line 4", "duplicate", None, None),
    ]


def test_rows_outside_of_service_and_of_another_api_say_so(tmp_path: Path) -> None:
    log = write(
        tmp_path,
        "log.csv",
        f"timestamp,account_id,status,api\n{TIME},a,503,/x\n{TIME},a,503,/y\n2026-10-01T00:00:00+08:00,a,503,/x\n",
    )
    accounts = write(tmp_path, "accounts.csv", "account_id,plan,applied_on,expires_on\na,paid,2026-10-02,\n")
    listed = found(october(log, accounts=accounts, apis=("/x",)), RowsAsked("a"))
    assert listed["class"].to_list() == ["explicit_failure", "other_service", "outside_cycle"]
    assert listed["broad_class"].to_list() == ["explicit_failure", None, None]


def test_a_day_a_clause_and_an_exclusion_choose(tmp_path: Path) -> None:
    times = ("2026-10-04T23:59:59.999999+08:00", "2026-10-05T00:00:00+08:00", "2026-10-05T12:00:00+08:00")
    log = write(
        tmp_path, "log.csv", HEADER + "".join(f"{time},a,{status}\n" for time in times for status in (404, 503))
    )
    windows = write(
        tmp_path,
        "exclusions.csv",
        "id,clause,starts_at,ends_at,notified_at\nM,1,2026-10-05T11:00:00+08:00,2026-10-05T13:00:00+08:00,2026-10-01T00:00:00Z\n",
    )
    request = october(log, exclusions=windows)

    def lines(**asked: Any) -> list[int]:
        return [int(place.split()[1]) for place in found(request, RowsAsked("a", **asked))["place"]]

    assert lines() == [2, 3, 4, 5, 6, 7]
    assert lines(day=date(2026, 10, 5)) == [4, 5, 6, 7]
    assert lines(clause=4) == [2, 4, 6]
    assert lines(exclusion="M") == [7]
    assert lines(classes=frozenset({"explicit_failure"})) == [3, 5]
    assert lines(classes=frozenset({"explicit_failure"}), day=date(2026, 10, 4)) == [3]


class TestTheCommand:
    def test_files_of_all_formats_hold_the_same(self, tmp_path: Path) -> None:
        paths = {suffix: tmp_path / f"rows.{suffix}" for suffix in ("csv", "jsonl", "parquet", "xlsx")}
        for path in paths.values():
            done = sla_audit("rows", "--config", CONFIG, *ACCOUNT, "-o", str(path))
            assert (done.returncode, done.stderr) == (0, "426 rows of announced-works in 2026-10: " + SUMS)
        table = pl.read_parquet(paths["parquet"])
        assert [json.loads(line) for line in paths["jsonl"].read_text().splitlines()] == table.to_dicts()
        safe = table.with_columns(for_spreadsheet(pl.col(pl.String)))
        assert pl.read_csv(paths["csv"], schema=table.schema).equals(safe)
        sheet = openpyxl.load_workbook(paths["xlsx"]).active
        assert [tuple(cell.value for cell in row) for row in sheet.rows] == [tuple(table.columns), *table.rows()]

    def test_the_same_rows_are_printed_and_written_with_an_explanation(self, tmp_path: Path) -> None:
        printed = sla_audit("rows", "--config", CONFIG, *ACCOUNT, "--quiet").stdout
        assert printed.count("\n") == 427
        explained = sla_audit("explain", "--config", CONFIG, *ACCOUNT, "--rows", str(tmp_path / "rows.csv"))
        assert explained.returncode == 0
        assert (tmp_path / "rows.csv").read_text() == printed
        assert explained.stdout == sla_audit("explain", "--config", CONFIG, *ACCOUNT).stdout

    def test_rows_that_cannot_be_read_are_listed_whosever_they_are(self, tmp_path: Path) -> None:
        log = write(tmp_path, "log.csv", f"{HEADER}{TIME},a,x\n{TIME},a,200\n,b,=1\n")
        done = sla_audit("rows", str(log), "--class", "rejected")
        assert done.returncode == 0
        assert [line.split(",")[1:4] for line in done.stdout.splitlines()] == [
            ["place", "column", "found"],
            ["line 2", "status", "'x'"],
            ["line 4", "timestamp", "''"],
        ]

    def test_an_answer_that_is_left_out_by_its_api_alone_is_listed(self, tmp_path: Path) -> None:
        lines = ("CreateContainer,200", "PutBlob,200", "PutBlob,500")
        rows = "".join(f"{TIME},a,{line}\n" for line in lines)
        log = write(tmp_path, "log.csv", f"timestamp,account_id,api,status\n{rows}")
        asked = ("--contract", "azure-storage-hot", "--account", "a", "--cycle", "2026-10", "--class", "excluded")
        done = sla_audit("rows", str(log), *asked)
        assert (done.returncode, done.stderr) == (0, "1 row of a in 2026-10: 1 excluded\n")
        assert [line.split(",")[1] for line in done.stdout.splitlines()[1:]] == ["line 2"]

    @pytest.mark.parametrize(
        ("given", "said"),
        [
            ("--cycle 2026-10", "--account"),
            ("--account a --cycle 2026-10..2026-11", "expected one month"),
            ("--account announced-work --cycle 2026-10", "Near it are: 'announced-works'"),
            ("--account a --cycle 2026-10 --day 2026-11-01", "is not in the cycle"),
            ("--account a --cycle 2026-10 --day soon", "Invalid value for --day"),
            ("--account a --cycle 2026-10 -o rows.html", "no file of rows has the suffix '.html'"),
            ("--account a --cycle 2026-10 -o sample_logs/logs/2026-10-a.csv", "is an input of this run"),
        ],
    )
    def test_what_cannot_be_is_refused(self, given: str, said: str) -> None:
        done = sla_audit("rows", "--config", CONFIG, *given.split())
        assert done.returncode == 2
        assert said in done.stderr

    def test_of_a_stream_the_accounts_are_named_that_are_near(self, tmp_path: Path) -> None:
        log = write(tmp_path, "log.csv", f"{HEADER}{TIME},acct-7,200\n")
        with log.open() as stream:
            done = subprocess.run(
                [
                    sys.executable,
                    "-m",
                    "sla_audit",
                    "rows",
                    "-",
                    "--log-format",
                    "csv",
                    *ACCOUNT[2:],
                    "--account",
                    "acct-1",
                ],
                stdin=stream,
                capture_output=True,
                text=True,
                check=False,
            )
        assert done.returncode == 2
        assert "Near it are: 'acct-7'" in done.stderr

    def test_tallies_name_the_logs_to_give(self, tmp_path: Path) -> None:
        tally = tmp_path / "october.tally.parquet"
        assert sla_audit("tally", "sample_logs/logs", "-o", str(tally)).returncode == 0
        done = sla_audit("rows", str(tally), *ACCOUNT)
        assert done.returncode == 2
        assert "has counts, and no rows" in done.stderr
        assert "sample_logs/logs/2026-10-a.csv" in done.stderr

    def test_more_rows_than_a_sheet_holds_are_refused_and_nothing_is_written(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(files, "_ROWS_OF_A_SHEET", 3)
        with pytest.raises(InputError, match=r"more rows than 2, which \.xlsx holds"):
            list(files.row_blocks([pl.DataFrame({"a": [1, 2, 3]})], tmp_path / "rows.xlsx"))


CONFIG = "sample_logs/sla-audit.toml"
ACCOUNT = ("--account", "announced-works", "--cycle", "2026-10")
SUMS = "24 excluded, 2 explicit_failure, 400 success\n"
