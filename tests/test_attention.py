"""`--print`: what is worth a mail from cron, and what is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.program import sla_audit

LOG = "timestamp,account_id,status\n"
GOOD, BAD = "2026-10-05T00:00:00Z,A,200\n", "2026-10-05T00:00:00Z,A,503\n"
RETURNED = "2026-10-05T00:00:00Z,A,500\n"
PAID = "account_id,cycle,service_fee,cash_paid\nA,2026-10,100.00,100.00\n"
ENDED, RUNNING = "2026-11-20", "2026-10-20"

CASES: dict[str, tuple[str, str | None, str, list[str], bool]] = {
    "all is well": (GOOD * 100, PAID, ENDED, [], False),
    "money is owed": (GOOD * 90 + BAD * 10, PAID, ENDED, [], True),
    "money under another reading": (GOOD * 90 + RETURNED * 10, PAID, ENDED, [], True),
    "the bill is missing": (GOOD * 90 + BAD * 10, None, ENDED, [], True),
    "nothing paid": (GOOD * 90 + BAD * 10, PAID.replace("100.00", "0.00"), ENDED, [], False),
    "a row that cannot be read": (GOOD * 100 + "soon,A,200\n", PAID, ENDED, ["--max-rejected", "1"], True),
    "the month is running": (GOOD * 100, PAID, RUNNING, [], False),
    "the month is running, below the objective": (GOOD * 90 + BAD * 10, PAID, RUNNING, [], False),
    "and that was asked for": (GOOD * 90 + BAD * 10, PAID, RUNNING, ["--fail-on", "breach"], True),
    "asked for, and not so": (GOOD * 100, PAID, RUNNING, ["--fail-on", "breach"], False),
}

IDS = "timestamp,account_id,status,request_id\n"


def with_ids(again: int, *, other: str = "200") -> str:
    """Write a thousand rows, and some of them once more."""
    lines = [f"2026-10-05T00:00:00Z,A,200,r{at}\n" for at in range(1000)]
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
    (tmp_path / "log.csv").write_text(LOG + log)
    (tmp_path / "accounts.csv").write_text("account_id,plan,applied_on\nA,paid,2026-01-01\n")
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
