"""Working days, where a contract counts them."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from typing import Literal

from holidays import HolidayBase, country_holidays

CalendarState = Literal["official", "provisional"]
"""Whether every day asked for lies in a year whose official arrangement is known."""


@cache
def _china() -> HolidayBase:
    return country_holidays("CN")


def is_working_day(day: date) -> bool:
    """Tell whether `day` is a working day in mainland China, make-up weekends included."""
    return bool(_china().is_working_day(day))


def calendar_state(year: int) -> CalendarState:
    """Tell whether the State Council's arrangement for `year` is known.

    Each arrangement since 2001 moves some weekend days to make up for longer holidays, so a year
    without any is one that has not been announced, or not reached the installed data, yet.
    """
    china = _china()
    _ = date(year, 1, 1) in china  # fills in the year
    return "official" if any(day.year == year for day in china.weekend_workdays) else "provisional"


def nth_working_day(year: int, month: int, n: int) -> date:
    """Find the n-th working day of a month, counted from 1, in mainland China."""
    day = date(year, month, 1)
    while True:
        if is_working_day(day):
            n -= 1
            if n == 0:
                return day
        day += timedelta(days=1)
