"""Hold the fast and the careful path against each other.

`python -m tests.both_paths --timestamps 1000000 --logs 100000` compares so many. Each time is written as text, and read
from CSV, JSON lines and Parquet as the fast path does, in columns that it takes, and by itself. Each log is a mutated
one, counted as it is and once more with the fast path closed: counts, rejects and their places must be the same.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import astuple
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest import mock
from zoneinfo import ZoneInfo

import pyarrow as pa

from sla_audit.contract.load import BUILT_IN, load_contract
from sla_audit.counting import Logs, Wanted, count
from sla_audit.errors import InputError
from sla_audit.intake import csv_log, json_log
from sla_audit.intake.csv_fast import FastReader
from sla_audit.intake.epochs import microseconds_of
from sla_audit.intake.json_fast import JsonReader
from sla_audit.intake.json_objects import object_of, time_of
from sla_audit.intake.rejects import Tolerance
from sla_audit.intake.timestamps import csv_type, instant_of, read_instants, within_reach
from sla_audit.tally.slots import SlotGrid
from tests.mutation import KINDS, mutated
from tests.written_times import times

Found = Sequence[int | None]
Fast = Callable[[Sequence[str]], Found | None]

ZONES = ("Asia/Shanghai", "UTC", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "Africa/Monrovia")
_CONTRACT = load_contract(BUILT_IN)
_SAMPLES = ("2026-10-01T00:00:00Z", "1790784000", "2026-10-01 00:00:00")
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
    careful = by_itself(texts, zone)
    lines = [text for text in texts if text and set(text).isdisjoint("\r\n\0")]
    for sample in _SAMPLES:
        for each in differences(lines, from_csv(sample, zone), by_itself(lines, zone)):
            yield f"CSV after {sample}: {each}"
    for each in differences(texts, from_json(pa.string(), zone, json.dumps), careful):
        yield f"JSON text: {each}"
    plain, repeated = from_parquet(zone, repeats=False), from_parquet(zone, repeats=True)
    for part in (texts, texts[::2], texts[1::2], *([text] for text in texts)):
        for each in differences(part, plain, by_itself(part, zone)):
            yield f"Parquet text: {each}"
    for each in differences(texts, repeated, careful):
        yield f"Parquet dictionary: {each}"
    yield from _compare_numbers([text for text in texts if _NUMBER.fullmatch(text)], zone)


def _compare_numbers(numbers: Sequence[str], zone: ZoneInfo) -> Iterator[str]:
    """Yield how numbers are read apart: those of JSON, as text, as decimals and as floats."""
    objects = [object_of(f'{{"t": {text}}}'.encode()) or {} for text in numbers]
    careful = by_itself([time_of(each["t"]) or "" for each in objects], zone)
    for kind in (pa.int64(), pa.float64()):
        for each in differences(numbers, from_json(kind, zone, str), careful):
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


def by_itself(texts: Sequence[str], zone: ZoneInfo) -> Found:
    """Read each time carefully."""
    return [instant_of(text, zone)[0] for text in texts]


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


def from_parquet(zone: ZoneInfo, *, repeats: bool) -> Fast:
    """Read times as a column of text, or as a dictionary of text."""

    def fast(texts: Sequence[str]) -> Found | None:
        column = pa.array(texts, pa.string())
        return _microseconds(column.dictionary_encode() if repeats else column, zone)

    return fast


def _microseconds(column: pa.Array, zone: ZoneInfo) -> Found:
    read = within_reach(read_instants(column, zone).values)
    found: Found = read.cast(pa.timestamp("us", "UTC"), safe=False).cast(pa.int64()).to_pylist()
    return found


def _scale(number: Decimal) -> int:
    return -int(number.as_tuple().exponent)


def _of_float(number: float) -> int | None:
    return microseconds_of(Decimal(repr(number)))


@contextmanager
def careful_only() -> Iterator[None]:
    """Close the fast path of CSV and JSON lines."""
    with ExitStack() as stack:
        for reader in (FastReader, JsonReader):
            stack.enter_context(mock.patch.object(reader, "read", return_value=None))
        yield


def counted(path: Path, piece: int) -> Any:
    """Count a log in pieces of some size: all that is made of it, or why it is refused."""
    logs = Logs((path.as_posix(),), tolerance=Tolerance(rows=1 << 40))
    with mock.patch.object(csv_log, "_BYTES_A_RANGE", piece), mock.patch.object(json_log, "_BYTES_A_RANGE", piece):
        try:
            result = count(logs, _CONTRACT, SlotGrid(_CONTRACT.zone), Wanted())
        except InputError as error:
            return str(error)
    tally = result.tally
    requests = {
        (tally.accounts["account_id"][account], tally.slots.row(slot), tally.outcomes.row(outcome)): number
        for account, slot, outcome, number in tally.counts.iter_rows()
    }
    rejects = [astuple(each) for part in result.rejects for each in part]
    return requests, rejects, result.read, result.unattributed, result.ids, result.logs, result.flags


def compare_log(folder: Path, chance: random.Random) -> str | None:
    """Count a mutated log both ways, in the same pieces; say how the two differ, if they do."""
    name = chance.choice(("csv", "json", "gzip"))
    kind, piece = KINDS[name], chance.choice((64, 300, 1000, 48 << 20))
    data = mutated(chance.choice(kind.seeds), chance)
    path = folder / kind.file
    path.write_bytes(data)
    fast = counted(path, piece)
    with careful_only():
        careful = counted(path, piece)
    if fast == careful:
        return None
    both = "\n".join(str(each[1:] if isinstance(each, tuple) else each) for each in (fast, careful))
    return f"{name} in pieces of {piece}:\n{both}\nof {data!r}"


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
        for each in compare_times([next(texts) for _ in range(_AT_ONCE)], zone):
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
