"""Text in another encoding than is said, or with bytes that are of none."""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterator

from tests.pollution.case import CLEAN, Case, Counts, Refused
from tests.pollution.csv_rows import PLACES
from tests.pollution.log import csv_text

TEXT = csv_text()
UTF_8 = TEXT.encode()
UNTOLD = {
    "gbk": "--encoding gb18030",
    "gb18030": "--encoding gb18030",
    "utf-16": "--encoding utf-16",
    "utf-16-le": "--encoding utf-16-le",
    "utf-16-be": "--encoding utf-16-be",
    "utf-32": "not UTF-8",
}
LATIN_1 = TEXT.encode("latin-1", errors="replace")  # the notes, which nobody reads, are question marks


def encoding_cases() -> Iterator[Case]:
    """Yield every case of this kind."""
    yield Case("UTF-8 with a byte order mark", TEXT.encode("utf-8-sig"), CLEAN)
    yield _said("UTF-8 with a byte order mark, and so said", TEXT.encode("utf-8-sig"), "utf-8-sig")
    yield Case("two byte order marks", codecs.BOM_UTF8 + TEXT.encode("utf-8-sig"), Refused("no column 'timestamp'"))
    for name, remedy in UNTOLD.items():
        yield Case(f"{name}, and no word of it", TEXT.encode(name), Refused(remedy))
        yield _said(f"{name}, and so said", TEXT.encode(name), name)
    yield Case("Latin-1, and no word of it", LATIN_1, Refused("not UTF-8", f"byte {LATIN_1.index(0xFC)}"))
    yield _said("Latin-1, and so said", LATIN_1, "latin-1")
    for name, mark in {"utf-16-le": codecs.BOM_UTF16_LE, "utf-16-be": codecs.BOM_UTF16_BE}.items():
        marked = mark + TEXT.encode(name)
        yield _said(f"{name} with a mark, said to be utf-16", marked, "utf-16")
        yield _said(f"{name} without a mark, said to be utf-16", marked[2:], "utf-16", Refused("no byte order mark"))
        refused = Refused("truncated data", f"byte {len(marked) - 2}")
        yield _said(f"{name} cut in a character", marked[:-1], "utf-16", refused)
    yield _said("UTF-8, said to be GB18030", UTF_8, "gb18030", Refused("is UTF-8"))
    yield _said("UTF-8, said to be UTF-16", UTF_8, "utf-16", Refused("no byte order mark"))
    yield _said("UTF-8, said to be ASCII", UTF_8, "ascii", Refused("not ASCII"))
    yield _said("UTF-8, said to be something that is no encoding", UTF_8, "klingon", Refused("expected an encoding"))
    stray = {"a byte of no character": b"\xff", "half a character": b"\xc3", "a NUL of two bytes": b"\xc0\x80"}
    stray |= {"half a pair of surrogates": b"\xed\xa0\x80", "a character of five bytes": b"\xf8\x88\x80\x80\x80"}
    yield _said("UTF-7, and so said", TEXT.encode("utf-7"), "utf-7")  # unsaid, it is as good ASCII as any
    for place, row in PLACES.items():
        for name, bad in stray.items():
            account = _with_bytes(row, lambda line, bad=bad: line.replace(b",", b"," + bad, 1))
            refused = Refused("not UTF-8", f"byte {account.index(b',' + bad) + 1}")
            yield Case(f"{name} in the account of the {place} row", account, refused)
        note = _with_bytes(row, lambda line: line + b"\xff")
        yield Case(f"a byte of no character in the note of the {place} row", note, CLEAN)


def _said(name: str, content: bytes, encoding: str, outcome: Counts | Refused = CLEAN) -> Case:
    return Case(name, content, outcome, options=["--encoding", encoding])


def _with_bytes(row: int, change: Callable[[bytes], bytes]) -> bytes:
    lines = UTF_8.splitlines()
    return b"".join((change(line) if number == row else line) + b"\n" for number, line in enumerate(lines))
