"""Names of rotated logs: what a rotation adds to the end of a name says nothing of what the file holds.

It is added after the suffix, before or after that of a packing: a number (`access.log.1`, `access.log.2.gz`), a day, an
hour, an epoch or a week, in digits (`access.log-20261003.gz`, `access.log-20261003-1790000000`,
`access.log.2026-10-03_05`, `0.log.20261003-053000`, `app.log.2026-10-03.0`), or with the names of months and weekdays
(`access.log.03Oct2026`, `access.log.Sat`). So write logrotate (`dateext`, `dateformat`, `start`), newsyslog, savelog,
Apache's rotatelogs and cronolog (their formats are strftime's), the kubelet, Docker, log4j, logback, log4net and
Python's handlers. Those that keep the suffix at the end (Tomcat, IIS, lumberjack, `extension` in logrotate) need
nothing.

`.old`, `.bak`, `.backup` and the like are none: whether they are another stretch of the log or a copy of this one,
their name does not say. Parquet is written whole, never rotated: `x.parquet.1` is a second download.
"""

from __future__ import annotations

import re

_TEXT = r"\.(?:csv|json|jsonl|log|ndjson)"
_NAMES = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|mon|tue|wed|thu|fri|sat|sun"
_PART = rf"(?:\d|{_NAMES}|(?<=\d)[tz]|w(?=\d)|[ap]m|[-._:+](?!$))"
_ROTATION = rf"[-._](?:\d|{_NAMES}){_PART}*"
_PACKED = rf"(?:(?:{_ROTATION})?\.(?:gz|zst))?"
_ROTATED = re.compile(rf"(?P<name>.+{_TEXT}{_PACKED}){_ROTATION}", re.IGNORECASE)


def unrotated(name: str) -> str:
    """Give the name that a log had before it was rotated; one that was not is itself."""
    found = _ROTATED.fullmatch(name)
    return name if found is None else found["name"]
