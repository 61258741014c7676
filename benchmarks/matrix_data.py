"""The same requests as every writer writes them: format, writer, form of the times, packing.

python benchmarks/matrix_data.py FOLDER --rows 1_000_000 [--duckdb PYTHON]
"""

from __future__ import annotations

import argparse
import gzip
import json
import subprocess
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from make_data import CHANCES, DAY, FIRST_DAY, FLAG_CHANCES, FLAGS, STATUSES

FILES = 4
_MILLISECONDS = pa.timestamp("ms", "UTC")
_SHANGHAI = 8 * 3_600_000

Times = Callable[[pa.Array], pa.Array]


@dataclass(frozen=True)
class Cell:
    """One way to write the logs; `times` names the form that they have."""

    format: str
    writer: str
    times: str
    packing: str = ""

    @property
    def name(self) -> str:
        """What its folder is called."""
        return "-".join(filter(None, (self.format, self.writer, self.times, self.packing)))

    @property
    def suffix(self) -> str:
        """What its files end with."""
        return f".{self.format}" + (f".{self.packing}" if self.packing else "")


def iso(times: pa.Array, zone: str = "Z", shift: int = 0) -> pa.Array:
    """Write instants as ISO 8601, by a zone that is so many milliseconds before UTC."""
    local = pc.add(times.cast(pa.int64()), shift).cast(pa.timestamp("ms"))
    return pc.binary_join_element_wise(pc.strftime(local, "%Y-%m-%dT%H:%M:%S"), zone, "")


def common_log(times: pa.Array) -> pa.Array:
    """Write instants as NGINX and Apache do, by Shanghai."""
    local = pc.add(times.cast(pa.int64()), _SHANGHAI).cast(pa.timestamp("ms"))
    return pc.binary_join_element_wise(
        pc.strftime(local.cast(pa.timestamp("s"), safe=False), "%d/%b/%Y:%H:%M:%S"), "+0800", " "
    )


