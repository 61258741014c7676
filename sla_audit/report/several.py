"""Reports of several agreements as one, `sla-audit/reports/1`: a part for each, and a sum for each unit."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from sla_audit.contract.model import Contract
from sla_audit.output.escape import for_json
from sla_audit.report.document import Report, amount
from sla_audit.report.formats.json_file import render_json
from sla_audit.report.formats.markdown import render_markdown
from sla_audit.report.language import ENGLISH, Words
from sla_audit.report.sums import Sum, added

SCHEMA = "sla-audit/reports/1"


@dataclass(frozen=True)
class Part:
    """The report of one agreement, or of one edition of it, under a name of its own."""

    name: str
    report: Report
    contract: Contract


def together(parts: Sequence[Part]) -> dict[str, Sum]:
    """Add up what is owed by what it is: money of each currency apart, and calls, and days."""
    sums: dict[str, Sum] = {}
    for part in parts:
        totals, before = part.report.head["totals"], sums.get(part.contract.unit_owed, Sum(Decimal(0), 0))
        known = (before.known or Decimal(0)) + Decimal(totals["compensation"] or 0)
        sums[part.contract.unit_owed] = added(known, before.unknown + totals["undetermined"])
    return sums


def render_several(parts: Sequence[Part]) -> bytes:
    """Write all reports as JSON, each as it is by itself."""
    totals = [
        {"unit": unit, "compensation": None if owed.known is None else amount(owed.known), "undetermined": owed.unknown}
        for unit, owed in together(parts).items()
    ]
    written = ",\n".join(
        f'{{"name": {for_json(json.dumps(part.name, ensure_ascii=False))}, "report": '
        f"{render_json(part.report).decode().rstrip()}}}"
        for part in parts
    )
    return f'{{"schema": "{SCHEMA}",\n"parts": [\n{written}\n],\n"totals": {json.dumps(totals)}}}\n'.encode()


def render_several_in_markdown(parts: Sequence[Part], words: Words = ENGLISH) -> bytes:
    """Write all reports for people, one after the other."""
    return b"\n".join(render_markdown(part.report, part.contract, words) for part in parts)
