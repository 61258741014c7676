"""Two sides compared, as a document: `sla-audit/reconciliation/1`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from sla_audit.model.comparison import SIDES, Comparison
from sla_audit.model.instant import moment
from sla_audit.output.escape import for_json
from sla_audit.report.document import amount

SCHEMA = "sla-audit/reconciliation/1"


@dataclass(frozen=True)
class Compared:
    """What was compared, by which agreement, reading and day; amounts are in `currency`, times in `time_zone`.

    `sides` are what was named for ours and for theirs.
    """

    contract: Mapping[str, str]
    reading: str
    as_of: date
    currency: str
    time_zone: str
    account_id: str
    cycle: str
    sides: tuple[str, str]
    comparison: Comparison

    @property
    def difference(self) -> Decimal | None:
        """How much more compensation there is on their side."""
        ours, theirs = self.comparison.amounts
        return None if ours is None or theirs is None else theirs - ours


def render_comparison(compared: Compared) -> str:
    """Write a comparison as JSON; the same gives the same bytes."""
    found = compared.comparison
    sides = {
        side: {
            "path": compared.sides[at],
            **found.by_class[at].row(0, named=True),
            "compensation": amount(found.amounts[at]),
        }
        for at, side in enumerate(SIDES)
    }
    whole = {
        "schema": SCHEMA,
        "contract": dict(compared.contract),
        "reading": compared.reading,
        "as_of": compared.as_of.isoformat(),
        "currency": compared.currency,
        "account_id": compared.account_id,
        "cycle": compared.cycle,
        "agree": found.agree,
        **sides,
        "difference": amount(compared.difference),
        "by_facts": amount(found.by_facts),
        "differences": _plain(found.differences),
        "days": _plain(found.days),
        "unlisted": list(found.unlisted),
        "requests": None if found.requests is None else _plain(one_by_one(compared)),
    }
    return for_json(json.dumps(whole, ensure_ascii=False, indent=1)) + "\n"


def one_by_one(compared: Compared) -> pl.DataFrame:
    """Give the requests that differ as a file has them, or, where a side has only counts, the groups that do."""
    found, zone = compared.comparison, ZoneInfo(compared.time_zone)
    if found.requests is None:
        return found.differences.with_columns(pl.col(pl.Decimal).cast(pl.String))
    times = {
        f"{side}_time": pl.Series(
            [None if at is None else moment(at, zone).isoformat() for at in found.requests[f"{side}_instant"]],
            dtype=pl.String,
        )
        for side in SIDES
    }
    told = found.requests.with_columns(**times)
    names = [name.replace("_instant", "_time") for name in found.requests.columns]
    return told.select(names).select("difference", "request_id", pl.exclude("difference", "request_id"))


def _plain(table: pl.DataFrame) -> list[dict[str, Any]]:
    return [
        {
            name: amount(value)
            if isinstance(value, Decimal)
            else value.isoformat()
            if isinstance(value, date)
            else value
            for name, value in row.items()
        }
        for row in table.iter_rows(named=True)
    ]
