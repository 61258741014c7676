"""The page of a comparison: it says what the comparison says, loads nothing, and no text in it becomes markup."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from selenium.webdriver import Chrome

from sla_audit.contract.load import BUILT_IN, load_contract
from sla_audit.judge.classification.rules import CLASSES
from sla_audit.model.comparison import OF_A_SIDE, SIDES, Comparison
from sla_audit.output.escape import for_terminal
from sla_audit.report.formats.html.two_sides import render_comparison_page
from sla_audit.report.language import words_of
from sla_audit.report.two_sides.document import Compared
from tests.browser import complaints, open_page, requests
from tests.hostile_strings import HOSTILE
from tests.page_reader import Page, policy_hash, read_page

CONTRACT = load_contract(BUILT_IN)
TYPES = {
    "status": pl.Int32(),
    "no_answer": pl.Boolean(),
    "class": pl.String(),
    "clause": pl.Int32(),
    "exclusion": pl.String(),
}
AT = 1_791_000_000_000_000


def compared(*, text: str = "acme", many: int = 1, moved: str | None = "-180.00") -> Compared:
    """Compare two sides: of `many` requests, which theirs excludes, and one that only ours has; `text` names all."""
    said = [(502, False, "explicit_failure", None, None), (502, False, "excluded", 1, text)]
    of_sides = {
        f"{side}_{name}": pl.Series([said[at][place], said[at][place] if at == 0 else None], dtype=TYPES[name])
        for at, side in enumerate(SIDES)
        for place, name in enumerate(OF_A_SIDE)
    }
    amounts = [None if moved is None else Decimal(moved), Decimal(0)]
    differences = pl.DataFrame({"difference": ["other_class", "only_ours"], **of_sides}).with_columns(
        pl.Series("requests", [many, 1], pl.Int64()),
        *(pl.Series(name, [0, 0], pl.Int64()) for name in CLASSES),
        pl.Series("moved", amounts, pl.Decimal(38, 6)),
    )
    where = {
        f"{side}_{name}": [f"{text}.csv", "line 7"][at] for side in SIDES for at, name in enumerate(("file", "place"))
    }
    one = (
        differences.head(1)
        .select("difference", *of_sides)
        .with_columns(
            pl.lit(AT).alias("ours_instant"),
            pl.lit(AT).alias("theirs_instant"),
            pl.lit(text).alias("request_id"),
            *(pl.lit(value).alias(name) for name, value in where.items()),
        )
    )
    other = one.with_columns(
        difference=pl.lit("only_ours"), **{name: None for name in one.columns if name.startswith("theirs_")}
    ).cast(dict(one.schema))
    days = {f"{side}_{name}": [at + 3] for at, side in enumerate(SIDES) for name in CLASSES}
    comparison = Comparison(
        by_class=(pl.DataFrame({name: [9] for name in CLASSES}), pl.DataFrame({name: [8] for name in CLASSES})),
        amounts=(Decimal("360.00"), None if moved is None else Decimal("360.00") + Decimal(moved)),
        days=pl.DataFrame({"day": [date(2026, 10, 5)], **days}),
        differences=differences,
        by_facts=Decimal(0),
        requests=pl.concat([*[one] * many, other]),
        unlisted=("theirs",),
    )
    return Compared(
        contract=CONTRACT.identity,
        reading="literal",
        as_of=date(2026, 11, 20),
        currency="CNY",
        time_zone="Asia/Shanghai",
        account_id=text,
        cycle="2026-10",
        sides=(f"{text}/ours", f"{text}/theirs"),
        comparison=comparison,
    )


def page_of(language: str = "en", **given: Any) -> Page:
    return read_page(render_comparison_page(compared(**given), CONTRACT, words_of(language)))


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("moved", ["-180.00", "180.00", "0.00", None])
def test_the_page_is_sound_and_loads_nothing(language: str, moved: str | None) -> None:
    page = page_of(language, moved=moved)
    assert page.faults() == []
    (style,) = page.named("style")
    assert page.allowed("style-src") == policy_hash(style.text)
    assert page.named("script") == []


def test_the_headline_is_what_the_difference_is_worth() -> None:
    for moved, said in (("-180.00", "Theirs is  less"), ("180.00", "Theirs is  more")):
        page = page_of(moved=moved)
        assert page.named("h1")[0].text == said
        assert "180.00 CNY" in page.texts
    assert page_of(moved=None).named("h1")[0].text == "The sides differ; what that is worth is unknown."
    assert page_of(moved="0.00").named("h1")[0].text == "The sides differ, and owe the same."


def test_it_has_the_month_the_outcomes_the_days_and_the_requests() -> None:
    texts = page_of(text="r-17").texts
    assert {
        "The month, 2026-10",
        "What differs, and what it moves",
        "Days that differ",
        "Requests that differ",
    } <= texts
    assert {"judged otherwise", "only ours", "502, explicit failure", "502, excluded, exclusion r-17"} <= texts
    assert {"3 / 4", "-180.00", "2026-10-05", "r-17", "r-17.csv, line 7", "r-17/theirs"} <= texts
    assert any(text.startswith("Theirs is a claim pack") for text in texts)


def test_of_very_many_requests_it_lists_some_and_says_so() -> None:
    page = page_of(many=1200)
    assert len([each for each in page.named("tr") if "table" in each.within]) < 1100
    assert any("Requests not listed here: 201" in text for text in page.texts)


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_no_text_becomes_markup(text: str) -> None:
    page = page_of(text=text)
    assert page.faults() == []
    assert len(page.elements) == len(page_of().elements)
    assert for_terminal(text).strip() in page.texts


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_in_a_browser_it_is_silent_asks_nobody_and_fits(
    browser: Chrome, tmp_path: Path, width: int, scheme: str
) -> None:
    path = tmp_path / "differ.html"
    for language, text in (("en", "acme/" * 40), ("zh", "acme")):
        path.write_bytes(render_comparison_page(compared(text=text), CONTRACT, words_of(language)))
        open_page(browser, path, width, scheme)
        assert complaints(browser) == []
        assert [url for url in requests(browser) if not url.startswith("data:")] == [path.as_uri()]
        assert browser.execute_script("return document.documentElement.scrollWidth") <= width
