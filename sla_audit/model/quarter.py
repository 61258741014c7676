"""Calendar quarters: the service cycles of agreements that are judged four times a year."""

from __future__ import annotations

import re

from sla_audit.model.cycle import ServiceCycle
from sla_audit.sentence import to_say


class Quarter(ServiceCycle):
    """A calendar quarter, written `YYYY-Qn`: the first is January to March."""

    MONTHS = 3
    WRITTEN = re.compile(r"(\d{4})-Q([1-4])", re.ASCII)
    FORM = "{:04}-Q{}"
    IS_NONE = to_say("{written!r} is not a quarter such as 2026-Q4, from {first} to {last}")
