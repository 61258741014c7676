"""A store with the sample month in it, behind a proxy, as the environment says; runs are in this process."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sla_audit.cli.main import run
from tests.builders.stores.proxy import Proxy
from tests.builders.stores.served import SAMPLE, Done, Run, Store, of_the_environment
from tests.builders.stores.server import Server


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """Serve a bucket with the sample logs below `sample`."""
    with Server() as server, Proxy(server.port) as proxy:
        server.put_folder("bucket/sample", SAMPLE)
        of_the_environment(monkeypatch, proxy)
        yield Store(server, proxy)


@pytest.fixture
def program(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run the program on arguments, in a wide terminal."""
    monkeypatch.setenv("COLUMNS", "200")

    def ran(*arguments: str) -> Done:
        capsys.readouterr()
        code = run([*arguments])
        out, err = capsys.readouterr()
        return Done(code, out, err)

    return ran
