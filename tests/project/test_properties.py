"""The program against the oracle, and what must hold whatever the logs say."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from sla_audit.commands.audit import take_tally
from sla_audit.commands.count import Logs
from sla_audit.errors import InputError
from sla_audit.tally.local_threads import LocalThreads
from tests.builders.worlds import (
    CONTRACT,
    IDS,
    REGIONS,
    SLOW,
    World,
    assert_agreement,
    facts,
    forget_files,
    number,
    run,
    worlds,
    write_csv,
    write_mixed,
    write_parquet,
)
from tests.oracles import judgement as oracle
from tests.oracles.judgement import Row, Window


@SLOW
@given(worlds, st.randoms(use_true_random=False))
def test_the_program_agrees_with_the_slow_oracle(world: World, chance: random.Random) -> None:
    assert_agreement(run(world, write_mixed, chance), world)


@SLOW
@given(worlds, st.randoms(use_true_random=False))
def test_tallies_cut_at_the_windows_agree_with_the_oracle(world: World, chance: random.Random) -> None:
    assert_agreement(run(world, partial(write_tallied, windows=world.windows), chance), world)


@SLOW
@given(worlds, st.randoms(use_true_random=False))
def test_tallies_of_whole_days_agree_with_the_oracle_or_are_refused_for_cause(
    world: World, chance: random.Random
) -> None:
    failures = [
        Row(window.starts_at, (window.accounts or IDS)[0], 502, region=(window.regions or REGIONS)[0])
        for window in world.windows
    ]
    world = replace(world, rows=[*world.rows, *failures])
    try:
        report = run(world, partial(write_tallied, windows=[]), chance)
    except InputError as error:
        named = number(world.windows)
        for problem in error.problems:
            (window,) = [window for window in named if str(problem.where) == f"exclusion {window.id!r}"]
            assert any(parts_the_day_of(row, window) for row in world.rows)
    else:
        assert_agreement(report, world)


def parts_the_day_of(row: Row, window: Window) -> bool:
    """Tell whether a window covers some of a row's day but not all, and would change what the row is."""
    day = row.timestamp.astimezone(oracle.SHANGHAI).replace(hour=0, minute=0, second=0, microsecond=0)
    always = replace(window, starts_at=day, ends_at=day + timedelta(days=1), notified_at=day - timedelta(days=1))
    changed = any(
        oracle.judge_row(row, [always], reading) != oracle.judge_row(row, [], reading) for reading in oracle.READINGS
    )
    meets = window.starts_at < always.ends_at and window.ends_at > always.starts_at
    whole = window.starts_at <= always.starts_at and window.ends_at >= always.ends_at
    return oracle.accepted(window) and changed and meets and not whole


@SLOW
@given(worlds, st.randoms(use_true_random=False), st.booleans())
def test_days_agree_with_the_oracle_and_change_nothing_else(world: World, chance: random.Random, tallied: bool) -> None:
    write = partial(write_tallied, windows=world.windows) if tallied else write_mixed
    seed = chance.getrandbits(32)
    report, without = (run(world, write, random.Random(seed), daily=daily) for daily in (True, False))
    months = None if world.month is None else [world.month]
    expected = oracle.days(world.rows, world.accounts, world.windows, months)
    del report["attribution"]
    assert {day["date"]: day for day in report["daily"]} == oracle.by_day(expected, lambda account, cycle: True)
    assert [day["date"] for day in report["daily"]] == sorted(day["date"] for day in report["daily"])
    for result in report["results"]:
        breached = any(reading["credit_rate"] not in {None, "0"} for reading in result["readings"].values())
        excused = any(excused["requests"] for excused in result.get("without", []))
        assert ("daily" in result) == (breached or result["explicit_failure"] > 0 or excused)
        if "daily" in result:
            key = (result["account_id"], result["cycle"])
            own = oracle.by_day(expected, lambda account, cycle, key=key: (account, cycle) == key)  # type: ignore[misc]
            assert {day["date"]: day for day in result["daily"]} == own
            for name in ("success", "explicit_failure"):
                assert sum(day[name] for day in result["daily"]) == result[name]
            assert sum(day["excluded"]["total"] for day in result["daily"]) == result["excluded"]["total"]
            del result["daily"]
            del result["without"]
    del report["daily"]
    if tallied:  # the logs of a tally lay elsewhere, and their paths are among what a tally's digest is of
        forget_files(report)
        forget_files(without)
    assert report == without


@SLOW
@given(worlds, st.randoms(use_true_random=False))
def test_classes_add_up_and_no_row_is_lost(world: World, chance: random.Random) -> None:
    report = run(world, write_mixed, chance)
    places = report["rows"]
    assert places["read"] == len(world.rows) == sum(count for name, count in places.items() if name != "read")
    assert places["counted"] == sum(result["requests"] for result in report["results"])
    for result in report["results"]:
        assert result["requests"] == result["success"] + result["explicit_failure"] + result["excluded"]["total"]
        assert result["excluded"]["total"] == sum(result["excluded"]["by_clause"].values())
        for reading in result["readings"].values():
            assert reading["success"] + reading["explicit_failure"] + reading["excluded"] == result["requests"]


@SLOW
@given(worlds, st.randoms(use_true_random=False))
def test_splitting_and_shuffling_files_and_their_format_change_nothing(world: World, chance: random.Random) -> None:
    shuffled = World(
        chance.sample(world.rows, len(world.rows)), world.accounts, world.bills, world.windows, world.month
    )
    reports = [run(world, write_csv, chance), run(world, write_parquet, chance), run(shuffled, write_mixed, chance)]
    for report in reports:
        forget_files(report)
        del report["coverage"]["strays"]
        del report["metering"]["logs_kept"]  # a row far from the others may make days between them seem kept
    assert reports[0] == reports[1] == reports[2]


def write_tallied(folder: Path, rows: Sequence[Row], chance: random.Random, windows: Sequence[Window]) -> None:
    """Write rows into a few files, count some of them into tallies that know of windows, and some of these into one."""
    write_mixed(folder, rows, chance)
    known = facts(folder / "known.csv", Window, number(windows))

    def tally(paths: Sequence[Path], name: str) -> Path:
        given = Logs(
            tuple(map(str, paths)), statistics=chance.choice([True, False]), engine=LocalThreads(chance.choice([1, 3]))
        )
        taken = take_tally(given, CONTRACT, known, keep=["region"])
        for path in paths:
            path.unlink()
        (folder / name).write_bytes(taken.content)
        return folder / name

    chosen = [path for path in sorted(folder.glob("log*")) if chance.random() < 0.75]
    tallies = [tally([path], f"{path.name}.tally.parquet") for path in chosen]
    if tallies and chance.random() < 0.5:
        tally(chance.sample(tallies, chance.randint(1, len(tallies))), "log.tally.parquet")
