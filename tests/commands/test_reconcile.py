"""Two sides compared: each difference is found, and what they are worth is the difference of the amounts."""

from __future__ import annotations

import csv
import json
import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sla_audit.commands.audit import Request, audit, take_tally
from sla_audit.commands.count import Logs
from sla_audit.commands.two_sides.reconcile import Given, reconcile
from sla_audit.errors import InputError
from sla_audit.judge.period import Period
from sla_audit.model.comparison import Comparison
from sla_audit.model.month import Month
from sla_audit.report.formats.json_file import render_json
from tests.builders.examples import costly
from tests.builders.worlds import CONTRACT, IDS, World, request_of, worlds
from tests.oracles.judgement import Bill, Row, Window
from tests.program import sla_audit

OCTOBER = Month(2026, 10)
CLASSES = ("success", "explicit_failure", "excluded")


def asked(folder: Path, world: World, windows: Sequence[Window], chance: random.Random) -> Request:
    folder.mkdir()
    return request_of(replace(world, windows=[*windows]), folder, "literal", Period(OCTOBER, OCTOBER), chance)


def otherwise(rows: Sequence[Row], chance: random.Random) -> list[Row]:
    """Lose some requests, and log others with another status, at another time or twice."""
    changed = []
    for row in rows:
        which, later = chance.random(), row.timestamp + timedelta(days=chance.choice([-30, 1, 30]))
        if which < 0.1:
            changed.append(replace(row, status=chance.choice([200, 404, 502, None])))
        elif which < 0.2:
            changed.append(replace(row, timestamp=later))
        elif which < 0.9:
            changed += [row, row] if which < 0.25 else [row]
    return changed


def of_report(request: Request, account: str) -> dict[str, Any] | None:
    report = json.loads(render_json(audit(request).report))
    return next((each for each in report["results"] if each["account_id"] == account), None)


@costly(30)
@given(worlds, st.integers(0, 1 << 32))
def test_what_differences_are_worth_is_the_difference_of_the_amounts(world: World, seed: int) -> None:
    chance = random.Random(seed)
    named = [replace(row, request_id=f"r{at}" if chance.random() < 0.8 else None) for at, row in enumerate(world.rows)]
    if chance.random() < 0.7:  # else money seldom moves
        world = replace(world, accounts=None, bills=[Bill(each, "2026-10", "900.00", "500.00") for each in IDS])
    sides = replace(world, rows=named), replace(world, rows=otherwise(named, chance))
    fewer = chance.sample(world.windows, chance.randint(0, len(world.windows)))
    with TemporaryDirectory() as name:
        ours = asked(Path(name) / "ours", sides[0], world.windows, chance)
        theirs = asked(Path(name) / "theirs", sides[1], fewer, chance)
        report = Path(name) / "theirs.json"
        report.write_bytes(render_json(audit(replace(theirs, daily=chance.random() < 0.5)).report))
        saved = Given(theirs, report)
        for account in sorted({row.account_id for row in named}):
            results = [of_report(side, account) for side in (ours, theirs)]
            try:
                found = reconcile(Given(ours), Given(theirs), account, OCTOBER)
            except InputError:
                assert results == [None, None]
            else:
                assert_whole(found, results)
            tallied = replace(theirs, logs=Logs((str(tallied_of(theirs, Path(name) / f"{account}.tally.parquet")),)))
            if results != [None, None]:
                counted = reconcile(Given(ours), Given(tallied), account, OCTOBER)
                assert counted.requests is None
                assert_whole(counted, results)
                assert_whole(reconcile(Given(ours), saved, account, OCTOBER), results)


def tallied_of(request: Request, path: Path) -> Path:
    path.write_bytes(take_tally(request.logs, CONTRACT, request.exclusions, ("region",)).content)
    return path


def assert_whole(found: Comparison, results: Sequence[dict[str, Any] | None]) -> None:
    """Hold a comparison against the reports of both sides, and against itself."""
    for side, amount, result in zip(found.by_class, found.amounts, results, strict=True):
        counts = [0, 0, 0] if result is None else [result["success"], result["explicit_failure"]]
        if result is not None:
            counts.append(result["excluded"]["total"])
            assert amount == (None if result["compensation"] is None else Decimal(result["compensation"]))
        assert list(side.row(0)) == counts
    for name in CLASSES:
        assert found.by_class[0][name].item() + found.differences[name].sum() == found.by_class[1][name].item()
    moved = [*found.differences["moved"], found.by_facts]
    if None not in (*moved, *found.amounts):
        assert sum(moved) == found.amounts[1] - found.amounts[0]  # type: ignore[operator]
    for day in found.days.iter_rows(named=True):
        assert any(day[f"ours_{name}"] != day[f"theirs_{name}"] for name in CLASSES)
    for side, of in zip(found.by_class, ("ours", "theirs"), strict=True):
        if found.days.height and found.requests is not None:
            assert found.days[f"{of}_success"].sum() <= side["success"].item()


