"""Temporary folders, which are gone however a run ends."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from sla_audit.system.interrupts import before_the_end, postponed

_PREFIX = "sla-audit-"
_folders: set[Path] = set()


class TemporaryFolder:
    """A folder of its own below the system's for temporary files, until it is closed."""

    def __init__(self) -> None:
        with postponed():
            self.path = Path(tempfile.mkdtemp(prefix=_PREFIX))
            _folders.add(self.path)

    def close(self) -> None:
        """Remove the folder, with what is in it."""
        with postponed():
            shutil.rmtree(self.path, ignore_errors=True)
            _folders.discard(self.path)


def _remove_all() -> None:
    for path in list(_folders):
        shutil.rmtree(path, ignore_errors=True)


before_the_end(_remove_all)
