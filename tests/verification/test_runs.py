"""Whatever a run writes, a check of it takes: logs, facts and options by chance."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sla_audit.cli.main import run

FIRST = datetime(2026, 8, 20, tzinfo=UTC)
ACCOUNTS = ["a", "b", "B", "c-1", "c-01", "d", "e é", "f;g"]
OPTIONS = ("--accounts", "--billing", "--exclusions", "--holidays")


def a_log(chance: random.Random) -> str:
    """Write a log of some accounts over some months, with all that a row may say."""
    weighted = [200] * chance.choice((3, 20, 80)) + [500, 502, 503, 404, 499, ""]
    days = chance.choice((3, 40, 100))
    rows = ["timestamp,account_id,status,content_flag,request_id,region,api"]
    accounts = chance.sample(ACCOUNTS, chance.randint(1, 6))
    skipped = chance.randrange(days)
    for number in range(chance.choice((1, 30, 400, 3_000))):
        at = FIRST + timedelta(seconds=chance.randrange(days * 86_400))
        if chance.random() < 0.9 and abs((at - FIRST).days - skipped) < 8:
            continue
        flag = chance.choice(("", "", "", "porn", "pass")) if chance.random() < 0.3 else ""
        request = f"r{chance.choice((number, number, chance.randrange(50)))}"
        account = chance.choice(accounts) if chance.random() < 0.999 else ""
        api, region = chance.choice(("/v1/a", "/v1/b", "/v2")), chance.choice(("north", "south"))
        status = chance.choice(weighted) if chance.random() < 0.998 else "bad"
        rows.append(f"{at:%Y-%m-%dT%H:%M:%SZ},{account},{status},{flag},{request},{region},{api}")
    return "\n".join(rows) + "\n"


def facts(chance: random.Random) -> dict[str, str]:
    """Write some facts files, by the options that take them."""
    accounts = "account_id,plan,applied_on,expires_on\n" + "".join(
        f"{name},{chance.choice(('paid', 'free'))},2026-0{chance.randint(1, 9)}-{chance.randint(1, 28):02},"
        f"{chance.choice(('', '', f'2026-10-{chance.randint(1, 28):02}', '9999-12-31'))}\n"
        for name in chance.sample([*ACCOUNTS, "x", "y"], chance.randint(1, 8))
    )
    fees, cash, calls = ("0", "10.5", "1200.00", "99.999"), ("0", "50", "5000"), ("", "", "0", "3", "5000")
    billing = "account_id,cycle,service_fee,cash_paid,billed_calls\n" + "".join(
        f"{name},2026-{month:02},{chance.choice(fees)},{chance.choice(cash)},{chance.choice(calls)}\n"
        for name in chance.sample([*ACCOUNTS, "x", "z"], chance.randint(0, 9))
        for month in chance.sample(range(7, 13), chance.randint(0, 5))
    )
    exclusions = "id,clause,starts_at,ends_at,notified_at,accounts,regions,apis\n"
    for number in range(chance.randint(0, 5)):
        start = FIRST + timedelta(hours=chance.randrange(2_000))
        end = start + timedelta(hours=chance.choice((1, 30, 900)))
        notified = chance.choice(("", f"{start - timedelta(days=3):%Y-%m-%dT%H:%M:%SZ}", f"{end:%Y-%m-%dT%H:%M:%SZ}"))
        scopes = [
            ";".join(chance.sample(names, chance.randint(0, 2)))
            for names in (["a", "b", "nobody", "c-1"], ["north", "nowhere"])
        ]
        exclusions += f"X{number},{chance.randint(1, 12)},{start:%Y-%m-%dT%H:%M:%SZ},{end:%Y-%m-%dT%H:%M:%SZ},"
        exclusions += f"{notified},{scopes[0]},{scopes[1]},{chance.choice(('', '', '/v1/a'))}\n"
    holidays = "date,day\n2026-11-03,off\n2026-11-07,work\n"
    written = dict(zip(OPTIONS, (accounts, billing, exclusions, holidays), strict=True))
    return {
        option: written[option] for option in OPTIONS if chance.random() < (0.2 if option == "--holidays" else 0.75)
    }


def is_taken(chance: random.Random, capsys: pytest.CaptureFixture[str]) -> bool:
    """Compute by chance in this folder, render what was saved, and hold it against it; False where nothing was made."""
    Path("log.csv").write_text(a_log(chance))
    given, holidays = facts(chance), list[str]()
    for option, text in given.items():
        path = Path(f"{option[2:]}.csv")
        path.write_text(text)
        if option == "--holidays":
            holidays = [option, path.name]
    options = [part for option in given for part in (option, f"{option[2:]}.csv")]
    options += chance.choice(([], [], ["--api", "/v1/*"], ["--api", "/v1/a", "--api", "/v1/?", "--api", "/none"]))
    options += chance.choice(([], [], ["--cycle", "2026-09"], ["--cycle", "2026-08..2026-12"], ["--cycle", "running"]))
    options += chance.choice(([], ["--reading", "broad"]))
    options += ["--as-of", chance.choice(("2026-08-25", "2026-10-15", "2026-11-20", "2027-03-01"))]
    outputs = chance.choice((["-o", "report.json"], ["-o", "report.json", "-o", "report.html"]))
    logs = ["log.csv"]
    if chance.random() < 0.3:
        keep = ["--keep", "api", "--keep", "region"]
        limits = ["--exclusions", "exclusions.csv"] if "--exclusions" in given else []
        if run(["tally", "log.csv", "-o", "log.tally.parquet", "--max-rejected", "9", "--quiet", *keep, *limits]):
            return False
        logs = ["log.tally.parquet"]
    if run(["compute", *logs, *options, "--max-rejected", "9", "--quiet", *outputs]):
        capsys.readouterr()
        return False
    code = run(["render", "report.json", *holidays, "-o", "again.json"])
    assert code == 0, capsys.readouterr().err
    assert Path("again.json").read_bytes() == Path("report.json").read_bytes()
    if holidays:  # its claim dates are then as it says
        assert run(["render", "report.json", "-o", "again.md"]) == 0
        assert (
            "from when on claims for" in Path("again.md").read_text()
            or not json.loads(Path("report.json").read_bytes())["results"]
        )
    return True


@pytest.mark.parametrize("seed", range(12))
def test_what_a_run_writes_is_taken(
    seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    chance = random.Random(seed)
    taken = [is_taken(chance, capsys) for _ in range(3)]
    assert any(taken)
