"""Names of files that are no text: refused before anything is read, or written out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sla_audit.cli.main import run

ROWS = "timestamp,account_id,status\n2026-10-10T10:00:00Z,a,502\n2026-10-10T10:00:01Z,a,20x\n"
NAME = "log\udcff"
"""As Python has a name that ends with the byte FF."""
WHY = "its name is not UTF-8, so that no report can name it"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    try:
        (tmp_path / f"{NAME}.csv").write_text(ROWS)
    except OSError:  # pragma: no cover - some file systems have no such names
        pytest.skip("this file system has no such names")
    (tmp_path / "log.csv").write_text(ROWS)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def names() -> list[str]:
    return sorted(path.name for path in Path().iterdir())


COMMANDS: dict[str, list[str]] = {
    "a log": ["compute", f"{NAME}.csv", "-o", "report.json"],
    "a log among others": ["compute", ".", "-o", "report.json"],
    "a log behind a glob, and rejects": ["compute", "log*.csv", "--rejects", "rejects.csv", "-o", "report.json"],
    "a log to tally": ["tally", f"{NAME}.csv", "-o", "x.tally.parquet"],
    "accounts": ["compute", "log.csv", "--accounts", f"{NAME}.csv", "-o", "report.json"],
    "billing": ["compute", "log.csv", "--billing", f"{NAME}.csv", "-o", "report.json"],
    "holidays": ["compute", "log.csv", "--holidays", f"{NAME}.csv", "-o", "report.json"],
}


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
def test_an_input_that_no_report_could_name_is_refused(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    before = names()
    assert run([*command, "--max-rejected", "2"] if command[0] == "compute" else command) == 2
    assert f"error: log\\xff.csv: {WHY}\n  Rename it.\n" in capsys.readouterr().err
    assert names() == before


@pytest.mark.parametrize("suffix", [".csv.gz", ".jsonl", ".log", ".parquet"])
def test_a_log_of_any_format_is_refused_alike(suffix: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path(f"{NAME}{suffix}").write_bytes(b"not looked at")
    assert run(["compute", f"{NAME}{suffix}"]) == 2
    assert f"log\\xff{suffix}: {WHY}" in capsys.readouterr().err


def test_what_lies_beside_logs_and_is_not_read_is_written_out() -> None:
    Path(f"{NAME}.csv").rename(f"{NAME}.pdf")
    outputs = [part for suffix in ("json", "md", "csv") for part in ("-o", f"report.{suffix}")]
    assert run(["compute", ".", "--max-rejected", "1", "--rejects", "bad.txt", "--quiet", *outputs]) == 0
    assert [each["path"] for each in json.loads(Path("report.json").read_bytes())["left_out"]] == ["log\\xff.pdf"]
    Path("report.csv").unlink()
    assert run(["tally", ".", "--max-rejected", "1", "--quiet", "-o", "x.tally.parquet"]) == 0


def test_an_output_may_have_any_name() -> None:
    named = [f"{NAME}.tally.parquet", f"{NAME}.rejects"]
    assert run(["tally", "log.csv", "--max-rejected", "1", "-o", named[0], "--rejects", named[1]]) == 0
    assert set(named) <= set(names())
