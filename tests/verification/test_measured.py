"""Saved reports of agreements by intervals: judged again from their exact rates, which only the logs can tell."""

from __future__ import annotations

import copy
import json
from collections import defaultdict
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given

from sla_audit.cli.main import run
from sla_audit.commands.verify_report import check
from sla_audit.contract.model import Contract
from sla_audit.errors import InputError
from sla_audit.judge.intervals.exact_rate import CUT
from sla_audit.report.formats.json_file import render_json
from sla_audit.report.saved.restore import restored, whole_of
from sla_audit.verification.judged_again import judged_again
from tests.builders.examples import costly
from tests.builders.measured import Case
from tests.builders.reports.of_examples import shown
from tests.builders.reports.of_worlds import reported, whole_cases
from tests.verification.test_every_value import leaves, others, path_of, with_value

WHERE = Path("report.json")
KINDS = ("mean_of_intervals", "share_of_time")
OF_EACH_KIND = ("jdcloud-face-compare", "jdcloud-api-gateway", "jdcloud-notification-service", "stedi-edi-translate")
Content = dict[str, Any]


def saved(contract: str) -> tuple[Contract, Content]:
    of = shown(contract)
    return of.contract, json.loads(render_json(of.report))


def refusal(content: Content, contract: Contract) -> str | None:
    """Give the first thing that is wrong with a report, if anything is."""
    try:
        check(whole_of(content, WHERE), WHERE, contract)
    except InputError as error:
        return str(error.problems[0].what)
    return None


@pytest.mark.parametrize("kind", KINDS)
def test_a_report_judged_again_has_the_verdicts_that_were_saved(kind: str) -> None:
    @costly(60)
    @given(whole_cases(kind))
    def holds(drawn: Case) -> None:
        contract, report = reported(drawn)
        content = json.loads(render_json(report))
        again = judged_again(whole_of(content, WHERE), WHERE, contract)
        for name, verdict in again.items():
            amounts = verdict["compensation"].cast(pl.Decimal(38, 6))
            assert verdict["decision"].equals(report.results[f"{name}/decision"])
            assert amounts.equals(report.results[f"{name}/compensation"].cast(pl.Decimal(38, 6)), null_equal=True)
        check(whole_of(content, WHERE), WHERE, contract)
        assert restored(content, WHERE).report.results.equals(report.results, null_equal=True)

    holds()


@pytest.mark.parametrize("contract_id", OF_EACH_KIND)
def test_a_value_of_a_result_that_is_changed_alone_is_refused_or_is_marked(contract_id: str) -> None:
    contract, content = saved(contract_id)
    marks = {path for mark in check(whole_of(content, WHERE), WHERE, contract) for path in mark.paths}
    taken = defaultdict[str, list[Any]](list)
    for place, value in leaves(content["results"], ("results",)):
        for other in others(place, value) if "daily" not in place else ():
            if refusal(with_value(content, place, other), contract) is None:
                taken[path_of(place)].append(other)
    assert set(taken) <= marks
    assert any(path.endswith("measured.kept") for path in marks)


def edited(edit: Callable[[Content], Any], content: Content) -> Content:
    changed = copy.deepcopy(content)
    edit(changed["results"][0])
    return changed


@pytest.fixture(scope="module")
def of() -> tuple[Contract, Content]:
    return saved("jdcloud-face-compare")


