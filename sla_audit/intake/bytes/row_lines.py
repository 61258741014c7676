"""On which line each row of a text stands, where every line that is not blank is a row."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

_LINE_END, _SPACE = ord("\n"), ord(" ")


def row_lines(text: bytes, rows: int, lines_before: int) -> npt.NDArray[np.int64] | None:
    """Give the line of each row, from 1 on; None where lines that are not blank are not as many as the rows.

    So it is, too, where CR alone ends some line, as readers of CSV have it.
    """
    if text.count(b"\r") != text.count(b"\r\n"):
        return None
    data = np.frombuffer(text, np.uint8)
    starts = np.append(0, np.flatnonzero(data == _LINE_END) + 1)
    starts = starts[starts < len(data)]
    says = data[starts] > _SPACE
    for at in np.flatnonzero(~says).tolist():
        end = int(starts[at + 1]) if at + 1 < len(starts) else len(text)
        says[at] = bool(text[int(starts[at]) : end].strip())
    lines = np.flatnonzero(says) + 1 + lines_before
    return lines if len(lines) == rows else None
