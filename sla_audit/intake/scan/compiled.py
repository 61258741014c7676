"""Loops over bytes, compiled where numba is installed.

Each module that has such loops decorates them here. Without numba they stay what they are, Python, which gives the same
and takes a hundred times as long.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any, TypeVar, cast

from sla_audit.intake.scan.kept import folder

numba: Any
try:
    numba = import_module("numba")
except ImportError:
    numba = None

_Loop = TypeVar("_Loop", bound=Callable[..., Any])


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
    place = folder()
    before = numba.config.CACHE_DIR
    numba.config.CACHE_DIR = "" if place is None else str(place)
    try:
        return cast(_Loop, numba.njit(loop, cache=place is not None, no_cfunc_wrapper=True, _nrt=False, **options))
    finally:
        numba.config.CACHE_DIR = before
