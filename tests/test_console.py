"""Standard output that nobody reads, that cannot be written, or that knows no Chinese."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.program import ROOT

COMMAND = [sys.executable, "-m", "sla_audit", "compute", "--config", "sample_logs/sla-audit.toml", "--show", "all"]


@pytest.mark.parametrize(("option", "code"), [([], 0), (["--fail-on", "breach"], 1)])
def test_a_reader_that_goes_away_changes_no_exit_code(option: list[str], code: int) -> None:
    read, write = os.pipe()
    os.close(read)
    try:
        done = subprocess.run([*COMMAND, *option], cwd=ROOT, stdout=write, stderr=subprocess.PIPE, check=False)
    finally:
        os.close(write)
    assert b"Traceback" not in done.stderr
    assert done.returncode == code


def test_a_full_disk_is_told() -> None:
    with open("/dev/full", "w") as full:  # noqa: PTH123
        done = subprocess.run(COMMAND, cwd=ROOT, stdout=full, stderr=subprocess.PIPE, check=False)
    assert b"standard output: cannot be written: No space left on device" in done.stderr
    assert b"Traceback" not in done.stderr
    assert done.returncode == 2


def test_a_terminal_without_chinese_still_shows_the_contract() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "sla_audit", "contract", "show"],
        cwd=ROOT,
        env={**os.environ, "PYTHONIOENCODING": "latin-1", "PYTHONUTF8": "0"},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0
    assert b"\\u4eac\\u4e1c" in done.stdout
