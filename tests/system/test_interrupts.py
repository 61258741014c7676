"""Ctrl-C and SIGTERM wherever a run is: the exit code by convention, one line, nothing left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from sla_audit.system import interrupts
from sla_audit.system.interrupts import Interrupted, postponed
from tests.program import ROOT

CODES = {signal.SIGINT: 130, signal.SIGTERM: 143, signal.SIGHUP: 129}
LOG = "timestamp,account_id,status\n2026-11-01T00:00:00Z,a,200\n"


@pytest.fixture
def spool(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep temporary files in a folder of their own, and run in another."""
    spool, folder = tmp_path / "spool", tmp_path / "folder"
    spool.mkdir()
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(spool))
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.chdir(folder)
    (folder / "log.csv").write_text(LOG)
    return spool


@contextmanager
def running(*command: str) -> Iterator[subprocess.Popen[bytes]]:
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, *command], stdin=pipe, stdout=pipe, stderr=pipe) as process:
        try:
            yield process
        finally:
            process.kill()


def wait_for(process: subprocess.Popen[bytes], so: Callable[[], bool]) -> None:
    for _ in range(6000):
        if so():
            return
        assert process.poll() is None, process.communicate()
        time.sleep(0.01)
    pytest.fail("never came there")


def is_read(fifo: Path) -> bool:
    """Tell whether somebody waits for what is written to a pipe; the end stays open, and says nothing."""
    try:
        os.open(fifo, os.O_WRONLY | os.O_NONBLOCK)
    except OSError:
        return False
    return True


WAITING = {
    "for a config": "compute log.csv --config pipe",
    "for a contract": "compute log.csv --contract pipe",
    "for a dialect": "compute log.csv --dialect pipe",
    "for a saved report": "claim-check --report pipe",
    "for a report to render": "render pipe -o report.md",
    "for a log": "compute pipe --format csv -o report.json",
    "for a log of a tally": "tally pipe --format csv -o log.tally.parquet",
}


@pytest.mark.parametrize(("number", "code"), CODES.items())
@pytest.mark.parametrize("command", WAITING.values(), ids=WAITING)
def test_a_run_that_waits_for_a_pipe_can_be_ended(spool: Path, command: str, number: signal.Signals, code: int) -> None:
    os.mkfifo("pipe")
    with running("-m", "sla_audit", *command.split()) as process:
        wait_for(process, lambda: is_read(Path("pipe")))
        process.send_signal(number)
        _, said = process.communicate(timeout=60)
    assert process.returncode == code
    assert said.decode() == f"{interrupts.said(number)}\n"
    assert sorted(path.name for path in Path().iterdir()) == ["log.csv", "pipe"]
    assert list(spool.iterdir()) == []


@pytest.mark.parametrize(("number", "code"), CODES.items())
def test_a_run_that_waits_for_standard_input_can_be_ended(spool: Path, number: signal.Signals, code: int) -> None:
    with running("-m", "sla_audit", "compute", "-", "--format", "csv") as process:
        assert process.stdin is not None
        process.stdin.write(LOG.encode() * 1000)  # more than it looks at before it keeps anything
        process.stdin.flush()
        wait_for(process, lambda: any(spool.rglob("*.csv")))
        process.send_signal(number)
        assert process.wait(60) == code
    assert list(spool.iterdir()) == []


COUNTING = """
import os, sys, threading, time
from sla_audit.cli import start
from sla_audit.tally.dedup import spill as runs
runs._MOST_HELD = 0  # numbers go to a temporary file at once
keep = runs.SpillBuffer.keep
def kept(room, numbers):
    run = keep(room, numbers)
    if run.held is None:
        open("counting", "w").close()
        {stays}
    return run
runs.SpillBuffer.keep = kept
sys.argv = ["sla-audit", "compute", "log.csv", "-o", "report.json"]
start.main()
"""
UNTIL_TOLD = """
    while not os.path.exists("told"):
        time.sleep(0.01)
"""
STAYS = {"is soon done": UNTIL_TOLD.replace("\n", "\n    "), "never comes back": "time.sleep(3600)"}


@pytest.mark.parametrize(("number", "code"), CODES.items())
@pytest.mark.parametrize("stays", STAYS.values(), ids=STAYS)
def test_a_thread_that_counts_keeps_no_run_from_ending(
    spool: Path, stays: str, number: signal.Signals, code: int
) -> None:
    Path("log.csv").write_text(
        "timestamp,account_id,status,request_id\n" + "".join(f"2026-11-01T00:00:00Z,a,200,r{n}\n" for n in range(99))
    )
    with running("-c", COUNTING.format(stays=stays)) as process:
        wait_for(process, Path("counting").exists)
        process.send_signal(number)
        Path("told").touch()
        _, said = process.communicate(timeout=60)
    assert process.returncode == code
    assert said.decode().splitlines()[-1] == interrupts.said(number)
    assert b"Traceback" not in said
    assert list(spool.iterdir()) == []
    assert not Path("report.json").exists()


