"""A facts file as a table of text, and the mistakes found in it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from sla_audit.errors import InputError, Problem, cannot_be_read, refuse
from sla_audit.intake.bytes.plan import plan_of
from sla_audit.intake.facts import hints
from sla_audit.intake.facts.csv_rows import distinct, more_than_told, read_csv, too_many_rows
from sla_audit.intake.facts.form import FactsForm
from sla_audit.intake.facts.names import columns_in
from sla_audit.intake.facts.workbook import read_workbook
from sla_audit.intake.sources.source import source_of
from sla_audit.limits import MOST_FACT_BYTES, MOST_FACTS_ROWS, MOST_ID_BYTES, MOST_PROBLEMS
from sla_audit.model.ids import EDGES, NONE_AS_WRITTEN, NONE_IN_ANY_CASE
from sla_audit.parquet.bounds import refuse_large
from sla_audit.sentence import Message, Sentence, as_phrase, in_series, to_say
from sla_audit.system.whole_file import A_DIRECTORY, no_plain_file

_DAY = 86_400
_FIRST_SECOND, _LAST_SECOND = -62_135_596_800, 253_402_300_799  # the years 1 to 9999, since 1970
_PER_SECOND = {"ms": 10**3, "us": 10**6, "ns": 10**9}
_LONGEST = 200
PLACE = ":place"
"""The column of a table that has the place of each row: no other that is asked for has a colon."""


_MOST_FAULTS = 10 * MOST_PROBLEMS
_IN_FILE = "::"  # before the names that columns have in the file, of which one may be that of another
_IDS = {"account_id", "account", "key", "id"}
_STRICT = FactsForm()


class _Fault(NamedTuple):
    """A mistake in a row: what was found, and what was expected."""

    place: int
    what: Message


class FactsTable:
    """The columns of a facts file as text, null where empty, with the place of each row.

    What is around a value or the name of a column (see `model.ids`) is no part of it.
    Checks are Polars expressions that are true, or null, where a row is wrong: null never means
    right. Each wrong row becomes a problem; `refuse` raises them all. `rows` has the columns asked for, under their
    canonical names and in that order, optional ones null where the file lacks them. Those that may be `lists` are, in a
    Parquet file that has lists of text, kept as they are: no character of an element sets names apart. Rows of text in
    which all cells are empty are passed over; rows of totals, where `form` says that there are some, are in `totals`.
    Columns that the file has `typed` are in no form but the strict one.
    """

    def __init__(
        self,
        path: Path,
        required: Sequence[str],
        optional: Sequence[str] = (),
        lists: Collection[str] = (),
        most_rows: int = MOST_FACTS_ROWS,
        form: FactsForm = _STRICT,
    ) -> None:
        self.where = path.as_posix()
        self.form = form
        self._faults: list[_Fault] = []
        self._more = 0
        self._unit, frame = _read(path, most_rows, form)
        names = [*required, *optional]
        have = [name for name in frame.columns if name != PLACE]
        found = columns_in(self.where, have, required, optional, form)
        frame = _not_blank(frame).rename({name: f"{_IN_FILE}{name}" for name in have}).rename(_canonical(found))
        self.is_sheet = path.suffix.lower() == ".xlsx"
        self.typed = frozenset(name for name in found if frame.schema[name] != pl.String)
        refuse(
            Problem(
                self.where,
                Sentence(
                    "column {name!r} holds {found}",
                    name=name,
                    found=as_phrase(_unfit(frame.schema[name], a_list=name in lists) or ""),
                ),
                "Write it as decimal, whole number or text.",
            )
            for name in names
            if name in frame.columns and _unfit(frame.schema[name], a_list=name in lists)
        )
        total = _says_total(frame) if form.total_rows else pl.repeat(False, frame.height, eager=True)
        as_text = frame.select(
            pl.col(PLACE),
            *(
                _as_text(name, frame.schema[name]) if name in frame.columns else pl.lit(None, pl.String).alias(name)
                for name in names
            ),
        )
        self.rows, self.totals = as_text.filter(~total), as_text.filter(total)
        if self.rows.height:
            self._check_lengths(names)

    @property
    def sound(self) -> bool:
        """Whether no mistake has been found so far."""
        return not self._faults

    def check(
        self,
        wrong: pl.Expr,
        column: str,
        expected: Message,
        meant: Callable[[str], hints.Meant | None] | None = None,
    ) -> None:
        """Add a problem for every row where `wrong` holds or cannot be told; `meant` guesses how to write a value."""
        for place, found in self._first(self.rows.filter(wrong.fill_null(value=True)).select(PLACE, column)):
            hint = meant(found) if meant is not None and found is not None else None
            self.add(
                place,
                is_what(column, None if found is None else _short(repr(found))),
                expected if hint is None else with_hint(expected, hint.told(self.form)),
            )

    def check_account(self, column: str = "account_id") -> None:
        """Add a problem for every row without an account."""
        ids = pl.col(column)
        none = ids.is_in(sorted(NONE_AS_WRITTEN)) | ids.str.to_lowercase().is_in(sorted(NONE_IN_ANY_CASE))
        self.check(none, column, to_say("the account's id, and no word for none such as '-' or NULL"))

    def check_unique(self, *columns: str, told: Sequence[pl.Expr] = ()) -> None:
        """Add a problem for every row that repeats an earlier one's key: `columns`, or what they are `told` to mean."""
        rows = self.rows.select(PLACE, *(told or columns))
        keyed = rows.filter(pl.all_horizontal(pl.col(columns).is_not_null()))
        repeats = keyed.with_columns(first=pl.col(PLACE).first().over(columns)).filter(pl.col(PLACE) != pl.col("first"))
        for place, first, *key in self._first(repeats.select(PLACE, "first", *columns)):
            what = Sentence(
                "{columns} {key} again",
                columns=in_series(columns, to_say("{listed} and {value}")),
                key=", ".join(_short(repr(value)) for value in key),
            )
            self.add(place, what, Sentence("once; see {first}", first=self.at(first)))

    def placed(self, **values: pl.Expr) -> pl.DataFrame:
        """Give some values of each row, and its `place`."""
        return self.rows.select(pl.col(PLACE).alias("place"), **values)

    def at(self, place: int) -> str:
        """Name a row by its place."""
        return f"{self._unit} {place}"

    def add(self, place: int, what: Message, expected: Message) -> None:
        """Add a problem of one row."""
        if len(self._faults) < _MOST_FAULTS:
            self._faults.append(
                _Fault(
                    place, Sentence("{what}; expected {expected}", what=as_phrase(what), expected=as_phrase(expected))
                )
            )
        else:
            self._more += 1

    def numbered_rows(self) -> list[tuple[int, dict[str, Any]]]:
        """Give each row with its place; a cell is a text, None, or a list of them (see `lists`)."""
        return [(row.pop(PLACE), row) for row in self.rows.iter_rows(named=True)]

    def refuse(self) -> None:
        """Raise `InputError` with every problem found so far, in the order of the rows; many are only counted."""
        faults = sorted(self._faults, key=lambda fault: fault.place)
        told = faults[:MOST_PROBLEMS]
        rows = self.rows.filter(pl.col(PLACE).is_in([fault.place for fault in told])).iter_rows()
        totals = {place for place, *cells in rows if any(_is_total(cell) for cell in cells)}
        problems = [
            Problem(f"{self.where}, {self.at(place)}", what, self._of_totals() if place in totals else "")
            for place, what in told
        ]
        refuse([*problems, *more_than_told(self.where, self._more + len(faults) - len(told))])

    def _of_totals(self) -> Message:
        return Sentence(
            "It seems to be a row of totals: remove it, or {setting}.", setting=self.form.set_to("total_rows = true")
        )

    def _first(self, rows: pl.DataFrame) -> Iterator[tuple[Any, ...]]:
        """Give as many rows as are told, and count the others."""
        self._more += max(rows.height - MOST_PROBLEMS, 0)
        return rows.head(MOST_PROBLEMS).iter_rows()

    def _check_lengths(self, names: Sequence[str]) -> None:
        for name in names:
            if self.rows.schema[name] == pl.String:
                most = MOST_ID_BYTES if name in _IDS else MOST_FACT_BYTES
                self.check(
                    pl.col(name).str.len_bytes().fill_null(0) > most,
                    name,
                    Sentence("at most {most:,} bytes", most=most),
                )


