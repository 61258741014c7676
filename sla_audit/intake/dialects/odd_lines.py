"""Lines in which what closes a field also stands within one, as a client may have sent it where nothing escapes it.

Such a line is read where there is but one way to read it: where each field ends at the first place at which the line
may go on as its format does, and the same comes out from the end of the line backwards. Any other lies between these.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

_MOST_PLACES = 100
"""At so many places of a line an anchor is looked for: whoever writes more of them means no good."""


@dataclass(frozen=True)
class Anchors:
    """What stands between the fields that may have anything in them, from the beginning of a line to its end.

    Each is an expression with a group for each field in it; all but the first begin with the text that closes a field.
    """

    expressions: Sequence[re.Pattern[str]]
    begin: Sequence[str]

    def fields(self, line: str) -> tuple[str, ...] | None:
        """Give all fields of a line in their order; None where there is no way to read it, or more than one."""
        if any(line.count(text) > _MOST_PLACES for text in self.begin[1:]):
            return None
        forward = self._forward(line)
        if forward is None or forward != self._backward(line):
            return None
        found: list[str] = []
        end = 0
        for number, (start, anchor) in enumerate(zip(forward, self.expressions, strict=True)):
            match = anchor.match(line, start)
            if match is None:  # cannot be: it has just been found there
                return None
            found += ([line[end:start]] if number else []) + list(match.groups())
            end = match.end()
        return tuple(found)

    def _forward(self, line: str) -> list[int] | None:
        first = self.expressions[0].match(line)
        if first is None:
            return None
        starts, end = [0], first.end()
        for number, anchor in enumerate(self.expressions[1:], 1):
            found = (
                self._ends_at(line, number, end) if number == len(self.expressions) - 1 else anchor.search(line, end)
            )
            if found is None:
                return None
            starts.append(found.start())
            end = found.end()
        return starts

    def _ends_at(self, line: str, number: int, start: int) -> re.Match[str] | None:
        """Find the first place from which an anchor goes to the end of the line."""
        text, at = self.begin[number], start
        while (at := line.find(text, at)) >= 0:
            found = self.expressions[number].fullmatch(line, at)
            if found is not None:
                return found
            at += 1
        return None

    def _backward(self, line: str) -> list[int] | None:
        starts: list[int] = []
        end, is_last = len(line), True
        for number in range(len(self.expressions) - 1, 0, -1):
            text, anchor, at = self.begin[number], self.expressions[number], end
            while True:
                at = line.rfind(text, 0, min(at + len(text) - 1, end))
                if at < 0:
                    return None
                found = anchor.fullmatch(line, at) if is_last else anchor.match(line, at, end)
                if found is not None:
                    break
            starts.append(at)
            end, is_last = at, False
        return [0, *reversed(starts)]
