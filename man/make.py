"""Write the man pages, one for each command, from the commands themselves.

`python man/make.py [FOLDER]` writes them to a folder such as ~/.local/share/man/man1, or else to man1 beside this file.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import click
from click_man.core import write_man_pages

from sla_audit import __version__
from sla_audit.cli.main import cli

_KEPT_LINES = re.compile(r"^\.PP\n\x08\n(.*?)(?=\n\.(?:PP|SH)|\s*\Z)", re.MULTILINE | re.DOTALL)
_TEXT_LIKE_A_MACRO = re.compile(r"^(?=[.'](?!(?:TH|SH|PP|TP|B|nf|fi)\b))", re.MULTILINE)


def make(folder: Path) -> list[Path]:
    """Write all pages to a folder, and list them."""
    folder.mkdir(parents=True, exist_ok=True)
    for command in _commands(cli):
        command.short_help = (command.help or "").strip().partition("\n")[0].rstrip(".")  # or else it is cut
    write_man_pages("sla-audit", cli, version=__version__, target_dir=str(folder))
    pages = sorted(folder.glob("sla-audit*.1"))
    for page in pages:
        page.write_text(_mended(page.read_text("utf-8")), encoding="utf-8")
    return pages


def _commands(command: click.Command) -> Iterator[click.Command]:
    yield command
    if isinstance(command, click.Group):
        for each in command.commands.values():
            yield from _commands(each)


def _mended(page: str) -> str:
    r"""Keep the lines of examples, which `\b` marks in the help, and take no text for a macro."""
    return _TEXT_LIKE_A_MACRO.sub(r"\\&", _KEPT_LINES.sub(r".PP\n.nf\n\1\n.fi", page))


if __name__ == "__main__":
    for path in make(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent / "man1"):
        print(path)
