"""A facts file in CSV, read strictly and not many rows at a time: a row has as many fields as the header."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import chain, islice
from pathlib import Path

import polars as pl

from sla_audit.errors import InputError, Problem, refuse
from sla_audit.intake.bytes.chunks import some_at_a_time
from sla_audit.intake.bytes.compression import unpacked
from sla_audit.intake.bytes.encoding import not_utf8
from sla_audit.intake.bytes.planned import PlannedFile
from sla_audit.intake.bytes.text_format import UTF_8
from sla_audit.intake.facts import hints
from sla_audit.intake.facts.form import FactsForm
from sla_audit.intake.formats.csv.header import no_header
from sla_audit.intake.formats.csv.rows import NotCsvError, Row, bounded_lines, strict_rows
from sla_audit.limits import MOST_COLUMNS, MOST_FACTS_BYTES, MOST_PROBLEMS
from sla_audit.model.ids import trimmed
from sla_audit.sentence import Sentence, to_say

_BYTES_OF_A_HINT = 1 << 20
_ROWS_OF_A_TITLE = 5
_REMEDY = to_say("Check that it is the right file, or audit the accounts in several runs.")


def read_csv(path: Path, place: str, most_rows: int, form: FactsForm) -> pl.DataFrame:
    """Read the rows of a file as text, and in `place` the line on which each begins.

    Raises `InputError` where it is no CSV in its encoding, has no header or other fields than it, or is larger than
    such a file may be.
    """
    where, above = path.as_posix(), form.header_row - 1
    try:
        with unpacked(PlannedFile.of(path)) as file:
            encoding = "utf-8-sig" if form.encoding == UTF_8 else form.encoding
            lines = bounded_lines(io.TextIOWrapper(file, encoding, newline=""), 0, where)
            passed = sum(1 for _ in islice(lines, above))
            return _read(strict_rows(lines, form.delimiter, passed, where), path, place, most_rows, form)
    except NotCsvError as error:
        (problem,) = error.problems
        raise InputError(replace(problem, remedy=to_say("Mend the file, or export it again."))) from error
    except UnicodeError as error:
        raise InputError(_undecodable(path, form, error)) from error


def distinct(names: Sequence[str], where: str) -> list[str]:
    """Give the names of columns without what is around them. Raises `InputError` where two are the same."""
    read = list(map(trimmed, names))
    refuse(
        Problem(where, Sentence("two columns are named {name!r}", name=name), "Rename one of them.")
        for name in sorted(set(read))
        if read.count(name) > 1
    )
    return read


def too_many_rows(where: str, most: int) -> Problem:
    """Say that a file has more rows than such a file may have."""
    return Problem(
        where, Sentence("has more than {most:,} rows, the most that such a file may have", most=most), _REMEDY
    )


def _too_large(where: str) -> Problem:
    return Problem(
        where,
        Sentence("has more than {most:,} characters, the most that a facts file may have", most=MOST_FACTS_BYTES),
        _REMEDY,
    )


def _read(rows: Iterator[Row], path: Path, place: str, most_rows: int, form: FactsForm) -> pl.DataFrame:
    where = path.as_posix()
    first = next(rows, None)
    if first is None or first.line != form.header_row:
        raise InputError(_no_header(where, form, empty=not path.stat().st_size))
    header = list(map(trimmed, first.fields))
    if len(header) > MOST_COLUMNS:
        raise InputError(
            Problem(
                where, Sentence("has more than {most:,} columns", most=MOST_COLUMNS), "Check that it is the right file."
            )
        )
    beginning = list(islice(rows, _ROWS_OF_A_TITLE))
    below = [(row.line, *row.fields) for row in beginning]
    texts = [row.text for row in beginning]
    odd = hints.delimiter(where, header, texts, form) or hints.title(where, "line", header, below, form)
    refuse(filter(None, [odd]))
    header = distinct(header, where)
    schema = {place: pl.Int64} | dict.fromkeys(header, pl.String)
    frames, count, size, ragged = [pl.DataFrame(schema=schema)], 0, 0, _Ragged(where, len(header))
    for some in some_at_a_time(chain(beginning, rows), lambda row: len(row.text)):
        count, size = count + len(some), size + sum(len(row.text) for row in some)
        if count > most_rows or size > MOST_FACTS_BYTES:
            raise InputError(too_many_rows(where, most_rows) if count > most_rows else _too_large(where))
        whole = ragged.but(some)
        frames.append(pl.DataFrame([(row.line, *row.fields) for row in whole], schema=schema, orient="row"))
    ragged.refuse()
    return pl.concat(frames)


class _Ragged:
    """The rows that have other fields than the header, of which the first ones are told."""

    def __init__(self, where: str, fields: int) -> None:
        self._where = where
        self._fields = fields
        self._problems: list[Problem] = []
        self._count = 0

    def but(self, rows: Sequence[Row]) -> list[Row]:
        """Give the other rows."""
        whole = [row for row in rows if len(row.fields) == self._fields]
        if len(whole) < len(rows):
            self._count += len(rows) - len(whole)
            for row in rows:
                if len(row.fields) != self._fields and len(self._problems) < MOST_PROBLEMS:
                    found = Sentence(
                        "{fields} fields; expected {header}, as in the header",
                        fields=len(row.fields),
                        header=self._fields,
                    )
                    self._problems.append(Problem(f"{self._where}, line {row.line}", found))
        return whole

    def refuse(self) -> None:
        """Raise `InputError` where there are any."""
        refuse([*self._problems, *more_than_told(self._where, self._count - len(self._problems))])


def more_than_told(where: str, more: int) -> list[Problem]:
    """Say how many mistakes of a file are not told one by one, if any."""
    return [Problem(where, Sentence("{more:,} more mistakes like these", more=more))] if more > 0 else []


def _no_header(where: str, form: FactsForm, *, empty: bool) -> Problem:
    if form.header_row == 1:
        return no_header(where, empty=empty)
    what = Sentence(
        "line {header_row} is blank, within a row, or not there; expected the names of the columns",
        header_row=form.header_row,
    )
    return Problem(where, what, Sentence("Mend header_row in [{table}] of the config.", table=form.table))


def _undecodable(path: Path, form: FactsForm, error: UnicodeError) -> Problem:
    """Find the byte at which a file stops being of its encoding, and what it seems to be."""
    with unpacked(PlannedFile.of(path)) as file:
        head = file.read(_BYTES_OF_A_HINT)
        byte, reason = None, getattr(error, "reason", str(error))
        if form.encoding == UTF_8:
            byte, reason = not_utf8(chain([head], iter(partial(file.read, _BYTES_OF_A_HINT), b""))) or (0, "changed")
    return hints.encoding(path, head, byte, reason, form)
