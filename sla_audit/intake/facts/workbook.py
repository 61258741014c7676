"""A facts file as a sheet of an .xlsx workbook: each cell as text, exactly, or refused.

A sheet keeps numbers as binary floats. The shortest decimal that gives the same float is what was typed or computed;
who reads an amount sees whether it has more digits than money. A cell with an error, and a formula whose result is not
kept, are refused: read as empty, the end of a service would be none.
"""

from __future__ import annotations

import io
import warnings
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from datetime import date, datetime, time
from decimal import Decimal
from importlib.util import find_spec
from itertools import chain, islice
from pathlib import Path
from typing import Any

import polars as pl

from sla_audit.errors import InputError, Problem, refuse
from sla_audit.intake.facts import hints
from sla_audit.intake.facts.csv_rows import distinct, too_many_rows
from sla_audit.intake.facts.form import BillingForm, FactsForm
from sla_audit.limits import MOST_COLUMNS, MOST_FACTS_BYTES, MOST_PROBLEMS
from sla_audit.model.ids import trimmed
from sla_audit.sentence import Message, Sentence, said_by, to_say
from sla_audit.system.whole_file import read_whole

_ROWS_OF_A_TITLE = 5
_DIGITS = 15
_MOST_ROWS = 1 << 20  # of a sheet
_MOST_CELLS = 50_000_000  # also empty ones before one that is far to the right
_REMEDY = to_say("Check that it is the right file, or save the sheet as 'CSV UTF-8'.")
_Cells = tuple[int, list[str]]
_Written = tuple[Sequence[Any], Sequence[Any]]


def read_workbook(path: Path, place: str, most_rows: int, form: FactsForm) -> pl.DataFrame:
    """Read a sheet as text, with the number of each row in `place`.

    Raises `InputError` where it is no workbook, where there are several sheets and the form names none, for cells that
    hold no value, and for what is larger than a facts file may be.
    """
    where = path.as_posix()
    content = _content(path, where)
    if find_spec("openpyxl") is None:
        remedy = to_say("Run: pip install 'sla-audit[facts]'. Or save the sheet as 'CSV UTF-8'.")
        raise InputError(Problem(where, "reading .xlsx needs openpyxl", remedy))
    with warnings.catch_warnings(), ExitStack() as opened:
        warnings.simplefilter("ignore")  # of what a sheet may have besides, such as rules for entering data
        with _refusing(where):
            values, formulas = (opened.enter_context(closing(each)) for each in _both(content))
            name = _sheet(values, where, form)
            values[name].reset_dimensions()
            formulas[name].reset_dimensions()
            both = zip(values[name].iter_rows(), formulas[name].iter_rows(), strict=True)
        return _table(_rows(_each(both, where), where, form), where, place, most_rows, form)


def _both(content: bytes) -> tuple[Any, Any]:
    """Open a workbook twice: for what its formulas give, and for where there are any."""
    import openpyxl  # noqa: PLC0415

    values, formulas = (
        openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=data_only) for data_only in (True, False)
    )
    return values, formulas


@contextmanager
def _refusing(where: str) -> Iterator[None]:
    """Refuse a file in which a library finds anything wrong."""
    try:
        yield
    except (InputError, MemoryError):
        raise
    except Exception as error:
        why = said_by(error, in_short=True) if str(error) else type(error).__name__
        raise InputError(Problem(where, Sentence("no .xlsx that can be read: {why:.200}", why=why), _REMEDY)) from error


def _each(rows: Iterator[_Written], where: str) -> Iterator[_Written]:
    """Read row by row what a library reads."""
    while True:
        with _refusing(where):
            row = next(rows, None)
        if row is None:
            return
        yield row