def _not_blank(frame: pl.DataFrame) -> pl.DataFrame:
    """Leave out rows of text that say nothing; a column of another type always says something."""
    if not frame.width or any(kind != pl.String for name, kind in frame.schema.items() if name != PLACE):
        return frame
    said = pl.exclude(PLACE).str.strip_chars(EDGES).replace("", None)
    return frame.filter(pl.any_horizontal(said.is_not_null()))


def _canonical(found: Mapping[str, str]) -> dict[str, str]:
    return {f"{_IN_FILE}{name}": canonical for canonical, name in found.items()}


def _says_total(frame: pl.DataFrame) -> pl.Series:
    """Tell which rows begin with a word for a total: the first cell that is not empty, of any column."""
    texts = [
        pl.col(name).str.strip_chars(EDGES).replace("", None)
        for name, kind in frame.schema.items()
        if kind == pl.String
    ]
    if not texts:
        return pl.repeat(False, frame.height, eager=True)
    first = frame.select(pl.coalesce(texts).alias("first"))["first"]
    words = {each for each in first.unique().drop_nulls() if hints.is_total(each)}
    return first.is_in(sorted(words)).fill_null(value=False)


def _read(path: Path, most_rows: int, form: FactsForm) -> tuple[str, pl.DataFrame]:
    """Read a file with the place of each row: a line of CSV, or the number of a row of Parquet or a sheet."""
    other = no_plain_file(path)
    if other is not None:
        remedy = to_say("Save it as a file, and name that.")
        if other == A_DIRECTORY:
            remedy = to_say("Name the file in it.")
        found = Sentence("{other}; expected one file", other=as_phrase(other))
        raise InputError(Problem(path.as_posix(), found, remedy))
    refuse(filter(None, [hints.workbook(path)]))
    if path.suffix.lower() == ".xlsx":
        return "row", read_workbook(path, PLACE, most_rows, form)
    source = source_of(path)
    try:
        if source.format == "parquet":
            refuse_large(path)
            with plan_of(path).for_arrow() as file:
                table = pq.read_table(file, partitioning=None)
            refuse(
                Problem(
                    source.shown,
                    Sentence("column {name!r} holds {type}", name=field.name, type=field.type),
                    "Write it as a narrower decimal.",
                )
                for field in table.schema
                if pa.types.is_decimal256(field.type)
            )
            if table.num_rows > most_rows:
                raise InputError(too_many_rows(source.shown, most_rows))
            frame = pl.DataFrame(pl.from_arrow(table.rename_columns(distinct(table.column_names, source.shown))))
            return "row", frame.with_row_index(PLACE, offset=1)
        return "line", read_csv(path, PLACE, most_rows, form)
    except (OSError, pa.ArrowException, pl.exceptions.PolarsError, UnicodeError) as error:
        remedy = to_say("Check the path and the file.")
        raise InputError(cannot_be_read(source.shown, error, remedy, in_short=True)) from error


