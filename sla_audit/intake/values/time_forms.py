"""The forms in which a log may write a time as text: each is one instant without a guess, or refused by its name."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta, timezone
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

from sla_audit.model.instant import EARLIEST, EXPECTED_YEARS, LATEST, microseconds
from sla_audit.sentence import Sentence, to_say

DateOrder = Literal["month/day/year", "day/month/year"]
"""In which order a log writes dates such as 10/5/2026, where a dialect knows it."""

EXPECTED = Sentence(
    "ISO 8601 with a time of day, the common log format, or an epoch number between the years 2000 and 2100"
)

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

_CLOCK = r"(?P<hour>\d{1,2}):(?P<minute>\d\d):(?P<second>\d\d)(?:[.,](?P<fraction>\d{1,9}))?"
_OFFSET = r"\s?(?P<offset>Z|UTC|GMT|[+\-\u2212]\d\d(?::?\d\d(?::?\d\d)?)?)"
_MONTH = r"(?P<name>[^\W\d_]{3})"
_WEEKDAY = r"(?:(?P<weekday>[a-z]{3}),? )?"

_FORMS = (
    # ISO 8601, also with slashes, which nobody writes with the year first and the day before the month.
    r"(?P<year>\d{4})(?P<dash>[-/])(?P<month>\d{1,2})(?P=dash)(?P<day>\d{1,2})[T ]"
    rf"(?:{_CLOCK}|(?P<hour_>\d\d)(?::(?P<minute_>\d\d))?)(?:{_OFFSET}(?:\[[\w/+-]+\])?)?",
    # ISO 8601 in its basic form: 20261005T050607Z
    r"(?P<year>\d{4})(?P<month>\d\d)(?P<day>\d\d)T(?P<hour>\d\d)(?P<minute>\d\d)(?P<second>\d\d)"
    rf"(?:[.,](?P<fraction>\d{{1,9}}))?(?:{_OFFSET})?",
    # The common log format: 05/Oct/2026:13:06:07 +0800, also in its brackets
    rf"(?P<bracket>\[)?(?P<day>\d\d)/{_MONTH}/(?P<year>\d{{4}}):{_CLOCK}(?:\s(?P<offset>[+-]\d{{4}}))?(?(bracket)\])",
    # RFC 1123 and RFC 5322: Mon, 05 Oct 2026 05:06:07 GMT
    rf"{_WEEKDAY}(?P<day>\d{{1,2}}) {_MONTH} (?P<year>\d{{4}}) {_CLOCK}(?:{_OFFSET})?",
    # C and Apache's error log: Mon Oct  5 05:06:07 2026
    rf"{_WEEKDAY}{_MONTH} {{1,2}}(?P<day>\d{{1,2}}) {_CLOCK} (?P<year>\d{{4}})",
    # Kibana: Oct 5, 2026 @ 13:06:07.123
    rf"{_MONTH} (?P<day>\d{{1,2}}), (?P<year>\d{{4}}) @ {_CLOCK}",
)
_KNOWN = tuple(re.compile(form, re.ASCII | re.IGNORECASE) for form in _FORMS)
_DAY_AND_MONTH = re.compile(
    rf"(?P<first>\d{{1,2}})[/.](?P<then>\d{{1,2}})[/.](?P<year>\d{{4}}),? {_CLOCK}(?: ?(?P<half>[AP]M))?",
    re.ASCII | re.IGNORECASE,
)


# What nearly all logs write.
_ISO = re.compile(
    r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:?[0-5]\d)?",
    re.ASCII,
)
_COMMON_LOG = re.compile(
    r"(\d\d)/([A-Z][a-z][a-z])/(\d{4}):(\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(?:\s([+-]\d\d[0-5]\d))?", re.ASCII
)


class Written(NamedTuple):
    """An instant in microseconds since 1970, and whether it was written without a zone."""

    instant: int
    local: bool


def read(text: str, zone: ZoneInfo, order: DateOrder | None = None) -> Written:
    """Read a time; one without a zone is that of `zone`. Finer digits than microseconds are cut.

    Raises `ValueError` that says what was expected, by the name of the form where it is known.
    """
    usual = _usual(text, zone)
    if usual is not None:
        return usual
    found = form_of(text, order)
    if found is None:
        raise ValueError(next(_by_name(text), EXPECTED))
    return _instant(_Parts(found, order if "first" in found.groupdict() else None), zone)


def form_of(text: str, order: DateOrder | None) -> re.Match[str] | None:
    """Find the form that a text has, which names its parts; None where it has none that is read.

    Which form it is, and where each part stands, hangs on no digit, and on no letter of a name.
    """
    for form in _KNOWN:
        found = form.fullmatch(text)
        if found is not None:
            return found
    return None if order is None else _DAY_AND_MONTH.fullmatch(text)


def _usual(text: str, zone: ZoneInfo) -> Written | None:
    """Read the forms that nearly all logs write, which are read a million times over; None for whatever is odd."""
    found = _ISO.fullmatch(text)
    if found is not None:
        day, clock, fraction, offset = found.groups()
    else:
        found = _COMMON_LOG.fullmatch(text)
        if found is None or found[2].lower() not in MONTHS:
            return None
        number, name, year, clock, fraction, offset = found.groups()
        day = f"{year}-{MONTHS.index(name.lower()) + 1:02}-{number}"
    try:
        moment = datetime.fromisoformat(f"{day}T{clock}.{(fraction or '')[:6]:0<6}{offset or ''}")
    except ValueError:
        return None
    if offset is None:
        moment = moment.replace(tzinfo=zone)
        if moment.utcoffset() != moment.replace(fold=1).utcoffset():
            return None
    instant = microseconds(moment)
    return Written(instant, offset is None) if EARLIEST <= instant < LATEST else None


class _NoMonthError(ValueError):
    """What stands for a month is none."""


class _Parts:
    """What a form has found in a text."""

    def __init__(self, found: re.Match[str], order: DateOrder | None = None) -> None:
        parts = {name.rstrip("_"): value for name, value in found.groupdict().items() if value is not None}
        if order is not None:
            names = ("month", "day") if order == "month/day/year" else ("day", "month")
            parts |= dict(zip(names, (parts["first"], parts["then"]), strict=True))
        self._parts = parts

    def __getitem__(self, name: str) -> str | None:
        return self._parts.get(name)

    def number(self, name: str) -> int:
        return int(self._parts.get(name) or 0)

    @property
    def month(self) -> int:
        name = self["name"]
        if name is None:
            return self.number("month")
        if name.lower() not in MONTHS:
            raise _NoMonthError(
                Sentence("the common log format with an English month, such as Oct, not {name!r}", name=name)
            )
        return MONTHS.index(name.lower()) + 1

    @property
    def hour(self) -> int:
        hour, half = self.number("hour"), self["half"]
        if half is None:
            return hour
        if not 1 <= hour <= 12:
            raise ValueError(EXPECTED)
        return hour % 12 + (12 if half.lower() == "pm" else 0)


def _instant(parts: _Parts, zone: ZoneInfo) -> Written:
    if parts["minute"] is None and parts["offset"] is None:
        raise ValueError(EXPECTED)  # a bare hour is more likely half a value
    try:
        moment = _moment(parts, zone)
        instant = microseconds(moment)
    except OverflowError:
        raise ValueError(EXPECTED) from None
    if not EARLIEST <= instant < LATEST:
        raise ValueError(EXPECTED_YEARS)
    return Written(instant, parts["offset"] is None)


def _moment(parts: _Parts, zone: ZoneInfo) -> datetime:
    """Put the parts together.

    ISO 8601 calls a midnight also hour 24 of the day before. A leap second stays in the minute, and the day, that it
    makes longer: it is counted as the last microsecond before the next one.
    """
    offset, hour, second = parts["offset"], parts.hour, parts.number("second")
    ends_the_day = (hour, parts.number("minute"), second, parts.number("fraction")) == (24, 0, 0, 0)
    leaps = second == 60
    fraction = int(f"{parts['fraction'] or '':0<6}"[:6])
    try:
        day = datetime(parts.number("year"), parts.month, parts.number("day"), tzinfo=zone)
        clock = day.replace(hour=0 if ends_the_day else hour, minute=parts.number("minute"))
        moment = clock.replace(second=59 if leaps else second, microsecond=999_999 if leaps else fraction)
    except _NoMonthError:
        raise
    except ValueError:
        raise ValueError(EXPECTED) from None
    weekday = parts["weekday"]
    if weekday is not None and weekday.lower() != DAYS[moment.weekday()]:
        raise ValueError(Sentence("a day of the week that goes with the date, not {weekday}", weekday=weekday))
    moment += timedelta(days=ends_the_day)
    moment = _unambiguous(moment, zone) if offset is None else moment.replace(tzinfo=_offset(offset))
    if leaps and (moment.astimezone(UTC) + timedelta(microseconds=1)).time() != datetime.min.time():
        raise ValueError("seconds from 0 to 59: a leap second comes at the end of a day of UTC")
    return moment


def _unambiguous(moment: datetime, zone: ZoneInfo) -> datetime:
    """Refuse an hour that the clocks of a zone skip or repeat: it is not one instant."""
    before, after = moment.utcoffset(), moment.replace(fold=1).utcoffset()
    if before is not None and after is not None and before != after:
        text = to_say("an offset from UTC: the clocks of {zone} skip this hour (daylight saving)")
        if before > after:
            text = to_say("an offset from UTC: the clocks of {zone} repeat this hour (daylight saving)")
        raise ValueError(Sentence(text, zone=zone.key))
    return moment


def _offset(text: str) -> timezone:
    if text.upper() in {"Z", "UTC", "GMT"}:
        return UTC
    digits = text[1:].replace(":", "")
    hours, minutes, seconds = (int(digits[at : at + 2] or 0) for at in (0, 2, 4))
    if hours > 23 or minutes > 59 or seconds > 59:
        raise ValueError(EXPECTED)
    return timezone((1 if text[0] == "+" else -1) * timedelta(hours=hours, minutes=minutes, seconds=seconds))


_NAMED: tuple[tuple[str, Callable[[re.Match[str]], Sentence]], ...] = (
    (
        _DAY_AND_MONTH.pattern,
        lambda found: Sentence(
            "the year first, or a dialect whose time_format says which of {first} and {then} is the day",
            first=found["first"],
            then=found["then"],
        ),
    ),
    (
        r"\d{4}[-/]\d{1,2}[-/]\d{1,2}",
        lambda _: Sentence("a time of day besides the date: --column timestamp=DATE,TIME has two"),
    ),
    (r"[a-z]{3} {1,2}\d{1,2} \d{1,2}:\d\d:\d\d.*", lambda _: Sentence("a time with its year, which syslog leaves out")),
    (
        r".*\d:\d\d(?:[.,]\d+)? ?(?P<zone>[A-Z]{2,5})",
        lambda found: Sentence(
            "an offset from UTC, such as +08:00: {zone} is the name of several zones, or of none",
            zone=found["zone"].upper(),
        ),
    ),
    (r"\d{1,3}(?:,\d{3}){3,}(?:\.\d*)?", lambda _: Sentence("an epoch number without separators")),
)


def _by_name(text: str) -> Iterator[Sentence]:
    """Say what is missing from the forms that are known, and are no instant by themselves."""
    for form, expected in _NAMED:
        found = re.fullmatch(form, text, re.ASCII | re.IGNORECASE)
        if found is not None:
            yield expected(found)
