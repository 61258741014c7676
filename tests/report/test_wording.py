"""One word for one thing: no text that people read uses a word that was given up, in English or Chinese."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from sla_audit.contract.load import load_contract
from sla_audit.report.language import ENGLISH, words_of
from tests.catalogues import translated
from tests.program import ROOT, sla_audit

CHINESE = words_of("zh")
SAMPLE = ROOT / "sample_logs" / "expected.json"
_OF_EARLIER_REPORTS = "the readings of clause 2.7.1 differ on"


def given_up() -> Iterator[str]:
    """Read the words from the glossary, which says what is said instead."""
    _, _, listed = (ROOT / "docs" / "glossary.md").read_text("utf-8").partition("<!-- given up -->\n")
    for line in listed.splitlines():
        yield from line.removeprefix("- ").partition(" → ")[0].split(", ")


GIVEN_UP = sorted(given_up())


def texts() -> Iterator[str]:
    for message in translated():
        for said in (message.id, message.string):
            for text in (said,) if isinstance(said, str) else said:
                yield re.sub(r"\{\w+[^}]*\}|%\(\w+\)s", "", text)


TEXTS = list(texts())


def test_there_are_words_given_up() -> None:
    assert len(GIVEN_UP) > 30


@pytest.mark.parametrize("word", GIVEN_UP)
def test_no_text_uses_a_word_that_was_given_up(word: str) -> None:
    whole = re.compile(rf"\b{re.escape(word)}" if word.isascii() else re.escape(word))
    assert [text for text in TEXTS if whole.search(text)] == []


def test_chinese_terms_are_those_of_the_agreement() -> None:
    for text in TEXTS:
        assert not re.search(r"(?<!月度)服务费用", text), text
        assert not re.search(r"(?<!响应)成功率", text), text


def test_a_currency_after_an_amount_is_a_word_and_by_itself_a_code() -> None:
    sentence, heading = "Under the {reading} reading: {amount} {currency}.", "Owed, {currency}"
    assert CHINESE.say(sentence, reading="字面", amount="2,051.67", currency="CNY").endswith("2,051.67 元（人民币）。")
    assert CHINESE.say(heading, currency="CNY") == "应赔偿 CNY"
    assert ENGLISH.say(sentence, reading="literal", amount="2,051.67", currency="CNY").endswith("2,051.67 CNY.")
    assert "9.00 EUR" in CHINESE.say(sentence, reading="字面", amount="9.00", currency="EUR")


def test_the_title_has_the_provider_s_own_english_name() -> None:
    contract = load_contract("jdcloud-smart-compose")
    assert "Automatic Composing" in contract.title.en
    assert contract.failure_name == "definite failure"


def test_a_report_worded_as_before_is_believed_and_told_in_chinese(tmp_path: Path) -> None:
    report = json.loads(SAMPLE.read_bytes())
    before = "01d3f01d9197d0e0fdbc3cac10d4d73b2d714e85d782e2032631fad9da5e34e3"
    report["contract"]["sha256"] = before
    at = next(i for i, text in enumerate(report["warnings"]) if text.startswith(_OF_EARLIER_REPORTS))
    notice = next(each for each in report["notices"] if each["text"].startswith(_OF_EARLIER_REPORTS))
    notice["text"] = "the readings of clause 2.7.1 differ on {results} result: {sums}"
    for each in notice["values"]["sums"]["values"].values():
        each["text"] = "{reading} at least {amount} {currency}"
        each["values"] |= {"amount": each["values"]["amount"].replace(",", ""), "currency": "CNY"}
    report["warnings"][at] = (
        "the readings of clause 2.7.1 differ on 1 result: literal at least 2051.67 CNY, broad at least 2351.66 CNY"
    )
    saved = tmp_path / "report.json"
    saved.write_text(json.dumps(report), "utf-8")
    done = sla_audit("render", str(saved), "--lang", "zh")
    assert done.returncode == 0
    assert "警告：第 2.7.1 条的各口径对 1 项结果结论不同：字面口径至少 2051.67" in done.stderr
