"""Some lines of a text: where they begin, and which they are."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from sla_audit.intake.scan.words import Numbers


class Lines(NamedTuple):
    """Where in a piece some lines begin, and how many are before each of them."""

    places: Numbers
    numbers: Numbers

    @classmethod
    def none(cls) -> Lines:
        """Give no lines."""
        return cls(np.zeros(0, np.int64), np.zeros(0, np.int64))

    @classmethod
    def of_rows(cls, rows: npt.NDArray[np.int64]) -> Lines:
        """Take what rows have first: a place and a number."""
        return cls(rows[:, 0].copy(), rows[:, 1].copy())

    def of(self, which: npt.NDArray[np.bool_]) -> Lines:
        """Give some of them."""
        return Lines(self.places[which], self.numbers[which])

    def plus(self, others: Lines) -> Lines:
        """Give these and others, in the order of the text."""
        if not len(others.places):
            return self
        places = np.concatenate([self.places, others.places])
        order = np.argsort(places, kind="stable")
        return Lines(places[order], np.concatenate([self.numbers, others.numbers])[order])

    def within(
        self, data: pa.Buffer, lines_before: Callable[[], int], *, by_number: bool = False
    ) -> Iterator[tuple[int, bytes]]:
        """Give each line of a piece with its number, from 1 on, and without its end.

        Where places are not those of the piece, lines are found `by_number`.
        """
        if not len(self.places):
            return
        text, before = memoryview(data), lines_before() + 1
        all_lines = data.to_pybytes().split(b"\n") if by_number else []
        for place, number in zip(self.places.tolist(), self.numbers.tolist(), strict=True):
            yield before + number, all_lines[number] if by_number else _line(text, place)


def _line(text: memoryview, place: int) -> bytes:
    """Give the line that begins at a place."""
    look = 1 << 10
    while True:
        part = text[place : place + look].tobytes()
        end = part.find(b"\n")
        if end >= 0 or place + look >= len(text):
            return part if end < 0 else part[:end]
        look *= 4
