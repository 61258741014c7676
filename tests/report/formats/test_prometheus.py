"""The report as metrics: read back by Prometheus' own library, by its conventions, and few."""

from __future__ import annotations

import re
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

from sla_audit.output.escape import for_label
from sla_audit.report.document import Report
from sla_audit.report.formats.prometheus import MOST_RESULTS, render_metrics
from tests.builders.reports.by_hand import CONTRACT, UNDETERMINED, a_report
from tests.builders.reports.metrics import EXCLUSION, OF_THE_FILE, not_at_stake, samples

SHANGHAI = ZoneInfo("Asia/Shanghai")


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
    totals = {"owed": 0, "undetermined": 1, "compensation": None}
    totals |= {"readings": {"literal": {"compensation": None, "undetermined": 1}}}
    found = samples(a_report(UNDETERMINED, totals=totals))
    assert ("account_compensation", "A", "2026-10", "CNY") not in found
    assert ("compensation", "literal", "CNY") not in found
    assert found["undetermined_results", "literal"] == 1


def test_what_the_logs_lack_is_counted() -> None:
    found = samples(
        a_report(
            {},
            months=[{"cycle": "2026-09", "rows": 0}, {"cycle": "2026-11", "rows": 7}],
            months_skipped=["2026-10"],
            apis=[{"pattern": "/v1/*", "rows": 0}],
            coverage={"gaps": [{}, {}], "cut_short": [{}], "thin_days": [], "strays": []},
            metering={"calls_not_logged": [{}], "fees_without_requests": [{}, {}]},
        )
    )
    assert (found["service_rows", "2026-09"], found["service_rows", "2026-11"]) == (0, 7)
    assert found["api_rows", "/v1/*"] == 0
    assert [found["log_gaps", kind] for kind in ("gaps", "cut_short", "thin_days", "strays")] == [2, 1, 0, 0]
    assert found["skipped_months",] == 1
    assert (found["calls_not_logged_results",], found["fees_without_requests_results",]) == (1, 2)


def test_an_old_report_says_nothing_of_what_it_does_not_know() -> None:
    names = {key[0] for key in samples(a_report({}))}
    assert not names & {"service_rows", "api_rows", "log_gaps", "skipped_months", "calls_not_logged_results"}


def series(text: bytes) -> list[tuple[str, frozenset[tuple[str, str]]]]:
    families = text_string_to_metric_families(text.decode("utf-8"))
    return [(sample.name, frozenset(sample.labels.items())) for family in families for sample in family.samples]


NOVEMBER = {"months": [{"cycle": "2026-11", "rows": 1}], "as_of": "2026-11-02"}
FILES: dict[str, tuple[Report, Report]] = {
    "the running month, and the last one": (a_report({}), a_report({"cycle": "2026-11"}, **NOVEMBER)),
    "a month while it ran, and after": (a_report({}, as_of="2026-10-31"), a_report({}, as_of="2026-11-02")),
    "a month, and all months": (
        a_report({}),
        a_report({}, months=[{"cycle": "2026-09", "rows": 1}, {"cycle": "2026-10", "rows": 1}]),
    ),
    "no logs at all, and a month": (a_report({}), a_report(months=[])),
}


@pytest.mark.parametrize("files", FILES.values(), ids=FILES)
def test_two_files_may_lie_in_one_directory(files: tuple[Report, Report]) -> None:
    both = [each for report in files for each in series(render_metrics(report, CONTRACT))]
    assert len(both) == len(set(both))


@pytest.mark.parametrize(
    ("as_of", "expected"),
    [("2026-10-31", ("2026-10", "running")), ("2026-11-01", ("2026-10", "ended"))],
)
def test_every_sample_says_of_which_month_it_is(as_of: str, expected: tuple[str, str]) -> None:
    for _, labels in series(render_metrics(a_report({}, exclusions=[EXCLUSION], as_of=as_of), CONTRACT)):
        assert tuple(dict(labels)[name] for name in OF_THE_FILE) == expected


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
    amounts = [f"{at}.00" for at in range(MOST_RESULTS + 5)]
    rows = [
        {"account_id": f"{at:04}", "compensation": each, "broad/compensation": each} for at, each in enumerate(amounts)
    ]
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
    assert samples(a_report({"account_id": text}))["account_explicit_failures", for_label(text), "2026-10"] == 20


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_whatever_the_account_its_label_is_read_back(text: str) -> None:
    assert samples(a_report({"account_id": text}))["account_explicit_failures", for_label(text), "2026-10"] == 20
