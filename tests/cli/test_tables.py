"""Tables of a lakehouse on the command line."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
from deltalake import write_deltalake

from sla_audit.cli.main import run
from tests.builders.lakes import requests
from tests.builders.runs import refused, report


@pytest.fixture(autouse=True)
def lake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lay out two tables, of two versions each."""
    monkeypatch.chdir(tmp_path)
    for name, account in (("t", "acme"), ("u", "beta")):
        write_deltalake(f"lake/{name}", requests(account, ok=90, failed=10))
        write_deltalake(f"lake/{name}", requests(account, ok=100, since=5), mode="overwrite")


def failures(found: dict[str, Any]) -> dict[str, int]:
    return {each["account_id"]: each["readings"]["broad"]["explicit_failure"] for each in found["results"]}


def test_the_report_says_which_version_it_is_of() -> None:
    found = report("lake/t", "--as-of-version", "0")
    assert failures(found) == {"acme": 10}
    assert found["provenance"]["options"]["logs"] == [{"as_of_version": "0"}]
    assert any("lake/t is a table of Delta Lake, read at version 0 of 2" in each for each in found["warnings"])
    assert failures(report("lake/t")) == {"acme": 0}


def test_each_source_has_a_version_of_its_own() -> None:
    sources = "".join(
        f'[[sources]]\nlogs = "lake/{name}"\nas_of_version = {version}\n' for name, version in (("t", 0), ("u", 1))
    )
    Path("c.toml").write_text(sources, encoding="utf-8")
    assert failures(report("--config", "c.toml")) == {"acme": 10, "beta": 0}


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("lake", "--as-of-version", "0"), "version 0: is the version of one table; lake/t and lake/u are read"),
        (
            ("lake/t", "--as-of-version", "soon"),
            "'soon': expected the number of a version or a snapshot, or an instant",
        ),
        (("lake/t", "--as-of-version", "5"), "lake/t: has no version 5; the latest is 1"),
    ],
)
def test_a_version_that_is_not_that_of_the_table_is_refused(
    capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], expected: str
) -> None:
    assert expected in refused(capsys, "compute", *arguments)


def test_a_version_without_a_table_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    Path("a.csv").write_text("timestamp,account_id,status\n2026-10-03T00:00:00Z,acme,200\n", encoding="utf-8")
    said = refused(capsys, "compute", "a.csv", "--as-of-version", "0")
    assert "version 0: is the version of a table, and no table is read" in said


def test_a_directory_of_tallies_takes_no_table(capsys: pytest.CaptureFixture[str]) -> None:
    said = refused(capsys, "tally", "lake/t", "--update", "tallies")
    assert "lake/t: is a table of Delta Lake, whose writer may move rows that are counted to other files" in said
    assert not Path("tallies").exists()


def test_without_its_library_the_extra_is_named(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "deltalake", None)
    monkeypatch.delitem(sys.modules, "sla_audit.intake.tables.delta", raising=False)
    said = refused(capsys, "compute", "lake/t")
    assert "lake/t: is a table of Delta Lake, which is read by deltalake" in said
    assert "pip install 'sla-audit[tables]'" in said


def test_it_is_looked_at_beforehand(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", "lake/t", "--as-of", "2026-11-20"]) == 0
    assert "100 rows" in capsys.readouterr().out
