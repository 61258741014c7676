"""A child process that tries inputs, watched: where it dies or hangs, that is what came of the input."""

from __future__ import annotations

import json
import os
import selectors
import signal
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.fuzz.child import HEAD, STACKS
from tests.fuzz.finding import signature_of_death

_SECONDS_AN_INPUT = 300  # of the clock, where nothing is done any more; what is busy is ended before: see `child`
_SECONDS_TO_START = 120
_INPUTS_A_CHILD = 3000
_SECONDS_TO_DIE = 10


@dataclass(frozen=True)
class Came:
    """What came of an input, the lines that it was the first to reach, and what is wrong with it, if anything."""

    told: str
    lines: tuple[str, ...] = ()
    signature: str | None = None
    why: str = ""


class Worker:
    """Tries inputs of a target in a process, which is begun again where it ends, and now and then."""

    def __init__(self, target: str, folder: Path) -> None:
        self._target, self._folder = target, folder
        self._child: subprocess.Popen[bytes] | None = None
        self._tried = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._end()

    def tried(self, data: bytes, seed: int) -> Came:
        """Try an input."""
        began = self._child is None
        child = self._child = self._child or self._begin()
        assert child.stdin is not None
        with suppress(BrokenPipeError):  # it died before: then it does not answer either
            child.stdin.write(HEAD.pack(seed, len(data)) + data)
            child.stdin.flush()
        line = self._answer(child, _SECONDS_AN_INPUT + (_SECONDS_TO_START if began else 0))
        if line is None:
            return self._dead(child)
        self._tried += 1
        if self._tried % _INPUTS_A_CHILD == 0:
            self._end()
        answer = json.loads(line)
        return Came(answer["told"], tuple(answer["lines"]), answer.get("signature"), answer.get("why", ""))

    def _begin(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "tests.fuzz", "--child", str(self._folder), "--targets", self._target]
        few = {"POLARS_MAX_THREADS": "1", "OMP_NUM_THREADS": "1", "PYDANTIC_DISABLE_PLUGINS": "__all__"}
        self._folder.mkdir(parents=True, exist_ok=True)
        with (self._folder / "started.txt").open("wb") as told:
            return subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=told, env={**os.environ, **few}
            )

    def _answer(self, child: subprocess.Popen[bytes], seconds: float) -> bytes | None:
        """Wait for a line; None where the child ends or takes too long."""
        assert child.stdout is not None
        with selectors.DefaultSelector() as ready:
            ready.register(child.stdout, selectors.EVENT_READ)
            if not ready.select(seconds):
                return None
        return child.stdout.readline() or None

    def _dead(self, child: subprocess.Popen[bytes]) -> Came:
        """Say how a child that does not answer ended, with Python's stacks at that moment."""
        hangs = False
        try:
            child.wait(1)
        except subprocess.TimeoutExpired:
            hangs = True
            child.send_signal(signal.SIGABRT)
        self._end()
        how = "hang" if hangs else _how(child.returncode)
        stacks = self._folder / STACKS
        why = (self._folder / "started.txt").read_text(errors="replace")[-4000:]
        why += stacks.read_text(errors="replace")[:6000] if stacks.exists() else ""
        if not stacks.exists() or "ModuleNotFound" in why:
            raise RuntimeError(f"the child does not start: {why}")
        return Came("wrong", (), signature_of_death(how, stacks), why)

    def _end(self) -> None:
        child, self._child = self._child, None
        if child is None:
            return
        assert child.stdin is not None
        with suppress(BrokenPipeError):
            child.stdin.close()
        try:
            child.wait(_SECONDS_TO_DIE)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
        if child.stdout is not None:
            child.stdout.close()


def _how(code: int) -> str:
    return signal.Signals(-code).name if code < 0 else f"ended with {code}"
