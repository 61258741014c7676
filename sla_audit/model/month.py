"""Calendar months: the service cycles of most agreements (clause 2.7.1), and what calendars are kept by."""

from __future__ import annotations

import re
from datetime import date

from sla_audit.model.cycle import FIRST_YEAR, LAST_YEAR, ServiceCycle
from sla_audit.sentence import Sentence, to_say

FIRST_DAY = date(FIRST_YEAR, 1, 1)
"""The first day that can be audited."""

LAST_DAY = date(LAST_YEAR, 12, 31)
"""The last day that can be audited."""


class Month(ServiceCycle):
    """A calendar month, written `YYYY-MM`."""

    MONTHS = 1
    WRITTEN = re.compile(r"(\d{4})-(0[1-9]|1[0-2])", re.ASCII)
    FORM = "{:04}-{:02}"
    IS_NONE = to_say("{written!r} is not a month such as 2026-10, from {first} to {last}")

    @staticmethod
    def checked(day: date) -> date:
        """Give a day back; raises `ValueError` where it lies in no month that can be audited."""
        if not FIRST_YEAR <= day.year <= LAST_YEAR:
            raise ValueError(Sentence("{day} is not from {first} to {last}", day=day, first=FIRST_YEAR, last=LAST_YEAR))
        return day
