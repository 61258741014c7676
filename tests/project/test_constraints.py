"""What is installed: exact versions in `constraints.txt`, and lower bounds in `pyproject.toml` that hold."""

from __future__ import annotations

import re
import runpy
import tomllib
from collections.abc import Iterator

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from tests.program import ROOT

LINES = [line for line in (ROOT / "constraints.txt").read_text("utf-8").splitlines() if not line.startswith("#")]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]


def requirements() -> Iterator[Requirement]:
    for written in (
        *PROJECT["dependencies"],
        *(each for some in PROJECT["optional-dependencies"].values() for each in some),
    ):
        requirement = Requirement(written)
        if requirement.name != PROJECT["name"]:
            yield requirement


TESTED = {canonicalize_name(name): Version(version) for name, _, version in (line.partition("==") for line in LINES)}
REQUIRED = list(requirements())


@pytest.mark.parametrize("line", LINES)
def test_a_constraint_is_a_name_and_an_exact_version_and_no_address(line: str) -> None:
    assert re.fullmatch(r"[A-Za-z0-9._-]+==[0-9][A-Za-z0-9.+]*", line)


def test_nothing_is_constrained_twice_and_the_program_itself_is_not() -> None:
    assert len(TESTED) == len(LINES)
    assert PROJECT["name"] not in TESTED


@pytest.mark.parametrize("requirement", REQUIRED, ids=str)
def test_what_was_tested_is_what_the_program_asks_for(requirement: Requirement) -> None:
    assert TESTED[canonicalize_name(requirement.name)] in requirement.specifier


def test_the_lowest_versions_are_those_that_the_program_allows(capsys: pytest.CaptureFixture[str]) -> None:
    runpy.run_path(str(ROOT / ".ci" / "lowest.py"), run_name="__main__")
    lowest = dict(line.split("==") for line in capsys.readouterr().out.splitlines())
    lint = {Requirement(written).name for written in PROJECT["optional-dependencies"]["lint"]}
    assert set(lowest) == {requirement.name for requirement in REQUIRED} - lint
    for requirement in REQUIRED:
        if requirement.name in lowest:
            version = Version(lowest[requirement.name])
            assert version in requirement.specifier
            assert f">={lowest[requirement.name]}" in str(requirement.specifier)
