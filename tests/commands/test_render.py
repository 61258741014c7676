"""`sla-audit render`: from a saved report every format comes as from the run that saved it, or not at all."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sla_audit.cli.main import run
from sla_audit.contract.load import BUILT_IN, contract_file
from sla_audit.errors import InputError
from sla_audit.report.formats.json_file import render_json
from sla_audit.report.formats.registry import FORMATS
from sla_audit.report.saved.restore import restore
from tests.builders.reports.as_rendered import MARKS, is_rendered_from
from tests.builders.reports.days import DAYS
from tests.builders.reports.metrics import EXCLUSION
from tests.builders.reports.saved import both, drop, edited, put, saved
from tests.program import ROOT, sla_audit

SAMPLE = ROOT / "sample_logs" / "expected.json"
CONFIG = "sample_logs/sla-audit.toml"
Edit = Callable[[dict[str, Any]], Any]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with the sample's report in every format, as `compute` writes them."""
    folder = tmp_path_factory.mktemp("computed")
    outputs = [part for suffix in FORMATS for part in ("-o", str(folder / f"report{suffix}"))]
    done = sla_audit("compute", "--config", CONFIG, "--quiet", *outputs)
    assert done.returncode == 0, done.stderr
    assert done.stdout == done.stderr == ""
    return folder


class TestSameBytes:
    def test_every_format_for_machines_is_that_of_the_run(self, folder: Path, tmp_path: Path) -> None:
        suffixes = [suffix for suffix, form in FORMATS.items() if not form.for_people]
        outputs = [part for suffix in suffixes for part in ("-o", str(tmp_path / f"report{suffix}"))]
        done = sla_audit("render", str(folder / "report.json"), *outputs)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
        for suffix in suffixes:
            found = (tmp_path / f"report{suffix}").read_bytes()
            assert found == (folder / f"report{suffix}").read_bytes(), suffix

    @pytest.mark.parametrize("language", MARKS)
    def test_every_format_for_people_is_that_of_the_run_and_one_sentence_more(
        self, language: str, folder: Path, tmp_path: Path
    ) -> None:
        suffixes = [suffix for suffix, form in FORMATS.items() if form.for_people]
        commands = {"made": ("compute", "--config", CONFIG), "again": ("render", str(folder / "report.json"))}
        for name, command in commands.items():
            outputs = [part for suffix in suffixes for part in ("-o", str(tmp_path / f"{name}{suffix}"))]
            assert sla_audit(*command, "--lang", language, *outputs).returncode == 0
        for suffix in suffixes:
            assert is_rendered_from(tmp_path / f"again{suffix}", tmp_path / f"made{suffix}", language), suffix

    @pytest.mark.parametrize("suffix", FORMATS)
    def test_a_format_by_itself_is_that_of_a_run_that_counted_by_day(
        self, suffix: str, folder: Path, tmp_path: Path
    ) -> None:
        alone = tmp_path / f"report{suffix}"
        assert sla_audit("compute", "--config", CONFIG, "--quiet", "-o", str(alone)).returncode == 0
        assert alone.read_bytes() == (folder / f"report{suffix}").read_bytes()

    def test_the_table_is_that_of_the_run(self, folder: Path) -> None:
        done = sla_audit("render", str(folder / "report.json"))
        ran = sla_audit("compute", "--config", CONFIG)
        *table, mark = done.stdout.splitlines(keepends=True)
        assert ("".join(table), done.stderr) == (ran.stdout, ran.stderr)
        assert mark.startswith(MARKS["en"])

    def test_standard_output_has_the_json_and_nothing_else(self, folder: Path) -> None:
        ran = sla_audit("compute", "--config", CONFIG, "-o", "-")
        assert ran.stdout.encode() == SAMPLE.read_bytes()
        assert "warning" in ran.stderr
        again = sla_audit("render", str(folder / "report.json"), "-o", "-")
        assert again.stdout == ran.stdout

    def test_a_config_may_name_standard_output(self, tmp_path: Path) -> None:
        config = tmp_path / "sla-audit.toml"
        config.write_text('logs = ["log.csv"]\noutput = ["-", "report.prom"]\nas_of = 2026-11-20\nquiet = true\n')
        (tmp_path / "log.csv").write_text("timestamp,account_id,status\n2026-10-05T00:00:00Z,A,200\n")
        ran = sla_audit("compute", "--config", str(config))
        assert ran.returncode == 0, ran.stderr
        assert json.loads(ran.stdout)["totals"]["accounts"] == 1
        assert sorted(path.name for path in tmp_path.iterdir()) == ["log.csv", "report.prom", "sla-audit.toml"]

    def test_what_a_later_version_says_besides_stays_in_the_json(self, tmp_path: Path) -> None:
        path = edited(tmp_path, put("coverage", value={"gaps": []}))
        assert json.loads(render_json(restore(path).report))["coverage"] == {"gaps": []}


