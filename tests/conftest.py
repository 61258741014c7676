"""What many tests share: the built-in contract, and a whole audit of a few rows."""

from __future__ import annotations

import pytest

from sla_audit.contract.load import BUILT_IN, load_contract
from sla_audit.contract.model import Contract


@pytest.fixture(scope="session")
def contract() -> Contract:
    """The agreement that comes with the program."""
    return load_contract(BUILT_IN)
