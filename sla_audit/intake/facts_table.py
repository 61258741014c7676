"""A facts file as a table of text, and the mistakes found in it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.csv as pa_csv

from sla_audit.errors import InputError, Problem
from sla_audit.intake.csv_log import csv_header
from sla_audit.intake.sources import source_of

_PLACE = "place"


class FactsTable:
    """The columns of a facts file as text, null where empty, with the place of each row.

    Checks are Polars expressions that are true, or null, where a row is wrong: null never means
    right. Each wrong row becomes a problem; `refuse` raises them all.
    """

    def __init__(self, path: Path, required: Sequence[str], optional: Sequence[str]) -> None:
        self.where = path.as_posix()
        self.problems: list[Problem] = []
        frame, self._unit = _read(path)
        self.rows = frame
        missing = [name for name in required if name not in frame.columns]
        if missing:
            have = ", ".join(name for name in frame.columns if name != _PLACE)
            raise InputError(
                *(
                    Problem(self.where, f"no column {name!r}; the file has: {have}", "Add or rename the column.")
                    for name in missing
                )
            )
        names = [*required, *optional]
        floats = [name for name in names if name in frame.columns and frame.schema[name].is_float()]
        if floats:
            raise InputError(
                *(
                    Problem(
                        self.where,
                        f"column {name!r} holds binary floating-point numbers, which are not exact",
                        "Write it as decimal, whole number or text.",
                    )
                    for name in floats
                )
            )
        self.rows = frame.select(
            _PLACE,
            *(
                _as_text(name, frame.schema[name]) if name in frame.columns else pl.lit(None, pl.String).alias(name)
                for name in names
            ),
        )

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
            self.add(
                place,
                f"{' and '.join(columns)} {', '.join(map(repr, key))} again",
                f"once; see {self._unit} {first}",
            )

    def add(self, place: int, what: str, expected: str) -> None:
        """Add a problem of one row."""
        self.problems.append(Problem(f"{self.where}, {self._unit} {place}", f"{what}; expected {expected}"))

    def refuse(self) -> None:
        """Raise `InputError` with every problem found so far, in the order of the rows."""
        if self.problems:
            order = {place: at for at, place in enumerate(self.rows[_PLACE].to_list())}
            raise InputError(
                *sorted(self.problems, key=lambda problem: order.get(int(problem.where.rsplit(" ", 1)[1]), 0))
            )


def _read(path: Path) -> tuple[pl.DataFrame, str]:
    source = source_of(path)
    try:
        if source.format == "parquet":
            frame = pl.read_parquet(path)
            return frame.with_row_index(_PLACE, offset=1), "row"
        header = csv_header(path)
        table = pa_csv.read_csv(
            path,
            parse_options=pa_csv.ParseOptions(newlines_in_values=True),
            convert_options=pa_csv.ConvertOptions(
                column_types=dict.fromkeys(header, pa.string()), strings_can_be_null=True, null_values=[""]
            ),
        )
        frame = pl.DataFrame(pl.from_arrow(table))
    except (OSError, pa.ArrowException, pl.exceptions.PolarsError) as error:
        reason = getattr(error, "strerror", None) or str(error).splitlines()[0]
        raise InputError(Problem(source.shown, f"cannot be read: {reason}", "Check the path and the file.")) from error
    # A line break inside a field moves every later row down; blank lines are not expected in facts.
    breaks = pl.sum_horizontal(
        pl.lit(0), *(pl.col(name).str.count_matches("\n").fill_null(0) for name in frame.columns)
    )
    return frame.with_columns((pl.int_range(pl.len()) + 2 + breaks.cum_sum()).alias(_PLACE)), "line"


def _as_text(name: str, kind: pl.DataType) -> pl.Expr:
    column = pl.col(name)
    if isinstance(kind, pl.Datetime):
        zoned = kind.time_zone is not None
        instant = column.dt.convert_time_zone("UTC") if zoned else column
        return instant.dt.to_string("%Y-%m-%dT%H:%M:%S%.9f" + ("Z" if zoned else ""))
    if isinstance(kind, pl.Date):
        return column.dt.to_string("%Y-%m-%d")
    if isinstance(kind, pl.List):
        return column.list.join(";")
    return column.cast(pl.String).replace("", None)
