"""The months of a report side by side, as a sheet of the workbook: where there is more than one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from operator import itemgetter
from typing import Any

from sla_audit.contract.model import Contract
from sla_audit.report.document import Report, amount
from sla_audit.report.formats.xlsx.sheet import Column, Sheets
from sla_audit.report.language import Words
from sla_audit.report.months.columns import windows_in_words
from sla_audit.report.months.table import Figures, Months, months_of
from sla_audit.report.sums import Sum


def add_months(sheets: Sheets, report: Report, contract: Contract, words: Words) -> None:
    """Add a sheet with a row for each month, and one for all of them, where there are several, below its filters."""
    months = months_of(report, alone=True)
    if months is None:
        return
    columns = list(_columns(months, contract, words))
    sheet, last = sheets.add_table(words.of("months"), columns, _rows(months, words))
    if len(months.rows) == 1:
        return
    sheet.autofilter(0, 0, last - 1, len(columns) - 1)
    bold = {"type": "no_errors", "format": sheets.format(bold=True, top=1)}
    sheet.conditional_format(last, 0, last, len(columns) - 1, bold)


def _rows(months: Months, words: Words) -> Iterator[Mapping[str, Any]]:
    *windows, of_all = windows_in_words(months, words)
    for row, window in zip(months.rows, windows, strict=True):
        days = {"opens_on": row.opens_on, "closes_on": row.closes_on}
        yield {"cycle": row.cycle, "window": window, "figures": row.figures, **days}
    total = {"cycle": words.of("Total"), "window": of_all or None, "figures": months.total}
    if len(months.rows) > 1:
        yield total | {"opens_on": None, "closes_on": None}


def _columns(months: Months, contract: Contract, words: Words) -> Iterator[Column]:
    money, claim = contract.compensation.clause, contract.claim.clause
    yield Column(words.of("Cycle"), "text", itemgetter("cycle"))
    yield Column(words.of("Results"), "count", lambda row: row["figures"].results)
    below = words.say("Below the objective\n({clause})", clause=contract.objective.clause)
    yield Column(below, "count", lambda row: row["figures"].below)
    owed = words.say("Owed\n({clause})", clause=money)
    yield Column(owed, "owed", lambda row: _known(row["figures"].owed))
    yield Column(words.of("Undetermined"), "count", lambda row: row["figures"].owed.unknown)
    if months.total.estimate is not None:
        yield Column(words.of("If it\nended today"), "owed", partial(_estimate, "known"))
        yield Column(words.of("Without\nan estimate"), "count", partial(_estimate, "unknown"))
    yield Column(words.of("Claims"), "text", itemgetter("window"))
    yield Column(words.say("Claim opens\n({clause})", clause=claim), "date", itemgetter("opens_on"))
    yield Column(words.say("Claim closes\n({clause})", clause=claim), "date", itemgetter("closes_on"))
    if months.total.claimed is not None:
        yield Column(words.of("Filed"), "owed", partial(_claimed, "filed"))
        yield Column(words.of("To come"), "owed", partial(_claimed, "awaited"))
        yield Column(words.of("Credited"), "owed", partial(_claimed, "credited"))
        yield Column(words.of("Lapsed"), "owed", partial(_claimed, "lapsed"))
        unknown = words.of("Lapsed,\nundetermined")
        yield Column(unknown, "count", lambda row: row["figures"].claimed.lapsed.unknown)


def _estimate(name: str, row: Mapping[str, Any]) -> str | int | None:
    """Give what a running month comes to by now, or of how many results that is not known; of others nothing."""
    figures: Figures = row["figures"]
    if figures.estimate is None:
        return None
    return _known(figures.estimate) if name == "known" else figures.estimate.unknown


def _claimed(name: str, row: Mapping[str, Any]) -> str | None:
    figures: Figures = row["figures"]
    return _known(getattr(figures.claimed, name))


def _known(each: Sum) -> str | None:
    """Give what is known of a sum; a cell stays empty where nothing is."""
    return amount(each.known)
