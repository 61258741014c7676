"""The pages of a column: what their headers say, looked through before Arrow unpacks one.

A header says how large its page is when unpacked, and Arrow asks for as much memory as it says. Headers are apart from
the footer, and many writers say in them again what the footer says of the whole: see `evidence`.
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field
from typing import BinaryIO

from sla_audit.parquet.footer import UNPACKED, Bounds, Chunk, Statistics, bounds_of, read_at, statistics_of
from sla_audit.parquet.front_coded import FrontCoded
from sla_audit.parquet.thrift import I32, STRUCT, TRUE, EndsError, Fields, UnsoundError, key, read_struct

_DATA, _INDEX, _DICTIONARY, _DATA_2 = range(4)
_PLAIN, _PLAIN_DICTIONARY, _RLE_DICTIONARY = 0, 2, 8
_DELTA_BYTE_ARRAY = 7
_BYTES_OF_A_LENGTH = 4
_OF_DICTIONARIES = {_PLAIN_DICTIONARY, _RLE_DICTIONARY}
_NONE = Statistics(None, None, None)
_BYTES_A_LOOK = (1 << 10, 1 << 16, 1 << 20)
_BYTES_WITHOUT = 100
"""Old writers left the header of a dictionary out of the size of a column."""

_TYPE, _UNPACKED_BYTES, _BYTES, _CHECKSUM = (key(number, I32) for number in (1, 2, 3, 4))
_HEADER, _DICTIONARY_HEADER, _HEADER_2 = (key(number, STRUCT) for number in (5, 7, 8))
_VALUES, _NULLS, _ENCODING = (key(number, I32) for number in (1, 2, 4))
_ENCODING_1, _LEVELS, _MORE_LEVELS, _IS_PACKED = key(2, I32), key(5, I32), key(6, I32), key(7, TRUE)
_STATISTICS, _STATISTICS_2 = key(5, STRUCT), key(8, STRUCT)


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

    `rows` and `sizes` are of each page that holds values, in values and unpacked bytes. `nulls` are those of all pages,
    and `bounds` those of all values, as `footer.bounds_of` gives them; each is None where some page does not say.
    `has_codes` says that all values are positions in the dictionary, `any_codes` that some are, `is_usual` that
    all others are written one by one. `front_coded` has those pages, by their number, whose texts stand for more bytes
    than they are.
    """

    chunk: Chunk
    dictionary: DictionaryPage | None = None
    rows: array[int] = field(default_factory=lambda: array("q"))
    sizes: array[int] = field(default_factory=lambda: array("q"))
    nulls: int | None = 0
    bounds: Bounds | None = None
    has_codes: bool = True
    any_codes: bool = False
    is_usual: bool = True
    front_coded: dict[int, FrontCoded] = field(default_factory=dict)
    _silent: bool = False

    @property
    def largest(self) -> int:
        """The bytes of the largest page, unpacked."""
        return max(self.sizes, default=0)

    @property
    def dictionary_bytes(self) -> int:
        """The bytes of the dictionary, unpacked."""
        return 0 if self.dictionary is None else self.dictionary.unpacked_bytes

    def add(self, header: Fields, at: int, size: int, unpacked: int) -> int:
        """Take the header of a page that holds values, and give how many."""
        second = header[_TYPE] == _DATA_2
        about = header[_HEADER_2 if second else _HEADER]
        values, encoding = about[_VALUES], about[_ENCODING if second else _ENCODING_1]
        said = about.get(_STATISTICS_2 if second else _STATISTICS)
        statistics = _NONE if said is None else statistics_of(said, self.chunk.leaf)
        nulls = about[_NULLS] if second else statistics.nulls
        if values < 0 or (nulls is not None and not 0 <= nulls <= values):
            raise UnsoundError(f"a page of column {self.chunk.leaf.name!r} is said to have {values} values")
        self.rows.append(values)
        self.sizes.append(unpacked)
        self.nulls = None if self.nulls is None or nulls is None else self.nulls + nulls
        codes = encoding in _OF_DICTIONARIES
        self.any_codes |= codes
        if nulls != values:
            self.has_codes &= codes
            self.is_usual &= codes or encoding == _PLAIN
            self._bound(statistics)
            if encoding == _DELTA_BYTE_ARRAY and self.chunk.leaf.physical == "BYTE_ARRAY":
                levels = about[_LEVELS] + about[_MORE_LEVELS] if second else None
                packed = about.get(_IS_PACKED, True)
                self.front_coded[len(self.rows) - 1] = FrontCoded(at, size, unpacked, values, levels, packed)
        return int(values)

    def _bound(self, statistics: Statistics) -> None:
        bounds = bounds_of(statistics, self.chunk.leaf)
        if self._silent or bounds is None:
            self._silent, self.bounds = True, None
        else:
            least, most = self.bounds or bounds
            self.bounds = min(least, bounds[0]), max(most, bounds[1])


