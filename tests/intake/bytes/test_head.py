"""The beginning of a text, read once, is what the file has, whoever reads it and however far."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sla_audit.intake.bytes.head import Head
from sla_audit.intake.bytes.planned import PlannedFile

DATA = b"".join(b"line %d\n" % number for number in range(100_000))


@given(sizes=st.lists(st.integers(0, 400_000), max_size=5), packed=st.booleans())
def test_readers_see_the_text_from_its_start(
    tmp_path_factory: pytest.TempPathFactory, sizes: list[int], *, packed: bool
) -> None:
    path = tmp_path_factory.mktemp("head") / ("log.csv.gz" if packed else "log.csv")
    path.write_bytes(gzip.compress(DATA, 1) if packed else DATA)
    with Head(PlannedFile.of(path), "utf-8") as head:
        for size in sizes:
            with head.open() as file:
                assert file.read(size) == DATA[:size]
        with head.open() as one, head.open() as other:
            lines = [(one.readline(), other.readline()) for _ in range(3)]
    assert lines == [(b"line %d\n" % number,) * 2 for number in range(3)]


def test_another_encoding_comes_as_utf_8(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_bytes("时间\n".encode("gb18030") * 5)
    with Head(PlannedFile.of(path), "gb18030") as head:
        for _ in range(2):
            with head.open() as file:
                assert file.read().decode() == "时间\n" * 5


def test_what_nobody_looks_at_is_not_opened(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_bytes(b"PAR1\x15")
    with Head(PlannedFile.of(path), "utf-8"):
        pass
