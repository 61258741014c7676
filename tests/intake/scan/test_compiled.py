"""Loops run compiled, with bounds checked, and as plain Python; and without numba nothing is scanned."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from sla_audit.intake.columns import ColumnMap
from sla_audit.intake.logs import open_logs
from sla_audit.intake.scan.scanners import WORTH_COMPILING, WORTH_LOADING, Scanners, scanning
from sla_audit.intake.sources.source import Source
from tests.builders.opened_logs import Log
from tests.oracles.both_paths import LOGS
from tests.program import ROOT

_CACHE = "from sla_audit.intake.scan.kept import folder; print(folder())"


def run(*arguments: str, **variables: str) -> str:
    environment = os.environ | variables
    done = subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize("way", ["NUMBA_BOUNDSCHECK", "NUMBA_DISABLE_JIT"])
def test_loops_read_alike_with_bounds_checked_and_as_plain_python(way: str) -> None:
    amount = ("--timestamps", "256", "--logs", "40")
    assert "no difference" in run("-W", "error", "-m", "tests.oracles.both_paths", *amount, **{way: "1"})


def test_without_numba_nothing_is_scanned(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "numba", None)
    assert scanning(1 << 40, wanted=True) is None
    kind = LOGS["json"]
    (tmp_path / kind.file).write_bytes(kind.seeds[0])
    (log,) = open_logs([Source(tmp_path / kind.file, kind.format)], ColumnMap(), (), ZoneInfo("UTC"), scan=True)
    assert sum(batch.num_rows for batch in Log(log).batches()) > 0


def test_scanners_that_are_sent_are_made_anew() -> None:
    sent = pickle.loads(pickle.dumps(Scanners(wanted=True)))
    assert sent.are_for("csv")


def test_little_text_is_not_scanned() -> None:
    assert scanning(1 << 20) is None
    assert scanning(1 << 40, wanted=False) is None


def test_loops_are_kept_where_nobody_else_writes(tmp_path: Path) -> None:
    found = Path(run("-c", _CACHE, XDG_CACHE_HOME=str(tmp_path), NUMBA_CACHE_DIR="").strip())
    assert found.is_relative_to(tmp_path)
    found.chmod(0o777)
    assert run("-c", _CACHE, XDG_CACHE_HOME=str(tmp_path), NUMBA_CACHE_DIR="").strip() == "None"


def test_loops_can_be_compiled_ahead() -> None:
    assert "compiled loops are kept in" in run("-m", "sla_audit.intake.scan")
    few = scanning(WORTH_LOADING)
    assert few is not None
    assert few.are_for("csv")
    assert few.are_for("json")
    assert few.are_for("lines")


def test_loops_that_are_not_compiled_are_for_much_text(tmp_path: Path) -> None:
    for size in (WORTH_LOADING, WORTH_COMPILING):
        told = f"from sla_audit.intake.scan.scanners import scanning; print(scanning({size}).are_for('json'))"
        found = run("-c", told, XDG_CACHE_HOME=str(tmp_path), NUMBA_CACHE_DIR="")
        assert found.strip() == str(size == WORTH_COMPILING)


def test_where_they_cannot_be_kept_nothing_is_scanned(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert run("-c", _CACHE, XDG_CACHE_HOME=str(tmp_path / "file"), NUMBA_CACHE_DIR="").strip() == "None"
