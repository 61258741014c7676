"""Every polluted log gives the clean log's figures, or is refused with its name and the place of the fault."""

from __future__ import annotations

import io
import json
from collections import Counter
from datetime import date
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl
import pytest

from sla_audit.cli.main import run
from tests.oracles import judgement as oracle
from tests.pollution.case import AsAnotherReads, Case, Counts, Refused
from tests.pollution.csv_file import csv_file_cases
from tests.pollution.csv_rows import csv_row_cases
from tests.pollution.encodings import encoding_cases
from tests.pollution.json_file import json_cases
from tests.pollution.log import ACCOUNTS, BILLING, LOG, Request, csv_text, rows_of
from tests.pollution.packed import packed_cases
from tests.pollution.parquet_file import parquet_cases
from tests.pollution.ways_out import way_out_cases

CASES = [
    *csv_file_cases(),
    *csv_row_cases(),
    *encoding_cases(),
    *packed_cases(),
    *json_cases(),
    *parquet_cases(),
    *way_out_cases(),
]
OPTIONS = ("--accounts", "accounts.csv", "--billing", "billing.csv", "--as-of", "2026-11-20", "--quiet", "--jobs", "1")
FACTS = {"accounts.csv": ACCOUNTS, "billing.csv": BILLING}


def test_no_two_cases_have_one_name() -> None:
    assert [name for name, times in Counter(case.name for case in CASES).items() if times > 1] == []


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_polluted_log(
    case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    code = audit(tmp_path, case.file, case.content, case.options)
    said = capsys.readouterr().err
    assert "Traceback" not in said

    if isinstance(case.outcome, Refused) or (code == 2 and isinstance(case.outcome, AsAnotherReads)):
        assert code == 2, said
        assert sorted(path.name for path in tmp_path.iterdir()) == sorted([case.file, *FACTS])
        assert case.file in said or "--" in said
        if isinstance(case.outcome, Refused):
            assert case.outcome.message in said
            assert case.outcome.place in said
        return
    counts = case.outcome if isinstance(case.outcome, Counts) else Counts(read_by_another(case.content))
    assert code == 0, said
    assert figures(tmp_path) == expected_figures(tuple(counts.rows), counts.rejected)


def read_by_another(parquet: bytes) -> tuple[Request, ...]:
    """Give the rows that Polars reads; where it cannot, only the clean log's are right."""
    try:
        return rows_of(pl.read_parquet(io.BytesIO(parquet), use_statistics=False))
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException):
        return LOG


def audit(folder: Path, file: str, content: bytes, options: Any = ()) -> int:
    """Run the program on a log in a folder, which is the current one, and give its exit code."""
    for name, text in FACTS.items():
        (folder / name).write_text(text)
    (folder / file).write_bytes(content)
    outputs = ("-o", "report.json", "--rejects", "rejects.csv")
    return run(["compute", file, *OPTIONS, *options, *outputs])


def figures(folder: Path) -> dict[str, Any]:
    """Give all figures of a report."""
    report = json.loads((folder / "report.json").read_text())
    return {name: report[name] for name in ("rows", "exclusions", "results", "totals")}


@cache
def expected_figures(rows: tuple[Request, ...], rejected: int) -> dict[str, Any]:
    """Give the figures of a clean log with these rows and as many others that could not be read."""
    with TemporaryDirectory() as name, pytest.MonkeyPatch.context() as patch:
        folder = Path(name)
        patch.chdir(folder)
        assert audit(folder, "clean.csv", csv_text(rows).encode()) == 0
        found = figures(folder)
    return found | {"rows": found["rows"] | {"read": len(rows) + rejected, "rejected": rejected}}


def test_the_clean_log_has_the_figures_that_the_agreement_gives() -> None:
    accounts = [
        oracle.Account("a-1", "paid", date(2026, 1, 1), None),
        oracle.Account("Zürich", "paid", date(2026, 10, 5), None),
    ]
    bills = [oracle.Bill("a-1", "2026-10", "1200.00", "1000.00"), oracle.Bill("Zürich", "2026-10", "333.33", "333.33")]
    places, results = oracle.audit([row.as_oracle_row() for row in LOG], accounts, bills, [], date(2026, 11, 20))
    found = expected_figures(LOG, 0)
    assert found["rows"] == {"other_service": 0, "duplicate": 0, "rejected": 0, "unattributed": 0} | places
    assert {(each["account_id"], each["cycle"]) for each in found["results"]} == set(results)
    for each in found["results"]:
        expected = results[each["account_id"], each["cycle"]]
        assert each["requests"] == expected["requests"]
        for reading, judged in each["readings"].items():
            said = expected["readings"][reading]  # type: ignore[index]
            for name in ("success", "explicit_failure", "excluded", "success_rate", "decision", "compensation"):
                assert judged[name] == said[name], (reading, name)
