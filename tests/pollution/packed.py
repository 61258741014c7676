"""Packed logs that are cut, damaged, joined or not what their suffix says."""

from __future__ import annotations

import bz2
import gzip
import lzma
import zlib
from collections.abc import Callable, Iterator

import pyarrow as pa

from tests.pollution.case import CLEAN, Case, Counts, Refused
from tests.pollution.log import csv_text, flip, joined, json_lines, parquet

TEXT = csv_text().encode()
ZSTD = pa.Codec("zstd")


def _gzip(data: bytes) -> bytes:
    return gzip.compress(data, mtime=0)


def _zstd(data: bytes) -> bytes:
    return bytes(ZSTD.compress(data).to_pybytes())


PACK: dict[str, Callable[[bytes], bytes]] = {"gz": _gzip, "zst": _zstd}


def packed_cases() -> Iterator[Case]:
    """Yield every case of this kind."""
    for suffix, pack in PACK.items():
        yield from _alike(suffix, pack)
    yield from _gzip_alone()
    yield from _wrong_suffixes()


def _alike(suffix: str, pack: Callable[[bytes], bytes]) -> Iterator[Case]:
    file, whole, half = f"log.csv.{suffix}", pack(TEXT), len(TEXT) // 2
    pieces = [TEXT[at : at + 100] for at in range(0, len(TEXT), 100)]
    yield Case(f"{suffix}: whole", whole, CLEAN, file)
    yield Case(f"{suffix}: in two parts, cut in a line", pack(TEXT[:half]) + pack(TEXT[half:]), CLEAN, file)
    yield Case(f"{suffix}: in many parts", b"".join(map(pack, pieces)), CLEAN, file)
    yield Case(f"{suffix}: with empty parts around", pack(b"") + whole + pack(b""), CLEAN, file)
    yield Case(f"{suffix}: with line ends of Windows", pack(TEXT.replace(b"\n", b"\r\n")), CLEAN, file)
    yield Case(f"{suffix}: the log twice in one file", whole + whole, Refused("the header again", "line 32"), file)
    for percent in (1, 10, 50, 90, 99):
        cut = whole[: len(whole) * percent // 100]
        yield Case(f"{suffix}: cut at {percent} %", cut, Refused("cut off"), file)
        second = whole + pack(TEXT)[: len(whole) * percent // 100]
        yield Case(f"{suffix}: the second part cut at {percent} %", second, Refused("cut off"), file)
    zeros = CLEAN if suffix == "gz" else Refused("cannot be unpacked")  # gzip allows what fills up a block
    yield Case(f"{suffix}: with zeros behind", whole + bytes(512), zeros, file)
    garbages = {"text": b"garbage", "zeros and more": bytes(512) + b"a", "a line end": b"\n", "one byte": b"\x1f"}
    for name, garbage in garbages.items():
        yield Case(f"{suffix}: with {name} behind", whole + garbage, Refused("cannot be unpacked"), file)
    yield Case(f"{suffix}: no byte at all", b"", Counts(rows=()), file)
    yield Case(f"{suffix}: nothing packed", pack(b""), Counts(rows=()), file)
    yield Case(f"{suffix}: packed twice", pack(pack(TEXT)), Refused("unpacks to"), file)
    yield Case(f"{suffix}: not packed at all", TEXT, Refused("is not packed with"), file)
    yield Case(f"{suffix}: a packed Parquet file", pack(parquet()), Refused("unpacks to Parquet"), file)
    bad = pack(TEXT.replace(b",502,", b",5O2,", 1))
    yield Case(f"{suffix}: with a status that is none", bad, Refused("status is '5O2'", "line 3"), file)
    utf_16 = pack(csv_text().encode("utf-16"))
    yield Case(f"{suffix}: in UTF-16, and so said", utf_16, CLEAN, file, ["--encoding", "utf-16"])


def _gzip_alone() -> Iterator[Case]:
    whole, file = _gzip(TEXT), "log.csv.gz"
    for percent in (20, 40, 60, 80):  # zstd need not have a checksum, and then a flipped bit may go unseen
        flipped = flip(whole, len(whole) * percent // 100)
        yield Case(f"gz: a bit flipped at {percent} %", flipped, Refused("damaged"), file)
    yield Case("gz: another length in the trailer", whole[:-1] + b"\x01", Refused("damaged"), file)
    yield Case("gz: another checksum in the trailer", whole[:-8] + bytes(4) + whole[-4:], Refused("damaged"), file)
    yield Case("gz: no trailer", whole[:-8], Refused("cut off"), file)
    yield Case("gz: another time in the header", whole[:4] + b"abcd" + whole[8:], CLEAN, file)
    named = whole[:3] + b"\x08" + whole[4:10] + b"access.csv\0" + whole[10:]
    yield Case("gz: with a name in the header", named, CLEAN, file)
    yield Case("gz: zlib without a header", zlib.compress(TEXT), Refused("is not packed with gzip"), file)
    yield Case("zst: in truth gzip", whole, Refused("ends with .csv.gz"), "log.csv.zst")
    yield Case("gz: in truth zstd", _zstd(TEXT), Refused("ends with .csv.zst"), file)


def _wrong_suffixes() -> Iterator[Case]:
    lines = joined(json_lines()).encode()
    for kind, content, message in (
        ("gzip", _gzip(TEXT), "ends with .csv.gz"),
        ("zstd", _zstd(TEXT), "ends with .csv.zst"),
        ("bzip2", bz2.compress(TEXT), "holds bzip2"),
        ("xz", lzma.compress(TEXT), "holds xz"),
        ("Parquet", parquet(), "ends with .parquet"),
        ("JSON lines", lines, "ends with .jsonl"),
    ):
        yield Case(f"{kind}, named .csv", content, Refused(message))
    for kind, content, message in (
        ("CSV", TEXT, "cannot be read as Parquet"),
        ("gzip", _gzip(TEXT), "holds gzip"),
        ("JSON lines", lines, "cannot be read as Parquet"),
        ("nothing", b"", "cannot be read as Parquet"),
    ):
        yield Case(f"{kind}, named .parquet", content, Refused(message), "log.parquet")
    for kind, content in (("CSV", TEXT), ("gzip", _gzip(lines)), ("Parquet", parquet())):
        yield Case(f"{kind}, named .jsonl", content, Refused(""), "log.jsonl")
