"""Which APIs of a gateway belong to the service, and what else globs name."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase


def of_service(api: str | None, patterns: Sequence[str]) -> bool:
    """Tell whether an API is one of those that globs ask for; without globs, all are."""
    return not patterns or any(fnmatchcase(api or "", pattern) for pattern in patterns)


def is_one_of(code: str | None, patterns: Sequence[str]) -> bool:
    """Tell whether an answer has a code that globs name; one without a code has none of them."""
    return code is not None and any(fnmatchcase(code, pattern) for pattern in patterns)
