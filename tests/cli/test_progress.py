"""The progress line: what it tells of rows, and why counting them takes long."""

from __future__ import annotations

import io
import sys

import pytest

from sla_audit.cli.progress import progress_bar
from sla_audit.intake.fragments.account import ReadAccount


class Terminal(io.StringIO):
    """Standard error, as if somebody looked at it."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    shown = Terminal()
    monkeypatch.setattr(sys, "stderr", shown)
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("TERM", "xterm")
    return shown


def test_rows_that_no_quick_reader_knows_are_told(terminal: Terminal) -> None:
    with progress_bar(quiet=False) as told:
        assert told is not None
        told(ReadAccount(rows=1000), 10, 30)
        told(ReadAccount(rows=2000, one_by_one=1500), 20, 30)
    assert "3,000 rows" in terminal.getvalue()
    assert "(1,500 read one by one, which is slow)" in terminal.getvalue()


def test_nothing_is_said_of_them_where_there_are_none(terminal: Terminal) -> None:
    with progress_bar(quiet=False) as told:
        assert told is not None
        told(ReadAccount(rows=1000), 30, 30)
    assert "one by one" not in terminal.getvalue()


@pytest.mark.usefixtures("terminal")
def test_quiet_is_quiet() -> None:
    with progress_bar(quiet=True) as told:
        assert told is None
