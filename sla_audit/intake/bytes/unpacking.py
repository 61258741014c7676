"""The bytes of a packed file: all its members or frames, with their sums checked, and no cut missed.

Arrow has the last word on what is damaged, and says it. A gzip file is unpacked by ISA-L where that is installed (the
extra `fast`), which takes half as long; what it refuses, Arrow looks at anew. And what Arrow refuses, Python's own
reader may know: gzip allows zeros after a member, which fill up a block of a tape or a disk.
"""

from __future__ import annotations

import gzip
import io
import zlib
from importlib import import_module
from importlib.util import find_spec
from typing import Any, BinaryIO, Literal

import pyarrow as pa

from sla_audit.errors import InputError, Problem
from sla_audit.sentence import Sentence, said_by

Packing = Literal["gzip", "zstd"]

_BYTES_A_BLOCK = 1 << 18
_FAULTS_OF_GZIP = (EOFError, zlib.error, gzip.BadGzipFile)


def unpacked_stream(packed: BinaryIO, packing: Packing, where: str) -> io.BufferedReader[Any]:
    """Give the bytes of a packed file from its start on, which raise `InputError` where the packed ones are damaged."""
    return io.BufferedReader(_Unpacked(packed, packing, where), _BYTES_A_BLOCK)


class _Unpacked(io.RawIOBase):
    """The bytes of a packed file, from its start on."""

    def __init__(self, packed: BinaryIO, packing: Packing, where: str) -> None:
        super().__init__()
        self._packed = packed
        self._packing = packing
        self._where = where
        self._given = 0
        self._doubts: tuple[type[Exception], ...] = ()
        """What the quickest reader raises where Arrow is to say what is wrong."""
        self._held: Any = None
        """Arrow's reader: it closes the file when nobody holds it any more."""
        self._stream: Any = self._quickest()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        data = self._read(len(buffer))
        buffer[: len(data)] = data
        self._given += len(data)
        return len(data)

    def _quickest(self) -> Any:
        if self._packing == "gzip" and find_spec("isal") is not None:
            self._doubts = (*_FAULTS_OF_GZIP, import_module("isal.isal_zlib").error)
            return import_module("isal.igzip").IGzipFile(fileobj=self._packed, mode="rb")
        return self._arrow()

    def _arrow(self) -> Any:
        self._held = pa.CompressedInputStream(self._packed, self._packing)
        return self._held

    def _read(self, wanted: int) -> bytes:
        try:
            return bytes(self._stream.read(wanted))
        except self._doubts:
            self._doubts = ()
        except OSError as error:
            return self._past_zeros(wanted, error)
        try:
            self._again_by(self._arrow)
            return bytes(self._stream.read(wanted))
        except OSError as error:
            return self._past_zeros(wanted, error)

    def _again_by(self, opened: Any) -> None:
        """Go on by another reader, which begins anew and passes over what was given."""
        self._packed.seek(0)
        self._stream = opened()
        for at in range(0, self._given, _BYTES_A_BLOCK):
            self._stream.read(min(_BYTES_A_BLOCK, self._given - at))

    def _past_zeros(self, wanted: int, error: OSError) -> bytes:
        """Read on with Python's own reader, which passes over zeros between and after members, and over nothing else.

        Raises `InputError` with what Arrow found where it too finds a fault, and what is the disk's fault as it is.
        """
        if error.errno is not None:
            raise error
        fault = InputError(_damaged(self._where, self._packing, error))
        if self._packing != "gzip":
            raise fault from error
        self._again_by(lambda: _PaddedGzip(self._packed, fault))
        return bytes(self._stream.read(wanted))


class _PaddedGzip:
    """A gzip file whose members are followed by zeros; any other fault in it is the one that is known."""

    def __init__(self, packed: BinaryIO, fault: InputError) -> None:
        self._file = gzip.GzipFile(fileobj=packed, mode="rb")
        self._fault = fault

    def read(self, size: int) -> bytes:
        try:
            return self._file.read(size)
        except _FAULTS_OF_GZIP as error:
            raise self._fault from error


def _damaged(where: str, packing: Packing, error: Exception) -> Problem:
    if "Truncated" in str(error):
        found = Sentence("cannot be unpacked: the {packing} file is cut off", packing=packing)
    else:
        found = Sentence(
            "cannot be unpacked: the {packing} file is damaged, or something else follows in it ({why})",
            packing=packing,
            why=said_by(error),
        )
    return Problem(
        where,
        found,
        Sentence("Copy it again, whole; {packing} -t tests it. Nothing of it is counted.", packing=packing),
    )
