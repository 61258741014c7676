"""Whether bytes are text in UTF-8, as strictly as Python takes it."""

from __future__ import annotations

from sla_audit.intake.scan.compiled import compiled
from sla_audit.intake.scan.words import Bytes


@compiled
def is_utf8(data: Bytes, at: int, end: int) -> bool:
    """Tell whether the bytes between two places are UTF-8: none too long, none of a surrogate, none beyond Unicode."""
    while at < end:
        lead = data[at]
        if lead < 0x80:
            at += 1
            continue
        more = _more(lead)
        if more == 0 or at + more >= end or not _second_is_sound(lead, data[at + 1]):
            return False
        for each in range(2, more + 1):
            if not 0x80 <= data[at + each] <= 0xBF:
                return False
        at += more + 1
    return True


@compiled
def _more(lead: int) -> int:
    """Tell how many bytes follow a first one; 0 where it is none."""
    if 0xC2 <= lead <= 0xDF:
        return 1
    if 0xE0 <= lead <= 0xEF:
        return 2
    return 3 if 0xF0 <= lead <= 0xF4 else 0


@compiled
def _second_is_sound(lead: int, second: int) -> bool:
    low, high = 0x80, 0xBF
    if lead == 0xE0:
        low = 0xA0
    elif lead == 0xED:
        high = 0x9F
    elif lead == 0xF0:
        low = 0x90
    elif lead == 0xF4:
        high = 0x8F
    return low <= second <= high
