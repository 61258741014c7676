"""Accounts that a pattern takes out of a path or a host, alike in every format of logs."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sla_audit.intake.values.account_pattern import AccountPattern
from tests.program import measured, sla_audit

CONFIG = """
cycle = "2026-10"
as_of = 2026-11-20
[columns]
account_id = { from = "request", pattern = '^\\S+ /t/([^/ ]+)' }
"""
ROWS = [
    ("GET /t/acme/compose HTTP/1.1", 200),
    ("POST /t/acme HTTP/1.1", 502),
    ("GET /t/甲/compose HTTP/1.1", 200),
    ("GET /robots.txt HTTP/1.1", 404),
    ("GET /t//x HTTP/1.1", 404),
    ("GET /t/-/x HTTP/1.1", 404),
] * 3
WANTED = {"acme": (6, 3), "甲": (3, 0)}


def times() -> list[str]:
    return [f"2026-10-05T10:00:{at:02}+08:00" for at in range(len(ROWS))]


def as_csv(folder: Path, rows: Sequence[tuple[str, int]]) -> None:
    lines = [f'{time},"{request}",{status}' for time, (request, status) in zip(times(), rows, strict=False)]
    (folder / "log.csv").write_text("\n".join(["timestamp,request,status", *lines]) + "\n", "utf-8")


def as_packed_csv(folder: Path, rows: Sequence[tuple[str, int]]) -> None:
    as_csv(folder, rows)
    (folder / "log.csv.gz").write_bytes(gzip.compress((folder / "log.csv").read_bytes()))
    (folder / "log.csv").unlink()


def as_json(folder: Path, rows: Sequence[tuple[str, int]]) -> None:
    objects = [
        {"timestamp": time, "request": request, "status": status}
        for time, (request, status) in zip(times(), rows, strict=False)
    ]
    (folder / "log.jsonl").write_text("".join(f"{json.dumps(each)}\n" for each in objects))


def as_parquet(folder: Path, rows: Sequence[tuple[str, int]]) -> None:
    table = pa.table(
        {
            "timestamp": times()[: len(rows)],
            "request": [request for request, _ in rows],
            "status": pa.array([status for _, status in rows], pa.int16()),
        }
    )
    pq.write_table(table, folder / "log.parquet", row_group_size=1)  # whose statistics say what the one value is


def as_plain_parquet(folder: Path, rows: Sequence[tuple[str, int]]) -> None:
    table = pa.table(
        {"timestamp": times()[: len(rows)], "request": [each for each, _ in rows], "status": [each for _, each in rows]}
    )
    pq.write_table(table, folder / "log.parquet", use_dictionary=False, write_statistics=False)


def as_combined(folder: Path, rows: Sequence[tuple[str, int]]) -> None:
    lines = [
        f'10.0.0.1 - - [05/Oct/2026:10:00:{at:02} +0800] "{request}" {status} 12 "-" "curl/8"'
        for at, (request, status) in enumerate(rows)
    ]
    (folder / "access.log").write_text("\n".join(lines) + "\n", "utf-8")


FORMATS = [as_csv, as_packed_csv, as_json, as_parquet, as_plain_parquet, as_combined]


def audited(folder: Path, *options: str) -> Any:
    (folder / "sla-audit.toml").write_text(CONFIG, "utf-8")
    return sla_audit("compute", "logs", "--config", "sla-audit.toml", "-o", "-", *options, folder=folder)


@pytest.mark.parametrize("write", FORMATS)
def test_the_account_is_what_the_pattern_takes_out(
    tmp_path: Path, write: Callable[[Path, Sequence[tuple[str, int]]], None]
) -> None:
    (tmp_path / "logs").mkdir()
    write(tmp_path / "logs", ROWS)
    ran = audited(tmp_path)
    assert ran.returncode == 0, ran.stderr
    report = json.loads(ran.stdout)
    figures = {each["account_id"]: (each["requests"], each["explicit_failure"]) for each in report["results"]}
    assert figures == WANTED
    assert report["rows"]["unattributed"] == 9  # of nobody, and 404


@pytest.mark.parametrize("write", FORMATS)
def test_an_answer_to_nobody_is_refused_with_its_row_and_the_pattern(
    tmp_path: Path, write: Callable[[Path, Sequence[tuple[str, int]]], None]
) -> None:
    (tmp_path / "logs").mkdir()
    write(tmp_path / "logs", [*ROWS[:2], ("GET /healthz HTTP/1.1", 200)])
    ran = audited(tmp_path)
    assert ran.returncode == 2
    assert "GET /healthz HTTP/1.1" in ran.stderr
    assert "expected a value out of which" in ran.stderr
    assert "takes the account's id" in ran.stderr


def test_an_option_goes_before_the_pattern(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    as_csv(tmp_path / "logs", [("a b", 200)])
    ran = audited(tmp_path, "--column", "account_id=request")
    assert [each["account_id"] for each in json.loads(ran.stdout)["results"]] == ["a b"]


WRONG = {
    "no group": ("{ from = 'host', pattern = '^x' }", "columns.account_id.pattern: expected one group"),
    "two groups": ("{ from = 'host', pattern = '^(x)(y)' }", "columns.account_id.pattern: expected one group"),
    "no pattern": (
        "{ from = 'host', pattern = '(' }",
        "columns.account_id.pattern: no regular expression, as Rust has them",
    ),
    "looks behind": ("{ from = 'host', pattern = '(?<=x)(y)' }", "no regular expression, as Rust has them"),
    "refers back": (r"{ from = 'host', pattern = '(x)\1' }", "no regular expression, as Rust has them"),
    "too large": ("{ from = 'host', pattern = '((a{1000}){1000}){1000}' }", "columns.account_id.pattern"),
    "no column": ("{ pattern = '(x)' }", "columns.account_id.from"),
    "another setting": ("{ from = 'host', pattern = '(x)', flags = 'i' }", "columns.account_id.flags: no such setting"),
    "a number": ("7", "columns.account_id"),
}


@pytest.mark.parametrize(("value", "said"), WRONG.values(), ids=WRONG)
def test_what_is_no_pattern_is_refused(tmp_path: Path, value: str, said: str) -> None:
    (tmp_path / "sla-audit.toml").write_text(f"[columns]\naccount_id = {value}\n")
    ran = sla_audit("compute", "logs", "--config", "sla-audit.toml", folder=tmp_path)
    assert (ran.returncode, said in ran.stderr) == (2, True), ran.stderr


def test_only_the_account_is_taken_out(tmp_path: Path) -> None:
    (tmp_path / "sla-audit.toml").write_text("[columns]\nstatus = { from = 'x', pattern = '(x)' }\n")
    ran = sla_audit("compute", "logs", "--config", "sla-audit.toml", folder=tmp_path)
    assert "status has a pattern" in ran.stderr


def test_a_pattern_that_takes_ages_elsewhere_takes_none(tmp_path: Path) -> None:
    """What backtracks in other regular expressions, here within seconds of processor time."""
    (tmp_path / "logs").mkdir()
    as_csv(tmp_path / "logs", [("a" * 20_000 + "b", 404)] * 18)
    (tmp_path / "sla-audit.toml").write_text(CONFIG.replace("^\\S+ /t/([^/ ]+)", "^((?:a+)+)$"))
    ran = measured("compute", "logs", "--config", "sla-audit.toml", "-o", "report.json", folder=tmp_path, seconds=30)
    assert ran.code == 0, ran.error


@given(st.lists(st.none() | st.text("/tab.é \n", max_size=12)), st.booleans())
def test_columns_and_single_values_are_taken_alike(values: list[str | None], as_dictionary: bool) -> None:
    pattern = AccountPattern.checked("/t/([^/]+)")
    column = pa.array(values, pa.string())
    taken = pattern.taken(column.dictionary_encode() if as_dictionary else column, "path")
    expected = [found[1] if (found := re.search("/t/([^/]+)", value or "")) else "" for value in values]
    assert [each or "" for each in taken.to_pylist()] == expected
    assert [pattern.take(value) for value in values] == expected
