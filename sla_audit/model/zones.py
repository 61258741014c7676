"""Time zones by name: those of the IANA database, which mean the same on every machine."""

from __future__ import annotations

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sla_audit.sentence import Sentence

_OTHER_SCALES = ("posix/", "right/")  # copies of the database; those of `right` count leap seconds
_WITHOUT_AN_AREA = ("UTC", "GMT")


def zone_named(name: str) -> ZoneInfo:
    """Find a zone. Raises `ValueError` that says what is wrong with its name.

    Names without an area, such as `localtime` or `Factory`, depend on the machine, or are abbreviations.
    """
    if name.startswith(_OTHER_SCALES):
        without = name.partition("/")[2]
        raise ValueError(
            Sentence(
                "{name!r} is a copy of a time zone that not every machine has; write {without!r}",
                name=name,
                without=without,
            )
        )
    try:
        if "/" not in name and name not in _WITHOUT_AN_AREA:
            raise ZoneInfoNotFoundError(name)
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(
            Sentence("{name!r} is not an IANA time zone such as 'Asia/Shanghai' or 'UTC'", name=name)
        ) from None
