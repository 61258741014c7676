"""`[[audits]]`: the same logs under several agreements in one run."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sla_audit.cli.main import run
from sla_audit.contract.load import contract_file
from tests.builders.runs import refused

pytestmark = pytest.mark.usefixtures("folder")

BILLS = "account_id,cycle,service_fee,cash_paid\n"


@pytest.fixture
def written(folder: Path) -> Path:
    """Write logs of two services: of one 10 of 100 requests failed, of the other 4."""
    rows = [f"2026-10-{1 + at % 28:02}T08:00:00+08:00,acme,{'' if at < 10 else 200},/compose/make" for at in range(100)]
    rows += [f"2026-10-{1 + at % 28:02}T09:00:00+08:00,acme,{'' if at < 4 else 200},/matting/cut" for at in range(100)]
    (folder / "log.csv").write_text("\n".join(["timestamp,account_id,status,api", *rows, "what,is,this"]) + "\n")
    (folder / "compose.csv").write_text(f"{BILLS}acme,2026-10,1000.00,1000.00\n")
    (folder / "matting.csv").write_text(f"{BILLS}acme,2026-10,200.00,200.00\n")
    config = folder / "c.toml"
    config.write_text(
        """
logs = "log.csv"
cycle = "2026-10"
as_of = 2026-11-20
max_rejected = "1"
[[audits]]
contract = "jdcloud-smart-compose"
apis = ["/compose/*"]
billing = "compose.csv"
output = "compose.json"
[[audits]]
name = "matting"
contract = "jdcloud-image-matting"
apis = ["/matting/*"]
billing = "matting.csv"
"""
    )
    return config


def test_each_is_what_it_is_by_itself_and_all_are_added_up(written: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["compute", "--config", "c.toml", "-o", "all.json", "-o", "all.md", "--rejects", "rejects.csv"]) == 0
    said = capsys.readouterr().out
    assert "Owed: 330.00 CNY" in said
    both = json.loads(Path("all.json").read_text())
    assert both["schema"] == "sla-audit/reports/1"
    assert both["totals"] == [{"unit": "CNY", "compensation": "330.00", "undetermined": 0}]
    names = {part["name"]: part["report"] for part in both["parts"]}
    assert {name: report["totals"]["compensation"] for name, report in names.items()} == {
        "jdcloud-smart-compose": "300.00",
        "matting": "30.00",
    }
    assert all(report["rows"]["other_service"] == 100 for report in names.values())
    assert names["jdcloud-smart-compose"] == json.loads(Path("compose.json").read_text())
    options = ("--as-of", "2026-11-20", "--cycle", "2026-10", "--max-rejected", "1", "--quiet", "-o", "alone.json")
    alone = ("log.csv", "--contract", "jdcloud-image-matting", "--api", "/matting/*", "--billing", "matting.csv")
    assert run(["compute", *alone, *options]) == 0
    by_itself = json.loads(Path("alone.json").read_text())
    for report in (by_itself, names["matting"]):
        del report["provenance"]
    assert names["matting"] == by_itself
    assert Path("all.md").read_text().count("# ") >= 2
    assert "what" in Path("rejects.csv").read_text()


def test_fail_on_looks_at_all_of_them(written: Path) -> None:
    assert run(["compute", "--config", "c.toml", "--quiet", "--fail-on", "breach"]) == 1
    assert run(["compute", "--config", "c.toml", "--quiet", "--fail-on", "undetermined"]) == 0


def test_another_command_is_about_one(written: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "name it with --contract. They are: jdcloud-smart-compose, jdcloud-image-matting." in refused(
        capsys, "explain", "--config", "c.toml", "--account", "acme"
    )
    named = ("--contract", "jdcloud-image-matting")
    assert run(["explain", "--config", "c.toml", "--account", "acme", *named]) == 0
    assert "Owed: 30.00 CNY" in capsys.readouterr().out


def test_editions_judge_the_months_in_which_they_are_in_force(
    written: Path, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    edition = contract_file("jdcloud-image-matting").decode()
    for version, first in (("one", "2019-11-01"), ("two", "2026-10-01")):
        changed = edition.replace('version = "2019-11"', f'version = "{version}"').replace("2019-11-01", first, 1)
        (folder / f"{version}.toml").write_text(changed)
    several = ('contract = "jdcloud-image-matting"', 'contract = ["two.toml", "one.toml"]')
    written.write_text(written.read_text().replace(*several))
    assert run(["compute", "--config", "c.toml", "--cycle", "2026-09..2026-10", "--quiet", "-o", "all.json"]) == 0
    parts = json.loads(Path("all.json").read_text())["parts"][1:]
    assert [(part["name"], part["report"]["contract"]["version"]) for part in parts] == [
        ("matting one", "one"),
        ("matting two", "two"),
    ]
    assert [[each["cycle"] for each in part["report"]["results"]] for part in parts] == [[], ["2026-10"]]
    assert "matting: has several editions; name the cycles with --cycle" in refused(
        capsys, "compute", "--config", "c.toml", "--cycle", "all"
    )


REFUSED = {
    "a contract beside them": ("-", 'contract = "x"\n', (), "has [[audits]], and contract beside them"),
    "an option that is said in each": (
        "-",
        "",
        ("--billing", "compose.csv"),
        "say in each of them what --billing says",
    ),
    "a ledger": ("-", "", ("--ledger", "claims.db"), "--ledger goes with one agreement"),
    "a table of all": ("-", "", ("-o", "all.csv"), "all.csv: several reports together are written as .json, .md"),
    "two of one name": ('name = "matting"', 'name = "jdcloud-smart-compose"', (), "are called"),
    "no contract": ('contract = "jdcloud-image-matting"', "contract = []", (), "audits[2].contract"),
    "an output that is an input": ('name = "matting"', 'output = "matting.csv"', (), "is an input of this run"),
}


@pytest.mark.parametrize(("before", "after", "options", "said"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_meant_is_refused(
    written: Path,
    capsys: pytest.CaptureFixture[str],
    before: str,
    after: str,
    options: tuple[str, ...],
    said: str,
) -> None:
    config = written.read_text()
    written.write_text(after + config if before == "-" else config.replace(before, after))
    assert said in refused(capsys, "compute", "--config", "c.toml", *options)