def msec(times: pa.Array) -> pa.Array:
    """Write instants as NGINX's `$msec`."""
    ticks = times.cast(pa.int64()).to_numpy()
    seconds = pa.array(ticks // 1000).cast(pa.string())
    rest = pc.utf8_lpad(pa.array(ticks % 1000).cast(pa.string()), 3, "0")
    return pc.binary_join_element_wise(seconds, rest, ".")


FORMS: Mapping[str, Times] = {
    "isoz": iso,
    "offset": lambda times: iso(times, "+08:00", _SHANGHAI),
    "iso": lambda times: iso(times, "", _SHANGHAI),
    "common": common_log,
    "msec": msec,
    "epoch": lambda times: pc.divide(times.cast(pa.int64()), 1000),
    "epochms": lambda times: times.cast(pa.int64()),
    "native": lambda times: times,
}
_TEXTS = ("isoz", "offset", "iso", "common", "msec", "epoch", "epochms")
_WRITERS = ("pyarrow", "polars", "duckdb", "plain", "view", "v2", "onegroup", "tinygroups")


def cells() -> Iterator[Cell]:
    """List all cells: each format in its plainest form first."""
    for writer in _WRITERS:
        yield Cell("parquet", writer, "native")
    for form in _TEXTS:
        yield Cell("parquet", "pyarrow", form)
    for text in ("csv", "jsonl"):
        for form in _TEXTS:
            yield Cell(text, "text", form)
        yield Cell(text, "text", "isoz", "gz")
        yield Cell(text, "text", "isoz", "zst")


def requests(rows: int, seed: int) -> pa.Table:
    """Draw requests of October, in the order of time, some of each class, by 5,000 accounts."""
    chance = np.random.default_rng(seed)
    # Not before 2 October: a time without a zone is read in that of the contract.
    times = np.sort(chance.integers(DAY, 30 * DAY, rows)) // 1000 * 1000
    ids = pa.array([f"acct-{number:07}" for number in range(5000)])
    status = chance.choice(len(STATUSES) - 1, rows, p=CHANCES[:-1] / CHANCES[:-1].sum())
    flag = chance.choice(len(FLAGS), rows, p=FLAG_CHANCES)
    return pa.table(
        {
            "timestamp": pa.array(FIRST_DAY + times, _MILLISECONDS),
            "account_id": ids.take(pa.array((5000 * chance.random(rows) ** 2).astype(np.int32))),
            "status": pa.array(STATUSES[status]),
            "content_flag": pa.array(FLAGS[flag], pa.string()),
        }
    )


def write(cell: Cell, table: pa.Table, path: Path, duckdb: str | None) -> None:
    """Write requests down as a cell has them."""
    times = FORMS[cell.times](table.column("timestamp").combine_chunks())
    table = table.set_column(0, "timestamp", times)
    if cell.format == "parquet":
        write_parquet(cell.writer, table, path, duckdb)
        return
    data = csv_of(table) if cell.format == "csv" else jsonl_of(table)
    if cell.packing == "gz":
        data = gzip.compress(data, 6)
    elif cell.packing:
        data = pa.Codec("zstd").compress(data).to_pybytes()
    path.write_bytes(data)


def write_parquet(writer: str, table: pa.Table, path: Path, duckdb: str | None) -> None:
    """Write Parquet as one of several programs does."""
    if writer == "polars":
        pl.from_arrow(table).write_parquet(path)
    elif writer == "duckdb" and duckdb is not None:
        plain = path.with_suffix(".tmp")
        pq.write_table(table, plain)
        query = f"set timezone = 'UTC'; copy (from read_parquet('{plain}')) to '{path}' (format parquet)"
        subprocess.run([duckdb, "-c", f"import duckdb; duckdb.sql({query!r})"], check=True)
        plain.unlink()
    elif writer == "view":
        names = [name for name in table.schema.names if pa.types.is_string(table.schema.field(name).type)]
        for name in names:
            at = table.schema.get_field_index(name)
            table = table.set_column(at, name, table.column(name).cast(pa.string_view()))
        pq.write_table(table, path)
    else:
        options = {
            "plain": {"use_dictionary": False},
            "v2": {"data_page_version": "2.0"},
            "onegroup": {"row_group_size": len(table)},
            "tinygroups": {"row_group_size": 5000},
        }.get(writer, {})
        pq.write_table(table, path, compression="zstd", **options)


def csv_of(table: pa.Table) -> bytes:
    """Write CSV, and what a gateway logs besides."""
    rows = zip(*(column.to_pylist() for column in table.columns), range(len(table)), strict=True)
    lines = (f"{t},{a},{s},{f or ''},/v1/compose,{20 + n % 4000},10.0.{n % 250}.7\n" for t, a, s, f, n in rows)
    return ("timestamp,account_id,status,content_flag,path,latency_ms,client\n" + "".join(lines)).encode()


def jsonl_of(table: pa.Table) -> bytes:
    """Write one object a line, and what a gateway logs besides."""
    rows = zip(*(column.to_pylist() for column in table.columns), range(len(table)), strict=True)
    lines = []
    for t, a, s, f, n in rows:
        flag = "null" if f is None else f'"{f}"'
        time = t if isinstance(t, int) else json.dumps(t)
        about = f'"path":"/v1/compose","latency_ms":{20 + n % 4000},"client":"10.0.{n % 250}.7"'
        lines.append(f'{{"timestamp":{time},"account_id":"{a}","status":{s},"content_flag":{flag},{about}}}\n')
    return "".join(lines).encode()


def make(folder: Path, rows: int, duckdb: str | None) -> list[Cell]:
    """Write all cells that are not there yet; without DuckDB, not what it writes. Give those that are there."""
    made = []
    for cell in cells():
        if cell.writer == "duckdb" and duckdb is None:
            continue
        own = folder / cell.name
        if not own.exists():
            own.mkdir(parents=True)
            for number in range(FILES):
                table = requests(rows // FILES, number)
                write(cell, table, own / f"log-{number}{cell.suffix}", duckdb)
        made.append(cell)
    return made


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--duckdb", metavar="PYTHON", help="an interpreter that has DuckDB, which writes a cell")
    options = parser.parse_args()
    for cell in make(options.folder, options.rows, options.duckdb):
        print(cell.name)


if __name__ == "__main__":
    main()
