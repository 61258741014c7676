"""The report as a workbook (XLSX) for a spreadsheet: a summary, and tables of results, exclusions and days."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import partial
from operator import itemgetter
from typing import Any

import polars as pl
from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from sla_audit.contract.model import Contract
from sla_audit.contract.terms.compensation import Compensation
from sla_audit.report import sentences
from sla_audit.report.document import Report
from sla_audit.report.formats import exclusions, metering, provenance
from sla_audit.report.formats.xlsx.claims import columns_of_claims
from sla_audit.report.formats.xlsx.days import add_days_by_account
from sla_audit.report.formats.xlsx.months import add_months
from sla_audit.report.formats.xlsx.sheet import Column, Kind, Sheets
from sla_audit.report.formats.xlsx.summary import add_summary
from sla_audit.report.formats.xlsx.totals import cycle_of, parts_of, total_of, unknown_in_words
from sla_audit.report.language import ENGLISH, Words
from sla_audit.report.ledger.fields import LEDGER
from sla_audit.report.schema import of_some
from sla_audit.report.selection import most_urgent_first
from sla_audit.sentence import to_say

_DECISION, _STATE = 2, 3
_OWED = {"bg_color": "#F8D7D5", "font_color": "#7A1510"}
_OPEN = {"bg_color": "#FFF1C2", "font_color": "#5F4600"}


def render_workbook(report: Report, contract: Contract, words: Words = ENGLISH) -> bytes:
    """Write the workbook; the same report gives the same bytes."""
    contract, words = contract.under(report.head["reading"]), words.of_contract(contract)
    file = io.BytesIO()
    with Workbook(file, {"in_memory": True}) as workbook:
        day = datetime.fromisoformat(report.head["as_of"]).replace(tzinfo=UTC)
        workbook.set_properties({"title": words.title(contract.title), "created": day})
        sheets = Sheets(workbook, contract, sentences.basis(report, contract, words), words)
        say_cuts = add_summary(sheets, report, contract, words)
        add_months(sheets, report, contract, words)
        _add_results(sheets, report, contract, words)
        _add_exclusions(sheets, report, contract, words)
        if report.head.get("daily") is not None:
            clause = contract.readings[report.head["reading"]].clause
            _add_days(sheets, report.head["daily"], clause, words)
            add_days_by_account(sheets, report, clause, words)
        if report.head.get("metering", {}).get("differing"):
            _add_metering(sheets, report, contract, words)
        _add_files(sheets, report, words)
        say_cuts()
    return file.getvalue()


def _add_results(sheets: Sheets, report: Report, contract: Contract, words: Words) -> None:
    main, details = list(_main(report, contract, words)), _details(report, contract, words)
    results, columns = most_urgent_first(report, "all"), [*main, *details]
    rows = results.drop("daily", strict=False).iter_rows(named=True)
    sheet, last = sheets.add_table(words.of("results"), columns, rows, printed=len(main))
    sheets.add_totals(sheet, last, columns, parts_of(results), len(main))
    _colour(sheets, sheet, (last, len(columns)), _DECISION, {words.of("owed"): _OWED, words.of("undetermined"): _OPEN})


def _main(report: Report, contract: Contract, words: Words) -> Iterator[Column]:
    """Give the columns that are printed: a page across has room for so many."""
    reading, rate, money = contract.readings[report.head["reading"]], contract.objective, contract.compensation
    yield Column(words.of("Account"), "text", itemgetter("account_id"), lambda _: words.of("Total"))
    yield Column(words.of("Cycle"), "text", itemgetter("cycle"), cycle_of)
    yield Column(words.of("Decision"), "text", lambda row: words.of(sentences.DECISIONS[row["decision"]]))
    yield Column(
        words.of("Reason"),
        "text",
        lambda row: words.of(sentences.REASONS[row["reason"]]),
        partial(unknown_in_words, words),
    )
    yield _summed(words.say("Compensation\n({clause})", clause=money.clause), "owed", "compensation")
    yield _column(words.say("Success rate\n({clause})", clause=rate.clause), "rate", "success_rate")
    yield _of_the_tier(money, words)
    yield _summed(words.say("Failures\n({clause})", clause=reading.clause), "count", "explicit_failure")
    yield _summed(words.say("Success\n({clause})", clause=rate.clause), "count", "success")
    yield _summed(words.say("Excluded\n({clause})", clause=reading.clause), "count", "excluded")
    yield _summed(words.of("Requests"), "count", "requests")
    yield from _billed(report, contract, words)
    if money.cap != "none":
        capped = words.of(_CAPS[money.cap])
        yield Column(capped, "text", lambda row: words.of("yes") if row["capped"] else words.of("no"))
    yield _column(words.say("Claim opens\n({clause})", clause=contract.claim.clause), "date", "opens_on")
    yield _column(words.say("Claim closes\n({clause})", clause=contract.claim.clause), "date", "closes_on")


_CAPS = {"cash_paid": to_say("Cash cap"), "service_fee": to_say("Fee cap"), "calls_bought": to_say("Calls cap")}
_BILLED: tuple[tuple[str, Kind, str], ...] = (
    ("service_fee", "amount", to_say("Monthly\nservice fee\n({clause})")),
    ("cash_paid", "amount", to_say("Cash paid\n({clause})")),
    ("calls_bought", "count", to_say("Calls bought\n({clause})")),
    ("hourly_fee", "amount", to_say("Fee of\nan hour\n({clause})")),
    ("fault_minutes", "count", to_say("Minutes\nof faults\n({clause})")),
)


def _billed(report: Report, contract: Contract, words: Words) -> Iterator[Column]:
    """Give the columns of the bill that the agreement asks for, and what else amounts follow from."""
    shown = {*contract.facts, *(column.name for column in of_some(report.results.columns))}
    for name, kind, title in _BILLED:
        if name in shown:
            yield _column(words.say(title, clause=contract.compensation.clause), kind, name)


def _of_the_tier(terms: Compensation, words: Words) -> Column:
    if terms.base == "service_fee":
        return _column(words.say("Share of fee\n({clause})", clause=terms.clause), "share", "credit_rate")
    title = words.say("Rate of the\ntier ({clause})", clause=terms.clause)
    return _column(title, "share" if terms.is_share else "times", "credit_rate")


def _details(report: Report, contract: Contract, words: Words) -> Iterator[Column]:
    money = contract.compensation.clause
    yield Column(words.of("Calendar"), "text", lambda row: words.of(sentences.CALENDARS[row["calendar"]]))
    yield Column(
        words.of("Plan"), "text", lambda row: None if row["plan"] is None else words.of(sentences.PLANS[row["plan"]])
    )
    yield _column(words.of("Calls billed"), "count", "billed_calls")
    yield _column(words.of("Served from"), "date", "cycle_start")
    yield _column(words.of("Served to"), "date", "cycle_end")
    yield _column(words.of("Failures to\nanother tier"), "count", "failures_to_edge")
    yield _summed(words.say("Estimate, where\nundetermined ({clause})", clause=money), "owed", "estimate")
    if LEDGER in report.results.columns:
        yield from columns_of_claims(words)
    for clause in sorted(set(report.excluded_by_cause()["clause"])):
        yield Column(
            words.say("Excluded\n{clause}", clause=words.cause_clause(clause)),
            "count",
            partial(_of_clause, clause),
            partial(_of_clause_together, clause),
        )
    for name in report.readings:
        if name != report.head["reading"]:
            clause = contract.readings[name].clause
            yield _summed(
                words.say("{reading}: failures\n({clause})", reading=words.of(name), clause=clause),
                "count",
                f"{name}/explicit_failure",
            )
            yield _column(
                words.say("{reading}: success rate\n({clause})", reading=words.of(name), clause=clause),
                "rate",
                f"{name}/success_rate",
            )
            yield Column(
                words.say("{reading}: decision\n({clause})", reading=words.of(name), clause=clause),
                "text",
                partial(_decision_under, name, words),
            )
            yield _summed(
                words.say("{reading}: compensation\n({clause})", reading=words.of(name), clause=clause),
                "owed",
                f"{name}/compensation",
            )


def _add_exclusions(sheets: Sheets, report: Report, contract: Contract, words: Words) -> None:
    columns = [
        _column(words.of("Exclusion"), "text", "id"),
        Column(words.of("Clause"), "text", lambda row: words.cause_clause(row["clause"])),
        Column(words.of("Cause"), "text", lambda row: words.cause_title(row["clause"], contract)),
        Column(words.of("State"), "text", lambda row: exclusions.state(row, words)),
        Column(words.of("Starts at"), "text", partial(_instant, "starts_at")),
        Column(words.of("Ends at"), "text", partial(_instant, "ends_at")),
        Column(words.of("Announced"), "text", lambda row: exclusions.announced(row, words)),
        Column(words.of("Scope"), "text", lambda row: exclusions.scope(row, words)),
        Column(words.of("Asserted by"), "text", lambda row: exclusions.asserted_by(row, words)),
        Column(words.of("Note"), "text", exclusions.note),
        _column(words.of("Requests\nexcluded"), "count", "requests"),
        _column(words.of("By it alone"), "count", "requests_alone"),
        _column(
            words.say("Compensation saved\n({clause})", clause=contract.compensation.clause),
            "owed",
            "compensation_saved",
        ),
        Column(words.of("Not known of\nresults"), "count", lambda row: row.get("undetermined") or None),
    ]
    sheet, last = sheets.add_table(words.of("exclusions"), columns, report.head["exclusions"])
    said = (*sentences.EXCLUSION_STATES.items(), *exclusions.STATES.items())
    refused = {words.of(text): _OPEN for (state, _), text in said if state == "refused"}
    _colour(sheets, sheet, (last, len(columns)), _STATE, refused)


def _add_days(sheets: Sheets, days: list[Mapping[str, Any]], clause: str, words: Words) -> None:
    causes = sorted({int(cause) for day in days for cause in day["excluded"]["by_clause"]})
    columns = [
        _column(words.of("Date"), "date", "date"),
        _column(words.of("Success"), "count", "success"),
        _column(words.say("Failures\n({clause})", clause=clause), "count", "explicit_failure"),
        Column(words.of("Excluded"), "count", lambda day: day["excluded"]["total"]),
        *(
            Column(words.say("Excluded\n{clause}", clause=words.cause_clause(cause)), "count", partial(_on_day, cause))
            for cause in causes
        ),
    ]
    sheets.add_table(words.of("daily"), columns, days)


def _add_metering(sheets: Sheets, report: Report, contract: Contract, words: Words) -> None:
    keys: tuple[tuple[str, Kind], ...] = (
        ("account_id", "text"),
        ("cycle", "text"),
        ("billed_calls", "count"),
        ("requests", "count"),
        ("difference", "count"),
        ("unit_price", "amount"),
        ("worth", "amount"),
    )
    titles = (title.removeprefix(">") for title in metering.titles(contract, words))
    columns = [_column(title, kind, key) for title, (key, kind) in zip(titles, keys, strict=True)]
    sheets.add_table(words.of("metering"), columns, metering.differing(report))


def _add_files(sheets: Sheets, report: Report, words: Words) -> None:
    """Add the sheet of all files that a figure may depend on, with their digests."""
    columns = [
        _column(words.of("Part"), "text", "role"),
        _column(words.of("File"), "text", "path"),
        _column(words.of("Bytes"), "count", "bytes"),
        _column(words.of("Rows"), "count", "rows"),
        _column("SHA-256", "text", "sha256"),
        _column(words.of("Fingerprint:\nSHA-256 of size and samples"), "text", "fingerprint"),
    ]
    files = [*provenance.other_files(report, words), *provenance.logs(report, words)]
    sheets.add_table(words.of("files"), columns, [each._asdict() for each in files])


def _colour(sheets: Sheets, sheet: Worksheet, size: tuple[int, int], column: int, colours: dict[str, Any]) -> None:
    """Colour the rows of a table by the word in a column."""
    rows, columns = size
    letter = chr(ord("A") + column)
    for word, colour in colours.items():
        rule = {"type": "formula", "criteria": f'=${letter}2="{word}"', "format": sheets.format(**colour)}
        sheet.conditional_format(1, 0, max(rows, 1), columns - 1, rule)


def _column(title: str, kind: Kind, key: str) -> Column:
    return Column(title, kind, lambda row: row[key])


def _summed(title: str, kind: Kind, key: str) -> Column:
    return Column(title, kind, itemgetter(key), partial(total_of, kind, key))


def _decision_under(reading: str, words: Words, row: Mapping[str, Any]) -> str:
    return words.of(sentences.DECISIONS[row[f"{reading}/decision"]])


def _of_clause(clause: int, row: Mapping[str, Any]) -> int:
    return sum(part["requests"] for part in row["excluded_by_clause"] or () if part["clause"] == clause)


def _of_clause_together(clause: int, results: pl.DataFrame) -> int:
    return sum(_of_clause(clause, row) for row in results.select("excluded_by_clause").iter_rows(named=True))


def _instant(name: str, row: Mapping[str, Any]) -> str | None:
    return exclusions.clock(row[name]) if exclusions.is_whole(row) else None


def _on_day(cause: int, day: Mapping[str, Any]) -> int:
    requests: int = day["excluded"]["by_clause"].get(str(cause), 0)
    return requests
