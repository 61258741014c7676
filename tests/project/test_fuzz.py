"""The fuzzing of every reader, for a moment: nothing is found. `python -m tests.fuzz` goes on from there."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fuzz.campaign import Campaign, minimised
from tests.fuzz.targets import TARGETS

_INPUTS = 15
_FAST = {"csv": 60, "parquet": 60, "packed": 60, "report": 60, "tally": 40, "tally-head": 40}


@pytest.mark.parametrize("target", TARGETS)
def test_nothing_is_found_in_a_moment(target: str, tmp_path: Path) -> None:
    campaign = Campaign(target, tmp_path / "work", tmp_path / "kept", seed=15)
    campaign.run(inputs=_FAST.get(target, _INPUTS))
    assert {signature: path.with_suffix(".txt").read_text() for signature, path in campaign.found.items()} == {}
    assert len(campaign.lines) > 1000


def test_an_input_is_made_small_as_long_as_it_is_wrong_in_the_same_way() -> None:
    assert minimised(b"one, two, three, four, five", lambda data: b"t" in data and b"f" in data) in {b"tf", b"ft"}
