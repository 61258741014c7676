"""The glossary names things that exist, each once."""

from __future__ import annotations

import pkgutil

import pytest

from tests.program import ROOT

ROWS = [
    [cell.strip() for cell in line.strip("| \n").split("|")]
    for line in (ROOT / "docs" / "glossary.md").read_text("utf-8").splitlines()
    if line.startswith("|") and not line.startswith(("| term", "|---"))
]


@pytest.mark.parametrize("row", ROWS, ids=[row[0] for row in ROWS])
def test_each_term_stands_for_something_in_the_code(row: list[str]) -> None:
    assert all(row)
    assert pkgutil.resolve_name(row[3].strip("`")) is not None


def test_no_term_stands_twice() -> None:
    for language in (0, 1):
        terms = [row[language] for row in ROWS]
        assert sorted(set(terms)) == sorted(terms)
