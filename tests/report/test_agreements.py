"""What reports say of agreements that give back calls or days, or measure intervals, in every format for people."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import NamedTuple

import pyarrow.parquet as pq
import pytest
from rich.console import Console

from sla_audit.cli.main import run
from sla_audit.contract.built_in import built_in_contracts
from sla_audit.contract.load import load_contract
from sla_audit.report.document import Report
from sla_audit.report.explanation import render_explanation
from sla_audit.report.formats.registry import render
from sla_audit.report.language import ENGLISH, words_of
from sla_audit.report.numbers import owed
from sla_audit.report.terminal.contract import print_contract
from sla_audit.report.terminal.contract_numbers import picture
from sla_audit.report.terminal.explanation import print_explanation
from sla_audit.report.terminal.report import print_report
from tests.builders.reports.of_examples import Shown, shown


class Said(NamedTuple):
    """What is said of an example: the unit, its headline and why, the arithmetic of `explain`; in Chinese the first."""

    contract: str
    unit: str
    owed: str
    why: str
    explained: str
    in_chinese: str


EXAMPLES = [
    Said("jdcloud-general-image-ocr", "calls", "1,500 calls", "10 x 150 failed calls", "x 10", "1,500 次"),
    Said("jdcloud-brand-compete-analyse", "calls", "5 calls", "1 x 5 failed calls", "x 1", "5 次"),
    Said("jdcloud-iot-link", "CNY", "50.00 CNY", "10 % of 500.00", "owed: rounded once, half up", "50.00 元"),
    Said("jdcloud-face-compare", "days", "3.0 days", "10 % of 30 days", "= 10 % of 30 days", "3.0 天"),
    Said(
        "jdcloud-api-gateway",
        "CNY",
        "41.67 CNY",
        "100 x the fee of 25 minutes at 1.00 an hour",
        "25  minutes of faults that count",
        "41.67 元",
    ),
    Said(
        "jdcloud-notification-service", "CNY", "150.00 CNY", "15 % of 1,000.00", "of the fee, for a rate", "150.00 元"
    ),
]
MEASURED = ("jdcloud-face-compare", "jdcloud-api-gateway", "jdcloud-notification-service")
OF_ALL = pytest.mark.parametrize("said", EXAMPLES, ids=lambda said: said.contract)
_KNOWN: dict[str, Shown] = {}


def known(contract: str) -> Shown:
    return _KNOWN.setdefault(contract, shown(contract))


def printed(report: Report, of: Shown, language: str = "en") -> str:
    console = Console(file=io.StringIO(), width=200)
    print_report(report, of.contract, "all", console, words=words_of(language))
    return console.file.getvalue()  # type: ignore[attr-defined, no-any-return]


@OF_ALL
def test_the_terminal_says_it_in_its_unit(said: Said) -> None:
    of = known(said.contract)
    text = printed(of.report, of)
    assert f"{said.owed} can be claimed until" in text
    assert said.why in text
    assert f"Owed, {said.unit}" in text
    assert f"可申请 {said.in_chinese}" in printed(of.report, of, "zh")


@OF_ALL
def test_explain_walks_to_the_amount(said: Said) -> None:
    of, console = known(said.contract), Console(file=io.StringIO(), width=200)
    print_explanation(of.explanation, of.contract, console)
    text = console.file.getvalue()  # type: ignore[attr-defined]
    assert f"Owed: {said.owed}, " in text
    assert said.explained in text
    whole = json.loads(render_explanation(of.explanation))
    is_measured = said.contract in MEASURED
    assert (whole["kept"] is None, whole["total"] is None, whole["fewer"] is None) == (is_measured,) * 3
    assert ("of all intervals of" in text or "the share of time" in text) == is_measured


@OF_ALL
def test_every_format_for_people_has_unit_and_reason(said: Said) -> None:
    of = known(said.contract)
    for suffix in (".md", ".html"):
        text = render(of.report, of.contract, Path(f"r{suffix}")).decode()
        assert said.owed in text
        assert said.why in text
    assert render(of.report, of.contract, Path("r.xlsx"), words_of("zh")).startswith(b"PK")


@OF_ALL
def test_machines_read_the_unit_and_what_the_agreement_asks_for(said: Said) -> None:
    of = known(said.contract)
    whole = json.loads(render(of.report, of.contract, Path("r.json")))
    (result,) = whole["results"]
    facts = set(of.contract.facts)
    assert whole["currency"] == said.unit
    assert {"calls_bought", "hourly_fee"} & set(result) == facts & {"calls_bought", "hourly_fee"}
    assert all(result[name] is not None for name in facts)
    (row,) = csv.DictReader(io.StringIO(render(of.report, of.contract, Path("r.csv")).decode()))
    assert row["currency"] == said.unit
    assert {name: row[name] for name in facts} == {name: str(result[name]) for name in facts}
    table = pq.read_table(io.BytesIO(render(of.report, of.contract, Path("r.parquet"))))
    assert facts <= set(table.column_names)
    assert f'currency="{said.unit}"' in render(of.report, of.contract, Path("r.prom")).decode()


@OF_ALL
def test_what_shares_of_requests_tell_is_left_out_where_intervals_are_measured(said: Said) -> None:
    of, is_measured = known(said.contract), said.contract in MEASURED
    whole = json.loads(render(of.report, of.contract, Path("r.json")))
    assert ("attribution" not in whole) == is_measured
    assert ("without" not in whole["results"][0]) == is_measured
    page = render(of.report, of.contract, Path("r.html")).decode()
    for title in ("Success rate by day", "Failures that the objective still allows", "Close to a tier boundary"):
        assert (title not in page) == is_measured
    assert "Explicit failures by day" in page


@pytest.mark.parametrize("contract", MEASURED)
def test_rows_that_cannot_be_read_might_change_what_is_measured(contract: str) -> None:
    head = shown(contract, rejected=1).report.head
    said = "the row that could not be read might change what results would earn: mend the log before money moves"
    assert [
        notice["grade"] for notice, text in zip(head["notices"], head["warnings"], strict=True) if text == said
    ] == ["money"]


@OF_ALL
def test_a_saved_report_is_judged_again(said: Said, tmp_path: Path) -> None:
    of, path, again = known(said.contract), tmp_path / "r.json", tmp_path / "again.json"
    path.write_bytes(render(of.report, of.contract, path))
    assert run(["render", str(path), "-o", str(again)]) == 0
    assert again.read_bytes() == path.read_bytes()
    path.write_text(path.read_text("utf-8").replace(said.owed.split()[0].replace(",", ""), "1"), "utf-8")
    assert run(["render", str(path)]) == 2


class TestRefused:
    def test_requests_are_not_compared_where_intervals_are_measured(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        log = tmp_path / "log.csv"
        log.write_text("timestamp,account_id,status,api\n2026-10-01T00:00:00+08:00,a,,op\n")
        asked = ["--contract", "jdcloud-face-compare", "--cycle", "2026-10", "--as-of", "2026-11-20", "--account", "a"]
        assert run(["reconcile", str(log), str(log), *asked, "-o", str(tmp_path / "d.json")]) == 2
        assert "is judged by intervals: requests are not compared" in capsys.readouterr().err
        assert not (tmp_path / "d.json").exists()


@pytest.mark.parametrize(
    ("amount", "unit", "written"),
    [
        ("1500.00", "calls", "1,500"),
        ("1500.50", "calls", "1,500.5"),
        ("20000.00", "calls", "20,000"),
        ("0.00", "calls", "0"),
        ("3.10", "days", "3.1"),
        ("31.00", "days", "31.0"),
        ("0.25", "days", "0.25"),
        ("1500.00", "CNY", "1,500.00"),
        (None, "calls", "-"),
    ],
)
def test_amounts_have_the_decimals_of_their_unit(amount: str | None, unit: str, written: str) -> None:
    assert owed(amount, unit) == written


@pytest.mark.parametrize("name", built_in_contracts())
def test_every_agreement_is_shown_and_drawn_in_both_languages(name: str) -> None:
    contract = load_contract(name)
    for words in (ENGLISH, words_of("zh")):
        console = Console(file=io.StringIO(), width=120)
        print_contract(contract, console, words)
        assert contract.id in console.file.getvalue()  # type: ignore[attr-defined]
    drawn = list(picture(contract, ENGLISH))
    assert [line.strip().split(" %")[0] for line in (drawn[0], drawn[-1])] == ["100", "0"]
    assert sum("objective" in line for line in drawn) == 1


def test_a_picture_of_tiers_has_edges_and_what_they_owe() -> None:
    drawn = [line.strip() for line in picture(load_contract("jdcloud-iot-link"), ENGLISH)]
    assert drawn == [
        "100 %",
        "| nothing",
        "99.5 %",
        "| 10 % of the fee",
        "99 % ---- objective",
        "| 10 % of the fee",
        "95 %",
        "| 30 % of the fee",
        "90 %",
        "| 50 % of the fee",
        "0 %",
    ]
