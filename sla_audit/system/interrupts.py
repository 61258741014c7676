"""What ends a run from outside, such as Ctrl-C: in good order where that is soon done, and else at once.

A signal becomes an exception in the main thread, so that whatever is in the making is cleared away on its way out. The
main thread may be where no exception gets through, deep in a library or waiting for a pipe that nobody writes to: a
thread that does nothing else ends the run then. No output is torn by that: see `output.atomic`.
"""

from __future__ import annotations

import os
import select
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from sla_audit.sentence import to_say

_SECONDS_OF_GRACE = 2.0
_LONGEST_POSTPONED = 30.0
_ERROR = 2
_SIGNALS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))


class Interrupted(BaseException):
    """The run is to end: `number` is that of the signal. Nothing that catches exceptions of a program catches it."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number

    @property
    def code(self) -> int:
        """The exit code that shells give to a process that a signal ended."""
        return exit_code(self.number)

    def __str__(self) -> str:
        """Say what was done."""
        return said(self.number)


class _State:
    """Whether a signal came, and whether it has to wait."""

    installed = False
    came: int | None = None
    postponed = 0
    pending: int | None = None


_before_the_end: list[Callable[[], None]] = []


def before_the_end(clear: Callable[[], None]) -> None:
    """Have something cleared away, by another thread than the main one, where the run has to end at once."""
    _before_the_end.append(clear)


def exit_code(number: int) -> int:
    """Give the exit code for a signal: 130 for Ctrl-C, 143 for SIGTERM."""
    return 128 + number


def came() -> int | None:
    """Give the number of the signal that came; what fails after that may be its doing: libraries wrap exceptions."""
    return _State.came


def said(number: int) -> str:
    """Say what became of a run that a signal ended."""
    if number == signal.SIGINT:
        return to_say("interrupted; outputs are as they were, or all are new")
    return to_say("terminated; outputs are as they were, or all are new")


def end_in_good_order() -> None:
    """Let signals that end a process end this one as this module says, unless whoever started it has them ignored."""
    if _State.installed or threading.current_thread() is not threading.main_thread():
        return
    _State.installed = True
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    threading.Thread(target=_watch, args=(reading,), daemon=True).start()
    for each in _SIGNALS:
        if signal.getsignal(each) is not signal.SIG_IGN:
            signal.signal(each, _told)


@contextmanager
def postponed() -> Iterator[None]:
    """Let a signal wait until something is done that takes but a moment and must not stop half-way."""
    if threading.current_thread() is not threading.main_thread():
        yield  # exceptions of signals are the main thread's
        return
    _State.postponed += 1
    try:
        yield
    finally:
        _State.postponed -= 1
        if _State.pending is not None and not _State.postponed:
            number, _State.pending = _State.pending, None
            raise Interrupted(number)


def _told(number: int, _frame: FrameType | None) -> None:
    if _State.came is not None:
        return  # what is being cleared away is not to be stopped as well; a second signal is for `_watch`
    _State.came = number
    if _State.postponed:
        _State.pending = number
    else:
        raise Interrupted(number)


def _watch(reading: int) -> None:
    """End the run at once where it does not end by itself, or is told to a second time."""
    number = 0
    while number not in _SIGNALS:
        number = os.read(reading, 1)[0]
    waited = 0.0
    while not select.select([reading], [], [], _SECONDS_OF_GRACE)[0]:
        waited += _SECONDS_OF_GRACE
        if not _State.postponed or waited > _LONGEST_POSTPONED:
            break
    for clear in _before_the_end:
        clear()
    try:
        os.set_blocking(_ERROR, False)  # nobody may read it
        os.write(_ERROR, f"{said(number)}\n".encode())
    except OSError:
        pass
    os._exit(exit_code(number))
