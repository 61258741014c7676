"""What is missing from the logs as far as a report knows, as what stands beside its headline."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from sla_audit.model.cycle_lengths import cycle_named
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
    begun = [each for each in head.get("months") or () if str(cycle_named(each["cycle"]).first_day) < head["as_of"]]
    months = {*whole, *(each["cycle"] for each in begun if not each["rows"]), *(head.get("months_skipped") or ())}
    if months:
        yield words.say("no row of {cycles}", cycles=words.listed(sorted(months)))
    ends, gaps, thin = len(cut_short) - len(whole), len(coverage.get("gaps", ())), len(coverage.get("thin_days", ()))
    unlogged = len(metering.get("calls_not_logged", ()))
    if ends == 1:
        yield _edge(next(each for each in cut_short if each["edge"] != "whole"), words)
    elif ends:
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


def _edge(gap: Mapping[str, Any], words: Words) -> str:
    """Say which cycle has a beginning or an end without rows, and of how many whole days, where there are some."""
    days = (datetime.fromisoformat(gap["ends_at"]) - datetime.fromisoformat(gap["starts_at"])).days
    if gap["edge"] == "beginning":
        late = words.count_of(
            days, "{cycle} begins {days} day late", "{cycle} begins {days} days late", cycle=gap["cycle"], days=days
        )
        return late if days else words.say("{cycle} begins late", cycle=gap["cycle"])
    early = words.count_of(
        days, "{cycle} ends {days} day early", "{cycle} ends {days} days early", cycle=gap["cycle"], days=days
    )
    return early if days else words.say("{cycle} ends early", cycle=gap["cycle"])
