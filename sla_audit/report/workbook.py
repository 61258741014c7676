"""The report as a workbook (XLSX) for a spreadsheet: a summary, and tables of results, exclusions and days."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any

from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from sla_audit.contract.model import Contract
from sla_audit.report import wording
from sla_audit.report.document import Report
from sla_audit.report.selection import most_urgent_first
from sla_audit.report.sheet import Column, Kind, Sheets
from sla_audit.report.workbook_summary import add_summary

_DECISION, _STATE = 2, 3
_OWED = {"bg_color": "#F8D7D5", "font_color": "#7A1510"}
_OPEN = {"bg_color": "#FFF1C2", "font_color": "#5F4600"}


def render_workbook(report: Report, contract: Contract) -> bytes:
    """Write the workbook; the same report gives the same bytes."""
    file = io.BytesIO()
    with Workbook(file, {"in_memory": True}) as workbook:
        day = datetime.fromisoformat(report.head["as_of"]).replace(tzinfo=UTC)
        workbook.set_properties({"title": contract.title.en, "created": day})
        sheets = Sheets(workbook, contract, wording.basis(report, contract))
        add_summary(sheets, report, contract)
        _add_results(sheets, report, contract)
        _add_exclusions(sheets, report, contract)
        if report.head.get("daily") is not None:
            _add_days(sheets, report.head["daily"], contract.readings[report.head["reading"]].clause)
    return file.getvalue()


def _add_results(sheets: Sheets, report: Report, contract: Contract) -> None:
    main, details = list(_main(report, contract)), _details(report, contract)
    rows = most_urgent_first(report.results, "all").iter_rows(named=True)
    columns = [*main, *details]
    sheet, last = sheets.add_table("results", columns, rows, printed=len(main))
    _colour(sheets, sheet, (last, len(columns)), _DECISION, {"owed": _OWED, "undetermined": _OPEN})


def _main(report: Report, contract: Contract) -> Iterator[Column]:
    """Give the columns that are printed: a page across has room for so many."""
    reading, rate, money = contract.readings[report.head["reading"]], contract.objective, contract.compensation
    yield _column("Account", "text", "account_id")
    yield _column("Cycle", "text", "cycle")
    yield Column("Decision", "text", lambda row: wording.DECISIONS[row["decision"]])
    yield Column("Reason", "text", lambda row: wording.REASONS[row["reason"]])
    yield _column(f"Compensation\n({money.clause})", "amount", "compensation")
    yield _column(f"Success rate\n({rate.clause})", "rate", "success_rate")
    yield _column(f"Credit\n({money.clause})", "share", "credit_rate")
    yield _column(f"Failures\n({reading.clause})", "count", "explicit_failure")
    yield _column(f"Success\n({rate.clause})", "count", "success")
    yield _column(f"Excluded\n({reading.clause})", "count", "excluded")
    yield _column("Requests", "count", "requests")
    yield _column(f"Service fee\n({money.clause})", "amount", "service_fee")
    yield _column(f"Cash paid\n({money.clause})", "amount", "cash_paid")
    yield Column("Cash cap", "text", lambda row: "yes" if row["capped"] else "no")
    yield _column(f"Claim opens\n({contract.claim.clause})", "date", "opens_on")
    yield _column(f"Claim closes\n({contract.claim.clause})", "date", "closes_on")


def _details(report: Report, contract: Contract) -> Iterator[Column]:
    yield _column("Calendar", "text", "calendar")
    yield _column("Plan", "text", "plan")
    yield _column("Served from", "date", "cycle_start")
    yield _column("Served to", "date", "cycle_end")
    yield _column("Failures to\nanother credit", "count", "failures_to_edge")
    for clause in sorted(set(report.excluded_by_cause()["clause"])):
        yield Column(f"Excluded\n{wording.cause_clause(clause)}", "count", partial(_of_clause, clause))
    for name in report.readings:
        if name != report.head["reading"]:
            clause = contract.readings[name].clause
            yield _column(f"{name}: failures\n({clause})", "count", f"{name}/explicit_failure")
            yield _column(f"{name}: success rate\n({clause})", "rate", f"{name}/success_rate")
            yield Column(f"{name}: decision\n({clause})", "text", partial(_decision_under, name))
            yield _column(f"{name}: compensation\n({clause})", "amount", f"{name}/compensation")


def _add_exclusions(sheets: Sheets, report: Report, contract: Contract) -> None:
    columns = [
        _column("Exclusion", "text", "id"),
        Column("Clause", "text", lambda row: wording.cause_clause(row["clause"])),
        Column("Cause", "text", lambda row: wording.cause_title(row["clause"], contract)),
        Column("State", "text", wording.exclusion_state),
        _column("Requests\nleft out", "count", "requests"),
        _column("By it alone", "count", "requests_alone"),
        _column(f"Compensation saved\n({contract.compensation.clause})", "amount", "compensation_saved"),
    ]
    sheet, last = sheets.add_table("exclusions", columns, report.head["exclusions"])
    refused = wording.EXCLUSION_STATES["refused", "not_announced"]
    _colour(sheets, sheet, (last, len(columns)), _STATE, {refused: _OPEN})


def _add_days(sheets: Sheets, days: list[Mapping[str, Any]], clause: str) -> None:
    causes = sorted({int(cause) for day in days for cause in day["excluded"]["by_clause"]})
    columns = [
        _column("Date", "date", "date"),
        _column("Success", "count", "success"),
        _column(f"Failures\n({clause})", "count", "explicit_failure"),
        Column("Excluded", "count", lambda day: day["excluded"]["total"]),
        *(Column(f"Excluded\n{wording.cause_clause(cause)}", "count", partial(_on_day, cause)) for cause in causes),
    ]
    sheets.add_table("daily", columns, days)


def _colour(sheets: Sheets, sheet: Worksheet, size: tuple[int, int], column: int, colours: dict[str, Any]) -> None:
    """Colour the rows of a table by the word in a column."""
    rows, columns = size
    letter = chr(ord("A") + column)
    for word, colour in colours.items():
        rule = {"type": "formula", "criteria": f'=${letter}2="{word}"', "format": sheets.format(**colour)}
        sheet.conditional_format(1, 0, max(rows, 1), columns - 1, rule)


def _column(title: str, kind: Kind, key: str) -> Column:
    return Column(title, kind, lambda row: row[key])


def _decision_under(reading: str, row: Mapping[str, Any]) -> str:
    return wording.DECISIONS[row[f"{reading}/decision"]]


def _of_clause(clause: int, row: Mapping[str, Any]) -> int:
    return sum(part["requests"] for part in row["excluded_by_clause"] or () if part["clause"] == clause)


def _on_day(cause: int, day: Mapping[str, Any]) -> int:
    requests: int = day["excluded"]["by_clause"].get(str(cause), 0)
    return requests
