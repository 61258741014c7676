"""What the agreement of `tests.builders.coded` makes of requests, one by one: slow, and as its rules read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from fractions import Fraction
from typing import NamedTuple

INTERVALS_OF_OCTOBER = 31 * 288


class Request(NamedTuple):
    """A request in October 2026, how long it took in seconds, and whether it lies in an accepted exclusion."""

    at: datetime
    status: int | None
    api: str
    code: str | None
    took: Fraction
    excluded: bool = False


class Told(NamedTuple):
    """What a reading makes of an account's requests; rates are cut to six decimals."""

    success: int
    explicit_failure: int
    excluded: int
    success_rate: str | None


READINGS = ("codes", "statuses", "either")


def class_of(request: Request, reading: str) -> str:
    code = request.code or ""
    if code == "SlowDown" or fnmatchcase(code, "Throttl*"):
        return "excluded"
    is_server_error = request.status is not None and 500 <= request.status <= 599
    is_success = request.status is not None and 200 <= request.status <= 299
    if request.api.startswith("/big/") and request.took > 10:
        return "excluded" if request.excluded else "explicit_failure"
    if request.api.startswith("/small/") and request.took > 2 and (is_server_error or is_success):
        return "explicit_failure"
    by_code = code == "InternalError" or code.startswith("Service")
    fails = {
        "codes": by_code,
        "statuses": request.status is None or is_server_error,
        "either": request.status == 500 or by_code,
    }
    if fails[reading]:
        return "excluded" if request.excluded else "explicit_failure"
    return "success"


def judged(requests: Sequence[Request], *, by_intervals: bool) -> dict[str, Told]:
    """Judge by each reading."""
    return {reading: _judged(requests, reading, by_intervals=by_intervals) for reading in READINGS}


def _judged(requests: Sequence[Request], reading: str, *, by_intervals: bool) -> Told:
    intervals: dict[datetime, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    every: dict[str, int] = defaultdict(int)
    for each in requests:
        start = each.at - timedelta(minutes=each.at.minute % 5, seconds=each.at.second)
        for counts in (intervals[start], every):
            counts[class_of(each, reading)] += 1
    rate = _rate(every, reading)
    if by_intervals:  # a silent interval has a rate of 0
        lost = sum(1 - found for counts in intervals.values() if (found := _rate(counts, reading)) is not None)
        rate = 1 - lost / Fraction(INTERVALS_OF_OCTOBER)
    return Told(every["success"], every["explicit_failure"], every["excluded"], _cut(rate))


def _rate(counts: dict[str, int], reading: str) -> Fraction | None:
    kept = counts["success"] + (counts["excluded"] if reading == "either" else 0)
    total = kept + counts["explicit_failure"]
    return Fraction(kept, total) if total else None


def _cut(rate: Fraction | None) -> str | None:
    if rate is None:
        return None
    millionths = rate * 10**6 // 1
    return f"{millionths // 10**6}.{millionths % 10**6:06}"
