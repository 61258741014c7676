"""The examples for cron, systemd and Kubernetes, run as those would run them: with next to no environment."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.builders.cron import BARE, CRON_LINES, EXAMPLES, PROGRAM, as_cron_does, with_the_program
from tests.program import ROOT

SERVICE = (EXAMPLES / "systemd" / "sla-audit@.service").read_text("utf-8")
TIMERS = ["last", "running"]
CRON_JOB = (EXAMPLES / "kubernetes-cronjob.yaml").read_text("utf-8")


def settle_in(folder: Path) -> Path:
    """Lay out a folder with the sample month, its settings, and a place for reports."""
    shutil.copytree(ROOT / "sample_logs", folder, ignore=shutil.ignore_patterns("*.py", "expected.json"))
    (folder / "reports").mkdir()
    return folder


def cycles(report: Path) -> set[str]:
    return {result["cycle"] for result in json.loads(report.read_bytes())["results"]}


class TestCron:
    @pytest.fixture
    def home(self, tmp_path: Path) -> Path:
        return with_the_program(settle_in(tmp_path / "sla-audit"))

    def test_the_first_line_audits_the_running_month_and_tells_of_a_breach_so_far(self, home: Path) -> None:
        done = as_cron_does(CRON_LINES[0], home)
        assert done.returncode == 1
        assert done.stdout.startswith("2026-11 is still running, day ")
        report = json.loads((home / "sla-audit" / "reports" / "running.json").read_bytes())
        assert {(result["cycle"], result["reason"]) for result in report["results"]} == {("2026-11", "cycle_running")}
        assert report["totals"]["owed"] == 0

    def test_the_second_line_audits_the_month_that_has_ended_and_tells(self, home: Path) -> None:
        done = as_cron_does(CRON_LINES[1], home)
        assert done.returncode == 1
        assert done.stdout.startswith("At least 2,051.67 CNY can be claimed until 2026-11-30: 7 of 17 accounts")
        (report,) = (home / "sla-audit" / "reports").glob("last-????-??-??.json")
        assert cycles(report) == {"2026-10"}
        assert (home / "sla-audit" / "reports" / "last.csv").exists()

    def test_there_are_two_lines_at_times_that_exist(self) -> None:
        assert [line.split(maxsplit=5)[:5] for line in CRON_LINES] == [
            ["30", "7", "*", "*", "*"],
            ["30", "7", "2", "*", "*"],
        ]


def reports_in(folder: Path) -> list[str]:
    """Name what a folder shows: not the hidden one, through which readers of several reports may be on their way."""
    return sorted(path.name for path in folder.iterdir() if not path.name.startswith("."))


class TestSystemd:
    @pytest.mark.parametrize(("instance", "owed"), [("last", "2051.67"), ("running", None)])
    def test_the_service_runs(self, tmp_path: Path, instance: str, owed: str | None) -> None:
        folder, service = settle_in(tmp_path / "settings"), dict(re.findall(r"^(\w+)=(.*)$", SERVICE, re.MULTILINE))
        state = tmp_path / "state"
        state.mkdir()
        assert service["WorkingDirectory"] == f"/var/lib/{service['StateDirectory']}"
        command = service["ExecStart"].replace("%i", instance)
        command = command.replace("/opt/sla-audit/bin/sla-audit", str(PROGRAM))
        command = command.replace("/etc/sla-audit", str(folder))
        done = subprocess.run(
            shlex.split(command),
            cwd=state,
            env=BARE,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 1, done.stderr
        assert "owed" in done.stdout.lower()
        assert json.loads((state / f"{instance}.json").read_bytes())["totals"]["compensation"] == owed
        assert reports_in(state) == [f"{instance}.csv", f"{instance}.json"]

    @pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")
    @pytest.mark.parametrize("instance", TIMERS)
    def test_systemd_finds_no_fault(self, tmp_path: Path, instance: str) -> None:
        """But that the program is not in /opt here: the unit is checked with where it is."""
        for unit in (EXAMPLES / "systemd").iterdir():
            text = unit.read_text("utf-8").replace("/opt/sla-audit/bin/sla-audit", str(PROGRAM))
            (tmp_path / unit.name).write_text(text, encoding="utf-8")
        units = [str(tmp_path / f"sla-audit@{instance}.{kind}") for kind in ("timer", "service")]
        done = subprocess.run(
            ["systemd-analyze", "verify", "--man=no", *units],
            env={**BARE, "SYSTEMD_UNIT_PATH": f"{tmp_path}:"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")

    @pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")
    @pytest.mark.parametrize("instance", TIMERS)
    def test_the_timers_name_a_time(self, instance: str) -> None:
        text = (EXAMPLES / "systemd" / f"sla-audit@{instance}.timer").read_text("utf-8")
        (calendar,) = re.findall(r"^OnCalendar=(.*)$", text, re.MULTILINE)
        command = ["systemd-analyze", "calendar", "--base-time=2026-11-15 00:00:00 UTC", calendar]
        done = subprocess.run(command, env={**os.environ, "TZ": "UTC"}, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        expected = {"last": "2026-12-01 23:30:00 UTC", "running": "2026-11-15 22:30:00 UTC"}[instance]
        assert expected in done.stdout


class TestKubernetes:
    def spec(self) -> Any:
        return yaml.safe_load(CRON_JOB)["spec"]

    def pod(self) -> Any:
        return self.spec()["jobTemplate"]["spec"]["template"]["spec"]

    def test_it_is_a_cron_job_with_what_one_must_have(self) -> None:
        manifest = yaml.safe_load(CRON_JOB)
        assert (manifest["apiVersion"], manifest["kind"]) == ("batch/v1", "CronJob")
        assert re.fullmatch(r"[a-z0-9-]{1,52}", manifest["metadata"]["name"])
        spec = self.spec()
        assert re.fullmatch(r"\d+ \d+ 2 \* \*", spec["schedule"])
        assert spec["timeZone"] == "Asia/Shanghai"
        assert spec["concurrencyPolicy"] == "Forbid"
        assert spec["jobTemplate"]["spec"]["backoffLimit"] == 0
        assert self.pod()["restartPolicy"] == "Never"

    def test_what_is_mounted_is_there(self) -> None:
        (container,) = self.pod()["containers"]
        mounted = {mount["name"] for mount in container["volumeMounts"]}
        assert mounted == {volume["name"] for volume in self.pod()["volumes"]}

    def test_its_schema_is_that_of_kubernetes(self) -> None:
        """With `pip install kubernetes-validate`, which is too large to ask of everybody."""
        validate = pytest.importorskip("kubernetes_validate")
        validate.validate(yaml.safe_load(CRON_JOB), validate.latest_version(), strict=True)

    def test_its_container_runs(self, tmp_path: Path) -> None:
        folder = settle_in(tmp_path / "settings")
        (container,) = self.pod()["containers"]
        variables = {variable["name"]: variable["value"] for variable in container["env"]}
        places = {"/etc/sla-audit": str(folder), "/reports": str(folder / "reports")}
        for place, here in places.items():
            variables = {name: value.replace(place, here) for name, value in variables.items()}
        done = subprocess.run(
            [PROGRAM, *container["args"]],
            cwd="/",
            env={**BARE, **variables},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 1, done.stderr
        assert done.stdout.startswith("At least 2,051.67 CNY can be claimed")
        assert reports_in(folder / "reports") == ["last.csv", "last.json"]
