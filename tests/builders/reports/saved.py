"""Saved reports with one thing changed."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.program import ROOT

SAMPLE = ROOT / "sample_logs" / "expected.json"


WITH_DAYS: dict[str, Any] = json.loads(SAMPLE.read_bytes())


WHOLE: dict[str, Any] = {
    key: [{name: each for name, each in result.items() if name not in {"daily", "without"}} for result in value]
    if key == "results"
    else value
    for key, value in WITH_DAYS.items()
    if key not in {"daily", "attribution"}
}
"""The sample's report as it is without days, which a report may lack."""


Edit = Callable[[dict[str, Any]], Any]


def put(*paths: str, value: Any) -> Edit:
    """Write a value at places such as `totals/owed` or, of the result of an account, `@just-below/requests`."""

    def edit(report: dict[str, Any]) -> None:
        for path in paths:
            *parents, last = path.split("/")
            place: Any = report
            for parent in parents:
                place = of_account(report, parent[1:]) if parent.startswith("@") else place[parent]
            place[last] = value

    return edit


def drop(path: str) -> Edit:
    def edit(report: dict[str, Any]) -> None:
        *parents, last = path.split("/")
        place: Any = report
        for parent in parents:
            place = of_account(report, parent[1:]) if parent.startswith("@") else place[parent]
        del place[last]

    return edit


def both(*edits: Edit) -> Edit:
    def edit(report: dict[str, Any]) -> None:
        for each in edits:
            each(report)

    return edit


def of_account(report: dict[str, Any], account: str) -> dict[str, Any]:
    return next(result for result in report["results"] if result["account_id"] == account)


def saved(folder: Path, content: Any) -> Path:
    path = folder / "report.json"
    path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    return path


def edited(folder: Path, edit: Edit, whole: dict[str, Any] = WHOLE) -> Path:
    report = copy.deepcopy(whole)
    edit(report)
    return saved(folder, report)
