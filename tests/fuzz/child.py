"""The process in which inputs are tried: one after the other, each answered with what came of it.

What the program prints goes to files. Memory is limited by the operating system; deaths are left to whoever watches.
"""

from __future__ import annotations

import contextlib
import faulthandler
import json
import os
import random
import resource
import shutil
import struct
import sys
import traceback
from pathlib import Path
from typing import Any, BinaryIO

from sla_audit.cli.streams import open_streams
from tests.fuzz.finding import FindingError, signature
from tests.fuzz.lines import Lines
from tests.fuzz.targets import TARGETS, Target

HEAD = struct.Struct("<QI")
"""What stands before each input: the seed of the chances that are taken in trying it, and its length."""

STACKS = "stacks.txt"
_MOST_MORE = 2 << 30  # of address space, which libraries reserve freely
_MOST_TAKEN = 400 << 20  # by one input; the program itself takes some 200 MB before it
_MOST_WRITTEN = 256 << 20
_STATUS = Path("/proc/self/status")


def serve(name: str, folder: Path) -> None:
    """Try inputs until there are no more."""
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    folder.mkdir(parents=True, exist_ok=True)
    stacks = (folder / STACKS).open("w")
    faulthandler.enable(stacks, all_threads=True)
    _send_streams_to(folder)
    target, lines = TARGETS[name], Lines()
    target.tried(_fresh(folder), target.seeds[0], random.Random(0))  # loads what is loaded late
    _limit()
    lines.start()
    while (asked := _next(requests)) is not None:
        seed, data = asked
        answer = _answer(target, _fresh(folder), data, random.Random(seed))
        answers.write(json.dumps(answer | {"lines": lines.take()}).encode() + b"\n")
        answers.flush()


def _next(requests: BinaryIO) -> tuple[int, bytes] | None:
    head = requests.read(HEAD.size)
    if len(head) < HEAD.size:
        return None
    seed, length = HEAD.unpack(head)
    return seed, requests.read(length)


def _answer(target: Target, folder: Path, data: bytes, chance: random.Random) -> dict[str, Any]:
    """Try an input; what is wrong has a `signature`."""
    _forget_peak()
    before = _memory("VmRSS")
    try:
        told = target.tried(folder, data, chance)
        if (taken := _memory("VmHWM") - before) > _MOST_TAKEN:
            raise FindingError("much memory", f"{taken >> 20} MB more than before")
    except BaseException as error:  # Polars' panics are no Exception
        if isinstance(error, KeyboardInterrupt):
            raise
        return {"told": "wrong", "signature": signature(error), "why": traceback.format_exc()}
    return {"told": told}


def _fresh(folder: Path) -> Path:
    work = folder / "work"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir()
    os.chdir(work)
    return Path()


def _send_streams_to(folder: Path) -> None:
    """Let standard input be empty, and let what is printed go to files that `program` reads."""
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    for descriptor, name in ((1, "out"), (2, "err")):
        os.dup2(os.open(folder / name, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND), descriptor)
    os.environ |= {"COLUMNS": "100", "NO_COLOR": "1"}
    open_streams()
    sys.stdin = open(0, closefd=False)  # noqa: SIM115


def _limit() -> None:
    if size := _memory("VmSize"):
        resource.setrlimit(resource.RLIMIT_AS, (size + _MOST_MORE, size + _MOST_MORE))
    resource.setrlimit(resource.RLIMIT_FSIZE, (_MOST_WRITTEN, _MOST_WRITTEN))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _memory(name: str) -> int:
    """Read a figure of this process's memory, in bytes; 0 where the system does not tell."""
    with contextlib.suppress(OSError):
        for line in _STATUS.read_text().splitlines():
            if line.startswith(f"{name}:"):
                return int(line.split()[1]) << 10
    return 0


def _forget_peak() -> None:
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")
