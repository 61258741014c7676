"""axe-core, the checker of pages for accessibility, as the package axe-core-python brings it; tests skip without it."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

import pytest
from selenium.webdriver import Chrome

_RUN = """
const done = arguments[0];
const told = (each) => `${each.id}: ${each.nodes.map((node) => node.html.slice(0, 200)).join(" | ")}`;
const asked = { resultTypes: ["violations"] };
axe.run(document, asked).then((found) => done(found.violations.map(told)), (error) => done([String(error)]));
"""


def violations(chrome: Chrome) -> list[str]:
    """Name the rules that the open page breaks, of WCAG and of what is best practice, and where."""
    try:
        script = (files("axe_core_python") / "axe.min.js").read_text("utf-8")
    except ModuleNotFoundError:
        pytest.skip("needs axe-core-python: pip install -e '.[test]'")
    chrome.execute_script(script)
    found: list[Any] = chrome.execute_async_script(_RUN)
    return [str(each) for each in found]
