"""Messages are sentences with places, so that they can be told in other languages: none is put together as text."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from sla_audit.sentence import Sentence, in_series, said_by
from tests.program import ROOT


def put_together(node: ast.expr) -> bool:
    """Tell whether an argument is a text that no catalogue can have."""
    if isinstance(node, ast.IfExp):
        return put_together(node.body) or put_together(node.orelse)
    is_formatted = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "format"
    return is_formatted or isinstance(node, ast.JoinedStr | ast.BinOp)


def of_problems(tree: ast.AST) -> Iterator[ast.expr]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Problem":
            yield from node.args[1:]
            yield from (each.value for each in node.keywords if each.arg != "where")


def test_no_message_is_put_together_as_text() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{each.lineno}"
        for path in sorted((ROOT / "sla_audit").rglob("*.py"))
        for each in of_problems(ast.parse(path.read_text("utf-8")))
        if put_together(each)
    ]
    assert found == []


@pytest.mark.parametrize("what", ['f"no {name}"', '"no " + name', '"no %s" % name', '"no {}".format(name)'])
def test_what_is_put_together_is_seen(what: str) -> None:
    assert list(map(put_together, of_problems(ast.parse(f'Problem("a.csv", {what})')))) == [True]


def chinese(text: str) -> str:
    return {"{rows:,} rows of {what}": "{what}共 {rows:,} 行", "one month": "一个月", "x": "错"}.get(text, text)


def test_a_sentence_is_told_with_its_phrases_and_leaves_names_as_they_are() -> None:
    said = Sentence("{rows:,} rows of {what}", rows=1200, what=Sentence("one month"))
    assert str(said) == "1,200 rows of one month"
    assert said.told(chinese) == "一个月共 1,200 行"
    assert Sentence("{name!r}", name="x").told(chinese) == "'x'"


def test_sentences_are_equal_that_say_the_same_of_the_same() -> None:
    assert len({Sentence("no {name}", name="a"), Sentence("no {name}", name="a"), Sentence("no {name}", name="b")}) == 2


def test_a_series_of_very_many_is_told() -> None:
    assert str(in_series([str(each) for each in range(5000)], "{listed}, {value}")).endswith("4998, 4999")


def test_an_error_of_the_system_is_told_without_its_number() -> None:
    assert str(said_by(OSError(2, "No such file or directory"))) == "No such file or directory"
    assert said_by(ValueError(Sentence("no {name}", name="a"))) == Sentence("no {name}", name="a")
