"""An opened row argues as `explain` does; what is shown stands in the address, and can be taken along."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import Any

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import Select

from sla_audit.contract.load import BUILT_IN, load_contract
from sla_audit.report.formats.html.argued.clauses import cited
from sla_audit.report.formats.html.render import render_html
from tests.browser import complaints, open_page
from tests.builders.reports.by_hand import NOT_OWED, UNDETERMINED, a_report
from tests.program import ROOT, sla_audit

CONTRACT = load_contract(BUILT_IN)
SAMPLE: dict[str, Any] = json.loads((ROOT / "sample_logs" / "expected.json").read_bytes())
RESULTS: dict[str, dict[str, Any]] = {result["account_id"]: result for result in SAMPLE["results"]}
COPY = "navigator.clipboard.writeText = async (text) => { window.taken = text; };"


def open_row(page: Chrome, account: str) -> None:
    next(each for each in page.find_elements(By.CSS_SELECTOR, "button.open") if each.text == account).click()


def table(page: Chrome, selector: str) -> list[list[str]]:
    rows = "[...document.querySelectorAll(arguments[0])]"
    script = f"return {rows}.map((row) => [...row.cells].map((cell) => cell.innerText.trim()))"
    found: list[list[str]] = page.execute_script(script, selector)
    return found


def accounts(page: Chrome) -> list[str]:
    return [row[0] for row in table(page, "#table tbody tr:not(.detail)")]


def test_exclusions_are_those_of_the_time_and_the_account_each_with_what_it_is_worth(page: Chrome) -> None:
    open_row(page, "announced-works")
    rows = {row[0]: row[1:] for row in table(page, ".argument tbody tr")}
    assert list(rows) == ["M-1012", "M-1021", "N-1012"]
    assert rows["M-1012"][1:4] == [
        "applied",
        "2026-10-12 01:00 to 03:00\nstorage upgrade, announced by mail",
        "2026-10-09 18:00",
    ]
    assert rows["M-1012"][4:6] == ["20", "95.4653 %, 15 % of the fee: 180.00"]
    assert rows["N-1012"][4:6] == ["4", "98.5221 %, 15 % of the fee: 180.00"]
    assert rows["M-1021"][1] == "refused: never announced"


def test_an_exclusion_of_other_accounts_is_not_shown_and_one_that_took_out_nothing_changes_nothing(
    page: Chrome,
) -> None:
    open_row(page, "just-below")
    rows = {row[0]: row[1:] for row in table(page, ".argument tbody tr")}
    assert list(rows) == ["M-1012", "M-1021"]
    assert rows["M-1012"][4:6] == ["0", "nothing changes"]


def test_edges_say_their_direction_the_share_and_the_amount(page: Chrome) -> None:
    open_row(page, "tier-three")
    edges = RESULTS["tier-three"]["edges"]
    rows = table(page, ".waterfall tbody tr")
    assert ["360.00", f"With {edges['fewer_failures']} failures fewer: 30 % of the fee", "", "2.10.1"] in rows


def test_the_total_is_that_of_the_report(page: Chrome) -> None:
    (total,) = table(page, "#table tfoot tr")
    totals = SAMPLE["totals"]
    assert total[0] == "All 17 results"
    assert total[2].replace(",", "") == str(sum(result["requests"] for result in SAMPLE["results"]))
    assert total[7].replace(",", "") == f"at least {totals['compensation']}"
    assert total[8] == "not known of 2"
    Select(page.find_element(By.ID, "which")).select_by_value("owed")
    (total,) = table(page, "#table tfoot tr")
    assert (total[0], total[7].replace(",", "")) == ("All 7 results", totals["compensation"])
    Select(page.find_element(By.ID, "which")).select_by_value("undetermined")
    assert table(page, "#table tfoot tr")[0][7] == "?"


def test_what_is_shown_is_in_the_address_and_comes_back(page: Chrome, sample: Path) -> None:
    Select(page.find_element(By.ID, "which")).select_by_value("owed")
    page.find_element(By.CSS_SELECTOR, "#table button[data-column=account]").click()
    open_row(page, "tier-two")
    url, shown = page.current_url, accounts(page)
    assert url.endswith("#?show=owed&sort=account-up&open=2026-10%2Ftier-two")
    page.get("about:blank")
    page.get(url)
    assert accounts(page) == shown
    assert page.find_element(By.CSS_SELECTOR, "[aria-expanded=true]").text == "tier-two"
    assert page.find_element(By.CSS_SELECTOR, "[aria-sort]").get_attribute("aria-sort") == "ascending"


def test_the_back_button_takes_one_step_back(page: Chrome) -> None:
    first = accounts(page)
    Select(page.find_element(By.ID, "which")).select_by_value("owed")
    open_row(page, "tier-two")
    page.back()
    assert page.find_elements(By.CSS_SELECTOR, "tr.detail") == []
    assert len(accounts(page)) == 7
    page.back()
    assert accounts(page) == first
    assert Select(page.find_element(By.ID, "which")).first_selected_option.get_attribute("value") == "all"


@pytest.mark.parametrize(
    "hash_", ["#?open=x&sort=nonsense-up&from=-3&show=%00", "#?from=1e9&cycle=<b>", "#nowhere", "#?%"]
)
def test_an_address_that_says_nothing_sensible_shows_the_page_as_it_is_at_first(
    browser: Chrome, sample: Path, hash_: str
) -> None:
    browser.get("about:blank")
    open_page(browser, sample)
    first = accounts(browser)
    browser.get("about:blank")
    browser.get(sample.as_uri() + hash_)
    assert accounts(browser) == first
    assert complaints(browser) == []


def test_an_opened_result_on_a_later_page_is_shown(browser: Chrome, tmp_path: Path) -> None:
    path = tmp_path / "many.html"
    path.write_bytes(render_html(a_report(*({"account_id": f"acct-{n:05}"} for n in range(300))), CONTRACT))
    browser.get("about:blank")
    browser.get(f"{path.as_uri()}#?open=2026-10%2Facct-00123")
    assert browser.find_element(By.ID, "shown").text == "101 to 150 of 300 results"
    assert browser.find_element(By.CSS_SELECTOR, "[aria-expanded=true]").text == "acct-00123"


def test_every_citation_leads_to_its_clause(page: Chrome) -> None:
    open_row(page, "announced-works")
    links = "[...document.querySelectorAll('a[href^=\"#clause\"]')]"
    missing = f"return {links}.filter((link) => !document.getElementById(link.hash.slice(1))).length"
    assert page.execute_script(missing) == 0
    page.find_element(By.CSS_SELECTOR, ".waterfall a").click()
    assert page.current_url.endswith("#clause-2.7")
    assert page.find_elements(By.CSS_SELECTOR, "tr.detail")  # what was opened stays so


def test_the_commands_name_the_result_and_can_be_run(page: Chrome) -> None:
    page.execute_script(COPY)
    open_row(page, "announced-works")
    buttons = page.find_elements(By.CSS_SELECTOR, ".copy button")
    for button, name in ((buttons[2], "rows"), (buttons[3], "explain")):
        button.click()
        command = shlex.split(page.execute_script("return window.taken"))
        assert command[:2] == ["sla-audit", name]
        done = sla_audit(*command[1:])
        assert done.returncode == 0, done.stderr
        assert "426" in (done.stderr if name == "rows" else done.stdout)


def test_the_figures_can_be_taken_along_as_a_table(page: Chrome) -> None:
    page.execute_script(COPY)
    open_row(page, "tier-two")
    page.find_element(By.CSS_SELECTOR, ".copy button").click()
    lines = page.execute_script("return window.taken").splitlines()
    assert lines[0] == "tier-two\t2026-10"
    assert "360.00\tOwed, paid as a voucher: 30 % of 1,200.00\t2.10.1" in lines
    assert page.find_element(By.CSS_SELECTOR, ".copy [role=status]").text == "Copied."


def test_a_sum_of_unknown_amounts_is_not_nought(browser: Chrome, tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_bytes(render_html(a_report(UNDETERMINED, NOT_OWED | {"account_id": "B"}), CONTRACT))
    browser.get("about:blank")
    open_page(browser, path)
    assert table(browser, "#table tfoot tr")[0][7] == "?"


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("left out (clause 2.7.1 (5)), and 2.10.1", ["#clause-2.7.1-5", "#clause-2.10.1"]),
        ("a rate of 2.7 % or 2.7%", []),
        ("12.7, 2.75, 2.7-beta, v2.7 and 1,2.7", []),
        ("<b>2.7</b> & more", ["#clause-2.7"]),
    ],
)
def test_sentences_are_linked_where_they_cite_a_clause(text: str, links: list[str]) -> None:
    anchors = {"2.7": "clause-2.7", "2.7.1 (5)": "clause-2.7.1-5", "2.10.1": "clause-2.10.1"}
    written = cited(text, anchors)
    assert [part.split('"')[0] for part in written.split('href="')[1:]] == links
    assert "<b>" not in written