TIME = datetime.fromisoformat("2026-10-05T13:06:07.123+08:00")
HEADER = ("timestamp", "account_id", "status", "request_id")
EXCLUSIONS = (
    "id,clause,starts_at,ends_at,notified_at\n"
    "M,1,2026-10-20T00:00:00+08:00,2026-10-21T00:00:00+08:00,2026-10-01T00:00:00+08:00\n"
)


def log(path: Path, rows: Sequence[tuple[datetime, int, str]]) -> None:
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        writer.writerows((time.isoformat(), "a", status, request_id) for time, status, request_id in rows)


@pytest.fixture
def planted(tmp_path: Path) -> dict[str, str]:
    """Write two logs of 2,000 requests, with twenty differences; give the id of each, and which it is."""
    ours = [(TIME + timedelta(minutes=at), 503 if at % 50 == 0 else 200, f"r{at}") for at in range(2000)]
    ours += [(datetime.fromisoformat(f"2026-10-20T12:00:0{at}+08:00"), 503, f"m{at}") for at in range(4)]
    theirs, found = [], dict[str, str]()
    for time, status, request_id in ours:
        if request_id in {"r7", "r50", "r100", "r101"}:
            found[request_id] = "only_ours"
        elif request_id in {"r150", "r200", "r250", "r300", "r9"}:
            theirs.append((time, 200 if status == 503 else 503, request_id))
            found[request_id] = "other_ending"
        elif request_id in {"r350", "r400", "r11"}:
            theirs.append((time + timedelta(days=40), status, request_id))
            found[request_id] = "not_counted"
        else:
            theirs.append((time, status, request_id))
            if request_id in {"m0", "m1", "m2", "m3"}:
                found[request_id] = "other_class"
    for at in range(4):
        theirs.append((TIME + timedelta(days=1, seconds=at), 200, f"t{at}"))
        found[f"t{at}"] = "only_theirs"
    log(tmp_path / "ours.csv", ours)
    log(tmp_path / "theirs.csv", theirs)
    facts(tmp_path)
    return found


def facts(folder: Path) -> None:
    (folder / "none.csv").write_text(EXCLUSIONS.splitlines()[0] + "\n")
    (folder / "exclusions.csv").write_text(EXCLUSIONS)
    (folder / "billing.csv").write_text("account_id,cycle,service_fee,cash_paid\na,2026-10,1000.00,1000.00\n")


ASKED = ("--billing", "billing.csv", "--account", "a", "--cycle", "2026-10", "--as-of", "2026-11-20")


def test_twenty_planted_differences_are_found_and_the_money_adds_up(planted: dict[str, str], tmp_path: Path) -> None:
    given = ("ours.csv", "theirs.csv", "--exclusions", "none.csv", "--their-exclusions", "exclusions.csv", *ASKED)
    done = sla_audit("reconcile", *given, "--format", "json", "-o", "differ.parquet", folder=tmp_path)
    assert (done.returncode, done.stderr) == (1, "")
    said = json.loads(done.stdout)
    assert len(planted) == 20
    assert {each["request_id"]: each["difference"] for each in said["requests"]} == planted
    assert (said["ours"]["compensation"], said["theirs"]["compensation"]) == ("150.00", "150.00")
    assert sum(Decimal(each["moved"]) for each in said["differences"]) == Decimal(said["difference"])
    assert sum(each["requests"] for each in said["differences"]) == 20
    written = pl.read_parquet(tmp_path / "differ.parquet")
    assert dict(written.select("request_id", "difference").iter_rows()) == planted
    (moved,) = written.filter(pl.col("request_id") == "r11").to_dicts()
    assert (moved["ours_place"], moved["theirs_place"]) == ("line 13", "line 12")
    assert (moved["ours_time"], moved["theirs_class"]) == ("2026-10-05T13:17:07.123000+08:00", "outside_period")


MONTH = {"account_id": "a", "status": "200", "content_flag": "", "client_aborted": "false"}