class TestRatesThatCannotBe:
    def said_of(self, of: tuple[Contract, Content], kept: object, total: object) -> str | None:
        contract, content = of

        def edit(result: Content) -> None:
            for verdict in result["readings"].values():
                verdict["measured"] = {"kept": str(kept), "total": str(total)}

        return refusal(edited(edit, content), contract)

    def rate(self, of: tuple[Contract, Content]) -> tuple[int, int, int]:
        result = of[1]["results"][0]
        verdict = result["readings"][of[1]["reading"]]
        return int(verdict["measured"]["kept"]), int(verdict["measured"]["total"]), verdict["explicit_failure"]

    def test_the_rate_that_was_saved_is_taken(self, of: tuple[Contract, Content]) -> None:
        kept, total, failed = self.rate(of)
        assert failed
        assert self.said_of(of, kept, total) is None

    def test_a_better_rate_gives_another_amount(self, of: tuple[Contract, Content]) -> None:
        _, total, _ = self.rate(of)
        assert "success_rate is" in str(self.said_of(of, total - 1, total))

    def test_more_cannot_be_lost_than_requests_failed(self, of: tuple[Contract, Content]) -> None:
        _, total, failed = self.rate(of)
        assert "failed requests cannot make that" in str(self.said_of(of, total - failed - 1, total))

    def test_where_some_failed_something_is_lost(self, of: tuple[Contract, Content]) -> None:
        _, total, _ = self.rate(of)
        assert "failed requests cannot make that" in str(self.said_of(of, total, total))

    def test_a_cycle_has_the_intervals_of_its_calendar(self, of: tuple[Contract, Content]) -> None:
        kept, total, _ = self.rate(of)
        assert "which no rate of" in str(self.said_of(of, kept, total + 1))
        assert "which no rate of" in str(self.said_of(of, 2 * kept, 2 * total))

    def test_a_rate_of_many_digits_is_held_against_the_same_bounds(self, of: tuple[Contract, Content]) -> None:
        kept, total, _ = self.rate(of)
        near = kept * CUT // total
        assert self.said_of(of, near, CUT) is None
        assert "failed requests cannot make that" in str(self.said_of(of, near // 2, CUT))
        assert Fraction(near, CUT) <= Fraction(kept, total)

    @pytest.mark.parametrize("written", ["8838.0", "08838", "-1", "1e4", "9" * 101])
    def test_only_whole_numbers_are_taken(self, of: tuple[Contract, Content], written: str) -> None:
        contract, content = of
        edit = lambda result: next(iter(result["readings"].values()))["measured"].update(kept=written)  # noqa: E731
        assert "should be a whole number as text" in str(refusal(edited(edit, content), contract))

    def test_more_than_all_is_no_rate(self, of: tuple[Contract, Content]) -> None:
        kept, total, _ = self.rate(of)
        assert "is no rate" in str(self.said_of(of, total + 1, total))
        assert "is no rate" in str(self.said_of(of, 0, 0))
        assert kept < total

    def test_a_report_without_rates_is_of_an_earlier_version(self, of: tuple[Contract, Content]) -> None:
        contract, content = of

        def edit(result: Content) -> None:
            for verdict in result["readings"].values():
                del verdict["measured"]

        assert "has no measured: the rate is that of intervals" in str(refusal(edited(edit, content), contract))


def test_minutes_of_faults_follow_from_the_rate() -> None:
    contract, content = saved("jdcloud-api-gateway")
    assert content["results"][0]["fault_minutes"] == 25
    forged = edited(lambda result: result.update(fault_minutes=26), content)
    assert "fault_minutes is '26'" in str(refusal(forged, contract))


def test_a_rate_is_not_said_of_requests() -> None:
    contract, content = saved("jdcloud-general-image-ocr")
    assert "measured" not in json.dumps(content["results"][0]["readings"])

    def edit(result: Content) -> None:
        result["readings"][content["reading"]]["measured"] = {"kept": "1", "total": "2"}

    assert "by which requests are what counts" in str(refusal(edited(edit, content), contract))


def test_a_claim_is_told_from_a_saved_report(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, content = saved("jdcloud-face-compare")
    path = tmp_path / "r.json"
    path.write_text(json.dumps(content), "utf-8")
    assert run(["claim-check", "--report", str(path), "--as-of", content["as_of"]]) == 0
    assert "3.0" in capsys.readouterr().out
    path.write_text(json.dumps(content).replace('"3.00"', '"6.00"'), "utf-8")
    assert run(["claim-check", "--report", str(path), "--as-of", content["as_of"]]) == 2
    assert "compensation is '6.00'; its counts, facts and contract give '3" in capsys.readouterr().err