BUSY = """
import sys, time
from sla_audit.cli import start
import sla_audit.commands.{module} as module
def busy(*_, **__):
    open("busy", "w").close()
    {how}
setattr(module, "{function}", busy)
sys.argv = ["sla-audit", "compute", "log.csv", "-o", "report.json"]
start.main()
"""
PLACES = {
    "while judging": ("audit", "judge", "time.sleep(3600)"),
    "where no exception gets through": (
        "audit",
        "judge",
        "import ctypes; library, lock = ctypes.CDLL(None), ctypes.create_string_buffer(64); "
        "library.pthread_mutex_lock(lock); library.pthread_mutex_lock(lock)",  # waits for itself, whatever signal comes
    ),
    "while an exception of another kind is caught": (
        "audit",
        "judge",
        "\n    while True:\n        try: time.sleep(3600)\n        except Exception: pass",
    ),
}


@pytest.mark.parametrize(("number", "code"), CODES.items())
@pytest.mark.parametrize(("module", "function", "how"), PLACES.values(), ids=PLACES)
def test_a_run_can_be_ended_wherever_it_is(
    spool: Path, module: str, function: str, how: str, number: signal.Signals, code: int
) -> None:
    with running("-c", BUSY.format(module=module, function=function, how=how)) as process:
        wait_for(process, Path("busy").exists)
        process.send_signal(number)
        _, said = process.communicate(timeout=60)
    assert process.returncode == code
    assert said.decode().splitlines()[-1] == interrupts.said(number)
    assert b"Traceback" not in said
    assert not Path("report.json").exists()
    assert list(spool.iterdir()) == []


WRITING = """
import os, sys, time
from sla_audit.cli import start
from sla_audit.output.staging import Stage
do = Stage.{step}
def step(*given):
    if not os.path.exists("writing"):
        open("writing", "w").close()
        while not os.path.exists("told"):
            time.sleep(0.01)
    return do(*given)
Stage.{step} = step
sys.argv = ["sla-audit", "compute", "log.csv", "-o", "a.json", "-o", "b.csv", "--quiet"]
start.main()
"""


@pytest.mark.parametrize("step", ["prepare", "keep", "turn", "link", "settle", "remove"])
def test_outputs_are_as_they_were_or_all_are_new(spool: Path, step: str) -> None:
    Path("a.json").write_text("old")
    Path("b.csv").write_text("old")
    with running("-c", WRITING.format(step=step)) as process:
        wait_for(process, Path("writing").exists)
        process.send_signal(signal.SIGTERM)
        Path("told").touch()
        _, said = process.communicate(timeout=60)
    assert process.returncode == 143, said
    contents = [Path(name).read_text() for name in ("a.json", "b.csv")]
    assert contents == ["old", "old"] or (contents[0].startswith("{") and contents[1].startswith("account_id,"))
    assert not any(Path(name).is_symlink() for name in ("a.json", "b.csv"))
    assert not Path(".sla-audit.lock").exists()


def test_what_whoever_started_the_run_has_ignored_stays_ignored(spool: Path) -> None:
    script = """
import signal, os, sys
signal.signal(signal.SIGHUP, signal.SIG_IGN)
from sla_audit.system.interrupts import end_in_good_order
end_in_good_order()
os.kill(os.getpid(), signal.SIGHUP)
print("goes on")
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "goes on\n")


def test_the_start_can_be_interrupted_before_anything_is_loaded(spool: Path) -> None:
    script = """
import os, signal, sys
class Slow:
    def find_spec(self, name, path=None, target=None):
        if name == "sla_audit.cli.main":
            os.kill(os.getpid(), signal.SIGINT)
sys.meta_path.insert(0, Slow())
from sla_audit.cli.start import main
main()
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (130, "")


class TestPostponed:
    @pytest.fixture(autouse=True)
    def _handled(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
        before = signal.signal(signal.SIGUSR1, interrupts._told)
        yield
        signal.signal(signal.SIGUSR1, before)
        interrupts._State.came, interrupts._State.pending, interrupts._State.postponed = None, None, 0

    def test_a_signal_waits_until_the_work_is_done(self) -> None:
        done = []

        def work() -> None:
            with postponed():
                os.kill(os.getpid(), signal.SIGUSR1)
                done.append("work")

        with pytest.raises(Interrupted) as raised:
            work()
        assert done == ["work"]
        assert raised.value.code == 128 + signal.SIGUSR1

    def test_it_waits_for_the_outermost(self) -> None:
        done = []

        def work() -> None:
            with postponed():
                with postponed():
                    os.kill(os.getpid(), signal.SIGUSR1)
                done.append("work")

        with pytest.raises(Interrupted):
            work()
        assert done == ["work"]

    def test_otherwise_it_comes_at_once_and_only_once(self) -> None:
        with pytest.raises(Interrupted):
            signal.raise_signal(signal.SIGUSR1)
        signal.raise_signal(signal.SIGUSR1)  # nothing that is being cleared away is stopped as well
