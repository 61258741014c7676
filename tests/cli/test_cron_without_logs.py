"""The lines of `examples/crontab` against logs that are not what they should be: each time a person is told."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.builders.cron import CRON_LINES, as_cron_does, with_the_program
from tests.program import sla_audit

SHANGHAI = timezone(timedelta(hours=8))
RUNNING, LAST = CRON_LINES
HOSTS = ("gw1", "gw2")
EACH_DAY = 48  # rows of a host
OCTOBER = [date(2026, 10, 1) + timedelta(days=at) for at in range(31)]
NOVEMBER = [date(2026, 11, 1) + timedelta(days=at) for at in range(19)]
SETTINGS = 'logs = ["logs"]\naccounts = "accounts.csv"\nbilling = "billing.csv"\nas_of = {day}\n'
BILLED = 2 * EACH_DAY * len(OCTOBER)


def lines(days: Iterable[date], failed: int = 0, host: str = "gw1") -> list[str]:
    """Give rows of some days as JSON lines, spread evenly over each, of which the first `failed` got no answer."""
    starts = [datetime.combine(day, datetime.min.time(), SHANGHAI) for day in days]
    times = [start + timedelta(days=1) * at / EACH_DAY for start in starts for at in range(EACH_DAY)]
    return [
        json.dumps({"timestamp": time.isoformat(), "account_id": "acme", "status": status, "host": host}) + "\n"
        for time, status in zip(times, [504] * failed + [200] * (len(times) - failed), strict=True)
    ]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give the folder that the crontab speaks of, with settings and facts, and an empty one for logs."""
    folder = tmp_path / "sla-audit"
    (folder / "logs").mkdir(parents=True)
    (folder / "reports").mkdir()
    with_the_program(folder)
    (folder / "sla-audit.toml").write_text(SETTINGS.format(day="2026-11-20"))
    (folder / "accounts.csv").write_text("account_id,plan,applied_on\nacme,paid,2026-01-01\n")
    bill = f"account_id,cycle,service_fee,cash_paid,billed_calls\nacme,2026-10,900.00,900.00,{BILLED}\n"
    (folder / "billing.csv").write_text(bill)
    return folder


