"""Whether logs are whole, from files to the report and the exit code."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sla_audit.cli.main import run
from sla_audit.commands import count as counting
from sla_audit.commands.audit import Request, audit, take_tally
from sla_audit.commands.count import Logs
from sla_audit.contract.load import BUILT_IN, load_contract

CONTRACT = load_contract(BUILT_IN)
FIRST = datetime(2026, 9, 30, 16, tzinfo=UTC)  # 1 October in Shanghai
HOLE = (datetime(2026, 10, 14, 2, tzinfo=UTC), datetime(2026, 10, 14, 5, tzinfo=UTC))
GAP = {"cycle": "2026-10", "starts_at": "2026-10-14T10:00:00+08:00", "ends_at": "2026-10-14T13:00:00+08:00"}
SAID = "no row from 2026-10-14 10:00 to 2026-10-14 13:00, 3 hours in which rows are usual"


@pytest.fixture(autouse=True)
def _in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def month(*holes: tuple[datetime, datetime]) -> list[datetime]:
    rows = [FIRST + timedelta(minutes=2 * number) for number in range(31 * 24 * 30)]
    return [row for row in rows if not any(since <= row < until for since, until in holes)]


def parquet(rows: Sequence[datetime], name: str = "log.parquet", **options: Any) -> str:
    table = pa.table(
        {
            "timestamp": pa.array(rows, pa.timestamp("ms", "UTC")),
            "account_id": ["a"] * len(rows),
            "status": [200] * len(rows),
        }
    )
    pq.write_table(table, name, **options)
    return name


def csv(rows: Sequence[datetime], name: str = "log.csv") -> str:
    Path(name).write_text("\n".join(["timestamp,account_id,status", *(f"{row.isoformat()},a,200" for row in rows), ""]))
    return name


def jsonl(rows: Sequence[datetime]) -> str:
    lines = [json.dumps({"timestamp": row.isoformat(), "account_id": "a", "status": 200}) for row in rows]
    Path("log.jsonl").write_text("\n".join([*lines, ""]))
    return "log.jsonl"


def tally(rows: Sequence[datetime]) -> str:
    Path("log.tally.parquet").write_bytes(take_tally(Logs((csv(rows, "tallied.csv"),)), CONTRACT, None).content)
    return "log.tally.parquet"


def coverage(*logs: str, every_time: bool = True, as_of: date = date(2026, 11, 20), **asked: Any) -> dict[str, Any]:
    request = Request(CONTRACT, Logs(logs, **asked), as_of, "literal", every_time=every_time)
    return audit(request).report.head["coverage"]  # type: ignore[no-any-return]


WRITERS: list[Callable[[Sequence[datetime]], str]] = [
    csv,
    jsonl,
    parquet,
    lambda rows: parquet(rows, write_statistics=False),
    lambda rows: parquet(rows, row_group_size=1000),
    lambda rows: parquet(rows[::-1], row_group_size=5000),
]


@pytest.mark.parametrize("write", WRITERS)
@pytest.mark.parametrize("every_time", [True, False])
def test_a_gap_is_found_in_small_logs_of_any_format(
    write: Callable[[Sequence[datetime]], str], every_time: bool
) -> None:
    found = coverage(write(month(HOLE)), every_time=every_time)
    assert found == {"resolution": "rows", "gaps": [GAP], "cut_short": [], "thin_days": [], "strays": []}


@pytest.fixture
def _many_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counting, "_FEW_ROWS", 0)


@pytest.mark.usefixtures("_many_rows")
def test_in_large_logs_a_gap_within_a_row_group_is_found_where_it_is_asked_for() -> None:
    log = parquet(month(HOLE), row_group_size=2000)
    found = coverage(log, every_time=False)
    assert (found["resolution"], found["gaps"]) == ("stretches", [])
    found = coverage(log, every_time=True)
    assert (found["resolution"], found["gaps"]) == ("rows", [GAP])
    assert coverage(log, every_time=False, statistics=False)["gaps"] == [GAP]


@pytest.mark.usefixtures("_many_rows")
def test_in_large_logs_a_gap_between_row_groups_is_found() -> None:
    since, until = HOLE
    before = parquet([row for row in month() if row < since], "before.parquet", row_group_size=30)
    after = parquet([row for row in month() if row >= until], "after.parquet", row_group_size=30)
    found = coverage(before, after, every_time=False)
    assert found["resolution"] == "stretches"
    (gap,) = found["gaps"]
    assert (gap["starts_at"], gap["ends_at"]) == (GAP["starts_at"], GAP["ends_at"])


def test_a_tally_tells_of_days_only() -> None:
    day = (datetime(2026, 10, 13, 16, tzinfo=UTC), datetime(2026, 10, 14, 16, tzinfo=UTC))
    assert coverage(tally(month(HOLE))) == {
        "resolution": "stretches",
        "gaps": [],
        "cut_short": [],
        "thin_days": [],
        "strays": [],
    }
    (gap,) = coverage(tally(month(day)))["gaps"]
    assert (gap["starts_at"], gap["ends_at"]) == ("2026-10-14T00:00:00+08:00", "2026-10-15T00:00:00+08:00")
    (thin,) = coverage(tally(month((day[0], day[1] - timedelta(hours=5)))))["thin_days"]
    assert thin == {"cycle": "2026-10", "day": "2026-10-14", "rows": 150, "usual": 720}


def test_what_one_log_lacks_another_may_have() -> None:
    rest = [row for row in month() if HOLE[0] <= row < HOLE[1]]
    assert coverage(parquet(month(HOLE)), csv(rest))["gaps"] == []
    assert coverage(tally(month(HOLE)), csv(rest))["gaps"] == []


def test_a_cycle_that_runs_is_looked_at_up_to_the_day_of_the_audit() -> None:
    log = csv([row for row in month() if row < datetime(2026, 10, 14, 12, tzinfo=UTC)])
    assert coverage(log, as_of=date(2026, 10, 14))["cut_short"] == []
    (end,) = coverage(log, as_of=date(2026, 10, 15))["cut_short"]
    assert (end["edge"], end["starts_at"]) == ("end", "2026-10-14T20:00:00+08:00")


def test_strays_are_told_by_their_file() -> None:
    stray = datetime(2026, 10, 29, 3, 7, tzinfo=UTC)
    day = [row for row in month() if row < FIRST + timedelta(days=1)]
    rest = csv([row for row in month() if row >= FIRST + timedelta(days=1)], "rest.csv")
    assert coverage(csv([*day, stray], "day.csv"), rest)["strays"] == [
        {
            "path": "day.csv",
            "rows": 1,
            "starts_at": "2026-10-29T11:00:00+08:00",
            "ends_at": "2026-10-29T11:15:00+08:00",
            "rest_starts_at": "2026-10-01T00:00:00+08:00",
            "rest_ends_at": "2026-10-02T00:00:00+08:00",
        }
    ]


ASKED = ["--as-of", "2026-11-20", "--cycle", "2026-10"]


def test_fail_on_gaps_exits_with_1_and_the_warnings_say_why(capsys: pytest.CaptureFixture[str]) -> None:
    log = csv(month(HOLE))
    assert run(["compute", log, *ASKED]) == 0
    assert f"warning: {SAID}\n" in capsys.readouterr().err
    assert run(["compute", log, *ASKED, "--fail-on", "gaps", "-o", "report.json"]) == 1
    report = json.loads(Path("report.json").read_text("utf-8"))
    assert report["coverage"]["gaps"] == [GAP]
    assert SAID in report["warnings"]
    assert run(["compute", log, *ASKED, "--fail-on", "breach"]) == 0
    assert run(["compute", csv(month()), *ASKED, "--fail-on", "gaps"]) == 0


@pytest.mark.usefixtures("_many_rows")
def test_the_config_may_ask_for_it_too(capsys: pytest.CaptureFixture[str]) -> None:
    log = parquet(month(HOLE))
    Path("sla-audit.toml").write_text(f'logs = "{log}"\nas_of = 2026-11-20\nfail_on = "gaps"\n')
    assert run(["compute", "--config", "sla-audit.toml"]) == 1
    assert SAID in capsys.readouterr().err
    assert run(["compute", log, *ASKED]) == 0
    assert SAID not in capsys.readouterr().err
