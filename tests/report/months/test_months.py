"""Months side by side: sums by month are those of the report, and what is unknown is never a zero."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, get_args

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sla_audit.model.ledger import AWAITED, STATES
from sla_audit.report.document import Report
from sla_audit.report.ledger.fields import CLAIM, FIELDS, LEDGER
from sla_audit.report.months.table import Months, WindowState, months_of, window_state
from sla_audit.report.sums import Sum
from tests.builders.reports.by_hand import NOT_OWED, UNDETERMINED, a_report

AUGUST = {"cycle": "2026-08", "opens_on": "2026-09-04", "closes_on": "2026-09-30"}
SEPTEMBER = {"cycle": "2026-09", "opens_on": "2026-10-11", "closes_on": "2026-10-31"}
OCTOBER = {"cycle": "2026-10", "opens_on": "2026-11-05", "closes_on": "2026-11-30"}
MONTHS = (AUGUST, SEPTEMBER, OCTOBER)

AMOUNTS = st.decimals(min_value=0, max_value=10**12, places=2).map(lambda each: f"{each:f}")
KINDS = st.one_of(
    st.builds(lambda amount: {"compensation": amount}, AMOUNTS),
    st.just(NOT_OWED),
    st.just(NOT_OWED | {"success_rate": None, "credit_rate": None, "reason": "no_requests"}),
    st.just(UNDETERMINED),
)
CLAIMS = st.none() | st.fixed_dictionaries(
    {
        "number": st.integers(1, 9),
        "state": st.sampled_from(STATES),
        "file_by": st.none(),
        "filed_on": st.sampled_from([None, "2026-11-10"]),
        "filed": AMOUNTS,
        "approved": st.none() | AMOUNTS,
        "credited": st.none() | AMOUNTS,
        "outstanding": st.none() | AMOUNTS,
    }
)
RESULTS = st.lists(st.builds(lambda month, kind: month | kind, st.sampled_from(MONTHS), KINDS), min_size=2, max_size=30)


def of_months(*rows: dict[str, Any], **head: Any) -> Months:
    months = months_of(a_report(*rows, **head))
    assert months is not None
    return months


def with_ledger(report: Report, claims: list[dict[str, Any] | None]) -> Report:
    column = pl.Series(LEDGER, claims, dtype=CLAIM)
    return Report(report.head, report.results.with_columns(column))


def together(sums: list[Sum]) -> Sum:
    """Add sums up by a rule of its own: null where there are only unknown amounts, or zeros beside them."""
    known = sum((each.known for each in sums if each.known is not None), Decimal(0))
    unknown = sum(each.unknown for each in sums)
    return Sum(None if known == 0 and unknown else known, unknown)


@given(RESULTS, st.data())
def test_sums_by_month_are_those_of_all_results(rows: list[dict[str, Any]], data: st.DataObject) -> None:
    report = a_report(*rows)
    if data.draw(st.booleans()):
        report = with_ledger(report, data.draw(st.lists(CLAIMS, min_size=len(rows), max_size=len(rows))))
    months = months_of(report)
    cycles = sorted({row["cycle"] for row in rows})
    if len(cycles) == 1:
        assert months is None
        return
    assert months is not None
    assert [row.cycle for row in months.rows] == cycles
    figures, total = [row.figures for row in months.rows], months.total
    assert total.results == len(rows) == sum(each.results for each in figures)
    below = sum((report.results["credit_rate"] != "0").fill_null(value=False))
    assert total.below == below == sum(each.below for each in figures)
    assert total.owed_results == sum(report.results["decision"] == "owed") == sum(each.owed_results for each in figures)
    assert total.owed == together([each.owed for each in figures])
    assert total.owed.unknown == sum(report.results["decision"] == "undetermined")
    amounts = [Decimal(each) for each in report.results["compensation"].drop_nulls()]
    assert (total.owed.known or 0) == sum(amounts)
    assert together([months.owed_in(state) for state in get_args(WindowState)]) == total.owed
    if total.claimed is not None:
        for field in total.claimed._fields:
            of_each = [getattr(each.claimed, field) for each in figures]
            assert getattr(total.claimed, field) == together(of_each), field


def test_they_are_the_totals_of_a_report() -> None:
    rows = [AUGUST, AUGUST | NOT_OWED, SEPTEMBER | UNDETERMINED, OCTOBER | {"compensation": "0.05"}]
    months = of_months(*rows)
    assert months.total[:4] == (4, 3, 2, Sum(Decimal("180.05"), 1))
    assert [row.figures[:4] for row in months.rows] == [
        (2, 1, 1, Sum(Decimal(180), 0)),
        (1, 1, 0, Sum(None, 1)),
        (1, 1, 1, Sum(Decimal("0.05"), 0)),
    ]


def test_a_single_month_is_not_set_beside_another() -> None:
    assert months_of(a_report({}, NOT_OWED | {"account_id": "B"})) is None
    assert months_of(a_report()) is None


@pytest.mark.parametrize(
    ("as_of", "state"),
    [
        ("2026-10-01", "running"),
        ("2026-10-31", "running"),
        ("2026-11-01", "not_yet_open"),
        ("2026-11-04", "not_yet_open"),
        ("2026-11-05", "open"),
        ("2026-11-30", "open"),
        ("2026-12-01", "closed"),
    ],
)
def test_the_claim_window_at_every_edge(as_of: str, state: str) -> None:
    assert window_state("2026-10", "2026-11-05", "2026-11-30", as_of) == state


def test_what_is_owed_has_lapsed_unless_filed_only_where_its_window_is_over_and_there_is_no_ledger() -> None:
    report = a_report(AUGUST, SEPTEMBER | NOT_OWED, OCTOBER)
    months = months_of(report)
    assert months is not None
    assert [row.lapsed_unless_filed for row in months.rows] == [True, False, False]
    told = months_of(with_ledger(report, [None, None, None]))
    assert told is not None
    assert not any(row.lapsed_unless_filed for row in told.rows)


def claim(state: str, **said: Any) -> dict[str, Any]:
    return dict.fromkeys(FIELDS) | {"number": 1, "state": state} | said


def test_what_became_of_claims_by_the_ledger() -> None:
    filed = {"filed_on": "2026-11-10", "filed": "180.00"}
    report = with_ledger(
        a_report(AUGUST, AUGUST | UNDETERMINED, *[OCTOBER] * 6),
        [
            claim("lapsed"),
            claim("lapsed"),
            claim("filed", **filed, outstanding="180.00"),
            claim("partly_credited", **filed, credited="100.00", outstanding="50.00"),
            claim("credited", **filed, credited="180.00"),
            claim("withdrawn", **filed),
            claim("ready"),
            None,
        ],
    )
    months = months_of(report)
    assert months is not None
    august, october = (row.figures.claimed for row in months.rows)
    nothing = Sum(Decimal(0), 0)
    assert august == (nothing, nothing, nothing, Sum(Decimal(180), 1))
    assert october == (Sum(Decimal(540), 0), Sum(Decimal(230), 0), Sum(Decimal(280), 0), nothing)
    assert {"filed", "partly_credited"} <= set(AWAITED)
