"""Logs with bytes changed at random, and what the program makes of them."""

from __future__ import annotations

import gzip
import io
import random
import zlib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from sla_audit.commands.count import CountOptions, Logs, count
from sla_audit.contract.load import BUILT_IN, load_contract
from sla_audit.errors import InputError
from sla_audit.intake.formats.csv import log as csv_log
from sla_audit.intake.formats.jsonl import log as json_log
from sla_audit.intake.formats.parquet import log as parquet_log
from sla_audit.intake.rejects import Tolerance
from sla_audit.model.instant import moment
from sla_audit.tally.slots import SlotGrid
from tests.oracles.reader import NEEDED, SHANGHAI, Said, UnreadableError, read_csv, read_json
from tests.pollution.log import csv_text, joined, json_lines, parquet, rows_of

CONTRACT = load_contract(BUILT_IN)
CSV = csv_text().encode()
QUOTED = joined([",".join(f'"{field}"' for field in line.split(",")) for line in csv_text().splitlines()]).encode()
JSON = joined(json_lines()).encode()
TOKENS = (
    *(
        b'"',
        b'""',
        b",",
        b"\n",
        b"\r\n",
        b"\r",
        b"\0",
        b"\\",
        b"{",
        b"}",
        b"[",
        b"]",
        b":",
        b" ",
        b"\t",
        b";",
        b"-",
        b".",
    ),
    *(
        b"0",
        b"9",
        b"1e9",
        b"NaN",
        b"null",
        b"true",
        b"200",
        b"502",
        b"\xff",
        b"\xc3",
        b"\xef\xbb\xbf",
        b"\\ud800",
        b"\\u0000",
    ),
    *(
        b"timestamp",
        b"account_id",
        b"status",
        b"content_flag",
        b"2026-10-01T00:00:00Z",
        b"1790831167",
        b'"status": 503,',
    ),
)


def mutated(data: bytes, chance: random.Random) -> bytes:
    """Change a few bytes: flip, put in, take out, repeat, move, cut."""
    found = bytearray(data)
    for _ in range(chance.choice((1, 1, 1, 2, 3, 6))):
        at, other = chance.randrange(len(found) + 1), chance.randrange(len(found) + 1)
        first, end = sorted((at, other if chance.random() < 0.2 else min(len(found), at + chance.randrange(40))))
        change = chance.randrange(8)
        if change == 0 and at < len(found):
            found[at] ^= 1 << chance.randrange(8)
        elif change == 1 and at < len(found):
            found[at] = chance.randrange(256)
        elif change == 2:
            found[at:at] = chance.choice(TOKENS)
        elif change == 3:
            found[at : at + chance.randrange(1, 4)] = chance.choice(TOKENS)
        elif change == 4:
            del found[first:end]
        elif change == 5:
            found[other:other] = found[first:end]
        elif change == 6:
            found[first:end] = bytes(end - first)
        elif chance.random() < 0.3:
            del found[at:]
    return bytes(found)


def counted(path: Path, chance: random.Random) -> Said | None:
    """Count a log as the program does, in pieces of some size; None where it is refused."""
    size = chance.choice((64, 300, 1000, 48 << 20))
    logs = Logs((path.as_posix(),), tolerance=Tolerance(rows=1 << 40), statistics=chance.random() < 0.5)
    refused, result = None, None
    with (
        mock.patch.object(csv_log, "_BYTES_A_RANGE", size),
        mock.patch.object(json_log, "_BYTES_A_RANGE", size),
        mock.patch.object(parquet_log, "_ROWS_A_BATCH", chance.choice((4, 1 << 20))),
    ):
        try:
            result = count(logs, CONTRACT, SlotGrid(CONTRACT.zone), CountOptions())
        except InputError as error:
            refused = str(error)
    if result is None:
        assert path.name in (refused or "")
        return None
    tally = result.tally
    requests: Counter[tuple[Any, ...]] = Counter()
    for account, slot, outcome, number in tally.counts.iter_rows():
        said = tally.outcomes.row(outcome, named=True)
        status, flag, aborted = (said[name] for name in ("status", "content_flag", "client_aborted"))
        day = moment(tally.slots.row(slot)[0]).astimezone(SHANGHAI).date()
        requests[tally.accounts["account_id"][account], day, status, flag, aborted] += number
    (read,) = (file["rows"] for file in result.inputs)
    needless = result.unattributed.total()  # without an account, as rows are that the slow reader rejects
    assert read == result.read == requests.total() + result.rejected + result.outside_period + needless
    assert result.rejected == sum(map(len, result.rejects))
    return Said(requests, result.rejected + needless)


def read_gzip(data: bytes) -> Said:
    """Read packed CSV."""
    try:
        return read_csv(gzip.decompress(data))
    except (OSError, EOFError, zlib.error) as error:
        raise UnreadableError(str(error)) from error


def read_parquet(data: bytes) -> Said:
    """Read Parquet as Polars does, which has a reader of its own, and as it would be without statistics.

    Polars gives up for reasons of its own, too. Then Arrow reads it all, without regard to statistics or checksums.
    """
    try:
        frame = pl.read_parquet(io.BytesIO(data), use_statistics=False)
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError, ValueError):
        try:
            with pq.ParquetFile(io.BytesIO(data)) as file:
                wanted = [name for name in file.schema_arrow.names if name in NEEDED]
                table = file.read(wanted, use_threads=False)
                table.validate(full=True)  # Arrow takes texts for UTF-8, and Polars ends where they are not
                frame = pl.DataFrame(pl.from_arrow(table))
        except (
            pa.ArrowException,
            pl.exceptions.PolarsError,
            pl.exceptions.PanicException,
            OSError,
            ValueError,
        ) as error:
            raise UnreadableError(str(error)) from error
    if not set(NEEDED[:3]) <= set(frame.columns):
        raise UnreadableError("columns")
    return Said.of({name: getattr(row, name) for name in NEEDED} for row in rows_of(frame))


@dataclass(frozen=True)
class Kind:
    """A format: the clean logs that are changed, and the reader that says what they hold."""

    file: str
    seeds: tuple[bytes, ...]
    read: Callable[[bytes], Said]


def compare(path: Path, kind: Kind, data: bytes, chance: random.Random) -> str:
    """Count a log, hold it against what the slow reader says, and tell how the two stand.

    Where the slow reader gives up on a file, so must the program.
    """
    path.write_bytes(data)
    found = counted(path, chance)
    try:
        said = kind.read(data)
    except UnreadableError:
        assert found is None, "counted, where the slow reader cannot read"
        return "refused, and by the slow reader too"
    if found is None:
        return "refused, where the slow reader can read"
    assert found == said, f"counted {found}\nsaid {said}"
    return "as the slow reader says" + (", some rows rejected" if said.rejected else "")


KINDS = {
    "csv": Kind("log.csv", (CSV, QUOTED, CSV.replace(b"\n", b"\r\n")), read_csv),
    "json": Kind("log.jsonl", (JSON,), read_json),
    "gzip": Kind(
        "log.csv.gz", (gzip.compress(CSV, mtime=0), gzip.compress(CSV[:900]) + gzip.compress(CSV[900:])), read_gzip
    ),
    "parquet": Kind(
        "log.parquet",
        (parquet(), parquet(compression="none"), parquet(data_page_version="2.0"), parquet(write_page_checksum=True)),
        read_parquet,
    ),
}
