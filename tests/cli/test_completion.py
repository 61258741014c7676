"""Completion in a shell: ids, choices, words and files, without loading the libraries that count."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from sla_audit.contract.built_in import built_in_contracts
from sla_audit.intake.dialects.dialect import built_in_dialects
from tests.program import ROOT, sla_audit

PROGRAM = Path(sys.executable).with_name("sla-audit")
DIALECTS = list(built_in_dialects())


def completed(*words: str) -> list[tuple[str, str]]:
    """Complete the last word; give kind and value of what is offered."""
    variables = {
        "COMP_WORDS": " ".join(["sla-audit", *words]),
        "COMP_CWORD": str(len(words)),
        "_SLA_AUDIT_COMPLETE": "bash_complete",
    }
    done = sla_audit(variables=variables)
    assert done.returncode == 0, done.stderr
    return [(kind, value) for kind, _, value in (line.partition(",") for line in done.stdout.splitlines())]


OFFERS: dict[str, tuple[list[str], list[tuple[str, str]]]] = {
    "commands": (
        ["c"],
        [("plain", "check"), ("plain", "claim"), ("plain", "claim-check"), ("plain", "compute"), ("plain", "contract")],
    ),
    "options": (["compute", "--acc"], [("plain", "--accounts")]),
    "contracts": (["compute", "--contract", ""], [("file", ""), *(("plain", each) for each in built_in_contracts())]),
    "dialects": (["compute", "--dialect", ""], [("file", ""), *(("plain", each) for each in DIALECTS)]),
    "a dialect": (["tally", "--dialect", "kon"], [("file", "kon"), ("plain", "kong")]),
    "a contract to show": (
        ["contract", "show", "jdcloud-sm"],
        [("file", "jdcloud-sm"), ("plain", "jdcloud-smart-compose")],
    ),
    "a contract to check": (["contract", "check", "my"], [("file", "my")]),
    "choices": (["compute", "--show", ""], [("plain", "owed"), ("plain", "breached"), ("plain", "all")]),
    "months": (["compute", "--cycle", ""], [("plain", "last"), ("plain", "running"), ("plain", "all")]),
    "logs": (["compute", "lo"], [("file", "lo")]),
    "files": (["claim-check", "--report", "oct"], [("file", "oct")]),
}


@pytest.mark.parametrize(("words", "expected"), OFFERS.values(), ids=OFFERS)
def test_what_is_offered(words: list[str], expected: list[tuple[str, str]]) -> None:
    assert completed(*words) == expected


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_gets_its_script(shell: str) -> None:
    if shell == "bash" and shutil.which("bash") is None:
        pytest.skip("click asks bash for its version")
    done = sla_audit(variables={"_SLA_AUDIT_COMPLETE": f"{shell}_source"})
    assert done.returncode == 0, done.stderr
    assert f"_SLA_AUDIT_COMPLETE={shell}_complete" in done.stdout


@pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not installed")
def test_bash_completes_as_the_readme_says() -> None:
    script = (
        f'PATH="{PROGRAM.parent}:$PATH"\n'
        'eval "$(_SLA_AUDIT_COMPLETE=bash_source sla-audit)"\n'
        "complete -p sla-audit >/dev/null || exit 3\n"
        "compopt() { :; }\n"  # not to be had outside a completion that a key started
        "COMP_WORDS=(sla-audit compute --contract jdcloud-sm) COMP_CWORD=3\n"
        '_sla_audit_completion sla-audit\necho "${COMPREPLY[*]}"'
    )
    done = subprocess.run(["bash", "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout == "jdcloud-smart-compose\n"


@pytest.mark.skipif(shutil.which("fish") is None, reason="fish is not installed")
def test_fish_completes_as_the_readme_says() -> None:
    script = (
        f'set -x PATH "{PROGRAM.parent}" $PATH\n_SLA_AUDIT_COMPLETE=fish_source sla-audit | source\n'
        'complete -C "sla-audit compute --contract jdcloud-sm"'
    )
    done = subprocess.run(["fish", "-N", "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stdout == "jdcloud-smart-compose\n", done.stderr


@pytest.mark.parametrize("words", [case[0] for case in OFFERS.values()], ids=OFFERS)
def test_a_press_of_a_key_loads_no_heavy_library(words: list[str]) -> None:
    script = (
        "import os, sys\nfrom sla_audit.cli.main import run\n"
        f"os.environ.update(COMP_WORDS={' '.join(['sla-audit', *words])!r}, COMP_CWORD='{len(words)}')\n"
        "os.environ['_SLA_AUDIT_COMPLETE'] = 'bash_complete'\n"
        "try: run([])\nexcept SystemExit: pass\n"
        "heavy = {'polars', 'pyarrow', 'numpy', 'pydantic', 'rich', 'holidays'} & set(sys.modules)\n"
        "sys.exit(', '.join(sorted(heavy)) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
