"""A few kilobytes of Parquet that stand for gigabytes: read in small parts, or refused; never held."""

from __future__ import annotations

import io
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sla_audit.cli.main import run
from sla_audit.errors import InputError
from sla_audit.intake.facts.accounts import read_accounts
from sla_audit.limits import MOST_BATCH_BYTES
from sla_audit.parquet.bounds import rows_at_once
from sla_audit.parquet.footer import read_footer
from sla_audit.parquet.front_coded import expanded
from sla_audit.parquet.pages import Pages, pages_of
from tests.builders.logs.parquet_parts import (
    BYTE_ARRAY,
    FIXED,
    INT64,
    MILLIS,
    START,
    UTF8,
    Column,
    accounts,
    compute,
    dictionary,
    page,
    parquet,
    same,
    statuses,
    texts,
    times,
    unsigned,
    write,
)

MOST_MEGABYTES = 600
MILLION = 1_000_000


def usual(rows: int, *more: Column, codec: str | None = None, groups: int = 1) -> bytes:
    columns = [times(rows, codec), accounts(rows, codec=codec), statuses(rows, codec), *more]
    return parquet(columns, rows, codec=0 if codec is None else CODECS[codec], groups=groups)


CODECS = {"gzip": 2, "brotli": 4, "zstd": 6}


def with_accounts(pages: list[tuple[bool, bytes]], rows: int, codec: str | None = None, groups: int = 1) -> bytes:
    columns = [times(rows, codec), Column("account_id", BYTE_ARRAY, UTF8, pages), statuses(rows, codec)]
    return parquet(columns, rows, codec=0 if codec is None else CODECS[codec], groups=groups)


def page_that_unpacks(codec: str) -> bytes:
    return with_accounts([(False, page(bytes(300 * MILLION), 1, 0, codec=codec))], 1, codec)


def dictionary_that_unpacks() -> bytes:
    code = page(b"\1\2\0", 1, 8, codec="zstd")
    return with_accounts(
        [(True, dictionary(bytes(300 * MILLION), 75 * MILLION, codec="zstd")), (False, code)], 1, "zstd"
    )


def page_that_lies() -> bytes:
    return with_accounts([(False, page(texts(b"a"), 1, 0, size=2**31 - 1, codec="zstd"))], 1, "zstd")


def dictionary_that_lies() -> bytes:
    return with_accounts([(True, dictionary(texts(b"a"), 2**31 - 1)), (False, page(b"\1\2\0", 1, 8))], 1)


def long_values() -> bytes:
    return usual(MILLION, Column("request_id", BYTE_ARRAY, UTF8, same(MILLION, b"x" * 4097)))


def wide_values() -> bytes:
    column = Column("request_id", FIXED, None, same(MILLION, b"x" * 100_000, text=False), 100_000)
    return usual(MILLION, column)


def wider_values_than_any() -> bytes:
    return usual(1, Column("request_id", FIXED, None, same(1, b"x", text=False), 2**31 - 1))


def lists() -> bytes:
    file = io.BytesIO()
    table = pa.table(
        {
            "timestamp": pa.array([START] * 10, pa.timestamp("ms", "UTC")),
            "account_id": ["a"] * 10,
            "status": [200] * 10,
            "request_id": ["r"] * 10,
            "bytes": pa.array([[0] * MILLION] * 10, pa.list_(pa.int64())),
        }
    )
    pq.write_table(table, file, compression="zstd")
    return file.getvalue()


def shared_beginnings() -> bytes:
    rows = 100_000
    numbers = delta(rows, 0, 1_000_000)
    body = numbers + delta(rows, 1_000_000, -1_000_000) + b"x" * 1_000_000
    return usual(rows, Column("request_id", BYTE_ARRAY, UTF8, [(False, page(body, rows, 7))]))


