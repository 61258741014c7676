"""Logs with bytes changed at random: refused, or counted as a slow, strict reader says; never anything else."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.mutation import KINDS, compare, counted, mutated
from tests.program import ROOT


@pytest.mark.parametrize("name", KINDS)
def test_clean_logs_are_counted_as_the_slow_reader_says(name: str, tmp_path: Path) -> None:
    kind = KINDS[name]
    for clean in kind.seeds:
        path = tmp_path / kind.file
        path.write_bytes(clean)
        assert counted(path, random.Random(0)) == kind.read(clean)
        assert kind.read(clean).rejected == 0


@pytest.mark.parametrize("name", sorted(KINDS.keys() - {"parquet"}))
@settings(max_examples=60)
@given(chance=st.randoms(use_true_random=False))
def test_mutated_logs_are_refused_or_counted_as_the_slow_reader_says(name: str, chance: random.Random) -> None:
    kind = KINDS[name]
    clean = chance.choice(kind.seeds)
    with TemporaryDirectory() as folder:
        compare(Path(folder) / kind.file, kind, clean, mutated(clean, chance), chance)


@settings(max_examples=2)
@given(seed=st.integers(0, 1 << 32))
def test_mutated_parquet_is_refused_or_counted_as_another_reader_does(seed: int) -> None:
    """In a process of its own: there are footers of which Arrow ends the process. Then nothing is counted either."""
    with TemporaryDirectory() as name:
        folder, kept = Path(name, "work"), Path(name, "kept")
        folder.mkdir()
        options = ["--child", str(folder), "--keep", str(kept), "--seed", str(seed), "--inputs", "80"]
        command = [sys.executable, "-m", "tests.fuzz", "--kinds", "parquet", *options]
        run = subprocess.run(command, cwd=ROOT, capture_output=True, check=False)
        assert run.returncode in {0, -signal.SIGABRT}, run.stderr
        assert [path.read_text() for path in kept.glob("*.txt")] == []
