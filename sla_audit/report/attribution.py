"""What the explicit failures of each day cost, as a report writes it down."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sla_audit.model.verdicts import DayAttribution
from sla_audit.report.document import amount

ATTRIBUTION = "attribution"
"""Where it stands in the head of a report."""


def as_json(days: Iterable[DayAttribution]) -> list[dict[str, Any]]:
    """Write it down, an entry for each day."""
    return [
        {
            "date": each.day.isoformat(),
            "explicit_failure": each.explicit_failure,
            "results": each.results,
            "compensation": amount(each.compensation),
            "compensation_caused": amount(each.compensation_caused),
            "estimate_caused": amount(each.estimate_caused),
            "undetermined": each.undetermined,
        }
        for each in days
    ]


def with_attribution(head: Mapping[str, Any], days: Sequence[DayAttribution] | None) -> dict[str, Any]:
    """Add it, in its place, to the head of a report that was saved by an earlier version; None: it is not known."""
    if days is None or ATTRIBUTION in head:
        return dict(head)
    keys = list(head)
    at = keys.index("totals")
    return {
        **{key: head[key] for key in keys[:at]},
        ATTRIBUTION: as_json(days),
        **{key: head[key] for key in keys[at:]},
    }
