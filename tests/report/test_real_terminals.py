"""The report on terminals as people have them, which are narrow, and which may want no colours: seen through a pty."""

from __future__ import annotations

import json
import os
import pty
import re
import struct
import subprocess
import sys
from fcntl import ioctl
from pathlib import Path
from termios import TIOCSWINSZ

import pytest
from rich.cells import cell_len

from sla_audit.report.numbers import money
from tests.program import ROOT

SAVED = Path("sample_logs/expected.json")
WHOLE = json.loads((ROOT / SAVED).read_text("utf-8"))
LISTED = [
    each
    for each in WHOLE["results"]
    if each["decision"] == "owed" or each["readings_differ"] or each["credit_rate"] not in (None, "0")
]
ESCAPE = re.compile(r"\x1b\[[0-9;]*m")
NARROW = (40, 50, 60)


def seen(columns: int, *arguments: str, **variables: str) -> str:
    """Run the program on a terminal so wide, and give what it writes there."""
    ours, theirs = pty.openpty()
    ioctl(theirs, TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    environment = {name: text for name, text in os.environ.items() if name not in ("COLUMNS", "LINES", "NO_COLOR")}
    environment |= {"TERM": "xterm-256color", "PYTHONUTF8": "1", "PAGER": "cat", **variables}
    with subprocess.Popen(
        [sys.executable, "-m", "sla_audit", *arguments], cwd=ROOT, env=environment, stdout=theirs, stderr=theirs
    ) as process:
        os.close(theirs)
        written = b""
        try:
            while part := os.read(ours, 1 << 16):
                written += part
        except OSError:  # so the end is told on Linux
            pass
    os.close(ours)
    assert process.returncode == 0, written
    return written.decode("utf-8").replace("\r\n", "\n")


def amount(result: dict[str, str | None]) -> str:
    return "?" if result["compensation"] is None else money(result["compensation"])


@pytest.mark.parametrize("columns", NARROW)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_account_stands_whole_beside_its_amount(columns: int, language: str) -> None:
    lines = ESCAPE.sub("", seen(columns, "render", str(SAVED), "--lang", language)).splitlines()
    assert LISTED
    for result in LISTED:
        of_account = [line for line in lines if line.split()[:1] == [result["account_id"]]]
        assert [amount(result) in line.split() for line in of_account] == [True], (result["account_id"], of_account)
        assert all(cell_len(line) <= columns for line in of_account)


@pytest.mark.parametrize("columns", NARROW)
def test_the_ids_of_exclusions_stand_whole(columns: int) -> None:
    lines = ESCAPE.sub("", seen(columns, "render", str(SAVED))).splitlines()
    for exclusion in WHOLE["exclusions"]:
        found = [line.split() for line in lines if line.startswith(exclusion["id"])]
        assert [(cells[0], cells[-1]) for cells in found] == [(exclusion["id"], f"{exclusion['requests']:,}")]


@pytest.mark.parametrize("columns", [*NARROW, 80])
def test_no_color_is_no_escape_at_all_and_the_same_words(columns: int) -> None:
    plain = seen(columns, "render", str(SAVED), NO_COLOR="1")
    coloured = seen(columns, "render", str(SAVED))
    assert "\x1b" not in plain
    assert "\x1b[" in coloured  # else there would be nothing to leave out
    assert ESCAPE.sub("", coloured) == plain


def test_an_id_that_is_wider_than_the_terminal_is_left_to_it(tmp_path: Path) -> None:
    """The terminal breaks the line, not the program: what is searched and copied is the whole id."""
    wide = "tier-two-of-photostudio-shanghai-prod-cn-north-1"
    path = tmp_path / "report.json"
    path.write_text((ROOT / SAVED).read_text("utf-8").replace('"tier-two"', f'"{wide}"'), "utf-8")
    lines = ESCAPE.sub("", seen(40, "render", str(path))).splitlines()
    place = lines.index(wide)
    assert lines[place + 1].strip() == "360.00"
