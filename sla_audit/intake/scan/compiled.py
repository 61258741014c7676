"""Loops over bytes, compiled where numba is installed, and kept compiled in a folder of the user's own.

Each module that has such loops decorates them here. Without numba they stay what they are, Python, which gives the same
and takes a hundred times as long.
"""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any, TypeVar, cast

numba: Any
try:
    numba = import_module("numba")
except ImportError:
    numba = None

_Loop = TypeVar("_Loop", bound=Callable[..., Any])
_OTHERS_MAY_WRITE = 0o022


def _cache() -> Path | None:
    """Give the folder for compiled loops, made anew for each version of their text; None where none can be had.

    What is in it is run, so nobody else may be able to write to it. Numba by itself would write beside the package, and
    would not see that a loop has changed which another one calls.
    """
    text = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        text.update(path.read_bytes())
    base = os.environ.get("NUMBA_CACHE_DIR") or os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA")
    try:
        of_user = Path(base) if base else Path.home() / ".cache"
        checked = "-checked" if numba.config.BOUNDSCHECK else ""
        place = of_user / "sla-audit" / f"{text.hexdigest()[:16]}-{sys.implementation.cache_tag}{checked}"
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        (place / "writable").touch()
        found = place.stat()
    except (OSError, RuntimeError):  # no home, or one that is not to be written to
        return None
    if os.name == "posix" and (found.st_uid != os.geteuid() or found.st_mode & _OTHERS_MAY_WRITE):
        return None
    return place


CACHE = None if numba is None else _cache()
"""Where compiled loops are kept; None where they cannot be."""


def compiled(loop: _Loop) -> _Loop:
    """Compile a loop as a part of those that call it."""
    return _compiled(loop, forceinline=True, no_cpython_wrapper=True)


def entry(loop: _Loop) -> _Loop:
    """Compile a loop that Python calls when it is first run, so that it runs beside those of other threads."""
    return _compiled(loop, nogil=True)


def _compiled(loop: _Loop, **options: bool) -> _Loop:
    """Compile a loop. None makes any array, so none counts who holds one: that took longer than all else."""
    if numba is None:
        return loop
    before = numba.config.CACHE_DIR
    numba.config.CACHE_DIR = "" if CACHE is None else str(CACHE)
    try:
        return cast(_Loop, numba.njit(loop, cache=CACHE is not None, no_cfunc_wrapper=True, _nrt=False, **options))
    finally:
        numba.config.CACHE_DIR = before
