"""Runs on logs in an S3-compatible store: the figures of local files, or exit 2, whatever the network does."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.program import ROOT, sla_audit
from tests.storage.proxy import Asked, Fault, Faulty, Proxy

RCLONE = shutil.which("rclone")
pytestmark = pytest.mark.skipif(RCLONE is None, reason="rclone, which serves a store here, is not installed")
KEY, SECRET = "TESTKEY000", "TESTSECRET"
CONFIG = "s3://bucket/sample/sla-audit.toml"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, int]]:
    """A store with the sample month in it: its folder and its port."""
    folder = tmp_path_factory.mktemp("store")
    shutil.copytree(ROOT / "sample_logs", folder / "bucket" / "sample")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = [str(RCLONE), "serve", "s3", str(folder), "--addr", f"127.0.0.1:{port}", "--auth-key", f"{KEY},{SECRET}"]
    with subprocess.Popen([*server, "--dir-cache-time", "0s"], stderr=subprocess.DEVNULL) as process:
        while True:
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                break
            except ConnectionRefusedError:
                time.sleep(0.05)
        yield folder, port
        process.kill()


def run(proxy: Proxy, *arguments: str) -> subprocess.CompletedProcess[str]:
    variables = {
        "AWS_ENDPOINT_URL": proxy.url,
        "AWS_ACCESS_KEY_ID": KEY,
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    return sla_audit(*arguments, "--quiet", variables=variables)


def first_fetch(fault: Fault, times: int = 1) -> Faulty:
    """Let the first times that a log is fetched go wrong."""
    left = [times]

    def faulty(asked: Asked) -> Fault | None:
        if asked.method != "GET" or not asked.key.endswith("2026-10-a.csv") or not left[0]:
            return None
        left[0] -= 1
        return fault

    return faulty


@pytest.mark.parametrize(
    "fault",
    [None, Fault("status", 503), Fault("cut", 1000), Fault("short", 1000), Fault("kill")],
    ids=lambda fault: "none" if fault is None else fault.kind,
)
def test_a_fault_that_passes_changes_no_byte_of_the_report(
    store: tuple[Path, int], tmp_path: Path, fault: Fault | None
) -> None:
    out = tmp_path / "report.json"
    with Proxy(store[1], faulty=(lambda _: None) if fault is None else first_fetch(fault)) as proxy:
        done = run(proxy, "compute", "--config", CONFIG, "-o", str(out))
    assert (done.returncode, done.stderr) == (0, "")
    found = out.read_text().replace("s3://bucket/sample", "sample_logs")
    assert found == (ROOT / "sample_logs" / "expected.json").read_text()


@pytest.mark.parametrize("status", [403, 404])
def test_a_refusal_is_told_at_once_with_object_and_cause(store: tuple[Path, int], tmp_path: Path, status: int) -> None:
    out = tmp_path / "report.json"
    with Proxy(store[1], faulty=first_fetch(Fault("status", status), 99)) as proxy:
        done = run(proxy, "compute", "--config", CONFIG, "-o", str(out))
    assert done.returncode == 2
    assert "s3://bucket/sample/logs/2026-10-a.csv: cannot be fetched" in done.stderr
    assert "Traceback" not in done.stderr
    assert not out.exists()


def test_an_object_that_is_written_anew_meanwhile_is_refused(store: tuple[Path, int]) -> None:
    log = store[0] / "bucket" / "sample" / "logs" / "2026-10-a.csv"
    as_it_was = log.read_bytes()

    def rewrite(asked: Asked) -> None:
        if asked.method == "GET" and asked.key.endswith("2026-10-a.csv"):
            log.write_bytes(as_it_was.replace(b",502,", b",200,"))

    assert b",502," in as_it_was
    try:
        with Proxy(store[1], faulty=rewrite) as proxy:
            done = run(proxy, "compute", "--config", CONFIG)
    finally:
        log.write_bytes(as_it_was)
    assert done.returncode == 2
    assert "2026-10-a.csv: changed while it was read" in done.stderr


def test_a_parquet_file_of_3_mb_takes_at_most_4_requests(
    store: tuple[Path, int], parquet: Callable[[Path], None]
) -> None:
    parquet(store[0] / "bucket" / "large.parquet")
    with Proxy(store[1]) as proxy:
        done = run(proxy, "compute", "s3://bucket/large.parquet", "--as-of", "2026-11-20")
    assert done.returncode == 0, done.stderr
    assert 1 <= len(proxy.of("bucket/large.parquet")) <= 4


@pytest.fixture
def parquet() -> Callable[[Path], None]:
    def write(path: Path) -> None:
        rows = 150_000
        times = pa.array(range(rows), pa.int64())
        columns = {
            "timestamp": pa.array([1_790_900_000_000_000 + each.as_py() * 1_000_000 for each in times]).cast(
                pa.timestamp("us", "UTC")
            ),
            "account_id": ["acme"] * rows,
            "status": [200] * rows,
            "request_id": [f"{each * 2654435761 % 2**32:08x}{each:08x}" for each in range(rows)],
        }
        pq.write_table(pa.table(columns), path)
        assert 2 << 20 < path.stat().st_size < 4 << 20

    return write


def test_outputs_are_refused(store: tuple[Path, int]) -> None:
    with Proxy(store[1]) as proxy:
        done = run(proxy, "compute", "--config", CONFIG, "-o", "s3://bucket/report.json")
    assert done.returncode == 2
    assert "s3://bucket/report.json: is in an object store, to which nothing is written" in done.stderr
