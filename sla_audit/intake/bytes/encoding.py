"""The bytes of a text file in UTF-8, whatever its encoding is."""

from __future__ import annotations

import codecs
import io
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import Any

from sla_audit.errors import InputError, Problem
from sla_audit.intake.bytes.compression import packing_of, unpacked
from sla_audit.intake.bytes.planned import PlannedFile
from sla_audit.intake.bytes.text_format import UTF_8
from sla_audit.sentence import Message, Sentence, to_say

_BYTES_A_BLOCK = 1 << 18
UTF_16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_ENOUGH = 8  # so many characters that are UTF-8 by chance there are in no text of another encoding
_MARKS = {"utf-16": UTF_16_MARKS, "utf-32": (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)}


@contextmanager
def open_utf8(planned: PlannedFile, encoding: str) -> Iterator[io.BufferedReader[Any]]:
    """Open a text file, packed or not, for reading it in UTF-8.

    What is said to be UTF-8 comes as it is, and whoever reads it checks it. Raises `InputError`, when they are read,
    for bytes that are not of another encoding.
    """
    with unpacked(planned) as file:
        if encoding == UTF_8:
            yield file
            return
        with io.BufferedReader(_Transcoded(file, encoding, planned.path), _BYTES_A_BLOCK) as text:
            yield text


def undecodable(path: Path, encoding: str, reason: Message, byte: int, start: bytes = b"") -> Problem:
    """Say at which byte of a log it stops being of an encoding, and which one its start suggests."""
    text = to_say("not {encoding}: {reason} at byte {byte}")
    if packing_of(path):
        text = to_say("not {encoding}: {reason} at byte {byte} of the unpacked file")
    if encoding == UTF_8:
        likely = "utf-16" if start.startswith(UTF_16_MARKS) else "gb18030"
        remedy: Message = Sentence(
            "Convert the file to UTF-8, or say which encoding it has, such as --encoding {likely}.", likely=likely
        )
    else:
        remedy = to_say("Give the --encoding that it has, or convert the file to UTF-8.")
    return Problem(
        path.as_posix(),
        Sentence(text, encoding=encoding.upper(), reason=reason, byte=byte),
        remedy,
    )


def not_utf8(blocks: Iterable[bytes | memoryview]) -> tuple[int, str] | None:
    """Tell at which byte a text stops being UTF-8, and why, without holding it; None where all of it is."""
    decoder, at = codecs.getincrementaldecoder(UTF_8)(), 0
    for block in chain(blocks, (None,)):
        kept = len(decoder.getstate()[0])  # of a character that the block before has cut
        try:
            decoder.decode(b"" if block is None else block, final=block is None)
        except UnicodeDecodeError as error:
            return at - kept + error.start, error.reason
        at += 0 if block is None else len(block)
    return None


def blocks_of(data: bytes) -> Iterator[memoryview]:
    """Give data a block at a time."""
    view = memoryview(data)
    yield from (view[at : at + _BYTES_A_BLOCK] for at in range(0, len(view), _BYTES_A_BLOCK))


class _Transcoded(io.RawIOBase):
    """A file of another encoding, in UTF-8. The decoder keeps a character that a block cuts until the next."""

    def __init__(self, file: io.BufferedReader[Any], encoding: str, path: Path) -> None:
        super().__init__()
        self._file = file
        self._encoding = encoding
        self._path = path
        self._decoder = codecs.getincrementaldecoder(encoding)()
        self._taken = 0
        self._ready = memoryview(b"")
        marks, head = _MARKS.get(encoding), file.peek(_BYTES_A_BLOCK)
        if marks and head and not head.startswith(marks):
            found = Sentence("no byte order mark at the start; expected one in {encoding}", encoding=encoding.upper())
            remedy = Sentence(
                "Say which order it has: --encoding {encoding}-le or --encoding {encoding}-be.", encoding=encoding
            )
            raise InputError(Problem(path.as_posix(), found, remedy))
        if _is_utf8(head):
            found = Sentence(
                "is UTF-8 as far as can be seen, not {encoding}, as it is said to be", encoding=encoding.upper()
            )
            raise InputError(
                Problem(path.as_posix(), found, "Leave --encoding away, and read other logs in another run.")
            )

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        while not self._ready:
            block = self._file.read(_BYTES_A_BLOCK)
            self._ready = memoryview(self._decoded(block).encode())
            if not block:
                break
        done = min(len(buffer), len(self._ready))
        buffer[:done] = self._ready[:done]
        self._ready = self._ready[done:]
        return done

    def _decoded(self, block: bytes) -> str:
        self._taken += len(block)
        try:
            return self._decoder.decode(block, final=not block)
        except UnicodeDecodeError as error:
            # What the decoder had kept from the block before stands at the head of what it complains of.
            byte = self._taken - len(error.object) + error.start
            raise InputError(undecodable(self._path, self._encoding, error.reason, byte)) from error


def _is_utf8(head: bytes) -> bool:
    """Tell whether the start of a file is UTF-8 that could not be anything else."""
    try:
        text = codecs.getincrementaldecoder(UTF_8)().decode(head)  # the last character may be cut
    except UnicodeDecodeError:
        return False
    return "\0" not in text and len(text) - len(text.encode("ascii", "ignore")) >= _ENOUGH
