"""What a log holds, whatever it is packed with or encoded in: text in UTF-8 without a byte order mark, or Parquet."""

from __future__ import annotations

from codecs import BOM_UTF8
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO

from sla_audit.intake.bytes.compression import packing_of
from sla_audit.intake.bytes.encoding import open_utf8
from sla_audit.intake.bytes.text_format import UTF_8
from sla_audit.intake.sources.source import Source

_BYTES_A_BLOCK = 1 << 18


@dataclass(frozen=True)
class Content:
    """The content of a file: text of an encoding, or the very bytes, where the file is no text (None)."""

    source: Source
    encoding: str | None

    @property
    def is_plain(self) -> bool:
        """Whether it can be read from any place on: it is neither packed nor to be brought to UTF-8."""
        return self.encoding is None or (self.encoding == UTF_8 and packing_of(self.source.path) is None)

    @property
    def is_at_hand(self) -> bool:
        """Whether samples of it can be taken at places of the file."""
        return self.encoding is None or (self.is_plain and self.source.planned.near)

    @contextmanager
    def open(self) -> Iterator[BinaryIO]:
        """Open it for reading. Raises `InputError` for a text that cannot be unpacked or is not of its encoding."""
        if self.encoding is None:
            with self.source.planned.open() as file:
                yield file
            return
        with open_utf8(self.source.planned, self.encoding) as text:
            if text.peek(len(BOM_UTF8)).startswith(BOM_UTF8):
                text.read(len(BOM_UTF8))
            yield text

    def beginning(self, size: int) -> bytes:
        """Read its first bytes: fewer only where it has no more."""
        with self.open() as file:
            return file.read(size)

    def is_blank(self) -> bool:
        """Tell whether nothing stands in it but line ends and spaces, if anything."""
        return not any(block.strip() for block in self.blocks())

    def blocks(self) -> Iterator[bytes]:
        """Read all of it, block by block."""
        with self.open() as file:
            while block := file.read(_BYTES_A_BLOCK):
                yield block
