"""The engine on a Spark cluster: the same bytes as on threads, or exit code 2 and no file, whatever happens to it."""

from __future__ import annotations

import gzip
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.builders.spark_cluster import EXECUTOR, PYTHON_ON_IT, Cluster, awaited, spark_cluster
from tests.builders.stores.server import Server
from tests.program import ROOT, sla_audit

HEAD = "timestamp,account_id,status,content_flag,request_id\n"
OPTIONS = ("compute", "logs", "--as-of", "2026-11-20", "--cycle", "2026-10", "--quiet")


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with spark_cluster(tmp_path_factory.mktemp("spark")) as found:
        yield found


@pytest.fixture
def logs(folder: Path) -> Path:
    """Write logs in which requests come again: in one file, in another one, and with another status."""
    (folder / "logs").mkdir()
    lines = [
        f"2026-10-{number % 28 + 1:02}T{number % 24:02}:00:00Z,a{number % 5},{200 + number % 7 // 6 * 302},,r{number}\n"
        for number in range(3000)
    ]
    (folder / "logs" / "1.csv.gz").write_bytes(gzip.compress((HEAD + "".join(lines + lines[:40])).encode()))
    again = [line.replace(",200,", ",502,") for line in lines[30:60]]
    (folder / "logs" / "2.csv").write_text(HEAD + "".join(lines[1000:1100] + again))
    parquet(folder / "logs" / "3.parquet", 20_000)
    return folder / "logs"


def parquet(path: Path, rows: int) -> None:
    ids = [f"q{number}" for number in range(rows - 100)]
    table = pa.table(
        {
            "timestamp": pa.array(
                np.arange(rows) % (rows - 100) * 50_000 + 1_791_000_000_000, pa.timestamp("ms", "UTC")
            ),
            "account_id": pa.array([f"a{number % (rows - 100) % 7}" for number in range(rows)]),
            "status": pa.array(np.arange(rows) % (rows - 100) % 3 * 151 + 200, pa.int16()),
            "content_flag": pa.nulls(rows, pa.string()),
            "request_id": pa.array([*ids, *ids[:100]]),
        }
    )
    pq.write_table(table, path, row_group_size=4000)


def same(cluster: Cluster, folder: Path, *options: str, files: tuple[str, ...] = ("report.json",)) -> None:
    """Hold what a run on the cluster writes against what one on threads does, byte by byte."""
    assert cluster.run(*options, folder=folder) == (0, "")
    found = [(folder / name).read_bytes() for name in files]
    done = sla_audit(*options, folder=folder, variables={"PYTHONPATH": str(ROOT)})
    assert (done.returncode, done.stderr) == (0, "")
    assert [(folder / name).read_bytes() for name in files] == found


def test_the_sample_month(cluster: Cluster, folder: Path) -> None:
    shutil.copytree(ROOT / "sample_logs", folder / "sample_logs")
    same(cluster, folder, "compute", "--config", "sample_logs/sla-audit.toml", "-o", "report.json", "--quiet")


def test_requests_that_come_again_in_files_of_several_formats(cluster: Cluster, logs: Path) -> None:
    same(cluster, logs.parent, *OPTIONS, "-o", "report.json")


def test_logs_in_a_store(cluster: Cluster, logs: Path) -> None:
    with Server() as server:
        server.put_folder("bucket/logs", logs)
        storage = f'[storage]\nendpoint = "http://127.0.0.1:{server.port}"\nanonymous = true\n'
        (logs.parent / "c.toml").write_text(f'logs = "s3://bucket/logs"\n{storage}')
        same(cluster, logs.parent, "compute", "--config", "c.toml", *OPTIONS[2:], "-o", "report.json")


def test_rows_that_cannot_be_read_are_kept_or_refused(cluster: Cluster, logs: Path) -> None:
    (logs / "4.csv").write_text(HEAD + "2026-10-02T00:00:00Z,a1,200,,x1\n2026-10-02T00:00:00Z,a1,two hundred,,x2\n")
    kept = (*OPTIONS, "--max-rejected", "1", "--rejects", "rejects.csv", "-o", "report.json")
    same(cluster, logs.parent, *kept, files=("report.json", "rejects.csv"))
    (logs.parent / "report.json").unlink()
    local = sla_audit(*OPTIONS, "-o", "report.json", folder=logs.parent, variables={"PYTHONPATH": str(ROOT)})
    assert cluster.run(*OPTIONS, "-o", "report.json", folder=logs.parent) == (2, local.stderr)
    assert "logs/4.csv, line 3" in local.stderr
    assert not (logs.parent / "report.json").exists()


