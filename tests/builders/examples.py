"""How many examples a property is tried with that takes long over each: fewer in every run than in a thorough one."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, settings

THOROUGH = 250
"""The examples of a property that says nothing of them, in the profiles of `tests/conftest.py` that look far."""


def costly(thorough: int) -> Any:
    """Give settings for so many examples where THOROUGH are the usual number, and as large a part of another number."""
    unlikely = (HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture)
    most = settings().max_examples
    return settings(max_examples=-(-thorough * most // THOROUGH), suppress_health_check=unlikely)
