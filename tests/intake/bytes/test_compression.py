"""Packed logs: every member and frame is read, and nothing that is cut, damaged or of another kind."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import sys
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sla_audit.errors import InputError
from sla_audit.intake.bytes.compression import packing_of, unpacked
from sla_audit.intake.bytes.planned import PlannedFile
from tests.builders.packed import zstd

TEXT = b"timestamp,account_id,status\n" + b"".join(b"2026-10-01T05:06:07Z,%d,200\n" % (n * n) for n in range(5000))
ZSTD = pa.Codec("zstd")
SKIPPABLE = b"\x50\x2a\x4d\x18" + (3).to_bytes(4, "little") + b"abc"


@pytest.fixture(autouse=True, params=["with ISA-L", "without"])
def unpackers(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run every test with each of the unpackers that a user may have."""
    if request.param == "without":
        monkeypatch.setitem(sys.modules, "isal", None)
    else:
        pytest.importorskip("isal")


PACK: dict[str, Callable[[bytes], bytes]] = {".gz": gzip.compress, ".zst": zstd}
SUFFIXES = pytest.mark.parametrize("suffix", PACK)


def read(path: Path) -> bytes:
    with unpacked(PlannedFile.of(path)) as file:
        return file.read()


def refused(path: Path) -> tuple[str, str]:
    with pytest.raises(InputError) as raised:
        read(path)
    (problem,) = raised.value.problems
    assert str(problem.where) == path.as_posix()
    return str(problem.what), str(problem.remedy)


PARTS: dict[str, list[bytes]] = {
    "one part": [TEXT],
    "two parts": [TEXT[:1000], TEXT[1000:]],
    "a part for every few bytes": [TEXT[at : at + 97] for at in range(0, len(TEXT), 97)],
    "empty parts between": [b"", TEXT[:7], b"", b"", TEXT[7:], b""],
    "nothing in it": [b""],
    "no part at all: an empty file": [],
}


@SUFFIXES
@pytest.mark.parametrize("parts", PARTS.values(), ids=PARTS)
def test_all_members_and_frames_are_read(tmp_path: Path, suffix: str, parts: list[bytes]) -> None:
    path = tmp_path / f"log.csv{suffix}"
    path.write_bytes(b"".join(map(PACK[suffix], parts)))

    assert read(path) == b"".join(parts)


def test_a_frame_that_holds_no_text_is_skipped(tmp_path: Path) -> None:
    path = tmp_path / "log.csv.zst"
    path.write_bytes(SKIPPABLE + zstd(TEXT) + SKIPPABLE)

    assert read(path) == TEXT


@SUFFIXES
def test_the_case_of_the_suffix_does_not_matter(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"LOG.CSV{suffix.upper()}"
    path.write_bytes(PACK[suffix](TEXT))

    assert packing_of(path) is not None
    assert read(path) == TEXT


@SUFFIXES
def test_a_file_that_is_cut_anywhere_is_refused(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"log.csv{suffix}"
    first, second = PACK[suffix](TEXT[:200]), PACK[suffix](TEXT[200:400])
    whole = first + second
    for cut in set(range(1, len(whole))) - {len(first)}:  # cut there, it is a whole file
        path.write_bytes(whole[:cut])
        what, remedy = refused(path)
        assert what == f"cannot be unpacked: the {packing_of(path)} file is cut off"
        assert "Copy it again, whole" in remedy


@SUFFIXES
@pytest.mark.parametrize("at", [0.3, 0.5, 0.9])
def test_a_file_that_is_damaged_is_refused(tmp_path: Path, suffix: str, at: float) -> None:
    path = tmp_path / f"log.csv{suffix}"
    data = bytearray(PACK[suffix](TEXT))
    middle = int(len(data) * at)
    data[middle : middle + 40] = bytes(40)
    path.write_bytes(data)

    assert f"the {packing_of(path)} file is damaged" in refused(path)[0]


@SUFFIXES
@pytest.mark.parametrize(
    "garbage", [b"garbage", b"\0" * 600 + b"a", b"a", TEXT], ids=["text", "zeros and more", "a byte", "CSV"]
)
def test_what_follows_the_last_part_is_refused(tmp_path: Path, suffix: str, garbage: bytes) -> None:
    path = tmp_path / f"log.csv{suffix}"
    path.write_bytes(PACK[suffix](TEXT) + garbage)

    what, remedy = refused(path)
    assert "cannot be unpacked" in what
    assert "Copy it again" in remedy


PADDED: dict[str, list[bytes]] = {
    "a block of a tape": [gzip.compress(TEXT), b"\0" * 10_240],
    "one zero": [gzip.compress(TEXT), b"\0"],
    "zeros after each member": [gzip.compress(TEXT[:999]), b"\0" * 512, gzip.compress(TEXT[999:]), b"\0" * 3],
    "zeros after a member of nothing": [gzip.compress(b""), b"\0" * 9, gzip.compress(TEXT)],
    "more than is unpacked at a time": [gzip.compress(TEXT * 20), b"\0" * (1 << 20)],
}


@pytest.mark.parametrize("parts", PADDED.values(), ids=PADDED)
def test_zeros_after_a_member_are_passed_over(tmp_path: Path, parts: list[bytes]) -> None:
    path = tmp_path / "log.csv.gz"
    path.write_bytes(b"".join(parts))

    assert read(path) == b"".join(gzip.decompress(part) for part in parts if part.strip(b"\0"))


def test_a_padded_file_that_is_damaged_or_cut_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "log.csv.gz"
    whole = gzip.compress(TEXT[:500]) + bytes(300) + gzip.compress(TEXT[500:900])
    for cut in range(len(whole) - 1, len(whole) - 60, -1):
        path.write_bytes(whole[:cut])
        assert "cannot be unpacked: the gzip file is" in refused(path)[0]
    for at in (40, len(whole) - 40, len(whole) - 6):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 255]) + whole[at + 1 :])
        assert "cannot be unpacked: the gzip file is damaged" in refused(path)[0]


