"""Lines are picked out of a text by the places where they begin."""

from __future__ import annotations

from itertools import accumulate
from random import Random

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from sla_audit.intake.bytes.chunks import Piece
from sla_audit.intake.scan.picked import lines_at

texts = st.lists(st.lists(st.binary(max_size=20).map(lambda each: each.replace(b"\n", b"")), max_size=6), max_size=4)


@given(texts, st.randoms(use_true_random=False))
def test_the_lines_at_some_places_are_read_and_no_others(pieces: list[list[bytes]], chance: Random) -> None:
    lines = [line + b"\n" for piece in pieces for line in piece]
    begin = list(accumulate(map(len, lines), initial=0))[:-1]
    wanted = [chance.random() < 0.5 for _ in lines]
    places = np.array([place for place, is_wanted in zip(begin, wanted, strict=True) if is_wanted], np.int64)
    data = [b"".join(line + b"\n" for line in piece) for piece in pieces]
    starts = list(accumulate(map(len, data), initial=0))[:-1]
    found = lines_at(places, [Piece(pa.py_buffer(each), at, int) for each, at in zip(data, starts, strict=True)])
    assert b"".join(piece.data.to_pybytes() for piece in found) == b"".join(
        line for line, is_wanted in zip(lines, wanted, strict=True) if is_wanted
    )


def test_a_text_that_ends_early_is_not_read_beyond_its_end() -> None:
    (piece,) = lines_at(np.array([1], np.int64), [Piece(pa.py_buffer(b"abc"), 0, int)])
    assert piece.data.to_pybytes() == b"bc"
