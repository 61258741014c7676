"""The program as a user runs it: a process of its own, in a folder, at a width."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

ROOT = Path(__file__).parent.parent


def sla_audit(
    *arguments: str, folder: Path = ROOT, columns: int = 80, variables: Mapping[str, str] = MappingProxyType({})
) -> subprocess.CompletedProcess[str]:
    """Run the program with a terminal of the given width, without colour, and keep what it prints.

    `variables` are added to the environment.
    """
    environment = {**os.environ, "COLUMNS": str(columns), "NO_COLOR": "1", "PYTHONUTF8": "1", **variables}
    return subprocess.run(
        [sys.executable, "-m", "sla_audit", *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
