"""Days of a report."""

from __future__ import annotations

DAYS = [
    {"date": "2026-10-01", "success": 9, "explicit_failure": 1, "excluded": {"total": 1, "by_clause": {"4": 1}}},
    {
        "date": "2026-10-02",
        "success": 8,
        "explicit_failure": 0,
        "excluded": {"total": 3, "by_clause": {"4": 1, "12": 2}},
    },
]
