"""What many tests share: the built-in contract, and properties that no slow machine fails."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest
from hypothesis import settings

from sla_audit.contract.load import BUILT_IN, load_contract
from sla_audit.contract.model import Contract
from tests.builders.examples import THOROUGH

# The same code passes or fails in every run; `pytest --hypothesis-profile thorough` looks further, and does so in every
# run; `exploring` looks elsewhere each time.
settings.register_profile("steady", max_examples=45, deadline=None, derandomize=True, database=None)
settings.register_profile("thorough", settings.get_profile("steady"), max_examples=THOROUGH)
settings.register_profile("exploring", deadline=None, max_examples=THOROUGH)
settings.load_profile("steady")

# A shell that starts tests in the background, or so that they outlive it, has them ignore signals that tests send, and
# all their processes too.
for number, handler in ((signal.SIGINT, signal.default_int_handler), (signal.SIGHUP, signal.SIG_DFL)):
    if signal.getsignal(number) is signal.SIG_IGN:
        signal.signal(number, handler)


@pytest.fixture(scope="session")
def contract() -> Contract:
    """The agreement that comes with the program."""
    return load_contract(BUILT_IN)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Be in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path
