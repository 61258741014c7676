"""Billed calls against logged ones, of the accounts that have results."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import polars as pl

from sla_audit.judge.completeness.metering import Metering, is_short
from sla_audit.model.month import Month
from sla_audit.model.notice import Notice
from sla_audit.report.saved.whole import SavedMetering
from sla_audit.verification.context import AsSaid, Matter, in_order

_BILLS = AsSaid(
    tuple(
        f"metering.{name}[].{each}"
        for name, amount in (("calls_not_logged", "billed_calls"), ("fees_without_requests", "service_fee"))
        for each in ("account_id", amount)
    ),
    Notice("bills of accounts that have no result"),
)


def faults(matter: Matter) -> Iterator[tuple[str, str]]:
    """Say where the lists are not those that the results make."""
    metering = matter.report.metering
    if metering is None or matter.months is None:
        return
    short, silent = _expected(matter, _ended(matter))
    yield from (("", what) for what in _of_short(metering, short, matter))
    yield from (("", what) for what in _of_silent(metering, silent, matter))


def as_said(matter: Matter) -> Iterator[AsSaid]:
    """Name bills of accounts without a result, which only the billing file has."""
    metering = matter.report.metering
    if metering is not None:
        named = [(each.account_id, each.cycle) for each in metering.calls_not_logged]
        named += [(each.account_id, each.cycle) for each in metering.fees_without_requests]
        if set(named) - _keys(matter):
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


def _keys(matter: Matter) -> set[_Key]:
    return {(result.account_id, result.cycle) for result in matter.report.results}


def _ended(matter: Matter) -> set[str]:
    """Give the months that have ended, and of which there are logs."""
    months = matter.report.months or ()
    return {month.cycle for month in months if month.rows and Month.parse(month.cycle).last_day < matter.report.as_of}


def _expected(matter: Matter, ended: set[str]) -> tuple[dict[_Key, tuple[int, int]], dict[_Key, Decimal]]:
    """Give the bills of results that are short, and those that are silent."""
    results = [result for result in matter.report.results if result.cycle in ended]
    calls = pl.DataFrame(
        {
            "billed_calls": [result.billed_calls for result in results],
            "requests": [result.requests for result in results],
        },
        schema={"billed_calls": pl.Int64(), "requests": pl.Int64()},
    )
    short = calls.select(is_short(matter.contract).fill_null(value=False)).to_series()
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


def _of_short(metering: SavedMetering, expected: dict[_Key, tuple[int, int]], matter: Matter) -> Iterator[str]:
    name, known, ended = "metering.calls_not_logged", _keys(matter), _ended(matter)
    found = {(each.account_id, each.cycle): (each.billed_calls, each.requests) for each in metering.calls_not_logged}
    if not in_order((each.account_id, each.cycle) for each in metering.calls_not_logged):
        yield f"{name} is not in the order of account and cycle"
    if {key: value for key, value in found.items() if key in known} != expected:
        yield f"{name} is not what billed_calls and requests of the results make"
    if any(value[1] or not value[0] or key[1] not in ended for key, value in found.items() if key not in known):
        yield f"{name} has an account without a result that has requests, or no calls, or no logs of its cycle"


def _of_silent(metering: SavedMetering, expected: dict[_Key, Decimal], matter: Matter) -> Iterator[str]:
    name, known = "metering.fees_without_requests", _keys(matter)
    found = {(each.account_id, each.cycle): each.service_fee for each in metering.fees_without_requests}
    if not in_order((each.account_id, each.cycle) for each in metering.fees_without_requests):
        yield f"{name} is not in the order of account and cycle"
    if {key: value for key, value in found.items() if key in known} != expected:
        yield f"{name} is not what service_fee and requests of the results make"
    busy = {result.cycle for result in matter.report.results if result.requests} & _ended(matter)
    if any(not fee or key[1] not in busy for key, fee in found.items() if key not in known):
        yield f"{name} has an account without a result that has no fee, or is of a cycle in which no other has requests"
