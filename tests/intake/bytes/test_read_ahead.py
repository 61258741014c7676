"""Streams that are read ahead: the same bytes, the same faults, and no thread that outlives its reader."""

from __future__ import annotations

import io
import threading
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sla_audit.intake.bytes import read_ahead as module
from sla_audit.intake.bytes.read_ahead import read_ahead

LARGE = 1 << 30


@given(st.binary(max_size=3000), st.lists(st.integers(1, 900), max_size=30), st.integers(1, 700))
def test_the_bytes_come_as_they_are(data: bytes, sizes: list[int], block: int) -> None:
    with pytest.MonkeyPatch.context() as patch, io.BytesIO(data) as stream:
        patch.setattr(module, "_BYTES_A_BLOCK", block)
        with read_ahead(stream, LARGE) as ahead:
            found = b"".join([*(ahead.read(size) for size in sizes), ahead.read()])
    assert found == data


def test_a_small_file_is_read_as_it_is() -> None:
    stream = io.BytesIO(b"abc")
    with read_ahead(stream, 3) as ahead:
        assert ahead is stream


class Broken(io.RawIOBase):
    """A stream that has a fault after some bytes."""

    def __init__(self, fault: BaseException) -> None:
        super().__init__()
        self._fault = fault
        self._given = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        if self._given:
            raise self._fault
        self._given = True
        buffer[:3] = b"abc"
        return 3


@pytest.mark.parametrize("fault", [OSError(5, "Input/output error"), ValueError("odd"), KeyboardInterrupt()])
def test_a_fault_is_raised_where_the_stream_is_read(fault: BaseException) -> None:
    before = threading.active_count()
    with read_ahead(Broken(fault), LARGE) as ahead:  # type: ignore[arg-type]
        assert ahead.read(3) == b"abc"
        with pytest.raises(type(fault)) as raised:
            ahead.read(1)
    assert raised.value is fault
    assert threading.active_count() == before


def test_the_thread_ends_with_its_reader() -> None:
    class Endless(io.RawIOBase):
        def readable(self) -> bool:
            return True

        def readinto(self, buffer: Any, /) -> int:
            return len(buffer)

    before = threading.active_count()
    with read_ahead(Endless(), LARGE) as ahead:  # type: ignore[arg-type]
        ahead.read(10)
        assert threading.active_count() == before + 1
    assert threading.active_count() == before
