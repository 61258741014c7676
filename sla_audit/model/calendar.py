"""Working days, where a contract counts them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cache
from importlib.machinery import PathFinder
from importlib.util import find_spec, module_from_spec
from threading import Thread
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from holidays import HolidayBase

CHINA = "CN"
CalendarState = Literal["official", "supplied", "provisional"]
"""How sure a year's working days are: announced; given by a holidays file; or told from the weekday and fixed days."""


@dataclass(frozen=True)
class WorkingDays:
    """The working days of a country, make-up weekends included, and what a file says of some days.

    `country` is a code of ISO 3166 that `holidays` knows; mainland China's is what the first agreement counts by.
    `stated` tells of days whether they are worked; it wins over what is installed. `sha256` is that of the file.
    """

    stated: Mapping[date, bool] = field(default_factory=dict)
    path: str | None = None
    sha256: str | None = None
    country: str = CHINA

    def of(self, country: str | None) -> WorkingDays:
        """Give the working days of a country, with what is stated of some days."""
        return self if country in {None, self.country} else replace(self, country=str(country))

    def prepare(self) -> None:
        """Load the installed calendar aside, while other work is done."""
        Thread(target=_days_of, args=(self.country,), daemon=True).start()

    def is_working_day(self, day: date) -> bool:
        """Tell whether `day` is a working day."""
        stated = self.stated.get(day)
        return bool(_days_of(self.country).is_working_day(day)) if stated is None else stated

    def state(self, year: int) -> CalendarState:
        """Tell how sure the working days of a year are.

        In China, each arrangement of the State Council since 2001 moves some weekend days to make up for longer
        holidays, so a year without any is one that has not been announced, or not reached the installed data, yet.
        Those of other countries follow from their laws.
        """
        if any(day.year == year for day in self.stated):
            return "supplied"
        if self.country != CHINA:
            return "official"
        china = _days_of(CHINA)
        _ = date(year, 1, 1) in china  # fills in the year
        return "official" if any(day.year == year for day in china.weekend_workdays) else "provisional"

    def nth_of_month(self, year: int, month: int, n: int) -> date | None:
        """Find the n-th working day of a month, counted from 1; None where it has not that many."""
        day = date(year, month, 1)
        while day.month == month:
            n -= self.is_working_day(day)
            if n == 0:
                return day
            day += timedelta(days=1)
        return None

    def between(self, first: date, last: date) -> int:
        """Count the working days from one day to another, both included."""
        return sum(self.is_working_day(first + timedelta(days=number)) for number in range((last - first).days + 1))


def is_known(country: str) -> bool:
    """Tell whether there is a calendar of a country, by its code in ISO 3166."""
    from holidays import list_supported_countries

    return country in list_supported_countries(include_aliases=False)


@cache
def _days_of(country: str) -> HolidayBase:
    """Load the calendar of China alone, if it is where it used to be: the package loads those of all countries."""
    if country != CHINA:
        from holidays import country_holidays

        return country_holidays(country)
    countries = find_spec("holidays.countries")  # is found, and not loaded yet
    china = PathFinder.find_spec("china", countries.submodule_search_locations) if countries else None
    if china is None or china.loader is None:
        from holidays import country_holidays

        return country_holidays(CHINA)
    module = module_from_spec(china)
    china.loader.exec_module(module)
    calendar: HolidayBase = module.China()
    return calendar


INSTALLED = WorkingDays()
"""What is known without any file."""
