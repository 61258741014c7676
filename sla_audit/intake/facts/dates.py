"""Days and months as facts files write them, and as an example in the config says that they do."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

import polars as pl

from sla_audit.limits import MOST_PROBLEMS
from sla_audit.sentence import to_say

STRICT_DATE = r"^[0-9]{4}-[0-9][0-9]-[0-9][0-9]$"
_OPEN = date(9999, 12, 31)
_ROWS = 1 << 32
_NO_SAMPLE = to_say("expected a day as the file writes it, such as 2026/10/31, 31.10.2026, 20261031 or 2026年10月31日")
_UNSURE = to_say(
    "does not tell which of day and month comes first: give a day above 12, such as 31/10/2026 or 10/31/2026"
)
_COMPACT = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")
_PARTS = re.compile(r"([0-9]{4}|[0-9]{1,2})([-/.年])([0-9]{1,2})([-/.月])([0-9]{4}|[0-9]{1,2})(日?)")
_MIDNIGHT = r"(?:[ T]0{1,2}:00(?::00(?:\.0+)?)?)?"
_YEAR, _MONTH, _DAY = "(?P<year>[0-9]{4})", "(?P<month>[0-9]{1,2})", "(?P<day>[0-9]{1,2})"


@dataclass(frozen=True)
class DateForm:
    """How a file writes days and months besides the strict way (2026-10-31, 2026-10): patterns without anchors.

    None: in no other.
    """

    day: str | None = None
    month: str | None = None

    def days(self, column: pl.Expr) -> pl.Expr:
        """Write days the strict way, also with a midnight behind them; what is none stays as it is."""
        if self.day is None:
            return column
        found = column.str.extract_groups(f"^{self.day}{_MIDNIGHT}$").struct
        strict = pl.concat_str(found["year"], _two(found["month"]), _two(found["day"]), separator="-")
        return pl.coalesce(strict, column)

    def dates(self, column: str) -> pl.Expr:
        """Read the days of a column; null for what is none."""
        text = self.days(pl.col(column))
        return pl.when(text.str.contains(STRICT_DATE)).then(text).str.to_date("%Y-%m-%d", strict=False).alias(column)

    def months(self, column: pl.Expr) -> pl.Expr:
        """Write months the strict way, also where they are written as their first day; what is none stays as it is."""
        if self.day is None or self.month is None:
            return column
        found = column.str.extract_groups(f"^{self.month}$").struct
        strict = pl.concat_str(found["year"], _two(found["month"]), separator="-")
        return pl.coalesce(strict, first_day_as_month(self.days(column)), column)

    def instant(self, text: str) -> str:
        """Write the day of an instant the strict way, and the hour behind it with two digits."""
        found = None if self.day is None else re.match(f"{self.day}(?=[ T]|$)", text)
        if found is None:
            return text
        time = re.sub(r"^([ T])([0-9]:)", r"\g<1>0\2", text[found.end() :])
        return f"{found['year']}-{found['month']:0>2}-{found['day']:0>2}{time}"


STRICT_DATES = DateForm()


def first_day_as_month(column: pl.Expr) -> pl.Expr:
    """Take the month of what is its first day, written the strict way; null for anything else."""
    return column.str.extract("^([0-9]{4}-[0-9]{2})-01$")


@lru_cache
def date_form(sample: str) -> DateForm:
    """Read an example of a day. Raises `ValueError` where it is none, or leaves open which part is what."""
    compact = _COMPACT.fullmatch(sample)
    if compact is not None:
        _real(*compact.groups())
        year, month, day = "(?P<year>[0-9]{4})", "(?P<month>[0-9]{2})", "(?P<day>[0-9]{2})"
        return DateForm(year + month + day, year + month)
    found = _PARTS.fullmatch(sample)
    chinese = found is not None and found.group(2, 4, 6) == ("年", "月", "日")
    if found is None or not (chinese or (found[2] == found[4] and found[2] in "-/." and not found[6])):
        raise ValueError(_NO_SAMPLE)
    first, middle, last = found.group(1, 3, 5)
    if len(first) == 4 and len(last) < 4:
        _real(first, middle, last)
        parts, month_parts = (_YEAR, _MONTH, _DAY), (_YEAR, _MONTH)
    elif len(last) == 4 and len(first) < 4 and not chinese:
        if int(first) <= 12 and int(middle) <= 12:
            raise ValueError(_UNSURE)
        day_first = int(first) > 12
        _real(last, *((middle, first) if day_first else (first, middle)))
        parts, month_parts = (_DAY, _MONTH, _YEAR) if day_first else (_MONTH, _DAY, _YEAR), (_MONTH, _YEAR)
    else:
        raise ValueError(_NO_SAMPLE)
    if chinese:
        return DateForm(f"{_YEAR}年{_MONTH}月{_DAY}日", f"{_YEAR}年{_MONTH}月")
    between = re.escape(found[2])
    return DateForm(between.join(parts), between.join(month_parts))


def overlapping(periods: pl.DataFrame) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Find rows of one `id` that have a day in common, from `first` to `last` (null: without an end), by `place`.

    Gives such a row, and one of an earlier place with which it overlaps; no more than are told.
    """
    sound = periods.drop_nulls(("id", "first")).sort("id", "first", maintain_order=True).with_row_index("at")
    end = pl.col("last").fill_null(_OPEN).cast(pl.Int32).cast(pl.Int64)
    # The end of whatever came before goes with the row that has it, in one number, so that a running maximum has both.
    latest = (end * _ROWS + pl.col("at")).cum_max().shift().over("id")
    both = sound.with_columns(before=latest).filter(pl.col("first").cast(pl.Int32) <= pl.col("before") // _ROWS)
    for row in both.with_columns(other=pl.col("before") % _ROWS).head(MOST_PROBLEMS).iter_rows(named=True):
        first, second = sorted((row, sound.row(row["other"], named=True)), key=lambda each: int(each["place"]))
        yield second, first


def _real(year: str, month: str, day: str) -> None:
    try:
        date(int(year), int(month), int(day))
    except ValueError:
        raise ValueError(_NO_SAMPLE) from None


def _two(digits: pl.Expr) -> pl.Expr:
    return digits.str.zfill(2)
