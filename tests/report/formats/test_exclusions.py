"""What people read of exclusions, in every format and both languages: all that was asserted, and why one is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from sla_audit.report.formats import exclusions
from sla_audit.report.language import ENGLISH, words_of
from tests.program import ROOT, sla_audit

EXCLUSIONS = """\
id,clause,starts_at,ends_at,notified_at,accounts,regions,apis,note,asserted_by
LATE,1,2026-10-21T14:00:00+08:00,2026-10-21T14:45:00+08:00,2026-10-21T14:00:00+08:00,,,,mailed late,provider's ops
NEVER,1,2026-10-21T14:00:00+08:00,2026-10-22T14:45:30+08:00,,,,,,
FAULT,3,2026-10-12T02:00:00+08:00,2026-10-12T04:00:00+08:00,,b;a,cn-east-2,/v1/compose,<b>carrier</b>,客户
"""
SAID = [
    (
        "LATE",
        "en",
        "refused: announced no earlier than it began",
        "2026-10-21 14:00 to 14:45",
        "2026-10-21 14:00",
        "all",
    ),
    ("NEVER", "en", "refused: never announced", "2026-10-21 14:00 to 2026-10-22 14:45:30", "no", "all"),
    ("NEVER", "zh", "不予采纳：从未通知", "2026-10-21 14:00 至 2026-10-22 14:45:30", "否", "全部"),
    ("LATE", "zh", "不予采纳：通知不早于开始", "2026-10-21 14:00 至 14:45", "2026-10-21 14:00", "全部"),
    (
        "FAULT",
        "en",
        "applied",
        "2026-10-12 02:00 to 04:00",
        "no",
        "accounts a, b; regions cn-east-2; APIs /v1/compose",
    ),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("exclusions")
    (folder / "exclusions.csv").write_text(EXCLUSIONS, "utf-8")
    outputs = [part for suffix in ("json", "md", "html", "xlsx") for part in ("-o", str(folder / f"report.{suffix}"))]
    of_sample = ("--config", str(ROOT / "sample_logs" / "sla-audit.toml"))
    done = sla_audit("compute", *of_sample, "--exclusions", str(folder / "exclusions.csv"), *outputs, columns=160)
    assert done.returncode == 0, done.stderr
    (folder / "terminal.txt").write_text(done.stdout, "utf-8")
    return folder


@pytest.fixture(scope="module")
def found(folder: Path) -> dict[str, dict[str, Any]]:
    report = json.loads((folder / "report.json").read_bytes())
    return {each["id"]: each for each in report["exclusions"]}


@pytest.mark.parametrize(("name", "lang", "state", "window", "announced", "scope"), SAID)
def test_each_is_told_in_words(
    found: dict[str, dict[str, Any]], name: str, lang: str, state: str, window: str, announced: str, scope: str
) -> None:
    words, each = words_of(lang), found[name]
    assert exclusions.state(each, words) == state
    assert exclusions.window(each, words) == window
    assert exclusions.announced(each, words) == announced
    assert exclusions.scope(each, words) == scope


def test_late_and_never_are_two_reasons(found: dict[str, dict[str, Any]]) -> None:
    assert {name: each["reason"] for name, each in found.items()} == {
        "LATE": "announced_late",
        "NEVER": "not_announced",
        "FAULT": None,
    }
    assert [found[name]["asserted_by"] for name in ("LATE", "NEVER", "FAULT")] == ["provider's ops", None, "客户"]


def test_every_format_has_them_in_full(folder: Path) -> None:
    page, markdown, terminal = (
        (folder / name).read_text("utf-8") for name in ("report.html", "report.md", "terminal.txt")
    )
    sheet = openpyxl.load_workbook(folder / "report.xlsx")["exclusions"]
    cells = " ".join(str(cell) for row in sheet.iter_rows(values_only=True) for cell in row)
    for text in (page, markdown, terminal, cells):
        for said in ("2026-10-21 14:00", "mailed late", "provider", "客户", "cn-east-2", "refused: never announced"):
            assert said in text
    assert "&lt;b&gt;carrier" in page
    assert "`<b>carrier</b>`" in markdown


def test_an_exclusion_of_an_earlier_report_says_what_it_did() -> None:
    old = {"id": "M", "clause": 1, "state": "refused", "reason": "not_announced", "requests": 0}
    assert exclusions.state(old, ENGLISH) == "refused: not announced before it began"
    assert [exclusions.window(old, ENGLISH), exclusions.scope(old, ENGLISH), exclusions.note(old)] == ["", "", ""]
    assert exclusions.asserted_by(old, ENGLISH) == ""


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"reason": "announced_late"}, "reason is 'announced_late'; its notice gives 'not_announced'"),
        ({"notified_at": "2026-10-20T14:00:00+08:00"}, "reason is 'not_announced'; its notice gives null"),
        ({"ends_at": "2026-10-21T14:00:00+08:00"}, "ends_at is not after starts_at"),
        ({"accounts": ["b", "a"]}, "a scope is not in order"),
    ],
)
def test_a_saved_one_that_does_not_follow_is_refused(folder: Path, change: dict[str, Any], told: str) -> None:
    report = json.loads((folder / "report.json").read_bytes())
    next(each for each in report["exclusions"] if each["id"] == "NEVER").update(change)
    (folder / "changed.json").write_text(json.dumps(report), "utf-8")
    done = sla_audit("render", str(folder / "changed.json"))
    assert done.returncode == 2
    assert told in done.stderr


def test_explain_tells_the_same(folder: Path) -> None:
    asked = ("--config", str(ROOT / "sample_logs" / "sla-audit.toml"), "--exclusions", str(folder / "exclusions.csv"))
    done = sla_audit("explain", *asked, "--account", "unannounced-works", columns=200)
    assert (
        "LATE 2026-10-21 14:00 to 14:45; announced: 2026-10-21 14:00; scope: all; asserted by: provider's ops"
        in " ".join(done.stdout.split())
    )
    as_json = sla_audit("explain", *asked, "--account", "unannounced-works", "--format", "json")
    late = json.loads(as_json.stdout)["exclusions"][0]
    assert (late["reason"], late["notified_at"]) == ("announced_late", "2026-10-21T14:00:00+08:00")