def pages_of(file: BinaryIO, chunk: Chunk) -> Pages:
    """Look through the headers of a column's pages, as far as Arrow reads them: until all its values are found.

    Raises `UnsoundError` for headers that are none, or that contradict the footer.
    """
    pages, headers, found, at = Pages(chunk), _Headers(file, chunk), 0, chunk.start
    name = chunk.leaf.name
    while found < chunk.values:
        header, at = headers.read(at)
        try:
            kind, size, unpacked = header[_TYPE], header[_BYTES], header[_UNPACKED_BYTES]
            if size < 0 or unpacked < 0 or at + size > chunk.end + _BYTES_WITHOUT:
                raise UnsoundError(f"a page of column {name!r} is said to be larger than the column")
            if chunk.codec == UNPACKED and size != unpacked:
                raise UnsoundError(f"a page of column {name!r} is said to have another size when it is unpacked")
            if kind in {_DATA, _DATA_2}:
                found += pages.add(header, at, size, unpacked)
            elif kind == _DICTIONARY:
                if pages.dictionary is not None or pages.rows:
                    raise UnsoundError(f"column {name!r} has a dictionary that is not before its values")
                pages.dictionary = _dictionary(header, at, size, unpacked, chunk)
        except KeyError as error:
            raise UnsoundError(f"the header of a page of column {name!r} lacks what every header has") from error
        at += size
    if found != chunk.values and not chunk.leaf.repeats:
        raise UnsoundError(f"{found} rows in the pages of column {name!r} where its footer says {chunk.values}")
    return pages


class _Headers:
    """Reads headers, whose sizes are not known before; what was read for one holds the next, where pages are small."""

    def __init__(self, file: BinaryIO, chunk: Chunk) -> None:
        self._file = file
        self._chunk = chunk
        self._end = chunk.end + _BYTES_WITHOUT
        self._data, self._at = b"", 0

    def read(self, at: int) -> tuple[Fields, int]:
        """Read the header at a place; give it, and the place behind it."""
        name = self._chunk.leaf.name
        for most in (0, *_BYTES_A_LOOK):
            if most:
                self._data, self._at = read_at(self._file, at, max(0, min(most, self._end - at))), at
            elif not 0 <= at - self._at < len(self._data):
                continue
            try:
                header, behind = read_struct(self._data, at - self._at)
            except EndsError:
                if most and len(self._data) < most:
                    break
            except UnsoundError as error:
                raise UnsoundError(f"the header of a page of column {name!r} cannot be read: {error}") from error
            else:
                return header, self._at + behind
        raise UnsoundError(f"column {name!r} ends before all its {self._chunk.values} values are found")


def _dictionary(header: Fields, at: int, size: int, unpacked: int, chunk: Chunk) -> DictionaryPage:
    about = header[_DICTIONARY_HEADER]
    plain = about[key(2, I32)] in {_PLAIN, _PLAIN_DICTIONARY}
    values = about[key(1, I32)]
    width = chunk.leaf.width if chunk.leaf.physical != "BYTE_ARRAY" else _BYTES_OF_A_LENGTH
    if values < 0 or (plain and values * (width or 0) > unpacked):
        raise UnsoundError(f"the dictionary of column {chunk.leaf.name!r} is said to have {values} values")
    return DictionaryPage(at, size, unpacked, values, plain, header.get(_CHECKSUM))
