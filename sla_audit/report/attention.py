"""Whether anybody needs to look at a report, and whether its logs are known to lack rows."""

from __future__ import annotations

from decimal import Decimal

import polars as pl

from sla_audit.model.cycle_lengths import cycle_named
from sla_audit.report.document import Report
from sla_audit.report.reconciliation import to_look_at

_ONE_IN = 100


def matters(report: Report) -> bool:
    """Tell whether a person should look: money is owed, or may be, or the logs are not what they should be.

    A month that is still running does not matter by itself.
    """
    return any(
        (
            _some_reading_gives_an_amount(report),
            _an_ended_month_cannot_be_judged(report),
            _rows_were_rejected(report),
            _files_were_left_out(report),
            _stretches_lack_rows(report),
            _months_lack_rows(report),
            _apis_lack_rows(report),
            _calls_lack_rows(report),
            _fees_lack_rows(report),
            _much_is_flagged(report),
            _ids_tell_little(report),
            to_look_at(report.head),
        )
    )


def has_gaps(report: Report) -> bool:
    """Tell whether rows are known to be missing from the logs, or to be in the wrong place."""
    return any(
        (
            _files_were_left_out(report),
            _stretches_lack_rows(report),
            _months_lack_rows(report),
            _calls_lack_rows(report),
        )
    )


def found_in(report: Report) -> set[str]:
    """Name what `--fail-on` may name, and is so."""
    totals = report.head["totals"]
    flags = {"breach": totals["breached"], "undetermined": totals["undetermined"], "gaps": has_gaps(report)}
    return {name for name, is_so in flags.items() if is_so}


def _some_reading_gives_an_amount(report: Report) -> bool:
    totals = report.head["totals"]
    return any(Decimal(each["compensation"] or 0) for each in (totals, *totals["readings"].values()))


def _an_ended_month_cannot_be_judged(report: Report) -> bool:
    """Tell so under any reading: where only another one finds failures, there may be money too."""
    ended = [
        (pl.col(f"{name}/decision") == "undetermined") & (pl.col(f"{name}/reason") != "cycle_running")
        for name in report.readings
    ]
    return not report.results.filter(pl.any_horizontal(ended)).is_empty()


def _rows_were_rejected(report: Report) -> bool:
    return bool(report.head["rows"]["rejected"])


def _files_were_left_out(report: Report) -> bool:
    return bool(report.head.get("left_out"))


def _stretches_lack_rows(report: Report) -> bool:
    coverage = report.head["coverage"]
    return any(coverage[name] for name in ("gaps", "cut_short", "thin_days", "strays"))


def _months_lack_rows(report: Report) -> bool:
    """Tell whether a month has no row of the service, though a day of it was over, or there is no month at all."""
    as_of, months = report.head["as_of"], report.head["months"]
    # Days written as YYYY-MM-DD compare as days do.
    begun = [each for each in months if str(cycle_named(each["cycle"]).first_day) < as_of]
    return not months or bool(report.head["months_skipped"]) or not all(each["rows"] for each in begun)


def _apis_lack_rows(report: Report) -> bool:
    return not all(each["rows"] for each in report.head["apis"])


def _calls_lack_rows(report: Report) -> bool:
    return bool(report.head["metering"]["calls_not_logged"])


def _fees_lack_rows(report: Report) -> bool:
    return bool(report.head["metering"]["fees_without_requests"])


def _much_is_flagged(report: Report) -> bool:
    """Tell whether much of what an account asked for is left out as illegal content."""
    return bool(report.head["often_flagged"]["results"])


def _ids_tell_little(report: Report) -> bool:
    """Tell whether more than one row in a hundred is a duplicate, or has a request id that does not tell."""
    ids, rows = report.head.get("request_ids") or {}, report.head["rows"]
    doubtful = (rows["duplicate"], ids.get("reused_rows", 0), ids.get("shared_rows", 0))
    return any(each * _ONE_IN > rows["read"] for each in doubtful)
