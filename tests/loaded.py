"""A process that has loaded the program, and becomes it as often as it is asked: a run begins within milliseconds.

To load the libraries takes most of a second; to audit a small log, a tenth of that. Each run is a process of its own,
and what it changes ends with it: it is forked from this one, which has loaded all modules and done nothing else.
"""

from __future__ import annotations

import gc
import json
import os
import pkgutil
import socket
import subprocess
import sys
import time
import warnings
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from importlib import import_module
from pathlib import Path

import sla_audit

_DESCRIPTORS = 3
"""Standard input, output and error: they go with the first bytes of what is asked, which say how long it is."""
_LENGTH = 8


class Loaded:
    """The process, as seen from the one that asks."""

    def __init__(self, root: Path, environment: Mapping[str, str]) -> None:
        self._asking, other = socket.socketpair()
        with other:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.loaded", str(other.fileno())],
                cwd=root,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,  # so that streams are those that lead to no terminal
                pass_fds=[other.fileno()],
            )

    def run(
        self, arguments: Sequence[str], folder: Path, environment: Mapping[str, str], given: bytes | None
    ) -> subprocess.CompletedProcess[bytes]:
        """Run the program in a folder and keep what it prints; it is `given` something through a pipe, or nothing."""
        said, error = os.pipe(), os.pipe()
        source, sink = (os.open(os.devnull, os.O_RDONLY), None) if given is None else os.pipe()
        asked = json.dumps([list(arguments), str(folder), dict(environment)]).encode()
        socket.send_fds(self._asking, [len(asked).to_bytes(_LENGTH)], [source, said[1], error[1]])
        self._asking.sendall(asked)
        for descriptor in (source, said[1], error[1]):
            os.close(descriptor)
        with ThreadPoolExecutor(3) as pipes:
            if sink is not None and given is not None:
                pipes.submit(_give, sink, given)
            texts = list(pipes.map(_taken, (said[0], error[0])))
        code = int.from_bytes(_received(self._asking, _LENGTH), signed=True)
        return subprocess.CompletedProcess(list(arguments), code, *texts)

    def end(self) -> None:
        """Let it end: it does where nobody can ask any more."""
        self._asking.close()
        self._process.wait()


def _give(descriptor: int, given: bytes) -> None:
    with suppress(BrokenPipeError), open(descriptor, "wb") as stream:
        stream.write(given)


def _taken(descriptor: int) -> bytes:
    with open(descriptor, "rb") as stream:
        return stream.read()


def _received(stream: socket.socket, size: int) -> bytes:
    parts = bytearray()
    while len(parts) < size:
        part = stream.recv(size - len(parts))
        if not part:
            raise EOFError
        parts += part
    return bytes(parts)


def _serve(stream: socket.socket) -> None:
    """Fork a run for each that is asked for, and tell how it ended, until nobody asks."""
    while True:
        head, descriptors, _, _ = socket.recv_fds(stream, _LENGTH, _DESCRIPTORS)
        if not head:
            return
        head += _received(stream, _LENGTH - len(head))
        arguments, folder, environment = json.loads(_received(stream, int.from_bytes(head)))
        process = os.fork()
        if process == 0:
            stream.close()
            _become(arguments, folder, environment, descriptors)
        for descriptor in descriptors:
            os.close(descriptor)
        _, status = os.waitpid(process, 0)
        stream.sendall(os.waitstatus_to_exitcode(status).to_bytes(_LENGTH, signed=True))


def _become(arguments: list[str], folder: str, environment: dict[str, str], descriptors: list[int]) -> None:
    """Be the program, to its end."""
    for standard, descriptor in enumerate(descriptors):
        os.dup2(descriptor, standard)
        os.close(descriptor)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    time.tzset()
    sys.argv = ["sla_audit", *arguments]
    import_module("sla_audit.cli.start").main()
    sys.exit()  # past whoever served


def _load() -> None:
    for module in pkgutil.walk_packages(sla_audit.__path__, "sla_audit."):
        if module.name != "sla_audit.__main__":
            with suppress(ImportError):  # of an extra that is not there: a run that needs it says so
                import_module(module.name)
    for later in ("dateutil.tz", "holidays", "rich.table"):  # which commands import where they use them
        import_module(later)
    # Libraries have threads that wait; nothing was asked of any.
    warnings.filterwarnings("ignore", "This process .* is multi-threaded", DeprecationWarning)
    gc.collect()
    gc.freeze()


if __name__ == "__main__":
    with socket.socket(fileno=int(sys.argv[1])) as asked:
        _load()
        _serve(asked)
