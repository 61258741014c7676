"""The fast and the careful path read the same: a small part of what `tests.oracles.both_paths` compares."""

from __future__ import annotations

import csv
import io
import random
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sla_audit.intake.formats.csv.fast import FastReader
from sla_audit.intake.values.timestamps import csv_type
from tests.builders.examples import costly
from tests.builders.logs.written_times import times
from tests.oracles.both_paths import ZONES, compare_log, compare_times


@pytest.mark.parametrize("zone", ZONES)
def test_times(zone: str) -> None:
    texts = times(random.Random(zone))
    for _ in range(4):
        assert list(compare_times([next(texts) for _ in range(128)], ZoneInfo(zone))) == []


@costly(100)
@given(st.sampled_from(ZONES), st.randoms(use_true_random=False))
def test_times_that_are_sought(zone: str, chance: random.Random) -> None:
    texts = times(chance)
    assert list(compare_times([next(texts) for _ in range(16)], ZoneInfo(zone))) == []


@costly(100)
@given(st.randoms(use_true_random=False))
def test_logs(chance: random.Random) -> None:
    with TemporaryDirectory() as folder:
        assert compare_log(Path(folder), chance) is None


def test_every_short_csv_that_is_read_fast_is_read_so_by_a_strict_reader() -> None:
    """All texts of up to seven characters, of those that matter: what quotes do is not for Arrow to say."""
    reader = FastReader(["a", "b"], {"a": pa.string(), "b": pa.string()}, ",")
    read = 0
    for length in range(1, 8):
        for characters in product('",x\n', repeat=length):
            text = "".join(characters)
            found = reader.read(pa.py_buffer(text.encode()))
            if found is not None:
                read += 1
                rows = [[value or "" for value in row.values()] for row in found.to_pylist()]
                strictly = csv.reader(io.StringIO(text, newline=""), strict=True)
                assert rows == [row for row in strictly if row]
    assert read > 500


@pytest.mark.parametrize(
    "odd", ["2016-12-31T23:59:60Z", "2026-10-05T24:00:00+08:00", "05/Oct/2026:13:06:07 +0800", "no time"]
)
def test_one_time_that_arrow_does_not_read_leaves_the_others_to_it(odd: str) -> None:
    reader = FastReader(["t"], {"t": csv_type("2026-10-01T00:00:00Z")}, ",")
    read = reader.read(pa.py_buffer(f"2026-10-05T05:06:07Z\n{odd}\n".encode()))
    assert read is not None
    assert read.column("t").to_pylist() == ["2026-10-05T05:06:07Z", odd]
