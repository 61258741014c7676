"""Text that only says something: no character of it acts, or hides, where it is shown."""

from __future__ import annotations

import re
import unicodedata

_ACTS = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""General categories of Unicode: controls, formats (marks of direction, zero width), surrogates, private, unassigned,
ends of lines and paragraphs."""

INVISIBLE = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2065\u3164\ufe00-\ufe0f\uffa0\ufff0-\ufff8\U000e0000-\U000e0fff]"
)
"""What else has the property Default_Ignorable_Code_Point (Unicode 16, DerivedCoreProperties.txt): nobody sees it."""


def acting(text: str) -> str | None:
    r"""Name the first character of a text that acts or is not seen, as an escape such as `\u202e`; None: there is none.

    Spaces of all widths are seen.
    """
    if text.isascii() and text.isprintable():
        return None
    for character in text:
        if unicodedata.category(character) in _ACTS or INVISIBLE.match(character):
            return character.encode("unicode_escape", "surrogatepass").decode("ascii")
    return None


def is_unicode(text: str) -> bool:
    """Tell whether a text can be written in UTF-8: bytes that were none have become lone surrogates."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
