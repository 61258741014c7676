"""Parquet footers and pages at which Arrow ends the process, each as small as it can be: they are refused.

All were found by changing files at random, some 50,000 times: see `tests/fuzz`. What each is to Arrow: `pyarrow`'s
`RowGroupMetaData.column` and `ColumnChunkMetaData.statistics` call what throws, and are not declared to.
"""

from __future__ import annotations

import io
import random
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sla_audit.cli.main import run
from sla_audit.parquet.footer import read_footer
from sla_audit.parquet.thrift import UnsoundError
from tests.builders.logs.parquet_parts import (
    BINARY,
    I32,
    I64,
    LIST,
    START,
    STRUCT,
    Fields,
    accounts,
    changed,
    closed,
    compute,
    field,
    of_column,
    page,
    parquet,
    put,
    statuses,
    texts,
    times,
)

ROWS = 20


def written(**options: bool | str) -> bytes:
    table = pa.table(
        {
            "timestamp": pa.array([START + row for row in range(ROWS)], pa.timestamp("ms", "UTC")),
            "account_id": ["acct-1", "acct-3"] * 10,
            "status": pa.array([200, 503] * 10, pa.int16()),
        }
    )
    file = io.BytesIO()
    pq.write_table(table, file, **options)
    return file.getvalue()


def levels(footer: Fields) -> None:
    put(of_column(footer, 1), 16, STRUCT, [[3, LIST, (I64, [1])]])


def repetitions(footer: Fields) -> None:
    put(of_column(footer, 1), 16, STRUCT, [[2, LIST, (I64, [1, 1])]])


def texts_of_numbers(footer: Fields) -> None:
    put(of_column(footer, 0), 16, STRUCT, [[1, I64, 8]])


def short_bounds(footer: Fields) -> None:
    for number in (1, 2, 5, 6):
        put(field(of_column(footer, 0), 12), number, BINARY, b"\1")


def other_type(footer: Fields) -> None:
    put(of_column(footer, 2), 1, I32, 4)


def other_type_in_the_schema(footer: Fields) -> None:
    put(field(footer, 2, 3), 1, I32, 4)


def fewer_columns(footer: Fields) -> None:
    field(footer, 4, 0, 1)[1].pop()


def no_metadata(footer: Fields) -> None:
    chunk = field(footer, 4, 0, 1, 1)
    chunk[:] = [each for each in chunk if each[0] != 3]


def unknown_type(footer: Fields) -> None:
    put(field(footer, 2, 1), 1, I32, 99)


def unknown_repetition(footer: Fields) -> None:
    put(field(footer, 2, 1), 3, I32, 17)


def unknown_codec(footer: Fields) -> None:
    put(of_column(footer, 1), 4, I32, 99)


def many_children(footer: Fields) -> None:
    put(field(footer, 2, 0), 5, I32, 2**31 - 1)


def children_below_0(footer: Fields) -> None:
    put(field(footer, 2, 0), 5, I32, -1)


def rows_below_0(footer: Fields) -> None:
    put(footer, 3, I64, -1)
    put(field(footer, 4, 0), 3, I64, -1)


def other_rows(footer: Fields) -> None:
    put(footer, 3, I64, ROWS + 1)


def pages_before_the_file(footer: Fields) -> None:
    put(of_column(footer, 1), 11, I64, -(2**62))
    put(of_column(footer, 1), 9, I64, -(2**62))


def pages_behind_the_file(footer: Fields) -> None:
    put(of_column(footer, 1), 7, I64, 2**62)


def values_of_another_number(footer: Fields) -> None:
    put(of_column(footer, 1), 5, I64, 2**40)


def elsewhere(footer: Fields) -> None:
    put(field(footer, 4, 0, 1, 1), 1, BINARY, b"other.parquet")


def number_twice(footer: Fields) -> None:
    footer.append([3, I64, ROWS])


UNSOUND: list[Callable[[Fields], None]] = [
    levels,
    repetitions,
    short_bounds,
    other_type,
    other_type_in_the_schema,
    fewer_columns,
    no_metadata,
    unknown_type,
    unknown_repetition,
    unknown_codec,
    many_children,
    children_below_0,
    rows_below_0,
    other_rows,
    pages_before_the_file,
    pages_behind_the_file,
    values_of_another_number,
    elsewhere,
    number_twice,
]


@pytest.mark.parametrize("change", UNSOUND, ids=lambda change: change.__name__)
def test_a_footer_that_is_not_sound_is_refused_by_name(change: Callable[[Fields], None], tmp_path: Path) -> None:
    path = tmp_path / "log.parquet"
    path.write_bytes(changed(written(), change))
    ended = compute(path)
    assert (ended.code, ended.error.count("log.parquet: cannot be read as Parquet")) == (2, 1), ended.error
    assert "Traceback" not in ended.error


