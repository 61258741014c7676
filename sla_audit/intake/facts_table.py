"""A facts file as a table of text, and the mistakes found in it."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from sla_audit.errors import InputError, Problem, refuse
from sla_audit.intake.csv_header import no_header
from sla_audit.intake.packed import unpacked
from sla_audit.intake.sources import source_of

_DAY = 86_400
_FIRST_SECOND, _LAST_SECOND = -62_135_596_800, 253_402_300_799  # the years 1 to 9999, since 1970
_PER_SECOND = {"ms": 10**3, "us": 10**6, "ns": 10**9}
_PLACE = ":place"  # no column of a facts file that is asked for has a colon


class FactsTable:
    """The columns of a facts file as text, null where empty, with the place of each row.

    Checks are Polars expressions that are true, or null, where a row is wrong: null never means
    right. Each wrong row becomes a problem; `refuse` raises them all. `rows` has the columns asked
    for, in that order, optional ones null where the file lacks them.
    """

    def __init__(self, path: Path, required: Sequence[str], optional: Sequence[str] = ()) -> None:
        self.where = path.as_posix()
        self._problems: list[tuple[int, Problem]] = []
        self._unit, frame = _read(path)
        names = [*required, *optional]
        have = ", ".join(name for name in frame.columns if name != _PLACE)
        refuse(
            Problem(self.where, f"no column {name!r}; the file has: {have}", "Add or rename the column.")
            for name in required
            if name not in frame.columns
        )
        refuse(
            Problem(
                self.where,
                f"column {name!r} holds {_unfit(frame.schema[name])}",
                "Write it as decimal, whole number or text.",
            )
            for name in names
            if name in frame.columns and _unfit(frame.schema[name])
        )
        self.rows = frame.select(
            pl.col(_PLACE),
            *(
                _as_text(name, frame.schema[name]) if name in frame.columns else pl.lit(None, pl.String).alias(name)
                for name in names
            ),
        )

    @property
    def sound(self) -> bool:
        """Whether no mistake has been found so far."""
        return not self._problems

    def check(self, wrong: pl.Expr, column: str, expected: str) -> None:
        """Add a problem for every row where `wrong` holds or cannot be told."""
        for place, found in self.rows.filter(wrong.fill_null(value=True)).select(_PLACE, column).iter_rows():
            self.add(place, f"{column} is {found!r}" if found is not None else f"{column} is empty", expected)

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
        problem = Problem(f"{self.where}, {self._unit} {place}", f"{what}; expected {expected}")
        self._problems.append((place, problem))

    def numbered_rows(self) -> list[tuple[int, dict[str, str | None]]]:
        """Give each row with its place."""
        return [(row.pop(_PLACE), row) for row in self.rows.iter_rows(named=True)]

    def refuse(self) -> None:
        """Raise `InputError` with every problem found so far, in the order of the rows."""
        refuse(problem for _, problem in sorted(self._problems, key=lambda placed: placed[0]))


def _read(path: Path) -> tuple[str, pl.DataFrame]:
    """Read a file with the place of each row: a line of CSV, or the number of a Parquet row."""
    if path.is_dir():
        raise InputError(Problem(path.as_posix(), "is a directory; expected one file", "Name the file in it."))
    source = source_of(path)
    try:
        if source.format == "parquet":
            table = pq.read_table(path, partitioning=None)
            refuse(
                Problem(source.shown, f"column {field.name!r} holds {field.type}", "Write it as a narrower decimal.")
                for field in table.schema
                if pa.types.is_decimal256(field.type)
            )
            frame = pl.DataFrame(pl.from_arrow(table))
            return "row", frame.with_row_index(_PLACE, offset=1)
        return "line", _read_csv(path)
    except (OSError, pa.ArrowException, pl.exceptions.PolarsError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or str(error).splitlines()[0]
        raise InputError(Problem(source.shown, f"cannot be read: {reason}", "Check the path and the file.")) from error


def _read_csv(path: Path) -> pl.DataFrame:
    """Read CSV strictly: a row has as many fields as the header, and quotes are closed."""
    where = path.as_posix()
    with io.StringIO(_text(path), newline="") as lines:
        reader = csv.reader(lines, strict=True)
        try:
            header = next(reader, [])
            rows = [(reader.line_num, *row) for row in reader if row]
        except csv.Error as error:
            place = f"{where}, line {reader.line_num}"
            raise InputError(Problem(place, f"not CSV: {error}", "Mend the file, or export it again.")) from error
    if not header:
        raise InputError(no_header(where, empty=not path.stat().st_size))
    refuse(
        Problem(where, f"two columns are named {name!r}", "Rename one of them.")
        for name in sorted(set(header))
        if header.count(name) > 1
    )
    refuse(
        Problem(f"{where}, line {line}", f"{len(row)} fields; expected {len(header)}, as in the header")
        for line, *row in rows
        if len(row) != len(header)
    )
    return pl.DataFrame(rows, schema={_PLACE: pl.Int64} | dict.fromkeys(header, pl.String), orient="row")


def _text(path: Path) -> str:
    with unpacked(path) as file:
        data = file.read()
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        found = f"not UTF-8: {error.reason} at byte {error.start}"
        raise InputError(Problem(path.as_posix(), found, "Convert the file to UTF-8.")) from error


def _unfit(kind: pl.DataType) -> str | None:
    """Say why a column of a type cannot be read exactly; None where it can."""
    if kind.is_float():
        return "binary floating-point numbers, which are not exact"
    texts = isinstance(kind, pl.List) and kind.inner == pl.String
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
        return column.list.join(";").replace("", None)
    return column.cast(pl.String).replace("", None)


def _dated(column: pl.Expr, text: pl.Expr, first: int, last: int) -> pl.Expr:
    """Write what lies in the years 1 to 9999; the bare number of anything else, which no calendar can write."""
    number = column.to_physical().cast(pl.Int64)
    within = number.is_between(max(first, -(2**63)), min(last, 2**63 - 1))
    return pl.when(within).then(text).otherwise(number.cast(pl.String))
