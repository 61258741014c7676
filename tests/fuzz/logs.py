"""Logs in every format: counted as a slow reader says where there is one, and alike in pieces of any size."""

from __future__ import annotations

import gzip
import json
import random
import zlib
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
from click import UsageError

from sla_audit.cli.options.parameters import column_map, split_column
from sla_audit.commands.count import CountOptions, Logs, count
from sla_audit.errors import InputError
from sla_audit.intake.columns import ColumnMap
from sla_audit.intake.dialects.dialect import built_in_dialects
from sla_audit.intake.rejects import Tolerance
from sla_audit.limits import MOST_REJECTS_HELD
from sla_audit.tally.slots import SlotGrid
from tests import mutation
from tests.builders.logs.combined_lines import KINDS, STATUSES
from tests.builders.logs.wrapped_lines import WAYS, as_json, as_text
from tests.fuzz.finding import FindingError
from tests.fuzz.program import Ended, pieces, see_sums, sla_audit
from tests.oracles.reader import Said, UnreadableError, read_csv
from tests.pollution.log import json_objects

CSV_SEEDS = mutation.KINDS["csv"].seeds
JSON_SEEDS = mutation.KINDS["json"].seeds
PARQUET_SEEDS = mutation.KINDS["parquet"].seeds
TOKENS = mutation.TOKENS


def csv(folder: Path, data: bytes, chance: random.Random) -> str:
    """Hold CSV against the slow reader; now and then run the program over it, plain or packed."""
    told = mutation.compare(folder / "log.csv", mutation.KINDS["csv"], data, chance)
    return told if chance.random() < 0.7 else f"{told}; {_audited(folder, 'log.csv', data, chance)}"


def json_lines(folder: Path, data: bytes, chance: random.Random) -> str:
    """Hold JSON lines against the slow reader; now and then run the program over them, plain or packed."""
    told = mutation.compare(folder / "log.jsonl", mutation.KINDS["json"], data, chance)
    return told if chance.random() < 0.7 else f"{told}; {_audited(folder, 'log.jsonl', data, chance)}"


def parquet(folder: Path, data: bytes, chance: random.Random) -> str:
    """Hold Parquet against what Polars reads."""
    told = mutation.compare(folder / "log.parquet", mutation.KINDS["parquet"], data, chance)
    return told if chance.random() < 0.7 else f"{told}; {_audited(folder, 'log.parquet', data, chance)}"


def _read_packed(data: bytes) -> Said:
    try:
        text = _unzstd(data) if data[:4] == b"\x28\xb5\x2f\xfd" else gzip.decompress(data)
    except (OSError, EOFError, ValueError, zlib.error) as error:
        raise UnreadableError(str(error)) from error
    return read_csv(text)


def _unzstd(data: bytes) -> bytes:
    with pa.CompressedInputStream(pa.BufferReader(data), "zstd") as stream:
        return bytes(stream.read())


def _packed_seeds() -> tuple[bytes, ...]:
    text = mutation.CSV
    found = pa.BufferOutputStream()
    with pa.CompressedOutputStream(found, "zstd") as stream:
        stream.write(text)
    zstd = found.getvalue().to_pybytes()
    return (*mutation.KINDS["gzip"].seeds, gzip.compress(text, 0, mtime=0), zstd)


PACKED_SEEDS = _packed_seeds()


def packed(folder: Path, data: bytes, chance: random.Random) -> str:
    """Hold packed CSV against the slow reader of what it unpacks to."""
    name = "log.csv.zst" if data[:4] == b"\x28\xb5\x2f\xfd" else "log.csv.gz"
    kind = mutation.Kind(name, PACKED_SEEDS, _read_packed)
    told = mutation.compare(folder / name, kind, data, chance)
    return told if chance.random() < 0.7 else f"{told}; {_audited(folder, name, data, chance)}"


ASKED = ("--cycle", "2026-10", "--as-of", "2026-12-20", "-o", "-", "--max-rejected", "100%")
_SMALL = (64, 100, 300, 1000)


def _audited(folder: Path, name: str, data: bytes, chance: random.Random, *given: str) -> str:
    """Run the program over a log, in pieces of some size."""
    (folder / name).write_bytes(data)
    with pieces(chance.choice((*_SMALL, 48 << 20))):
        ended = sla_audit("compute", name, *ASKED, *given, names=[name, "--column"])
    if ended.code == 0:
        see_sums(ended.json)
    return ended.told


