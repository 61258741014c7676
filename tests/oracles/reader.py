"""What the bytes of a log say, read one row at a time: slow, obvious, and apart from the program.

Only the forms that `tests.pollution.log` writes are known, and what mutations of them can become. Nothing here comes
from the package.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

csv.field_size_limit(1 << 30)

FIRST, END = datetime(1970, 1, 2, tzinfo=UTC), datetime(2199, 12, 31, tzinfo=UTC)
SHANGHAI = timezone(timedelta(hours=8))
NEEDED = ("timestamp", "account_id", "status", "content_flag", "client_aborted")

_EPOCH = re.compile(r"\+?[0-9]+(\.[0-9]*)?([eE][+-]?[0-9]{1,2})?")
_ISO = re.compile(
    r"(?P<year>[0-9]{4})(?P<dash>[-/])(?P<month>[0-9]{1,2})(?P=dash)(?P<day>[0-9]{1,2})[Tt ]"
    r"((?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2}):(?P<second>[0-9]{2})([.,][0-9]{1,9})?"
    r"|(?P<only_hour>[0-9]{2})(:(?P<only_minute>[0-9]{2}))?)"
    r"(\s?(?P<offset>Z|UTC|GMT|[+\u2212-][0-9]{2}(:?[0-9]{2}(:?[0-9]{2})?)?)(\[[\w/+-]+\])?)?",
    re.IGNORECASE | re.ASCII,
)
_NUMBER = re.compile(r"([+-]?[0-9]{1,99})(\.0*)?")
_EDGES = "".join(filter(str.isspace, map(chr, range(0x10000)))) + "\u200b\u2060\ufeff"
_NOBODY = ("", "-", "nan", "NaN", "\\N", "(null)", "<null>", "<nil>")
_NOTHING = ("", "-", "null", "none", "nan")


class UnreadableError(Exception):
    """A file that is none of its kind, as a whole."""


@dataclass
class Said:
    """How many requests a log has of each kind (account, day, status, flag, aborted), and how many bad rows."""

    requests: Counter[tuple[Any, ...]]
    rejected: int = 0

    @classmethod
    def of(cls, rows: Iterable[Mapping[str, str | None] | None]) -> Said:
        """Add rows up; None is one that is no row at all."""
        said = cls(Counter())
        for row in rows:
            try:
                said.requests[request(row)] += 1
            except ValueError:
                said.rejected += 1
        return said


def request(row: Mapping[str, str | None] | None) -> tuple[Any, ...]:
    """Read one row. Raises `ValueError` where it cannot be."""
    if row is None:
        raise ValueError("no row")
    account = (row["account_id"] or "").strip(_EDGES)
    if account in _NOBODY or account.lower() in ("null", "none") or "\0" in account:
        raise ValueError("account")
    account.encode()
    day = instant(row["timestamp"] or "").astimezone(SHANGHAI).date()
    return account, day, status(row["status"]), flag(row.get("content_flag")), aborted(row.get("client_aborted"))


def instant(text: str) -> datetime:
    text = text.strip()
    if _EPOCH.fullmatch(text):
        return _epoch(Decimal(text))
    found = _ISO.fullmatch(text)
    if found is None or (found["only_hour"] and not found["only_minute"] and not found["offset"]):
        raise ValueError(text)
    clock = [int(found[name] or 0) for name in ("hour", "minute", "second")]
    if found["only_hour"]:
        clock = [int(found["only_hour"]), int(found["only_minute"] or 0), 0]
    day = [int(found[name]) for name in ("year", "month", "day")]
    offset = found["offset"]
    if offset is None:
        zone: timezone = SHANGHAI
    elif offset.upper() in ("Z", "UTC", "GMT"):
        zone = UTC
    else:
        hours, minutes, seconds = (int((offset[1:].replace(":", "") + "0000")[at : at + 2]) for at in (0, 2, 4))
        if hours > 23 or minutes > 59 or seconds > 59:
            raise ValueError(text)
        length = timedelta(hours=hours, minutes=minutes, seconds=seconds)
        zone = timezone(length if offset[0] == "+" else -length)
    moment = datetime(*day, *clock, tzinfo=zone)
    if not FIRST <= moment < END:
        raise ValueError(text)
    return moment


def _epoch(number: Decimal) -> datetime:
    if int(number.as_tuple().exponent) > 0:  # digits before the point were lost
        raise ValueError(number)
    for power in (0, 3, 6, 9):
        if 946_684_800 <= number / 10**power < 4_102_444_800:
            return datetime.fromtimestamp(int(number / 10**power), UTC)
    raise ValueError(number)


def status(text: str | None) -> int | None:
    text = (text or "").strip().lower()
    if text == "009":  # NGINX, of HTTP/0.9
        return 9
    if text in _NOTHING:
        return None
    found = _NUMBER.fullmatch(text)
    if found is None:
        raise ValueError(text)
    number = int(found[1])
    if number in (0, -1):
        return None
    if not 100 <= number <= 599:
        raise ValueError(text)
    return number


def flag(text: str | None) -> bool:
    text = (text or "").strip().lower()
    text.encode()
    found = _NUMBER.fullmatch(text)
    return not (text in (*_NOTHING, "false", "no", "f", "n") or (found and int(found[1]) == 0))


def aborted(text: str | None) -> bool:
    text = (text or "").strip().lower()
    found = _NUMBER.fullmatch(text)
    text = str(int(found[1])) if found else text
    if text in ("true", "1", "yes", "t", "y"):
        return True
    if text in (*_NOTHING, "false", "0", "no", "f", "n"):
        return False
    raise ValueError(text)


def read_csv(data: bytes) -> Said:
    """Read CSV strictly. Bytes that are no UTF-8 matter where they stand in a column that is read."""
    text = data.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "surrogateescape")
    if not text.strip():
        return Said(Counter())
    lines = io.StringIO(text, newline="").readlines()
    reader = csv.reader(lines, strict=True)
    rows, ends, before = [], [], 0
    whole = "".join(lines).rfind("\n") + 1
    try:
        for row in reader:
            if row:
                rows.append((row, lines[before : reader.line_num]))
                ends.append(sum(map(len, lines[: reader.line_num])))
            before = reader.line_num
    except csv.Error as error:
        if sum(map(len, lines[:before])) < whole or whole == len(text) or not rows:
            raise UnreadableError(str(error)) from error
        bad_end = True
    else:
        bad_end = "\r" in text[whole:] and _has_bytes(text[whole:])
    if bad_end:  # what follows the last line end may be half written: one row, and a bad one
        rows = [row for row, end in zip(rows, ends, strict=True) if end <= whole]
        rows.append(([], [""]))
    return Said.of(_csv_rows(rows))


def _has_bytes(text: str) -> bool:
    """Tell whether a text has bytes that are no UTF-8."""
    return any("\ud800" <= character <= "\udfff" for character in text)


def _csv_rows(rows: list[tuple[list[str], list[str]]]) -> Iterator[Mapping[str, str | None] | None]:
    header = rows[0][0] if rows else []
    if any(header.count(name) != 1 for name in NEEDED[:3]):
        raise UnreadableError("header")
    at = {name: header.index(name) for name in NEEDED if name in header}
    for row, lines in rows[1:]:
        whole = len(row) == len(header) and row != header and not any("\0" in line for line in lines)
        within = any(_swallowed(row, len(header), at["timestamp"]))
        yield {name: row[column] for name, column in at.items()} if whole and not within else None


def _swallowed(row: list[str], fields: int, time: int) -> Iterator[bool]:
    """Tell of each line within quotes whether it would be a row of its own, with a time that is within them too."""
    for column, field in enumerate(row):
        lines = re.split("\r\n|\n|\r", field)
        for number, line in enumerate(lines if len(lines) > 1 else []):
            inner = next(csv.reader([line]), [""])
            before = column if number == 0 else 0
            after = len(row) - column - 1 if number == len(lines) - 1 else 0
            try:
                whole = before + len(inner) + after == fields
                yield whole and 0 <= time - before < len(inner) and instant(inner[time - before]) is not None
            except ValueError:
                yield False


def read_json(data: bytes) -> Said:
    """Read JSON lines, a line at a time."""
    return Said.of(_json_row(line) for line in data.split(b"\n") if line.strip())


def _json_row(line: bytes) -> Mapping[str, str | None] | None:
    found = _json_object(line)
    if found is None and b"\\x" in line:
        found = _json_object(_with_bytes_unescaped(line))
    if not isinstance(found, dict) or isinstance(found.get("account_id"), bool | float):
        return None
    if "status" not in found:  # which says not even that there was none
        return None
    row = {}
    for name in NEEDED:
        value = found.get(name)
        if isinstance(value, list | dict):
            return None
        row[name] = value if value is None or isinstance(value, str) else json.dumps(value)
        try:
            (row[name] or "").encode()
        except UnicodeEncodeError:
            return None
    return row


def _json_object(line: bytes) -> object:
    """Read JSON, with control characters in texts as gateways write them, but for NUL."""
    try:
        text = line.decode("utf-8-sig", "surrogateescape")
        return None if "\0" in text else json.loads(text, object_pairs_hook=_pairs, strict=False)
    except (ValueError, RecursionError):
        return None


def _with_bytes_unescaped(line: bytes) -> bytes:
    r"""Put the bytes in place of escapes such as `\xE6`, one after the other, a quote or a backslash escaped."""
    done, at = b"", 0
    while at < len(line):
        if found := re.match(rb"\\x([0-9A-Fa-f]{2})", line[at:]):
            byte = bytes.fromhex(found[1].decode())
            done += f"\\u00{found[1].decode()}".encode() if byte in b'"\\' or byte < b" " else byte
        else:
            found = re.match(rb"\\.|.", line[at:], re.DOTALL)
            assert found
            done += found[0]
        at += found.end()
    return done


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    times = Counter(name for name, _ in pairs)
    return found | {name: [] for name in times if times[name] > 1}
