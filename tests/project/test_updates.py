"""Tallies that are kept up to date give the figures of the logs, in whatever order these came and grew."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from sla_audit.commands.count import Logs
from sla_audit.commands.update import update
from sla_audit.tally.local_threads import LocalThreads
from tests.builders.worlds import CONTRACT, SLOW, World, assert_agreement, facts, number, run, worlds, write_mixed
from tests.oracles.judgement import Row, Window


@SLOW
@given(worlds, st.randoms(use_true_random=False))
def test_tallies_that_are_kept_up_to_date_agree_with_the_oracle(world: World, chance: random.Random) -> None:
    def write(folder: Path, rows: Sequence[Row], chance: random.Random) -> None:
        write_updated(folder, rows, chance, world.windows)

    assert_agreement(run(world, write, chance), world)


def write_updated(folder: Path, rows: Sequence[Row], chance: random.Random, windows: Sequence[Window]) -> None:
    """Write logs, let them come one after the other, some text in two steps, and count at some moments; then go."""
    write_mixed(folder, rows, chance)
    logs, tallies = folder / "coming", folder / "log-tallies"
    logs.mkdir()
    known = facts(folder / "known.csv", Window, number(windows))

    def count() -> None:
        if not any(logs.iterdir()):
            return
        given = Logs((str(logs),), engine=LocalThreads(chance.choice([1, 3])))
        for path, taken in update(tallies, given, CONTRACT, known, keep=["region"]).taken.items():
            tallies.mkdir(exist_ok=True)
            path.write_bytes(taken.content)

    paths = sorted(folder.glob("log*"))
    chance.shuffle(paths)
    for path in paths:
        data, place = path.read_bytes(), logs / path.name
        if path.suffix in {".csv", ".jsonl"} and data.count(b"\n") > 2 and chance.random() < 0.5:
            place.write_bytes(data[: data.find(b"\n", len(data) // 2) + 1] or data)
            count()
        place.write_bytes(data)
        path.unlink()
        if chance.random() < 0.5:
            count()
    count()
    for path in list(logs.iterdir()):
        if any(tallies.glob("*")):
            path.unlink()
        else:  # no log has a row, and so none a tally
            path.rename(folder / path.name)
