"""Options from the environment: which win, how lists are written, and what is no option."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click
import pytest

from sla_audit.cli.main import cli
from sla_audit.cli.options.environment import PREFIX
from tests.program import ROOT, sla_audit

SAMPLE = "sample_logs/sla-audit.toml"


def as_of(folder: Path, *arguments: str, **variables: str) -> str:
    """Run compute on the sample, and give the day that the report names."""
    report = folder / "report.json"
    done = sla_audit("compute", "-o", str(report), "--quiet", *arguments, variables=variables)
    assert done.returncode == 0, done.stderr
    day: str = json.loads(report.read_bytes())["as_of"]
    return day


class TestPrecedence:
    """The sample's config says 2026-11-20."""

    def test_the_config_says_it(self, tmp_path: Path) -> None:
        assert as_of(tmp_path, "--config", SAMPLE) == "2026-11-20"

    def test_a_variable_wins_over_the_config(self, tmp_path: Path) -> None:
        assert as_of(tmp_path, "--config", SAMPLE, SLA_AUDIT_AS_OF="2026-11-21") == "2026-11-21"

    def test_the_variable_of_a_command_wins_over_that_of_all(self, tmp_path: Path) -> None:
        variables = {"SLA_AUDIT_AS_OF": "2026-11-21", "SLA_AUDIT_COMPUTE_AS_OF": "2026-11-22"}
        assert as_of(tmp_path, "--config", SAMPLE, **variables) == "2026-11-22"

    def test_the_variable_of_another_command_is_none_of_this_one(self, tmp_path: Path) -> None:
        assert as_of(tmp_path, "--config", SAMPLE, SLA_AUDIT_EXPLAIN_AS_OF="2026-11-22") == "2026-11-20"

    def test_an_option_wins_over_all(self, tmp_path: Path) -> None:
        variables = {"SLA_AUDIT_AS_OF": "2026-11-21", "SLA_AUDIT_COMPUTE_AS_OF": "2026-11-22"}
        assert as_of(tmp_path, "--config", SAMPLE, "--as-of", "2026-11-23", **variables) == "2026-11-23"

    def test_an_empty_variable_says_nothing(self, tmp_path: Path) -> None:
        assert as_of(tmp_path, "--config", SAMPLE, SLA_AUDIT_AS_OF="") == "2026-11-20"

    @pytest.mark.parametrize(("said", "quiet"), [("1", True), ("true", True), ("0", False), ("false", False)])
    def test_a_flag_is_on_or_off(self, tmp_path: Path, said: str, quiet: bool) -> None:
        """Off wins over a config that says on."""
        (tmp_path / "quiet.toml").write_text(f'logs = "{ROOT}/sample_logs/logs"\nquiet = {str(not quiet).lower()}')
        done = sla_audit("compute", "--config", str(tmp_path / "quiet.toml"), variables={"SLA_AUDIT_QUIET": said})
        assert (done.stdout == "") is quiet


class TestWholeRuns:
    def test_a_run_may_say_all_in_the_environment(self, tmp_path: Path) -> None:
        """As the sample's config does: the same report."""
        places = [tmp_path / "a.json", tmp_path / "a.csv"]
        logs = ["sample_logs/logs/2026-10-a.csv", "sample_logs/logs/*.parquet", "sample_logs/logs/2026-11-*"]
        variables = {
            "SLA_AUDIT_LOGS": ":".join(logs),
            "SLA_AUDIT_ACCOUNTS": "sample_logs/accounts.csv",
            "SLA_AUDIT_BILLING": "sample_logs/billing.csv",
            "SLA_AUDIT_EXCLUSIONS": "sample_logs/exclusions.csv",
            "SLA_AUDIT_API": "/v1/compose /v1/nothing*",
            "SLA_AUDIT_CYCLE": "2026-10",
            "SLA_AUDIT_AS_OF": "2026-11-20",
            "SLA_AUDIT_COLUMN": "status=status account_id=account_id",
            "SLA_AUDIT_FAIL_ON": "undetermined breach",
            "SLA_AUDIT_OUTPUT": ":".join(map(str, places)),
        }
        done = sla_audit("compute", variables=variables)
        usual = sla_audit("compute", "--config", SAMPLE)
        assert (done.returncode, done.stdout) == (1, usual.stdout)
        assert all(place.exists() for place in places)

    def test_variables_for_another_command_do_not_speak_against_a_saved_report(self, tmp_path: Path) -> None:
        report = str(tmp_path / "report.json")
        sla_audit("compute", "--config", SAMPLE, "-o", report, "--quiet")
        variables = {"SLA_AUDIT_BILLING": "sample_logs/billing.csv", "SLA_AUDIT_LOGS": "sample_logs/logs"}
        done = sla_audit("claim-check", "--report", report, "--as-of", "2026-11-20", variables=variables)
        assert done.returncode == 0, done.stderr
        assert "7 claims can be filed now" in done.stdout