def write(path: Path, rows: Iterable[str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    text = "".join(rows).encode()
    path.write_bytes(gzip.compress(text, mtime=0) if path.suffix == ".gz" else text)


def report_of(folder: Path) -> dict[str, Any]:
    """Read the report that a line wrote, the last month's or the running one's."""
    (path,) = (folder / "reports").glob("*.json")
    report: dict[str, Any] = json.loads(path.read_bytes())
    return report


def metrics_of(folder: Path) -> dict[tuple[str, ...], float]:
    """Give the samples of the report by their names and the labels of their own."""
    (path,) = (folder / "reports").glob("*.json")
    done = sla_audit("render", str(path), "-o", str(folder / "reports" / "report.prom"))
    assert done.returncode == 0, done.stderr
    families = text_string_to_metric_families((folder / "reports" / "report.prom").read_text("utf-8"))
    return {
        (
            sample.name.removeprefix("sla_audit_"),
            *(value for name, value in sample.labels.items() if not name.startswith("period")),
        ): sample.value
        for family in families
        for sample in family.samples
    }


@pytest.mark.parametrize("line", CRON_LINES, ids=["running", "last"])
def test_whole_logs_without_a_failure_make_no_mail(folder: Path, line: str) -> None:
    for host in HOSTS:
        write(folder / "logs" / host / "access.log", lines([*OCTOBER, *NOVEMBER], host=host))
    done = as_cron_does(line, folder.parent)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert report_of(folder)["rows"]["counted"] > 0


@pytest.mark.parametrize("line", CRON_LINES, ids=["running", "last"])
@pytest.mark.parametrize("there", [True, False], ids=["an empty folder", "no folder"])
def test_no_logs_at_all_are_refused(folder: Path, line: str, there: bool) -> None:
    if not there:
        (folder / "logs").rmdir()
    done = as_cron_does(line, folder.parent)
    assert (done.returncode, done.stdout) == (2, "")
    assert "logs: " in done.stderr
    assert list((folder / "reports").iterdir()) == []


def test_rotated_logs_are_read_or_refused(folder: Path) -> None:
    """A half of the rows failed: that must be told, if only by refusing what is not read."""
    for host in HOSTS:
        rows = lines(OCTOBER, EACH_DAY * 31 if host == "gw1" else 0, host)
        write(folder / "logs" / host / "access.log.1", rows[:300])
        write(folder / "logs" / host / "access.log.2.gz", rows[300:])
    done = as_cron_does(LAST, folder.parent)
    assert done.stdout + done.stderr
    if done.returncode == 2:
        assert "access.log" in done.stderr or "logs: " in done.stderr
    else:
        assert (done.returncode, report_of(folder)["rows"]["counted"]) == (1, BILLED)
        assert "540.00 CNY can be claimed until" in done.stdout


def test_a_fresh_log_beside_rotated_ones_is_no_month(folder: Path) -> None:
    """What is not read is missing: the report is of all rows, or says that the others are not there."""
    for host in HOSTS:
        write(folder / "logs" / host / "access.log", lines(OCTOBER[-1:], host=host))
        write(folder / "logs" / host / "access.log.1", lines(OCTOBER[:-1], 200, host))
    done = as_cron_does(LAST, folder.parent)
    assert done.returncode == 1
    if report_of(folder)["rows"]["counted"] == BILLED:
        assert " CNY can be claimed until " in done.stdout.splitlines()[0]
    else:
        assert "the logs of 2026-10 begin 30 days late" in done.stderr
        assert f"'acme' 2026-10: {2 * EACH_DAY} of {BILLED}" in done.stderr


OTHER_MONTHS: dict[str, tuple[str, list[date], str]] = {
    "last month, of which there is nothing": (LAST, NOVEMBER, "2026-10"),
    "the running month, of which there is nothing": (RUNNING, OCTOBER, "2026-11"),
}


@pytest.mark.parametrize(("line", "days", "missing"), OTHER_MONTHS.values(), ids=OTHER_MONTHS)
def test_logs_of_another_month_are_none_of_this(folder: Path, line: str, days: list[date], missing: str) -> None:
    write(folder / "logs" / "access.log", lines(days))
    done = as_cron_does(line, folder.parent)
    assert done.returncode == 1
    assert "Nothing is owed" not in done.stdout
    assert f"the logs have nothing of {missing}" in done.stderr
    assert f"the logs have no row of the service in {missing}" in done.stderr
    (result,) = report_of(folder)["results"]
    assert (result["decision"], result["compensation"]) == ("undetermined", None)
    found = metrics_of(folder)
    assert found["service_rows", missing] == 0
    assert found["log_gaps", "cut_short"] == 1
    assert found["results", "undetermined"] == 1
    assert "compensation" not in {name for name, *_ in found}


HALF: dict[str, Callable[[Path], None]] = {
    "from the start": lambda logs: write(logs / "gw1" / "access.log", lines(OCTOBER)),
    "from the 16th on": lambda logs: [
        write(logs / "gw1" / "access.log", lines(OCTOBER)),
        write(logs / "gw2" / "access.log", lines(OCTOBER[:15], host="gw2")),
    ][0],
}


@pytest.mark.parametrize("lay_out", HALF.values(), ids=HALF)
def test_half_of_the_hosts_are_missed_by_what_was_billed(folder: Path, lay_out: Callable[[Path], None]) -> None:
    """No log shows that others should be there, and half of the usual rows are no surprise; the bill knows."""
    lay_out(folder / "logs")
    done = as_cron_does(LAST, folder.parent)
    assert done.returncode == 1
    (result,) = report_of(folder)["results"]
    assert f"'acme' 2026-10: {result['requests']} of {BILLED}" in done.stderr
    assert (result["requests"] < BILLED, result["billed_calls"]) == (True, BILLED)
    assert metrics_of(folder)["calls_not_logged_results",] == 1


def test_a_host_whose_log_ends_early_is_missed_where_it_has_most_rows(folder: Path) -> None:
    write(folder / "logs" / "gw1" / "access.log", lines(OCTOBER[:20]) * 20)
    write(folder / "logs" / "gw2" / "access.log", lines(OCTOBER, host="gw2"))
    (folder / "billing.csv").write_text("account_id,cycle,service_fee,cash_paid\nacme,2026-10,900.00,900.00\n")
    done = as_cron_does(LAST, folder.parent)
    assert done.returncode == 1
    assert f"2026-10-21 has {EACH_DAY} rows; days like it have {21 * EACH_DAY}" in done.stderr
    assert metrics_of(folder)["log_gaps", "thin_days"] > 0


def test_a_log_that_is_still_written_to_is_refused_or_counted_without_its_last_line(folder: Path) -> None:
    for host in HOSTS:
        write(folder / "logs" / host / "access.log", lines([*OCTOBER, *NOVEMBER], host=host))
    live = folder / "logs" / "gw2" / "access.log"
    live.write_bytes(live.read_bytes() + lines([date(2026, 11, 20)])[0].encode()[:40])
    done = as_cron_does(RUNNING, folder.parent)
    if done.returncode == 2:
        assert "gw2/access.log" in done.stderr
        assert list((folder / "reports").iterdir()) == []
    else:
        report = report_of(folder)
        assert report["rows"]["counted"] == 2 * EACH_DAY * len(NOVEMBER)
        assert any("gw2/access.log" in warning for warning in report["warnings"])


def test_a_log_that_is_still_written_to_is_no_log_of_a_month_that_has_ended(folder: Path) -> None:
    for host in HOSTS:
        write(folder / "logs" / host / "access.log", lines(OCTOBER, host=host))
    live = folder / "logs" / "gw2" / "access.log"
    live.write_bytes(live.read_bytes()[:-40])
    done = as_cron_does(LAST, folder.parent)
    assert (done.returncode, done.stdout) == (2, "")
    assert "gw2/access.log" in done.stderr