def see_same(one: Ended, other: Ended, kind: str) -> None:
    """See that two runs came to the same, refusals in the same words or not."""
    if one.code != other.code or one.out != other.out:
        raise FindingError(kind, f"{one}\n\n{other}"[:6000])


_NGINX = "log.log account_id=remote_user"
_INNER = {"objects": ("log.log", as_json), "text": (_NGINX, as_text)}


def _text_seeds() -> tuple[bytes, ...]:
    seeds = []
    for kind in KINDS.values():
        lines = [f"log.log account_id={kind.account}", *kind.before, *map(kind.line, STATUSES)]
        seeds.append("\n".join(lines) + "\n")
    for _, wrap in WAYS.values():
        for first, line in _INNER.values():
            seeds.append("\n".join([first, *(wrap(line(status)) for status in STATUSES)]) + "\n")
    rows = "\n".join(as_json(status) for status in STATUSES)
    nested = "\n".join(
        json.dumps({"at": 1_790_784_000 + status, "consumer": {"username": "acme"}, "response": {"status": status}})
        for status in STATUSES
    )
    seeds.append(f"log.jsonl\n{rows}\n")
    seeds.append(f"log.jsonl account_id=consumer.username status=response.status timestamp=at\n{nested}\n")
    return tuple(seed.encode() for seed in seeds)


TEXT_SEEDS = _text_seeds()
TEXT_TOKENS = (
    *(b"#Fields:", b"log.jsonl", b"log.csv", b"stdout F ", b"<190>", b"Oct  5 13:06:07", b"05/Oct/2026:13:06:07 +0800"),
    *(
        b'"log":"',
        b'"stream":',
        b'"time":',
        b"\\n",
        b"\\x22",
        b"\\u000a",
        b"timestamp",
        b"account_id",
        b"status",
        b"502",
    ),
)
_NAMES = {"log.log", "log.jsonl", "log.csv"}


def text(folder: Path, data: bytes, chance: random.Random) -> str:
    """Read lines of text; the first of them names the file, and the columns as `--column` takes them."""
    first, _, lines = data.partition(b"\n")
    try:
        name, *columns = first.decode().split()
    except ValueError:
        return "no options"
    if name not in _NAMES or any("=" not in column or "\0" in column for column in columns):
        return "no options"
    (folder / name).write_bytes(lines)
    try:
        named = column_map([split_column(column) for column in columns], "--column", _OWN_NAMES)
    except UsageError:
        return "no options"
    whole, cut = (_counted(Path(name), named, size) for size in (48 << 20, chance.choice(_SMALL)))
    # Bytes that are no UTF-8, of a column that nobody reads, are only seen in a piece with a row that is bad besides.
    if whole != cut and not any("not UTF-8" in str(each) for each in (whole, cut)):
        raise FindingError("in small pieces it comes to something else", f"{whole}\n\n{cut}")
    told = "refused" if isinstance(whole, str) else "counted"
    if chance.random() < 0.75:
        return told
    given = [each for column in columns for each in ("--column", column)]
    return f"{told}; {_audited(folder, name, lines, chance, *given)}"


_OWN_NAMES = {name for each in built_in_dialects().values() for name in each.own_names}


def _counted(path: Path, columns: ColumnMap, size: int) -> str | tuple[Any, ...]:
    """Count a log in pieces of a size; give the refusal, or all that was counted and rejected."""
    logs = Logs((path.as_posix(),), columns=columns, tolerance=Tolerance(rows=1 << 40))
    try:
        with pieces(size):
            counted = count(logs, mutation.CONTRACT, SlotGrid(mutation.CONTRACT.zone), CountOptions())
    except InputError as error:
        if path.name not in str(error):
            raise FindingError("a refusal that names nothing", str(error)) from error
        return "refused: not UTF-8" if "not UTF-8" in str(error) else "refused"
    tally = counted.tally
    rows = tally.counts.iter_rows()
    requests = sorted(
        (repr((tally.accounts.row(account), tally.slots.row(slot), tally.outcomes.row(outcome))), number)
        for account, slot, outcome, number in rows
    )
    if counted.read != sum(number for _, number in requests) + counted.rejected + counted.ids.duplicate + (
        counted.unattributed.total() + counted.outside_period
    ):
        raise FindingError("rows do not add up", f"{counted}"[:3000])
    held = [reject for part in counted.rejects for reject in part] if counted.rejected < MOST_REJECTS_HELD else []
    rejects = [(reject.place, reject.column, reject.text) for reject in held]
    return requests, sorted(rejects, key=repr), counted.unattributed, counted.ids, counted.flags


