"""Logs whose columns change from file to file: each is read by its own, and all give the figures of one clean log."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sla_audit.cli.main import run

TIMES = ["2026-10-05T05:06:07Z", "2026-10-05T05:06:08Z", "2026-10-05T05:06:09Z"]
EPOCHS = ["1791176767", "1791176768", "1791176769"]
ROWS: list[dict[str, Any]] = [
    {"timestamp": TIMES[0], "account_id": "A", "status": 200},
    {"timestamp": TIMES[1], "account_id": "A", "status": 502},
    {"timestamp": TIMES[2], "account_id": "A", "status": 404},
]
FIRST, SECOND, THIRD = ROWS
EXPECTED = (1, 1, 1)


def text(*, times: Sequence[str] = TIMES, before: str = "", after: Sequence[str] = ("", "", "", "")) -> str:
    """Write the rows as CSV, with something before and after each line."""
    table = [
        "timestamp,account_id,status",
        *(f"{time},A,{row['status']}" for time, row in zip(times, ROWS, strict=True)),
    ]
    return "".join(f"{before}{line}{more}\n" for line, more in zip(table, after, strict=True))


CSV = text()


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("logs").mkdir()


def counts(*options: str) -> tuple[int, int, int]:
    assert run(["compute", "logs", *options, "--as-of", "2026-12-20", "--quiet", "-o", "report.json"]) == 0
    (result,) = json.loads(Path("report.json").read_text(encoding="utf-8"))["results"]
    return result["success"], result["explicit_failure"], result["excluded"]["total"]


def csv(text: str) -> Callable[[Path], object]:
    return lambda path: path.with_suffix(".csv").write_text(text, encoding="utf-8")


def lines(*rows: Mapping[str, Any]) -> Callable[[Path], object]:
    return lambda path: path.with_suffix(".jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))


def parquet(**columns: Any) -> Callable[[Path], object]:
    usual = {"timestamp": TIMES, "account_id": ["A"] * 3, "status": [200, 502, 404]}
    return lambda path: pq.write_table(pa.table(usual | columns), path.with_suffix(".parquet"))


INSTANTS = pa.array(range(1_791_176_767, 1_791_176_770), pa.timestamp("s", "UTC"))
LATER: dict[str, Callable[[Path], object]] = {
    "CSV with a new column at the end": csv(text(after=[",new"] * 4)),
    "CSV with a new column at the start": csv(text(before="new,")),
    "CSV in another order": csv("".join(",".join(reversed(line.split(","))) + "\n" for line in CSV.splitlines())),
    "CSV with epoch times": csv(text(times=EPOCHS)),
    "CSV in which the form of the time changes half way": csv(text(times=[*TIMES[:2], EPOCHS[2]])),
    "CSV with statuses as floats": csv(CSV.replace("200", "200.0").replace("502", "502.0")),
    "CSV with a flag": csv(text(after=[",content_flag", ",", ",-", ",none"])),
    "JSON lines with a new field": lines(*({**row, "new": [1, {"x": None}]} for row in ROWS)),
    "JSON lines in which a field comes and goes": lines(FIRST, {**SECOND, "new": 1}, {**THIRD, "new": "one"}),
    "JSON lines with statuses as text": lines(*({**row, "status": str(row["status"])} for row in ROWS)),
    "JSON lines of changing types": lines(FIRST, {**SECOND, "status": "502"}, {**THIRD, "status": 404.0}),
    "Parquet with times as text": parquet(),
    "Parquet with a new column": parquet(new=[{"x": 1}] * 3),
    "Parquet with zoned times": parquet(timestamp=INSTANTS),
    "Parquet with epoch milliseconds": parquet(timestamp=INSTANTS.cast(pa.timestamp("ms", "UTC")).cast(pa.int64())),
    "Parquet with statuses as text": parquet(status=["200", "502", "404"]),
    "Parquet with statuses as floats": parquet(status=[200.0, 502.0, 404.0]),
    "Parquet with statuses as decimals": parquet(status=pa.array(map(Decimal, (200, 502, 404)), pa.decimal128(5, 1))),
    "Parquet with accounts as a dictionary": parquet(account_id=pa.array(["A"] * 3).dictionary_encode()),
    "Parquet with accounts as bytes": parquet(account_id=pa.array([b"A"] * 3)),
}  # fmt: skip


@pytest.mark.parametrize("write", LATER.values(), ids=LATER)
def test_a_later_log_of_other_columns_and_types(write: Callable[[Path], object]) -> None:
    csv(CSV)(Path("logs/2026-10-01"))
    write(Path("logs/2026-10-02"))
    assert counts() == counts("--no-statistics") == counts("--jobs", "1") == (2, 2, 2)


def test_all_of_them_together() -> None:
    for at, write in enumerate(LATER.values()):
        write(Path(f"logs/part-{at:02}"))
    assert counts() == counts("--no-statistics") == tuple(len(LATER) * each for each in EXPECTED)


def test_accounts_as_numbers_and_as_text_are_the_same() -> None:
    csv(CSV.replace(",A,", ",7,"))(Path("logs/a"))
    parquet(account_id=[7, 7, 7])(Path("logs/b"))
    parquet(account_id=["7", "7", "7"])(Path("logs/c"))
    lines(*({**row, "account_id": 7} for row in ROWS))(Path("logs/d"))
    assert counts() == (4, 4, 4)


def test_a_log_that_lost_a_column_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    csv(CSV)(Path("logs/a"))
    csv(CSV.replace("status", "code"))(Path("logs/b"))
    assert run(["compute", "logs"]) == 2
    assert "logs/b.csv: no column 'status'; the file has: timestamp, account_id, code" in capsys.readouterr().err


def test_a_flag_that_only_later_logs_have_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    csv(CSV)(Path("logs/a"))
    parquet(content_flag=[None, None, "gambling"])(Path("logs/b"))
    assert run(["compute", "logs"]) == 0
    error = " ".join(capsys.readouterr().err.split())
    assert "no content_flag column, so illegal content (clause 2.7.1 (5)) cannot be seen: logs/a.csv" in error
