"""Logs of half a year, a file for each month, their bills by quarters, and agreements that are judged by these."""

from __future__ import annotations

import re
import tomllib
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sla_audit.contract.load import BUILT_IN, contract_file
from tests.program import ROOT

BY_TIME = str(ROOT / "tests" / "data" / "quarterly.toml")
"""The share of minutes without more than 5 % of failures, of a quarter: at least 99.9 % is promised."""

AS_OF = "2027-01-20"
FAULTS = {
    # In October and November together 133 minutes of 132,480: 99.8996 %. In either month alone it is kept.
    "alpha": [("2026-10-31T23:20", 80), ("2026-12-05T08:00", 53)],
    "beta": [("2026-12-05T08:00", 132)],
    "gamma": [("2026-12-20T00:00", 900)],
}
SINCE = {"gamma": "2026-11-15"}


def write_logs(folder: Path, *, without: tuple[str, ...] = ()) -> None:
    """Write the logs of July to December 2026, those of some months left out: an answer each hour, and faults.

    Of each minute of a fault, two requests of three fail.
    """
    months: dict[str, list[str]] = {}

    def add(at: datetime, account: str, status: int) -> None:
        months.setdefault(f"{at:%Y-%m}", []).append(f"{at:%Y-%m-%dT%H:%M:%SZ},{account},{status},r{at:%m%d%H%M%S}")

    for account, faults in FAULTS.items():
        at = _instant(SINCE.get(account, "2026-07-01"))
        while at < _instant("2027-01-01"):
            add(at + timedelta(seconds=59), account, 200)
            at += timedelta(hours=1)
        for start, minutes in faults:
            for minute in range(minutes):
                begins = _instant(start) + timedelta(minutes=minute)
                for second, status in enumerate((503, 200, 503)):
                    add(begins + timedelta(seconds=second), account, status)
    (folder / "logs").mkdir(exist_ok=True)
    for month, rows in months.items():
        if month not in without:
            text = "\n".join(["timestamp,account_id,status,request_id", *sorted(rows)])
            (folder / "logs" / f"{month}.csv").write_text(f"{text}\n", "utf-8")


def write_facts(folder: Path) -> tuple[str, ...]:
    """Write accounts and bills by quarters; give the options that name them."""
    quarters = ("2026-Q3", "2026-Q4")
    bills = [f"{account},{quarter},1200.00,1000.00" for account in FAULTS for quarter in quarters]
    served = [f"{account},paid,{SINCE.get(account, '2025-01-01')}," for account in FAULTS]
    for name, head, rows in (
        ("billing", "account_id,cycle,service_fee,cash_paid", bills),
        ("accounts", "account_id,plan,applied_on,expires_on", served),
    ):
        (folder / f"{name}.csv").write_text("\n".join([head, *rows]) + "\n", "utf-8")
    return ("--billing", "billing.csv", "--accounts", "accounts.csv", "--as-of", AS_OF)


def write_by_requests(folder: Path) -> str:
    """Write the first agreement, were it judged by quarters of UTC; give the name of its file."""
    text = contract_file(BUILT_IN).decode().replace(f'id = "{BUILT_IN}"', 'id = "ours"')
    text = text.replace('time_zone = "Asia/Shanghai"', 'time_zone = "UTC"')
    text = text.replace("\n[objective]", '\n[cycle]\nlength = "quarter"\n\n[objective]', 1)
    text = "clauses = []\n" + re.sub(r"(?ms)^\[\[clauses\]\].*?(?=^\[|\Z)", "", text)  # which speak of months
    assert tomllib.loads(text)["cycle"] == {"length": "quarter"}
    (folder / "ours.toml").write_text(text, "utf-8")
    return "ours.toml"


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
