"""What a report says first: what can be claimed, what opens, what runs, what has lapsed, and what is not known."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from sla_audit.contract.load import BUILT_IN, load_contract
from sla_audit.report.language import ENGLISH
from sla_audit.report.ledger.fields import CLAIM, FIELDS, LEDGER
from sla_audit.report.standing.words import headlines
from tests.builders.reports.by_hand import NOT_OWED, UNDETERMINED, a_report

CONTRACT = load_contract(BUILT_IN)
Row = dict[str, Any]

AUGUST = {"cycle": "2026-08", "opens_on": "2026-09-04", "closes_on": "2026-09-30"}
SEPTEMBER = {"cycle": "2026-09", "opens_on": "2026-10-13", "closes_on": "2026-10-31"}
NOVEMBER = {"cycle": "2026-11", "opens_on": "2026-12-04", "closes_on": "2026-12-31"}
RUNNING = UNDETERMINED | NOVEMBER | {"reason": "cycle_running"}
CAN = "{} can be claimed until 2026-11-30: 1 of 2 accounts, 2026-10, as vouchers (clauses 2.10.1, 2.10.2)."
AT_ONCE = CAN.format("180.00 CNY")


def said(*rows: Row, **head: Any) -> list[tuple[str, str]]:
    report = a_report(*rows, totals={"accounts": 2}, **head)
    return [(line.tone, line.text) for line in headlines(report, CONTRACT, ENGLISH)]


LAPSED = "{} lapsed, unless filed in time: {}, as vouchers (clauses 2.10.1, 2.10.2)."
NOT_YET = "what would be owed is unknown until there is a bill"
DAY_20 = "2026-11 is still running, day 20 of 30: "


CASES: list[tuple[str, list[Row], list[tuple[str, str]]]] = [
    ("what can be claimed", [{}], [("act", AT_ONCE)]),
    (
        "what has lapsed comes after it",
        [AUGUST | {"compensation": "9.00"}, SEPTEMBER | {"compensation": "16390.50"}, {}],
        [
            ("act", AT_ONCE),
            ("past", LAPSED.format("16,399.50 CNY", "1 of 2 accounts, 2026-08, 2026-09")),
        ],
    ),
    (
        "part of it is not known",
        [{}, UNDETERMINED | {"account_id": "B"}],
        [
            ("act", CAN.format("At least 180.00 CNY")),
            ("warning", "Undetermined: 1 (no row in the billing file)."),
        ],
    ),
    (
        "nothing of it is known",
        [UNDETERMINED],
        [("warning", "Nothing is known to be owed: undetermined: 1 (no row in the billing file).")],
    ),
    (
        "two accounts of a month that runs",
        [RUNNING | {"estimate": "90.00"}, RUNNING | {"account_id": "B", "credit_rate": "0", "estimate": "0.00"}],
        [
            (
                "news",
                f"{DAY_20}1 of 2 accounts is below the objective; 90.00 CNY would be owed if it ended today.",
            )
        ],
    ),
    (
        "a month that runs, without bills",
        [RUNNING, RUNNING | {"account_id": "B"}],
        [
            (
                "news",
                f"{DAY_20}2 of 2 accounts are below the objective; {NOT_YET}.",
            )
        ],
    ),
    (
        "a month that runs, well",
        [RUNNING | {"credit_rate": "0"}],
        [("news", "2026-11 is still running, day 20 of 30: no account is below the objective.")],
    ),
    (
        "a month was well, and the next one runs",
        [NOT_OWED, RUNNING | {"credit_rate": "0"}],
        [
            ("good", "Nothing is owed: 1 result."),
            ("news", "2026-11 is still running, day 20 of 30: no account is below the objective."),
        ],
    ),
    ("nothing", [NOT_OWED], [("good", "Nothing is owed: 1 result.")]),
]


@pytest.mark.parametrize(("rows", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_the_most_pressing_is_said_first(rows: list[Row], expected: list[tuple[str, str]]) -> None:
    assert said(*rows) == expected


def test_what_opens_is_said_with_its_first_day() -> None:
    (found,) = said({}, as_of="2026-11-04")
    assert found[0] == "news"
    assert found[1].startswith("180.00 CNY can be claimed from 2026-11-05 on: 1 of 2 accounts, 2026-10, as vouchers")


def test_windows_of_several_days_are_apart_the_first_to_close_first() -> None:
    lines = said({}, NOVEMBER | {"compensation": "5.00"}, SEPTEMBER, as_of="2026-12-04")
    assert [text.split(":")[0] for _, text in lines] == [
        "5.00 CNY can be claimed until 2026-12-31",
        "360.00 CNY lapsed, unless filed in time",
    ]


def test_without_any_row_of_the_service_that_is_the_headline() -> None:
    assert said(UNDETERMINED | {"reason": "no_logs"}) == [
        ("warning", "Nothing can be judged: the logs have no row of the service."),
        ("warning", "Undetermined: 1 (no logs of the month)."),
    ]


FILED = "180.00 CNY filed, and not credited yet: 1 of 2 accounts, 2026-10, as vouchers (clauses 2.10.1, 2.10.2)."
STATES = [
    ("detected", [("act", AT_ONCE)]),
    ("ready", [("act", AT_ONCE)]),
    ("filed", [("news", FILED)]),
    ("partly_credited", [("news", FILED)]),
]


@pytest.mark.parametrize(("state", "expected"), STATES, ids=[state for state, _ in STATES])
def test_a_ledger_knows_what_was_filed(state: str, expected: list[tuple[str, str]]) -> None:
    report = a_report({}, totals={"accounts": 2}, ledger=[])
    claim = dict.fromkeys(FIELDS) | {"number": 1, "state": state}
    report.results.insert_column(report.results.width, report.results.select(_claim(claim)).to_series())
    assert [(line.tone, line.text) for line in headlines(report, CONTRACT, ENGLISH)] == expected


def _claim(claim: Row) -> Any:
    return pl.lit(pl.Series(LEDGER, [claim], dtype=CLAIM)).alias(LEDGER)
