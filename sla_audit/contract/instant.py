"""Instants as whole microseconds since 1970 in UTC, the one form in which they are compared."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

QUARTER = 15 * 60 * 10**6
"""A quarter of an hour: the offset of a time zone from UTC is a whole number of them, so hours and days are too."""

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
