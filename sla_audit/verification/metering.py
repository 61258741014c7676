"""Billed calls against logged ones, of the accounts that have results."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import polars as pl

from sla_audit.judge.completeness.metering import is_short
from sla_audit.model.cycle_lengths import cycle_named
from sla_audit.model.notice import Notice
from sla_audit.model.verdicts import CallTolerance, Metered, Metering
from sla_audit.report.document import metering_json
from sla_audit.report.saved.metering import SavedMetering
from sla_audit.sentence import Message, Sentence
from sla_audit.verification.context import CheckContext, Unverifiable, in_order

_BILLS = Unverifiable(
    tuple(
        f"metering.{name}[].{each}"
        for name, amount in (("calls_not_logged", "billed_calls"), ("fees_without_requests", "service_fee"))
        for each in ("account_id", amount)
    ),
    Notice("bills of accounts that have no result"),
)


_COMPARED = Unverifiable(
    ("metering.tolerance", "metering.compared", "metering.differing[].unit_price"),
    Notice("what a call costs, and by how much bills may differ"),
)
_KEPT = Unverifiable(
    tuple(
        f"metering.logs_kept.{name}" for name in ("first_day", "last_day", "missing[].first_day", "missing[].last_day")
    ),
    Notice("which days of a year the logs have"),
)


def faults(context: CheckContext) -> Iterator[tuple[Message, Message]]:
    """Say where the lists are not those that the results make."""
    metering = context.report.metering
    if metering is None or context.cycles is None:
        return
    short, silent = _expected(context, _ended(context))
    yield from (("", what) for what in _of_short(metering, short, context))
    yield from (("", what) for what in _of_silent(metering, silent, context))
    if metering.tolerance is not None:
        yield from (("", what) for what in _of_differing(metering, CallTolerance(metering.tolerance), context))


def as_said(context: CheckContext) -> Iterator[Unverifiable]:
    """Name bills of accounts without a result, which only the billing file has."""
    metering = context.report.metering
    if metering is not None:
        if metering.tolerance is not None:
            yield _COMPARED
        if metering.logs_kept is not None:
            yield _KEPT
        named = [(each.account_id, each.cycle) for each in metering.calls_not_logged]
        named += [(each.account_id, each.cycle) for each in metering.fees_without_requests]
        if set(named) - _keys(context):
            yield _BILLS


def metering_of(saved: SavedMetering) -> Metering:
    """Give what was found as it was when it was judged."""
    key = {"account_id": pl.String(), "cycle": pl.String()}
    short = [(each.account_id, each.cycle, each.billed_calls, each.requests) for each in saved.calls_not_logged]
    silent = [(each.account_id, each.cycle, each.service_fee) for each in saved.fees_without_requests]
    return Metering(
        short=pl.DataFrame(short, schema=key | {"billed_calls": pl.Int64(), "requests": pl.Int64()}, orient="row"),
        silent=pl.DataFrame(silent, schema=key | {"service_fee": pl.Decimal(38, 6)}, orient="row"),
    )


_Key = tuple[str, str]


def _keys(context: CheckContext) -> set[_Key]:
    return {(result.account_id, result.cycle) for result in context.report.results}


def _ended(context: CheckContext) -> set[str]:
    """Give the cycles that have ended, and of which there are logs."""
    months = context.report.months or ()
    return {month.cycle for month in months if month.rows and cycle_named(month.cycle).last_day < context.report.as_of}


def _expected(context: CheckContext, ended: set[str]) -> tuple[dict[_Key, tuple[int, int]], dict[_Key, Decimal]]:
    """Give the bills of results that are short, and those that are silent."""
    results = [result for result in context.report.results if result.cycle in ended]
    calls = pl.DataFrame(
        {
            "billed_calls": [result.billed_calls for result in results],
            "requests": [result.requests for result in results],
        },
        schema={"billed_calls": pl.Int64(), "requests": pl.Int64()},
    )
    short = calls.select(is_short(context.contract).fill_null(value=False)).to_series()
    busy = {result.cycle for result in results if result.requests}
    return (
        {
            (result.account_id, result.cycle): (result.billed_calls or 0, result.requests)
            for result, is_so in zip(results, short, strict=True)
            if is_so
        },
        {
            (result.account_id, result.cycle): result.service_fee
            for result in results
            if result.cycle in busy and not result.requests and result.service_fee and result.billed_calls is None
        },
    )


def _of_short(
    metering: SavedMetering, expected: dict[_Key, tuple[int, int]], context: CheckContext
) -> Iterator[Message]:
    name, known, ended = "metering.calls_not_logged", _keys(context), _ended(context)
    found = {(each.account_id, each.cycle): (each.billed_calls, each.requests) for each in metering.calls_not_logged}
    if not in_order((each.account_id, each.cycle) for each in metering.calls_not_logged):
        yield Sentence("{name} is not in the order of account and cycle", name=name)
    if {key: value for key, value in found.items() if key in known} != expected:
        yield Sentence("{name} is not what billed_calls and requests of the results make", name=name)
    if any(value[1] or not value[0] or key[1] not in ended for key, value in found.items() if key not in known):
        yield Sentence(
            "{name} has an account without a result that has requests, or no calls, or no logs of its cycle", name=name
        )


def _of_differing(metering: SavedMetering, tolerance: CallTolerance, context: CheckContext) -> Iterator[Message]:
    """Say where the bills that differ are not those that the results, and their own figures, make."""
    name, known, ended = "metering.differing", _keys(context), _ended(context)
    billed = [
        Metered(result.account_id, result.cycle, result.billed_calls, result.requests)
        for result in context.report.results
        if result.cycle in ended and result.billed_calls is not None
    ]
    found = [
        Metered(each.account_id, each.cycle, each.billed_calls, each.requests, each.unit_price)
        for each in metering.differing
    ]
    if not in_order((each.account_id, each.cycle) for each in found):
        yield Sentence("{name} is not in the order of account and cycle", name=name)
    expected = {bill[:4] for bill in billed if not tolerance.allows(bill.billed_calls, bill.requests)}
    if {bill[:4] for bill in found if bill[:2] in known} != expected:
        yield Sentence("{name} is not what billed_calls and requests of the results make", name=name)
    others = [bill for bill in found if bill[:2] not in known]
    if any(bill.requests or bill.cycle not in ended or tolerance.allows(bill.billed_calls, 0) for bill in others):
        yield Sentence(
            "{name} has an account without a result that has requests, no logs, or calls within tolerance", name=name
        )
    if metering.compared < len(billed) + len(others):
        yield Sentence(
            "metering.compared is {compared}, but there are {count} bills",
            compared=metering.compared,
            count=len(billed) + len(others),
        )
    silent = pl.DataFrame(schema={"service_fee": pl.Decimal(38, 6)})
    again = metering_json(Metering(silent, silent, tolerance, metering.compared, tuple(found)), None)
    said = [each.model_dump(include={"difference", "worth"}) for each in metering.differing]
    if said != [{key: each[key] for key in ("difference", "worth")} for each in again["differing"]]:
        yield Sentence("{name} has a difference, or its worth, that does not follow", name=name)
    for side, together in (("over", metering.over), ("under", metering.under)):
        if together is not None and together.model_dump() != again[side]:
            yield Sentence("metering.{side} is not what differing makes", side=side)


def _of_silent(metering: SavedMetering, expected: dict[_Key, Decimal], context: CheckContext) -> Iterator[Message]:
    name, known = "metering.fees_without_requests", _keys(context)
    found = {(each.account_id, each.cycle): each.service_fee for each in metering.fees_without_requests}
    if not in_order((each.account_id, each.cycle) for each in metering.fees_without_requests):
        yield Sentence("{name} is not in the order of account and cycle", name=name)
    if {key: value for key, value in found.items() if key in known} != expected:
        yield Sentence("{name} is not what service_fee and requests of the results make", name=name)
    busy = {result.cycle for result in context.report.results if result.requests} & _ended(context)
    if any(not fee or key[1] not in busy for key, fee in found.items() if key not in known):
        yield Sentence(
            "{name} has an account without a result that has no fee, or is of a cycle in which no other has requests",
            name=name,
        )
