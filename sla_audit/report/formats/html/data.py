"""The results as the page's script reads them: columns of whole numbers and of exact text, compact."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from sla_audit.contract.model import Contract
from sla_audit.model.cycle import ServiceCycle
from sla_audit.output.escape import for_terminal
from sla_audit.report import sentences
from sla_audit.report.daily import COUNTS, field
from sla_audit.report.document import Report
from sla_audit.report.failures import failures_as_text
from sla_audit.report.formats.html.argued.arguments import arguments, command_of
from sla_audit.report.formats.html.words import bill, credits_of, words_of_script
from sla_audit.report.language import Words
from sla_audit.report.owing import form_of, owing_tiers
from sla_audit.report.schema import of_some
from sla_audit.report.selection import most_urgent_first, moves_money
from sla_audit.report.sums import sum_of
from sla_audit.report.why import why_and_differing

_PER_READING = ("explicit_failure", "success_rate", "credit_rate", "decision", "compensation")
_PLAIN = (
    *("cycle", "cycle_start", "cycle_end", "plan", "requests", "success", "explicit_failure", "excluded"),
    *("success_rate", "credit_rate", "service_fee", "cash_paid", "compensation", "failures_to_edge"),
)
MOST_WITH_DAYS = 2_000
"""So many results, those with most at stake, have days in the page, and what they would be without each exclusion, so
that it stays small; the JSON has more."""
MOST_WITHOUT_SCRIPTS = 2_000
"""So many of the results below the objective are listed for a reader without scripts."""
_ALIKE = ("cycle", "cycle_start", "cycle_end", "plan")
"""Columns of which many rows have the same."""
_OF_AN_EDGE = ("failures", "credit_rate", "compensation")


def page_data(report: Report, contract: Contract, near: int, words: Words) -> dict[str, Any]:
    """Give all that the script shows: no figure of its own making, and no word.

    `columns` has a list per column, an entry per result, those that need attention most first. What was excluded by
    clause is text such as `4:14;5:1`; for `failures` see `failures_as_text`; what each day had is
    `day,success,explicit failures,excluded` joined by `;`.
    """
    in_force = contract.under(report.head["reading"])
    return {
        "words": words_of_script(in_force, words),
        "currency": report.head["currency"],
        "reading": words.of(report.head["reading"]),
        "form": words.of(form_of(contract.compensation)),
        "objective": f"{in_force.objective.success_rate:f}",
        "bill": bill(report, contract, words),
        "credits": credits_of(report, contract, words),
        "clauses": {
            "rate": contract.objective.clause,
            "failure": contract.readings[report.head["reading"]].clause,
            "compensation": contract.compensation.clause,
            "claim": contract.claim.clause,
        },
        "causes": {
            str(cause.number): [words.title(cause.title), words.cause_clause(cause.number)] for cause in contract.causes
        },
        "claims": _claims(report),
        "exclusions": arguments(report, words),
        "first_rate": f"{owing_tiers(in_force)[0].rate:f}",
        "command": command_of(report, contract),
        "days_bound": _days_bound(report, words),
        "columns": _columns(report, contract, near, words),
        "altered": _altered(report),
    }


def below_objective(report: Report, contract: Contract, words: Words) -> list[dict[str, Any]]:
    """List what a reader without scripts sees of the results below the objective under some reading: the first."""
    reading = contract.readings[report.head["reading"]]
    results = most_urgent_first(report, "breached").drop("daily", "without", strict=False)
    return [
        {
            "account": for_terminal(row["account_id"]),
            "cycle": row["cycle"],
            "counted": reading.kept_and_counted(*(row[name] for name in COUNTS))[1],
            "failed": row["explicit_failure"],
            "rate": row["success_rate"],
            "owed": row["compensation"],
            "why": why_and_differing(row, report, contract, words),
        }
        for row in results.head(MOST_WITHOUT_SCRIPTS).iter_rows(named=True)
    ]


def below_total(report: Report, contract: Contract, words: Words) -> dict[str, Any]:
    """Add up all results below the objective, and those of them that `below_objective` does not list."""
    results = most_urgent_first(report, "breached")
    sums = results.select(pl.col(COUNTS).sum()).row(0)
    more = results.slice(MOST_WITHOUT_SCRIPTS)
    left = words.say(
        "and {count:,} more, {amount}", count=more.height, amount=sum_of(more["compensation"]).in_words(words)
    )
    return {
        "title": words.of("Total"),
        "counted": contract.readings[report.head["reading"]].kept_and_counted(*sums)[1],
        "failed": results["explicit_failure"].sum(),
        "owed": sum_of(results["compensation"]).in_words(words),
        "more": left if more.height else "",
    }


def _altered(report: Report) -> list[int]:
    """List the results whose account is not shown as it is, since something in it could do harm."""
    accounts = most_urgent_first(report, "all")["account_id"]
    return [at for at, account in enumerate(accounts) if for_terminal(account) != account]


def _days_bound(report: Report, words: Words) -> str:
    """Say why a result has no days; nothing where the report has none at all."""
    if "daily" not in report.results.columns:
        return ""
    return words.of(
        "The page has no days of this result: no request of it failed or was excused, or of others many more did."
    )


def _claims(report: Report) -> dict[str, list[str]]:
    windows = report.results.select("cycle", "opens_on", "closes_on").unique().sort("cycle")
    return {cycle: [opens_on, closes_on] for cycle, opens_on, closes_on in windows.iter_rows()}


def _columns(report: Report, contract: Contract, near: int, words: Words) -> dict[str, Any]:
    results = most_urgent_first(report, "all")
    kept, counted = contract.readings[report.head["reading"]].kept_and_counted(*map(pl.col, COUNTS))
    table = results.select(
        *_PLAIN,
        *(column.name for column in of_some(results.columns)),
        _code("decision", sentences.DECISIONS),
        _code("reason", sentences.REASONS),
        pl.col("capped", "readings_differ").cast(pl.Int8),
        near=moves_money(near, contract.compensation.uncompensated_plans).cast(pl.Int8),
        kept=kept,
        counted=counted,
        clauses=_joined("excluded_by_clause", pl.format("{}:{}", field("clause"), field("requests"))),
        failures=failures_as_text(pl.col("failures")),
        edges=_edges(),
        days=_days(results, contract.cycles),
        effects=_effects(report),
    )
    others = [name for name in report.readings if name != report.head["reading"]]
    rows = results.drop("daily", "without", strict=False)
    return {
        "account": [for_terminal(account) for account in results["account_id"]],
        **{name: _coded(table[name]) if name in _ALIKE else table[name].to_list() for name in table.columns},
        "why": [why_and_differing(row, report, contract, words) for row in rows.iter_rows(named=True)],
        "readings": {words.of(name): _of_reading(results, name) for name in others},
    }


def _edges() -> pl.Expr:
    """Write how far the edges are as `failures,share,amount;failures,share,amount`: with fewer, then with more."""
    ways = [
        [pl.col(f"{way}_{name}").cast(pl.String).fill_null("") for name in _OF_AN_EDGE] for way in ("fewer", "more")
    ]
    written = pl.concat_str([pl.concat_str(way, separator=",") for way in ways], separator=";")
    return pl.when(pl.any_horizontal(pl.col("fewer_failures", "more_failures").is_not_null())).then(written)


def _coded(column: pl.Series) -> dict[str, list[Any]]:
    """Write a column of few values as these, and of each row the place of its own."""
    values = column.unique(maintain_order=True)
    place = {value: at for at, value in enumerate(values)}
    return {"values": values.to_list(), "places": [place[value] for value in column]}


def _effects(report: Report) -> pl.Expr:
    """Write what a result would be without each exclusion: `place,requests,rate,share,amount` joined by `;`.

    The place is that among the exclusions; the amount is `?` where it is not known, and so is all of it but the
    requests, where a tally does not tell.
    """
    if "without" not in report.results.columns:
        return pl.lit(None, pl.String)
    ids = [each["id"] for each in report.head["exclusions"]]
    place = field("exclusion").replace_strict(ids, list(range(len(ids))), return_dtype=pl.Int64)
    verdict = (field(name).fill_null("") for name in ("success_rate", "credit_rate"))
    amount = field("compensation").fill_null("?")
    written = _joined("without", pl.format("{},{},{},{},{}", place, field("requests"), *verdict, amount))
    return pl.when(_with_most_at_stake()).then(written)


def _with_most_at_stake() -> pl.Expr:
    """Tell which results, which are in that order, have days and what they would be otherwise in the page."""
    return pl.int_range(pl.len()) < MOST_WITH_DAYS


def _of_reading(results: pl.DataFrame, name: str) -> dict[str, list[Any]]:
    table = results.select(pl.col(f"{name}/{column}").alias(column) for column in _PER_READING)
    return table.with_columns(_code("decision", sentences.DECISIONS)).to_dict(as_series=False)


def _code(column: str, words: Mapping[str, str]) -> pl.Expr:
    """Give the place of each value among the words for it."""
    return pl.col(column).cast(pl.Enum(list(words))).to_physical()


def _days(results: pl.DataFrame, kind: type[ServiceCycle]) -> pl.Expr:
    """Write days by their number in the cycle, which the calendar gives: all of its years begin with one."""
    if "daily" not in results.columns:
        return pl.lit(None, pl.String)
    date = field("date").str.to_date("%Y-%m-%d")
    day = (date - date.dt.truncate(f"{kind.MONTHS}mo")).dt.total_days() + 1
    counts = (field(name) for name in ("success", "explicit_failure", "excluded"))
    return pl.when(_with_most_at_stake()).then(_joined("daily", pl.format("{},{},{},{}", day, *counts)))


def _joined(column: str, entry: pl.Expr) -> pl.Expr:
    return pl.col(column).list.eval(entry).list.join(";")
