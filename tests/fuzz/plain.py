"""Facts files read plainly: where every value is written in its plainest form, what they say is beyond doubt."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from tests.oracles.judgement import SHANGHAI, Account, Bill, Window

_ID = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
_AMOUNT = re.compile(r"[0-9]{1,12}(\.[0-9]{1,6})?")
_CYCLE = re.compile(r"20[0-9]{2}-(0[1-9]|1[0-2])")
_DAY = re.compile(r"20[0-9]{2}-[0-9]{2}-[0-9]{2}")
_INSTANT = re.compile(r"20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\+08:00)?", re.ASCII)
_WORDS_FOR_NONE = {"none", "null", "nan", "nil", "na", "n", "undefined", "unknown"}


class UnclearError(Exception):
    """A file that says something in another than the plainest form, or is wrong."""


def read_accounts(data: bytes) -> list[Account]:
    rows = _rows(data, ("account_id", "plan", "applied_on"), ("expires_on",))
    found = [
        Account(_id(row["account_id"]), row["plan"], _day(row["applied_on"]), _day(row["expires_on"], or_none=True))
        for row in rows
    ]
    if any(each.plan not in {"paid", "free"} for each in found):
        raise UnclearError
    _unique([each.account_id for each in found])
    return found


def read_billing(data: bytes) -> list[Bill]:
    rows = _rows(data, ("account_id", "cycle", "service_fee", "cash_paid"))
    for row in rows:
        if not (_CYCLE.fullmatch(row["cycle"]) and _AMOUNT.fullmatch(row["service_fee"])):
            raise UnclearError
        if not _AMOUNT.fullmatch(row["cash_paid"]):
            raise UnclearError
    found = [Bill(_id(row["account_id"]), row["cycle"], row["service_fee"], row["cash_paid"]) for row in rows]
    _unique([(each.account_id, each.cycle) for each in found])
    return found


def read_exclusions(data: bytes) -> list[Window]:
    rows = _rows(data, ("id", "clause", "starts_at", "ends_at"), ("notified_at", "accounts", "regions", "apis", "note"))
    found = []
    for row in rows:
        if row["clause"] not in set(map(str, range(1, 13))) or row["apis"]:
            raise UnclearError
        starts_at, ends_at = _instant(row["starts_at"]), _instant(row["ends_at"])
        notified_at = _instant(row["notified_at"]) if row["notified_at"] else None
        if ends_at <= starts_at:
            raise UnclearError
        scopes = [tuple(map(_id, row[name].split(";"))) if row[name] else () for name in ("accounts", "regions")]
        found.append(Window(_id(row["id"]), int(row["clause"]), starts_at, ends_at, notified_at, *scopes))
    _unique([each.id for each in found])
    return found


def read_holidays(data: bytes) -> dict[date, bool]:
    """Give the days that are worked, or off."""
    rows = _rows(data, ("date", "day"))
    if any(row["day"] not in {"off", "work"} for row in rows):
        raise UnclearError
    days = [(_day(row["date"]), row["day"] == "work") for row in rows]
    _unique([day for day, _ in days])
    return {day: work for day, work in days if day is not None}


def _rows(data: bytes, required: Sequence[str], optional: Sequence[str] = ()) -> list[dict[str, Any]]:
    if b"\0" in data or not data:
        raise UnclearError
    try:
        header, *rows = [row for row in csv.reader(io.StringIO(data.decode("ascii"), newline=""), strict=True) if row]
    except (UnicodeDecodeError, csv.Error, ValueError) as error:
        raise UnclearError from error
    if set(header) - {*required, *optional} or set(required) - set(header) or len(set(header)) < len(header):
        raise UnclearError
    if any(len(row) != len(header) for row in rows):
        raise UnclearError
    return [dict.fromkeys(optional, "") | dict(zip(header, row, strict=True)) for row in rows]


def _id(text: str) -> str:
    if not _ID.fullmatch(text) or text.lower() in _WORDS_FOR_NONE:
        raise UnclearError
    return text


def _day(text: str, *, or_none: bool = False) -> Any:
    if or_none and not text:
        return None
    if not _DAY.fullmatch(text):
        raise UnclearError
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise UnclearError from error


def _instant(text: str) -> datetime:
    if not _INSTANT.fullmatch(text):
        raise UnclearError
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise UnclearError from error
    return found.replace(tzinfo=SHANGHAI)


def _unique(keys: Sequence[Any]) -> None:
    if len(set(keys)) < len(keys):
        raise UnclearError
