"""What the explicit failures of each day cost, computed again from the days of the results."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl

from sla_audit.contract.model import Contract
from sla_audit.judge.breakdown.attribution import attributed
from sla_audit.model.verdicts import DayAttribution
from sla_audit.report.saved.whole import SavedAttribution, WholeReport
from sla_audit.sentence import Message, Sentence, as_phrase, to_say
from sla_audit.verification.context import CheckContext, Unverifiable
from sla_audit.verification.judged_again import cycles_of

_DAYS = {"account_id": pl.String(), "cycle": pl.String(), "day": pl.Date(), "explicit_failure": pl.Int64()}


def faults(context: CheckContext) -> Iterator[tuple[Message, Message]]:
    """Say where what a day's failures are said to have cost does not follow."""
    said = context.report.attribution
    if said is None:
        return
    expected = attribution_of(context.report, context.contract, context.verdicts)
    if expected is None:
        yield "", to_say("attribution is given, but not the days of every result below the objective")
        return
    found = [each.date for each in said]
    days = [each.day for each in expected]
    if found != days:
        yield (
            "",
            to_say("attribution has other days than those on which requests of results below the objective failed"),
        )
        return
    for each, follows in zip(said, expected, strict=True):
        yield from (
            ("", Sentence("attribution {date}: {what}", date=each.date, what=as_phrase(what)))
            for what in _differing(each, follows)
        )


def as_said(_: CheckContext) -> Iterator[Unverifiable]:
    """Name nothing: all of it follows."""
    yield from ()


def attribution_of(
    report: WholeReport, contract: Contract, verdicts: Mapping[str, pl.DataFrame]
) -> tuple[DayAttribution, ...] | None:
    """Tell what each day's failures cost; None where a report lacks the days of results below the objective.

    By intervals, it does not follow from how many requests failed on a day.
    """
    ruled = verdicts[report.reading]
    below = ruled["tier"].fill_null(-1) >= 0
    results = [result for result, is_below in zip(report.results, below, strict=True) if is_below]
    if (
        contract.measure is not None
        or report.daily is None
        or any(result.daily is None and result.requests for result in results)
    ):
        return None
    days = [
        (result.account_id, result.cycle, day.date, day.explicit_failure)
        for result in results
        for day in result.daily or ()
    ]
    table = pl.DataFrame(days, schema=_DAYS, orient="row")
    return attributed(table, cycles_of(report), ruled, contract, report.reading, report.as_of)


def _differing(said: SavedAttribution, follows: DayAttribution) -> Iterator[Message]:
    for name, expected in follows._asdict().items():
        found: Any = getattr(said, "date" if name == "day" else name)
        if found != expected:
            shown = ["null" if each is None else str(each) for each in (found, expected)]
            yield Sentence(
                "{name} is {shown}; the days of the results make it {made}", name=name, shown=shown[0], made=shown[1]
            )
