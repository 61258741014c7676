"""The program run within the process that tries inputs, and what must hold of any end of it."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Collection, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

from sla_audit.cli.main import EXIT_BUG, run
from sla_audit.intake.bytes import unpacking as packed
from sla_audit.intake.formats.csv import cuts as csv_pieces
from sla_audit.intake.formats.csv import fast as csv_fast
from sla_audit.intake.formats.csv import log as csv_log
from sla_audit.intake.formats.jsonl import log as json_log
from sla_audit.intake.formats.lines import log as lines_log
from sla_audit.intake.formats.parquet import log as parquet_log
from tests.fuzz.finding import FindingError, signature_of_traceback

_UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]")
_VALUES = re.compile(r"'[^']*'|\"[^\"]*\"|\S*\d\S*|[^\x20-\x7e]")


@dataclass(frozen=True)
class Ended:
    """How a run of the program ended, and what it printed."""

    code: int
    out: str
    err: str

    @property
    def told(self) -> str:
        """Say in short how it ended, alike for alike messages."""
        lines = [line for line in self.err.splitlines() if "error: " in line.lower()]
        said = _VALUES.sub("_", lines[0].partition(": ")[2])[:100] if lines and self.code == 2 else ""
        return f"exit {self.code}" + (f", {said}" if said else "")

    @property
    def json(self) -> dict[str, Any]:
        """Read the report that it printed."""
        return json.loads(self.out)  # type: ignore[no-any-return]


def sla_audit(
    *arguments: str, names: Collection[str], codes: Collection[int] = (0,), writes: Collection[str] = ()
) -> Ended:
    """Run the program, and see that it ends as documented.

    That is with one of `codes`, or with 2 and a message that names one of `names`; then nothing is on standard output,
    nor is any of the files that it `writes`. No character goes to a terminal that could change what is seen there.
    """
    for descriptor in (1, 2):
        os.ftruncate(descriptor, 0)
    code = run(list(arguments))
    sys.stdout.flush()
    sys.stderr.flush()
    ended = Ended(code, _printed(1), _printed(2))
    if code == EXIT_BUG:
        raise FindingError(signature_of_traceback(ended.err), f"{arguments}\n{ended.err}")
    if code not in {*codes, 2}:
        raise FindingError(f"exit {code}", f"{arguments}\n{ended.err}")
    for shown in (ended.out, ended.err):
        if found := _UNSAFE.search(shown):
            raise FindingError("unsafe character", f"{arguments}\n{found[0]!r} in {shown[:3000]!r}")
    written = [name for name in writes if Path(name).exists()]
    if code == 2:
        _see_refusal(arguments, ended, names, written)
    elif len(written) < len(writes):
        raise FindingError("nothing written", f"{arguments}\n{ended.err}")
    return ended


def _see_refusal(arguments: Collection[str], ended: Ended, names: Collection[str], written: list[str]) -> None:
    if ended.out or written:
        raise FindingError("written in spite of exit 2", f"{arguments}\n{ended.out[:500]} {written}\n{ended.err}")
    # Names are folded nowhere in messages; only those of options come with another word before them.
    if "rror: " not in ended.err or not any(name in ended.err for name in names):
        raise FindingError("a refusal that names nothing", f"{arguments}\n{ended.err}")


def _printed(descriptor: int) -> str:
    size = os.fstat(descriptor).st_size
    return os.pread(descriptor, size, 0).decode("utf-8", "backslashreplace")


@contextmanager
def pieces(size: int) -> Iterator[None]:
    """Let logs be read in pieces of so many bytes, and of few rows where that is little."""
    few = size < 1 << 20
    with ExitStack() as all_of_them:
        for module in (csv_log, json_log, lines_log):
            all_of_them.enter_context(mock.patch.object(module, "_BYTES_A_RANGE", size))
        if few:
            for module in (csv_pieces, csv_fast):
                all_of_them.enter_context(mock.patch.object(module, "_BYTES_A_LOOK", max(64, size)))
            all_of_them.enter_context(mock.patch.object(packed, "_BYTES_A_BLOCK", max(64, size)))
            all_of_them.enter_context(mock.patch.object(parquet_log, "_ROWS_A_BATCH", 4))
        yield


def see_sums(report: dict[str, Any]) -> None:
    """See that a report accounts for every row, and that its sums are those of its results."""
    places = report["rows"]
    if places["read"] != sum(rows for name, rows in places.items() if name != "read"):
        raise FindingError("rows do not add up", f"{places}")
    if places["counted"] != sum(result["requests"] for result in report["results"]):
        raise FindingError("results do not add up", f"{places}")
    for result in report["results"]:
        if result["requests"] != result["success"] + result["explicit_failure"] + result["excluded"]["total"]:
            raise FindingError("classes do not add up", f"{result}")
