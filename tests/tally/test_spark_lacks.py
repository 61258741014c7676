"""What Spark lacks, or has lost, is one message with the next step, and no figure."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from sla_audit.cli.main import run
from sla_audit.errors import InputError
from sla_audit.tally.afar import versions
from sla_audit.tally.afar.versions import with_versions, without_versions
from sla_audit.tally.spark.failures import told

LOG = "timestamp,account_id,status\n2026-10-01T00:00:00Z,a,200\n"
COMPUTE = ("compute", "log.csv", "--as-of", "2026-11-20", "-o", "report.json", "--engine", "spark")


@pytest.fixture
def log(folder: Path) -> Path:
    (folder / "log.csv").write_text(LOG)
    return folder / "log.csv"


def of_python(last: str) -> str:
    return f"An exception was thrown from the Python worker:\nTraceback (most recent call last):\n  File x\n{last}\n"


TOLD = [
    (
        of_python("ModuleNotFoundError: No module named 'sla_audit.tally'"),
        "Spark's workers: have no module sla_audit.tally, or another than this run",
    ),
    (
        "[PYTHON_VERSION_MISMATCH] Python in worker has different version: 3.12 than that in driver: 3.11",
        "Spark's workers: have another Python than this run",
    ),
    (
        of_python("OSError: [Errno 28] No space left on device: '/tmp/x'"),
        "Spark: could not finish: OSError: [Errno 28] No space left on device: '/tmp/x'",
    ),
    (
        "Job aborted due to stage failure: Task 1 failed 4 times\njava.io.IOException: No space left on device\n",
        "Spark: could not finish: No space left on device",
    ),
    (
        "Job aborted: ExecutorLostFailure (executor 3 exited unrelated to the running tasks) Reason: lost\nat x",
        "Spark: could not finish: ExecutorLostFailure (executor 3 exited unrelated to the running tasks) Reason: lost",
    ),
    ("Cannot call methods on a stopped SparkContext.\nat x", "Spark: could not finish: stopped SparkContext"),
    ("something new\nat x", "Spark: could not finish: something new"),
    ("", "Spark: could not finish: RuntimeError"),
]


@pytest.mark.parametrize(("said", "expected"), TOLD)
def test_what_a_user_can_mend_is_told_in_a_line(said: str, expected: str) -> None:
    found = told(RuntimeError(said))
    assert isinstance(found, InputError)
    assert str(found).splitlines()[0] == expected


def test_a_bug_on_a_worker_keeps_its_traceback() -> None:
    error = RuntimeError(of_python("KeyError: 'account_id'"))
    assert told(error) is error


def test_the_versions_here_are_those_of_a_run_that_was_started_here() -> None:
    assert without_versions(with_versions(b"what\nis sent")) == b"what\nis sent"


@pytest.mark.parametrize("name", versions.versions())
def test_other_versions_are_refused(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    sent = with_versions(b"work")
    other = versions.versions() | {name: "0.0"}
    monkeypatch.setattr(versions, "versions", lambda: other)
    with pytest.raises(InputError, match=rf"has {name} 0\.0, and the run was started with "):
        without_versions(sent)


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert run([*COMPUTE, *arguments]) == 2
    assert not Path("report.json").exists()
    return capsys.readouterr().err


def test_without_spark(log: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyspark", None)
    monkeypatch.setitem(sys.modules, "pyspark.sql", None)
    error = refused(capsys)
    assert error.startswith("error: --engine spark: needs Spark's Python packages: ")
    assert error.endswith("\n  pip install 'sla-audit[spark]'\n")


@pytest.fixture
def spark(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have Spark's packages, of which nothing is called before something is found missing."""

    class Never:
        @property
        def builder(self) -> Any:
            raise AssertionError("was started")

    package, sql = ModuleType("pyspark"), ModuleType("pyspark.sql")
    sql.__dict__["SparkSession"] = Never()
    monkeypatch.setitem(sys.modules, "pyspark", package)
    monkeypatch.setitem(sys.modules, "pyspark.sql", sql)
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "grpc_proxy"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.usefixtures("spark")
def test_without_java(
    log: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    assert refused(capsys).startswith("error: --engine spark: needs Java, which is not found\n  Install Java")


@pytest.mark.usefixtures("spark")
@pytest.mark.parametrize(
    "master", ["spark://127.0.0.1:1", "sc://127.0.0.1:1/;token=x", "spark://127.0.0.1:1,127.0.0.1:2"]
)
def test_where_nobody_listens(master: str, log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    error = refused(capsys, "--spark-master", master)
    assert error.startswith(
        f"error: {master.partition(';')[0]}: Spark cannot be started: Connection refused\n  Check --spark-master"
    )


def test_a_master_without_its_engine(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*COMPUTE[:-2], "--spark-master", "spark://h:7077"]) == 2
    assert "--spark-master goes with --engine spark." in capsys.readouterr().err


@pytest.mark.usefixtures("spark")
def test_the_config_may_say_it(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("run.toml").write_text('engine = "spark"\nspark_master = "spark://127.0.0.1:1"\n')
    assert run([*COMPUTE[:-2], "--config", "run.toml"]) == 2
    assert "error: spark://127.0.0.1:1: Spark cannot be started" in capsys.readouterr().err
    assert run([*COMPUTE[:-1], "local", "--config", "run.toml"]) == 0
