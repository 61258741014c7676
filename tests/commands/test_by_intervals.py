"""Logs judged by intervals, from the file to the amount: days, fees of faults, queues, regions, edges of months."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from sla_audit.cli.main import run
from tests.builders.runs import refused, report

pytestmark = pytest.mark.usefixtures("folder")

BEGIN = datetime.fromisoformat("2026-10-01")
Row = tuple[datetime, str, str]


def write(rows: Iterable[Row]) -> None:
    """Write a log of one account: instant, status and API of each request."""
    lines = [f"{at.isoformat()}+08:00,acme,{status},{api}" for at, status, api in rows]
    Path("log.csv").write_text("\n".join(["timestamp,account_id,status,api", *lines]) + "\n", encoding="utf-8")


def minutes(start: str, many: int, status: str = "", api: str = "a") -> list[Row]:
    """Give a request in each of so many minutes."""
    first = datetime.fromisoformat(start)
    return [(first + timedelta(minutes=at), status, api) for at in range(many)]


def bill(columns: str, *rows: str) -> None:
    text = "\n".join([f"account_id,cycle,{columns}", *(f"acme,{row}" for row in rows)])
    Path("billing.csv").write_text(f"{text}\n", encoding="utf-8")


def judged(contract: str, cycle: str = "2026-10", *options: str) -> dict[str, Any]:
    found = report("log.csv", "--contract", contract, "--cycle", cycle, "--billing", "billing.csv", *options)
    (result,) = found["results"]
    return {name: result[name] for name in ("success_rate", "decision", "compensation")}


def owed(rate: str, amount: str) -> dict[str, str]:
    return {"success_rate": rate, "decision": "owed", "compensation": amount}


def test_days_of_service_for_the_mean_of_five_minutes() -> None:
    """90 of 8,928 intervals fail: 8,838 / 8,928 = 98.9919 %, under 99 %: 10 % of 31 days. 89 are 99.0031 %."""
    bill("billed_calls", "2026-10,1000")
    usual = minutes("2026-10-20T00:00", 50, "200")
    write([*usual, *(row for at in range(90) for row in minutes(f"{BEGIN + timedelta(minutes=5 * at)}", 2))])
    assert judged("jdcloud-face-compare") == owed("0.989919", "3.10")
    write([*usual, *(row for at in range(89) for row in minutes(f"{BEGIN + timedelta(minutes=5 * at)}", 2))])
    assert judged("jdcloud-face-compare")["decision"] == "not_owed"


@pytest.mark.parametrize(("contract", "asks"), [("jdcloud-face-compare", False), ("jdcloud-api-gateway", True)])
def test_only_an_agreement_that_asks_for_a_bill_lacks_one(contract: str, asks: bool) -> None:
    write(minutes("2026-10-20T00:00", 50, "200"))
    found = report("log.csv", "--contract", contract, "--cycle", "2026-10")
    assert any("no billing file" in warning for warning in found["warnings"]) is asks


def test_a_fault_that_goes_on_over_the_end_of_a_month_is_paid_in_both() -> None:
    """Six minutes in a row, three in each month: 1.00 an hour / 60 x 3 x 100 = 5.00 in each, whichever is asked for."""
    bill("hourly_fee,cash_paid", "2026-10,1.00,720.00", "2026-11,1.00,720.00")
    write(
        [
            *minutes("2026-10-05T00:00", 9, "200"),
            *minutes("2026-10-31T23:57", 6),
            *minutes("2026-11-05T00:00", 9, "200"),
        ]
    )
    assert judged("jdcloud-api-gateway") == owed("0.999932", "5.00")
    assert judged("jdcloud-api-gateway", "2026-11", "--as-of", "2026-12-20") == owed("0.999930", "5.00")
    assert judged("jdcloud-api-gateway", "2026-10", "--reading", "cut")["compensation"] == "0.00"
    months = report("log.csv", "--contract", "jdcloud-api-gateway", "--billing", "billing.csv", as_of="2026-12-20")
    assert [each["compensation"] for each in months["results"]] == ["5.00", "5.00"]
    assert months["rows"]["counted"] == 24


def test_a_fault_of_four_minutes_is_none_also_where_the_next_month_has_others() -> None:
    bill("hourly_fee,cash_paid", "2026-10,1.00,720.00")
    write([*minutes("2026-10-31T23:58", 2), *minutes("2026-11-01T00:00", 2), *minutes("2026-11-01T00:03", 9)])
    assert judged("jdcloud-api-gateway")["compensation"] == "0.00"


def test_each_queue_has_minutes_of_its_own() -> None:
    """Of two queues in 31 days, 89,280 minutes, one fails in 45: 99.9495 %, under 99.95 %. 44 are 99.9507 %."""
    bill("service_fee,cash_paid", "2026-10,100.00,100.00")
    calm = [*minutes("2026-10-09T00:00", 3, "200", "calm"), *minutes("2026-10-02T00:00", 3, "200", "ill")]
    write([*calm, *minutes("2026-10-05T00:00", 45, "", "ill")])
    assert judged("jdcloud-queue-service") == owed("0.999495", "15.00")
    write([*calm, *minutes("2026-10-05T00:00", 44, "", "ill")])
    assert judged("jdcloud-queue-service")["decision"] == "not_owed"


def test_accounts_are_told_apart_by_region() -> None:
    """5 of 8,928 intervals fail in one region: 99.9439 %, under 99.95 %: 10 % of 200.00 USD, above 1 USD."""
    usual = [f"2026-10-{day:02}T00:00:00Z,acme,200,{region}" for day in range(1, 29) for region in ("east", "west")]
    ill = [f"2026-10-05T03:{5 * at:02}:00Z,acme,500,east" for at in range(5)]
    Path("log.csv").write_text("\n".join(["timestamp,account_id,status,region", *usual, *ill]) + "\n", encoding="utf-8")
    Path("billing.csv").write_text(
        "account_id,cycle,service_fee\nacme/east,2026-10,200.00\nacme/west,2026-10,200.00\n", encoding="utf-8"
    )
    found = report("log.csv", "--contract", "aws-api-gateway", "--billing", "billing.csv", "--cycle", "2026-10")
    assert {each["account_id"]: (each["success_rate"], each["compensation"]) for each in found["results"]} == {
        "acme/east": ("0.999439", "20.00"),
        "acme/west": ("1.000000", "0.00"),
    }


def test_a_tally_that_is_counted_for_an_agreement_gives_what_its_logs_give() -> None:
    bill("hourly_fee,cash_paid", "2026-10,1.00,720.00")
    write([*minutes("2026-10-05T00:00", 30, "200"), *minutes("2026-10-07T10:00", 25)])
    contract = ("--contract", "jdcloud-api-gateway")
    assert run(["tally", "log.csv", *contract, "-o", "log.tally.parquet"]) == 0
    by_logs = judged("jdcloud-api-gateway")
    assert by_logs == owed("0.999439", "41.67")
    options = (*contract, "--cycle", "2026-10", "--billing", "billing.csv")
    (by_tally,) = report("log.tally.parquet", *options)["results"]
    assert {name: by_tally[name] for name in by_logs} == by_logs


def test_a_tally_by_days_cannot_answer(capsys: pytest.CaptureFixture[str]) -> None:
    write(minutes("2026-10-05T00:00", 30, "200"))
    assert run(["tally", "log.csv", "-o", "log.tally.parquet"]) == 0
    said = refused(capsys, "compute", "log.tally.parquet", "--contract", "jdcloud-face-compare")
    assert "counted by days; the contract 'jdcloud-face-compare' is judged by intervals of 5 minutes" in said


def test_the_rows_behind_intervals_are_those_that_failed(capsys: pytest.CaptureFixture[str]) -> None:
    beside = minutes("2026-10-31T23:58", 6)
    write([*minutes("2026-10-05T00:00", 30, "200"), *minutes("2026-10-07T10:00", 23), *beside])
    one = ("log.csv", "--contract", "jdcloud-api-gateway", "--account", "acme", "--cycle", "2026-10")
    assert run(["rows", *one, "--class", "failed"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 1 + 25
    assert run(["rows", *one, "-o", "alone.csv", "--quiet"]) == 0
    assert run(["explain", *one, "--rows", "rows.csv", "--quiet"]) == 0
    assert Path("rows.csv").read_bytes() == Path("alone.csv").read_bytes()
