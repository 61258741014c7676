"""Times as text without end: in all forms that logs have, in odd ones, and near all edges."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

from sla_audit.intake.values.epochs import UNITS
from sla_audit.model.instant import EARLIEST, LATEST

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND, _DAY = 10**6, 86_400 * 10**6
_CHARACTERS = "0123456789.,:;-+ TtZzeExX_/[]UTCGM\t'\u0660\uff11\u00a0\u2212\ufeff\x00\r"
_OFFSETS = (
    *("", "", "", "Z", "Z", "+00:00", "+08:00", "+0800", "+08", "-05:00", "-0330", "+14:00", "-12:00", "+05:45"),
    *("z", " Z", "UTC", " UTC", "GMT", "+8", "+24:00", "-23:59", "+08:60", "+08:00:00", "+08:00:30", "\u221208:00"),
    *("-00:00", "+00:00[UTC]", "+08:00[Asia/Shanghai]", "CST", " +08:00", "+080", "+8:00", "Z+08:00"),
)
_SEPARATORS = ("T", "T", "T", " ", " ", "t", "  ", "_", "")
_EDGES = (
    *(EARLIEST, LATEST, 0, 7_258_118_400 * _SECOND, -(10**13), 253_402_300_799 * _SECOND),
    *(946_684_800 * _SECOND, 4_102_444_800 * _SECOND),  # of epoch numbers
    *(2**31 * _SECOND, 2**32 * _SECOND, 2**63 // 1000),  # of integers, in seconds and nanoseconds
    *(1_772_953_200 * _SECOND, 1_793_512_800 * _SECOND, 5_685_922_800 * _SECOND),  # clocks change in New York
    *(1_325_242_800 * _SECOND, 515_520_000 * _SECOND, 63_072_000 * _SECOND),  # in Apia, in Shanghai, in Monrovia
    *(1_835_395_200 * _SECOND, 4_107_542_400 * _SECOND),  # leap days, one of a year that has none
)
_NAMES = ("Jan", "Feb", "Apr", "Oct", "Mon", "Thu", "Sun")
_NEAR = (0, 0, 1, -1, 10**3, _SECOND, 3_599_999_999)
_DIGITS = (0, 0, 0, 3, 3, 6, 6, 9, 9, 1, 2, 7, 10, 12, 18, 30)
_EXPONENTS = ("e0", "E-13038", "e-7", "E+00", "e-84000000", "e400", "e+1", "e-1")
_NO_NUMBERS = ("NaN", "inf", "-0", "1E-84000000", "", "-", "null")


def times(chance: random.Random) -> Iterator[str]:
    """Write times, one in five with a character or two changed."""
    while True:
        text = _written(_moment(chance), chance)
        for _ in range(chance.choice((0, 0, 0, 0, 0, 0, 0, 1, 1, 2))):
            at = chance.randrange(len(text) + 1)
            text = text[:at] + chance.choice((chance.choice(_CHARACTERS), "")) + text[at + chance.randrange(2) :]
        yield text


def alike(text: str, chance: random.Random) -> str:
    """Write a time as another is written: with other digits, another name, and now and then something odd in it."""
    digits = chance.choice(("0123456789", "0123456789", "01", "0259"))
    other = "".join(chance.choice(digits) if each in "0123456789" and chance.random() < 0.3 else each for each in text)
    for name in _NAMES:
        if name in other and chance.random() < 0.5:
            other = other.replace(name, chance.choice((*_NAMES, name.upper(), name.lower(), "Okt")))
    if chance.random() < 0.2:
        at = chance.randrange(len(other) + 1)
        other = other[:at] + chance.choice(_CHARACTERS) + other[at + chance.choice((0, 1, 1, 1)) :]
    return other


def _moment(chance: random.Random) -> int:
    """Choose an instant in microseconds: of the days that logs are of, of any day, or near an edge."""
    where = chance.random()
    if where < 0.4:
        return chance.randrange(1_790_784_000 * _SECOND, 1_793_462_400 * _SECOND)
    if where < 0.6:
        return chance.randrange(EARLIEST, LATEST)
    return chance.choice(_EDGES) + chance.choice((*_NEAR, chance.randrange(-_DAY, _DAY)))


def _written(at: int, chance: random.Random) -> str:
    form = chance.randrange(12)
    zone = timezone(timedelta(hours=chance.choice((0, 8, -5))))
    try:
        moment = (_EPOCH + timedelta(microseconds=at)).astimezone(zone)
    except OverflowError:
        return _number(at, chance)
    if form < 4:
        return _number(at, chance)
    fraction, offset = _fraction(chance), chance.choice(_OFFSETS)
    minute = f"{moment:%H:%M}"
    odd = (minute, f"{moment:%H}", "24:00:00", "24:00", f"{minute}:60", f"{minute}:61")
    clock = chance.choice(odd) if chance.random() < 0.1 else f"{moment:%H:%M:%S}{fraction}"
    if form < 9:
        return f"{moment:%Y-%m-%d}{chance.choice(_SEPARATORS)}{clock}{offset}"
    return chance.choice(
        (
            f"{moment:%d/%b/%Y}:{clock} {offset}".strip(),
            f"[{moment:%d/%b/%Y}:{clock} +0800]",
            f"{moment:%a, %d %b %Y} {clock} GMT",
            f"{moment:%a %b %d} {clock} {moment:%Y}",
            f"{moment:%b %d, %Y} @ {clock}",
            f"{moment:%Y%m%dT%H%M%S}{fraction}{offset}",
            f"{moment:%Y/%m/%d} {clock}{offset}",
            f"{moment.year}-{moment.month}-{moment.day} {clock}{offset}",
            f"{moment:%m/%d/%Y} {clock}",
            f"{moment.day}.{moment.month}.{moment.year}, {clock} {chance.choice(('AM', 'pm'))}",
            f"{moment:%Y-%m-%d}",
            f" {moment:%Y-%m-%dT}{clock}{offset} ",
        )
    )


def _fraction(chance: random.Random) -> str:
    digits, nines = chance.choice(_DIGITS), chance.random() < 0.3
    written = "9" * digits if nines else f"{chance.randrange(10**digits):0{digits}}"
    return chance.choice("....,") + written if digits else ""


def _number(at: int, chance: random.Random) -> str:
    """Write an epoch number in some unit, with digits to spare, an exponent, a sign or zeros before it."""
    number = Decimal(at) * chance.choice(list(UNITS.values())) / _SECOND
    whole = f"{number:f}" if chance.random() < 0.5 else f"{int(number)}"
    text = whole if "." in whole else whole + _fraction(chance)
    odd = chance.random()
    if odd < 0.05:
        return "+" + text
    if odd < 0.1:
        return "0" * chance.randrange(1, 25) + text
    if odd < 0.2:
        places = chance.choice((9, 12, 3, 0, 15, 18, 21))
        moved = Decimal(text.replace(",", ".")) / 10**places
        return f"{moved:f}{chance.choice('eE')}{chance.choice(('+', '', '0'))}{places}"
    if odd < 0.25:
        return text + chance.choice(_EXPONENTS)
    if odd < 0.28:
        forms = (hex(int(number)), f"{int(number):,}", f"{int(number):_}", f"{number:.2e}")
        return chance.choice((*forms, *_NO_NUMBERS))
    return text
