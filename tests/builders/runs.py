"""Runs of the program in this process, in the folder that the test is in."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sla_audit.cli.main import run

AS_OF = "2026-12-20"


def report(*arguments: str, as_of: str = AS_OF) -> dict[str, Any]:
    """Audit, and give the report."""
    assert run(["compute", *arguments, "--as-of", as_of, "--quiet", "-o", "report.json"]) == 0
    found: dict[str, Any] = json.loads(Path("report.json").read_text(encoding="utf-8"))
    return found


def files_of(found: dict[str, Any]) -> list[dict[str, Any]]:
    """Give the files that a report says it read: path, bytes and rows."""
    return [{name: each[name] for name in ("path", "bytes", "rows")} for each in found["inputs"]]


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """Give what a command says that is refused."""
    capsys.readouterr()
    assert run([*arguments, "--quiet"]) == 2
    return capsys.readouterr().err