_TYPES: dict[str, Any] = {
    **{
        name: getattr(pa, name)() for name in ("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64")
    },
    **{name: getattr(pa, name)() for name in ("float16", "float32", "float64", "bool_", "null", "date32", "date64")},
    **{name: getattr(pa, name)() for name in ("string", "large_string", "string_view", "binary", "large_binary")},
    **{f"timestamp {unit}": pa.timestamp(unit) for unit in ("s", "ms", "us", "ns")},
    **{f"timestamp {unit} UTC": pa.timestamp(unit, "UTC") for unit in ("s", "ms", "us", "ns")},
    "timestamp us zone": pa.timestamp("us", "Asia/Shanghai"),
    "time64 us": pa.time64("us"),
    "duration us": pa.duration("us"),
    "decimal 9 2": pa.decimal128(9, 2),
    "decimal 38 0": pa.decimal128(38, 0),
    "decimal 38 9": pa.decimal128(38, 9),
    "decimal256 40 1": pa.decimal256(40, 1),
    "binary 4": pa.binary(4),
    "list string": pa.list_(pa.string()),
    "large_list string": pa.large_list(pa.string()),
    "list int64": pa.list_(pa.int64()),
    "struct": pa.struct({"a": pa.string(), "b": pa.int64()}),
    "map": pa.map_(pa.string(), pa.string()),
    "coded string": pa.dictionary(pa.int32(), pa.string()),
    "coded int64": pa.dictionary(pa.int32(), pa.int64()),
}
_WRITTEN: tuple[dict[str, Any], ...] = (
    {},
    {"use_dictionary": False},
    {"write_statistics": False},
    {"data_page_version": "2.0"},
    {"row_group_size": 2},
)
_ROWS = [[row["timestamp"], row["account_id"], row["status"], row["content_flag"]] for row in json_objects()[:12]]
_EPOCHS = [[1_790_784_000 + at, "acct-1", 502 if at % 3 else 200, at == 5] for at in range(12)]


def _of_types(rows: list[list[Any]], *names: str) -> bytes:
    columns = dict(zip(("timestamp", "account_id", "status", "content_flag"), names, strict=True))
    return "\n".join(map(json.dumps, [columns, *rows])).encode()


TYPES_SEEDS = (
    _of_types(_ROWS, "string", "string", "int64", "string"),
    _of_types(_EPOCHS, "int64", "coded string", "int16", "bool_"),
    _of_types(_EPOCHS, "timestamp s UTC", "large_string", "float64", "bool_"),
    _of_types(_EPOCHS, "float64", "string", "decimal 9 2", "bool_"),
)
TYPES_TOKENS = tuple(f'"{name}"'.encode() for name in (*_TYPES, "region", "request_id", "api", "client_aborted"))


def parquet_of_types(folder: Path, data: bytes, chance: random.Random) -> str:
    """Make a table of what the first line says of its columns and the others of its rows, and audit it.

    With and without statistics, and as the row-wise form that CSV is where that says the same, it comes to the same.
    """
    table = _table(data)
    if table is None:
        return "no table"
    try:
        pq.write_table(table, folder / "log.parquet", **chance.choice(_WRITTEN))
    except (pa.ArrowException, pl.exceptions.PolarsError):
        return "no Parquet"
    with pieces(48 << 20):
        whole = sla_audit("compute", "log.parquet", *ASKED, names=["log.parquet"])
        decoded = sla_audit("compute", "log.parquet", "--no-statistics", *ASKED, names=["log.parquet"])
    with pieces(chance.choice(_SMALL)):
        cut = sla_audit("compute", "log.parquet", *ASKED, names=["log.parquet"])
    see_same(whole, cut, "in small batches it comes to something else")
    see_same(whole, decoded, "without statistics it comes to something else")
    if whole.code == 0:
        see_sums(whole.json)
    return whole.told


def _table(data: bytes) -> pa.Table | None:
    try:
        columns, *rows = [json.loads(line) for line in data.split(b"\n") if line.strip()]
        arrays = {
            name: pa.array([row[at] for row in rows], _TYPES[kind]) for at, (name, kind) in enumerate(columns.items())
        }
        return pa.table(arrays)
    except (
        ValueError,
        TypeError,
        KeyError,
        IndexError,
        AttributeError,
        OverflowError,
        RecursionError,
        pa.ArrowException,
    ):
        return None
