"""CSV whose rows cannot be told from its quotes alone: read again, whole, with the figures of a strict reader."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sla_audit.cli.main import run
from sla_audit.intake import logs
from sla_audit.intake.bytes import chunks as pieces
from sla_audit.intake.formats.csv import cuts as csv_pieces
from sla_audit.intake.formats.csv import log as csv_log
from sla_audit.intake.formats.csv import rows as csv_rows
from sla_audit.intake.formats.interface import OpenedLog, Written
from sla_audit.intake.formats.registry import open_log
from sla_audit.intake.sources.source import Source
from tests.builders.examples import costly

TIME = "2026-10-01T05:06:07Z"
HEADER = "timestamp,account_id,status,note\n"
STRAY, SEVERAL_LINES, PLAIN = 'a 5" print', '"one\ntwo, with ""quotes"" \n"', "plain"


@pytest.fixture(autouse=True)
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Cut files into ranges of a few hundred bytes, as if they were large."""
    monkeypatch.setattr(csv_log, "_BYTES_A_RANGE", 300)
    monkeypatch.setattr(csv_log, "_BYTES_HELD", 1200)
    monkeypatch.setattr(csv_pieces, "_BYTES_A_LOOK", 64)
    monkeypatch.chdir(tmp_path)


def text(notes: list[str]) -> str:
    return HEADER + "".join(f"{TIME},account-{at % 7},{200 + at % 2},{note}\n" for at, note in enumerate(notes))


def report(name: str, *options: str) -> dict[str, Any]:
    assert run(["compute", name, "--as-of", "2026-12-01", "--quiet", "-o", "report.json", *options]) == 0
    found: dict[str, Any] = json.loads(Path("report.json").read_text(encoding="utf-8"))
    return found


def requests(found: dict[str, Any]) -> dict[str, int]:
    return {result["account_id"]: result["requests"] for result in found["results"]}


MIXED = {
    "one stray quote, then notes of several lines": [*[PLAIN] * 20, STRAY, *[SEVERAL_LINES, PLAIN] * 60],
    "stray quotes all over": [STRAY, SEVERAL_LINES, PLAIN] * 50,
    "an even number of them, far apart": [*[SEVERAL_LINES] * 30, STRAY, *[SEVERAL_LINES] * 40, STRAY, *[PLAIN] * 40],
    "stray quotes only": [STRAY] * 101,
    "notes of several lines only": [SEVERAL_LINES] * 100,
}


@pytest.mark.parametrize("notes", MIXED.values(), ids=MIXED)
@pytest.mark.parametrize("packed", [False, True], ids=["plain", "packed"])
@pytest.mark.parametrize("jobs", ["1", "4"])
def test_a_file_is_read_as_a_strict_reader_reads_it(notes: list[str], jobs: str, *, packed: bool) -> None:
    written = text(notes)
    name = "log.csv.gz" if packed else "log.csv"
    Path(name).write_bytes(gzip.compress(written.encode()) if packed else written.encode())
    strict = list(csv.DictReader(io.StringIO(written, newline=""), strict=True))

    found = report(name, "--jobs", jobs)

    assert requests(found) == Counter(row["account_id"] for row in strict)
    assert found["rows"]["read"] == found["rows"]["counted"] == len(notes)


def test_other_logs_of_the_run_are_not_counted_twice() -> None:
    Path("a.csv").write_text(text([PLAIN] * 100))
    Path("b.csv").write_text(text(MIXED["stray quotes all over"]))
    Path("c.csv").write_text(text(MIXED["one stray quote, then notes of several lines"]))

    assert report(".")["rows"]["counted"] == 100 + 150 + 141


def test_only_the_log_that_cannot_be_cut_is_opened_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("a.csv").write_text(text([PLAIN] * 100))
    Path("b.csv").write_text(text(MIXED["one stray quote, then notes of several lines"]))
    opened: Counter[str] = Counter()

    @contextmanager
    def counted(source: Source, written: Written) -> Iterator[OpenedLog]:
        opened[source.shown] += 1
        with open_log(source, written) as log:
            yield log

    monkeypatch.setattr(logs, "open_log", counted)
    found = report(".")

    assert found["rows"]["counted"] == 100 + 141
    assert opened == {"a.csv": 1, "b.csv": 2}


def test_a_bad_row_has_its_line() -> None:
    rows = text([*MIXED["stray quotes all over"], PLAIN]).removesuffix("\n")
    Path("log.csv").write_text(rows.replace(f"{TIME},account-3,200,plain", "yesterday,account-3,200,plain") + "\n")
    bad = [line for line, row in enumerate(Path("log.csv").read_text().split("\n"), 1) if row.startswith("yesterday")]
    assert bad

    found = report("log.csv", "--max-rejected", "50", "--rejects", "rejects.csv")

    with Path("rejects.csv").open(encoding="utf-8", newline="") as file:
        assert [row["place"] for row in csv.DictReader(file)] == [f"line {line}" for line in bad]
    assert found["rows"]["rejected"] == len(bad)


def test_a_byte_that_is_no_utf_8_has_its_place(capsys: pytest.CaptureFixture[str]) -> None:
    written = text(MIXED["stray quotes all over"]).encode() + b"\xff\n"
    Path("log.csv").write_bytes(written)

    assert run(["compute", "log.csv"]) == 2
    assert f"at byte {len(written) - 2}" in " ".join(capsys.readouterr().err.split())


@pytest.mark.parametrize("name", ["log.csv", "log.csv.gz"])
def test_a_quote_that_is_never_closed_is_named(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    written = (text([PLAIN] * 10) + f'{TIME},A,"200\n' + f"{TIME},B,200,x\n" * 6000).encode()
    Path(name).write_bytes(gzip.compress(written) if name.endswith("gz") else written)

    assert run(["compute", name]) == 2
    assert f"{name}, line " in (error := capsys.readouterr().err)
    assert "not CSV: unexpected end of data" in error


def test_a_line_without_an_end_does_not_fill_the_memory(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for module in (csv_rows, pieces):
        monkeypatch.setattr(module, "MOST_LINE_BYTES", 500)
    Path("log.csv.gz").write_bytes(gzip.compress((text([PLAIN]) + "x" * 5000).encode()))

    assert run(["compute", "log.csv.gz"]) == 2
    assert "line 3: the line does not end within 500 bytes" in " ".join(capsys.readouterr().err.split())


@costly(60)
@given(st.lists(st.sampled_from([PLAIN, STRAY, SEVERAL_LINES, '"quoted"', '""', 'x"']), min_size=1, max_size=80))
def test_any_mixture_of_notes(notes: list[str]) -> None:
    written = text(notes)
    Path("log.csv").write_text(written)
    strict = Counter(row["account_id"] for row in csv.DictReader(io.StringIO(written, newline=""), strict=True))

    assert requests(report("log.csv")) == strict