def is_what(column: str, found: str | None) -> Sentence:
    """Say what a cell holds, where that is not what was expected; None: nothing."""
    text = to_say("{column} is empty") if found is None else to_say("{column} is {found}")
    return Sentence(text, column=column, found=found)


def with_hint(expected: Message, hint: Sentence) -> Sentence:
    """Say besides how what a cell holds would be written."""
    return Sentence("{expected}: {hint}", expected=as_phrase(expected), hint=hint)


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."


def _is_total(cell: str | list[str | None] | None) -> bool:
    return isinstance(cell, str) and hints.is_total(cell)


def _unfit(kind: pl.DataType, *, a_list: bool) -> Message | None:
    """Say why a column of a type, which may be `a_list` or not, cannot be read exactly; None where it can."""
    if kind.is_float():
        return to_say("binary floating-point numbers, which are not exact")
    texts = a_list and isinstance(kind, pl.List) and kind.inner == pl.String
    fits = isinstance(kind, pl.String | pl.Date | pl.Datetime | pl.Categorical | pl.Enum | pl.Null)
    if fits or texts or kind.is_integer() or kind.is_decimal():
        return None
    return Sentence("values of type {kind}", kind=kind)


def _as_text(name: str, kind: pl.DataType) -> pl.Expr:
    column = pl.col(name)
    if isinstance(kind, pl.Datetime):
        zoned = kind.time_zone is not None
        seconds = _PER_SECOND[kind.time_unit]
        instant = column.dt.convert_time_zone("UTC") if zoned else column
        text = instant.dt.to_string("%Y-%m-%dT%H:%M:%S%.9f" + ("Z" if zoned else ""))
        return _dated(column, text, _FIRST_SECOND * seconds, _LAST_SECOND * seconds)
    if isinstance(kind, pl.Date):
        return _dated(column, column.dt.to_string("%Y-%m-%d"), _FIRST_SECOND // _DAY, _LAST_SECOND // _DAY)
    if isinstance(kind, pl.List):
        return column
    return column.cast(pl.String).str.strip_chars(EDGES).replace("", None)


def _dated(column: pl.Expr, text: pl.Expr, first: int, last: int) -> pl.Expr:
    """Write what lies in the years 1 to 9999; the bare number of anything else, which no calendar can write."""
    number = column.to_physical().cast(pl.Int64)
    within = number.is_between(max(first, -(2**63)), min(last, 2**63 - 1))
    return pl.when(within).then(text).otherwise(number.cast(pl.String))