def test_damage_far_behind_padding_is_refused(tmp_path: Path) -> None:
    """It is found by whoever reads on after the padding, many blocks later."""
    path = tmp_path / "log.csv.gz"
    last = bytearray(gzip.compress(TEXT * 20))
    last[-5] ^= 1
    path.write_bytes(gzip.compress(TEXT) + bytes(512) + bytes(last))
    what, _ = refused(path)
    assert "cannot be unpacked" in what


def test_zstd_knows_no_padding(tmp_path: Path) -> None:
    path = tmp_path / "log.csv.zst"
    path.write_bytes(zstd(TEXT) + bytes(512))

    assert "cannot be unpacked" in refused(path)[0]


def parquet() -> bytes:
    with io.BytesIO() as file:
        pq.write_table(pa.table({"status": [200]}), file)
        return file.getvalue()


def archive() -> bytes:
    with io.BytesIO() as file:
        with zipfile.ZipFile(file, "w") as packed:
            packed.writestr("log.csv", TEXT)
        return file.getvalue()


def tape() -> bytes:
    with io.BytesIO() as file:
        with tarfile.open(fileobj=file, mode="w") as packed:
            member = tarfile.TarInfo("log.csv")
            member.size = len(TEXT)
            packed.addfile(member, io.BytesIO(TEXT))
        return file.getvalue()


CONTRADICTIONS: dict[str, tuple[str, bytes, str, str]] = {
    "gzip in .csv": ("log.csv", gzip.compress(TEXT), "holds gzip, not CSV", "ends with .csv.gz"),
    "zstd in .csv": ("log.csv", zstd(TEXT), "holds zstd, not CSV", "ends with .csv.zst"),
    "Parquet in .csv": ("log.csv", parquet(), "holds Parquet, not CSV", "ends with .parquet"),
    "a zip in .csv": ("log.csv", archive(), "holds a zip archive or a workbook, not CSV", "Unpack it"),
    "an empty zip in .csv": ("log.csv", b"PK\x05\x06" + b"\0" * 18, "a zip archive", "Unpack it"),
    "bzip2 in .csv": ("log.csv", bz2.compress(TEXT), "holds bzip2, not CSV", "Unpack it"),
    "xz in .csv": ("log.csv", lzma.compress(TEXT), "holds xz, not CSV", "Unpack it"),
    "tar in .csv": ("log.csv", tape(), "holds a tar archive, not CSV", "Unpack it"),
    "plain text in .csv.gz": ("log.csv.gz", TEXT, "is not packed with gzip", "ends with .csv"),
    "plain text in .csv.zst": ("log.csv.zst", TEXT, "is not packed with zstd", "ends with .csv"),
    "zstd in .csv.gz": (
        "log.csv.gz",
        zstd(TEXT),
        "is not packed with gzip, as its suffix says: it is zstd",
        ".csv.zst",
    ),
    "gzip in .csv.zst": ("log.csv.zst", gzip.compress(TEXT), "it is gzip", "ends with .csv.gz"),
    "a zip in .csv.gz": ("log.csv.gz", archive(), "it is a zip archive", "Unpack it"),
    "gzip in gzip": ("log.csv.gz", gzip.compress(gzip.compress(TEXT)), "unpacks to gzip, not CSV", "Unpack it"),
    "tar in gzip": ("log.csv.gz", gzip.compress(tape()), "unpacks to a tar archive, not CSV", "Unpack it"),
    "Parquet in zstd": ("log.csv.zst", zstd(parquet()), "unpacks to Parquet, not CSV", "Unpack it"),
}


@pytest.mark.parametrize(("name", "content", "what", "remedy"), CONTRADICTIONS.values(), ids=CONTRADICTIONS)
def test_a_file_that_is_not_what_its_suffix_says_is_named_for_what_it_is(
    tmp_path: Path, name: str, content: bytes, what: str, remedy: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)

    found = refused(path)
    assert what in found[0]
    assert remedy in found[1]


@pytest.mark.parametrize("start", [b"PAR1,status\n", b"PK,status\n", b"BZh9,status\n", b"ustar,status\n"])
def test_text_that_begins_like_another_kind_is_text(tmp_path: Path, start: bytes) -> None:
    path = tmp_path / "log.csv"
    path.write_bytes(start)

    assert read(path) == start
