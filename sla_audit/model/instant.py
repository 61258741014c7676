"""Instants as whole microseconds since 1970 in UTC, the one form in which they are compared."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from sla_audit.sentence import to_say

QUARTER = 15 * 60 * 10**6
"""A quarter of an hour: the offset of a time zone from UTC is a whole number of them, so hours and days are too."""

EARLIEST, LATEST = 86_400 * 10**6, (7_258_118_400 - 86_400) * 10**6
"""Which times of a row are accepted, half-open: the years 1970 to 2199 but for their first and last day in UTC.

So the day of a row lies in these years whatever the time zone, and so does its month, which all else is about.
"""
EXPECTED_YEARS = to_say("a time of the years 1970 to 2199, but for the first day and the last (UTC)")

_UNIX_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def microseconds(moment: datetime) -> int:
    """Give the instant of a moment that carries a zone."""
    return (moment - _UNIX_EPOCH) // _MICROSECOND


def moment(instant: int, zone: ZoneInfo | None = None) -> datetime:
    """Give an instant as a moment in a zone, or in UTC."""
    return (_UNIX_EPOCH + timedelta(microseconds=instant)).astimezone(zone or UTC)


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """Give the moment at which a day begins in a zone."""
    return datetime(day.year, day.month, day.day, tzinfo=zone)
