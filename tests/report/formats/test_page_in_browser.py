"""The page in a browser: it says what the JSON says, sorts, filters and opens, and asks nobody for anything."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from selenium.webdriver import Chrome, Keys
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import Select

from sla_audit.contract.load import BUILT_IN, load_contract
from sla_audit.output.escape import for_terminal
from sla_audit.report.formats.html.render import render_html
from tests.browser import complaints, open_page, requests
from tests.builders.reports.by_hand import a_report
from tests.hostile_strings import HOSTILE
from tests.program import ROOT

CONTRACT = load_contract(BUILT_IN)
SAMPLE: dict[str, Any] = json.loads((ROOT / "sample_logs" / "expected.json").read_bytes())
RESULTS: dict[str, dict[str, Any]] = {result["account_id"]: result for result in SAMPLE["results"]}

BELOW = {
    name
    for name, result in RESULTS.items()
    if any(each["credit_rate"] not in (None, "0") for each in result["readings"].values())
}


def rows(page: Chrome) -> list[list[str]]:
    listed = "[...document.querySelectorAll('#table tbody tr:not(.detail)')]"
    found: list[list[str]] = page.execute_script(f"return {listed}.map(r => [...r.cells].map(c => c.innerText.trim()))")
    return found


def accounts(page: Chrome) -> list[str]:
    return [row[0] for row in rows(page)]


def head(page: Chrome, column: str) -> WebElement:
    return page.find_element(By.CSS_SELECTOR, f"#table button[data-column={column}]")


def choose(page: Chrome, which: str) -> list[str]:
    Select(page.find_element(By.ID, "which")).select_by_value(which)
    return accounts(page)


def opened(page: Chrome, account: str) -> WebElement:
    button = next(each for each in page.find_elements(By.CSS_SELECTOR, "button.open") if each.text == account)
    button.click()
    assert button.get_attribute("aria-expanded") == "true"
    return page.find_element(By.ID, button.get_attribute("aria-controls") or "")


def waterfall(page: Chrome, account: str) -> list[str]:
    lines = opened(page, account).find_elements(By.CSS_SELECTOR, ".waterfall tbody tr")
    return [" ".join(line.text.split()) for line in lines]


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_console_is_silent_and_no_request_leaves_the_page(
    browser: Chrome, sample: Path, width: int, scheme: str
) -> None:
    open_page(browser, sample, width, scheme)
    for button in browser.find_elements(By.CSS_SELECTOR, "button.open"):
        button.send_keys(Keys.ENTER)
    assert complaints(browser) == []
    assert [url for url in requests(browser) if not url.startswith("data:")] == [sample.as_uri()]


def test_the_table_has_the_figures_of_the_json(page: Chrome) -> None:
    found = {row[0]: row[1:] for row in rows(page)}
    assert set(found) == set(RESULTS)
    for account, result in RESULTS.items():
        cycle, *counts, rate, owed, _ = found[account]
        assert cycle == result["cycle"]
        counted = result["success"] + result["explicit_failure"]
        expected = [result["requests"], result["excluded"]["total"], counted, result["explicit_failure"]]
        assert [int(count.replace(",", "")) for count in counts] == expected
        if result["success_rate"] is None:
            assert rate == "-"
        else:
            shown = rate.rstrip(" ~").replace(".", "")
            assert int(shown) == int(result["success_rate"].replace(".", ""))
        assert owed.replace(",", "") == ("?" if result["compensation"] is None else result["compensation"])


def test_at_first_what_needs_attention_most_is_on_top(page: Chrome) -> None:
    def at_stake(result: dict[str, Any]) -> float:
        amounts = [each["compensation"] or each.get("estimate") for each in result["readings"].values()]
        return max(float(amount or 0) for amount in amounts)

    most = sorted(RESULTS.values(), key=lambda result: -at_stake(result))
    assert accounts(page)[:9] == [result["account_id"] for result in most][:9]
    assert page.find_element(By.ID, "shown").text == "1 to 17 of 17 results"


def test_a_column_sorts_by_mouse_both_ways(page: Chrome) -> None:
    head(page, "account").click()
    assert accounts(page) == sorted(RESULTS)
    assert head(page, "account").find_element(By.XPATH, "..").get_attribute("aria-sort") == "ascending"
    head(page, "account").click()
    assert accounts(page) == sorted(RESULTS, reverse=True)
    sorted_heads = page.find_elements(By.CSS_SELECTOR, "[aria-sort]")
    assert [each.get_attribute("aria-sort") for each in sorted_heads] == ["descending"]


@pytest.mark.parametrize("key", [Keys.ENTER, Keys.SPACE])
def test_a_column_sorts_by_keyboard(page: Chrome, key: str) -> None:
    head(page, "explicit_failure").send_keys(key)
    failed = [int(row[5]) for row in rows(page)]
    assert failed == sorted(failed, reverse=True)
    head(page, "explicit_failure").send_keys(key)
    failed = [int(row[5]) for row in rows(page)]
    assert failed == sorted(failed)


def test_amounts_sort_as_amounts_and_unknown_ones_come_last(page: Chrome) -> None:
    for last in (True, False):
        head(page, "compensation").click()
        amounts = [row[7] for row in rows(page)]
        assert amounts[-2:] == ["?", "?"]
        known = [float(amount.replace(",", "")) for amount in amounts[:-2]]
        assert known == sorted(known, reverse=last)


def moves_money(result: dict[str, Any]) -> bool:
    """Tell whether 3 failures fewer or more change what is owed, or may."""
    if result["plan"] == "free" or result["cash_paid"] == "0.00" or (result["failures_to_edge"] or 99) > 3:
        return False
    edges = result.get("edges")
    if edges is None:
        return True
    now = result["compensation"] or result.get("estimate")
    amounts = [edges[f"{way}_compensation"] for way in ("fewer", "more") if (edges[f"{way}_failures"] or 99) <= 3]
    return now is None or any(amount != now for amount in amounts)


def test_filters_leave_what_they_say(page: Chrome) -> None:
    assert len(choose(page, "owed")) == SAMPLE["totals"]["owed"]
    assert sorted(choose(page, "undetermined")) == ["no-billing", "not-in-accounts"]
    assert choose(page, "differ") == ["readings-differ"]
    assert sorted(choose(page, "below")) == sorted(BELOW)
    near = [name for name, each in RESULTS.items() if moves_money(each)]
    assert sorted(choose(page, "near")) == sorted(near)
    assert len(choose(page, "not_owed")) == 8


def test_a_search_finds_accounts_by_a_part_of_their_name(page: Chrome) -> None:
    search = page.find_element(By.ID, "search")
    search.send_keys("TIER")
    assert accounts(page) == ["tier-three", "tier-two"]
    search.send_keys("-nobody")
    assert accounts(page) == []
    assert page.find_element(By.ID, "shown").text == "No results match this filter."


def test_an_account_opens_into_its_waterfall_each_line_with_its_clause(page: Chrome) -> None:
    lines = waterfall(page, "announced-works")
    assert lines[-1] == "With 3 failures more, the objective would be missed: 15 % of the fee 2.10.1"
    assert lines[:8] == [
        "426 Requests in the cycle, 2026-10-01 to 2026-10-31 2.7",
        "− 20 Excluded: announced maintenance, upgrades and drills 2.7.1 (1)",
        "− 4 Excluded: carrier faults: packet loss, delay 2.7.1 (3)",
        "402 Counted 2.7",
        "− 400 Successes 2.7",
        "2 Explicit failures under the literal reading: 2 x no status 2.7.1",
        "99.5024 % Success rate: 400 of 402, cut and not rounded. The objective is 99 %. 2.7",
        "0 % Share of the monthly service fee: the objective is met 2.10.1",
    ]


def test_an_amount_is_said_to_be_a_voucher_with_its_cap_and_its_claim(page: Chrome) -> None:
    lines = waterfall(page, "capped-by-cash")
    assert lines[-5:] == [
        "250.00 Paid in cash, which compensation never exceeds 2.10.1",
        "250.00 Owed, paid as a voucher: 60 % of 1,000.00, cash cap 2.10.1",
        "250.00 Under the broad reading: 12 explicit failures, 88.0000 %, 60 % of the fee, owed 2.7.1",
        "250.00 With 2 failures fewer: 30 % of the fee 2.10.1",
        "Claim it from 2026-11-05 to 2026-11-30, both inclusive 2.10.2",
    ]


def test_the_days_of_an_account_are_those_of_the_json(page: Chrome) -> None:
    detail = opened(page, "tier-three")
    table = (
        "return [...arguments[0].querySelectorAll('details tbody tr')].map(r => [...r.cells].map(c => c.textContent))"
    )
    days = page.execute_script(table, detail)
    expected = [
        [day["date"], *map(str, (day["success"], day["explicit_failure"], day["excluded"]["total"]))]
        for day in RESULTS["tier-three"]["daily"]
    ]
    assert days == expected
    assert "40 explicit failures on 26 days; most on 2026-10-08: 3." in detail.text


def test_an_account_opens_and_closes_by_keyboard_where_the_focus_stays(page: Chrome) -> None:
    button = page.find_element(By.CSS_SELECTOR, "button.open")
    for expanded in ("true", "false"):
        button.send_keys(Keys.ENTER)
        assert button.get_attribute("aria-expanded") == expanded
        assert page.switch_to.active_element == button
    assert page.find_elements(By.CSS_SELECTOR, "tr.detail") == []


def test_nothing_is_wider_than_a_phone(browser: Chrome, sample: Path) -> None:
    open_page(browser, sample, 390)
    browser.find_element(By.CSS_SELECTOR, "button.open").send_keys(Keys.ENTER)
    assert browser.execute_script("return document.documentElement.scrollWidth") == 390


def test_dark_is_dark(browser: Chrome, sample: Path) -> None:
    grounds = []
    for scheme in ("light", "dark"):
        open_page(browser, sample, scheme=scheme)
        body = browser.find_element(By.TAG_NAME, "body")
        grounds.append((body.value_of_css_property("background-color"), body.value_of_css_property("color")))
    assert grounds[0] != grounds[1]


def test_without_scripts_the_results_below_the_objective_are_there(browser: Chrome, sample: Path) -> None:
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        open_page(browser, sample)
        listed = browser.find_elements(By.CSS_SELECTOR, "noscript tbody th")
        assert {each.text for each in listed} >= BELOW
        assert not browser.find_element(By.ID, "interactive").is_displayed()
    finally:
        browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


def test_hostile_ids_are_shown_and_do_nothing(browser: Chrome, tmp_path: Path) -> None:
    ids = sorted(HOSTILE.values())
    path = tmp_path / "hostile.html"
    path.write_bytes(render_html(a_report(*({"account_id": text} for text in ids), warnings=ids), CONTRACT))
    open_page(browser, path)
    for button in browser.find_elements(By.CSS_SELECTOR, "button.open"):
        browser.execute_script("arguments[0].click()", button)
    assert complaints(browser) == []
    assert [url for url in requests(browser) if not url.startswith("data:")] == [path.as_uri()]
    names = "return [...document.querySelectorAll('button.open bdi')].map(each => each.textContent)"
    shown = set(browser.execute_script(names))
    browser.find_element(By.ID, "next").click()
    shown |= set(browser.execute_script(names))
    assert shown == {for_terminal(text) for text in ids}
    assert browser.find_elements(By.CSS_SELECTOR, "main img, main b, main a:not([href^='#clause-']), main script") == []


def test_twenty_thousand_accounts_are_listed_a_page_at_a_time(browser: Chrome, tmp_path: Path) -> None:
    path = tmp_path / "many.html"
    path.write_bytes(render_html(a_report(*({"account_id": f"acct-{n:05}"} for n in range(20_000))), CONTRACT))
    open_page(browser, path)
    assert browser.find_element(By.ID, "shown").text == "1 to 50 of 20,000 results"
    assert len(rows(browser)) == 50
    browser.find_element(By.ID, "next").click()
    assert accounts(browser)[0] == "acct-00050"
    head(browser, "account").click()
    head(browser, "account").click()
    assert accounts(browser)[0] == "acct-19999"
    browser.find_element(By.ID, "search").send_keys("acct-1234")
    assert accounts(browser) == [f"acct-1234{n}" for n in reversed(range(10))]


def test_on_paper_there_are_more_rows_than_on_a_page_and_the_screen_comes_back(browser: Chrome, tmp_path: Path) -> None:
    path = tmp_path / "many.html"
    path.write_bytes(render_html(a_report(*({"account_id": f"acct-{n:05}"} for n in range(300))), CONTRACT))
    open_page(browser, path)
    browser.execute_script("window.dispatchEvent(new Event('beforeprint'))")
    assert len(rows(browser)) == 200
    browser.execute_script("window.dispatchEvent(new Event('afterprint'))")
    assert len(rows(browser)) == 50
