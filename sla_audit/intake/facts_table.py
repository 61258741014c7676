"""A facts file as a table of text, and the mistakes found in it."""

from __future__ import annotations

import io
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from sla_audit.contract.ids import EDGES, NONE_AS_WRITTEN, NONE_IN_ANY_CASE, trimmed
from sla_audit.errors import InputError, Problem, refuse
from sla_audit.intake import facts_hints
from sla_audit.intake.csv_header import no_header
from sla_audit.intake.csv_rows import NotCsvError, strict_rows
from sla_audit.intake.packed import unpacked
from sla_audit.intake.planned import Planned
from sla_audit.intake.sources import source_of
from sla_audit.parquet.bounds import refuse_large
from sla_audit.whole_file import no_plain_file

_DAY = 86_400
_FIRST_SECOND, _LAST_SECOND = -62_135_596_800, 253_402_300_799  # the years 1 to 9999, since 1970
_PER_SECOND = {"ms": 10**3, "us": 10**6, "ns": 10**9}
_PLACE = ":place"  # no column of a facts file that is asked for has a colon


class FactsTable:
    """The columns of a facts file as text, null where empty, with the place of each row.

    What is around a value or the name of a column (see `contract.ids`) is no part of it.
    Checks are Polars expressions that are true, or null, where a row is wrong: null never means
    right. Each wrong row becomes a problem; `refuse` raises them all. `rows` has the columns asked
    for, in that order, optional ones null where the file lacks them. Those that may be `lists` are, in a Parquet file
    that has lists of text, kept as they are: no character of an element sets names apart.
    """

    def __init__(
        self, path: Path, required: Sequence[str], optional: Sequence[str] = (), lists: Collection[str] = ()
    ) -> None:
        self.where = path.as_posix()
        self._problems: list[tuple[int, Problem]] = []
        self._unit, frame = _read(path)
        names = [*required, *optional]
        have = [name for name in frame.columns if name != _PLACE]
        refuse(facts_hints.missing_column(self.where, name, have) for name in required if name not in have)
        refuse(
            Problem(
                self.where,
                f"column {name!r} holds {_unfit(frame.schema[name], a_list=name in lists)}",
                "Write it as decimal, whole number or text.",
            )
            for name in names
            if name in frame.columns and _unfit(frame.schema[name], a_list=name in lists)
        )
        self.rows = frame.select(
            pl.col(_PLACE),
            *(
                _as_text(name, frame.schema[name]) if name in frame.columns else pl.lit(None, pl.String).alias(name)
                for name in names
            ),
        )

    @cached_property
    def _totals(self) -> frozenset[int]:
        """The rows that seem to be of totals."""
        rows = self.rows.iter_rows()
        return frozenset(place for place, *cells in rows if any(_is_total(cell) for cell in cells))

    @property
    def sound(self) -> bool:
        """Whether no mistake has been found so far."""
        return not self._problems

    def check(
        self, wrong: pl.Expr, column: str, expected: str, meant: Callable[[str], str | None] | None = None
    ) -> None:
        """Add a problem for every row where `wrong` holds or cannot be told; `meant` guesses how to write a value."""
        for place, found in self.rows.filter(wrong.fill_null(value=True)).select(_PLACE, column).iter_rows():
            hint = meant(found) if meant is not None and found is not None else None
            what = f"{column} is {found!r}" if found is not None else f"{column} is empty"
            self.add(place, what, expected if hint is None else f"{expected}: write {hint}")

    def check_account(self) -> None:
        """Add a problem for every row without an account."""
        ids = pl.col("account_id")
        none = ids.is_in(sorted(NONE_AS_WRITTEN)) | ids.str.to_lowercase().is_in(sorted(NONE_IN_ANY_CASE))
        self.check(none, "account_id", "the account's id, and no word for none such as '-' or NULL")

    def check_unique(self, *columns: str) -> None:
        """Add a problem for every row that repeats an earlier one's key."""
        keyed = self.rows.filter(pl.all_horizontal(pl.col(columns).is_not_null()))
        repeats = keyed.with_columns(first=pl.col(_PLACE).first().over(columns)).filter(
            pl.col(_PLACE) != pl.col("first")
        )
        for place, first, *key in repeats.select(_PLACE, "first", *columns).iter_rows():
            what = f"{' and '.join(columns)} {', '.join(map(repr, key))} again"
            self.add(place, what, f"once; see {self._unit} {first}")

    def add(self, place: int, what: str, expected: str) -> None:
        """Add a problem of one row."""
        remedy = "It seems to be a row of totals: remove it." if place in self._totals else ""
        problem = Problem(f"{self.where}, {self._unit} {place}", f"{what}; expected {expected}", remedy)
        self._problems.append((place, problem))

    def numbered_rows(self) -> list[tuple[int, dict[str, Any]]]:
        """Give each row with its place; a cell is a text, None, or a list of them (see `lists`)."""
        return [(row.pop(_PLACE), row) for row in self.rows.iter_rows(named=True)]

    def refuse(self) -> None:
        """Raise `InputError` with every problem found so far, in the order of the rows."""
        refuse(problem for _, problem in sorted(self._problems, key=lambda placed: placed[0]))