def of_every_kind(folder: Path) -> dict[str, tuple[str, str | None, str | None]]:
    """Write two logs with twenty differences of every kind; give how each id differs, and its class on both sides."""
    ours = [
        MONTH | {"timestamp": (TIME + timedelta(minutes=at)).isoformat(), "request_id": f"r{at}"} for at in range(1000)
    ]
    for at in range(0, 1000, 20):
        ours[at]["status"] = "503"
    ours += [MONTH | {"timestamp": "2026-10-20T12:00:00+08:00", "request_id": "m", "status": "503"}]
    theirs = {row["request_id"]: dict(row) for row in ours}
    success, failure, excluded = "success", "explicit_failure", "excluded"
    found: dict[str, tuple[str, str | None, str | None]] = {}

    def differs(row: str, how: str, classes: tuple[str | None, str | None], **changed: str) -> None:
        theirs[row] |= changed
        found[row] = (how, *classes)

    november, september = "2026-11-01T00:00:00+08:00", "2026-09-30T23:59:59.999999+08:00"
    differs("r1", "other_ending", (success, failure), status="503")
    differs("r20", "other_ending", (failure, success), status="200")
    differs("r40", "other_ending", (failure, failure), status="504")
    differs("r60", "other_ending", (failure, failure), status="")
    differs("r2", "other_ending", (success, excluded), status="404")
    differs("r80", "other_ending", (failure, excluded), status="499")
    differs("r3", "other_ending", (success, success), status="500")
    differs("r4", "other_ending", (success, excluded), content_flag="gambling")
    differs("r100", "other_ending", (failure, excluded), content_flag="gambling")
    differs("r5", "other_ending", (success, excluded), client_aborted="true")
    differs("r6", "not_counted", (success, "outside_period"), timestamp=november)
    differs("r120", "not_counted", (failure, "outside_period"), timestamp=september)
    differs("r7", "other_day", (success, success), timestamp="2026-10-31T23:59:59.999999+08:00")
    differs("r8", "only_ours", (success, None), account_id="b")
    differs("r140", "only_ours", (failure, None), account_id="b")
    differs("m", "other_class", (failure, excluded))
    for row, (how, *classes) in {
        "r9": ("only_ours", success, None),
        "r160": ("only_ours", failure, None),
    }.items():
        del theirs[row]
        found[row] = (how, *classes)
    twice = dict(theirs["r10"], request_id="t")
    theirs["new"] = twice
    theirs["new again"] = dict(twice)  # the same request, logged twice: counted once
    found["t"] = ("only_theirs", None, success)
    theirs["failed"] = dict(theirs["r180"], request_id="f")
    found["f"] = ("only_theirs", None, failure)
    for name, rows in (("ours", ours), ("theirs", list(theirs.values()))):
        pl.DataFrame(rows).write_csv(folder / f"{name}.csv")
    facts(folder)
    return found


def test_a_difference_of_every_kind_is_found_for_what_it_is(tmp_path: Path) -> None:
    planted = of_every_kind(tmp_path)
    given = ("ours.csv", "theirs.csv", "--exclusions", "none.csv", "--their-exclusions", "exclusions.csv", *ASKED)
    done = sla_audit("reconcile", *given, "--format", "json", folder=tmp_path)
    assert (done.returncode, done.stderr) == (1, "")
    said = json.loads(done.stdout)
    assert len(planted) == 20
    found = {
        each["request_id"]: (each["difference"], each["ours_class"], each["theirs_class"]) for each in said["requests"]
    }
    assert found == planted
    assert {name: said["theirs"][name] - said["ours"][name] for name in CLASSES} == {
        name: sum((theirs == name) - (ours == name) for _, ours, theirs in planted.values()) for name in CLASSES
    }
    assert sum(Decimal(each["moved"]) for each in said["differences"]) == Decimal(said["difference"])


def test_what_is_on_other_days_is_no_agreement(tmp_path: Path) -> None:
    rows = [(TIME + timedelta(minutes=at), 200, f"r{at}") for at in range(50)]
    log(tmp_path / "ours.csv", rows)
    log(tmp_path / "theirs.csv", [*rows[1:], (TIME + timedelta(days=3), 200, "r0")])
    done = sla_audit("reconcile", "ours.csv", "theirs.csv", *ASKED[2:], folder=tmp_path)
    assert done.returncode == 1
    assert "on another day: 200, success" in done.stdout
    for side in ("ours", "theirs"):
        sla_audit("tally", f"{side}.csv", "-o", f"{side}.tally.parquet", folder=tmp_path)
    done = sla_audit("reconcile", "ours.tally.parquet", "theirs.tally.parquet", *ASKED[2:], folder=tmp_path)
    assert done.returncode == 1
    assert "Both sides count the same, but not on the same days." in done.stdout


