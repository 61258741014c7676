"""A Spark cluster on this machine: a master and two workers, processes of their own that start quickly."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.program import ROOT

QUICK_TO_START = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
CONFIGURED = f"""\
spark.driver.host 127.0.0.1
spark.driver.bindAddress 127.0.0.1
spark.driver.extraJavaOptions {QUICK_TO_START}
spark.executor.extraJavaOptions {QUICK_TO_START}
spark.executor.memory 512m
spark.ui.enabled false
"""
QUIET = """\
rootLogger.level = off
rootLogger.appenderRef.stdout.ref = console
appender.console.type = Console
appender.console.name = console
appender.console.layout.type = PatternLayout
logger.repl.name = org.apache.spark.api.python.PythonGatewayServer
logger.repl.level = off
"""
OF_JAVA = "WARNING: Using incubator modules: jdk.incubator.vector\n"
"""What Java says where Spark starts it, whatever is configured."""
EXECUTOR, PYTHON_ON_IT = "CoarseGrainedExecutorBackend", "pyspark.daemon"
_LOOKS = 1200


@dataclass(frozen=True)
class Cluster:
    """A master that listens, and the folder of its files."""

    master: str
    folder: Path

    def configured(self, name: str, **settings: str) -> dict[str, str]:
        """Give the variables of a driver's environment, with more of Spark's own settings."""
        folder = self.folder / name
        folder.mkdir(exist_ok=True)
        more = "".join(f"{key} {value}\n" for key, value in settings.items())
        (folder / "spark-defaults.conf").write_text(CONFIGURED + more)
        (folder / "log4j2.properties").write_text(QUIET)
        return {"SPARK_CONF_DIR": str(folder), "PYTHONPATH": str(ROOT), "SPARK_LOCAL_IP": "127.0.0.1"}

    def started(
        self, *arguments: str, folder: Path, variables: Mapping[str, str] | None = None
    ) -> subprocess.Popen[str]:
        """Start the program with its engine on this cluster."""
        command = [sys.executable, "-m", "sla_audit", *arguments, "--engine", "spark", "--spark-master", self.master]
        environment = {**os.environ, "NO_COLOR": "1", **(self.configured("conf") if variables is None else variables)}
        pipe = subprocess.PIPE
        return subprocess.Popen(command, cwd=folder, env=environment, stdout=pipe, stderr=pipe, text=True)

    def run(self, *arguments: str, folder: Path, variables: Mapping[str, str] | None = None) -> tuple[int, str]:
        """Run the program with its engine on this cluster, and give its exit code and what it says of errors."""
        with self.started(*arguments, folder=folder, variables=variables) as process:
            _, error = process.communicate()
        return process.returncode, error.removeprefix(OF_JAVA)

    def processes(self, *named: str) -> list[int]:
        """Give the processes of this cluster whose command has some words."""
        found = []
        for each in Path("/proc").iterdir():
            with suppress(OSError, ValueError):
                number, command = int(each.name), (each / "cmdline").read_text("utf-8", "replace")
                belongs = str(self.folder) in (each / "environ").read_text("utf-8", "replace")
                if belongs and any(name in command for name in named):
                    found.append(number)
        return found


def awaited(so: Callable[[], object]) -> None:
    """Wait until something is so."""
    for _ in range(_LOOKS):
        if so():
            return
        time.sleep(0.05)
    pytest.fail("never came there")


@contextmanager
def spark_cluster(folder: Path, disk: Path | None = None) -> Iterator[Cluster]:
    """Start a cluster of two workers, with a `disk` if any; skip, saying why, where there is no Java or no Spark."""
    if shutil.which("java") is None:
        pytest.skip("needs Java: apt-get install default-jre-headless")
    if find_spec("pyspark") is None:
        pytest.skip("needs Spark: pip install 'sla-audit[spark]'")
    port = _free_port()
    cluster = Cluster(f"spark://127.0.0.1:{port}", folder)
    place = ["--host", "127.0.0.1", "--webui-port", "0"]
    disk = folder if disk is None else disk
    processes = [_class(folder, "master.Master", *place, "--port", str(port), disk=disk)]
    try:
        awaited(lambda: _listens(port))
        for number in range(2):
            given = [*place, "--cores", "1", "--memory", "1g", "--work-dir", str(folder / f"worker-{number}")]
            processes.append(_class(folder, "worker.Worker", *given, cluster.master, disk=disk))
        yield cluster
    finally:
        for process in reversed(processes):
            process.terminate()
        for process in processes:
            process.wait()
        for number in cluster.processes(EXECUTOR, PYTHON_ON_IT):
            with suppress(ProcessLookupError):
                os.kill(number, signal.SIGKILL)


def _class(folder: Path, name: str, *arguments: str, disk: Path) -> subprocess.Popen[bytes]:
    found = find_spec("pyspark")
    assert found is not None
    assert found.origin is not None
    home = Path(found.origin).parent
    variables = {
        "SPARK_HOME": str(home),
        "SPARK_DAEMON_JAVA_OPTS": QUICK_TO_START,
        "SPARK_DAEMON_MEMORY": "256m",
        "SPARK_LOCAL_IP": "127.0.0.1",
        "SPARK_WORKER_DIR": str(folder / "work"),
        "SPARK_LOCAL_DIRS": str(disk),
        "PYTHONPATH": str(ROOT),
    }
    command: Sequence[str] = [str(home / "bin" / "spark-class"), f"org.apache.spark.deploy.{name}", *arguments]
    with (folder / f"{name}.log").open("ab") as log:
        return subprocess.Popen(command, env={**os.environ, **variables}, stdout=log, stderr=log)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


def _listens(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False
