"""Wall-clock times in bulk are what `zoneinfo` says of each by itself, in every zone and year."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from sla_audit.intake.values.local_time import in_utc

EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - on a wall
ZONES = (
    "UTC",
    "Asia/Shanghai",
    "America/New_York",
    "Europe/London",
    "Australia/Lord_Howe",  # by half an hour
    "Africa/Casablanca",  # Ramadan
    "Pacific/Apia",  # skipped a day
    "Africa/Monrovia",  # 44 minutes and 30 seconds
    "America/Sao_Paulo",  # at midnight
    "Antarctica/Troll",  # by two hours
)
YEARS = (1970, 1972, 1986, 2011, 2026, 2037, 2038, 2099, 2100, 2150, 2199)


def by_itself(second: int, zone: ZoneInfo) -> int | None:
    """Give the instant of a time on the wall; None where it is none, or two."""
    moment = (EPOCH + timedelta(seconds=second)).replace(tzinfo=zone)
    if moment.utcoffset() != moment.replace(fold=1).utcoffset():
        return None
    return int((moment - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds())


@pytest.mark.parametrize("name", ZONES)
@pytest.mark.parametrize("year", YEARS)
def test_every_half_hour_of_a_year(name: str, year: int) -> None:
    zone, first = ZoneInfo(name), int((datetime(year, 1, 1) - EPOCH).total_seconds())  # noqa: DTZ001
    seconds = np.arange(first, first + 366 * 86_400, 1_799, dtype=np.int64)
    expected = [by_itself(second, zone) for second in seconds.tolist()]
    for per_second in (1, 10**6):
        instants, none = in_utc(seconds * per_second, per_second, zone)
        found = [None if no else at // per_second for at, no in zip(instants.tolist(), none.tolist(), strict=True)]
        assert found == expected


def test_both_ends_of_a_change_to_the_nanosecond() -> None:
    """In New York, 02:00 to 03:00 of 2150-03-08 is skipped, and 01:00 to 02:00 of 2150-11-01 comes twice."""
    zone = ZoneInfo("America/New_York")
    for day, begins, ends in ((datetime(2150, 3, 8), 2, 3), (datetime(2150, 11, 1), 1, 2)):  # noqa: DTZ001
        first = int((day - EPOCH).total_seconds())
        edges = [first + begins * 3600, first + ends * 3600]
        ticks = np.array([edges[0] * 10**9 - 1, edges[0] * 10**9, edges[1] * 10**9 - 1, edges[1] * 10**9], np.int64)
        assert in_utc(ticks, 10**9, zone)[1].tolist() == [False, True, True, False]


def test_nothing() -> None:
    assert [each.tolist() for each in in_utc(np.array([], np.int64), 1, ZoneInfo("UTC"))] == [[], []]
