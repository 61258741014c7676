"""Statistics are evidence: what is counted by them is what the pages hold, or the file is refused."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sla_audit.cli.main import run
from sla_audit.intake.formats.parquet import statistics as parquet_claims
from tests.builders.logs.parquet_parts import BINARY, I64, START, Fields, changed, field, of_column, put

pytestmark = pytest.mark.usefixtures("folder")

ROWS = 20
DAY = 86_400_000
Counts = dict[str, tuple[int, int]]


def log(options: dict[str, Any] | None = None, **columns: Any) -> bytes:
    usual = {
        "timestamp": pa.array([START + row for row in range(ROWS)], pa.timestamp("ms", "UTC")),
        "account_id": ["acct-1", "acct-3"] * 10,
        "status": pa.array([200, 503] * 10, pa.int16()),
    }
    file = io.BytesIO()
    pq.write_table(pa.table(usual | columns), file, **{"write_page_checksum": True, **(options or {})})
    return file.getvalue()


def counts(data: bytes, *options: str) -> Counts | None:
    """Give what is counted of each account: successes and failures; None where the log is refused."""
    Path("log.parquet").write_bytes(data)
    code = run(["compute", "log.parquet", "--cycle", "2026-10", "--as-of", "2026-11-20", "-o", "r.json", *options])
    if code == 2:
        return None
    assert code == 0
    results = json.loads(Path("r.json").read_text("utf-8"))["results"]
    return {each["account_id"]: (each["success"], each["explicit_failure"]) for each in results}


def bounds(footer: Fields, column: int, least: bytes, most: bytes, nulls: int = 0) -> None:
    statistics = field(of_column(footer, column), 12)
    numbers = {2: least, 6: least, 1: most, 5: most} if column != 1 else {6: least, 5: most}
    for number, value in numbers.items():
        put(statistics, number, BINARY, value)
    put(statistics, 3, I64, nulls)


def one_account(footer: Fields) -> None:
    bounds(footer, 1, b"acct-1", b"acct-1")


def one_status(footer: Fields) -> None:
    bounds(footer, 2, (200).to_bytes(4, "little"), (200).to_bytes(4, "little"))


def no_status(footer: Fields) -> None:
    statistics = field(of_column(footer, 2), 12)
    statistics[:] = [[3, I64, ROWS]]


def another_day(footer: Fields) -> None:
    moment = (START - DAY).to_bytes(8, "little")
    bounds(footer, 0, moment, moment)


def later(footer: Fields) -> None:
    bounds(footer, 0, (START + 60 * DAY).to_bytes(8, "little"), (START + 61 * DAY).to_bytes(8, "little"))


WRITERS: dict[str, dict[str, Any]] = {
    "pages that say it again": {},
    "pages of version 2": {"data_page_version": "2.0"},
    "texts one by one": {"use_dictionary": False},
    "an index of the pages": {"write_page_index": True},
}


@pytest.mark.parametrize("few", [True, False])
@pytest.mark.parametrize("options", WRITERS.values(), ids=WRITERS)
@pytest.mark.parametrize("change", [one_account, one_status, no_status, another_day, later], ids=lambda it: it.__name__)
def test_a_footer_that_says_otherwise_than_the_pages_is_refused(
    change: Callable[[Fields], None],
    options: dict[str, Any],
    few: bool,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    if not few:
        monkeypatch.setattr(parquet_claims, "_FEW_ROWS", 0)
        monkeypatch.setattr("sla_audit.commands.count._FEW_ROWS", 0)
    data = log(options)
    right = {"acct-1": (10, 0), "acct-3": (0, 10)}
    assert counts(data) == right
    assert counts(changed(data, change)) is None
    assert "--no-statistics does not believe them" in capsys.readouterr().err
    assert counts(changed(data, change), "--no-statistics") == right


CONSTANT = {"account_id": ["acct-1"] * ROWS, "status": pa.array([503] * ROWS, pa.int16())}


@pytest.mark.parametrize("few", [True, False])
@pytest.mark.parametrize("options", WRITERS.values(), ids=WRITERS)
def test_what_the_pages_bear_out_is_counted(
    options: dict[str, Any], few: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not few:
        monkeypatch.setattr(parquet_claims, "_FEW_ROWS", 0)
        monkeypatch.setattr("sla_audit.commands.count._FEW_ROWS", 0)
    data = log(options, **CONSTANT)
    assert counts(data) == counts(data, "--no-statistics") == {"acct-1": (0, ROWS)}


def test_columns_that_are_borne_out_are_not_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Their pages may then hold anything: here, nothing that could be read. Small files are decoded, and refused."""
    data = log({"compression": "none", "write_page_checksum": False}, **CONSTANT)
    chunk = pq.read_metadata(io.BytesIO(data)).row_group(0).column(1)
    end = chunk.dictionary_page_offset + chunk.total_compressed_size
    spoilt = data[: end - 3] + b"\xff\xff\xff" + data[end:]
    assert counts(spoilt) is None
    monkeypatch.setattr(parquet_claims, "_FEW_ROWS", 0)
    assert counts(spoilt) == {"acct-1": (0, ROWS)}
    assert counts(spoilt, "--no-statistics") is None


def test_a_column_of_zeros_is_not_counted_by_its_statistics() -> None:
    data = log(content_flag=pa.nulls(ROWS, pa.string()))
    chunk = pq.read_metadata(io.BytesIO(data)).row_group(0).column(3)
    start = chunk.dictionary_page_offset or chunk.data_page_offset
    size = chunk.total_compressed_size
    assert counts(data) is not None
    assert counts(data[:start] + bytes(size) + data[start + size :]) is None


def test_rows_outside_of_the_period_are_passed_over_where_the_pages_say_so(monkeypatch: pytest.MonkeyPatch) -> None:
    earlier = pa.array([START - 60 * DAY + row for row in range(ROWS)], pa.timestamp("ms", "UTC"))
    data = log({"compression": "none", "write_page_checksum": False}, timestamp=earlier)
    chunk = pq.read_metadata(io.BytesIO(data)).row_group(0).column(1)
    end = chunk.dictionary_page_offset + chunk.total_compressed_size
    assert counts(data[: end - 3] + b"\xff\xff\xff" + data[end:]) == {}


def test_two_bounds_of_one_kind_that_differ_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    def differ(footer: Fields) -> None:
        put(field(of_column(footer, 0), 12), 2, BINARY, START.to_bytes(8, "little")[:-1] + b"\1")

    assert counts(changed(log(), differ)) is None
    assert "contradict themselves" in capsys.readouterr().err
