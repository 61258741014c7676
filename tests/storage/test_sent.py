"""Logs in a store are read by whoever is sent a plan of them, with what it needs and nothing else."""

from __future__ import annotations

import pickle
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from sla_audit.tally.afar.by_tasks import ByTasks
from sla_audit.tally.engine import Count, Progress
from sla_audit.tally.local_threads import LocalThreads
from sla_audit.tally.planner import Ask, Fragment
from tests.builders.elsewhere import Elsewhere
from tests.builders.stores.served import SAMPLE, Run, Store, sample_report
from tests.program import ROOT

ROWS = """
import pickle, sys
plans = pickle.load(sys.stdin.buffer)
print(sum(batch.num_rows for plan in plans for batch in plan.read()))
"""
PLANS = list[bytes]()


@dataclass(frozen=True)
class _Noting(ByTasks):
    """Notes what is sent."""

    def count(self, fragments: Sequence[Fragment], ask: Ask, progress: Progress | None = None) -> Count:
        PLANS.append(pickle.dumps(list(fragments)))
        return super().count(fragments, ask, progress)


@pytest.fixture
def noting(monkeypatch: pytest.MonkeyPatch) -> None:
    PLANS.clear()
    monkeypatch.setattr(f"{LocalThreads.__module__}.LocalThreads", lambda jobs: _Noting(Elsewhere(), 1, 3))


def test_the_sample_has_its_report_where_all_plans_are_sent(
    store: Store, program: Run, tmp_path: Path, noting: None
) -> None:
    report = tmp_path / "report.json"
    assert program("compute", "--config", "s3://bucket/sample/sla-audit.toml", "--quiet", "-o", str(report)).code == 0
    assert PLANS
    assert sample_report(report) == (SAMPLE / "expected.json").read_text(encoding="utf-8")


def test_another_process_reads_what_the_config_says_of_the_store(
    store: Store, program: Run, tmp_path: Path, noting: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_ENDPOINT_URL")
    config = tmp_path / "config.toml"
    config.write_text(f'logs = ["s3://bucket/sample/logs"]\n[storage]\nendpoint = "{store.proxy.url}"\n')
    assert program("compute", "--config", str(config), "--as-of", "2026-11-20", "--quiet").code == 0
    elsewhere = subprocess.run([sys.executable, "-c", ROWS], input=PLANS[0], capture_output=True, cwd=ROOT, check=False)
    logs = [f"{SAMPLE}/logs"]
    assert program("compute", *logs, "--as-of", "2026-11-20", "--quiet").code == 0
    here = subprocess.run([sys.executable, "-c", ROWS], input=PLANS[1], capture_output=True, cwd=ROOT, check=False)
    assert elsewhere.stdout == here.stdout, elsewhere.stderr
    assert int(here.stdout) > 1000