REFUSED: dict[str, tuple[Edit, str]] = {
    "an amount": (
        put("@just-below/compensation", value="190.00"),
        "totals.compensation is 2051.67, but the results make",
    ),
    "a rate": (
        put("@just-below/success_rate", "@just-below/readings/literal/success_rate", value="0.999999"),
        "success_rate is '0.999999'; its counts, facts and contract give '0.989949'",
    ),
    "a cap": (put("@just-below/capped", value=True), "capped is 'True'; its counts, facts and contract give 'False'"),
    "a distance": (put("@just-below/failures_to_edge", value=9), "failures_to_edge is '9'; its counts"),
    "a count": (put("@just-below/requests", value=1), "requests is 1, but"),
    "the number of accounts": (put("totals/accounts", value=1), "totals.accounts is 1, but the results are of 17"),
    "the number of breaches": (put("totals/breached", value=1), "totals.breached is 1, but 11 results"),
    "the sum of a reading": (
        put("totals/readings/broad/compensation", value="1.00"),
        "totals.readings.broad.compensation is 1.00, but the results make 2351.66",
    ),
    "a reading that is not there": (drop("totals/readings/broad"), "totals.readings are literal, but"),
    "whether readings differ": (
        put("@just-below/readings_differ", value=True),
        "readings_differ of account 'just-below'",
    ),
    "the currency": (put("currency", value="USD"), "currency is 'USD'; its contract has 'CNY'"),
    "the time zone": (put("time_zone", value="UTC"), "time_zone is 'UTC'; its contract has 'Asia/Shanghai'"),
    "another contract": (
        put("contract/sha256", value="0" * 64),
        "made with the contract 'jdcloud-smart-compose', sha256 00",
    ),
    "a place of rows": (both(drop("rows/duplicate")), "lacks duplicate"),
    "an unknown state": (
        put("exclusions", value=[EXCLUSION | {"state": "odd"}]),
        "exclusions.1.state: input should be 'applied' or 'refused', found 'odd'",
    ),
    "a clause that is none": (put("@client-errors/excluded/by_clause", value={"four": 49}), "excluded.by_clause"),
    "a number for an amount": (put("exclusions", value=[EXCLUSION | {"compensation_saved": 180}]), "should be text"),
    "an amount in another writing": (put("totals/compensation", value="2.05167e3"), "should be text"),
    "a number for a day": (put("@just-below/cycle_start", value=1790000000), "should be a day"),
    "warnings that are no texts": (put("warnings", value=[1]), "text"),
    "days that lack requests": (
        put("daily", value=DAYS),
        "success is 2527, but daily makes 17",
    ),
    "a day without a date": (put("daily", value=[{"success": 1}]), "daily.1.date: field required"),
    "what ids told, as text": (put("request_ids/shared_rows", value="3"), "request_ids.shared_rows"),
    "missing inputs": (drop("inputs"), "inputs: field required"),
}


@pytest.mark.parametrize(("edit", "message"), REFUSED.values(), ids=REFUSED)
def test_a_report_that_does_not_follow_is_refused_and_nothing_written(
    tmp_path: Path, edit: Edit, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = edited(tmp_path, edit)
    assert run(["render", str(path), "-o", str(tmp_path / "report.md")]) == 2
    assert message in capsys.readouterr().err
    assert not (tmp_path / "report.md").exists()


def test_a_report_of_before_ids_were_told_is_rendered(tmp_path: Path) -> None:
    path = edited(tmp_path, drop("request_ids"))
    assert run(["render", str(path), "-o", str(tmp_path / "report.md")]) == 0
    assert "request_ids" not in restore(path).report.head


def test_a_report_is_not_written_over_itself(tmp_path: Path) -> None:
    path = saved(tmp_path, copy.deepcopy(json.loads(SAMPLE.read_bytes())))
    done = sla_audit("render", str(path), "-o", str(path))
    assert done.returncode == 2
    assert "is an input of this run" in done.stderr


def test_another_contract_is_named(tmp_path: Path) -> None:
    text = contract_file(BUILT_IN).decode()
    (tmp_path / "own.toml").write_text(text.replace('id = "jdcloud-smart-compose"', 'id = "own"'), "utf-8")
    arguments = ("--config", CONFIG, "--contract", str(tmp_path / "own.toml"), "--quiet")
    sla_audit("compute", *arguments, "-o", str(tmp_path / "report.json"), "-o", str(tmp_path / "report.md"))
    alone = sla_audit("render", str(tmp_path / "report.json"))
    assert alone.returncode == 2
    assert "Name that contract file with --contract" in alone.stderr
    again = ("--contract", str(tmp_path / "own.toml"), "-o", str(tmp_path / "again.md"))
    named = sla_audit("render", str(tmp_path / "report.json"), *again)
    assert named.returncode == 0, named.stderr
    assert is_rendered_from(tmp_path / "again.md", tmp_path / "report.md")


def test_what_is_no_report_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="the schema is 'sla-audit/claims/1'"):
        restore(saved(tmp_path, {"schema": "sla-audit/claims/1"}))
