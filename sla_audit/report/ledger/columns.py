"""What a result says of its claim where a ledger is given: `ledger` in `Report.results`, and once in the head.

A report that was made without a ledger has neither, so that it is the same as ever.
"""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from sla_audit.model.ledger import Tracked
from sla_audit.report.document import Report
from sla_audit.report.ledger.document import as_row
from sla_audit.report.ledger.fields import CLAIM, FIELDS, LEDGER
from sla_audit.report.ledger.summary import summed


def with_claims(report: Report, tracked: Tracked) -> Report:
    """Give a report what the ledger has of the claims: of each result its own, and the sums of all there are."""
    rows = [as_row(claim) for claim in tracked.claims]
    claims = pl.DataFrame(
        {
            "account_id": [row["account_id"] for row in rows],
            "cycle": [row["cycle"] for row in rows],
            LEDGER: [{name: row[name] for name in FIELDS} for row in rows],
        },
        schema={"account_id": pl.String(), "cycle": pl.String(), LEDGER: CLAIM},
    )
    results = report.results.join(claims, on=("account_id", "cycle"), how="left", maintain_order="left")
    head: dict[str, object] = {}
    for key, value in report.head.items():
        if key == "totals":
            head[LEDGER] = summed(tracked.claims)
        head[key] = value
    return replace(report, head=head, results=results)
