"""Directories as Hive partitions them: `account_id=acme` is a column of every row of the files below."""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sla_audit.cli.main import run
from sla_audit.intake.sources.source import Source

pytestmark = pytest.mark.usefixtures("folder")

TIME = "2026-10-05T05:06:07Z"
Rows = Sequence[Mapping[str, Any]]


PATHS: dict[str, dict[str, str | None]] = {
    "logs/part-0.csv": {},
    "logs/dt=2026-10-01/part-0.csv": {"dt": "2026-10-01"},
    "logs/dt=2026-10-01/account_id=acme/part-0.csv": {"dt": "2026-10-01", "account_id": "acme"},
    "logs/account_id=a%2Fb%3Dc%20d/part-0.csv": {"account_id": "a/b=c d"},
    "logs/account_id=%E7%94%B2/part-0.csv": {"account_id": "甲"},
    "logs/account_id=a=b/part-0.csv": {"account_id": "a=b"},
    "logs/account_id=__HIVE_DEFAULT_PARTITION__/part-0.csv": {"account_id": None},
    "logs/account_id=/part-0.csv": {"account_id": ""},
    "logs/dt=1/dt=2/part-0.csv": {"dt": "2"},
    "logs/dt=1/part=0.csv": {"dt": "1"},
    "/logs/dt=1/part-0.csv": {"dt": "1"},
}


@pytest.mark.parametrize(("path", "expected"), PATHS.items(), ids=PATHS)
def test_what_a_path_says(path: str, expected: dict[str, str | None]) -> None:
    assert Source(Path(path), "csv").partitions == expected


@pytest.mark.parametrize("said", ["account_id=%FF", "account_id=a%C3/", "%FE=a", "dt=1/account_id=%ED%A0%80"])
def test_what_a_path_says_is_refused_where_it_is_not_utf_8(said: str, capsys: pytest.CaptureFixture[str]) -> None:
    for folder in (said, "account_id=%FE"):
        path = Path(folder) / "part-0"
        path.parent.mkdir(parents=True)
        as_csv(path, [{"timestamp": TIME, "status": 200}])
    assert run(["compute", "."]) == 2
    error = capsys.readouterr().err
    assert f"{Path(said).as_posix()}/part-0.csv: a directory is named for the bytes" in error
    assert "account_id=%FE/part-0.csv: a directory is named for the bytes b'\\xfe', which are not UTF-8" in error


