"""What each day's failures cost, in saved reports: recomputed, and added to those of earlier versions."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest

from sla_audit.commands.verify_report import believed
from sla_audit.contract.load import BUILT_IN, load_contract
from sla_audit.errors import InputError
from sla_audit.report.saved.restore import restored
from tests.builders.reports.golden import GOLDEN

CONTRACT = load_contract(BUILT_IN)
WHERE = Path("report.json")


def head_of(content: dict[str, Any]) -> dict[str, Any]:
    return believed(restored(content, WHERE), WHERE, CONTRACT).head


def test_a_report_of_an_earlier_version_gets_it_in_its_place() -> None:
    before = {key: value for key, value in GOLDEN.items() if key != "attribution"}
    head = head_of(copy.deepcopy(before))
    assert head["attribution"] == GOLDEN["attribution"]
    assert list(head) == [key for key in GOLDEN if key != "results"]


def test_without_days_it_is_not_known() -> None:
    content = {key: value for key, value in GOLDEN.items() if key not in ("attribution", "daily")}
    content["results"] = [
        {key: value for key, value in each.items() if key not in ("daily", "without")} for each in GOLDEN["results"]
    ]
    assert "attribution" not in head_of(content)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"compensation_caused": "180.01"}, "compensation_caused is 180.01"),
        ({"compensation_caused": None}, "compensation_caused is null"),
        ({"explicit_failure": 6}, "explicit_failure is 6"),
    ],
)
def test_what_does_not_follow_is_refused(change: dict[str, Any], said: str) -> None:
    days = [each | change if each["date"] == "2026-10-15" else each for each in GOLDEN["attribution"]]
    with pytest.raises(InputError, match=said):
        head_of(GOLDEN | {"attribution": days})
