"""Values of JSON that are wanted, as the text that Python would make of them."""

from __future__ import annotations

from sla_audit.intake.scan.compiled import compiled
from sla_audit.intake.scan.formats.json_keys import Keys
from sla_audit.intake.scan.formats.json_skip import NONE, after_number, skip, whole, word
from sla_audit.intake.scan.rows import ABSENT, NULL, SAID, Found
from sla_audit.intake.scan.words import Text, text_end

_QUOTE, _OPENS, _MINUS, _ZERO, _NINE, _NULL = (ord(each) for each in '"{-09n')
_MOST_DIGITS = 15  # of a number with a fraction, which Python writes with as few as tell it from others
_MOST_ZEROS = 4  # behind the point, before Python writes an exponent


@compiled
def read_value(text: Text, at: int, keys: Keys, column: int, found: Found) -> int:
    """Note where the text of a value is, and give the end of the value; `NONE` where others are to read it."""
    if found.kinds[column] != ABSENT:
        return NONE
    byte = text.data[at]
    if byte == _NULL:
        found.kinds[column] = NULL
        return word(text, at)
    if keys.late[column]:
        found.kinds[column] = NULL
        return skip(text, at) if byte == _OPENS else NONE
    found.kinds[column] = SAID
    found.starts[column] = at
    if byte == _QUOTE:
        end = text_end(text.words, at + 1)
        found.starts[column] = at + 1
        found.ends[column] = end
        return end + 1 if text.data[end] == _QUOTE else NONE
    if byte == _MINUS or _ZERO <= byte <= _NINE:
        return _number(text, at, keys, column, found)
    end = NONE if keys.ids[column] else word(text, at)
    found.ends[column] = end
    return end


@compiled
def _number(text: Text, at: int, keys: Keys, column: int, found: Found) -> int:
    point = whole(text, at)
    if point < 0:
        return NONE
    end, has_exponent = after_number(text, point)
    found.ends[column] = end
    if has_exponent or (text.data[at] == _MINUS and text.data[at + 1] == _ZERO):
        return NONE
    if end > point:
        if keys.ids[column]:
            return NONE
        if not keys.times[column]:
            found.ends[column] = _shortest(text, at, point, end)
            if found.ends[column] < 0:
                return NONE
    return end


@compiled
def _shortest(text: Text, at: int, point: int, end: int) -> int:
    """Leave out the zeros at the end of a fraction that say nothing; `NONE` where Python would write other digits."""
    while end > point + 2 and text.data[end - 1] == _ZERO:
        end -= 1
    zeros = point + 1
    while zeros < end - 1 and text.data[zeros] == _ZERO:
        zeros += 1
    if end - at > _MOST_DIGITS or zeros - point > _MOST_ZEROS:
        return NONE
    return end
