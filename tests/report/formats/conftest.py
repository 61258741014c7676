"""A browser, and the page of the sample month in it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium.webdriver import Chrome

from tests.browser import chromium, open_page
from tests.program import sla_audit


@pytest.fixture(scope="module")
def browser() -> Iterator[Chrome]:
    with chromium() as chrome:
        yield chrome


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("page") / "report.html"
    done = sla_audit("render", "sample_logs/expected.json", "-o", str(path))
    assert done.returncode == 0, done.stderr
    return path


@pytest.fixture
def page(browser: Chrome, sample: Path) -> Chrome:
    browser.get("about:blank")  # else another hash alone would not load it anew
    open_page(browser, sample)
    return browser
