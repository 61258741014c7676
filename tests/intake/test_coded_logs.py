"""Logs of which codes of errors and lengths of requests are needed: every way to read them tells the same."""

from __future__ import annotations

import random
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders.examples import costly
from tests.mutation import mutated
from tests.oracles.both_paths import CODED, Kind, compare_data


@pytest.mark.parametrize("kind", CODED, ids=lambda kind: kind.format)
def test_a_clean_log(kind: Kind, tmp_path: Path) -> None:
    for seed in range(4):
        assert compare_data(tmp_path, kind, kind.seeds[0], random.Random(seed)) is None


@costly(60)
@given(st.randoms(use_true_random=False))
def test_a_log_in_which_something_is_odd(chance: random.Random) -> None:
    kind = chance.choice(CODED)
    with TemporaryDirectory() as folder:
        assert compare_data(Path(folder), kind, mutated(kind.seeds[0], chance), chance) is None