def as_csv(path: Path, rows: Rows) -> None:
    with path.with_suffix(".csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def as_packed_csv(path: Path, rows: Rows) -> None:
    as_csv(path, rows)
    plain = path.with_suffix(".csv")
    path.with_suffix(".csv.gz").write_bytes(gzip.compress(plain.read_bytes()))
    plain.unlink()


def as_json(path: Path, rows: Rows) -> None:
    path.with_suffix(".jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


def as_parquet(path: Path, rows: Rows) -> None:
    pq.write_table(pa.Table.from_pylist([dict(row) for row in rows]), path.with_suffix(".parquet"))


WRITERS: dict[str, Callable[[Path, Rows], None]] = {
    "CSV": as_csv,
    "packed CSV": as_packed_csv,
    "JSON lines": as_json,
    "Parquet": as_parquet,
}
EVERY = pytest.mark.parametrize("write", WRITERS.values(), ids=WRITERS)


def lay(write: Callable[[Path, Rows], None], files: Mapping[str, Rows]) -> None:
    for name, rows in files.items():
        path = Path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        write(path, rows)


def requests(*options: str) -> dict[str, int]:
    """Give the requests of each account, which statistics must not change."""
    found = []
    for more in ((), ("--no-statistics",)):
        assert run(["compute", *options, *more, "--as-of", "2026-12-20", "--quiet", "-o", "report.json"]) == 0
        report = json.loads(Path("report.json").read_text(encoding="utf-8"))
        found.append({each["account_id"]: each["requests"] for each in report["results"]})
    assert found[0] == found[1]
    return found[0]


def row(**columns: Any) -> dict[str, Any]:
    return {"timestamp": TIME, "account_id": "A", "status": 200} | columns


def without(name: str, **columns: Any) -> dict[str, Any]:
    return {key: value for key, value in row(**columns).items() if key != name}


@EVERY
def test_the_account_may_be_in_the_path(write: Callable[[Path, Rows], None]) -> None:
    some = without("account_id")
    lay(write, {
        "logs/dt=2026-10-01/account_id=acme/part-0": [some, some],
        "logs/dt=2026-10-01/account_id=b%20c/part-0": [some],
        "logs/dt=2026-10-02/account_id=acme/part-0": [some | {"status": 502}],
    })  # fmt: skip
    assert requests("logs") == {"acme": 3, "b c": 1}


@EVERY
@pytest.mark.parametrize("given", ["logs", "logs/*", "logs/tenant=acme", "logs/**/*.*", "logs/./tenant=acme/dt=1"])
def test_however_the_files_are_named(write: Callable[[Path, Rows], None], given: str) -> None:
    lay(write, {"logs/tenant=acme/dt=1/part-0": [without("account_id")]})
    assert requests(given, "--column", "account_id=tenant") == {"acme": 1}


@EVERY
def test_the_file_goes_before_the_path(write: Callable[[Path, Rows], None]) -> None:
    lay(write, {"logs/account_id=acme/part-0": [row(), row(account_id="B")]})
    assert requests("logs") == {"A": 1, "B": 1}


@EVERY
def test_the_same_bytes_elsewhere_are_other_requests_where_the_path_says_who_made_them(
    write: Callable[[Path, Rows], None],
) -> None:
    some = [without("account_id")]
    lay(write, {f"logs/account_id={name}/part-0": some for name in "ABC"})
    assert requests("logs") == {"A": 1, "B": 1, "C": 1}


@EVERY
def test_and_a_copy_where_it_says_nothing_that_is_read(write: Callable[[Path, Rows], None]) -> None:
    lay(write, {f"logs/dt={day}/part-0": [row()] for day in (1, 2)})
    assert requests("logs") == {"A": 1}


@EVERY
@pytest.mark.parametrize("written", ["", "__HIVE_DEFAULT_PARTITION__", "-", "%20"])
def test_an_account_that_is_none_is_rejected_in_every_row(
    write: Callable[[Path, Rows], None], written: str, capsys: pytest.CaptureFixture[str]
) -> None:
    lay(write, {f"logs/account_id={written}/part-0": [without("account_id")] * 3})
    assert run(["compute", "logs"]) == 2
    error = capsys.readouterr().err
    assert "3 of 3 rows cannot be read (3 for account_id)" in " ".join(error.split())


@EVERY
def test_a_date_in_the_path_and_a_time_in_the_file(write: Callable[[Path, Rows], None]) -> None:
    lay(
        write,
        {f"logs/dt={day}/part-0": [without("timestamp", time="23:59:59.5")] for day in ("2026-09-30", "2026-10-31")},
    )
    assert requests("logs", "--column", "timestamp=dt,time", "--cycle", "2026-09") == {"A": 1}
    assert requests("logs", "--column", "timestamp=dt,time", "--cycle", "2026-10") == {"A": 1}


@EVERY
def test_a_time_in_the_path_alone_is_no_request_s(
    write: Callable[[Path, Rows], None], capsys: pytest.CaptureFixture[str]
) -> None:
    lay(write, {"logs/timestamp=2026-10-01T00%3A00%3A00Z/part-0": [without("timestamp")]})
    assert run(["compute", "logs"]) == 2
    assert "the time is said by the path alone, timestamp" in " ".join(capsys.readouterr().err.split())


@EVERY
def test_every_column_but_the_time(write: Callable[[Path, Rows], None]) -> None:
    only = [{"timestamp": TIME}] * 2
    lay(write, {f"logs/account_id=A/status={status}/region=cn/part-0": only for status in (200, 404, 502)})
    assert requests("logs") == {"A": 6}
    report = json.loads(Path("report.json").read_text(encoding="utf-8"))
    (result,) = report["results"]
    assert (result["success"], result["explicit_failure"], result["excluded"]["total"]) == (2, 2, 2)


@EVERY
def test_a_status_that_is_none_is_rejected(
    write: Callable[[Path, Rows], None], capsys: pytest.CaptureFixture[str]
) -> None:
    lay(write, {"logs/status=2OO/part-0": [without("status")]})
    assert run(["compute", "logs"]) == 2
    assert "status is '2OO'" in capsys.readouterr().err


@EVERY
def test_an_api_in_the_path(write: Callable[[Path, Rows], None]) -> None:
    lay(write, {f"logs/api={api}/part-0": [row()] for api in ("%2Fv1%2Fcompose", "%2Fv1%2Fother")})
    assert requests("logs", "--api", "/v1/compose") == {"A": 1}


@EVERY
def test_a_field_of_a_dialect_in_the_path(write: Callable[[Path, Rows], None]) -> None:
    some = {"requestTimeEpoch": 1_791_176_767_001, "identity.apiKeyId": "A", "status": "504"}
    lay(
        write, {f"logs/integrationStatus={said}/part-0": [some | {"requestId": f"for {said}"}] for said in ("-", "504")}
    )
    options = ("logs", "--dialect", "aws-api-gateway")
    assert requests(*options) == {"A": 2}


@EVERY
def test_tallies_of_the_same_bytes_elsewhere_add_up(write: Callable[[Path, Rows], None]) -> None:
    lay(write, {f"logs/account_id={name}/part-0": [without("account_id")] for name in "AB"})
    for name in "AB":
        assert run(["tally", f"logs/account_id={name}", "-o", f"{name}.tally.parquet", "--quiet"]) == 0
    assert requests("A.tally.parquet", "B.tally.parquet") == {"A": 1, "B": 1}


def test_marks_of_the_writer_are_passed_over() -> None:
    lay(as_csv, {"logs/account_id=A/part-0": [without("account_id")]})
    for mark in ("_SUCCESS", "account_id=A/.part-0.csv.crc", "account_id=A/_started_1", "account_id=A/.part-1.csv"):
        (Path("logs") / mark).touch()
    assert requests("logs") == {"A": 1}
