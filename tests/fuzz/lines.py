"""Which lines of the package an input is the first to reach."""

from __future__ import annotations

import sys
import threading
from types import CodeType, FrameType
from typing import Any

import sla_audit

_PACKAGE = sla_audit.__file__.removesuffix("__init__.py")


class Lines:
    """Notes each line of the package once: `take` gives those that were reached since it was last asked.

    From Python 3.12 on the interpreter tells each line once and no more; before, functions are traced until every line
    of theirs has been reached.
    """

    def __init__(self) -> None:
        self._new: set[str] = set()
        self._left: dict[CodeType, set[int]] = {}

    def start(self) -> None:
        """Listen, in every thread."""
        if sys.version_info >= (3, 12):
            monitoring = sys.monitoring
            monitoring.use_tool_id(monitoring.COVERAGE_ID, "fuzz")
            monitoring.register_callback(monitoring.COVERAGE_ID, monitoring.events.LINE, self._told)
            monitoring.set_events(monitoring.COVERAGE_ID, monitoring.events.LINE)
        else:
            threading.settrace(self._called)
            sys.settrace(self._called)

    def take(self) -> list[str]:
        """Give the lines that are new, as `file:line`."""
        new = sorted(self._new)
        self._new.clear()
        return new

    def _note(self, code: CodeType, line: int) -> None:
        self._new.add(f"{code.co_filename.removeprefix(_PACKAGE)}:{line}")

    def _told(self, code: CodeType, line: int) -> Any:
        if code.co_filename.startswith(_PACKAGE):
            self._note(code, line)
        return sys.monitoring.DISABLE  # type: ignore[attr-defined, unused-ignore]  # of this line, for good

    def _called(self, frame: FrameType, event: str, argument: Any) -> Any:
        code = frame.f_code
        if not code.co_filename.startswith(_PACKAGE):
            return None
        left = self._left.get(code)
        if left is None:
            left = self._left[code] = {line for _, _, line in code.co_lines() if line is not None}
            left.discard(code.co_firstlineno)
            self._note(code, code.co_firstlineno)
        return self._reached if left else None

    def _reached(self, frame: FrameType, event: str, argument: Any) -> Any:
        left = self._left[frame.f_code]
        if event == "line" and frame.f_lineno in left:
            left.discard(frame.f_lineno)
            self._note(frame.f_code, frame.f_lineno)
        return self._reached if left else None
