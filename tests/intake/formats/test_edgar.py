"""A real public log: floats everywhere, no zone, date and time in two columns."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from tests.program import ROOT, sla_audit

LOG = ROOT / "tests" / "data" / "edgar-2017-01-01-slice.csv"
MAPPING = ["--column", "timestamp=date,time", "--column", "account_id=cik", "--column", "status=code"]


def test_every_row_is_accounted_for(tmp_path: Path) -> None:
    path = tmp_path / "edgar.json"
    done = sla_audit("compute", str(LOG), *MAPPING, "-o", str(path))
    assert done.returncode == 0, done.stderr
    report = json.loads(path.read_text())
    assert report["rows"] == {
        "read": 212,
        "counted": 212,
        "outside_cycle": 0,
        "outside_period": 0,
        "other_service": 0,
        "duplicate": 0,
        "rejected": 0,
        "unattributed": 0,
    }
    classes = Counter[str]()
    for result in report["results"]:
        assert result["cycle"] == "2017-01"
        classes.update(success=result["success"], failure=result["explicit_failure"])
        classes.update({f"clause {clause}": n for clause, n in result["excluded"]["by_clause"].items()})
    # 58 rows with code 0.0 and 6 with 503.0; 20 each of 403, 404 and 429.
    assert classes == {"success": 88, "failure": 64, "clause 4": 60}
    assert any("without a zone" in warning for warning in report["warnings"])


@pytest.mark.parametrize("forgotten", range(3))
def test_a_forgotten_mapping_is_told_with_what_is_there(forgotten: int) -> None:
    mapping = [word for at, word in enumerate(MAPPING) if at // 2 != forgotten]
    done = sla_audit("compute", str(LOG), *mapping)
    canonical = ["timestamp", "account_id", "status"][forgotten]
    assert done.returncode == 2
    assert f"no column '{canonical}'; the file has: ip, date, time, zone, cik" in done.stderr
    assert f"--column {canonical}=" in done.stderr
    assert not done.stdout