def _content(path: Path, where: str) -> bytes:
    """Read a file. Refuse what unpacks to more than a facts file may have; a part of it gives no more than it says."""
    try:
        content = read_whole(path, MOST_FACTS_BYTES)
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            size = sum(part.file_size for part in parts.infolist())
    except (OSError, zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise InputError(
            Problem(where, Sentence("no .xlsx that can be read: {why:.200}", why=said_by(error)), "Check the file.")
        ) from error
    if size > MOST_FACTS_BYTES:
        what = Sentence(
            "unpacks to more than {most:,} bytes, the most that a facts file may have", most=MOST_FACTS_BYTES
        )
        raise InputError(Problem(where, what, _REMEDY))
    return content


def _sheet(workbook: Any, where: str, form: FactsForm) -> str:
    """Choose the sheet that the form names, or the only one that is seen and holds anything."""
    names = [sheet.title for sheet in workbook.worksheets]
    if form.sheet is not None:
        if form.sheet not in names:
            what = Sentence(
                "no sheet {sheet!r}; the workbook has: {known}", sheet=form.sheet, known=", ".join(map(repr, names))
            )
            raise InputError(Problem(where, what, Sentence("Mend sheet in [{table}] of the config.", table=form.table)))
        return form.sheet
    seen = [sheet.title for sheet in workbook.worksheets if sheet.sheet_state == "visible" and _holds_anything(sheet)]
    if len(seen) == 1:
        return str(seen[0])
    if not seen:
        raise InputError(Problem(where, "no sheet that is seen and holds anything", "Check the file."))
    what = Sentence("several sheets: {seen}", seen=", ".join(map(repr, seen)))
    setting = form.set_to('sheet = "NAME"')
    raise InputError(Problem(where, what, Sentence("Say which to read: {setting}.", setting=setting)))


def _holds_anything(sheet: Any) -> bool:
    sheet.reset_dimensions()
    return any(value is not None for row in sheet.iter_rows(values_only=True) for value in row)


def _rows(rows: Iterator[_Written], where: str, form: FactsForm) -> Iterator[_Cells]:
    """Give the cells of each row as text with the number of the row. Raises `InputError` with those that hold none."""
    problems: list[Problem] = []
    cells = size = 0
    for number, (row, written) in enumerate(rows, start=1):
        cells += len(row)
        if number > _MOST_ROWS or cells > _MOST_CELLS or size > MOST_FACTS_BYTES:
            raise InputError(
                Problem(
                    where, Sentence("is larger than a facts file may be, at row {number:,}", number=number), _REMEDY
                )
            )
        texts = []
        for cell, source in zip(row, written, strict=True):
            text = _text(cell.value, form)
            wrong = _wrong(cell, source) if cell.value is None or text is None or cell.data_type == "e" else None
            if wrong is not None and number >= form.header_row and len(problems) < MOST_PROBLEMS:
                problems.append(Problem(f"{where}, row {number}, cell {source.coordinate}", *wrong))
            texts.append(text or "")
            size += len(texts[-1])
        yield number, texts
    refuse(problems)


def _wrong(cell: Any, source: Any) -> tuple[Message, Message] | None:
    """Say why a cell has no value that can be read; None where it is empty."""
    if cell.data_type == "e":
        return Sentence("has the error {value}", value=cell.value), to_say("Mend the cell, or remove it.")
    if cell.value is not None:
        remedy = Sentence(
            "Spreadsheets cut numbers of more than {digits} digits: enter them as text, in a column of text.",
            digits=_DIGITS,
        )
        return Sentence(
            "holds {value}, which may have been cut, or is no value of a facts file", value=str(cell.value)[:40]
        ), remedy
    if source.data_type == "f":
        return (
            to_say("has a formula whose result is not kept in the file"),
            to_say("Open and save it with the spreadsheet program."),
        )
    return None


def _text(value: Any, form: FactsForm) -> str | None:
    """Write the value of a cell as a strict CSV has it, numbers in the form of the file; None where it has none."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        number = f"{Decimal(repr(value)):f}"
        if abs(value) >= 10**_DIGITS:
            return None
        number = number.removesuffix(".0")
        return form.amount_form.written(number) if isinstance(form, BillingForm) else number
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat()
    return value.isoformat() if isinstance(value, date) else None


def _table(rows: Iterator[_Cells], where: str, place: str, most_rows: int, form: FactsForm) -> pl.DataFrame:
    header = next((cells for number, cells in rows if number == form.header_row), [])
    while header and not trimmed(header[-1]):
        header.pop()
    if not header:
        what = Sentence("row {header_row} is empty; expected the names of the columns", header_row=form.header_row)
        raise InputError(
            Problem(where, what, Sentence("Say which row has them: {setting}.", setting=form.set_to("header_row = N")))
        )
    if len(header) > MOST_COLUMNS:
        raise InputError(
            Problem(
                where, Sentence("has more than {most:,} columns", most=MOST_COLUMNS), "Check that it is the right file."
            )
        )
    beginning = list(islice(rows, _ROWS_OF_A_TITLE))
    below = [(number, *cells) for number, cells in beginning]
    refuse(filter(None, [hints.title(where, "row", header, below, form)]))
    names = distinct(header, where)
    schema = {place: pl.Int64} | dict.fromkeys(names, pl.String)
    count, table = 0, []
    beside: list[Problem] = []
    for number, cells in chain(beginning, rows):
        if any(map(trimmed, cells)):
            count += 1
            if count > most_rows:
                raise InputError(too_many_rows(where, most_rows))
            if any(map(trimmed, cells[len(names) :])) and len(beside) < MOST_PROBLEMS:
                beside.append(
                    Problem(
                        f"{where}, row {number}",
                        Sentence("a value beside the {count} columns that are named", count=len(names)),
                    )
                )
            table.append((number, *(cells[: len(names)] + [""] * (len(names) - len(cells)))))
    refuse(beside)
    return pl.DataFrame(table, schema=schema, orient="row")
