"""The pages of a column: what their headers say, looked through before Arrow unpacks one.

A header says how large its page is when unpacked, and Arrow asks for as much memory as it says. Headers are apart from
the footer, and many writers say in them again what the footer says of the whole: see `evidence`.
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field
from functools import cached_property
from typing import BinaryIO

from sla_audit.parquet.footer import UNPACKED, Bounds, Chunk, Statistics, bounds_of, read_at, statistics_of
from sla_audit.parquet.front_coded import FrontCoded
from sla_audit.parquet.page_header import DATA, DATA_2, DICTIONARY, PageHeader, read_header
from sla_audit.parquet.thrift import EndsError, UnsoundError
from sla_audit.sentence import Sentence, said_by

_PLAIN, _PLAIN_DICTIONARY, _RLE_DICTIONARY = 0, 2, 8
_DELTA_BYTE_ARRAY = 7
_BYTES_OF_A_LENGTH = 4
_OF_DICTIONARIES = {_PLAIN_DICTIONARY, _RLE_DICTIONARY}
_NONE = Statistics(None, None, None)
_BYTES_A_LOOK = (1 << 10, 1 << 16, 1 << 20)
_BYTES_WITHOUT = 100
"""Old writers left the header of a dictionary out of the size of a column."""


@dataclass(frozen=True, slots=True)
class DictionaryPage:
    """Where the dictionary of a column is, and how many values it is said to have."""

    at: int
    bytes: int
    unpacked_bytes: int
    values: int
    is_plain: bool
    checksum: int | None


@dataclass
class Pages:
    """What the headers of a column's pages say, in one row group.

    `rows` and `sizes` are of each page that holds values, in values and unpacked bytes. `any_codes` says that some
    values are positions in the dictionary, `is_usual` that all others are written one by one. `front_coded` has those
    pages, by their number, whose texts stand for more bytes than they are.
    """

    chunk: Chunk
    dictionary: DictionaryPage | None = None
    rows: array[int] = field(default_factory=lambda: array("q"))
    sizes: array[int] = field(default_factory=lambda: array("q"))
    any_codes: bool = False
    is_usual: bool = True
    front_coded: dict[int, FrontCoded] = field(default_factory=dict)
    _headers: list[PageHeader] = field(default_factory=list)

    @property
    def largest(self) -> int:
        """The bytes of the largest page, unpacked."""
        return max(self.sizes, default=0)

    @property
    def dictionary_bytes(self) -> int:
        """The bytes of the dictionary, unpacked."""
        return 0 if self.dictionary is None else self.dictionary.unpacked_bytes

    @property
    def nulls(self) -> int | None:
        """The nulls of all pages; None where some page does not say. Raises `UnsoundError` as `bounds` does."""
        return self._said.nulls

    @property
    def bounds(self) -> Bounds | None:
        """The bounds of all values, as `footer.bounds_of` gives them; None where some page does not say.

        Raises `UnsoundError` where statistics cannot be.
        """
        return self._said.bounds

    @property
    def has_codes(self) -> bool:
        """Whether all values are positions in the dictionary. Raises `UnsoundError` as `bounds` does."""
        return self._said.has_codes

    def add(self, header: PageHeader, at: int) -> None:
        """Take the header of a page that holds values, which begins at a place."""
        if header.values < 0:
            raise self._impossible(header)
        self.rows.append(header.values)
        self.sizes.append(header.unpacked_bytes)
        self._headers.append(header)
        if header.encoding in _OF_DICTIONARIES:
            self.any_codes = True
        elif header.encoding != _PLAIN and self._statistics(header)[1] != header.values:
            self.is_usual = False
            if header.encoding == _DELTA_BYTE_ARRAY and self.chunk.leaf.physical == "BYTE_ARRAY":
                about = (header.packed_bytes, header.unpacked_bytes, header.values, header.levels, header.is_packed)
                self.front_coded[len(self.rows) - 1] = FrontCoded(at, *about)

    @cached_property
    def _said(self) -> _Said:
        nulls: int | None = 0
        bounds: Bounds | None = None
        has_codes, silent = True, False
        for header in self._headers:
            statistics, of_page = self._statistics(header)
            nulls = None if nulls is None or of_page is None else nulls + of_page
            if of_page == header.values:
                continue
            has_codes &= header.encoding in _OF_DICTIONARIES
            said = bounds_of(statistics, self.chunk.leaf)
            silent |= said is None
            if said is not None:
                bounds = said if bounds is None else (min(bounds[0], said[0]), max(bounds[1], said[1]))
        return _Said(nulls, None if silent else bounds, has_codes)

    def _statistics(self, header: PageHeader) -> tuple[Statistics, int | None]:
        """Give the statistics of a page, and its nulls."""
        said = header.statistics
        statistics = _NONE if said is None else statistics_of(said, self.chunk.leaf)
        nulls = statistics.nulls if header.kind == DATA else header.nulls
        if nulls is not None and not 0 <= nulls <= header.values:
            raise self._impossible(header)
        return statistics, nulls

    def _impossible(self, header: PageHeader) -> UnsoundError:
        return UnsoundError(
            Sentence(
                "a page of column {name!r} is said to have {values} values",
                name=self.chunk.leaf.name,
                values=header.values,
            )
        )


@dataclass(frozen=True)
class _Said:
    nulls: int | None
    bounds: Bounds | None
    has_codes: bool


def pages_of(file: BinaryIO, chunk: Chunk) -> Pages:
    """Look through the headers of a column's pages, as far as Arrow reads them: until all its values are found.

    Raises `UnsoundError` for headers that are none, or that contradict the footer.
    """
    pages, headers, found, at = Pages(chunk), _Headers(file, chunk), 0, chunk.start
    name = chunk.leaf.name
    while found < chunk.values:
        header, at = headers.read(at)
        size, unpacked = header.packed_bytes, header.unpacked_bytes
        if size < 0 or unpacked < 0 or at + size > chunk.end + _BYTES_WITHOUT:
            raise UnsoundError(Sentence("a page of column {name!r} is said to be larger than the column", name=name))
        if chunk.codec == UNPACKED and size != unpacked:
            raise UnsoundError(
                Sentence("a page of column {name!r} is said to have another size when it is unpacked", name=name)
            )
        if header.kind in {DATA, DATA_2}:
            pages.add(header, at)
            found += header.values
        elif header.kind == DICTIONARY:
            if pages.dictionary is not None or pages.rows:
                raise UnsoundError(
                    Sentence("column {name!r} has a dictionary that is not before its values", name=name)
                )
            pages.dictionary = _dictionary(header, at, chunk)
        at += size
    if found != chunk.values and not chunk.leaf.repeats:
        raise UnsoundError(
            Sentence(
                "{found} rows in the pages of column {name!r} where its footer says {values}",
                found=found,
                name=name,
                values=chunk.values,
            )
        )
    return pages


class _Headers:
    """Reads headers, whose sizes are not known before; what was read for one holds the next, where pages are small."""

    def __init__(self, file: BinaryIO, chunk: Chunk) -> None:
        self._file = file
        self._chunk = chunk
        self._end = chunk.end + _BYTES_WITHOUT
        self._data, self._at = b"", 0

    def read(self, at: int) -> tuple[PageHeader, int]:
        """Read the header at a place; give it, and the place behind it."""
        name = self._chunk.leaf.name
        for most in (0, *_BYTES_A_LOOK):
            if most:
                self._data, self._at = read_at(self._file, at, max(0, min(most, self._end - at))), at
            elif not 0 <= at - self._at < len(self._data):
                continue
            try:
                header, behind = read_header(self._data, at - self._at)
            except EndsError:
                if most and len(self._data) < most:
                    break
            except UnsoundError as error:
                raise UnsoundError(
                    Sentence(
                        "the header of a page of column {name!r} cannot be read: {why}", name=name, why=said_by(error)
                    )
                ) from error
            except KeyError as error:
                raise UnsoundError(
                    Sentence("the header of a page of column {name!r} lacks what every header has", name=name)
                ) from error
            else:
                return header, self._at + behind
        raise UnsoundError(
            Sentence(
                "column {name!r} ends before all its {values} values are found", name=name, values=self._chunk.values
            )
        )


def _dictionary(header: PageHeader, at: int, chunk: Chunk) -> DictionaryPage:
    plain = header.encoding in {_PLAIN, _PLAIN_DICTIONARY}
    width = chunk.leaf.width if chunk.leaf.physical != "BYTE_ARRAY" else _BYTES_OF_A_LENGTH
    if header.values < 0 or (plain and header.values * (width or 0) > header.unpacked_bytes):
        raise UnsoundError(
            Sentence(
                "the dictionary of column {name!r} is said to have {values} values",
                name=chunk.leaf.name,
                values=header.values,
            )
        )
    return DictionaryPage(at, header.packed_bytes, header.unpacked_bytes, header.values, plain, header.checksum)
