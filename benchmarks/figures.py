"""A digest of success, failures and excluded requests by account, the same for the same figures."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable


def digest(rows: Iterable[tuple[object, ...]]) -> str:
    """Digest rows of account, success, failures, excluded, in any order."""
    return hashlib.sha256("\n".join(sorted(",".join(map(str, row)) for row in rows)).encode()).hexdigest()[:16]