def _read(path: Path) -> tuple[str, pl.DataFrame]:
    """Read a file with the place of each row: a line of CSV, or the number of a Parquet row."""
    other = no_plain_file(path)
    if other is not None:
        remedy = "Name the file in it." if "directory" in other else "Save it as a file, and name that."
        raise InputError(Problem(path.as_posix(), f"{other}; expected one file", remedy))
    refuse(filter(None, [facts_hints.workbook(path)]))
    source = source_of(path)
    try:
        if source.format == "parquet":
            refuse_large(path)
            table = pq.read_table(path, partitioning=None)
            refuse(
                Problem(source.shown, f"column {field.name!r} holds {field.type}", "Write it as a narrower decimal.")
                for field in table.schema
                if pa.types.is_decimal256(field.type)
            )
            frame = pl.DataFrame(pl.from_arrow(table.rename_columns(_distinct(table.column_names, source.shown))))
            return "row", frame.with_row_index(_PLACE, offset=1)
        return "line", _read_csv(path)
    except (OSError, pa.ArrowException, pl.exceptions.PolarsError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or str(error).splitlines()[0]
        raise InputError(Problem(source.shown, f"cannot be read: {reason}", "Check the path and the file.")) from error


def _read_csv(path: Path) -> pl.DataFrame:
    """Read CSV strictly: a row has as many fields as the header, and quotes are closed."""
    where = path.as_posix()
    with io.StringIO(_text(path), newline="") as lines:
        try:
            header, rows = _header_and_rows(lines, where)
        except NotCsvError as error:
            (problem,) = error.problems
            raise InputError(replace(problem, remedy="Mend the file, or export it again.")) from error
    if not header:
        raise InputError(no_header(where, empty=not path.stat().st_size))
    above = facts_hints.delimiter(where, header) or facts_hints.title(where, header, rows)
    refuse(filter(None, [above]))
    header = _distinct(header, where)
    refuse(
        Problem(f"{where}, line {line}", f"{len(row)} fields; expected {len(header)}, as in the header")
        for line, *row in rows
        if len(row) != len(header)
    )
    return pl.DataFrame(rows, schema={_PLACE: pl.Int64} | dict.fromkeys(header, pl.String), orient="row")


def _header_and_rows(lines: Iterable[str], where: str) -> tuple[list[str], list[tuple[Any, ...]]]:
    """Read the names of the columns, and each row with the line on which it begins."""
    read = strict_rows(lines, ",", 0, where)
    first = next(read, None)
    if first is None or first.line != 1:
        return [], []
    return list(map(trimmed, first.fields)), [(row.line, *row.fields) for row in read]


def _text(path: Path) -> str:
    with unpacked(Planned.of(path)) as file:
        data = file.read()
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(facts_hints.encoding(path, data, error)) from error


def _distinct(names: Sequence[str], where: str) -> list[str]:
    """Give the names of columns without what is around them. Raises `InputError` where two are the same."""
    read = list(map(trimmed, names))
    refuse(
        Problem(where, f"two columns are named {name!r}", "Rename one of them.")
        for name in sorted(set(read))
        if read.count(name) > 1
    )
    return read


def _is_total(cell: str | list[str | None] | None) -> bool:
    return isinstance(cell, str) and facts_hints.is_total(cell)


def _unfit(kind: pl.DataType, *, a_list: bool) -> str | None:
    """Say why a column of a type, which may be `a_list` or not, cannot be read exactly; None where it can."""
    if kind.is_float():
        return "binary floating-point numbers, which are not exact"
    texts = a_list and isinstance(kind, pl.List) and kind.inner == pl.String
    fits = isinstance(kind, pl.String | pl.Date | pl.Datetime | pl.Categorical | pl.Enum | pl.Null)
    if fits or texts or kind.is_integer() or kind.is_decimal():
        return None
    return f"values of type {kind}"


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
