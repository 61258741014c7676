"""Progress of long work, on a terminal only: rows, bytes, rows a second, time left, and what makes it slow."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from sla_audit.cli.console import is_plain

if TYPE_CHECKING:
    from sla_audit.tally.engine import Progress as Told
    from sla_audit.tally.planner import Account


@contextmanager
def progress_bar(*, quiet: bool) -> Iterator[Told | None]:
    """Show a bar on stderr while logs are counted; None, and nothing shown, where stderr is no terminal."""
    if quiet or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("counting"),
        BarColumn(),
        DownloadColumn(),
        TextColumn("{task.fields[rows]:,} rows, {task.fields[speed]:,}/s{task.fields[slow]}"),
        TimeRemainingColumn(),
    )
    with Progress(
        *columns, console=Console(stderr=True, color_system=None if is_plain() else "auto"), transient=True
    ) as bar:
        task = bar.add_task("", total=None, rows=0, speed=0, slow="")
        lock, one_by_one = threading.Lock(), 0

        def advance(account: Account, size: int, total: int) -> None:
            nonlocal one_by_one
            with lock:
                state = bar.tasks[0]
                counted = state.fields["rows"] + account.rows
                one_by_one += account.one_by_one
                speed = int(counted / state.elapsed) if state.elapsed else 0
                bar.update(task, total=total, advance=size, rows=counted, speed=speed, slow=slowness(one_by_one))

        yield advance


def slowness(rows: int) -> str:
    """Say that so many rows were read one by one: it is odd rows, or a form that no quick reader knows."""
    return f" ({rows:,} read one by one, which is slow)" if rows else ""
