"""How a log is written: told by its suffix or, where that says too little, by its first lines and the dialects."""

from __future__ import annotations

import re
from codecs import BOM_UTF8
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from sla_audit.errors import InputError, Problem
from sla_audit.intake.bytes.compression import suffix_unpacked
from sla_audit.intake.bytes.encoding import UTF_16_MARKS, open_utf8, undecodable
from sla_audit.intake.bytes.text_format import UTF_8, TextFormat
from sla_audit.intake.dialects.dialect import Dialect, built_in_dialects
from sla_audit.intake.dialects.line_format import LineFormat
from sla_audit.intake.dialects.naming import Naming
from sla_audit.intake.formats.csv.rows import line_rows
from sla_audit.intake.formats.jsonl.objects import object_of
from sla_audit.intake.formats.lines.log import TextLog
from sla_audit.intake.formats.lines.w3c import w3c_format
from sla_audit.intake.formats.wrappers import DOCKER, WRAPPERS, Wrapper
from sla_audit.intake.sources.find import Source
from sla_audit.intake.values.timestamps import instant_of

_LINES_A_LOOK, _BYTES_A_LOOK = 100, 1 << 20
_BYTES_OF_A_BEGINNING = 64
_LAID_OUT = re.compile(rb'\{[ \t]*\r?\n|\{\s*"[^"\\]*"\s*:[^{}]*,[ \t]*\r?\n')
_UTC = ZoneInfo("UTC")
_REMEDY = "Choose another --dialect, or rename the log, such as to .csv where it has a header."


@dataclass(frozen=True)
class DetectedFormat:
    """What a log holds, how its text is written, and the dialect it is in, where that is known before its columns.

    `lines` is how a log in a gateway's own text is written, None for all others; `wrapper` is what is around each line.
    """

    format: str
    text: TextFormat
    dialect: Dialect | None
    wrapper: Wrapper | None = None
    lines: TextLog | None = None


def written(source: Source, text: TextFormat, dialect: Dialect | None) -> DetectedFormat:
    """Tell how a log is written; `text` is how CSV logs are, `dialect` the one that was chosen.

    Raises `InputError` where the lines of a log are of no known form, or of several, and for a JSON document that is no
    JSON lines.
    """
    if source.format == "json" and suffix_unpacked(source.path) == ".json":
        _refuse_document(source, text.encoding)
    if source.format in {"csv", "parquet"}:
        return DetectedFormat(source.format, text, dialect)
    lines = _first_lines(source, text.encoding)
    if source.format == "json":
        candidates = list(_objects(lines, text, dialect))
        return _best(candidates)[0].written if candidates else DetectedFormat("json", text, dialect)
    best = _best([*_objects(lines, text, dialect), *_named(lines, text, dialect), *_of_dialects(lines, text, dialect)])
    if len(best) == 1:
        return best[0].written
    if dialect is not None:
        plain = dialect.written(text.encoding)
        if plain is not None:
            return DetectedFormat("lines", plain, dialect)
        if dialect.text is None:
            what = f"the dialect {dialect.id} does not say how lines without a header are written"
            raise InputError(Problem(source.shown, what, _REMEDY))
    raise InputError(_untold(source, lines, best, dialect))


def _refuse_document(source: Source, encoding: str) -> None:
    """Say so where `.json` holds an array, or an object over several lines."""
    with open_utf8(source.planned, encoding) as file:
        head = file.peek(_BYTES_OF_A_BEGINNING).removeprefix(BOM_UTF8).lstrip()
    if head.startswith(b"["):
        found = "holds a JSON array; expected one JSON object a line"
        raise InputError(Problem(source.shown, found, "Write it so, as jq -c '.[]' does."))
    if _LAID_OUT.match(head):
        found = "holds a JSON object over several lines; expected one JSON object a line"
        raise InputError(Problem(source.shown, found, "Write it so, as jq -c does, or leave it out if it is no log."))


@dataclass(frozen=True)
class _Candidate:
    """A way in which a log may be written, and how many of its first lines are so."""

    written: DetectedFormat
    lines: int


def _best(candidates: Sequence[_Candidate]) -> list[_Candidate]:
    """Give the ways in which most lines may be written.

    Docker's object is an object too, yet what is within it is meant.
    """
    in_docker = max((each.lines for each in candidates if each.written.wrapper is DOCKER), default=0)
    counts = [
        each.lines - (in_docker if each.written.format == "json" and each.written.wrapper is None else 0)
        for each in candidates
    ]
    return [each for each, count in zip(candidates, counts, strict=True) if count == max(counts)]


def _objects(lines: Sequence[bytes], text: TextFormat, dialect: Dialect | None) -> Iterator[_Candidate]:
    for wrapper, inner in _within(lines):
        count = sum(line.lstrip().startswith(b"{") and object_of(line) is not None for line in inner)
        if count:
            yield _Candidate(DetectedFormat("json", text, dialect, wrapper), count)


def _named(lines: Sequence[bytes], text: TextFormat, dialect: Dialect | None) -> Iterator[_Candidate]:
    """Tell a log that names its fields, in the extended format of the W3C."""
    found = w3c_format(lines)
    if found is not None:
        yield _Candidate(
            DetectedFormat("lines", text, dialect, lines=TextLog((found,), found.names, text.encoding, w3c=True)),
            sum(line.startswith(b"#") or found.fields(_text(line)) is not None for line in lines),
        )


