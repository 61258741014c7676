"""The lines of the example crontab, run as cron does."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from tests.program import ROOT

EXAMPLES = ROOT / "examples"


PROGRAM = Path(sys.executable).with_name("sla-audit")


BARE = {"PATH": "/usr/bin:/bin"}


CRON_LINES = re.findall(r"^[\d*]+ .*$", (EXAMPLES / "crontab").read_text("utf-8"), re.MULTILINE)


def as_cron_does(line: str, home: Path) -> subprocess.CompletedProcess[str]:
    """Do as cron does: five fields, then a command for /bin/sh up to a bare %, with \\% as %."""
    command = line.split(maxsplit=5)[5]
    assert not re.search(r"(?<!\\)%", command)
    environment = {**BARE, "HOME": str(home), "LOGNAME": "somebody", "SHELL": "/bin/sh"}
    return subprocess.run(
        ["/bin/sh", "-c", command.replace("\\%", "%")],
        cwd=home,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def with_the_program(folder: Path) -> Path:
    """Put the program where the lines for cron look for it, and give the home of the user."""
    (folder / ".venv" / "bin").mkdir(parents=True)
    (folder / ".venv" / "bin" / "sla-audit").symlink_to(PROGRAM)
    return folder.parent
