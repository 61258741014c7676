"""The report as metrics: read back by Prometheus' own library, by its conventions, and few."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

from sla_audit.report.document import Report
from sla_audit.report.metrics import MOST_RESULTS, render_metrics
from tests.test_document import CONTRACT, NOT_OWED, UNDETERMINED, a_report

SHANGHAI = ZoneInfo("Asia/Shanghai")
EXCLUSION = {
    "id": "M",
    "clause": 1,
    "state": "refused",
    "reason": "not_announced",
    "requests": 0,
    "requests_alone": 0,
    "compensation_saved": "0.00",
}


def samples(report: Report) -> dict[tuple[str, ...], float]:
    """Give every sample by its name and the values of its labels, as Prometheus' library reads them."""
    text = render_metrics(report, CONTRACT).decode("utf-8")
    return {
        (sample.name.removeprefix("sla_audit_"), *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def not_at_stake(**row: Any) -> dict[str, Any]:
    return NOT_OWED | {"readings_differ": False, "broad/compensation": "0.00", "broad/decision": "not_owed"} | row


def test_figures_are_those_of_the_report() -> None:
    found = samples(a_report({}, UNDETERMINED | {"account_id": "B"}, totals={"undetermined": 1}))
    assert found["compensation", "literal", "CNY"] == 180.0
    assert found["compensation", "broad", "CNY"] == 360.0
    assert found["account_compensation", "A", "2026-10", "CNY"] == 180.0
    assert found["account_success_ratio", "A", "2026-10"] == 0.979591
    assert found["account_explicit_failures", "A", "2026-10"] == 20
    assert found["requests", "2026-10", "success"] == 960 + 99
    assert found["excluded_requests", "2026-10", "12"] == 1 + 1
    assert [found["results", each] for each in ("owed", "not_owed", "undetermined")] == [1, 0, 1]
    assert found["results_by_reason", "billing_missing"] == 1
    assert found["results_by_reason", "free_plan"] == 0
    assert found["log_rows", "counted"] == 1000
    assert ("log_rows", "read") not in found  # or the sum over places would be twice the rows


def test_what_is_undetermined_has_no_amount() -> None:
    assert ("account_compensation", "A", "2026-10", "CNY") not in samples(a_report(UNDETERMINED))


def test_days_are_instants_in_the_contracts_time_zone() -> None:
    found = samples(a_report({}))
    assert found["as_of_timestamp_seconds",] == datetime(2026, 11, 20, tzinfo=SHANGHAI).timestamp()
    assert found["claims_open_timestamp_seconds", "2026-10"] == datetime(2026, 11, 5, tzinfo=SHANGHAI).timestamp()
    # The last day is inclusive: claims have closed when the next one begins.
    assert found["claims_close_timestamp_seconds", "2026-10"] == datetime(2026, 12, 1, tzinfo=SHANGHAI).timestamp()


def test_exclusions_and_warnings_are_counted() -> None:
    found = samples(a_report({}, exclusions=[EXCLUSION], warnings=["a", "b"]))
    assert (found["exclusions", "refused"], found["exclusions", "applied"], found["warnings",]) == (1, 0, 2)


def test_accounts_with_nothing_at_stake_are_not_named() -> None:
    found = samples(a_report({}, not_at_stake(account_id="B")))
    assert {key[1] for key in found if key[0] == "account_success_ratio"} == {"A"}


def test_no_more_accounts_are_named_than_a_server_takes_lightly() -> None:
    rows = [{"account_id": f"{at:04}", "compensation": f"{at}.00"} for at in range(MOST_RESULTS + 5)]
    found = samples(a_report(*rows))
    named = sorted(key[1] for key in found if key[0] == "account_compensation")
    assert named == [f"{at:04}" for at in range(5, MOST_RESULTS + 5)]
    assert found["account_results_omitted",] == 5
    assert len(found) < 4 * MOST_RESULTS


def test_names_and_units_follow_the_conventions() -> None:
    text = render_metrics(a_report({}, exclusions=[EXCLUSION]), CONTRACT).decode("utf-8")
    names = re.findall(r"^# TYPE (\S+) gauge$", text, re.MULTILINE)
    assert names
    assert len(names) == len(set(names)) == text.count("# HELP") == text.count("# TYPE")
    for name in names:
        assert re.fullmatch(r"sla_audit_[a-z][a-z_]*[a-z]", name)
        assert not name.endswith(("_total", "_count", "_sum", "_bucket", "_percent", "_days"))
    assert text.endswith("\n")


@pytest.mark.parametrize("text", ["\\", '"', "\n", '\\"', "\\n", 'a"} 1\nb{c="'])
def test_a_label_holds_what_would_end_it(text: str) -> None:
    assert samples(a_report({"account_id": text}))["account_explicit_failures", text, "2026-10"] == 20


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_whatever_the_account_its_label_is_read_back(text: str) -> None:
    assert samples(a_report({"account_id": text}))["account_explicit_failures", text, "2026-10"] == 20
