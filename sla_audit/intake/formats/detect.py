"""How a log is written of which the suffix says only that it is lines: told by the first of them and the dialects."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from sla_audit.errors import InputError, Problem
from sla_audit.intake.bytes.head import Head
from sla_audit.intake.bytes.text_format import UTF_8
from sla_audit.intake.dialects.dialect import Dialect, built_in_dialects
from sla_audit.intake.dialects.line_format import LineFormat
from sla_audit.intake.formats.csv.log import CsvLog
from sla_audit.intake.formats.interface import OpenedLog, Written
from sla_audit.intake.formats.jsonl.log import JsonLog
from sla_audit.intake.formats.lines.log import LinesLog
from sla_audit.intake.formats.recognition import Candidate, FirstLines, as_text, has_time, likeliest
from sla_audit.intake.sources.source import Source
from sla_audit.sentence import Sentence, as_phrase, in_series, to_say

_REMEDY = to_say(
    "Choose another --dialect, say how the gateway writes its lines with --log-format, or rename the log, such as to "
    ".csv where it has a header."
)
_TIME = rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d"
_OF_CONNECTIONS = (
    (
        re.compile(rb"tls \d\.\d " + _TIME + rb"\S* net/"),
        to_say("a log of TLS connections of AWS's Network Load Balancer"),
    ),
    (
        re.compile(_TIME + rb"\S+ \S+ \S+:\d+ \S+ \S+ \S+ \S+ - - \d+ \d+ \"- - - \""),
        to_say("a log of TCP connections of AWS's Classic Load Balancer"),
    ),
)
"""What balancers write of connections, of which there are no requests to be told: the first line, and whose it is."""
_OTHER_LOG = to_say("Give the log of what stands behind it, or before it, and knows requests.")


def open_lines(source: Source, head: Head, written: Written) -> OpenedLog:
    """Open a log as what its first lines show.

    Raises `InputError` where they are of no known form, or of several.
    """
    text, dialect = written.text, written.dialect
    look = FirstLines.of(head)
    best = likeliest(list(_candidates(source, head, written, look)))
    if len(best) == 1:
        return best[0].open()
    if dialect is not None:
        plain = dialect.written(text.encoding)
        if plain is not None:
            return CsvLog(source, head, plain, dialect)
        if dialect.text is None:
            what = Sentence("the dialect {id} does not say how lines without a header are written", id=dialect.id)
            raise InputError(Problem(source.shown, what, _REMEDY))
    raise InputError(_untold(source, look.lines, best, dialect))


def _candidates(source: Source, head: Head, written: Written, look: FirstLines) -> Iterator[Candidate]:
    """Ask each format for the ways in which it knows these lines, dialect by dialect.

    Dialects that know the first line are asked first, so that the others are soon given up.
    """
    yield from JsonLog.recognised(source, head, written, look)
    yield from LinesLog.naming_fields(source, head, written, look)
    dialects = list(built_in_dialects().values()) if written.dialect is None else [written.dialect]

    def ways(dialect: Dialect, lines: FirstLines) -> list[Candidate]:
        of_dialect = Written(written.text, dialect)
        return [way for form in (CsvLog, LinesLog) for way in form.recognised(source, head, of_dialect, lines)]

    first = look.first()
    likely = [bool(ways(dialect, first)) for dialect in dialects]
    found = {at: ways(dialects[at], look) for at in sorted(range(len(dialects)), key=lambda at: not likely[at])}
    for at in range(len(dialects)):
        yield from found[at]


def _untold(source: Source, lines: Sequence[bytes], several: Sequence[Candidate], chosen: Dialect | None) -> Problem:
    """Say that lines do not tell how they are written: what stands there, and which dialect is nearest."""
    untold = Sentence("its suffix does not say how its lines are written, and its first lines do not tell")
    if not lines:
        return Problem(source.shown, Sentence("{what}: there are none", what=untold), "Leave the file out.")
    shown = lines[0].decode(UTF_8, "backslashreplace")
    first = shown if len(shown) <= 80 else shown[:77] + "..."
    what = Sentence("{what}; the first is {first!r}", what=untold, first=first)
    if several:
        names = in_series([each.said for each in several], to_say("{listed}, {value}"))
        return Problem(
            source.shown,
            Sentence("{what}; as many lines are of each of these: {names}", what=what, names=names),
            _REMEDY,
        )
    for line, whose in _OF_CONNECTIONS:
        if line.match(lines[0]):
            return Problem(
                source.shown,
                Sentence(
                    "{what}; it is {whose}, which has no requests and no status", what=what, whose=as_phrase(whose)
                ),
                _OTHER_LOG,
            )
    nearest = _nearest(lines, built_in_dialects().values() if chosen is None else [chosen])
    if nearest is not None:
        dialect, as_it_writes, after = nearest
        what = Sentence(
            "{what}; the nearest is {dialect}, as it writes lines up to {after}: {line}",
            what=what,
            dialect=dialect.id,
            after=after,
            line=as_it_writes.written,
        )
    return Problem(source.shown, what, _REMEDY)


def _nearest(lines: Sequence[bytes], dialects: Iterable[Dialect]) -> tuple[Dialect, LineFormat, str] | None:
    """Find the format of which some line has the most, with a time where it should be, and its last field so far."""
    most, found = (0.0, 0), None
    for dialect in dialects:
        for each in () if dialect.text is None else dialect.text.read():
            for said in (each.beginning(as_text(line)) for line in lines):
                much = (len(said) / len(each.names), len(said))
                if much > most and has_time(said, dialect):
                    most, found = much, (dialect, each, list(said)[-1])
    return found
