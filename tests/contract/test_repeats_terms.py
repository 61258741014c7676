"""What a contract file may say of requests that come too soon after errors, and what it may not."""

from __future__ import annotations

import copy
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from rich.console import Console

from sla_audit.contract.always_excluded import always_excluded
from sla_audit.contract.model import Contract
from sla_audit.contract.terms.repeats import Repeats
from sla_audit.judge.worked import work_out
from sla_audit.report.language import words_of
from sla_audit.report.terminal.contract import print_contract
from tests.builders.measured import WRITTEN
from tests.contract.test_model import Edit, Table, mistakes, put

TOO_SOON = {"when": {"repeated": True}, "class": "excluded", "cause": 9}
BACK_OFF = {
    "clause": "Back-off",
    "same": ["api", "client"],
    "errors": ["none", "5xx", 429],
    "wait": "1s",
    "factor": 2,
    "most_wait": "32s",
}
ONE_WAIT = {"clause": "Attempts", "same": [], "errors": ["5xx"], "wait": "5min", "after": "first_error"}


def table(repeats: dict[str, Any] | None = None, *edits: Edit) -> Table:
    """Give the first agreement's file with terms of repeated requests, and a rule for these."""
    written = copy.deepcopy(WRITTEN) | {"sha256": "0" * 64, "repeats": copy.deepcopy(repeats or BACK_OFF)}
    for name in ("same_as", "examples"):
        written.pop(name, None)
    written["classification"].insert(0, copy.deepcopy(TOO_SOON))
    for edit in edits:
        edit(written)
    return written


def drop(path: str) -> Edit:
    def edit(written: Table) -> None:
        *parents, last = path.split(".")
        for parent in parents:
            written = written[parent]
        written.pop(last)

    return edit


MISTAKES = [
    ("a wait in words", put("repeats.wait", "a second"), ("repeats", "wait"), "no time such as 500ms, 2s"),
    ("a wait without a unit", put("repeats.wait", 1), ("repeats", "wait"), "no time such as"),
    ("no wait", put("repeats.wait", "0s"), ("repeats", "wait"), "no time such as"),
    ("a wait below nothing", put("repeats.wait", "-1s"), ("repeats", "wait"), "no time such as"),
    ("a part of a second", put("repeats.wait", "0.5s"), ("repeats", "wait"), "no time such as"),
    ("a wait of more than an hour", put("repeats.most_wait", "61min"), ("repeats", "most_wait"), "longer than an hour"),
    ("waits that grow without end", drop("repeats.most_wait"), ("repeats",), "go together"),
    ("an end of what does not grow", drop("repeats.factor"), ("repeats",), "go together"),
    ("an end that is the beginning", put("repeats.most_wait", "1s"), ("repeats",), "no longer than `wait`"),
    ("waits that shrink", put("repeats.factor", 0), ("repeats", "factor"), "greater than or equal to 1"),
    ("half as much again", put("repeats.factor", 1.5), ("repeats", "factor"), "integer"),
    ("growing after the first alone", put("repeats.after", "first_error"), ("repeats",), "after each error"),
    ("after what is none", put("repeats.after", "failures"), ("repeats", "after"), "'each_error' or 'first_error'"),
    ("the same by what no log has", put("repeats.same", ["host"]), ("repeats", "same", 0), "'client'"),
    ("the same twice over", put("repeats.same", ["api", "api"]), ("repeats",), "named twice: api"),
    ("the same by nobody knows what", drop("repeats.same"), ("repeats", "same"), "required"),
    ("errors that are none", put("repeats.errors", []), ("repeats", "errors"), "expected a list"),
    ("errors beyond HTTP", put("repeats.errors", [600]), ("repeats", "errors"), "600"),
    ("no clause", drop("repeats.clause"), ("repeats", "clause"), "required"),
    ("terms that nothing asks", lambda each: each["classification"].pop(0), ("classification",), "by no rule"),
    ("a rule that no terms explain", drop("repeats"), ("classification",), "needs [repeats]"),
    (
        "another wait under a reading",
        put("readings.literal.changes", {"repeats.wait": "2s"}),
        ("readings", "literal", "changes", "repeats.wait"),
        "the same under every reading",
    ),
]


@pytest.mark.parametrize(("edit", "place", "what"), [case[1:] for case in MISTAKES], ids=[case[0] for case in MISTAKES])
def test_what_makes_no_sense_is_refused_by_its_place(edit: Edit, place: tuple[Any, ...], what: str) -> None:
    found = mistakes(table(None, edit))
    assert what in found[place]