class TestMistakes:
    @pytest.mark.parametrize(
        ("variable", "hint"),
        [
            ("SLA_AUDIT_BILING", "Did you mean SLA_AUDIT_BILLING?"),
            ("SLA_AUDIT_FAILON", "Did you mean SLA_AUDIT_FAIL_ON?"),
            ("SLA_AUDIT_COMPUTE_ACCOUNT_FILE", "Did you mean SLA_AUDIT_COMPUTE_"),
            ("SLA_AUDIT_XYZ", "--help lists the options"),
        ],
    )
    def test_a_variable_that_is_no_option_is_refused(self, variable: str, hint: str) -> None:
        done = sla_audit("compute", "--config", SAMPLE, variables={variable: "x"})
        assert (done.returncode, done.stdout) == (2, "")
        assert f"The environment has {variable}, but there is no such option." in done.stderr
        assert hint in " ".join(done.stderr.split())

    def test_all_such_variables_are_named_at_once(self) -> None:
        done = sla_audit("tally", "-o", "x.tally.parquet", variables={"SLA_AUDIT_A1": "x", "SLA_AUDIT_JOB": "2"})
        assert done.returncode == 2
        assert "SLA_AUDIT_A1" in done.stderr
        assert "SLA_AUDIT_JOBS?" in done.stderr

    def test_what_kubernetes_says_of_services_is_let_pass(self) -> None:
        said = {
            "SLA_AUDIT_SERVICE_HOST": "10.0.0.1",
            "SLA_AUDIT_SERVICE_PORT": "80",
            "SLA_AUDIT_SERVICE_PORT_HTTP": "80",
            "SLA_AUDIT_PORT": "tcp://10.0.0.1:80",
            "SLA_AUDIT_PORT_80_TCP_ADDR": "10.0.0.1",
            "SLA_AUDIT_PAGES_SERVICE_HOST": "10.0.0.2",
        }
        assert sla_audit("compute", "--config", SAMPLE, "--quiet", variables=said).returncode == 0

    def test_a_wrong_value_is_refused_as_the_options_is(self) -> None:
        done = sla_audit("compute", "--config", SAMPLE, variables={"SLA_AUDIT_FAIL_ON": "breach gap"})
        assert done.returncode == 2
        assert "'gap' is not one of" in done.stderr


def test_every_option_of_every_command_has_its_variables() -> None:
    def names(command: str, parameter: Any) -> list[str]:
        name = max(parameter.opts, key=len).lstrip("-").replace("-", "_").upper()
        return [f"{PREFIX}{command.replace('-', '_').upper()}_{name}", f"{PREFIX}{name}"]

    options = [
        (name, parameter)
        for name, command in cli.commands.items()
        for parameter in command.params
        if isinstance(parameter, click.Option)
    ]
    assert len(options) > 40
    assert [parameter.envvar for _, parameter in options] == [names(*option) for option in options]


def test_what_may_be_said_of_all_claims_has_variables_and_what_is_said_of_one_has_none() -> None:
    file = cli.commands["claim"].commands["file"]  # type: ignore[attr-defined]
    variables = {parameter.name: parameter.envvar for parameter in file.params}
    assert variables["ledger"] == ["SLA_AUDIT_CLAIM_FILE_LEDGER", "SLA_AUDIT_LEDGER"]
    said = ("numbers", "account", "cycle", "day", "reference", "note", "amount")
    assert [variables[name] for name in said] == [None] * len(said)
