"""Whether the logs are whole, as a report writes it down."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from sla_audit.model.coverage import Coverage
from sla_audit.model.instant import moment


def as_json(coverage: Coverage, zone: ZoneInfo) -> dict[str, Any]:
    """Write down whether the logs are whole; instants carry their offset."""

    def stretch(of: Any, prefix: str = "") -> dict[str, str]:
        names = (f"{prefix}starts_at", f"{prefix}ends_at")
        return {name: moment(getattr(of, name), zone).isoformat() for name in names}

    return {
        "resolution": coverage.resolution,
        "gaps": [{"cycle": gap.cycle, **stretch(gap)} for gap in coverage.gaps],
        "cut_short": [{"cycle": gap.cycle, "edge": gap.edge, **stretch(gap)} for gap in coverage.cut_short],
        "thin_days": [
            {"cycle": thin.cycle, "day": thin.day.isoformat(), "rows": thin.rows, "usual": thin.usual}
            for thin in coverage.thin_days
        ],
        "strays": [
            {"path": stray.path, "rows": stray.rows, **stretch(stray), **stretch(stray, "rest_")}
            for stray in coverage.strays
        ],
    }
