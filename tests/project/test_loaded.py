"""A run of the program that was loaded before is like one from the start, and leaves nothing to the next."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.program import ROOT, piped, sla_audit

LOG = b"timestamp,account_id,status\n2026-10-05T05:06:01Z,a,200\n2026-10-05T05:06:02Z,a,502\n"
COMMANDS = [
    "compute --config sample_logs/sla-audit.toml",
    "compute --config sample_logs/sla-audit.toml --lang zh --fail-on breach",
    "compute - --format csv --as-of 2026-11-20",
    "explain --config sample_logs/sla-audit.toml --account tier-two",
    "compute gone.csv",
    "contract show",
    "--help",
]


@pytest.mark.parametrize("command", COMMANDS)
def test_it_says_the_same_and_ends_alike(command: str) -> None:
    anew = subprocess.run(
        [sys.executable, "-m", "sla_audit", *command.split()], cwd=ROOT, input=LOG, capture_output=True, check=False
    )
    ready = piped(LOG, *command.split(), folder=ROOT)
    assert (ready.returncode, ready.stdout, ready.stderr) == (anew.returncode, anew.stdout, anew.stderr)


def test_nothing_of_one_is_left_to_the_next(tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_bytes(LOG)
    usual = ("compute", "log.csv", "--as-of", "2026-11-20")
    before = sla_audit(*usual, folder=tmp_path).stdout
    assert sla_audit(*usual, folder=tmp_path, variables={"SLA_AUDIT_LANG": "zh"}).stdout != before
    assert sla_audit(*usual).returncode == 2  # there is no such log in another folder
    assert sla_audit(*usual, folder=tmp_path).stdout == before
