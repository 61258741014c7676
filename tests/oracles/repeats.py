"""Repeated requests, told one caller and one day after the other: slow, and as an agreement says it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import NamedTuple
from zoneinfo import ZoneInfo


class Terms(NamedTuple):
    """How long to wait after an error, and of which errors: see `contract.terms.repeats`."""

    wait: timedelta
    factor: int = 1
    most: timedelta | None = None
    after_each: bool = True


class Sent(NamedTuple):
    """A request that is counted: whose it is, when it was sent, and whether it ended with an error."""

    caller: object
    at: datetime
    is_error: bool


def repeated(sent: Sequence[Sent], terms: Terms, zone: ZoneInfo) -> list[bool]:
    """Tell of each request whether it came too soon."""
    found = [False] * len(sent)
    for caller in {each.caller for each in sent}:
        own = [number for number, each in enumerate(sent) if each.caller == caller]
        for today in {_day(sent[number], zone) for number in own}:
            around = [number for number in own if _day(sent[number], zone) in (today, today - timedelta(days=1))]
            for number in _too_soon(sorted(around, key=lambda number: sent[number].at), sent, terms):
                if _day(sent[number], zone) == today:
                    found[number] = True
    return found


def _day(each: Sent, zone: ZoneInfo) -> date:
    return each.at.astimezone(zone).date()


def _too_soon(ordered: list[int], sent: Sequence[Sent], terms: Terms) -> list[int]:
    found: list[int] = []
    in_row, until = 0, None
    for at, group in groupby(ordered, key=lambda number: sent[number].at):
        together = list(group)
        errors = sum(sent[number].is_error for number in together)
        if until is not None and at < until:
            found += together
        if errors < len(together):
            in_row, until = 0, None
        if errors and terms.after_each:
            in_row += errors
            wait = terms.wait * terms.factor ** (in_row - 1)
            until = at + (wait if terms.most is None else min(wait, terms.most))
        elif errors and (until is None or at >= until):
            until = at + terms.wait
    return found
