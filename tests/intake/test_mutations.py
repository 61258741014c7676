"""Logs with bytes changed at random: refused, or counted as a slow, strict reader says; never anything else."""

from __future__ import annotations

import random
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders.examples import costly
from tests.mutation import KINDS, compare, counted, mutated


@pytest.mark.parametrize("name", KINDS)
def test_clean_logs_are_counted_as_the_slow_reader_says(name: str, tmp_path: Path) -> None:
    kind = KINDS[name]
    for clean in kind.seeds:
        path = tmp_path / kind.file
        path.write_bytes(clean)
        assert counted(path, random.Random(0)) == kind.read(clean)
        assert kind.read(clean).rejected == 0


@pytest.mark.parametrize("name", sorted(KINDS.keys() - {"parquet"}))
@costly(60)
@given(chance=st.randoms(use_true_random=False))
def test_mutated_logs_are_refused_or_counted_as_the_slow_reader_says(name: str, chance: random.Random) -> None:
    kind = KINDS[name]
    with TemporaryDirectory() as folder:
        compare(Path(folder) / kind.file, kind, mutated(chance.choice(kind.seeds), chance), chance)
