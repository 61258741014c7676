"""Which APIs of a gateway belong to the service."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase


def of_service(api: str | None, patterns: Sequence[str]) -> bool:
    """Tell whether an API is one of those that globs ask for; without globs, all are."""
    return not patterns or any(fnmatchcase(api or "", pattern) for pattern in patterns)
