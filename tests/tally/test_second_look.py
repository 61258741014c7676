"""What a reader with fresh eyes found: inputs that once gave a wrong answer, or a traceback."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sla_audit.cli import main as program
from sla_audit.cli.main import run

LOG = """\
timestamp,account_id,status
2026-09-10T10:00:00+08:00,a,502
2026-09-10T10:00:01+08:00,a,200
2026-10-10T10:00:00+08:00,b,502
2026-10-10T10:00:01+08:00,b,200
"""
BILL = "account_id,cycle,service_fee,cash_paid\na,2026-09,1000.00,1000.00\nb,2026-10,1000.00,1000.00\n"
HOLIDAYS = "date,day\n" + "".join(f"2026-11-{day:02},off\n" for day in range(2, 7))
BASE = ["log.csv", "--billing", "bill.csv", "--as-of", "2026-11-10", "--quiet"]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, text in {"log.csv": LOG, "bill.csv": BILL, "holidays.csv": HOLIDAYS}.items():
        (tmp_path / name).write_text(text)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def report(*options: str, name: str = "report.json") -> dict[str, Any]:
    assert run(["compute", *BASE, *options, "-o", name]) == 0
    return json.loads(Path(name).read_text())  # type: ignore[no-any-return]


def refused(capsys: pytest.CaptureFixture[str], *command: str) -> str:
    assert run(list(command)) == 2
    printed, errors = capsys.readouterr()
    assert printed == ""
    assert "Traceback" not in errors
    return errors


def test_a_report_made_with_a_holidays_file_is_not_checked_without_it(capsys: pytest.CaptureFixture[str]) -> None:
    made = report("--holidays", "holidays.csv")
    assert [each["claim"]["opens_on"] for each in made["results"]] == ["2026-10-11", "2026-11-12"]
    check = ["claim-check", "--report", "report.json", "--as-of", "2026-11-06"]
    assert "made with the holidays file holidays.csv" in refused(capsys, *check)
    (Path("other.csv")).write_text(HOLIDAYS + "2026-11-09,off\n")
    assert "made with the holidays file" in refused(capsys, *check, "--holidays", "other.csv")
    assert run([*check, "--holidays", "holidays.csv"]) == 1


EDITS: dict[str, tuple[Callable[[dict[str, Any]], None], str]] = {
    "another cycle": (lambda result: result.update(cycle="2026-10"), "are not of the cycle"),
    "a start far away": (lambda result: result.update(cycle_start="9999-01-01"), "are not of the cycle"),
    "an end before the start": (lambda result: result.update(cycle_end="2026-08-31"), "are not of the cycle"),
    "half a bill": (lambda result: result.update(cash_paid=None), "one of service_fee and cash_paid is null"),
}


@pytest.mark.parametrize(("edit", "message"), EDITS.values(), ids=EDITS)
def test_an_edited_report_is_refused(
    edit: Callable[[dict[str, Any]], None], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = report()
    edit(whole["results"][0])
    Path("report.json").write_text(json.dumps(whole))
    assert message in refused(capsys, "claim-check", "--report", "report.json", "--as-of", "2026-11-10")


def test_a_report_that_is_too_old_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    report("--as-of", "2026-10-20")
    assert run(["claim-check", "--report", "report.json", "--as-of", "2026-11-10", "--account", "b"]) == 1
    assert "the report is of 2026-10-20, when 2026-10 had not ended: make it again" in capsys.readouterr().err


def test_an_instant_in_the_config_is_a_day_in_the_contracts_zone() -> None:
    Path("c.toml").write_text('logs = ["log.csv"]\nas_of = 2026-11-01T00:00:00+14:00\n')
    assert run(["compute", "--config", "c.toml", "--quiet", "-o", "report.json"]) == 0
    assert json.loads(Path("report.json").read_text())["as_of"] == "2026-10-31"


@pytest.mark.parametrize("option", ["--as-of", "--cycle", "--reading", "--contract", "--dialect", "--max-rejected"])
def test_an_empty_value_is_no_default(option: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert refused(capsys, "compute", "log.csv", option, "")


def test_a_copy_of_a_log_is_counted_once(capsys: pytest.CaptureFixture[str]) -> None:
    Path("logs").mkdir()
    for name in ("a.csv", "b.csv", "c.csv"):
        Path("logs", name).write_text(LOG if name != "c.csv" else LOG.replace("502", "503"))
    assert run(["compute", "logs", "-o", "report.json"]) == 0
    assert "warning: logs/b.csv is a copy of logs/a.csv; it is counted once\n" in capsys.readouterr().err
    assert json.loads(Path("report.json").read_text())["rows"]["read"] == 8
    assert run(["tally", "logs", "-o", "all.tally.parquet"]) == 0
    assert "8 requests of 2 logs" in capsys.readouterr().err


@pytest.mark.parametrize(("unit", "tick"), [("ms", 2**62), ("us", 2**63 - 1000), ("ms", -(2**62))])
def test_local_times_that_no_calendar_can_write_are_named(
    unit: str, tick: int, capsys: pytest.CaptureFixture[str]
) -> None:
    table = {"timestamp": pa.array([tick, 0], pa.int64()).cast(pa.timestamp(unit)), "account_id": ["a", "a"]}
    pq.write_table(pa.table(table | {"status": pa.array([200, 200], pa.int16())}), "log.parquet")
    assert "log.parquet, row 1: timestamp is" in refused(capsys, "compute", "log.parquet")


@pytest.mark.parametrize(
    "start",
    [
        pa.array([2**31 - 1], pa.date32()),
        pa.array([-719_163], pa.int32()).cast(pa.date32()),
        pa.array([2**62], pa.int64()).cast(pa.timestamp("ms")),
        pa.array([-(2**62)], pa.int64()).cast(pa.timestamp("us", "UTC")),
    ],
    ids=str,
)
def test_days_that_no_calendar_can_write_are_named(start: pa.Array, capsys: pytest.CaptureFixture[str]) -> None:
    pq.write_table(pa.table({"account_id": ["a"], "plan": ["paid"], "applied_on": start}), "accounts.parquet")
    errors = refused(capsys, "compute", "log.csv", "--accounts", "accounts.parquet")
    assert "accounts.parquet, row 1: applied_on is" in errors


def test_amounts_that_are_too_wide_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    wide = pa.array([1000], pa.decimal256(50, 2))
    columns = {"account_id": ["a"], "cycle": ["2026-09"], "service_fee": wide, "cash_paid": wide}
    pq.write_table(pa.table(columns), "billing.parquet")
    errors = refused(capsys, "compute", "log.csv", "--billing", "billing.parquet")
    assert "column 'service_fee' holds decimal256(50, 2)" in errors


def test_whatever_breaks_is_a_bug_and_no_answer(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Panic(BaseException):
        """As Polars raises."""

    def panic(*_: Any, **__: Any) -> None:
        raise Panic

    monkeypatch.setattr(program.cli, "main", panic)
    assert run(["compute", "log.csv"]) == 70
    assert "This is a bug in sla-audit" in capsys.readouterr().err


REJECTED: dict[str, tuple[int, int, str]] = {
    "one more failure breaks the objective": (99, 1, "the row that could not be read might change what 1 result"),
    "one more answer meets the objective": (98, 1, "the row that could not be read might change what 1 result"),
    "one more answer is not enough": (97, 3, "the row that could not be read could change no result"),
    "far from any edge": (1_000, 0, "the row that could not be read could change no result"),
    "nothing else is there": (0, 0, ""),
}


@pytest.mark.parametrize(("answered", "failed", "message"), REJECTED.values(), ids=REJECTED)
def test_a_report_says_whether_rows_that_could_not_be_read_matter(answered: int, failed: int, message: str) -> None:
    line = "2026-10-10T10:00:00Z,a,{}\n"
    rows = line.format(200) * answered + line.format(502) * failed + line.format("bad")
    Path("few.csv").write_text("timestamp,account_id,status\n" + rows)
    assert run(["compute", "few.csv", "--max-rejected", "1", "--quiet", "-o", "report.json"]) == 0
    warnings = json.loads(Path("report.json").read_text())["warnings"]
    assert "1 rows could not be read and are not counted" in warnings
    assert any(message in each for each in warnings)
