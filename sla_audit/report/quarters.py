"""What is said of months, said of quarters: in reports of an agreement whose service cycles these are."""

from __future__ import annotations

import gettext
import re
from functools import cache

from sla_audit.sentence import to_say

OF_QUARTERS = {
    "month still running": to_say("quarter still running"),
    "no logs of the month": to_say("no logs of the quarter"),
    "not in service for the whole month": to_say("not in service for the whole quarter"),
    "in months not asked for": to_say("in quarters not asked for"),
    "of another month": to_say("of another quarter"),
    "months": to_say("quarters"),
    "By month": to_say("By quarter"),
    "the days of the month": to_say("the days of the quarter"),
    "{rate} % of the days of the month": to_say("{rate} % of the days of the quarter"),
    "Days and months are those of {time_zone} (clause {clause}).": to_say(
        "Days and quarters are those of {time_zone} (clause {clause})."
    ),
    "Days and months are those of %(zone)s. Judged as of %(as_of)s.": to_say(
        "Days and quarters are those of %(zone)s. Judged as of %(as_of)s."
    ),
    "no file: each account is taken as paid, and in service all month": to_say(
        "no file: each account is taken as paid, and in service all quarter"
    ),
    # The numbers of a contract.
    "Objective ({clause}): success rate of at least {objective} % per calendar month, {time_zone}": to_say(
        "Objective ({clause}): success rate of at least {objective} % per calendar quarter, {time_zone}"
    ),
    "Objective ({clause}): success rate of more than {objective} % per calendar month, {time_zone}": to_say(
        "Objective ({clause}): success rate of more than {objective} % per calendar quarter, {time_zone}"
    ),
    "A month that is not whole is not judged.": to_say("A quarter that is not whole is not judged."),
    "A month that is not whole is judged over the days of the whole month.": to_say(
        "A quarter that is not whole is judged over the days of the whole quarter."
    ),
    "A month with fewer than {count:,} requests is not judged.": to_say(
        "A quarter with fewer than {count:,} requests is not judged."
    ),
    "a row goes on over the edges of months": to_say("a row goes on over the edges of quarters"),
    "a row is cut at the edges of months": to_say("a row is cut at the edges of quarters"),
    "the day after working day {number} of the next month": to_say(
        "the day after working day {number} of the month after the quarter"
    ),
    "the end of month {number} after the cycle": to_say("the end of month {number} after the quarter"),
    # The page.
    "Month by month": to_say("Quarter by quarter"),
    "Compensation by month": to_say("Compensation by quarter"),
    "What is owed of each month. The figures are in the table above.": to_say(
        "What is owed of each quarter. The figures are in the table above."
    ),
    "Results below the objective by month": to_say("Results below the objective by quarter"),
    "Results below the objective of each month. The figures are in the table above.": to_say(
        "Results below the objective of each quarter. The figures are in the table above."
    ),
    "A month that still runs is counted so far.": to_say("A quarter that still runs is counted so far."),
    "%(amount)s more if the running month ended today": to_say("%(amount)s more if the running quarter ended today"),
    "if the month ended today": to_say("if the quarter ended today"),
    "In %(currency)s: what would be owed if the month ended today.": to_say(
        "In %(currency)s: what would be owed if the quarter ended today."
    ),
    "Results on which they would differ if the month ended today: %(count)s %(clause)s": to_say(
        "Results on which they would differ if the quarter ended today: %(count)s %(clause)s"
    ),
    "The month, %(cycle)s": to_say("The quarter, %(cycle)s"),
}
"""The text of the code in place of another one, where cycles are quarters."""

_OF_A_FEE = re.compile(r"(?P<english>[Mm])onthly(?=\s(?:service )?fee)|月度(?=服务\s?费用)")
_FEE = {"M": "Quarterly", "m": "quarterly", None: "季度"}


def in_quarters(text: str) -> str:
    """Give the text of the code that says of a quarter what another one says of a month."""
    return OF_QUARTERS.get(text, text)


@cache
def of_quarters(catalogue: gettext.NullTranslations) -> gettext.NullTranslations:
    """Give a catalogue that says of quarters what another one says of months."""
    return catalogue if isinstance(catalogue, _Quarters) else _Quarters(catalogue)


class _Quarters(gettext.NullTranslations):
    def __init__(self, catalogue: gettext.NullTranslations) -> None:
        super().__init__()
        self._of_months = catalogue

    def gettext(self, message: str) -> str:
        return _with_fees(self._of_months.gettext(in_quarters(message)))

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return _with_fees(self._of_months.ngettext(in_quarters(msgid1), in_quarters(msgid2), n))


def _with_fees(said: str) -> str:
    """Call the fee of a cycle what it is."""
    return _OF_A_FEE.sub(lambda found: _FEE[found["english"]], said)
