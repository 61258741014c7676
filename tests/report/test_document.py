"""The report as a document: amounts and rates as text, one row per account and cycle, keys in their order."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from sla_audit.judge.verdicts import differing
from sla_audit.model.coverage import Coverage, Gap, Outlier, ThinDay
from sla_audit.model.facts import Exclusion
from sla_audit.model.month import Month
from sla_audit.model.notice import Notice
from sla_audit.model.reconciliation import Reconciliation
from sla_audit.model.verdicts import ExclusionFinding, Logged, Metering, Owed, Totals
from sla_audit.report.document import SCHEMA, amount, amount_text, head, rate, results
from sla_audit.report.formats.json_file import render_json
from sla_audit.report.schema import types
from tests.builders.reports.by_hand import (
    BY_READING,
    CONTRACT,
    CYCLES,
    OWED,
    a_report,
    table,
)

# A report written by hand, which the tests of its formats share.


RATES = [
    ("nothing answered", 0, "0.000000"),
    ("one in a million", 1, "0.000001"),
    ("four zeros in front", 99, "0.000099"),
    ("just below the objective", 989_999, "0.989999"),
    ("the objective, its zeros kept", 990_000, "0.990000"),
    ("all but one in a million", 999_999, "0.999999"),
    ("everything answered", 1_000_000, "1.000000"),
    ("nothing counted", None, None),
]


@pytest.mark.parametrize(("millionths", "text"), [case[1:] for case in RATES], ids=[case[0] for case in RATES])
def test_a_rate_is_written_with_six_decimals_and_never_rounded(millionths: int | None, text: str | None) -> None:
    frame = pl.DataFrame({"rate": [millionths]}, schema={"rate": pl.Int64})
    assert frame.select(rate(pl.col("rate"))).item() == text


AMOUNTS = [
    ("nothing", "0", "0.00"),
    ("a cent", "0.01", "0.01"),
    ("one decimal", "0.1", "0.10"),
    ("two decimals", "180.00", "180.00"),
    ("no decimals", "1200", "1200.00"),
    ("a round number", "1000000", "1000000.00"),
    ("six decimals of zeros", "250.000000", "250.00"),
    ("three decimals stay exact", "0.005", "0.005"),
    ("six decimals stay exact", "411.123456", "411.123456"),
    ("zeros between decimals", "0.100001", "0.100001"),
    ("a zero in the second decimal", "0.101", "0.101"),
    ("18 digits", "999999999999999999.99", "999999999999999999.99"),
]


@pytest.mark.parametrize(("value", "text"), [case[1:] for case in AMOUNTS], ids=[case[0] for case in AMOUNTS])
def test_an_amount_is_written_with_two_decimals_or_as_many_as_make_it_exact(value: str, text: str) -> None:
    frame = pl.DataFrame({"amount": [Decimal(value)]}, schema={"amount": pl.Decimal(38, 6)})
    assert frame.select(amount_text(pl.col("amount"))).item() == text
    assert amount(Decimal(value)) == text


def test_an_amount_of_two_decimals_in_the_table_is_written_the_same() -> None:
    frame = pl.DataFrame({"amount": [Decimal("180.00"), Decimal(0), None]}, schema={"amount": pl.Decimal(38, 2)})
    assert frame.select(amount_text(pl.col("amount")))["amount"].to_list() == ["180.00", "0.00", None]


class TestResults:
    def test_the_columns_have_their_types(self) -> None:
        assert dict(table().schema) == types(["literal", "broad"])
        assert set(types(["literal", "broad"])) == set(OWED)

    def test_there_is_one_row_per_account_and_cycle_in_their_order(self) -> None:
        assert table().select("account_id", "cycle", "cycle_start", "cycle_end", "plan").rows() == [
            ("A", "2026-09", "2026-09-09", "2026-09-30", "paid"),
            ("A", "2026-10", "2026-10-01", "2026-10-31", "paid"),
            ("B", "2026-10", "2026-10-01", "2026-10-20", None),
        ]

    def test_figures_are_those_of_the_reading_in_force(self) -> None:
        columns = ("requests", "success", "explicit_failure", "excluded", "success_rate", "credit_rate", "compensation")
        assert table().select(columns).rows() == [
            (1000, 960, 20, 20, "0.979591", "0.15", "180.00"),
            (1, 1, 0, 0, "1.000000", "0", "0.00"),
            (4, 0, 0, 4, None, None, "0.00"),
        ]
        assert table("broad").select(columns).rows() == [
            (1000, 920, 60, 20, "0.938775", "0.3", "360.00"),
            (1, 1, 0, 0, "1.000000", "0", "0.00"),
            (4, 0, 1, 3, "0.000000", "0.6", None),
        ]

    def test_every_row_carries_every_reading(self) -> None:
        columns = ("literal/decision", "literal/compensation", "broad/decision", "broad/compensation")
        assert table("literal").select(columns).rows() == table("broad").select(columns).rows()
        assert table().select(columns).rows() == [
            ("owed", "180.00", "owed", "360.00"),
            ("not_owed", "0.00", "not_owed", "0.00"),
            ("not_owed", "0.00", "undetermined", None),
        ]

    def test_excluded_requests_are_split_by_clause_number_under_the_reading_in_force(self) -> None:
        def clauses(reading: str) -> list[Any]:
            lists = table(reading)["excluded_by_clause"].to_list()
            return [[(part["clause"], part["requests"]) for part in parts or ()] for parts in lists]

        assert clauses("literal") == [[(1, 5), (4, 14), (12, 1)], [], [(9, 4)]]
        assert clauses("broad") == [[(4, 20)], [], [(9, 3)]]

    def test_the_way_to_the_next_edge_is_that_of_the_reading_in_force(self) -> None:
        assert table()["failures_to_edge"].to_list() == [11, 1, None]
        assert table("broad")["failures_to_edge"].to_list() == [12, 1, 1]

    def test_readings_differ_where_their_decision_or_amount_does_whichever_is_in_force(self) -> None:
        assert (
            table()["readings_differ"].to_list() == table("broad")["readings_differ"].to_list() == [True, False, True]
        )

    def test_a_single_reading_differs_from_none(self) -> None:
        assert differing({"literal": BY_READING["literal"]}).to_list() == [False, False, False]

    def test_an_unknown_bill_is_null_and_a_bill_of_nothing_is_not(self) -> None:
        assert table().select("service_fee", "cash_paid", "billed_calls").rows() == [
            ("1200.00", "1000.00", 1000),
            ("411.10", "0.00", 0),
            (None, None, None),
        ]

    def test_each_cycle_has_its_claim_window(self) -> None:
        assert table().select("opens_on", "closes_on", "calendar").rows() == [
            ("2026-10-11", "2026-10-31", "official"),
            ("2026-11-05", "2026-11-30", "provisional"),
            ("2026-11-05", "2026-11-30", "provisional"),
        ]

    def test_no_verdicts_are_no_rows(self) -> None:
        none = {name: verdicts.clear() for name, verdicts in BY_READING.items()}
        assert results(CYCLES.clear(), none, {}, differing(none), {}, "literal").height == 0


START, HOUR = 1_790_784_000 * 10**6, 3600 * 10**6  # from midnight on 1 October 2026 in Shanghai
COVERAGE = Coverage(
    resolution="stretches",
    gaps=(Gap("2026-10", START, START + HOUR, None),),
    cut_short=(Gap("2026-11", START + HOUR, START + 2 * HOUR, "end"),),
    thin_days=(ThinDay("2026-10", date(2026, 10, 3), 7, 100),),
    strays=(Outlier("a.csv", 2, START, START + HOUR, START + 2 * HOUR, START + 3 * HOUR),),
)


LOGGED = Logged({Month(2026, 9): 7, Month(2026, 11): 0}, {"/v1/*": 9, "/v2/*": 0})
METERING = Metering(
    short=pl.DataFrame({"account_id": ["A"], "cycle": ["2026-09"], "billed_calls": [100], "requests": [7]}),
    silent=pl.DataFrame({"account_id": ["B"], "cycle": ["2026-09"], "service_fee": [Decimal("50.5")]}),
)


def head_of(*exclusions: ExclusionFinding, holidays: dict[str, str] | None = None) -> dict[str, Any]:
    return head(
        contract=CONTRACT,
        reading="literal",
        as_of=date(2026, 11, 20),
        inputs=[{"path": "a.csv", "bytes": 1, "rows": 1}],
        left_out=[{"path": "a.bz2", "bytes": 7, "reason": "packing"}],
        holidays=holidays,
        rows={"read": 1, "counted": 1},
        request_ids={"contradicted": 0, "reused_ids": 0, "reused_rows": 0, "shared_rows": 0},
        logged=LOGGED,
        coverage=COVERAGE,
        metering=METERING,
        exclusions=exclusions,
        reconciliation=Reconciliation(),
        totals=Totals(1, 1, 1, 0, Decimal(180), {"literal": Owed(Decimal(180), 0), "broad": Owed(None, 2)}),
        notices=[Notice("a {kind}", kind="warning")],
    )


def test_the_head_says_by_what_contract_reading_and_day_was_judged() -> None:
    found = head_of()
    assert SCHEMA == "sla-audit/report/1"
    assert found["schema"] == "sla-audit/report/1"
    assert found["contract"] == {"id": "jdcloud-smart-compose", "version": "2019-11", "sha256": CONTRACT.sha256}
    assert (found["reading"], found["as_of"]) == ("literal", "2026-11-20")
    assert (found["time_zone"], found["currency"]) == ("Asia/Shanghai", "CNY")
    assert found["warnings"] == ["a warning"]
    assert found["holidays"] is None
    assert found["left_out"] == [{"path": "a.bz2", "bytes": 7, "reason": "packing"}]


def test_the_head_says_where_rows_seem_to_be_missing() -> None:
    one, two, three, four = (f"2026-10-01T{hour:02}:00:00+08:00" for hour in range(4))
    assert head_of()["coverage"] == {
        "resolution": "stretches",
        "gaps": [{"cycle": "2026-10", "starts_at": one, "ends_at": two}],
        "cut_short": [{"cycle": "2026-11", "edge": "end", "starts_at": two, "ends_at": three}],
        "thin_days": [{"cycle": "2026-10", "day": "2026-10-03", "rows": 7, "usual": 100}],
        "strays": [
            {
                "path": "a.csv",
                "rows": 2,
                "starts_at": one,
                "ends_at": two,
                "rest_starts_at": three,
                "rest_ends_at": four,
            }
        ],
    }


def test_the_head_says_of_what_the_logs_have_nothing() -> None:
    found = head_of()
    assert found["months"] == [{"cycle": "2026-09", "rows": 7}, {"cycle": "2026-11", "rows": 0}]
    assert found["months_skipped"] == ["2026-10"]
    assert found["apis"] == [{"pattern": "/v1/*", "rows": 9}, {"pattern": "/v2/*", "rows": 0}]
    nothing = {"results": 0, "calls": 0, "worth": "0.00", "without_price": 0}
    later = {"tolerance": "0", "compared": 0, "over": nothing, "under": nothing, "differing": [], "logs_kept": None}
    assert found["metering"] == {
        **later,
        "calls_not_logged": [{"account_id": "A", "cycle": "2026-09", "billed_calls": 100, "requests": 7}],
        "fees_without_requests": [{"account_id": "B", "cycle": "2026-09", "service_fee": "50.50"}],
    }


def test_the_head_names_the_holidays_file() -> None:
    file = {"path": "holidays.csv", "sha256": "1" * 64}
    assert head_of(holidays=file)["holidays"] == file


def test_totals_are_amounts_under_every_reading() -> None:
    assert head_of()["totals"] == {
        "accounts": 1,
        "breached": 1,
        "owed": 1,
        "undetermined": 0,
        "compensation": "180.00",
        "readings": {
            "literal": {"compensation": "180.00", "undetermined": 0},
            "broad": {"compensation": None, "undetermined": 2},
        },
    }


def test_exclusions_stand_in_the_order_of_the_file_each_with_what_became_of_it() -> None:
    start, end = datetime(2026, 10, 12, tzinfo=UTC), datetime(2026, 10, 13, tzinfo=UTC)
    findings = (
        ExclusionFinding(Exclusion("N", 3, start, end), "applied", None, 12, 7, Decimal("180.5"), 1),
        ExclusionFinding(
            Exclusion(
                "M", 1, start, end, end, frozenset("BA"), frozenset(), frozenset(["/v1"]), "late", "the provider"
            ),
            "refused",
            "announced_late",
        ),
        ExclusionFinding(Exclusion("T", 3, start, end), "applied", None, 12, None, None),
    )
    first, last = "2026-10-12T08:00:00+08:00", "2026-10-13T08:00:00+08:00"
    scope: dict[str, Any] = {"accounts": [], "regions": [], "apis": []}
    asserted = {"starts_at": first, "ends_at": last, "notified_at": None, **scope, "asserted_by": None, "note": ""}
    late = asserted | {"notified_at": last, "accounts": ["A", "B"], "apis": ["/v1"]}
    late |= {"asserted_by": "the provider", "note": "late"}
    told = {"requests_alone": 7, "compensation_saved": "180.50", "undetermined": 1}
    nothing = {"requests_alone": 0, "compensation_saved": "0.00", "undetermined": 0}
    untold = {"requests_alone": None, "compensation_saved": None, "undetermined": 0}
    assert head_of(*findings)["exclusions"] == [
        {"id": "N", "clause": 3, "state": "applied", "reason": None, **asserted, "requests": 12, **told},
        {"id": "M", "clause": 1, "state": "refused", "reason": "announced_late", **late, "requests": 0, **nothing},
        {"id": "T", "clause": 3, "state": "applied", "reason": None, **asserted, "requests": 12, **untold},
    ]


def test_the_json_has_the_keys_of_the_schema_in_their_order() -> None:
    assert list(json.loads(render_json(a_report({})))) == [
        *("schema", "contract", "reading", "as_of", "time_zone", "currency", "inputs"),
        *("holidays", "rows", "exclusions", "results", "totals", "warnings"),
    ]
