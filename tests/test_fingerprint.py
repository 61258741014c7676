"""Fingerprints: alike for copies, and apart for logs that differ where logs do."""

from __future__ import annotations

from pathlib import Path

import pytest

from sla_audit.intake.fingerprint import fingerprint

LONG = b"".join(b"2026-10-01T05:06:07Z,%09d,200\n" % row for row in range(40_000))  # far more than all samples
CONTENTS = {"nothing": b"", "one byte": b"x", "a few rows": LONG[:900], "one sample": LONG[: 1 << 14], "much": LONG}


def write(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("content", CONTENTS.values(), ids=CONTENTS)
def test_a_copy_under_another_name_has_the_same_fingerprint(tmp_path: Path, content: bytes) -> None:
    one, other = (write(tmp_path / name, content) for name in ("2026-10-01.csv", "copy.parquet"))
    assert fingerprint(one) == fingerprint(other)


def test_files_of_different_content_have_different_fingerprints(tmp_path: Path) -> None:
    found = {fingerprint(write(tmp_path / "log.csv", content)) for content in CONTENTS.values()}
    assert len(found) == len(CONTENTS)


@pytest.mark.parametrize("at", [0, 899, 450], ids=["first", "last", "middle"])
def test_of_a_short_file_every_byte_counts(tmp_path: Path, at: int) -> None:
    content = CONTENTS["a few rows"]
    changed = content[:at] + b"\x00" + content[at + 1 :]
    assert fingerprint(write(tmp_path / "a", content)) != fingerprint(write(tmp_path / "b", changed))


@pytest.mark.parametrize("at", [0, -1], ids=["first", "last"])
def test_of_a_long_file_the_ends_count(tmp_path: Path, at: int) -> None:
    changed = bytearray(LONG)
    changed[at] ^= 1
    assert fingerprint(write(tmp_path / "a", LONG)) != fingerprint(write(tmp_path / "b", bytes(changed)))


def test_a_log_that_has_grown_is_another_file(tmp_path: Path) -> None:
    one, other = write(tmp_path / "a", LONG), write(tmp_path / "b", LONG + LONG[-30:])
    assert fingerprint(one) != fingerprint(other)


def test_rows_moved_from_one_end_to_the_other_make_another_file(tmp_path: Path) -> None:
    one, other = write(tmp_path / "a", LONG), write(tmp_path / "b", LONG[600:] + LONG[:600])
    assert fingerprint(one) != fingerprint(other)
