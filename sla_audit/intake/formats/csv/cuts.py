"""Where the rows of CSV may be cut: at the ends of lines that no quote is open at."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import BinaryIO

import numpy as np

from sla_audit.intake.bytes.chunks import EndlessPieceError
from sla_audit.intake.bytes.planned import Planned

_BYTES_A_LOOK = 1 << 18
_QUOTE = ord('"')
_QUOTE_OR_LINE_END = re.compile(rb'["\n]')


def boundaries(planned: Planned, start: int, piece: int, most: int) -> list[int]:
    """Cut the rows of a file, from `start` on, into ranges of little more than `piece` bytes.

    Raises `EndlessPieceError` where a range would have more than `most` bytes.
    """
    cuts, size = [start], planned.size
    with planned.open() as file:
        file.seek(start)
        if size - start > piece:

            def bounded() -> Iterator[bytes]:
                for block in _blocks(file):
                    if file.tell() - cuts[-1] > most:
                        raise EndlessPieceError
                    yield block

            for end in _line_ends(bounded(), piece):
                cuts.append(start + end)
                if size - cuts[-1] <= piece:
                    break
    return [*cuts, size] if cuts[-1] < size or size == start else cuts


def pieces(stream: BinaryIO, piece: int, most: int) -> Iterator[bytes]:
    """Cut a stream of rows into pieces of little more than `piece` bytes, holding one of them at a time.

    Raises `EndlessPieceError` rather than hold more than `most` bytes.
    """
    held, before = bytearray(), 0

    def kept() -> Iterator[bytes]:
        for block in _blocks(stream):
            held.extend(block)
            if len(held) > most:
                raise EndlessPieceError
            yield block

    for end in _line_ends(kept(), piece):
        with memoryview(held) as view:
            whole = bytes(view[: end - before])
        del held[: end - before]
        before = end
        yield whole
    if held:
        yield bytes(held)


def _line_ends(blocks: Iterable[bytes], piece: int) -> Iterator[int]:
    """Yield the first place after every `piece` bytes where a line ends that no quote is open at."""
    at, cut, quote_is_open = 0, 0, False
    for block in blocks:
        done = 0
        while (wanted := max(cut + piece - at, 0)) < len(block):
            quote_is_open ^= _quotes(block, done, wanted) % 2 == 1
            line_end, quote_is_open = _line_end(block, wanted, quote_is_open)
            done = len(block) if line_end is None else line_end
            if line_end is None:
                break
            cut = at + line_end
            yield cut
        quote_is_open ^= _quotes(block, done, len(block)) % 2 == 1
        at += len(block)


def _quotes(block: bytes, start: int, end: int) -> int:
    """Count the quotes in a part of a block, many bytes at a time, which `bytes.count` does not."""
    return int(np.count_nonzero(np.frombuffer(block, np.uint8)[start:end] == _QUOTE))


def _line_end(block: bytes, at: int, quote_is_open: bool) -> tuple[int | None, bool]:
    """Find where the first line ends that no quote is open at, if any, and whether one is open there."""
    for found in _QUOTE_OR_LINE_END.finditer(block, at):
        if found[0] == b'"':
            quote_is_open = not quote_is_open
        elif not quote_is_open:
            return found.end(), False
    return None, quote_is_open


def _blocks(file: BinaryIO) -> Iterator[bytes]:
    while block := file.read(_BYTES_A_LOOK):
        yield block
