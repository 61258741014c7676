"""`--print`: what is worth a mail from cron, and what is not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from tests.program import sla_audit

HEADER = "timestamp,account_id,status,api\n"
START = datetime(2026, 10, 1, tzinfo=timezone(timedelta(hours=8)))
PAID = "account_id,cycle,service_fee,cash_paid\nA,2026-10,100.00,100.00\n"
CALLS = "account_id,cycle,service_fee,cash_paid,billed_calls\nA,2026-10,100.00,100.00,{calls}\n"
ENDED, RUNNING = "2026-11-20", "2026-10-20"


def rows(failed: int = 0, status: int = 503, *, account: str = "A", days: int = 31, each: int = 4) -> str:
    """Give rows of the first days of October, spread evenly, of which the first `failed` have another status."""
    many = days * each
    return "".join(
        f"{(START + timedelta(days=days) * at / many).isoformat()},{account},{status if at < failed else 200},/v1/a\n"
        for at in range(many)
    )


GOOD, BAD = rows(), rows(10)
HOLE = "".join(line for line in rows(each=96).splitlines(keepends=True) if not line.startswith("2026-10-14"))
STRAYS = rows(each=96) + "2026-06-01T00:00:00Z,A,200,/v1/a\n"

CASES: dict[str, tuple[str, str | None, str, list[str], bool]] = {
    "all is well": (GOOD, PAID, ENDED, [], False),
    "money is owed": (BAD, PAID, ENDED, [], True),
    "money under another reading": (rows(10, 500), PAID, ENDED, [], True),
    "the bill is missing": (BAD, None, ENDED, [], True),
    "the bill is missing, and matters under another reading": (rows(10, 500), None, ENDED, [], True),
    "nothing paid": (BAD, PAID.replace("100.00", "0.00"), ENDED, [], False),
    "a row that cannot be read": (GOOD + "soon,A,200,\n", PAID, ENDED, ["--max-rejected", "1"], True),
    "the month is running": (rows(days=19), PAID, RUNNING, [], False),
    "the month is running, below the objective": (rows(10, days=19), PAID, RUNNING, [], False),
    "and that was asked for": (rows(10, days=19), PAID, RUNNING, ["--fail-on", "breach"], True),
    "asked for, and not so": (rows(days=19), PAID, RUNNING, ["--fail-on", "breach"], False),
    "a day is missing": (HOLE, PAID, ENDED, [], True),
    "a day is missing in the running month": (HOLE, PAID, "2026-10-31", [], True),
    "the end is missing": (rows(days=20, each=96), PAID, ENDED, [], True),
    "strays": (STRAYS, PAID, ENDED, ["--cycle", "2026-10"], True),
    "a month without rows": (GOOD, PAID, ENDED, ["--cycle", "2026-09"], True),
    "a month without rows between others": (GOOD + "2026-12-24T00:00:00Z,A,200,/v1/a\n", PAID, "2027-01-20", [], True),
    "no rows at all": ("", PAID, ENDED, [], True),
    "the first day of a month, of which there is nothing yet": (
        GOOD,
        PAID,
        "2026-11-01",
        ["--cycle", "running"],
        False,
    ),
    "the second day of a month, of which there is nothing yet": (
        GOOD,
        PAID,
        "2026-11-02",
        ["--cycle", "running"],
        True,
    ),
    "an API that no row has": (GOOD, PAID, ENDED, ["--api", "/v1/a", "--api", "/v2/*"], True),
    "only another service": (GOOD, PAID, ENDED, ["--api", "/v2/*", "--cycle", "2026-10"], True),
    "all calls are logged": (GOOD, CALLS.format(calls=124), ENDED, [], False),
    "a call in a hundred is not logged": (rows(days=25), CALLS.format(calls=101), ENDED, [], False),
    "two calls in a hundred are not logged": (rows(days=25), CALLS.format(calls=102), ENDED, [], True),
    "half the calls are not logged": (GOOD, CALLS.format(calls=248), ENDED, [], True),
    "half the calls are not logged yet": (rows(days=19), CALLS.format(calls=248), RUNNING, [], False),
    "a fee without requests": (GOOD, PAID + "B,2026-10,1.00,1.00\n", ENDED, [], True),
    "no fee, and no requests": (GOOD, PAID + "B,2026-10,0.00,0.00\n", ENDED, [], False),
    "a fee without requests, and billing says so": (
        GOOD,
        CALLS.format(calls=124) + "B,2026-10,1.00,1.00,0\n",
        ENDED,
        [],
        False,
    ),
}

IDS = "timestamp,account_id,status,request_id\n"


def with_ids(again: int, *, other: str = "200") -> str:
    """Write a thousand rows, all through October, and some of them once more."""
    begins = datetime(2026, 10, 1, tzinfo=UTC)
    lines = [f"{(begins + at * timedelta(minutes=44)).isoformat()},A,200,r{at}\n" for at in range(1000)]
    return IDS + "".join([*lines, *(line.replace(",200,", f",{other},") for line in lines[:again])])


TOLD: dict[str, tuple[str, bool]] = {
    "no duplicates": (with_ids(0), False),
    "fewer than one in a hundred": (with_ids(10), False),
    "more than one in a hundred": (with_ids(11), True),
    "few ids of several requests": (with_ids(5, other="201"), False),
    "many ids of several requests": (with_ids(6, other="201"), True),
    "a constant id": (IDS + "2026-10-05T00:00:00Z,A,200,r\n" * 2 + "2026-10-05T00:00:01Z,A,200,r\n", True),
}


@pytest.mark.parametrize(("log", "matters"), TOLD.values(), ids=TOLD)
def test_ids_matter_that_took_much_out_or_told_little(tmp_path: Path, log: str, *, matters: bool) -> None:
    (tmp_path / "log.csv").write_text(log)
    done = sla_audit("compute", "log.csv", "--as-of", ENDED, "--print", "matters", folder=tmp_path)
    assert done.returncode == 0
    assert bool(done.stderr) == matters


@pytest.mark.parametrize(("log", "bill", "day", "options", "matters"), CASES.values(), ids=CASES)
def test_only_what_matters_is_printed(
    tmp_path: Path, log: str, bill: str | None, day: str, options: list[str], matters: bool
) -> None:
    (tmp_path / "log.csv").write_text(HEADER + log)
    (tmp_path / "accounts.csv").write_text("account_id,plan,applied_on\nA,paid,2026-01-01\nB,free,2026-01-01\n")
    facts = ["--accounts", "accounts.csv"]
    if bill is not None:
        (tmp_path / "bill.csv").write_text(bill)
        facts += ["--billing", "bill.csv"]
    command = ["compute", "log.csv", *facts, "--as-of", day, *options]
    usual = sla_audit(*command, folder=tmp_path)
    done = sla_audit(*command, "--print", "matters", "-o", "report.json", folder=tmp_path)
    assert done.returncode == usual.returncode
    expected = (usual.stdout, usual.stderr) if matters else ("", "")
    assert (done.stdout, done.stderr) == expected
    assert (tmp_path / "report.json").exists()


@pytest.mark.parametrize("options", [["--print", "never"], ["--quiet", "--print", "always"]], ids=" ".join)
def test_never_is_never(options: list[str]) -> None:
    done = sla_audit("compute", "--config", "sample_logs/sla-audit.toml", "--fail-on", "breach", *options)
    assert (done.returncode, done.stdout, done.stderr) == (1, "", "")


def test_errors_are_always_printed() -> None:
    done = sla_audit("compute", "nothing.csv", "--print", "never")
    assert (done.returncode, done.stdout) == (2, "")
    assert "nothing.csv: no such file or directory" in done.stderr