def _of_dialects(lines: Sequence[bytes], text: TextFormat, chosen: Dialect | None) -> Iterator[_Candidate]:
    for dialect in built_in_dialects().values() if chosen is None else [chosen]:
        fields = dialect.written(text.encoding)
        count = 0 if fields is None else sum(_has_fields(line, fields, dialect) for line in lines)
        if fields is not None and count:
            yield _Candidate(DetectedFormat("lines", fields, dialect), count)
        formats = () if dialect.text is None else dialect.text.read()
        for wrapper, inner in _within(lines) if formats else ():
            fitting = [_format_of(_text(line), formats, dialect) for line in inner]
            seen = [each for each in formats if each in fitting]
            if seen:
                # A later line may have a format that none was seen of, yet that does not say which fields the log has.
                others = [each for each in formats if each not in seen]
                names = tuple(dict.fromkeys(name for each in seen for name in each.names))
                as_text = TextLog((*seen, *others), names, text.encoding, wrapper)
                count = sum(each is not None for each in fitting)
                yield _Candidate(DetectedFormat("lines", text, dialect, wrapper, as_text), count)


def _within(lines: Sequence[bytes]) -> Iterator[tuple[Wrapper | None, list[bytes]]]:
    """Give the lines as they are, and what is within each wrapper that some of them have."""
    yield None, list(lines)
    for wrapper in WRAPPERS:
        inner = [found for line in lines if (found := wrapper.off(line)) is not None]
        if inner:
            yield wrapper, inner


def _has_fields(line: bytes, written: TextFormat, dialect: Dialect) -> bool:
    """Tell whether a line has the fields of a dialect, and a time where it should be."""
    row = next(line_rows([_text(line)], written.delimiter, 0), None)
    if row is None or written.unheaded is None or len(row.fields) < written.unheaded.least:
        return False
    return _has_time(dict(zip(written.unheaded.names, row.fields, strict=False)), dialect)


def _format_of(line: str, formats: Sequence[LineFormat], dialect: Dialect) -> LineFormat | None:
    """Tell which format a line has, if any, with a time where it should be."""
    for each in formats:
        fields = each.fields(line)
        if fields is not None and _has_time(dict(zip(each.names, fields, strict=True)), dialect):
            return each
    return None


def _has_time(said: dict[str, str], dialect: Dialect) -> bool:
    names = Naming(dialect, said).timestamp
    return instant_of("T".join(said.get(name, "") for name in names), _UTC, dialect.time_format)[0] is not None


def _first_lines(source: Source, encoding: str) -> list[bytes]:
    """Give the first lines that are not blank, without their ends."""
    with open_utf8(source.planned, encoding) as file:
        head = file.peek(len(UTF_16_MARKS[0]))
        if encoding == UTF_8 and head.startswith(UTF_16_MARKS):
            raise InputError(undecodable(source.path, UTF_8, "a byte order mark of UTF-16", 0, head))
        size = 0
        found: list[bytes] = []
        while len(found) < _LINES_A_LOOK and size < _BYTES_A_LOOK and (line := file.readline(_BYTES_A_LOOK)):
            line = line if size else line.removeprefix(BOM_UTF8)
            size += len(line)
            if line.strip():
                found.append(line.rstrip(b"\r\n"))
    return found


def _text(line: bytes) -> str:
    return line.decode(UTF_8, "surrogateescape")


def _untold(source: Source, lines: Sequence[bytes], several: Sequence[_Candidate], chosen: Dialect | None) -> Problem:
    """Say that lines do not tell how they are written: what stands there, and which dialect is nearest."""
    what = "its suffix does not say how its lines are written, and its first lines do not tell"
    if not lines:
        return Problem(source.shown, f"{what}: there are none", "Leave the file out.")
    shown = lines[0].decode(UTF_8, "backslashreplace")
    what += f"; the first is {shown if len(shown) <= 80 else shown[:77] + '...'!r}"
    if several:
        names = ", ".join(_name(each.written) for each in several)
        return Problem(source.shown, f"{what}; as many lines are of each of these: {names}", _REMEDY)
    nearest = _nearest(lines, built_in_dialects().values() if chosen is None else [chosen])
    if nearest is not None:
        dialect, as_it_writes, after = nearest
        what += f"; the nearest is {dialect.id}, as it writes lines up to {after}: {as_it_writes.written}"
    return Problem(source.shown, what, _REMEDY)


def _name(way: DetectedFormat) -> str:
    kind = "JSON lines" if way.format == "json" else "the format of the W3C" if way.dialect is None else way.dialect.id
    return kind if way.wrapper is None else f"{kind} within {way.wrapper.name}"


def _nearest(lines: Sequence[bytes], dialects: Iterable[Dialect]) -> tuple[Dialect, LineFormat, str] | None:
    """Find the format that some line is like for longest, with a time where it should be, and its last field so far."""
    most, found = 0, None
    for dialect in dialects:
        for each in () if dialect.text is None else dialect.text.read():
            for said in (each.beginning(_text(line)) for line in lines):
                if len(said) > most and _has_time(said, dialect):
                    most, found = len(said), (dialect, each, list(said)[-1])
    return found
