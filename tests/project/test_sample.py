"""The sample month gives the report that stands beside it, to the byte."""

from __future__ import annotations

import json
import runpy
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from tests.program import ROOT, sla_audit

SAMPLE = ROOT / "sample_logs"


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("report") / "report.json"
    done = sla_audit("compute", "--config", "sample_logs/sla-audit.toml", "-o", str(path))
    assert done.returncode == 0, done.stderr
    return path


@pytest.fixture(scope="module")
def report(written: Path) -> dict[str, Any]:
    return json.loads(written.read_text("utf-8"))  # type: ignore[no-any-return]


def test_the_sample_gives_the_golden_report(written: Path) -> None:
    assert written.read_bytes() == (SAMPLE / "expected.json").read_bytes()


def test_the_same_report_comes_out_every_time_and_with_any_number_of_jobs(written: Path, tmp_path: Path) -> None:
    again = tmp_path / "again.json"
    sla_audit("compute", "--config", "sample_logs/sla-audit.toml", "--jobs", "1", "-o", str(again))
    assert again.read_bytes() == written.read_bytes()


STORIES = [
    # account, counted, failures, rate, decision, reason, compensation
    ("exactly-99", 300, 3, "0.990000", "not_owed", "objective_met", "0.00"),
    ("just-below", 199, 2, "0.989949", "owed", "below_objective", "180.00"),
    ("tier-two", 200, 16, "0.920000", "owed", "below_objective", "360.00"),
    ("tier-three", 200, 40, "0.800000", "owed", "below_objective", "720.00"),
    ("free-plan", 100, 10, "0.900000", "not_owed", "free_plan", "0.00"),
    ("partial-first-month", 100, 3, "0.970000", "owed", "below_objective", "61.67"),  # 61.665, half up
    ("expired-mid-month", 150, 10, "0.933333", "owed", "below_objective", "186.00"),
    ("capped-by-cash", 100, 12, "0.880000", "owed", "below_objective", "250.00"),
    ("all-by-voucher", 100, 6, "0.940000", "not_owed", "nothing_paid", "0.00"),
    ("announced-works", 402, 2, "0.995024", "not_owed", "objective_met", "0.00"),
    ("unannounced-works", 194, 14, "0.927835", "owed", "below_objective", "294.00"),
    ("illegal-content", 150, 1, "0.993333", "not_owed", "objective_met", "0.00"),
    ("client-errors", 151, 1, "0.993377", "not_owed", "objective_met", "0.00"),
    ("no-traffic", 0, 0, None, "not_owed", "no_requests", "0.00"),
    ("not-in-accounts", 50, 5, "0.900000", "undetermined", "account_unknown", None),
    ("no-billing", 60, 3, "0.950000", "undetermined", "billing_missing", None),
    ("readings-differ", 200, 1, "0.995000", "not_owed", "objective_met", "0.00"),
]


@pytest.mark.parametrize(
    ("account", "counted", "failures", "rate", "decision", "reason", "owed"), STORIES, ids=[s[0] for s in STORIES]
)
def test_each_story_ends_as_its_name_says(
    report: dict[str, Any],
    account: str,
    counted: int,
    failures: int,
    rate: str | None,
    decision: str,
    reason: str,
    owed: str | None,
) -> None:
    result = next(result for result in report["results"] if result["account_id"] == account)
    assert result["success"] + result["explicit_failure"] == counted
    found = (result["explicit_failure"], result["success_rate"], result["decision"], result["reason"])
    assert found == (failures, rate, decision, reason)
    assert result["compensation"] == owed


def test_every_account_has_a_story(report: dict[str, Any]) -> None:
    assert [result["account_id"] for result in report["results"]] == sorted(story[0] for story in STORIES)


def test_the_readings_differ_where_the_story_says_so(report: dict[str, Any]) -> None:
    result = next(result for result in report["results"] if result["account_id"] == "readings-differ")
    assert result["readings"]["literal"]["compensation"] == "0.00"
    assert result["readings"]["broad"] == {
        "success": 190,
        "explicit_failure": 10,
        "excluded": 0,
        "success_rate": "0.950000",
        "credit_rate": "0.15",
        "decision": "owed",
        "reason": "below_objective",
        "compensation": "299.99",  # 15 % of 1999.90 is 299.985
    }


def test_totals_are_the_sums_of_the_results(report: dict[str, Any]) -> None:
    owed = [result for result in report["results"] if result["decision"] == "owed"]
    assert report["totals"]["owed"] == len(owed) == 7
    assert Decimal(report["totals"]["compensation"]) == sum(Decimal(result["compensation"]) for result in owed)
    assert report["totals"]["undetermined"] == 2
    assert report["totals"]["accounts"] == len(STORIES)
    assert report["totals"]["breached"] == 11


def test_the_claims_of_october_2026_are_taken_from_5_to_30_november(report: dict[str, Any]) -> None:
    windows = {tuple(result["claim"].values()) for result in report["results"]}
    assert windows == {("2026-11-05", "2026-11-30", "official")}


def test_the_script_makes_the_files_that_are_kept(tmp_path: Path) -> None:
    runpy.run_path(str(SAMPLE / "make.py"))["make"](tmp_path)
    for kept in sorted(SAMPLE.rglob("*.csv")):
        assert (tmp_path / kept.relative_to(SAMPLE)).read_bytes() == kept.read_bytes(), kept.name
    for kept in sorted(SAMPLE.rglob("*.parquet")):
        made = pq.read_table(tmp_path / kept.relative_to(SAMPLE))
        assert made.equals(pq.read_table(kept)), kept.name
