"""Metrics read by their own client, and results that hardly matter."""

from __future__ import annotations

from typing import Any

from prometheus_client.parser import text_string_to_metric_families

from sla_audit.report.document import Report
from sla_audit.report.formats.prometheus import render_metrics
from tests.builders.reports.by_hand import CONTRACT, NOT_OWED

EXCLUSION = {
    "id": "M",
    "clause": 1,
    "state": "refused",
    "reason": "not_announced",
    "requests": 0,
    "requests_alone": 0,
    "compensation_saved": "0.00",
}


OF_THE_FILE = ("period", "period_state")


def samples(report: Report) -> dict[tuple[str, ...], float]:
    """Give every sample by its name and the values of its own labels, as Prometheus' library reads them."""
    text = render_metrics(report, CONTRACT).decode("utf-8")
    return {
        (
            sample.name.removeprefix("sla_audit_"),
            *(value for name, value in sample.labels.items() if name not in OF_THE_FILE),
        ): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def not_at_stake(**row: Any) -> dict[str, Any]:
    return NOT_OWED | {"readings_differ": False, "broad/compensation": "0.00", "broad/decision": "not_owed"} | row