def test_an_executor_that_is_killed_is_made_up_for(cluster: Cluster, logs: Path) -> None:
    with cluster.started(*OPTIONS, "-o", "report.json", folder=logs.parent) as process:
        awaited(lambda: cluster.processes(PYTHON_ON_IT))  # which has yet to load what it counts with
        os.kill(cluster.processes(EXECUTOR)[0], signal.SIGKILL)
        process.communicate()
    assert process.returncode == 0
    found = (logs.parent / "report.json").read_bytes()
    sla_audit(*OPTIONS, "-o", "report.json", folder=logs.parent, variables={"PYTHONPATH": str(ROOT)})
    assert (logs.parent / "report.json").read_bytes() == found


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGKILL, -9)])
def test_a_driver_that_is_stopped_leaves_no_file_and_no_work(
    cluster: Cluster, logs: Path, number: int, code: int
) -> None:
    with cluster.started(*OPTIONS, "-o", "report.json", folder=logs.parent) as process:
        awaited(lambda: cluster.processes(PYTHON_ON_IT))
        process.send_signal(number)
        process.communicate()
    assert process.returncode == code
    assert [path.name for path in logs.parent.iterdir()] == ["logs"]
    awaited(lambda: not cluster.processes(EXECUTOR))


def test_workers_without_room_on_their_disks(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    tmp_path = tmp_path_factory.mktemp("small")
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(disk)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        pytest.skip("only root may mount a small file system, and not in every container")
    (folder / "logs").mkdir()
    parquet(folder / "logs" / "1.parquet", 400_000)
    try:
        with spark_cluster(tmp_path, disk) as cluster:
            code, error = cluster.run(*OPTIONS, "-o", "report.json", folder=folder)
    finally:
        subprocess.run(["umount", "--lazy", str(disk)], check=True)
    assert code == 2
    assert "Spark: could not finish: No space left on device" in error
    assert not (folder / "report.json").exists()


def test_logs_that_a_worker_does_not_see(cluster: Cluster, logs: Path) -> None:
    """As on another machine: the path means something else in a process that runs in another folder."""
    options = ("compute", "/proc/self/cwd/logs", *OPTIONS[2:])
    code, error = cluster.run(*options, "-o", "report.json", folder=logs.parent)
    assert code == 2
    assert error.startswith("error: /proc/self/cwd/logs/1.csv.gz: is not there on ")
    assert "which was to read it" in error


def test_other_code_on_the_workers(cluster: Cluster, logs: Path, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "sla_audit", tmp_path / "other" / "sla_audit", ignore=shutil.ignore_patterns("__pycache__"))
    with (tmp_path / "other" / "sla_audit" / "limits.py").open("a") as file:
        file.write("# an older one\n")
    other = python_of(logs.parent, f'export PYTHONPATH={tmp_path / "other"}:"$PYTHONPATH"')
    code, error = cluster.run(*OPTIONS, "-o", "report.json", folder=logs.parent, variables=other | base(cluster))
    assert code == 2
    assert "has sla-audit 0.1.0+" in error
    assert ", and the run was started with 0.1.0+" in error
    assert not (logs.parent / "report.json").exists()


def test_no_code_on_the_workers(cluster: Cluster, logs: Path, tmp_path: Path) -> None:
    (tmp_path / "none" / "sla_audit").mkdir(parents=True)
    (tmp_path / "none" / "sla_audit" / "__init__.py").write_text("")
    other = python_of(logs.parent, f'export PYTHONPATH={tmp_path / "none"}:"$PYTHONPATH"')
    code, error = cluster.run(*OPTIONS, "-o", "report.json", folder=logs.parent, variables=other | base(cluster))
    assert (code, error.splitlines()[0]) == (
        2,
        "error: Spark's workers: have no module sla_audit.tally, or another than this run",
    )


def base(cluster: Cluster) -> dict[str, str]:
    return cluster.configured("conf")


def python_of(folder: Path, before: str) -> dict[str, str]:
    """Have the workers take a Python before which something is done."""
    script = folder / "python"
    script.write_text(f'#!/bin/sh\n{before}\nexec {sys.executable} "$@"\n')
    script.chmod(0o755)
    return {"PYSPARK_PYTHON": str(script)}
