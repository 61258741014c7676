"""A store that others have written, rclone's, says what the one of these tests does; installed with the tests."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.builders.stores.proxy import Asked, Fault, Proxy
from tests.builders.stores.served import SAMPLE, Run, of_the_environment, sample_report

RCLONE = shutil.which("rclone", path=os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]))
pytestmark = pytest.mark.skipif(RCLONE is None, reason="rclone, which serves a store here, is not installed")
CONFIG = ("--config", "s3://bucket/sample/sla-audit.toml")
LOG = "bucket/sample/logs/2026-10-a.csv"


@pytest.fixture
def proxy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Proxy]:
    """Serve a bucket with the sample month in it, which the environment's keys may read."""
    folder = tmp_path / "served"
    shutil.copytree(SAMPLE, folder / "bucket" / "sample")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    of_server = ["serve", "s3", str(folder), "--addr", f"127.0.0.1:{port}", "--auth-key", "TESTKEY000,TESTSECRET"]
    with subprocess.Popen([str(RCLONE), *of_server], stderr=subprocess.DEVNULL) as process, Proxy(port) as proxy:
        of_the_environment(monkeypatch, proxy)
        while True:
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                break
            except ConnectionRefusedError:
                time.sleep(0.05)
        yield proxy
        process.kill()


def test_the_sample_has_its_report_and_that_is_written(proxy: Proxy, program: Run, tmp_path: Path) -> None:
    there = tmp_path / "served" / "bucket" / "report.json"
    done = program("compute", *CONFIG, "--quiet", "-o", "s3://bucket/report.json")
    assert (done.code, done.err) == (0, "")
    assert sample_report(there) == (SAMPLE / "expected.json").read_text(encoding="utf-8")


def test_wrong_keys_are_told(proxy: Proxy, program: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wrong")
    done = program("compute", "s3://bucket/sample/logs", "--as-of", "2026-11-20", "--quiet")
    assert done.code == 2
    assert "Check the credentials" in done.err
    assert "wrong" not in done.err


def test_an_answer_that_is_cut_is_asked_for_again(proxy: Proxy, program: Run, tmp_path: Path) -> None:
    left = [Fault("cut", 1000), Fault("short", 1000)]

    def faulty(asked: Asked) -> Fault | None:
        return left.pop() if asked.method == "GET" and asked.key == LOG and left else None

    proxy.faulty = faulty
    done = program("compute", *CONFIG, "--quiet", "-o", str(tmp_path / "report.json"))
    assert (done.code, done.err, left) == (0, "", [])
    assert sample_report(tmp_path / "report.json") == (SAMPLE / "expected.json").read_text(encoding="utf-8")
