"""Parquet files that are cut, flipped in a bit, or of other types."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tests.pollution.case import CLEAN, AsAnotherReads, Case, Counts, Outcome, Refused
from tests.pollution.csv_rows import PLACES
from tests.pollution.log import LOG, flip, parquet, table

UNREAD = {"api", "note"}


def parquet_cases() -> Iterator[Case]:
    """Yield every case of this kind."""
    yield from _writers()
    yield from _cut()
    yield from _flipped()
    yield from _types()
    yield from _bad_values()


def _case(name: str, content: bytes, outcome: Outcome, *options: str) -> Case:
    return Case(f"Parquet: {name}", content, outcome, "log.parquet", options)


def _writers() -> Iterator[Case]:
    ways: dict[str, dict[str, Any]] = {
        "as it should be": {},
        "one row group": {"row_group_size": 1000},
        "a row group for each row": {"row_group_size": 1},
        "no statistics": {"write_statistics": False},
        "no dictionaries": {"use_dictionary": False},
        "packed with gzip": {"compression": "gzip"},
        "packed with zstd": {"compression": "zstd"},
        "not packed": {"compression": "none"},
        "data pages of version 2": {"data_page_version": "2.0"},
        "checksums": {"write_page_checksum": True},
        "an index of its pages": {"write_page_index": True},
        "format version 1.0": {"version": "1.0"},
        "pages of a few bytes": {"data_page_size": 1},
    }
    for name, options in ways.items():
        yield _case(name, parquet(**options), CLEAN)
    yield _case("no rows", parquet(rows=()), Counts(rows=()))


def _cut() -> Iterator[Case]:
    whole = parquet()
    unreadable = Refused("cannot be read as Parquet")
    for percent in (0.5, 1, 5, 10, 25, 50, 75, 90, 95, 99, 99.9):
        yield _case(f"cut at {percent} %", whole[: int(len(whole) * percent / 100)], unreadable)
    for size in (1, 3, 4, 5, 8, 11, 12):
        yield _case(f"its first bytes alone, {size} of them", whole[:size], Refused("Parquet"))
    for size in (1, 4, 8, 12):
        yield _case(f"without the last bytes, {size} of them", whole[:-size], unreadable)
        yield _case(f"without the first bytes, {size} of them", whole[size:], unreadable)
    half = len(whole) // 2
    yield _case("with a byte behind", whole + b"\n", unreadable)
    yield _case("with a byte in the middle lost", whole[:half] + whole[half + 1 :], AsAnotherReads())
    yield _case("with zeros in the middle", whole[: half - 200] + bytes(400) + whole[half + 200 :], AsAnotherReads())
    yield _case("twice in one file", whole + whole, CLEAN)  # the second footer tells of what is before it all the same
    yield _case("a footer that says it is longer", whole[:-8] + b"\xff\xff\xff\x7f" + whole[-4:], unreadable)


def _flipped() -> Iterator[Case]:
    """Flip bits: of pages with a checksum, of the footer, of the marks at both ends."""
    whole = parquet(write_page_checksum=True)
    metadata = pq.read_metadata(io.BytesIO(whole))
    for at in range(metadata.num_columns):
        chunk = metadata.row_group(1).column(at)
        start = chunk.dictionary_page_offset or chunk.data_page_offset
        ends = {"last": start + chunk.total_compressed_size - 1, "first": chunk.data_page_offset - 1}
        for page, byte in ends.items() if chunk.dictionary_page_offset else [("last", ends["last"])]:
            name = f"a bit flipped in the {page} page of {chunk.path_in_schema}"
            outcome = CLEAN if chunk.path_in_schema in UNREAD else Refused("cannot be read as Parquet")
            yield _case(name, flip(whole, byte), outcome, "--no-statistics")
    footer = len(whole) - 8 - int.from_bytes(whole[-8:-4], "little")
    yield _case("another type in the footer of a row group", _of_no_type(whole), Refused("about the type of"))
    for byte in range(footer, len(whole) - 8, 61):
        name = f"a bit flipped in the footer, {byte - footer} bytes into it"
        yield _case(name, flip(whole, byte), AsAnotherReads())
    for byte in (len(whole) - 8, len(whole) - 5, len(whole) - 4, len(whole) - 1):
        yield _case(
            f"a bit flipped {len(whole) - byte} bytes before the end",
            flip(whole, byte),
            Refused("cannot be read as Parquet"),
        )


def _of_no_type(whole: bytes) -> bytes:
    """Give the statuses of a row group no type. Asked for their statistics, Arrow would end the process."""
    path = whole.rindex(b"\x06status")  # what is of a column begins with its type and its encodings, then its path
    return flip(whole, whole.rindex(b"\x15\x02\x19", 0, path) + 1, 4)


def _written(**columns: Any) -> bytes:
    clean = {
        name: columns.pop(name, column) for name, column in zip(table().column_names, table().columns, strict=True)
    }
    file = io.BytesIO()
    pq.write_table(pa.table(clean | columns), file, row_group_size=12)
    return file.getvalue()


def _types() -> Iterator[Case]:
    clean = table()
    statuses = clean["status"].to_pylist()
    instants = clean["timestamp"].to_pylist()
    accounts = clean["account_id"].to_pylist()
    for name, column in {
        "text": pa.array([row.status for row in LOG]),
        "floats": pa.array([None if status is None else float(status) for status in statuses]),
        "floats, and NaN for none": pa.array(
            [float("nan") if status is None else float(status) for status in statuses]
        ),
        "decimals": pa.array([None if status is None else Decimal(status) for status in statuses], pa.decimal128(5, 2)),
        "64 bits": pa.array(statuses, pa.int64()),
        "16 bits without a sign": pa.array(statuses, pa.uint16()),
        "a dictionary": pa.array([row.status for row in LOG]).dictionary_encode(),
    }.items():
        yield _case(f"statuses as {name}", _written(status=column), CLEAN)
    for name, column in {
        "seconds": pa.array([int(instant.timestamp()) for instant in instants]),
        "nanoseconds in another zone": pa.array(instants, pa.timestamp("ns", "Asia/Shanghai")),
        "milliseconds": pa.array(instants, pa.timestamp("ms", "UTC")),
        "wall clock of the agreement": pa.array(
            [
                datetime.fromtimestamp(instant.timestamp() + 8 * 3600, instant.tzinfo).replace(tzinfo=None)
                for instant in instants
            ],
            pa.timestamp("us"),
        ),
        "text": pa.array([row.timestamp for row in LOG]),
    }.items():
        yield _case(f"times as {name}", _written(timestamp=column), CLEAN)
    refused = {
        "accounts as floats": {"account_id": pa.array([float(len(account)) for account in accounts])},
        "accounts as lists": {"account_id": pa.array([[account] for account in accounts])},
        "accounts as objects": {"account_id": pa.array([{"id": account} for account in accounts])},
        "accounts as booleans": {"account_id": pa.array([account == "a-1" for account in accounts])},
        "statuses as lists": {"status": pa.array([[status] for status in statuses])},
        "statuses as booleans": {"status": pa.array([status == 200 for status in statuses])},
        "times as dates": {"timestamp": pa.array([instant.date() for instant in instants])},
        "times as times of day": {"timestamp": pa.array([instant.time() for instant in instants])},
        "times as booleans": {"timestamp": pa.array([True for _ in instants])},
    }
    for name, columns in refused.items():
        yield _case(name, _written(**columns), Refused(next(iter(columns))))
    yield _case("accounts as bytes", _written(account_id=clean["account_id"].cast(pa.binary())), CLEAN)
    broken = pa.array([b"a\xff" if account == "a-1" else account.encode() for account in accounts])
    not_utf8 = pa.Array.from_buffers(pa.string(), len(broken), broken.buffers())
    yield _case("accounts that are not UTF-8", _written(account_id=not_utf8), Refused("cannot be read as Parquet"))
    renamed = clean.rename_columns(
        ["timestamp", "account_id", "status", "content_flag", "client_aborted", "api", "status"]
    )
    file = io.BytesIO()
    pq.write_table(renamed, file)
    yield _case("a needed column named twice", file.getvalue(), Refused("two columns are named 'status'"))
    wide = {f"extra_{number}": pa.array([number] * len(LOG)) for number in range(2000)}
    yield _case("two thousand columns", _written(**wide), CLEAN)


def _bad_values() -> Iterator[Case]:
    clean = table()
    for place, row in PLACES.items():
        for column, values in {
            "status": [99, 600, -200, 10**6],
            "account_id": [None, "", "-", "  ", "a\0"],
            "timestamp": [None, *(datetime(year, 1, 1, tzinfo=UTC) for year in (1960, 2200, 9999))],
        }.items():
            for value in values:
                changed = clean[column].to_pylist()
                changed[row - 1] = value
                content = _written(**{column: pa.array(changed, clean[column].type)})
                name = f"{column} {value!s:.20} in the {place} row"
                yield _case(name, content, Refused(f"{column} is", f"row {row}"))
