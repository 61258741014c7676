"""The requests of each day, as a report writes them down."""

from __future__ import annotations

import json
from typing import Any

import polars as pl
import pytest

from sla_audit.report.daily import DAYS, as_json, as_json_text

SOME: list[dict[str, Any]] = [
    {"date": "2026-10-01", "success": 12, "explicit_failure": 3, "excluded": 0, "excluded_by_clause": None},
    {
        "date": "2026-10-31",
        "success": 0,
        "explicit_failure": 2**40,
        "excluded": 7,
        "excluded_by_clause": [{"clause": 4, "requests": 5}, {"clause": 11, "requests": 2}],
    },
]


@pytest.mark.parametrize("days", [[], SOME[:1], SOME], ids=["none", "one", "two"])
def test_days_written_at_once_are_each_day_as_json(days: list[dict[str, Any]]) -> None:
    written = pl.DataFrame({"daily": [days, None]}, schema={"daily": DAYS}).select(
        pl.col("daily").list.eval(as_json_text(pl.element()))
    )
    assert written["daily"].to_list() == [[json.dumps(as_json(day)) for day in days], None]
