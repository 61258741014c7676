"""The program as a user runs it: a process of its own, in a folder, at a width."""

from __future__ import annotations

import atexit
import io
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

from tests.loaded import Loaded

ROOT = Path(__file__).parent.parent


def sla_audit(
    *arguments: str, folder: Path = ROOT, columns: int = 80, variables: Mapping[str, str] = MappingProxyType({})
) -> subprocess.CompletedProcess[str]:
    """Run the program with a terminal of the given width, without colour, and keep what it prints.

    `variables` are added to the environment. The process is forked from one that has loaded the program.
    """
    environment = {"COLUMNS": str(columns), "NO_COLOR": "1", "PYTHONUTF8": "1", **variables}
    done = _run(arguments, folder, environment)
    return subprocess.CompletedProcess(done.args, done.returncode, _text(done.stdout), _text(done.stderr))


def piped(given: bytes, *arguments: str, folder: Path) -> subprocess.CompletedProcess[bytes]:
    """Run the program in the same way with something on its standard input."""
    return _run(arguments, folder, {}, given)


def _run(
    arguments: Sequence[str], folder: Path, variables: Mapping[str, str], given: bytes | None = None
) -> subprocess.CompletedProcess[bytes]:
    environment = {**os.environ, **variables}
    del environment["POLARS_MAX_THREADS"]
    return _loaded().run(arguments, folder, environment, given)


def _text(said: bytes) -> str:
    with io.TextIOWrapper(io.BytesIO(said), "utf-8") as lines:
        return lines.read()


@cache
def _loaded() -> Loaded:
    """Load the program once for all tests of this process."""
    ready = {"PYTHONUTF8": "1", "OPENBLAS_NUM_THREADS": "1", "PYDANTIC_DISABLE_PLUGINS": "__all__"}
    loaded = Loaded(ROOT, {**os.environ, **ready})
    atexit.register(loaded.end)
    return loaded


@dataclass(frozen=True)
class Measured:
    """How a run ended: its exit code, or less the signal that ended it, what it said, and the most memory it held."""

    code: int
    error: str
    megabytes: int


_MEASURE = """
import os, resource, sys
seconds = int(sys.argv[1])
resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
process = os.posix_spawn(sys.executable, [sys.executable, "-m", "sla_audit", *sys.argv[2:]], os.environ)
_, status, used = os.wait4(process, 0)
print(os.waitstatus_to_exitcode(status), used.ru_maxrss)
"""
"""A process in between that has little memory: a new process begins with the measure of the one that makes it."""


def measured(*arguments: str, folder: Path, seconds: int = 120) -> Measured:
    """Run the program with outputs to files alone, and let the operating system measure its memory.

    After so many seconds on a processor it ends the program, too: then the code is below 0.
    """
    done = subprocess.run(
        [sys.executable, "-c", _MEASURE, str(seconds), *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    )
    code, kilobytes = done.stdout.splitlines()[-1].split()
    return Measured(int(code), done.stderr, int(kilobytes) >> 10)
