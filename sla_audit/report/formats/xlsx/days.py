"""The days of each account as a sheet of the workbook: of those below the objective under some reading."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from operator import itemgetter
from typing import Any

import polars as pl

from sla_audit.report.document import Report
from sla_audit.report.formats.xlsx.sheet import Column, Sheets
from sla_audit.report.language import Words
from sla_audit.report.selection import most_urgent_first


def add_days_by_account(sheets: Sheets, report: Report, clause: str, words: Words) -> None:
    """Add a sheet with a row for each account and day, in the order of the results; none where no account has days."""
    results = report.results
    if "daily" not in results.columns or results["daily"].null_count() == results.height:
        return
    listed = most_urgent_first(report, "all").select("account_id", "cycle", "daily").drop_nulls("daily")
    causes = sorted({part["clause"] for row in _rows(listed) for part in row["excluded_by_clause"] or ()})
    columns = [
        Column(words.of("Account"), "text", itemgetter("account_id")),
        Column(words.of("Cycle"), "text", itemgetter("cycle")),
        Column(words.of("Date"), "date", itemgetter("date")),
        Column(words.of("Success"), "count", itemgetter("success")),
        Column(words.say("Failures\n({clause})", clause=clause), "count", itemgetter("explicit_failure")),
        Column(words.of("Excluded"), "count", itemgetter("excluded")),
        *(
            Column(
                words.say("Excluded\n{clause}", clause=words.cause_clause(cause)), "count", partial(_of_clause, cause)
            )
            for cause in causes
        ),
    ]
    sheets.add_table(words.of("daily by account"), columns, _rows(listed))


def _rows(listed: pl.DataFrame) -> Iterator[Mapping[str, Any]]:
    for account_id, cycle, days in listed.iter_rows():
        for day in days:
            yield {"account_id": account_id, "cycle": cycle, **day}


def _of_clause(clause: int, row: Mapping[str, Any]) -> int:
    return sum(part["requests"] for part in row["excluded_by_clause"] or () if part["clause"] == clause)