def delta(count: int, first: int, step: int) -> bytes:
    """Write numbers as what each is more than the one before: the second by `step`, the others by nothing."""
    low = min(step, 0)
    steps = np.full(128, -low, "<u4")
    steps[0] = step - low
    blocks = write(4, low) + b"\x20" * 4 + steps.tobytes()
    blocks += (write(4, 0) + bytes(4)) * ((count - 2) // 128)
    return unsigned(128) + unsigned(4) + unsigned(count) + write(4, first) + blocks


REFUSED: dict[str, tuple[Callable[[], bytes], str]] = {
    "a page that unpacks to 300 MB, zstd": (lambda: page_that_unpacks("zstd"), "takes 300000000 bytes"),
    "a page that unpacks to 300 MB, gzip": (lambda: page_that_unpacks("gzip"), "takes 300000000 bytes"),
    "a page that unpacks to 300 MB, brotli": (lambda: page_that_unpacks("brotli"), "takes 300000000 bytes"),
    "a dictionary that unpacks to 300 MB": (dictionary_that_unpacks, "all columns may take 96 MB"),
    "a page that says it is of 2 GB": (page_that_lies, "takes 2147483647 bytes"),
    "a dictionary that says it has 2 thousand million values": (dictionary_that_lies, "said to have 2147483647 values"),
    "a million ids of 4,097 bytes": (long_values, "a value of 4097 bytes; at most 4096 are read"),
    "a million ids of 100 kB": (wide_values, "'request_id' may take"),
    "an id of 2 GB": (wider_values_than_any, "request_id"),
    "lists of a million numbers": (lists, "'bytes.list.element' may take"),
    "texts that share a beginning of 1 MB": (shared_beginnings, "'request_id' has a value of 1000000 bytes"),
}


@pytest.mark.parametrize(("make", "said"), REFUSED.values(), ids=REFUSED)
def test_what_takes_too_much_memory_is_refused(make: Callable[[], bytes], said: str, tmp_path: Path) -> None:
    path = tmp_path / "log.parquet"
    path.write_bytes(make())
    ended = compute(path)
    assert ended.code == 2, ended.error
    assert "log.parquet: cannot be read as Parquet" in ended.error
    assert said in ended.error
    assert ended.megabytes < MOST_MEGABYTES


def many_rows() -> bytes:
    return usual(30 * MILLION)


def ids_of_4_kilobytes() -> bytes:
    return usual(MILLION // 2, Column("api", BYTE_ARRAY, UTF8, same(MILLION // 2, b"x" * 4096)))


def request_ids_of_4_kilobytes() -> bytes:
    return usual(MILLION // 8, Column("request_id", BYTE_ARRAY, UTF8, same(MILLION // 8, b"x" * 4096)))


def empty_texts() -> bytes:
    rows = 4 * MILLION
    pages = [(False, page(bytes(4 * rows), rows, 0, codec="zstd"))]
    return usual(rows, Column("request_id", BYTE_ARRAY, UTF8, pages), codec="zstd")


def plain_ids(rows: int = 5000, groups: int = 10) -> bytes:
    body = texts(*(b"%07d" % (row % 7) + b"x" * 4000 for row in range(rows)))
    return with_accounts([(False, page(body, rows, 0, codec="zstd"))], rows, "zstd", groups)


STREAMED: dict[str, tuple[Callable[[], bytes], int]] = {
    "30 million rows in 700 bytes": (many_rows, 30 * MILLION),
    "half a million long names of APIs": (ids_of_4_kilobytes, MILLION // 2),
    "125,000 long request ids": (request_ids_of_4_kilobytes, MILLION // 8),
    "4 million empty texts": (empty_texts, 4 * MILLION),
    "50,000 long accounts, one by one": (plain_ids, 50_000),
}


@pytest.mark.parametrize(("make", "rows"), STREAMED.values(), ids=STREAMED)
def test_what_is_long_is_read_in_parts(make: Callable[[], bytes], rows: int, tmp_path: Path) -> None:
    path = tmp_path / "log.parquet"
    data = make()
    path.write_bytes(data)
    assert len(data) < 1 << 20
    ended = compute(path, "--keep-duplicates" if b"api" in data else "--quiet")
    assert ended.code == 0, ended.error
    assert ended.megabytes < MOST_MEGABYTES
    assert f'"read": {rows}' in (tmp_path / "report.json").read_text("utf-8")


def pages(data: bytes, name: str) -> tuple[io.BytesIO, Pages]:
    file = io.BytesIO(data)
    start = len(data) - 8 - int.from_bytes(data[-8:-4], "little")
    footer = read_footer(data[start:-8], start)
    at = [leaf.name for leaf in footer.leaves].index(name)
    return file, pages_of(file, footer.chunk(footer.groups[0], at))


def written(values: list[str | None], **options: object) -> bytes:
    file = io.BytesIO()
    pq.write_table(pa.table({"x": pa.array(values, pa.string())}), file, **options)
    return file.getvalue()


@pytest.mark.parametrize("version", ["1.0", "2.0"])
@pytest.mark.parametrize("compression", ["none", "zstd", "snappy"])
@pytest.mark.parametrize(
    "values",
    [
        ["a"],
        ["a", "ab", "abc", "", "abcdef"],
        [f"{number % 97:05d}-{number}" for number in range(3000)],
        ["x" * (number * 7 % 300) for number in range(1000)],
        [None, "abc", None, "abcd"],
        [None if number % 3 else str(number) * 3 for number in range(999)],
    ],
    ids=["one", "few", "many", "of all lengths", "with nulls", "many with nulls"],
)
def test_texts_that_share_beginnings_take_what_they_stand_for(
    values: list[str | None], compression: str, version: str
) -> None:
    data = written(
        values,
        use_dictionary=False,
        column_encoding={"x": "DELTA_BYTE_ARRAY"},
        compression=compression,
        data_page_version=version,
    )
    file, found = pages(data, "x")
    ((_, coded),) = found.front_coded.items()
    sizes = [len(value) for value in values if value is not None]
    assert expanded(file, found.chunk, coded) == (max(sizes), sum(sizes))


@pytest.mark.parametrize("encoding", ["DELTA_BYTE_ARRAY", "DELTA_LENGTH_BYTE_ARRAY", "PLAIN"])
def test_texts_of_every_encoding_are_counted(
    encoding: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    table = pa.table(
        {
            "timestamp": pa.array([START] * 9, pa.timestamp("ms", "UTC")),
            "account_id": ["acct-1", "acct-2", "acct-3"] * 3,
            "status": [200] * 9,
            "request_id": [f"r-{row}" for row in range(9)],
        }
    )
    coded = dict.fromkeys(("account_id", "request_id"), encoding)
    pq.write_table(table, "log.parquet", use_dictionary=False, column_encoding=coded)
    assert run(["compute", "log.parquet", "-o", "report.json"]) == 0, capsys.readouterr().err


def test_a_batch_is_as_long_as_its_memory_allows() -> None:
    """A row has a text of 36 bytes, the usual id."""
    file, found = pages(written([f"{row:036d}" for row in range(50_000)], use_dictionary=False), "x")
    assert rows_at_once(file, {"x": [found] * 100}, (), {}) == 1 << 20
    rows = [rows_at_once(file, {f"x{at}": [found] * 100 for at in range(columns)}, (), {}) for columns in (1, 2, 4, 8)]
    assert all(fewer <= more for more, fewer in pairwise(rows))
    assert rows[-1] * 8 * 36 <= MOST_BATCH_BYTES


def test_facts_that_take_too_much_memory_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "accounts.parquet"
    path.write_bytes(usual(40 * MILLION))
    with pytest.raises(InputError, match="may take"):
        read_accounts(path)


def test_times_are_read_however_their_steps_are_written(tmp_path: Path) -> None:
    """A block of 2^30 numbers in a few bytes: of so many, only those that are there are read."""
    body = unsigned(1 << 30) + unsigned(1) + unsigned(1000) + write(4, START) + write(4, 1) + bytes(100)
    column = Column("timestamp", INT64, MILLIS, [(False, page(body, 1000, 5))])
    path = tmp_path / "log.parquet"
    path.write_bytes(parquet([column, accounts(1000), statuses(1000)], 1000))
    ended = compute(path)
    assert ended.code in {0, 2}
    assert ended.megabytes < MOST_MEGABYTES
