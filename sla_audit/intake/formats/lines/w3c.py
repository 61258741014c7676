"""The W3C's extended log format, as IIS and CloudFront write it: `#Fields:` names the fields of the lines after it.

It may come again, each time the log is opened anew, and then name other fields.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from sla_audit.intake.dialects.line_format import LineFormat, delimited
from sla_audit.limits import MOST_COLUMNS

_FIELDS = b"#Fields:"
_DIRECTIVE = re.compile(rb"^#[^\n]*", re.MULTILINE)


def fields_of(line: bytes) -> tuple[str, ...] | None:
    """Read the names of the fields from a line that has them; None where it has none.

    Of too many, the last ones come as one.
    """
    if not line.startswith(_FIELDS):
        return None
    return tuple(line.removeprefix(_FIELDS).decode("utf-8", "replace").split(maxsplit=MOST_COLUMNS))


def w3c_format(lines: Iterable[bytes]) -> LineFormat | None:
    """Tell from the first lines of a log how it is written: with tabs or spaces; None where they name no fields."""
    names: tuple[str, ...] | None = None
    for line in lines:
        if not line.startswith(b"#") and names:
            return delimited(names, "\t" if b"\t" in line else " ")
        names = fields_of(line) or names
    return delimited(names, " ") if names else None


def sections(text: bytes, known: LineFormat) -> Iterator[tuple[bytes, LineFormat]]:
    """Cut a text where other fields are named than before; lines that begin with `#` become blank."""
    start = 0
    for directive in _DIRECTIVE.finditer(text):
        names = fields_of(directive[0])
        if names and names != known.names:
            yield _DIRECTIVE.sub(b"", text[start : directive.start()]), known
            start, known = directive.start(), delimited(names, _between(known))
    yield _DIRECTIVE.sub(b"", text[start:]) if start or b"#" in text else text, known


def last_named(data: bytes, known: LineFormat) -> LineFormat:
    """Tell which fields are in force after some whole lines."""
    at = data.rfind(b"\n" + _FIELDS) + 1
    names = fields_of(data[at : data.find(b"\n", at)])
    return delimited(names, _between(known)) if names and names != known.names else known


def _between(known: LineFormat) -> str:
    return known.parts[-1].before or " "
