"""The registry of formats: each line opens logs of its kind, and reads the beginning of a file once."""

from __future__ import annotations

import gzip
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sla_audit.intake.bytes.planned import PlannedFile
from sla_audit.intake.columns import LogColumns
from sla_audit.intake.formats.interface import OpenedLog, ReadOptions, Written
from sla_audit.intake.formats.registry import open_log
from sla_audit.intake.log_formats import BY_SUFFIX, LOG_FORMATS, OPTIONS, SUFFIXES_SAID
from sla_audit.intake.sources.find import find_sources
from sla_audit.intake.sources.source import Source

COLUMNS = LogColumns(("timestamp",), "account_id", "status")
ROW = {"timestamp": "2026-10-01T05:06:07Z", "account_id": "A", "status": 200}
OBJECTS = '{"timestamp":"2026-10-01T05:06:07Z","account_id":"A","status":200}\n' * 3
CSV = "timestamp,account_id,status\n" + "2026-10-01T05:06:07Z,A,200\n" * 3
TEXTS = {"csv": CSV, "json": OBJECTS, "lines": OBJECTS}


def log_of(folder: Path, name: str) -> Path:
    kind = LOG_FORMATS[name]
    path = folder / f"log{kind.suffixes[0]}"
    if kind.is_text:
        path.write_text(TEXTS[name], encoding="utf-8")
    else:
        pq.write_table(pa.Table.from_pylist([ROW] * 3), path)
    return path


@pytest.mark.parametrize("name", LOG_FORMATS)
def test_each_format_is_found_opened_and_read(name: str, tmp_path: Path) -> None:
    (source,) = find_sources([log_of(tmp_path, name).as_posix()]).sources
    assert source.format == name
    with open_log(source, Written()) as opened:
        assert isinstance(opened, OpenedLog)
        assert opened.names == list(ROW)
        fragments = list(opened.fragments(COLUMNS, ZoneInfo("UTC"), ReadOptions()))
    assert sum(batch.num_rows for fragment in fragments for batch in fragment.read()) == 3


def test_names_and_suffixes_are_of_one_format_each() -> None:
    assert sorted(OPTIONS.values()) == sorted(LOG_FORMATS)
    told = [s for each in LOG_FORMATS.values() for s in (*each.suffixes, *each.other_suffixes, *each.suffixes_of_named)]
    assert len(told) == len(set(told))
    assert str(SUFFIXES_SAID) == ".csv, .json, .jsonl, .log (each also rotated, and with .gz or .zst) or .parquet"
    assert all(suffix == suffix.lower() and suffix.startswith(".") for suffix in BY_SUFFIX)


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "packed"])
@pytest.mark.parametrize("name", [name for name, kind in LOG_FORMATS.items() if kind.is_text])
def test_the_beginning_of_a_text_is_read_once(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, packed: bool
) -> None:
    path = log_of(tmp_path, name)
    if packed:
        data, path = path.read_bytes(), path.with_name(f"{path.name}.gz")
        path.write_bytes(gzip.compress(data))
    opens: Counter[Path] = Counter()
    as_it_is = PlannedFile.open

    @contextmanager
    def counted(planned: PlannedFile) -> Iterator[Any]:
        opens[planned.path] += 1
        with as_it_is(planned) as file:
            yield file

    monkeypatch.setattr(PlannedFile, "open", counted)
    with open_log(Source(path, name), Written()) as opened:
        assert opened.names == list(ROW)
        list(opened.fragments(COLUMNS, ZoneInfo("UTC"), ReadOptions()))
    # Where a plain text may be cut is looked for in all of it, which is not its beginning.
    assert opens == {path: 1 if packed else 2}
