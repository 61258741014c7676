"""Text from logs and facts is data: it must not act in a terminal."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sla_audit.output.escape import for_json, for_label, for_markdown, for_terminal
from tests.hostile_strings import HOSTILE, SURROGATE

ESCAPED = [
    ("a null", "\x00", "\\x00"),
    ("a bell", "\x07", "\\x07"),
    ("a backspace", "\x08", "\\x08"),
    ("a tab", "\t", "\\t"),
    ("a carriage return", "\r", "\\r"),
    ("an escape sequence that paints in red", "\x1b[31mA", "\\x1b[31mA"),
    ("an escape sequence that clears the screen", "\x1b[2J", "\\x1b[2J"),
    ("an escape sequence that sets the title", "\x1b]0;title\x07", "\\x1b]0;title\\x07"),
    ("the last of the low control characters", "\x1f", "\\x1f"),
    ("a delete", "\x7f", "\\x7f"),
    ("a control sequence introducer in one byte", "\x9b31m", "\\x9b31m"),
    ("a line separator", "\u2028", "\\u2028"),
    ("a mark that turns the writing direction", "A\u202eB", "A\\u202eB"),
    ("an isolate", "\u2066A\u2069", "\\u2066A\\u2069"),
    ("a zero-width space", "A\u200bB", "A\\u200bB"),
    ("a byte order mark", "\ufeffA", "\\ufeffA"),
    ("a lone surrogate", "\udc80", "\\udc80"),
    ("a tag character beyond the basic plane", "\U000e0041", "\\U000e0041"),
]


@pytest.mark.parametrize(("text", "expected"), [case[1:] for case in ESCAPED], ids=[case[0] for case in ESCAPED])
def test_what_would_act_in_a_terminal_is_written_out(text: str, expected: str) -> None:
    assert for_terminal(text) == expected


@pytest.mark.parametrize(
    "text",
    ["", "acct-0001", "two words", "京东云 智能合图", "a@b.cn", "[red]A[/red]", "~", "é", "😀", "=1+1"],
    ids=repr,
)
def test_text_that_only_shows_is_left_alone(text: str) -> None:
    assert for_terminal(text) == text


@given(st.text(st.characters(exclude_characters="\n")))
def test_whatever_the_text_nothing_but_printable_characters_reach_a_terminal(text: str) -> None:
    assert for_terminal(text).isprintable()


@pytest.mark.parametrize(
    "text", [*HOSTILE.values(), SURROGATE, "\U000e0041", "\U000e0041\x7f\x85"], ids=lambda text: repr(text)[:30]
)
def test_json_says_the_same_and_acts_nowhere(text: str) -> None:
    shown = for_json(json.dumps({text: [text]}, ensure_ascii=False, indent=1))
    assert json.loads(shown) == {text: [text]}
    assert shown.replace("\n", "").isprintable()
    shown.encode()


@given(st.text())
def test_whatever_the_text_json_says_the_same(text: str) -> None:
    shown = for_json(json.dumps([text], ensure_ascii=False))
    assert json.loads(shown) == [text]
    assert shown.isprintable()


def test_json_that_only_shows_is_left_alone() -> None:
    document = json.dumps({"京东云": "a\nb"}, ensure_ascii=False, indent=1)
    assert for_json(document) == document


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2,051.67 CNY (clause 2.7.1 (1)).", "2,051.67 CNY (clause 2.7.1 (1))."),
        ("a*b|c", "a\\*b\\|c"),
        ("\x1b", "\\\\x1b"),
    ],
)
def test_plain_sentences_stay_plain_in_markdown(text: str, expected: str) -> None:
    assert for_markdown(text) == expected


@pytest.mark.parametrize("text", [*HOSTILE.values(), SURROGATE], ids=lambda text: repr(text)[:30])
def test_a_label_shows_only_what_is_printable(text: str) -> None:
    assert for_label(text).isprintable()


def test_labels_of_different_texts_differ() -> None:
    texts = [
        "a\rb",
        "a\\rb",
        "a\\\\rb",
        "a\\\rb",
        "a\\b",
        "a\\\\b",
        "a\\x0db",
        "a\x0db\\",
        "DOMAIN\\user",
        "a\u202e",
        "a\\u202e",
    ]
    texts += [for_label(text) for text in texts] + [for_label(for_label(text)) for text in texts]
    different = set(texts)
    assert len(set(map(for_label, different))) == len(different)
    assert for_label("DOMAIN\\user") == "DOMAIN\\user"
