"""How many examples of something costly are tried: fewer in every run than in a thorough one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

from hypothesis import HealthCheck, settings

T = TypeVar("T")
THOROUGH = 250
"""The examples of a property that says nothing of them, in the profiles of `tests/conftest.py` that look far."""


def costly(thorough: int) -> Any:
    """Give settings for so many examples where THOROUGH are the usual number, and as large a part of another number."""
    unlikely = (HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture)
    most = settings().max_examples
    return settings(max_examples=-(-thorough * most // THOROUGH), suppress_health_check=unlikely)


def some_of(values: Sequence[T], most: int) -> Sequence[T]:
    """Give all in a thorough run; else so many that lie evenly between the first and the last, and these."""
    last = len(values) - 1
    if last < most or settings().max_examples >= THOROUGH:
        return values
    return [values[last * at // (most - 1)] for at in range(most)]
