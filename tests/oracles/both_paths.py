"""Hold the fast and the careful path against each other.

`python -m tests.oracles.both_paths --timestamps 1000000 --logs 100000` compares so many. Each time is written as text,
and read from CSV, JSON lines and Parquet as the fast path does, in columns that it takes, and by itself. Each log is a
mutated one, counted as it is, scanned, and once more with the fast path closed: counts, rejects and their places must
be the same, and what its rows are compared by; and rows that are read once more by their places are those of before.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import sys
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import astuple, dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest import mock
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa

from sla_audit.contract.load import BUILT_IN, load_contract
from sla_audit.errors import InputError
from sla_audit.intake.columns import ColumnMap, LogColumns
from sla_audit.intake.dialects.dialect import load_dialect
from sla_audit.intake.formats.csv import log as csv_log
from sla_audit.intake.formats.csv.fast import FastReader
from sla_audit.intake.formats.jsonl import log as json_log
from sla_audit.intake.formats.jsonl.fast import JsonReader
from sla_audit.intake.formats.jsonl.objects import object_of, time_of
from sla_audit.intake.formats.lines import log as lines_log
from sla_audit.intake.formats.lines.fields import FieldReader
from sla_audit.intake.fragments.fragment import LogFragment, UnsafeSplitError
from sla_audit.intake.logs import keeping, open_logs
from sla_audit.intake.read_log import ReadLog
from sla_audit.intake.scan.formats.csv_scanner import csv_scanner
from sla_audit.intake.scan.layout import layout_of
from sla_audit.intake.sources.source import Source
from sla_audit.intake.traced.tracing import Tracing
from sla_audit.intake.values.epochs import microseconds_of
from sla_audit.intake.values.time_forms import DateOrder
from sla_audit.intake.values.timestamps import csv_type, instant_of, read_instants, within_reach
from sla_audit.model.tally import PLACE
from sla_audit.system.temporary import NumberedFiles
from tests.builders.logs.combined_lines import STATUSES, combined
from tests.builders.logs.written_times import alike, times
from tests.builders.opened_logs import Log
from tests.mutation import KINDS, mutated

Found = Sequence[int | None]
Fast = Callable[[Sequence[str]], Found | None]

DATE_ORDERS: tuple[DateOrder, ...] = ("month/day/year", "day/month/year")
ZONES = ("Asia/Shanghai", "UTC", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "Africa/Monrovia")
_CONTRACT = load_contract(BUILT_IN)
_SAMPLES = ("2026-10-01T00:00:00Z", "1790784000")
_AT_ONCE = 128
_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?", re.ASCII)


def differences(texts: Sequence[str], fast: Fast, careful: Found) -> Iterator[tuple[str, int | None, int | None]]:
    """Yield what the two paths read apart; columns that the fast path does not take are parted until it does."""
    found = fast(texts)
    if found is not None:
        yield from (three for three in zip(texts, found, careful, strict=True) if three[1] != three[2])
    elif len(texts) > 1:
        half = len(texts) // 2
        yield from differences(texts[:half], fast, careful[:half])
        yield from differences(texts[half:], fast, careful[half:])


def compare_times(texts: Sequence[str], zone: ZoneInfo) -> Iterator[str]:
    """Yield how the paths read times apart, in all formats."""
    known = dict(zip(texts, by_itself(texts, zone), strict=True))

    def compared(some: Sequence[str], fast: Fast, what: str) -> Iterator[str]:
        for each in differences(some, fast, [known[text] for text in some]):
            yield f"{what}: {each}"

    lines = [text for text in texts if text and set(text).isdisjoint("\r\n\0")]
    for sample in _SAMPLES:
        yield from compared(lines, from_csv(sample, zone), f"CSV after {sample}")
    for each in zip(lines, from_scan(zone)(lines), (known[text] for text in lines), strict=True):
        if each[1] is not None and each[1] != each[2]:
            yield f"scanned: {each}"
    yield from compared(texts, from_json(pa.string(), zone, json.dumps), "JSON text")
    yield from compared(texts, from_parquet(zone, repeats=True), "Parquet dictionary")
    plain = from_parquet(zone, repeats=False)
    for part in (texts, *([text] for text in texts)):
        yield from compared(part, plain, "Parquet text")
    for order in DATE_ORDERS:
        ordered = by_itself(texts, zone, order)
        for each in differences(texts, from_parquet(zone, repeats=False, order=order), ordered):
            yield f"Parquet text, {order}: {each}"
    yield from _compare_numbers([text for text in texts if _NUMBER.fullmatch(text)], zone)


def _compare_numbers(numbers: Sequence[str], zone: ZoneInfo) -> Iterator[str]:
    """Yield how numbers are read apart: those of JSON, as text, as decimals and as floats."""
    objects = [object_of(f'{{"t": {text}}}'.encode()) or {} for text in numbers]
    careful = by_itself([time_of(each["t"]) or "" for each in objects], zone)
    known = dict(zip(numbers, careful, strict=True))
    whole = [text for text in numbers if text.isdigit()]
    for kind, some in ((pa.int64(), whole), (pa.float64(), numbers)):
        for each in differences(some, from_json(kind, zone, str), [known[text] for text in some]):
            yield f"JSON numbers of {kind}: {each}"
    for each in differences(numbers, lambda some: by_itself(some, zone), careful):
        yield f"JSON number and text: {each}"
    decimals = [Decimal(text) for text in numbers if "e" not in text.lower() and len(text) < 38]
    for scale in {_scale(each) for each in decimals}:
        some = [each for each in decimals if _scale(each) == scale]
        column = _microseconds(pa.array(some, pa.decimal128(38, scale)), zone)
        for found in zip(some, column, map(microseconds_of, some), strict=True):
            if found[1] != found[2]:
                yield f"Parquet decimal: {found}"
    floats = [float(text) for text in numbers if len(text) < 300]
    for found in zip(floats, _microseconds(pa.array(floats, pa.float64()), zone), map(_of_float, floats), strict=True):
        if found[1] != found[2]:
            yield f"Parquet float: {found}"


def by_itself(texts: Sequence[str], zone: ZoneInfo, order: DateOrder | None = None) -> Found:
    """Read each time carefully."""
    return [instant_of(text, zone, order)[0] for text in texts]


def from_csv(sample: str, zone: ZoneInfo) -> Fast:
    """Read times as Arrow parses CSV, where the first of the log is `sample`."""
    reader = FastReader(["t", "a"], {"t": csv_type(sample)}, ",")

    def fast(texts: Sequence[str]) -> Found | None:
        fields = (text if set(text).isdisjoint('",') else '"' + text.replace('"', '""') + '"' for text in texts)
        table = reader.read(pa.py_buffer("".join(f"{field},A\n" for field in fields).encode()))
        whole = table is not None and table.num_rows == len(texts)
        return _microseconds(table.column("t").combine_chunks(), zone) if table is not None and whole else None

    return fast


def from_json(kind: pa.DataType, zone: ZoneInfo, write: Callable[[str], str]) -> Fast:
    """Read times as Arrow parses JSON lines, as fields of a type."""
    reader = JsonReader({"t": kind}, ("t",))

    def fast(texts: Sequence[str]) -> Found | None:
        batch = reader.read("".join(f'{{"t": {write(text)}}}\n' for text in texts).encode(), len(texts))
        return None if batch is None else _microseconds(batch.column("t"), zone)

    return fast


def from_parquet(zone: ZoneInfo, *, repeats: bool, order: DateOrder | None = None) -> Fast:
    """Read times as a column of text, or as a dictionary of text."""

    def fast(texts: Sequence[str]) -> Found | None:
        column = pa.array(texts, pa.string())
        return _microseconds(column.dictionary_encode() if repeats else column, zone, order)

    return fast


def _microseconds(column: pa.Array, zone: ZoneInfo, order: DateOrder | None = None) -> Found:
    read = within_reach(read_instants(column, zone, order).values)
    found: Found = read.cast(pa.timestamp("us", "UTC"), safe=False).cast(pa.int64()).to_pylist()
    return found


def _scale(number: Decimal) -> int:
    return -int(number.as_tuple().exponent)


def _of_float(number: float) -> int | None:
    return microseconds_of(Decimal(repr(number)))


def from_scan(zone: ZoneInfo) -> Callable[[Sequence[str]], Found]:
    """Read times as a scan of CSV does, which leaves to others what it does not know: there None."""
    columns = LogColumns(("t",), "a", "s")
    layout = layout_of(columns)
    scanner = None if layout is None else csv_scanner(layout, ["t", "a", "s"], 3, 3, ",", by_line=False)

    def scanned(texts: Sequence[str]) -> Found:
        fields = (text if set(text).isdisjoint('",') else '"' + text.replace('"', '""') + '"' for text in texts)
        lines = "".join(f"{field},A,200\n" for field in fields).encode()
        read = None if scanner is None else scanner.read(pa.py_buffer(lines), zone)
        if read is None:  # so many are odd
            return [None] * len(texts)
        found: dict[int, int | None] = {}
        for part in read.parts:
            found |= zip(part.lines.numbers.tolist(), _microseconds(part.rows.column("t"), zone), strict=True)
        assert found.keys().isdisjoint(read.odd.numbers.tolist())
        assert len(found) + len(read.odd.numbers) == len(texts)
        return [found.get(number) for number in range(len(texts))]

    return scanned


@contextmanager
def careful_only() -> Iterator[None]:
    """Close the fast path of CSV, JSON lines and other lines."""
    with ExitStack() as stack:
        for reader, name in ((FastReader, "read"), (JsonReader, "read"), (FieldReader, "columns")):
            stack.enter_context(mock.patch.object(reader, name, return_value=None))
        yield


@dataclass(frozen=True)
class Kind:
    """A format of text logs: a name for the file, clean logs, and how they are read."""

    file: str
    seeds: tuple[bytes, ...]
    format: str
    mapping: ColumnMap = field(default_factory=ColumnMap)
    dialect: str | None = None
    needed: tuple[str, ...] = ()
    limits: tuple[int, ...] = ()


_NGINX = "".join(f"{combined(status)}\n" for status in (*STATUSES, 0)).encode()
_OF_USER = ColumnMap({"account_id": ("remote_user",)})
LOGS = {
    **{
        name: Kind(KINDS[name].file, KINDS[name].seeds, kind)
        for name, kind in (("csv", "csv"), ("gzip", "csv"), ("json", "json"))
    },
    "lines": Kind("log.log", (_NGINX, _NGINX.replace(b"\n", b"\r\n")), "lines", _OF_USER, "nginx"),
}
_IDS = {"lines": ("http_user_agent",)}
WITH_IDS = {
    name: replace(kind, mapping=ColumnMap({**kind.mapping.named, "request_id": _IDS.get(name, ("note",))}))
    for name, kind in LOGS.items()
}

_WITHOUT = ("", "-", "null")
_CODES = (*_WITHOUT, "InternalError", "SlowDown", "SlowDown ", "429", "错误")
_LENGTHS = (*_WITHOUT, "2", "2.0", "2.00000000000000000001", "1.9999999", "2000001e-6", "10", "10.5", "0", "-1", "fast")


def _lines_of(line: Callable[[str, str, str], str], heading: str = "") -> bytes:
    """Write a line for each code beside each length, all of other times."""
    pairs = [(code, length) for code in _CODES for length in _LENGTHS]
    lines = [line(f"{at // 60:02}:{at % 60:02}", *pair) for at, pair in enumerate(pairs)]
    return "".join(f"{each}\n" for each in ([heading] if heading else []) + lines).encode()


def _json_line(clock: str, code: str, length: str) -> str:
    plain = re.fullmatch(r"[0-9.e-]+", length) and length != "-"
    written = length if plain and len(code) % 2 else json.dumps(length or None)
    said = {} if code == "-" else {"error_code": code or None}
    return json.dumps({"timestamp": f"2026-10-05T13:{clock}+08:00", "account_id": "acme", "status": 200} | said)[
        :-1
    ] + (f', "duration": {written}}}')


_TOLD = {"needed": ("error_code", "took_over"), "limits": (2_000_000, 10_000_000)}
_SECONDS = ColumnMap({"duration": ("duration", "s"), "error_code": ("error_code",)})
CODED = (
    Kind(
        "log.csv",
        (
            _lines_of(
                lambda clock, code, length: f"2026-10-05T13:{clock}+08:00,acme,200,{code},{length}",
                "timestamp,account_id,status,error_code,duration",
            ),
        ),
        "csv",
        _SECONDS,
        **_TOLD,
    ),
    Kind("log.jsonl", (_lines_of(_json_line),), "json", _SECONDS, **_TOLD),
)
"""Logs with codes of errors, and lengths of requests that are none, or just at a limit."""


def read(path: Path, kind: Kind, piece: int, *, scan: bool = False, kept: Collection[str] = ()) -> Any:
    """Read a log in pieces of some size: its rows, what could not be read and where, or why it is refused.

    What is not scanned comes after what is, so rows are in an order of their own. Those of some keys are
    `kept` besides, as they stand in the log and in its order.
    """
    uncut: list[Path] = []
    with ExitStack() as stack:
        for log in (csv_log, json_log, lines_log):
            stack.enter_context(mock.patch.object(log, "_BYTES_A_RANGE", piece))
        while True:
            try:
                (log,) = open_logs(
                    [Source(path, kind.format)],
                    kind.mapping,
                    kind.needed,
                    _CONTRACT.zone,
                    dialect=None if kind.dialect is None else load_dialect(kind.dialect),
                    uncut=uncut,
                    scan=scan,
                    limits=kind.limits,
                )
                opened = Log(keeping([log], Tracing(frozenset(kept)), NumberedFiles(path.parent))[0] if kept else log)
                rows = [_rows(batch) for batch in opened.batches()]
                rows += [_rows(batch) for batch in read_again(log.fragments)]
            except UnsafeSplitError:
                uncut.append(path)
            except InputError as error:
                return str(error)
            else:
                in_order = sorted((row for batch in rows for row in batch), key=str)
                said = list(map(astuple, opened.read.rejects)), replace(opened.read.summary(), fingerprint="")
                return in_order, *said, _kept(opened.read)


def _kept(log: ReadLog) -> list[dict[str, Any]]:
    stores = [account.traced for account in log.accounts if account.traced is not None]
    return [row for store in stores for batch in store for row in batch.to_pylist()]


def read_again(fragments: Sequence[LogFragment]) -> Iterator[pa.RecordBatch]:
    """Read fragments once more, as rows are compared; of those that have places, every second one by these."""
    for fragment in fragments:
        batches = list(fragment.again(compared=True).read())
        placed = [batch for batch in batches if PLACE in batch.schema.names]
        yield from (batch for batch in batches if PLACE not in batch.schema.names)
        places = np.sort(np.concatenate([np.empty(0, np.int64), *(batch.column(PLACE).to_numpy() for batch in placed)]))
        by_places = [*fragment.again(compared=True, places=places[::2]).read()] if len(places) else []
        yield from by_places
        assert sum(batch.num_rows for batch in by_places) == len(places[::2])
        for batch in placed:
            yield batch.filter(pa.array(np.isin(batch.column(PLACE).to_numpy(), places[1::2])))


def _rows(batch: pa.RecordBatch) -> list[tuple[Any, ...]]:
    """Give the rows of a batch, times in microseconds, and what says nothing as no column does."""
    ticks = batch.column("timestamp").cast(pa.timestamp("us", "UTC"), safe=False).cast(pa.int64())
    names = [name for name in batch.schema.names if name not in {"timestamp", PLACE}]
    columns = [batch.column(name).to_pylist() for name in names]
    said = [
        [(name, value) for name, value in zip(names, row, strict=True) if value] for row in zip(*columns, strict=True)
    ]
    return list(zip(ticks.to_pylist(), map(tuple, said), strict=True))


def compare_log(folder: Path, chance: random.Random) -> str | None:
    """Count a mutated log all ways, in the same pieces; say how they differ, if they do."""
    kind = chance.choice((LOGS, WITH_IDS))[chance.choice(list(LOGS))]
    return compare_data(folder, kind, mutated(chance.choice(kind.seeds), chance), chance)


def compare_data(folder: Path, kind: Kind, data: bytes, chance: random.Random) -> str | None:
    """Count a log all ways, in the same pieces; say how they differ, if they do."""
    piece = chance.choice((64, 300, 1000, 48 << 20))
    path = folder / kind.file
    path.write_bytes(data)
    fast, scanned = read(path, kind, piece), read(path, kind, piece, scan=True)
    with careful_only():
        careful = read(path, kind, piece)
    found = fast, scanned, careful
    if fast == careful == scanned and not isinstance(careful, str):
        rows, *_ = careful
        keys = sorted({value for _, said in rows for name, value in said if name == "account_id"})
        kept = chance.sample(keys, chance.randint(0, len(keys)))
        found = read(path, kind, piece, kept=kept), read(path, kind, piece, scan=True, kept=kept), careful
        with careful_only():
            found = *found[:2], read(path, kind, piece, kept=kept)
        if found[0][:-1] != careful[:-1]:
            found = found[0], found[1], careful
    if found[0] == found[1] == found[2]:
        return None
    all_ = "\n".join(map(str, found))
    return f"{kind.format} in pieces of {piece}:\n{all_}\nof {data!r}"


def main() -> int:
    """Compare as much as is asked; give 1 where something differs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--timestamps", type=int, default=10_000)
    parser.add_argument("--logs", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    chance, differ = random.Random(given.seed), Counter[str]()
    texts = times(chance)
    for _ in range(0, given.timestamps, _AT_ONCE):
        zone = ZoneInfo(chance.choice(ZONES))
        some = [next(texts) for _ in range(_AT_ONCE)]
        some[_AT_ONCE // 2 :] = [alike(some[0], chance) for _ in some[_AT_ONCE // 2 :]]
        for each in compare_times(some, zone):
            _tell(each.partition(":")[0], f"{zone}: {each}", differ)
    with TemporaryDirectory() as folder:
        for _ in range(given.logs):
            found = compare_log(Path(folder), chance)
            if found is not None:
                _tell("log", found, differ)
    print(f"{given.timestamps} timestamps, {given.logs} logs: {dict(differ) or 'no difference'}")
    return int(bool(differ))


def _tell(kind: str, what: str, differ: Counter[str]) -> None:
    """Print the first few differences of a kind, and count all."""
    differ[kind] += 1
    if differ[kind] <= 5:
        print(what, flush=True)


if __name__ == "__main__":
    sys.exit(main())