@pytest.mark.parametrize(
    ("written", "long"),
    [
        ("1ms", timedelta(milliseconds=1)),
        ("1500ms", timedelta(seconds=1.5)),
        ("1s", timedelta(seconds=1)),
        ("5min", timedelta(minutes=5)),
        ("60min", timedelta(hours=1)),
        ("1h", timedelta(hours=1)),
    ],
)
def test_a_wait_is_a_number_and_a_unit(written: str, long: timedelta) -> None:
    assert Repeats.model_validate(ONE_WAIT | {"wait": written}).shortest == long // timedelta(microseconds=1)


def test_a_log_needs_what_tells_requests_apart() -> None:
    assert Contract.model_validate(table()).columns == {"api", "client"}
    assert Contract.model_validate(table(ONE_WAIT)).columns == frozenset()


def test_who_has_no_account_may_have_come_too_soon() -> None:
    """A 404 is in no rate, repeated or not; were repeated ones failures, it might be in that of its account."""
    contract = Contract.model_validate(table())
    said = {"content_flag": False, "client_aborted": False}
    assert always_excluded(contract, status=404, **said)
    assert not always_excluded(contract, status=200, **said)
    strict = Contract.model_validate(
        table(None, put("classification.0", {"when": {"repeated": True}, "class": "explicit_failure"}))
    )
    assert not always_excluded(strict, status=404, **said)


EXAMPLE = {
    "name": "1,000 requests, 12 of which fail, 2 of these too soon: 988 / 998 = 98.99799... %",
    "requests": 1000,
    "failures": 12,
    "repeated": 2,
    "facts": {"service_fee": "100.00", "cash_paid": "100.00"},
    "rate": "0.989979",
    "owed": "15.00",
}


def test_a_worked_example_says_how_many_came_too_soon() -> None:
    eleven = EXAMPLE | {"failures": 11, "rate": "0.990981", "owed": "0"}  # 989 / 998
    contract = Contract.model_validate(table(None, put("examples", [EXAMPLE, eleven])))
    assert [worked.differences for worked in work_out(contract, contract.examples)] == [(), ()]


def test_a_worked_example_by_intervals_says_it_too() -> None:
    """One interval of 8,928 with 5 failures of 10, one of which came too soon: 1 - 4 / 9 / 8,928 = 0.99995021..."""
    some = {"at": "2026-10-10T09:00", "requests": 10, "failures": 5, "repeated": 1}
    example = EXAMPLE | {"requests": 0, "failures": 0, "repeated": 0, "intervals": [some], "owed": "0"}
    measure = {"kind": "mean_of_intervals", "clause": "2.7", "interval": "5min"}
    contract = Contract.model_validate(
        table(None, put("measure", measure), put("examples", [example | {"rate": "0.999950"}]))
    )
    assert [worked.differences for worked in work_out(contract, contract.examples)] == [()]


@pytest.mark.parametrize(
    ("edits", "place", "what"),
    [
        ([put("examples", [EXAMPLE | {"repeated": 13}])], ("examples", 0), "more repeated requests than failures"),
        (
            [put("examples", [EXAMPLE]), drop("repeats"), lambda each: each["classification"].pop(0)],
            ("examples",),
            "go with [repeats]",
        ),
    ],
)
def test_an_example_of_what_cannot_be_is_refused(edits: list[Edit], place: tuple[Any, ...], what: str) -> None:
    assert what in mistakes(table(None, *edits))[place]


def shown(contract: Contract, language: str) -> str:
    console = Console(width=400, record=True, file=StringIO())
    print_contract(contract, console, words_of(language))
    return console.export_text()


@pytest.mark.parametrize(
    ("repeats", "language", "lines"),
    [
        (
            BACK_OFF,
            "en",
            [
                "Repeated (Back-off): requests of one account, and of the same api, client, that come too soon after "
                "an error",
                "  an error: 5xx, 429, no status; the wait is 1 s after the first error of a row, 2 times as long "
                "after each next one, at most 32 s",
            ],
        ),
        (
            ONE_WAIT,
            "en",
            [
                "Repeated (Attempts): requests of one account that come too soon after an error",
                "  an error: 5xx; the wait is 5 min from the first error of a row on",
            ],
        ),
        (
            ONE_WAIT | {"after": "each_error", "wait": "1500ms"},
            "en",
            ["  an error: 5xx; the wait is 1500 ms after each error"],
        ),
        (
            BACK_OFF,
            "zh",
            ["  错误指：5xx、429、无状态码；连续错误中第一次之后须等待 1 s，其后每次为前一次的 2 倍，最长 32 s"],
        ),
    ],
)
def test_it_is_shown(repeats: dict[str, Any], language: str, lines: list[str]) -> None:
    found = [line.rstrip() for line in shown(Contract.model_validate(table(repeats)), language).splitlines()]
    assert [line for line in lines if line not in found] == []
