"""What a reader should know of cycles, APIs and calls of which the logs have nothing, or too little."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

import polars as pl

from sla_audit.model.cycle_lengths import CycleLength
from sla_audit.model.notice import Notice, Value, in_a_row
from sla_audit.model.verdicts import Logged, Metering
from sla_audit.sentence import to_say

_MOST = 3


def logged_notices(logged: Logged, metering: Metering, as_of: date, length: CycleLength) -> Iterator[Notice]:
    """Say what is missing of cycles of a length, what that means and what to do; nothing where all is there."""
    yield from _api_patterns(logged)
    yield from _cycles(logged, as_of, length)
    yield from _short(metering)
    yield from _silent(metering)


def _api_patterns(logged: Logged) -> Iterator[Notice]:
    unmatched: list[Value] = [repr(pattern) for pattern, rows in logged.by_api.items() if not rows]
    if unmatched:
        yield Notice(
            "no row of the logs is of an API that --api names: {patterns}", "money", patterns=in_a_row(unmatched)
        )


_SKIPPED: Mapping[CycleLength, str] = {
    "month": to_say(
        "the logs have no row of the service in {months}, and rows before and after: name the months with --cycle "
        "to have them in the report"
    ),
    "quarter": to_say(
        "the logs have no row of the service in {months}, and rows before and after: name the quarters with --cycle "
        "to have them in the report"
    ),
}


def _cycles(logged: Logged, as_of: date, length: CycleLength) -> Iterator[Notice]:
    if not logged.by_cycle:
        yield Notice("the logs have no row of the service at all: nothing can be judged", "money")
    missing = logged.missing(as_of)
    if missing:
        yield Notice(
            "the logs have no row of the service in {months}: nothing of it can be judged; get the logs and run again",
            "money",
            months=_some([str(cycle) for cycle in missing]),
        )
    if logged.skipped:
        yield Notice(
            _SKIPPED[length],
            "money",
            months=_some([str(cycle) for cycle in logged.skipped]),
        )


def _short(metering: Metering) -> Iterator[Notice]:
    missing = pl.col("billed_calls") - pl.col("requests")
    worst = metering.short.sort(-missing, "account_id", "cycle")
    told = [
        Notice(
            "{account} {cycle}: {requests} of {calls}",
            account=repr(account),
            cycle=cycle,
            requests=requests,
            calls=calls,
        )
        for account, cycle, calls, requests in worst.head(_MOST).iter_rows()
    ]
    if told:
        yield Notice(
            "the logs have far fewer requests than the billing file has calls (clause 2.9), the worst: {worst}; what "
            "is not in the logs is in no success rate: get the missing logs and run again",
            "money",
            worst=_and_more(told, worst.height),
        )


def _silent(metering: Metering) -> Iterator[Notice]:
    most = metering.silent.sort(-pl.col("service_fee"), "account_id", "cycle")
    told = [
        Notice("{account} {cycle}", account=repr(account), cycle=cycle)
        for account, cycle, _ in most.head(_MOST).iter_rows()
    ]
    if told:
        yield Notice(
            "billed a fee, but no request is in the logs, while others have some: {most}; check that all logs are "
            "there",
            "money",
            most=_and_more(told, most.height),
        )


def _some(names: Sequence[Value]) -> Value:
    return _and_more(names[:_MOST], len(names))


def _and_more(named: Sequence[Value], of_all: int) -> Value:
    more = of_all - len(named)
    listed = in_a_row(named)
    return Notice("{names} and {more} more", names=listed, more=more) if more else listed
