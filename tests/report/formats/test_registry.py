"""The formats of a report: found by suffix, loaded when asked for, refused early where a library is missing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from sla_audit.errors import InputError
from sla_audit.report.formats import registry as formats
from sla_audit.report.formats.registry import FORMATS, STDOUT, Format, by_day, render
from sla_audit.report.formats.write import check_outputs
from tests.builders.reports.by_hand import CONTRACT, a_report
from tests.program import ROOT, sla_audit


@pytest.mark.parametrize("suffix", FORMATS)
def test_every_format_makes_the_same_bytes_of_the_same_report(suffix: str, tmp_path: Path) -> None:
    first, second = (render(a_report({}), CONTRACT, tmp_path / f"report{suffix}") for _ in range(2))
    assert first
    assert first == second


@pytest.mark.parametrize("suffix", FORMATS)
def test_every_format_takes_a_report_without_results(suffix: str, tmp_path: Path) -> None:
    nothing = a_report(totals={"accounts": 0, "breached": 0, "owed": 0, "compensation": "0.00"})
    assert render(nothing, CONTRACT, tmp_path / f"report{suffix}")


def test_standard_output_takes_json() -> None:
    assert render(a_report({}), CONTRACT, STDOUT) == render(a_report({}), CONTRACT, Path("report.json"))


def test_days_are_counted_for_formats_that_have_them() -> None:
    assert [suffix for suffix in FORMATS if by_day([Path(f"report{suffix}")])] == [
        ".json",
        ".parquet",
        ".xlsx",
        ".html",
    ]
    assert by_day([Path("report.csv"), STDOUT])
    assert not by_day([Path("report.csv"), Path("REPORT.PROM")])
    assert not by_day([])


def test_standard_output_is_no_file_that_could_be_in_the_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("-").mkdir()
    check_outputs([STDOUT, STDOUT], None, [])


def test_what_a_format_needs_is_said_before_anything_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(FORMATS, ".xlsx", Format(".xlsx", "nowhere:nothing", needs=("surely_not_installed", "json")))
    with pytest.raises(InputError) as caught:
        check_outputs([Path("report.xlsx"), Path("report.csv")], None, [])
    (problem,) = caught.value.problems
    assert str(problem.where) == "report.xlsx"
    assert str(problem.what) == ".xlsx needs surely_not_installed, which is not installed"
    assert str(problem.remedy) == "Install it: pip install 'sla-audit[report]'"


def test_without_the_extra_the_program_says_what_to_install_and_writes_nothing(tmp_path: Path) -> None:
    script = (
        "import importlib.abc, sys\n"
        "class Without(importlib.abc.MetaPathFinder):\n"
        "    def find_spec(self, name, path, target=None):\n"
        "        if name.split('.')[0] == 'xlsxwriter': raise ModuleNotFoundError(name)\n"
        "import importlib.util\n"
        "found = importlib.util.find_spec\n"
        "importlib.util.find_spec = lambda name: None if name == 'xlsxwriter' else found(name)\n"
        "sys.meta_path.insert(0, Without())\n"
        "from sla_audit.cli.main import run\n"
        "sys.exit(run(sys.argv[1:]))\n"
    )
    outputs = ["-o", str(tmp_path / "a.json"), "-o", str(tmp_path / "a.xlsx")]
    command = [sys.executable, "-c", script, "compute", "--config", "sample_logs/sla-audit.toml"]
    done = subprocess.run([*command, *outputs], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "pip install 'sla-audit[report]'" in done.stderr
    assert list(tmp_path.iterdir()) == []
    done = subprocess.run([*command, *outputs[:2]], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_more_results_than_a_sheet_has_rows_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    small = Format(".xlsx", FORMATS[".xlsx"].renderer, most_results=1)
    monkeypatch.setitem(FORMATS, ".xlsx", small)
    assert render(a_report({}), CONTRACT, Path("report.xlsx"))
    with pytest.raises(InputError, match=r"report\.xlsx: there are 2 results; \.xlsx holds 1"):
        render(a_report({}, {"account_id": "B"}), CONTRACT, Path("report.xlsx"))


def test_no_format_is_loaded_before_it_is_asked_for() -> None:
    script = (
        "import sys\nfrom sla_audit.report.formats import registry as formats, write\n"
        "modules = [each.renderer.partition(':')[0] for each in formats.FORMATS.values() if each.suffix != '.csv']\n"
        "sys.exit(', '.join({*modules, 'xlsxwriter'} & set(sys.modules)) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("command", ["compute", "render"])
def test_the_help_names_every_format(command: str) -> None:
    words = sla_audit(command, "--help").stdout.split()
    assert [suffix for suffix in FORMATS if not any(word.strip(",.") == suffix.strip(".") for word in words)] == []


def test_the_readme_names_every_format_and_what_it_needs() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    for form in FORMATS.values():
        assert f"| `{form.suffix}` |" in readme
    assert formats._EXTRA in readme
