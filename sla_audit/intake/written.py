"""How a log is written: told by its suffix or, where that says nothing, by its first line and a dialect."""

from __future__ import annotations

import re
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from sla_audit.errors import InputError, Problem
from sla_audit.intake.csv_format import CsvFormat
from sla_audit.intake.csv_header import first_value, read_header
from sla_audit.intake.dialect import Dialect, built_in_dialects
from sla_audit.intake.packed import suffix_unpacked
from sla_audit.intake.sources import Format, Source
from sla_audit.intake.timestamps import instant_of
from sla_audit.intake.transcoding import open_utf8

_BYTES_A_LOOK = 64
_LAID_OUT = re.compile(rb'\{[ \t]*\r?\n|\{\s*"[^"\\]*"\s*:[^{}]*,[ \t]*\r?\n')
_UTC = ZoneInfo("UTC")
_REMEDY = "Choose another --dialect, or rename the log, such as to .csv where it has a header."


@dataclass(frozen=True)
class Written:
    """What a log holds, how its text is written, and the dialect it is in, where that is known before its columns."""

    format: Format
    text: CsvFormat
    dialect: Dialect | None


def written(source: Source, text: CsvFormat, dialect: Dialect | None) -> Written:
    """Tell how a log is written; `text` is how CSV logs are, `dialect` the one that was chosen.

    Raises `InputError` where the lines of a log are of no known form, and for a JSON document that is no JSON lines.
    """
    if source.format == "json" and suffix_unpacked(source.path) == ".json":
        _refuse_document(source, text.encoding)
    if source.format != "lines":
        return Written(source.format, text, dialect)
    with open_utf8(source.path, text.encoding) as file:
        if file.peek(_BYTES_A_LOOK).removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{"):
            return Written("json", text, dialect)
    if dialect is not None:
        lines = dialect.written(text.encoding)
        if lines is not None:
            return Written("lines", lines, dialect)
        what = f"the dialect {dialect.id} does not say how lines without a header are written"
        raise InputError(Problem(source.shown, what, _REMEDY))
    fitting = [each for each in built_in_dialects().values() if _fits(source, each, text.encoding)]
    if len(fitting) != 1:
        names = f"; several dialects fit: {', '.join(each.id for each in fitting)}" if fitting else ""
        what = f"its suffix does not say how its lines are written, and its first line does not tell{names}"
        raise InputError(Problem(source.shown, what, _REMEDY))
    lines = fitting[0].written(text.encoding)
    return Written("lines", lines or text, fitting[0])


def _refuse_document(source: Source, encoding: str) -> None:
    """Say so where `.json` holds an array, or an object over several lines."""
    with open_utf8(source.path, encoding) as file:
        head = file.peek(_BYTES_A_LOOK).removeprefix(b"\xef\xbb\xbf").lstrip()
    if head.startswith(b"["):
        found = "holds a JSON array; expected one JSON object a line"
        raise InputError(Problem(source.shown, found, "Write it so, as jq -c '.[]' does."))
    if _LAID_OUT.match(head):
        found = "holds a JSON object over several lines; expected one JSON object a line"
        raise InputError(Problem(source.shown, found, "Write it so, as jq -c does, or leave it out if it is no log."))


def _fits(source: Source, dialect: Dialect, encoding: str) -> bool:
    """Tell whether the first line of a log has the fields of a dialect, and a time where it should be."""
    lines = dialect.written(encoding)
    if lines is None:
        return False
    try:
        header = read_header(source.path, lines)
    except InputError:
        return False
    values = [first_value(source.path, lines, header, name) for name in dialect.columns["timestamp"]]
    return instant_of("T".join(values), _UTC)[0] is not None
