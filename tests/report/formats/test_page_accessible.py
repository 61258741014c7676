"""The page for every reader: by axe's rules, by keyboard, at 200 % zoom, on a phone, on paper."""

from __future__ import annotations

import base64
import io
from pathlib import Path

import pypdfium2
import pytest
from selenium.webdriver import Chrome, Keys
from selenium.webdriver.common.by import By

from tests.axe import violations
from tests.browser import open_page
from tests.program import sla_audit

OPEN_ALL = """
for (const button of document.querySelectorAll('button.open')) button.click();
for (const folded of document.querySelectorAll('details')) folded.open = true;
"""


@pytest.fixture(scope="module", params=["en", "zh"])
def sample(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("page") / "report.html"
    done = sla_audit("render", "sample_logs/expected.json", "--lang", request.param, "-o", str(path))
    assert done.returncode == 0, done.stderr
    return path


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing_with_everything_opened(browser: Chrome, sample: Path, width: int, scheme: str) -> None:
    open_page(browser, sample, width, scheme)
    browser.execute_script(OPEN_ALL)
    assert violations(browser) == []


def test_whatever_scrolls_can_be_reached_by_keyboard(browser: Chrome, sample: Path) -> None:
    open_page(browser, sample, 390)
    browser.execute_script(OPEN_ALL)
    unreachable = """
    return [...document.querySelectorAll('*')].filter((each) => {
      const style = getComputedStyle(each);
      const scrolls = ['auto', 'scroll'].includes(style.overflowX) && each.scrollWidth > each.clientWidth + 1;
      return scrolls && each.tabIndex < 0;
    }).map((each) => each.outerHTML.slice(0, 120));
    """
    assert browser.execute_script(unreachable) == []


@pytest.mark.parametrize("width", [640, 512, 390, 768, 1024])
def test_what_is_owed_is_in_view_with_its_reason(browser: Chrome, sample: Path, width: int) -> None:
    """At 200 % zoom a screen of 1280 pixels is 640 wide, one of 1024 is 512."""
    open_page(browser, sample, width)
    row = "const row = document.querySelector('#table tbody tr');"
    owed = browser.execute_script(f"{row} const b = row.cells[7].getBoundingClientRect(); return [b.left, b.right]")
    assert 0 < owed[0] < owed[1] <= width
    reason = browser.execute_script(
        f"{row} const of = [row.querySelector('.brief'), row.querySelector('.why')].find((each) => each.offsetWidth);"
        " const b = of.getBoundingClientRect(); return [of.textContent, b.left, b.right]"
    )
    assert "1,200.00" in reason[0]
    assert 0 < reason[1] < reason[2] <= width
    assert browser.execute_script("return document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("width", [1280, 390])
def test_no_cycle_is_broken_over_two_lines(browser: Chrome, sample: Path, width: int) -> None:
    open_page(browser, sample, width)
    heights = browser.execute_script(
        "return [...document.querySelectorAll('td.cycle')].filter((each) => each.offsetWidth).map((each) => {"
        " const range = document.createRange(); range.selectNodeContents(each); return range.getClientRects().length })"
    )
    assert set(heights) <= {0, 1}  # 0: folded away


def test_an_opened_row_is_gone_through_by_keyboard(browser: Chrome, sample: Path) -> None:
    open_page(browser, sample)
    browser.find_element(By.CSS_SELECTOR, "button.open").send_keys(Keys.ENTER)
    met = []
    for _ in range(6):
        browser.switch_to.active_element.send_keys(Keys.TAB)
        met.append(browser.switch_to.active_element.get_attribute("class") or browser.switch_to.active_element.tag_name)
    assert met[:4] == ["button"] * 4  # what can be copied
    assert met[4:] == ["a", "a"]  # the clauses


def test_on_paper_what_is_folded_is_unfolded(browser: Chrome, sample: Path) -> None:
    open_page(browser, sample)
    browser.find_element(By.CSS_SELECTOR, "button.open").send_keys(Keys.ENTER)
    folded = browser.execute_script("return document.querySelectorAll('details:not([open])').length")
    assert folded
    printed = browser.execute_cdp_cmd("Page.printToPDF", {"printBackground": True})["data"]
    pdf = pypdfium2.PdfDocument(io.BytesIO(base64.b64decode(printed)))
    text = "".join(pdf[at].get_textpage().get_text_range() for at in range(len(pdf)))
    pdf.close()
    assert "sample_logs/logs/2026-10-a.csv" in text.replace("\r\n", "")  # a log, in a table that is folded
    assert "2026-10-08" in text  # a day of the opened result
    assert browser.execute_script("return document.querySelectorAll('details:not([open])').length") == folded
