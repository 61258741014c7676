"""The help is documentation: complete, with examples that keep their lines."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.program import sla_audit

COMMANDS = [
    (),
    ("check",),
    ("compute",),
    ("render",),
    ("claim-check",),
    ("explain",),
    ("rows",),
    ("reconcile",),
    ("tally",),
    ("verify",),
    ("contract",),
    ("contract", "show"),
    ("contract", "check"),
    ("claim",),
    *(("claim", name) for name in ("list", "show", "file", "answer", "credit", "withdraw", "correct", "pack")),
]
WITH_EXAMPLES = [command for command in COMMANDS if command != ("contract",)]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_help_says_what_a_command_does(command: tuple[str, ...]) -> None:
    done = sla_audit(*command, "--help")
    assert done.returncode == 0
    assert done.stdout.startswith("Usage: sla-audit")
    assert "\\b" not in done.stdout
    assert all(len(line) <= 80 for line in done.stdout.splitlines())


@pytest.mark.parametrize("command", WITH_EXAMPLES, ids=" ".join)
def test_help_has_examples_on_lines_of_their_own(command: tuple[str, ...]) -> None:
    lines = [line.strip() for line in sla_audit(*command, "--help").stdout.splitlines()]
    start = next(at for at, line in enumerate(lines) if line.startswith("Example"))
    assert lines[start + 1].startswith("sla-audit " + " ".join(command[:1]))


def test_help_names_the_exit_codes() -> None:
    text = sla_audit("--help").stdout
    for code in ("0 ", "1 ", "2 ", "70 ", "130 "):
        assert f"\n    {code}" in text


@pytest.mark.parametrize("argument", ["--help", "--version"])
def test_start_up_imports_no_heavy_library(argument: str) -> None:
    script = (
        "import sys\nfrom sla_audit.cli.main import run\n"
        f"code = run([{argument!r}])\n"
        "heavy = {'polars', 'pyarrow', 'numpy', 'pydantic', 'rich', 'holidays'} & set(sys.modules)\n"
        "sys.exit(code or ', '.join(sorted(heavy)) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
