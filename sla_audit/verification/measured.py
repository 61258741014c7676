"""Exact rates of agreements that measure intervals: which of those that a report says there can be.

A report has no counts of intervals. But how many of these a cycle has follows from the calendar, and how many requests
failed is told: what is lost of a rate lies between bounds. Which rate it is between them, only the logs can tell.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from fractions import Fraction
from math import gcd
from typing import NamedTuple

import polars as pl

from sla_audit.contract.model import Contract
from sla_audit.errors import Problem
from sla_audit.judge.intervals.counted import intervals_in
from sla_audit.judge.intervals.exact_rate import CUT, PLACES
from sla_audit.judge.intervals.measured import Measured
from sla_audit.model.notice import Notice
from sla_audit.report.saved.json_text import AGAIN
from sla_audit.report.saved.places import place_of
from sla_audit.report.saved.read import SavedMeasured, SavedReport, SavedResult, SavedVerdict
from sla_audit.sentence import Message, Sentence, to_say
from sla_audit.verification.context import CheckContext, Unverifiable

_MISSING = to_say("has no measured: the rate is that of intervals, of which a report has no counts")
_NEEDLESS = to_say("measured is given of no request, or of an agreement by which requests are what counts")
_RATES = Notice("in which intervals requests failed, from which rates follow")


def faults(_: CheckContext) -> Iterator[tuple[Message, Message]]:
    """Find nothing more: what cannot be is refused before anything is judged."""
    yield from ()


def as_said(context: CheckContext) -> Iterator[Unverifiable]:
    """Name the rates, where intervals are measured and something was."""
    if any(verdict.measured for result in context.report.results for verdict in result.readings.values()):
        names = ((reading, name) for reading in context.contract.readings for name in SavedMeasured.model_fields)
        yield Unverifiable(tuple(f"results[].readings.{reading}.measured.{name}" for reading, name in names), _RATES)


def measured_of(report: SavedReport, contract: Contract, reading: str) -> Measured | None:
    """Give what a report says was measured under a reading; None where its contract measures requests.

    It has to be possible (see `impossible`).
    """
    terms = contract.under(reading).measure
    if terms is None:
        return None
    said = [None if each is None else each.measured for each in _verdicts(report, reading)]
    kept, total = ([0 if each is None else getattr(each, name) for each in said] for name in ("kept", "total"))
    minutes = 0 if terms.bad is None else terms.step // timedelta(minutes=1)
    return Measured(kept, total, [(whole - part) * minutes for part, whole in zip(kept, total, strict=True)])


def impossible(report: SavedReport, cycles: pl.DataFrame, contract: Contract, where: str) -> Iterator[Problem]:
    """Say which results have no exact rate and should have, or have one that cannot be."""
    for reading in contract.readings:
        read = contract.under(reading)
        lengths = [0] * len(report.results) if read.measure is None else intervals_in(cycles, read)
        for result, verdict, length in zip(report.results, _verdicts(report, reading), lengths, strict=True):
            what = None if verdict is None else _fault(result, verdict, length, read, reading)
            if what is not None:
                yield Problem(place_of(where, result, reading), what, AGAIN)


def _verdicts(report: SavedReport, reading: str) -> list[SavedVerdict | None]:
    return [result.readings.get(reading) for result in report.results]


def _fault(result: SavedResult, verdict: SavedVerdict, length: int, contract: Contract, reading: str) -> Message | None:
    """Say why a rate of `length` intervals cannot be, if it cannot."""
    said = verdict.measured
    if said is None:
        return _MISSING if contract.measure is not None and result.requests else None
    if contract.measure is None or not result.requests:
        return _NEEDLESS
    units = result.requests if contract.unit.pooled else 1
    named: dict[str, int] = {"kept": said.kept, "total": said.total, "length": length}
    if not _is_written_so(said, length, units, contract):
        return Sentence("measured is {kept} of {total}, which no rate of {length} intervals is", **named)
    if not _bounds(verdict, length, contract, reading).hold(said, length, contract):
        text = to_say("measured is {kept} of {total}: {failed} failed requests cannot make that of {length} intervals")
        return Sentence(text, failed=verdict.explicit_failure, **named)
    return None


def _is_written_so(said: SavedMeasured, length: int, most_units: int, contract: Contract) -> bool:
    """Tell whether a rate is written as one of so many intervals is, of each of so many sub-units at most."""
    units, rest = divmod(said.total, length)
    if contract.measure is not None and contract.measure.bad is not None:
        return not rest and units <= most_units
    return said.total == CUT or (not rest and gcd(units, said.total - said.kept) == 1)


class _Bounds(NamedTuple):
    """How many intervals are lost: at least, and at most."""

    least: Fraction
    most: Fraction

    def hold(self, said: SavedMeasured, length: int, contract: Contract) -> bool:
        """Tell whether a rate lies between them; one that is cut may be less than a place beside."""
        if contract.measure is not None and contract.measure.bad is not None:
            return self.least <= said.total - said.kept <= self.most
        lost, beside = Fraction(said.total - said.kept, said.total) * length, Fraction(length, 10**PLACES)
        return self.least - beside < lost < self.most + beside if said.total == CUT else self.least <= lost <= self.most


def _bounds(verdict: SavedVerdict, length: int, contract: Contract, reading: str) -> _Bounds:
    """Bound what failed requests can take of a rate.

    A bad interval has one at least. In a mean, each takes the more of its interval the fewer others are there: all of
    it with none, and no less than it would of all requests of the cycle.
    """
    failed = verdict.explicit_failure
    if contract.measure is not None and contract.measure.bad is not None:
        return _Bounds(Fraction(0), Fraction(failed))
    _, total = contract.readings[reading].kept_and_counted(verdict.success, failed, verdict.excluded)
    return _Bounds(Fraction(failed, max(total, 1)), Fraction(min(failed, length)))