DIALECT = """
schema = "sla-audit/dialect/1"
id = "mine"
title = "A gateway of their own"
source = "its manual"
verified = false
status = "status"
[columns]
timestamp = ["timestamp"]
account_id = ["account_id"]
request_id = ["request_id"]
[[outcomes]]
when = { "status" = ["504..504"] }
ended = "no_answer"
[[outcomes]]
ended = "answered"
"""


@pytest.mark.parametrize("name", ["theirs.json", "dialect.json", "exclusions.csv", "theirs.csv", "ours.json"])
def test_no_output_overwrites_what_either_side_reads(tmp_path: Path, name: str) -> None:
    log(tmp_path / "ours.csv", [(TIME, 200, "r")])
    log(tmp_path / "theirs.csv", [(TIME, 200, "r")])
    facts(tmp_path)
    (tmp_path / "ours.json").write_text("")
    (tmp_path / "dialect.json").write_text(DIALECT)
    (tmp_path / "theirs.json").write_text('exclusions = "exclusions.csv"\ndialect = "dialect.json"\n')
    before = (tmp_path / name).read_bytes()
    sides = ("ours.csv", "theirs.csv", "--config", "ours.json", "--their-config", "theirs.json")
    done = sla_audit("reconcile", *sides, *ASKED[2:], "-o", "fresh.json", "-o", name, folder=tmp_path)
    assert done.returncode == 2
    assert f"{name}: is an input of this run" in done.stderr
    assert (tmp_path / name).read_bytes() == before
    assert not (tmp_path / "fresh.json").exists()


def test_the_same_logs_agree(planted: dict[str, str], tmp_path: Path) -> None:
    done = sla_audit("reconcile", "ours.csv", "ours.csv", *ASKED, folder=tmp_path)
    assert done.returncode == 0
    assert "Both sides agree." in done.stdout


def test_their_config_says_how_their_logs_are_written(planted: dict[str, str], tmp_path: Path) -> None:
    text = (tmp_path / "ours.csv").read_text().replace("timestamp,account_id", "when,who").replace(",", ";")
    (tmp_path / "other.csv").write_text(text)
    (tmp_path / "theirs.toml").write_text(
        'delimiter = ";"\nbilling = "billing.csv"\n[columns]\ntimestamp = "when"\naccount_id = "who"\n'
    )
    done = sla_audit("reconcile", "ours.csv", "other.csv", "--their-config", "theirs.toml", *ASKED, folder=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")


def test_an_account_that_neither_side_has_is_refused(planted: dict[str, str], tmp_path: Path) -> None:
    done = sla_audit("reconcile", "ours.csv", "theirs.csv", *ASKED, "--account", "b", folder=tmp_path)
    assert done.returncode == 2
    assert "neither side has anything of it in 2026-10" in done.stderr


def test_a_saved_report_is_a_side(planted: dict[str, str], tmp_path: Path) -> None:
    billing, asked = ASKED[:2], ASKED[4:]
    assert sla_audit("compute", "theirs.csv", *billing, *asked, "-o", "theirs.json", folder=tmp_path).returncode == 0
    done = sla_audit("reconcile", "ours.csv", "theirs.json", *ASKED, "--format", "json", folder=tmp_path)
    said = json.loads(done.stdout)
    assert (done.returncode, said["requests"]) == (1, None)
    assert said["theirs"]["success"] == 1964
    assert [each["day"] for each in said["days"]] == ["2026-10-05", "2026-10-06"]
    broad = sla_audit("reconcile", "ours.csv", "theirs.json", *ASKED, "--reading", "broad", folder=tmp_path)
    assert broad.returncode == 2
    assert "Give --reading literal." in broad.stderr


def test_without_ids_requests_are_told_by_their_times(tmp_path: Path) -> None:
    rows = [(TIME + timedelta(seconds=at), 200, "") for at in range(50)]
    log(tmp_path / "ours.csv", rows)
    log(tmp_path / "theirs.csv", [*rows[:10], (rows[10][0], 503, ""), *rows[12:], rows[20]])
    done = sla_audit("reconcile", "ours.csv", "theirs.csv", *ASKED[2:], "--format", "json", folder=tmp_path)
    found = [
        (each["difference"], each["ours_place"], each["theirs_place"]) for each in json.loads(done.stdout)["requests"]
    ]
    assert found == [
        ("only_ours", "line 13", None),
        ("only_theirs", None, "line 51"),
        ("other_ending", "line 12", "line 12"),
    ]
