"""The beginning of a run, which knows nothing yet of what is in stores."""

from __future__ import annotations

from sla_audit.storage import catalogue, insisting, objects, stores
from sla_audit.storage.settings import StorageSettings, use


def begin() -> None:
    """Forget what an earlier run of this process has seen, and was told."""
    use(StorageSettings())
    for module in (catalogue, insisting, objects, stores):
        module.forget()
