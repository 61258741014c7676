"""Lines before places of a file are counted once, in whatever order they are asked for."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from sla_audit.errors import InputError
from sla_audit.intake.bytes.line_counts import LineCounts
from sla_audit.intake.bytes.planned import PlannedFile

TEXT = b"one\n\nthree\nfour"


def test_lines_are_counted_in_any_order(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_bytes(TEXT)
    counts = LineCounts(PlannedFile.of(path))
    for place in (11, 0, 5, 4, 3, len(TEXT), 5):
        assert counts.before(place) == TEXT[:place].count(b"\n")
    assert pickle.loads(pickle.dumps(counts)).before(11) == 3


def test_a_file_that_was_changed_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_bytes(TEXT)
    counts = LineCounts(PlannedFile.of(path))
    path.unlink()
    with pytest.raises(InputError, match="it is gone"):
        counts.before(11)