def test_sizes_that_nothing_needs_are_not_looked_at(tmp_path: Path) -> None:
    """Arrow's own account of the column would end the process."""
    path = tmp_path / "log.parquet"
    path.write_bytes(changed(written(), texts_of_numbers))
    assert compute(path).code == 0


@pytest.mark.parametrize(
    "footer",
    [
        b"",
        b"\xff" * 40,
        b"\x19\xfc\xff\xff\xff\xff\x07",
        b"\x1c" * 10_000,
        b"\x19" * 10_000,
        b"\x15" + b"\xff" * 12,
        b"\x18\xff\xff\xff\xff\x07",
        b"\x1b\x01\x88",
        b"\x17\1\2",
    ],
    ids=["nothing", "no fields", "huge list", "deep", "lists in lists", "endless", "long text", "map", "half a number"],
)
def test_bytes_that_are_no_footer_are_refused(
    footer: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "log.parquet"
    path.write_bytes(b"PAR1" + footer + len(footer).to_bytes(4, "little") + b"PAR1")
    assert run(["compute", str(path)]) == 2
    assert "cannot be read as Parquet" in capsys.readouterr().err


def test_a_number_that_thrift_would_cut_is_refused() -> None:
    start, whole = 4, written()
    footer = whole[len(whole) - 8 - int.from_bytes(whole[-8:-4], "little") : -8]
    assert read_footer(footer, len(whole)).rows == ROWS
    cut = footer.replace(b"\x15\x04", b"\x15\x84\x80\x80\x80\x20", 1)  # of 32 bits, the same
    with pytest.raises(UnsoundError, match="too large"):
        read_footer(cut, start)


PAGES = {
    "a page that is larger than its column": page(b"", 1, 0, size=7).replace(b"\x15\x00\x2c", b"\x15\xfe\x07\x2c"),
    "a page that is another size unpacked": page(texts(b"acct-1"), 1, 0, size=2**31 - 1),
    "a page of fewer rows": page(texts(b"acct-1"), 0, 0),
    "a page of more rows": page(texts(b"acct-1"), 2, 0),
    "a page of rows below 0": page(texts(b"acct-1"), -5, 0),
    "no header": bytes(40),
    "half a header": b"\x15\x00\x15",
    "a header that says of no values": b"\x15\x00\x15\x00\x15\x00\x00",
    "texts that end too early": page(b"\xff\xff\xff\x7fa", 1, 0),
    "codes of no dictionary": page(b"\x01\x02\x05", 1, 8),
    "an unknown encoding": page(texts(b"acct-1"), 1, 99),
}


@pytest.mark.parametrize("pages", PAGES.values(), ids=PAGES)
def test_pages_that_are_not_sound_are_refused(pages: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    column = accounts(1)
    path = tmp_path / "log.parquet"
    path.write_bytes(parquet([times(1), type(column)(column.name, 6, 0, [(False, pages)]), statuses(1)], 1))
    assert run(["compute", str(path), "--no-statistics"]) == 2
    assert "cannot be read as Parquet" in capsys.readouterr().err


@pytest.mark.parametrize("seed", range(200))
def test_a_footer_that_is_changed_anywhere_is_read_or_refused(seed: int, tmp_path: Path) -> None:
    """Only what ours refuses or takes: it raises nothing else, whatever the bytes are."""
    chance = random.Random(seed)
    whole = written()
    start = len(whole) - 8 - int.from_bytes(whole[-8:-4], "little")
    footer = bytearray(whole[start:-8])
    for _ in range(chance.choice([1, 1, 2, 8])):
        footer[chance.randrange(len(footer))] = chance.randrange(256)
    try:
        read = read_footer(bytes(footer), start)
        for group in read.groups:
            for at in range(len(read.leaves)):
                read.chunk(group, at)
    except UnsoundError:
        pass


def test_a_schema_without_end_is_refused() -> None:
    element: Fields = [[4, BINARY, b"a"], [3, I32, 0], [5, I32, 1]]
    schema = [[[4, BINARY, b"schema"], [5, I32, 1]], *[element] * 200, [[1, I32, 1], [3, I32, 0], [4, BINARY, b"a"]]]
    said: Fields = [[1, I32, 2], [2, LIST, (STRUCT, schema)], [3, I64, 0], [4, LIST, (STRUCT, [])]]
    data = closed(b"PAR1", said)
    with pytest.raises(UnsoundError, match="nested too deeply"):
        read_footer(data[4:-8], 4)
