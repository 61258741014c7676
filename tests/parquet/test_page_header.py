"""The usual form of a page's header is read as Thrift's structures are, and what is not of that form too."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sla_audit.parquet import page_header
from sla_audit.parquet.page_header import DATA, DATA_2, DICTIONARY, PageHeader, read_header
from sla_audit.parquet.thrift import UnsoundError, read_struct
from tests.builders.logs.parquet_parts import BINARY, I32, I64, STRUCT, Fields, write

numbers = st.integers(-(2**31), 2**31 - 1)
counts = st.integers(0, 2**62)
texts = st.binary(max_size=200)
TRUE, FALSE = 1, 2


@st.composite
def statistics(draw: st.DrawFn) -> Fields:
    kinds = {1: (BINARY, texts), 2: (BINARY, texts), 3: (I64, counts), 4: (I64, counts), 5: (BINARY, texts)}
    kinds |= {6: (BINARY, texts), 7: (draw(st.sampled_from([TRUE, FALSE])), st.none()), 9: (I64, counts)}
    chosen = sorted(draw(st.sets(st.sampled_from(sorted(kinds)))))
    return [[number, kinds[number][0], draw(kinds[number][1])] for number in chosen]


@st.composite
def headers(draw: st.DrawFn) -> Fields:
    of_values = [[number, I32, draw(numbers)] for number in (1, 2, 3, 4)]
    if draw(st.booleans()):
        of_values.append([5, STRUCT, draw(statistics())])
    fields: Fields = [
        [1, I32, draw(st.sampled_from([0, 0, 0, 1, 5]))],
        [2, I32, draw(numbers)],
        [3, I32, draw(numbers)],
    ]
    if draw(st.booleans()):
        fields.append([4, I32, draw(numbers)])
    return [*fields, [5, STRUCT, of_values]]


def written(fields: Fields) -> bytes:
    """Write a struct as nearly all writers do: of each number, how much more it is than the one before."""
    head, before = b"", 0
    for number, kind, value in fields:
        head += bytes([number - before << 4 | kind]) + (written(value) if kind == STRUCT else write(kind, value))
        before = number
    return head + b"\0"


def slowly(data: bytes, at: int) -> tuple[PageHeader, int]:
    fields, behind = read_struct(data, at)
    return page_header._header(fields), behind


def told(read: tuple[PageHeader, int]) -> tuple[object, ...]:
    header, behind = read
    found = (header.kind, header.packed_bytes, header.unpacked_bytes, header.values, header.encoding, header.nulls)
    return *found, header.statistics, behind


@given(headers(), st.binary(max_size=9), st.binary(max_size=9))
def test_it_says_what_its_structure_says(fields: Fields, before: bytes, behind: bytes) -> None:
    data = before + written(fields) + behind
    assert told(read_header(data, len(before))) == told(slowly(data, len(before)))


def test_the_usual_form_is_used() -> None:
    """Or else the tests below would compare one way of reading with itself."""
    about: Fields = [[number, I32, 20_000] for number in (1, 2, 3, 4)]
    about.append([5, STRUCT, [[1, BINARY, b"acct-1"], [2, BINARY, b""], [3, I64, 5], [7, TRUE, None]]])
    fields: Fields = [[1, I32, 0], [2, I32, 2**31 - 1], [3, I32, -(2**31)], [5, STRUCT, about]]
    assert page_header._USUAL.fullmatch(written(fields))


@given(headers(), st.data())
def test_what_is_changed_or_cut_is_read_alike(fields: Fields, data: st.DataObject) -> None:
    content = bytearray(written(fields))
    for _ in range(data.draw(st.integers(0, 3))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    cut = bytes(content[: data.draw(st.integers(0, len(content)))])
    came: list[object] = []
    for read in (read_header, slowly):
        try:
            came.append(told(read(cut, 0)))
        except (UnsoundError, KeyError) as error:
            came.append(type(error))
    assert came[0] == came[1]


@pytest.mark.parametrize("kind", [DATA, DICTIONARY, DATA_2])
def test_kinds_by_their_numbers_in_the_format(kind: int) -> None:
    assert {DATA: 0, DICTIONARY: 2, DATA_2: 3}[kind] == kind
