"""Logs that come as a stream, from standard input or a pipe: kept in a temporary file, so that they can be read again.

Whoever reads a log looks at its beginning first, cuts it into ranges, and knows it again by its bytes: none of that is
possible where bytes come once.
"""

from __future__ import annotations

import os
import select
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, wait
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

from sla_audit.errors import InputError, Problem, cannot_be_read, renamed
from sla_audit.intake.bytes.compression import packing_in
from sla_audit.intake.sources.finder import STDIN
from sla_audit.intake.sources.source import Source
from sla_audit.sentence import Sentence, as_phrase, said_by, to_say
from sla_audit.system.temporary import TemporaryFolder

_BYTES_A_BLOCK = 1 << 20
_BYTES_A_LOOK = 512
_SECONDS_BETWEEN_LOOKS = 0.1
_PACKED = {"gzip": ".gz", "zstd": ".zst"}


@contextmanager
def spooled(sources: Sequence[Source]) -> Iterator[tuple[Source, ...]]:
    """Give sources of which each stream is a file, as long as they are needed; then, whatever happens, it is gone.

    Streams are read to their end one after the other. Raises `InputError` for one that cannot be read or kept, and lets
    every `InputError` from within name the streams as the user did.
    """
    if not any(source.is_stream for source in sources):
        yield tuple(sources)
        return
    with closing(TemporaryFolder()) as folder:
        kept = tuple(
            _kept(source, folder.path / str(number)) if source.is_stream else source
            for number, source in enumerate(sources, 1)
        )
        try:
            yield kept
        except InputError as error:
            names = {source.path.as_posix(): source.shown for source in kept if source.path.parent == folder.path}
            raise InputError(*(renamed(problem, names) for problem in error.problems)) from error


def _kept(source: Source, place: Path) -> Source:
    """Read a stream into a file, whose suffix says what it holds: of the packing, its first bytes tell."""
    try:
        descriptor = os.dup(0) if source.said == STDIN else _opened(source.path)
        try:
            head = _read(descriptor)
            while len(head) < _BYTES_A_LOOK and (more := _read(descriptor)):
                head += more
            if not head and not source.kind.is_text:  # of text, nothing is a log without rows
                remedy = to_say("Look whether what writes to it has failed.")
                raise InputError(
                    Problem(
                        source.shown,
                        Sentence(
                            "is empty, not a byte came; expected a {title} file", title=as_phrase(source.kind.title)
                        ),
                        remedy,
                    )
                )
            packing = packing_in(head) if source.kind.is_text else None
            suffix = source.kind.suffixes[0] + ("" if packing is None else _PACKED[packing])
            path = place.with_name(place.name + suffix)
            _write(path, head, descriptor, source)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise InputError(cannot_be_read(source.shown, error, to_say("Check it."))) from error
    return replace(source, path=path, said=source.shown, is_stream=False)


def _opened(path: Path) -> int:
    """Open a pipe, which takes until somebody writes to it: aside, so that Ctrl-C is not waited for as well."""
    opened: Future[int] = Future()

    def work() -> None:
        try:
            opened.set_result(os.open(path, os.O_RDONLY))
        except OSError as error:
            opened.set_exception(error)

    threading.Thread(target=work, daemon=True).start()
    while not opened.done():
        wait([opened], timeout=_SECONDS_BETWEEN_LOOKS)
    return opened.result()


def _read(descriptor: int) -> bytes:
    """Read what there is; nothing at the end. Polars restarts what a signal interrupts: nothing may wait for long."""
    while os.name == "posix" and not select.select([descriptor], [], [], _SECONDS_BETWEEN_LOOKS)[0]:
        pass
    return os.read(descriptor, _BYTES_A_BLOCK)


def _write(path: Path, head: bytes, descriptor: int, source: Source) -> None:
    with path.open("wb") as file:
        block = head
        while block:
            try:
                file.write(block)
                file.flush()
            except OSError as error:
                found = Sentence("cannot be kept in a temporary file: {why}", why=said_by(error))
                remedy = to_say("Make room, name a folder that has some in the variable TMPDIR, or give a file.")
                raise InputError(Problem(source.shown, found, remedy)) from error
            block = _read(descriptor)
