"""Fingerprints: alike for copies, and apart for logs that differ where logs do."""

from __future__ import annotations

import gzip
from codecs import BOM_UTF8
from pathlib import Path

import pytest

from sla_audit.intake import fingerprint as module
from sla_audit.intake.bytes.planned import PlannedFile
from sla_audit.intake.content import Content
from sla_audit.intake.fingerprint import Samples, content_fingerprint, fingerprint
from sla_audit.intake.sources.source import Source

LONG = b"".join(b"2026-10-01T05:06:07Z,%09d,200\n" % row for row in range(40_000))  # far more than all samples
CONTENTS = {"nothing": b"", "one byte": b"x", "a few rows": LONG[:900], "one sample": LONG[: 1 << 14], "much": LONG}


def write(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def written(path: Path, content: bytes) -> PlannedFile:
    return PlannedFile.of(write(path, content))


def source(path: Path, content: bytes) -> Source:
    return Source(write(path, content), "csv")


@pytest.mark.parametrize("content", CONTENTS.values(), ids=CONTENTS)
def test_a_copy_under_another_name_has_the_same_fingerprint(tmp_path: Path, content: bytes) -> None:
    one, other = (write(tmp_path / name, content) for name in ("2026-10-01.csv", "copy.parquet"))
    assert fingerprint(PlannedFile.of(one)) == fingerprint(PlannedFile.of(other))


def test_files_of_different_content_have_different_fingerprints(tmp_path: Path) -> None:
    found = {fingerprint(written(tmp_path / "log.csv", content)) for content in CONTENTS.values()}
    assert len(found) == len(CONTENTS)


@pytest.mark.parametrize("at", [0, 899, 450], ids=["first", "last", "middle"])
def test_of_a_short_file_every_byte_counts(tmp_path: Path, at: int) -> None:
    content = CONTENTS["a few rows"]
    changed = content[:at] + b"\x00" + content[at + 1 :]
    assert fingerprint(written(tmp_path / "a", content)) != fingerprint(written(tmp_path / "b", changed))


@pytest.mark.parametrize("at", [0, -1], ids=["first", "last"])
def test_of_a_long_file_the_ends_count(tmp_path: Path, at: int) -> None:
    changed = bytearray(LONG)
    changed[at] ^= 1
    assert fingerprint(written(tmp_path / "a", LONG)) != fingerprint(written(tmp_path / "b", bytes(changed)))


def test_a_log_that_has_grown_is_another_file(tmp_path: Path) -> None:
    one, other = write(tmp_path / "a", LONG), write(tmp_path / "b", LONG + LONG[-30:])
    assert fingerprint(PlannedFile.of(one)) != fingerprint(PlannedFile.of(other))


def test_rows_moved_from_one_end_to_the_other_make_another_file(tmp_path: Path) -> None:
    one, other = write(tmp_path / "a", LONG), write(tmp_path / "b", LONG[600:] + LONG[:600])
    assert fingerprint(PlannedFile.of(one)) != fingerprint(PlannedFile.of(other))


@pytest.mark.parametrize("size", [0, 1, 7, 8, 9, 15, 16, 17, 63, 64, 65, 200, 900, 4_000])
@pytest.mark.parametrize("piece", [1, 5, 8, 64, 1_000])
@pytest.mark.parametrize("mark", [b"", BOM_UTF8], ids=["", "after a byte order mark"])
def test_samples_are_the_same_in_a_file_and_in_a_stream(
    size: int, piece: int, mark: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {"_BYTES_A_SAMPLE": 8, "_BYTES_BETWEEN": 100, "_MOST_BYTES_HELD": 30}.items():
        monkeypatch.setattr(module, name, value)
    path, stream = write(tmp_path / "log.csv", mark + LONG[:size]), Samples()
    for at in range(0, size, piece):
        stream.take(LONG[at : min(at + piece, size)])
    assert content_fingerprint(Content(Source(path, "csv"), "utf-8")) == stream.digest()
    assert size == 0 or content_fingerprint(Content(Source(path, "csv"), None), {"a": "1"}) != stream.digest()


@pytest.mark.parametrize("changed", [0, 1 << 14, 40_000, -1])
def test_what_a_packed_log_holds_is_told_as_it_is_unpacked(changed: int, tmp_path: Path) -> None:
    packed = Content(source(tmp_path / "log.csv.gz", gzip.compress(LONG)), "utf-8")
    other = bytearray(LONG)
    assert content_fingerprint(packed) == content_fingerprint(Content(source(tmp_path / "a.csv", LONG), "utf-8"))
    other[changed] ^= 1
    assert content_fingerprint(packed) != content_fingerprint(
        Content(source(tmp_path / "a.csv", bytes(other)), "utf-8")
    )
