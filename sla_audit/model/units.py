"""What is owed where it is not money: calls, or days of service; documents name them as they do a currency."""

from __future__ import annotations

CALLS, DAYS = "calls", "days"
