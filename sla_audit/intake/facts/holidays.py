"""The holidays file: days that are off or worked, where the installed calendar does not know better."""

from __future__ import annotations

import hashlib
from pathlib import Path

import polars as pl

from sla_audit.intake.facts.form import HolidaysForm
from sla_audit.intake.facts.table import FactsTable
from sla_audit.limits import MOST_EXCLUSIONS
from sla_audit.model.calendar import INSTALLED, WorkingDays
from sla_audit.model.month import FIRST_DAY, LAST_DAY
from sla_audit.sentence import to_say

_STRICT = HolidaysForm()


def read_holidays(path: Path | None, form: HolidaysForm = _STRICT) -> WorkingDays:
    """Read `date` and `day` (`off` or `work`); without a file, the installed calendar is all there is.

    Raises `InputError` with every mistake: a date that is none or comes twice, a day that is neither.
    """
    if path is None:
        return INSTALLED
    table = FactsTable(path, required=("date", "day"), most_rows=MOST_EXCLUSIONS, form=form)
    day = form.date_form.dates("date")
    table.check(~day.is_between(FIRST_DAY, LAST_DAY), "date", to_say("a date such as 2027-02-06"))
    table.check_unique("date", told=(form.date_form.days(pl.col("date")),))
    table.check(~pl.col("day").is_in(["off", "work"]), "day", to_say("off or work"))
    table.refuse()
    stated = dict(table.rows.select(day, pl.col("day") == "work").iter_rows())
    return WorkingDays(stated, path.as_posix(), hashlib.sha256(path.read_bytes()).hexdigest())
