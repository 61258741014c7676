"""The fast and the careful path read the same: a small part of what `tests.both_paths` compares."""

from __future__ import annotations

import random
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.both_paths import ZONES, compare_log, compare_times
from tests.written_times import times


@pytest.mark.parametrize("zone", ZONES)
def test_times(zone: str) -> None:
    texts = times(random.Random(zone))
    for _ in range(4):
        assert list(compare_times([next(texts) for _ in range(128)], ZoneInfo(zone))) == []


@given(st.sampled_from(ZONES), st.randoms(use_true_random=False))
def test_times_that_are_sought(zone: str, chance: random.Random) -> None:
    texts = times(chance)
    assert list(compare_times([next(texts) for _ in range(16)], ZoneInfo(zone))) == []


@given(st.randoms(use_true_random=False))
def test_logs(chance: random.Random) -> None:
    with TemporaryDirectory() as folder:
        assert compare_log(Path(folder), chance) is None
