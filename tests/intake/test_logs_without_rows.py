"""Logs without rows, as one that was just rotated: no rows and a warning, neither a refusal nor silence."""

from __future__ import annotations

import gzip
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sla_audit.cli.main import run
from tests.builders.packed import zstd
from tests.builders.runs import files_of, report

HEADER = "timestamp,account_id,status\n"
LOG = HEADER + "2026-10-01T05:06:07Z,a,200\n" * 3
NO_ROWS = pa.table(
    {
        "timestamp": pa.array([], pa.timestamp("us", "UTC")),
        "account_id": pa.array([], pa.string()),
        "status": pa.array([], pa.int16()),
    }
)


@pytest.fixture(autouse=True)
def in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


EMPTY: dict[str, tuple[str, bytes]] = {
    "CSV of no bytes": ("x.csv", b""),
    "CSV with nothing but a header": ("x.csv", HEADER.encode()),
    "CSV with nothing but a header, without a line end": ("x.csv", HEADER.strip().encode()),
    "CSV of blank lines": ("x.csv", b"\n\r\n\n"),
    "CSV of nothing but a byte order mark": ("x.csv", b"\xef\xbb\xbf"),
    "packed CSV of no bytes": ("x.csv.gz", b""),
    "packed CSV of nothing": ("x.csv.gz", gzip.compress(b"")),
    "packed CSV of a header": ("x.csv.zst", zstd(HEADER.encode())),
    "JSON lines of no bytes": ("x.jsonl", b""),
    "JSON lines of blank lines": ("x.ndjson", b"\n \n"),
    "packed JSON lines of nothing": ("x.jsonl.zst", zstd(b"")),
    "a log of no bytes": ("x.log", b""),
    "a log of a line end": ("x.log", b"\n"),
    "a packed log of nothing": ("x.log.gz", gzip.compress(b"")),
}


@pytest.mark.parametrize(("name", "content"), EMPTY.values(), ids=EMPTY)
@pytest.mark.parametrize(
    "options", [(), ("--dialect", "aws-alb", "--column", "account_id=domain_name")], ids=["", "lines"]
)
def test_a_log_without_rows_is_read_as_that(name: str, content: bytes, options: tuple[str, ...]) -> None:
    if options and not name.startswith("x.log"):
        options = ()
    Path(name).write_bytes(content)
    found = report(name, *options)
    assert found["rows"]["read"] == 0
    assert files_of(found) == [{"path": name, "bytes": len(content), "rows": 0}]
    assert f"{name} holds no rows" in found["warnings"]


def test_parquet_without_rows_is_told_too() -> None:
    pq.write_table(NO_ROWS, "x.parquet")
    Path("a.csv").write_text(LOG)
    found = report("x.parquet", "a.csv")
    assert found["rows"]["read"] == 3
    assert "x.parquet holds no rows" in found["warnings"]


def test_they_do_not_change_what_the_others_say() -> None:
    Path("a.csv").write_text(LOG)
    alone = report("a.csv")
    Path("report.json").unlink()
    Path("b.log").touch()
    Path("c.jsonl").touch()
    Path("d.csv").write_text(HEADER)
    Path("e.csv.gz").touch()
    found = report(".")
    assert found["rows"] == alone["rows"]
    assert found["results"] == alone["results"]
    assert set(found["warnings"]) - set(alone["warnings"]) == {"4 logs hold no rows: b.log, c.jsonl, d.csv and 1 more"}
    assert set(alone["warnings"]) <= set(found["warnings"])


def test_a_tally_of_one_says_so_too() -> None:
    Path("a.csv").write_text(LOG)
    Path("b.csv").touch()
    assert run(["tally", "a.csv", "b.csv", "-o", "x.tally.parquet", "--quiet"]) == 0
    assert "b.csv holds no rows" in report("x.tally.parquet")["warnings"]


def test_a_header_of_something_else_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    Path("x.csv").write_text("account_id,plan,applied_on\n")
    assert run(["compute", "x.csv"]) == 2
    assert "x.csv: no column 'timestamp'" in capsys.readouterr().err


def test_an_empty_file_is_no_parquet(capsys: pytest.CaptureFixture[str]) -> None:
    Path("x.parquet").touch()
    assert run(["compute", "x.parquet"]) == 2
    assert "x.parquet: cannot be read as Parquet" in capsys.readouterr().err


@pytest.mark.parametrize("option", ["--accounts", "--billing", "--exclusions"])
def test_an_empty_file_of_facts_is_refused(option: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path("a.csv").write_text(LOG)
    Path("facts.csv").touch()
    assert run(["compute", "a.csv", option, "facts.csv"]) == 2
    assert "facts.csv: the file is empty; expected a header line" in capsys.readouterr().err
