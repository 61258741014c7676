"""What many tests share: the built-in contract, and properties that no slow machine fails."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings

from sla_audit.contract.load import BUILT_IN, load_contract
from sla_audit.contract.model import Contract

# The same code passes or fails in every run; `pytest --hypothesis-profile exploring` looks further.
settings.register_profile("steady", deadline=None, derandomize=True, database=None)
settings.register_profile("exploring", deadline=None)
settings.load_profile("steady")


@pytest.fixture(scope="session")
def contract() -> Contract:
    """The agreement that comes with the program."""
    return load_contract(BUILT_IN)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Be in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path
