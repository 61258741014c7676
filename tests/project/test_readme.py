"""The README shows what the program prints, and the commands it names are the ones that are run."""

from __future__ import annotations

import re
import shlex
import tomllib

import pytest

from sla_audit.contract.load import load_contract
from tests.program import ROOT, sla_audit

README = (ROOT / "README.md").read_text("utf-8")
SHOWN = re.findall(r"<!-- output: (.*?) -->\n```text\n(.*?)```", README, re.DOTALL)
COMMANDS = re.findall(r"```sh\n(.*?)```", README, re.DOTALL)


def test_the_readme_shows_output() -> None:
    assert SHOWN


@pytest.mark.parametrize(("command", "output"), SHOWN, ids=[command for command, _ in SHOWN])
def test_the_shown_output_is_what_the_program_prints(command: str, output: str) -> None:
    done = sla_audit(*shlex.split(command))
    printed = "\n".join(line.rstrip() for line in done.stdout.splitlines())
    assert printed + "\n" == output
    assert done.returncode == 0


def test_the_first_command_runs_what_is_shown() -> None:
    assert COMMANDS[0].strip().endswith(SHOWN[0][0])


def test_the_checks_run_the_test_command_of_the_readme() -> None:
    assert COMMANDS[1].strip() in (ROOT / ".ci" / "run").read_text("utf-8")


CLAIM = [f"claim {name}" for name in ("list", "show", "file", "answer", "credit", "withdraw", "correct", "pack")]


@pytest.fixture(scope="module")
def helps() -> str:
    return "".join(
        sla_audit(*command.split(), "--help").stdout
        for command in (
            "check",
            "compute",
            "render",
            "claim-check",
            "explain",
            "rows",
            "reconcile",
            "tally",
            "verify",
            *CLAIM,
        )
    )


@pytest.mark.parametrize(
    "option", sorted(set(re.findall(r"(?<![-\w])--[a-z][a-z-]+", re.sub(r"`[^`]*-m tests\.fuzz[^`]*`", "", README))))
)
def test_every_option_that_the_readme_names_exists(option: str, helps: str) -> None:
    assert option in helps


@pytest.mark.parametrize("table", re.findall(r"```toml\n(.*?)```", README, re.DOTALL))
def test_settings_in_the_readme_are_settings(table: str) -> None:
    from sla_audit.cli.options.config import Config  # noqa: PLC0415

    Config.model_validate(tomllib.loads(table))


def test_the_readme_describes_the_readings_that_the_contract_holds() -> None:
    for name in load_contract("jdcloud-smart-compose").readings:
        assert f"`{name}`" in README
