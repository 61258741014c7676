"""Where compiled loops are kept: a folder of the user's own, anew for each version of their text and of numba."""

from __future__ import annotations

import hashlib
import os
import sys
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

_OTHERS_MAY_WRITE = 0o022


@lru_cache(maxsize=1)
def folder() -> Path | None:
    """Give the folder; None where none can be had, or there is no numba.

    What is in it is run, so nobody else may be able to write to it. Numba by itself would write beside the package, and
    would not see that a loop has changed which another one calls.
    """
    text = hashlib.sha256()
    for path in sorted(Path(__file__).parent.rglob("*.py")):
        text.update(path.read_bytes())
    base = os.environ.get("NUMBA_CACHE_DIR") or os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA")
    checked = "-checked" if os.environ.get("NUMBA_BOUNDSCHECK", "0") != "0" else ""
    try:
        of = f"{text.hexdigest()[:16]}-{sys.implementation.cache_tag}-numba-{version('numba')}{checked}"
        place = (Path(base) if base else Path.home() / ".cache") / "sla-audit" / of
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        (place / "writable").touch()
        found = place.stat()
    except (OSError, RuntimeError, PackageNotFoundError):  # no home, or one that is not to be written to
        return None
    if os.name == "posix" and (found.st_uid != os.geteuid() or found.st_mode & _OTHERS_MAY_WRITE):
        return None
    return place


def is_compiled(loops: str) -> bool:
    """Tell whether the loops of a format were compiled before."""
    place = folder()
    return place is not None and (place / loops).exists()


def note_compiled(loops: str) -> None:
    """Note that the loops of a format are compiled."""
    place = folder()
    if place is not None:
        (place / loops).touch()
