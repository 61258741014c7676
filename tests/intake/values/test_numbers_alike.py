"""A number is the same time, or none, in every format, on the fast path and on the careful one."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sla_audit.intake.columns import ColumnMap
from sla_audit.intake.logs import open_logs
from sla_audit.intake.sources.source import Source
from tests.builders.opened_logs import Log
from tests.oracles.both_paths import careful_only

GOOD = "1790783000"
FORMATS: dict[str, str] = {".csv": "csv", ".jsonl": "json", ".parquet": "parquet"}
NUMBERS: dict[str, int | None] = {
    "1790783000": 1_790_783_000_000_000,
    "+1790783000": 1_790_783_000_000_000,
    "001790783000": 1_790_783_000_000_000,
    "1790783000.": 1_790_783_000_000_000,
    "1790783000e0": 1_790_783_000_000_000,
    "1.790783000e9": 1_790_783_000_000_000,
    "1.790783000123E9": 1_790_783_000_123_000,
    "1790783000123E-3": 1_790_783_000_123_000,
    "1790783000.9999999999999999": 1_790_783_000_999_999,
    f"1790783000.{'9' * 60}": 1_790_783_000_999_999,
    f"1790783000123.{'9' * 60}": 1_790_783_000_123_999,
    f"1790783000123456789.{'9' * 60}": 1_790_783_000_123_456,
    "1.79e9": None,  # as a spreadsheet writes it: which second is not known
    "1.790783e9": None,
    "1790783000E-13038": None,
    "1790783000E13038": None,
    "1E-84000000": None,
    "1e400": None,
    "-1790783000": None,
    "1790783000123456789012": None,
    "0x6ABE1B3F": None,
}
_JSON = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")


def _csv(folder: Path, texts: list[str]) -> Path:
    path = folder / "log.csv"
    path.write_text("timestamp,account_id,status\n" + "".join(f"{text},A,200\n" for text in texts))
    return path


def _json_text(folder: Path, texts: list[str]) -> Path:
    return _json(folder, list(map(json.dumps, texts)))


def _json(folder: Path, texts: list[str]) -> Path:
    path = folder / "log.jsonl"
    path.write_text("".join(f'{{"timestamp": {text}, "account_id": "A", "status": 200}}\n' for text in texts))
    return path


def _json_with_escaped_keys(folder: Path, texts: list[str]) -> Path:
    path = _json(folder, texts)
    path.write_text(path.read_text().replace('"timestamp"', '"\\u0074imestamp"'))
    return path


def _parquet(folder: Path, texts: list[str]) -> Path:
    path = folder / "log.parquet"
    pq.write_table(pa.table({"timestamp": texts, "account_id": ["A"] * len(texts), "status": [200] * len(texts)}), path)
    return path


def instants(path: Path) -> list[int]:
    (log,) = open_logs([Source(path, FORMATS[path.suffix])], ColumnMap(), (), ZoneInfo("Asia/Shanghai"))
    batches = Log(log).batches()
    columns: list[Any] = [
        batch.column("timestamp").cast(pa.timestamp("us", "UTC"), safe=False).cast(pa.int64()) for batch in batches
    ]
    return [each for column in columns for each in column.to_pylist()]


@pytest.mark.parametrize("careful", [False, True], ids=["fast", "careful"])
@pytest.mark.parametrize(
    "before", [[], [GOOD], [f"{GOOD}.5"], ["2026-10-01T00:00:00Z"]], ids=["alone", "int", "float", "ISO"]
)
@pytest.mark.parametrize("write", [_csv, _json_text, _json, _json_with_escaped_keys, _parquet])
@pytest.mark.parametrize(("text", "expected"), NUMBERS.items(), ids=[text[:30] for text in NUMBERS])
def test_a_number_in_every_format(
    tmp_path: Path,
    text: str,
    expected: int | None,
    write: Callable[[Path, list[str]], Path],
    before: list[str],
    *,
    careful: bool,
) -> None:
    if write in (_json, _json_with_escaped_keys):
        if not _JSON.fullmatch(text):
            pytest.skip("no number in JSON")
        before = [each if _JSON.fullmatch(each) else json.dumps(each) for each in before]
    with careful_only() if careful else nullcontext():
        found = instants(write(tmp_path, [*before, text]))
    assert found[len(before) :] == ([] if expected is None else [expected])


MIXED = [
    "1790783000",
    "1790783000.25",
    '"1790783000.5"',
    "1790783000750",
    "1.79078300112e9",
    '"2026-10-01T00:00:00Z"',
    "null",
]


@pytest.mark.parametrize("careful", [False, True], ids=["fast", "careful"])
@pytest.mark.parametrize("turn", range(len(MIXED)))
def test_numbers_of_all_kinds_in_one_column(tmp_path: Path, turn: int, *, careful: bool) -> None:
    with careful_only() if careful else nullcontext():
        found = instants(_json(tmp_path, [*MIXED[turn:], *MIXED[:turn]]))
    micros = {0, 250_000, 500_000, 750_000, 1_120_000}
    assert set(found) == {1_790_783_000_000_000 + each for each in micros} | {1_790_812_800_000_000}


@pytest.mark.parametrize("careful", [False, True], ids=["fast", "careful"])
@pytest.mark.parametrize("first", ["7", "7.0"], ids=["int", "float"])
def test_ids_and_regions_are_not_numbers(tmp_path: Path, first: str, *, careful: bool) -> None:
    """As names, 7 and 7.0 are two, and whole numbers beyond what a float tells apart are as many as there are."""
    large = [2**53, 2**53 + 1, 2**63, 2**64 + 1]
    path = tmp_path / "log.jsonl"
    regions = [first, "7" if first != "7" else "7.0", *map(str, large)]
    rows = (f'{{"timestamp": {GOOD}, "account_id": "A", "status": 200, "region": {each}}}\n' for each in regions)
    path.write_text("".join(rows))
    with careful_only() if careful else nullcontext():
        (log,) = open_logs([Source(path, "json")], ColumnMap(), ("region",), ZoneInfo("UTC"))
        batches = Log(log).batches()
    assert [each for batch in batches for each in batch.column("region").to_pylist()] == regions
