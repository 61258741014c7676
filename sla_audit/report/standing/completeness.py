"""What is missing from the logs as far as a report knows, as what stands beside its headline."""

from __future__ import annotations

from collections.abc import Iterator

from sla_audit.report.document import Report
from sla_audit.report.language import Words


def missing_from_the_logs(report: Report, words: Words) -> str | None:
    """Say what seems to be missing from the logs, kind by kind; None where nothing does.

    A report of an earlier version may not know.
    """
    return words.listed(_missing(report, words)) or None


def _missing(report: Report, words: Words) -> Iterator[str]:
    head = report.head
    coverage, metering = head.get("coverage") or {}, head.get("metering") or {}
    cut_short = coverage.get("cut_short", [])
    whole = {each["cycle"] for each in cut_short if each["edge"] == "whole"}
    # Days written as YYYY-MM-DD compare as days do.
    begun = [each for each in head.get("months") or () if f"{each['cycle']}-01" < head["as_of"]]
    months = {*whole, *(each["cycle"] for each in begun if not each["rows"]), *(head.get("months_skipped") or ())}
    if months:
        yield words.say("no row of {cycles}", cycles=words.listed(sorted(months)))
    ends, gaps, thin = len(cut_short) - len(whole), len(coverage.get("gaps", ())), len(coverage.get("thin_days", ()))
    unlogged = len(metering.get("calls_not_logged", ()))
    if ends:
        yield words.count_of(
            ends, "{count:,} beginning or end cut short", "{count:,} beginnings or ends cut short", count=ends
        )
    if gaps:
        yield words.count_of(gaps, "{count:,} stretch without rows", "{count:,} stretches without rows", count=gaps)
    if thin:
        yield words.count_of(thin, "{count:,} thin day", "{count:,} thin days", count=thin)
    if unlogged:
        yield words.count_of(
            unlogged,
            "{count:,} result with fewer calls logged than billed",
            "{count:,} results with fewer calls logged than billed",
            count=unlogged,
        )
