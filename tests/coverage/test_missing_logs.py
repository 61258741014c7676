"""No logs is not "nothing owed": months, calls and APIs of which the logs have nothing, in every format."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from openpyxl import load_workbook
from prometheus_client.parser import text_string_to_metric_families

from tests.builders.reports.as_rendered import is_rendered_from
from tests.program import sla_audit

SHANGHAI = timezone(timedelta(hours=8))
ACCOUNTS = "account_id,plan,applied_on\na,paid,2026-01-01\nb,paid,2026-01-01\nc,free,2026-01-01\n"
FEES = "account_id,cycle,service_fee,cash_paid\na,2026-10,1000.00,1000.00\nb,2026-10,500.00,500.00\n"
FACTS = ("--accounts", "accounts.csv", "--billing", "billing.csv")


def times(month: int, many: int = 100) -> list[datetime]:
    start = datetime(2026, month, 1, tzinfo=SHANGHAI)
    return [start + timedelta(days=28) * at / many for at in range(many)]


def csv_log(account: str, month: int, failed: int = 0, api: str = "/v1/a") -> bytes:
    rows = (f"{at.isoformat()},{account},{503 if n < failed else 200},{api}" for n, at in enumerate(times(month)))
    return "\n".join(["timestamp,account_id,status,api", *rows, ""]).encode()


def json_log(account: str, month: int, failed: int = 0, api: str = "/v1/a") -> bytes:
    rows = (
        json.dumps(
            {"timestamp": at.isoformat(), "account_id": account, "status": 503 if n < failed else 200, "api": api}
        )
        for n, at in enumerate(times(month))
    )
    return gzip.compress("\n".join([*rows, ""]).encode(), mtime=0)


LOGS: dict[str, Callable[..., bytes]] = {"log.csv": csv_log, "log.jsonl.gz": json_log}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "accounts.csv").write_text(ACCOUNTS)
    (tmp_path / "billing.csv").write_text(FEES)
    return tmp_path


def run(folder: Path, *arguments: str, day: str = "2026-11-20") -> tuple[int, str, dict[str, Any]]:
    """Audit, and give the exit code, what was printed, and the report."""
    done = sla_audit("compute", *arguments, "--as-of", day, "-o", "report.json", folder=folder, columns=200)
    assert done.returncode in {0, 1}, done.stderr
    return done.returncode, done.stdout + done.stderr, json.loads((folder / "report.json").read_bytes())


def decided(report: dict[str, Any]) -> dict[tuple[str, str], tuple[str, str]]:
    return {
        (result["account_id"], result["cycle"]): (result["reason"], result["compensation"])
        for result in report["results"]
    }


@pytest.mark.parametrize("name", LOGS)
def test_a_month_of_which_the_logs_have_no_row_cannot_be_judged(folder: Path, name: str) -> None:
    (folder / name).write_bytes(LOGS[name]("a", 9))
    _, said, report = run(folder, name, *FACTS, "--cycle", "2026-10")
    assert decided(report) == {(account, "2026-10"): ("no_logs", None) for account in "abc"}
    assert {result["decision"] for result in report["results"]} == {"undetermined"}
    assert report["totals"]["compensation"] is None
    assert report["totals"]["readings"] == {
        reading: {"compensation": None, "undetermined": 3} for reading in ("literal", "broad")
    }
    assert said.startswith("Nothing can be judged: the logs have no row of 2026-10.\n")
    assert "the logs have no row of the service in 2026-10: nothing of it can be judged" in said
    assert report["months"] == [{"cycle": "2026-10", "rows": 0}]


def test_of_several_months_those_without_rows_are_told_apart(folder: Path) -> None:
    (folder / "log.csv").write_bytes(csv_log("a", 10, failed=10))
    _, said, report = run(folder, "log.csv", *FACTS, "--cycle", "2026-09..2026-10")
    found = decided(report)
    assert {found[account, "2026-09"] for account in "abc"} == {("no_logs", None)}
    assert found["a", "2026-10"] == ("below_objective", "300.00")
    assert found["b", "2026-10"] == ("no_requests", "0.00")
    assert report["totals"]["compensation"] == "300.00"
    assert said.startswith("300.00 CNY can be claimed until 2026-11-30: 1 of 3 accounts, 2026-10")
    assert "Undetermined: 3 (no logs of the month)." in said


@pytest.mark.parametrize("name", LOGS)
def test_rows_of_other_services_do_not_stand_for_a_log(folder: Path, name: str) -> None:
    (folder / name).write_bytes(LOGS[name]("a", 10, api="/v2/other"))
    code, said, report = run(folder, name, *FACTS, "--cycle", "last", "--api", "/v1/*", "--fail-on", "gaps")
    assert set(decided(report).values()) == {("no_logs", None)}
    assert report["rows"]["other_service"] == 100
    assert report["apis"] == [{"pattern": "/v1/*", "rows": 0}]
    assert "no row of the logs is of an API that --api names: '/v1/*'" in said
    assert "Nothing can be judged" in said
    assert code == 1


def test_each_pattern_without_rows_is_told_by_name(folder: Path) -> None:
    (folder / "log.csv").write_bytes(csv_log("a", 10))
    patterns = ("--api", "/v1/a", "--api", "/V1/*", "--api", "/v3/*")
    _, said, report = run(folder, "log.csv", *FACTS, *patterns)
    assert report["apis"] == [
        {"pattern": "/v1/a", "rows": 100},
        {"pattern": "/V1/*", "rows": 0},
        {"pattern": "/v3/*", "rows": 0},
    ]
    assert "that --api names: '/V1/*', '/v3/*'" in said


def test_rows_outside_service_dates_show_that_the_log_is_there(folder: Path) -> None:
    (folder / "accounts.csv").write_text(
        "account_id,plan,applied_on,expires_on\na,paid,2026-01-01,2026-09-30\nb,paid,2026-01-01,\n"
    )
    (folder / "log.csv").write_bytes(csv_log("a", 10))
    _, _, report = run(folder, "log.csv", *FACTS, "--cycle", "2026-10")
    assert decided(report) == {("b", "2026-10"): ("no_requests", "0.00")}
    assert report["months"] == [{"cycle": "2026-10", "rows": 100}]


NOTHING = {
    "a month without rows": ("2026-10", csv_log("a", 9), "Nothing can be judged: the logs have no row of 2026-10."),
    "all months, and rows of another service": (
        "all",
        csv_log("a", 10, api="/v2/a"),
        "Nothing can be judged: the logs have no row of the service.",
    ),
}


def as_read(page: str) -> str:
    """Leave out what only keeps words on one line."""
    return re.sub(r"</?span[^>]*>", "", page)


@pytest.mark.parametrize(("cycle", "log", "headline"), NOTHING.values(), ids=NOTHING)
def test_without_accounts_and_rows_there_is_no_result_and_nothing_is_said_to_be_owed(
    folder: Path, cycle: str, log: bytes, headline: str
) -> None:
    (folder / "log.csv").write_bytes(log)
    outputs = [part for suffix in ("md", "html", "prom", "csv") for part in ("-o", f"report.{suffix}")]
    code, said, report = run(folder, "log.csv", "--cycle", cycle, "--api", "/v1/*", "--fail-on", "gaps", *outputs)
    assert (report["results"], report["totals"]["compensation"]) == ([], None)
    assert said.startswith(headline)
    assert code == 1
    for suffix in ("md", "html"):
        text = (folder / f"report.{suffix}").read_text("utf-8")
        assert headline.rstrip(".") in as_read(text)
        assert "Nothing is owed" not in text.partition("<script")[0]
    claims = sla_audit("claim-check", "--report", "report.json", folder=folder)
    assert claims.stdout.startswith("No claim is known of: there is no result to judge.")
    assert sla_audit("render", "report.json", folder=folder).stdout.startswith(headline)


CALLS = "account_id,cycle,service_fee,cash_paid,billed_calls\n"


@pytest.mark.parametrize("name", LOGS)
def test_calls_that_are_billed_and_not_logged_are_undetermined(folder: Path, name: str) -> None:
    (folder / name).write_bytes(LOGS[name]("a", 10))
    bills = "a,2026-10,1000.00,1000.00,100\nb,2026-10,500.00,500.00,7\nc,2026-10,0,0,0\n"
    (folder / "billing.csv").write_text(CALLS + bills)
    code, said, report = run(folder, name, *FACTS, "--fail-on", "undetermined")
    assert decided(report) == {
        ("a", "2026-10"): ("objective_met", "0.00"),
        ("b", "2026-10"): ("calls_not_logged", None),
        ("c", "2026-10"): ("no_requests", "0.00"),
    }
    assert [result["billed_calls"] for result in report["results"]] == [100, 7, 0]
    assert report["metering"]["calls_not_logged"] == [
        {"account_id": "b", "cycle": "2026-10", "billed_calls": 7, "requests": 0}
    ]
    assert report["totals"]["compensation"] is None
    assert "'b' 2026-10: 0 of 7" in said
    assert code == 1


def test_half_the_calls_are_told_with_the_worst_first_and_change_no_decision(folder: Path) -> None:
    """As where the logs of half the hosts are missing from the start, which no log shows."""
    accounts = [f"h{number}" for number in range(5)]
    header, *rows = csv_log("h0", 10, failed=5).decode().splitlines()
    lines = [header, *(row.replace(",h0,", f",{account},") for account in accounts for row in rows)]
    (folder / "log.csv").write_text("\n".join([*lines, ""]))
    bills = "".join(f"{account},2026-10,10.00,10.00,{200 + at}\n" for at, account in enumerate(accounts))
    (folder / "billing.csv").write_text(CALLS + bills)
    code, said, report = run(folder, "log.csv", "--billing", "billing.csv", "--fail-on", "gaps")
    assert set(decided(report).values()) == {("below_objective", "1.50")}
    worst = "'h4' 2026-10: 100 of 204, 'h3' 2026-10: 100 of 203, 'h2' 2026-10: 100 of 202 and 2 more"
    assert f"(clause 2.9), the worst: {worst};" in said
    assert len(report["metering"]["calls_not_logged"]) == 5
    assert code == 1


def test_without_an_accounts_file_a_bill_for_calls_that_nobody_logged_is_told(folder: Path) -> None:
    (folder / "log.csv").write_bytes(csv_log("a", 10))
    (folder / "billing.csv").write_text(CALLS + "a,2026-10,10,10,100\ngone,2026-10,10,10,55\nidle,2026-10,10,10,\n")
    _, said, report = run(folder, "log.csv", "--billing", "billing.csv")
    assert "'gone' 2026-10: 0 of 55" in said
    assert "no request is in the logs, while others have some: 'idle' 2026-10;" in said
    assert report["metering"]["fees_without_requests"] == [
        {"account_id": "idle", "cycle": "2026-10", "service_fee": "10.00"}
    ]


def test_the_largest_fees_without_requests_are_named(folder: Path) -> None:
    (folder / "log.csv").write_bytes(csv_log("a", 10))
    fees = "".join(f"f{at},2026-10,{at}.50,0.00\n" for at in range(5))
    (folder / "billing.csv").write_text(FEES.replace("b,2026-10,500.00,500.00\n", "") + fees)
    _, said, report = run(folder, "log.csv", *FACTS)
    assert "others have some: 'f4' 2026-10, 'f3' 2026-10, 'f2' 2026-10 and 2 more;" in said
    assert [each["account_id"] for each in report["metering"]["fees_without_requests"]] == [
        "f0",
        "f1",
        "f2",
        "f3",
        "f4",
    ]


def test_months_between_those_of_the_logs_are_told(folder: Path) -> None:
    (folder / "log.csv").write_bytes(csv_log("a", 7) + csv_log("a", 10).partition(b"\n")[2])
    code, said, report = run(folder, "log.csv", *FACTS, "--fail-on", "gaps")
    assert report["months_skipped"] == ["2026-08", "2026-09"]
    assert {result["cycle"] for result in report["results"]} == {"2026-07", "2026-10"}
    assert "no row of the service in 2026-08, 2026-09, and rows before and after" in said
    assert code == 1


def test_tallies_of_another_month_are_no_logs(folder: Path) -> None:
    (folder / "log.csv").write_bytes(csv_log("a", 9))
    assert sla_audit("tally", "log.csv", "-o", "september.tally.parquet", folder=folder).returncode == 0
    _, said, report = run(folder, "september.tally.parquet", *FACTS, "--cycle", "2026-10")
    assert set(decided(report).values()) == {("no_logs", None)}
    assert said.startswith("Nothing can be judged")


@pytest.fixture
def unknown(folder: Path) -> Path:
    """Give a folder with all formats of a report of which nothing is known."""
    (folder / "log.csv").write_bytes(csv_log("a", 9))
    outputs = [
        part for suffix in ("csv", "parquet", "xlsx", "html", "md", "prom") for part in ("-o", f"report.{suffix}")
    ]
    run(folder, "log.csv", *FACTS, "--cycle", "2026-10", *outputs)
    return folder


class TestNoFormatSaysZero:
    def test_csv_and_parquet(self, unknown: Path) -> None:
        names = ["compensation", "literal_compensation", "broad_compensation"]
        for table in (pl.read_csv(unknown / "report.csv"), pl.read_parquet(unknown / "report.parquet")):
            assert table.select(names).null_count().row(0) == (3, 3, 3)
            assert table["reason"].unique().to_list() == ["no_logs"]

    def test_metrics(self, unknown: Path) -> None:
        text = (unknown / "report.prom").read_text("utf-8")
        found = {
            (sample.name, *sample.labels.values()): sample.value
            for family in text_string_to_metric_families(text)
            for sample in family.samples
        }
        assert not any(name == "sla_audit_compensation" for name, *_ in found)
        assert found["sla_audit_results_by_reason", "no_logs", "2026-10", "ended"] == 3
        assert found["sla_audit_undetermined_results", "literal", "2026-10", "ended"] == 3
        assert found["sla_audit_service_rows", "2026-10", "2026-10", "ended"] == 0
        assert found["sla_audit_log_gaps", "cut_short", "2026-10", "ended"] == 1

    def test_the_workbook(self, unknown: Path) -> None:
        book = load_workbook(unknown / "report.xlsx")
        cells = [[cell.value for cell in row] for row in book["summary"].iter_rows()]
        assert ["Compensation, literal reading, in force", "not known", "2.10.1"] in cells
        assert 0 not in [row[1] for row in cells if str(row[0]).startswith("Compensation")]
        assert {cell.value for cell in book["results"]["E"][1:]} == {None}

    @pytest.mark.parametrize("suffix", ["md", "html"])
    def test_pages(self, unknown: Path, suffix: str) -> None:
        text = (unknown / f"report.{suffix}").read_text("utf-8")
        assert "Nothing can be judged: the logs have no row of 2026-10" in as_read(text)
        assert "0.00" not in text.partition("<script")[0]
        assert "Nothing is owed" not in text.partition("<script")[0]
        assert "no logs of the month" in text

    def test_claims_of_the_saved_report(self, unknown: Path) -> None:
        done = sla_audit("claim-check", "--report", "report.json", folder=unknown)
        assert done.returncode == 1
        assert done.stdout.startswith("No claim is known of; the amounts of 3 results are unknown.")
        assert "amount unknown: no logs of the month" in done.stdout
        listed = sla_audit("claim-check", "--report", "report.json", "--format", "json", folder=unknown)
        assert {
            (claim["state"], claim["reason"], claim["compensation"]) for claim in json.loads(listed.stdout)["claims"]
        } == {("undetermined", "no_logs", None)}

    def test_the_explanation_of_one_account(self, unknown: Path) -> None:
        options = (*FACTS, "--account", "a", "--cycle", "2026-10", "--as-of", "2026-11-20")
        done = sla_audit("explain", "log.csv", *options, folder=unknown)
        assert "Amount unknown: no logs of the month." in done.stdout

    def test_the_saved_report_gives_the_same(self, unknown: Path) -> None:
        for suffix in ("json", "csv", "prom", "md", "html"):
            done = sla_audit("render", "report.json", "-o", f"again.{suffix}", folder=unknown)
            assert done.returncode == 0, done.stderr
            assert is_rendered_from(unknown / f"again.{suffix}", unknown / f"report.{suffix}")


def test_an_explanation_knows_that_others_have_rows(folder: Path) -> None:
    (folder / "log.csv").write_bytes(csv_log("a", 10))
    options = (*FACTS, "--account", "b", "--cycle", "2026-10", "--as-of", "2026-11-20")
    assert "Nothing is owed: nothing counted." in sla_audit("explain", "log.csv", *options, folder=folder).stdout
    (folder / "billing.csv").write_text(CALLS + "b,2026-10,500.00,500.00,7\n")
    done = sla_audit("explain", "log.csv", *options, folder=folder)
    assert "Amount unknown: calls billed, none in the logs." in done.stdout


EDITS: dict[str, tuple[Callable[[dict[str, Any]], Any], str]] = {
    "the month has rows": (
        lambda report: report["months"][0].update(rows=5),
        "months has 5 rows, but 0 are counted or outside service dates",
    ),
    "the reason is another": (
        lambda report: report["results"][0].update(reason="no_requests", decision="not_owed", compensation="0.00"),
        "the verdict is not that of the reading in force",
    ),
    "the months are not there, as in an old report": (
        lambda report: report.pop("months"),
        "decision is 'undetermined'; its counts, facts and contract give 'not_owed'",
    ),
}


@pytest.mark.parametrize(("edit", "message"), EDITS.values(), ids=EDITS)
def test_the_reason_must_follow_from_what_a_saved_report_holds(
    unknown: Path, edit: Callable[[dict[str, Any]], Any], message: str
) -> None:
    report = json.loads((unknown / "report.json").read_bytes())
    edit(report)
    (unknown / "edited.json").write_text(json.dumps(report))
    for command in (["render", "edited.json"], ["claim-check", "--report", "edited.json"]):
        done = sla_audit(*command, folder=unknown)
        assert done.returncode == 2
        assert message in done.stderr


def test_a_report_of_before_is_taken_and_its_zero_is_none(folder: Path) -> None:
    (folder / "log.csv").write_bytes(csv_log("a", 10, failed=10))
    run(folder, "log.csv", "--accounts", "accounts.csv")
    report = json.loads((folder / "report.json").read_bytes())
    for key in ("months", "months_skipped", "apis", "metering"):
        del report[key]
    for result in report["results"]:
        del result["billed_calls"]
    report["totals"]["compensation"] = "0.00"
    report["totals"]["readings"] = {reading: {"compensation": "0.00"} for reading in ("literal", "broad")}
    (folder / "old.json").write_text(json.dumps(report))
    done = sla_audit("render", "old.json", "-o", "old.prom", "-o", "again.json", folder=folder)
    assert done.returncode == 0, done.stderr
    assert "sla_audit_compensation{" not in (folder / "old.prom").read_text("utf-8")
    assert json.loads((folder / "again.json").read_bytes())["totals"]["compensation"] is None
    assert sla_audit("claim-check", "--report", "old.json", folder=folder).returncode == 1
