"""Values that options take: read with a message that says what was expected."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import date, datetime
from fractions import Fraction
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from sla_audit.cli.options.spoken import in_words
from sla_audit.intake.bytes.text_format import TextFormat, delimiter_of, encoding_of
from sla_audit.intake.columns import CANONICAL, ColumnMap
from sla_audit.intake.dialects.naming import SUBMITTED
from sla_audit.intake.rejects import Tolerance
from sla_audit.intake.tables.version import AsOfVersion
from sla_audit.intake.values.account_pattern import AccountPattern
from sla_audit.intake.values.durations import UNITS
from sla_audit.model.month import Month
from sla_audit.model.verdicts import CallTolerance
from sla_audit.model.zones import zone_named
from sla_audit.sentence import Sentence, said_by, to_say

if TYPE_CHECKING:
    from sla_audit.cli.options.config import TakenFrom

_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_COUNT = re.compile(r"\d{1,18}", re.ASCII)
_TIMES = ("timestamp", SUBMITTED)
_UNITS = {(unit,) for unit in UNITS}
_SHARE = re.compile(r"(\d{1,3}(?:\.\d{1,9})?)%", re.ASCII)


def day(written: str | date | datetime, zone: ZoneInfo, option: str = "--as-of") -> date:
    """Read a day written YYYY-MM-DD, or take the one on which an instant falls in a zone.

    An instant is written as ISO 8601 with its offset from UTC. Raises `click.BadParameter`.
    """
    try:
        day: str | date | datetime = written
        if isinstance(day, str):
            day = date.fromisoformat(day) if _DAY.fullmatch(day) else datetime.fromisoformat(day)
        if isinstance(day, datetime):
            if day.tzinfo is None:
                raise ValueError(written)
            day = day.astimezone(zone).date()
        return Month.checked(day)
    except (ValueError, OverflowError):
        raise click.BadParameter(
            in_words(
                Sentence(
                    "{written!r}: expected a day such as 2026-11-20, from 1970 to 2199, or an instant with its offset "
                    "from UTC, such as 2026-11-20T09:00:00+08:00.",
                    written=str(written),
                )
            ),
            param_hint=option,
        ) from None


def version(written: str) -> AsOfVersion:
    """Read the version of a table. Raises `click.BadParameter`."""
    try:
        return AsOfVersion.parse(written)
    except (ValueError, OverflowError):
        raise click.BadParameter(
            in_words(
                Sentence(
                    "{written!r}: expected the number of a version or a snapshot, or an instant with its offset from "
                    "UTC, such as 2026-11-01T00:00:00+08:00.",
                    written=written,
                )
            ),
            param_hint="--as-of-version",
        ) from None


def column_map(
    written: Iterable[tuple[str, tuple[str, ...]]], option: str, of_dialects: Collection[str] = ()
) -> ColumnMap:
    """Check which canonical columns, and names `of_dialects`, are mapped, and to how many names each.

    Raises `click.BadParameter`.
    """
    named = dict(written)
    for canonical, names in named.items():
        if canonical not in (*CANONICAL, SUBMITTED, *of_dialects):
            raise click.BadParameter(
                in_words(
                    Sentence(
                        "{canonical!r} is not a canonical column, nor a field that a dialect reads. "
                        "Canonical are: {known}. What dialects read is listed by sla-audit dialects.",
                        canonical=canonical,
                        known=", ".join((*CANONICAL, SUBMITTED)),
                    )
                ),
                param_hint=option,
            )
        if canonical == SUBMITTED and "timestamp" in named:
            raise click.BadParameter(
                in_words(to_say("both timestamp and submitted are mapped; expected one time.")), param_hint=option
            )
        most = 2 if canonical in _TIMES or (canonical == "duration" and names[1:2] in _UNITS) else 1
        if not 1 <= len(names) <= most or not all(names):
            text = to_say("{canonical} takes one column, found {names!r}.")
            if canonical in _TIMES:
                text = to_say("{canonical} takes a column, or two (date,time), found {names!r}.")
            found = Sentence(text, canonical=canonical, names=",".join(names))
            raise click.BadParameter(in_words(found), param_hint=option)
    return ColumnMap(named)


def taken_apart(
    columns: Mapping[str, tuple[str, ...] | TakenFrom],
) -> tuple[dict[str, tuple[str, ...]], AccountPattern | None]:
    """Give the names of columns, and the pattern that takes the account out of its own.

    Raises `click.BadParameter` for a pattern of another column.
    """
    named = {name: value if isinstance(value, tuple) else (value.column,) for name, value in columns.items()}
    patterns = {name: value.pattern for name, value in columns.items() if not isinstance(value, tuple)}
    others = patterns.keys() - {"account_id"}
    if others:
        found = Sentence(
            "{name} has a pattern; expected the name of a column: only account_id is taken out of one.",
            name=min(others),
        )
        raise click.BadParameter(in_words(found), param_hint="[columns]")
    return named, AccountPattern(patterns["account_id"]) if patterns else None


def split_column(written: str) -> tuple[str, tuple[str, ...]]:
    """Read `canonical=name`, `timestamp=date,time` or `duration=name,ms`. Raises `click.BadParameter`."""
    canonical, equals, names = written.partition("=")
    if not equals:
        raise click.BadParameter(
            in_words(Sentence("{written!r}: expected canonical=name, such as status=http_status.", written=written)),
            param_hint="--column",
        )
    return canonical, names_in(canonical, names)


def names_in(canonical: str, names: str) -> tuple[str, ...]:
    """Read the name of a column; those of a date and a time, or the name of a duration and its unit."""
    name, comma, unit = names.rpartition(",")
    if canonical == "duration" and comma and unit in UNITS:
        return name, unit
    return tuple(names.split(",")) if canonical in _TIMES else (names,)


def csv_format(delimiter: str | None, encoding: str | None) -> TextFormat:
    """Read how CSV logs are written; None is what most are. Raises `click.BadParameter`."""
    plain = TextFormat()
    return TextFormat(
        _said("--delimiter", delimiter, delimiter_of, plain.delimiter),
        _said("--encoding", encoding, encoding_of, plain.encoding),
    )


def zone(written: str) -> str:
    """Read the name of a time zone. Raises `click.BadParameter`."""
    return _said("--time-zone", written, lambda name: zone_named(name).key, "")


def _said(option: str, written: str | None, read: Callable[[str], str], usual: str) -> str:
    """Read a value of an option, where there is one."""
    try:
        return usual if written is None else read(written)
    except ValueError as error:
        raise click.BadParameter(_because(error, written), param_hint=option) from None


def call_tolerance(written: str) -> CallTolerance:
    """Read by how much billed calls may differ: `N` or `P%`. Raises `click.BadParameter`."""
    try:
        return CallTolerance(written)
    except ValueError as error:
        raise click.BadParameter(_because(error, written), param_hint="--metering-tolerance") from None


def tolerance(written: str) -> Tolerance:
    """Read how many rows may be rejected: `N` or `P%`. Raises `click.BadParameter`."""
    if _COUNT.fullmatch(written):
        return Tolerance(rows=int(written))
    share = _SHARE.fullmatch(written)
    if share and Fraction(share[1]) <= 100:
        return Tolerance(share=Fraction(share[1]) / 100)
    raise click.BadParameter(
        in_words(Sentence("{written!r}: expected a number of rows, or a share such as 0.1%.", written=written)),
        param_hint="--max-rejected",
    )


def _because(error: ValueError, written: str | None) -> str:
    return in_words(Sentence("{written!r}: {why}.", written=written, why=said_by(error)))
