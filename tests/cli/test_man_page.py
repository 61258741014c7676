"""The man pages: one for each command, with all its options, and sound."""

from __future__ import annotations

import runpy
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from sla_audit.cli.main import cli
from tests.program import ROOT


def commands(command: click.Command, name: str) -> Iterator[tuple[str, click.Command]]:
    yield name, command
    if isinstance(command, click.Group):
        for each, below in command.commands.items():
            yield from commands(below, f"{name}-{each}")


COMMANDS = dict(commands(cli, "sla-audit"))


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    made = runpy.run_path(str(ROOT / "man" / "make.py"))["make"](tmp_path_factory.mktemp("pages") / "man1")
    return {page.stem: page for page in made}


def test_every_command_has_a_page(pages: dict[str, Path]) -> None:
    assert set(pages) == set(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_a_page_names_every_option_and_says_in_a_whole_sentence_what_it_does(pages: dict[str, Path], name: str) -> None:
    page = pages[name].read_text("utf-8").replace("\\-", "-")
    for parameter in COMMANDS[name].params:
        assert not isinstance(parameter, click.Option) or all(option in page for option in parameter.opts)
    assert "..." not in page.partition(".SH SYNOPSIS")[0]


def test_examples_keep_their_lines(pages: dict[str, Path]) -> None:
    page = pages["sla-audit-compute"].read_text("utf-8")
    start, end = page.index(".nf\nExamples:\n  sla-audit compute"), page.index("\n.fi")
    lines = (COMMANDS["sla-audit-compute"].help or "").splitlines()
    examples = [line.strip() for line in lines if line.strip().startswith("sla-audit compute ")]
    assert len(examples) > 3
    assert [line.strip().replace("\\", "") for line in page[start:end].splitlines()[2:]] == examples


LINTERS = {"groff": ["groff", "-ww", "-b", "-z", "-man", "-Tutf8"], "mandoc": ["mandoc", "-T", "lint", "-W", "error"]}


@pytest.mark.parametrize("linter", LINTERS)
@pytest.mark.parametrize("name", COMMANDS)
def test_a_page_is_sound(pages: dict[str, Path], name: str, linter: str) -> None:
    if shutil.which(linter) is None:
        pytest.skip(f"{linter} is not installed")
    done = subprocess.run([*LINTERS[linter], str(pages[name])], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.skipif(shutil.which("man") is None, reason="man is not installed")
def test_man_shows_a_page(pages: dict[str, Path]) -> None:
    done = subprocess.run(["man", "-l", str(pages["sla-audit"])], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "Count an API gateway's access logs" in " ".join(done.stdout.replace("’", "'").split())
