"""Reports of an agreement cite its own clauses, whatever the sentence says of the first one's."""

from __future__ import annotations

import pytest

from sla_audit.contract.built_in import built_in_contracts
from sla_audit.contract.load import BUILT_IN, load_contract
from sla_audit.contract.terms.clauses import Citations
from sla_audit.report.citations import cited
from sla_audit.report.language import words_of

PACKAGES = Citations("2.2.2", "2.2", "2.4", "2.1")
AMAZON = Citations("SLA Exclusions", "Service Commitment", None, "Definitions: Error")

SENTENCES = {
    "the rate": ("is in no success rate (clause 2.7), which", "is in no success rate (clause 2.2), which"),
    "a cause, by its number": ("under clause 2.7.1 ({clause}): it was", "under clause 2.2.2 ({clause}): it was"),
    "what readings differ on": ("the readings of clause 2.7.1 differ", "the readings of clause 2.1 differ"),
    "the same in Chinese": ("第 2.7.1 条的各口径对", "第 2.1 条的各口径对"),
    "metering": ("bills compared (clause 2.9).", "bills compared (clause 2.4)."),
    "metering in Chinese": ("容差 {tolerance}（第 2.9 条）。", "容差 {tolerance}（第 2.4 条）。"),
    "the number of a cause of the first agreement": (
        "so illegal content (clause 2.7.1 (5)) cannot be seen",
        "so illegal content cannot be seen",
    ),
    "the same number in Chinese": ("无法识别非法信息（第 2.7.1 (5) 条）：", "无法识别非法信息："),
    "no clause": ("the rate is 2.7 %", "the rate is 2.7 %"),
    "another clause": ("clause 2.7.10 and clause 2.10.1", "clause 2.7.10 and clause 2.10.1"),
}


@pytest.mark.parametrize(("said", "expected"), SENTENCES.values(), ids=SENTENCES)
def test_a_sentence_has_the_clauses_of_the_agreement(said: str, expected: str) -> None:
    assert cited(said, PACKAGES) == expected


def test_what_an_agreement_does_not_speak_of_is_not_cited() -> None:
    assert cited("bills compared (clause 2.9).", AMAZON) == "bills compared."
    assert cited("日志比对账单（第 2.9 条）。", AMAZON) == "日志比对账单。"
    assert cited("in no rate, whoever sent them (clause 2.7.1): {rows}", AMAZON) == (
        "in no rate, whoever sent them (clause SLA Exclusions): {rows}"
    )


def test_the_first_agreement_is_cited_as_it_is() -> None:
    words = words_of("en")
    assert words.of_contract(load_contract(BUILT_IN)).cause_clause(5) == "2.7.1 (5)"
    assert words.of_contract(load_contract("jdcloud-general-image-ocr")).cause_clause(9) == "2.2.2 (9)"
    assert words.of_contract(load_contract("aws-api-gateway")).cause_clause(1) == "SLA Exclusions (1)"


@pytest.mark.parametrize("contract", built_in_contracts())
def test_each_other_text_says_where_its_causes_stand(contract: str) -> None:
    loaded = load_contract(contract)
    listed = {clause.number for clause in loaded.clauses}
    first = loaded.objective.clause == "2.7" and loaded.compensation.clause == "2.10.1"
    assert first or loaded.causes_clause in listed
    assert loaded.metering_clause is None or loaded.metering_clause in listed
