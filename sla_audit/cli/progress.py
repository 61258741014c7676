"""Progress of long work, on a terminal only: rows, bytes, rows a second, time left, and what makes it slow."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from sla_audit.cli.console import is_plain
from sla_audit.report.language import ENGLISH

if TYPE_CHECKING:
    from sla_audit.report.language import Words
    from sla_audit.tally.engine import Progress as Told
    from sla_audit.tally.planner import Account


@contextmanager
def progress_bar(words: Words = ENGLISH, *, quiet: bool) -> Iterator[Told | None]:
    """Show a bar on stderr while logs are counted; None, and nothing shown, where stderr is no terminal."""
    if quiet or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn(words.of("counting")),
        BarColumn(),
        DownloadColumn(),
        TextColumn("{task.fields[said]}"),
        TimeRemainingColumn(),
    )
    with Progress(
        *columns, console=Console(stderr=True, color_system=None if is_plain() else "auto"), transient=True
    ) as bar:
        task = bar.add_task("", total=None, rows=0, said="")
        lock, one_by_one = threading.Lock(), 0

        def advance(account: Account, size: int, total: int) -> None:
            nonlocal one_by_one
            with lock:
                state = bar.tasks[0]
                counted = state.fields["rows"] + account.rows
                one_by_one += account.one_by_one
                speed = int(counted / state.elapsed) if state.elapsed else 0
                said = words.say("{rows:,} rows, {speed:,}/s", rows=counted, speed=speed) + slowness(one_by_one, words)
                bar.update(task, total=total, advance=size, rows=counted, said=said)

        yield advance


def slowness(rows: int, words: Words = ENGLISH) -> str:
    """Say that so many rows were read one by one: it is odd rows, or a form that no quick reader knows."""
    return words.say(" ({rows:,} read one by one, which is slow)", rows=rows) if rows else ""
