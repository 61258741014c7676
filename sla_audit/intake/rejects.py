"""Rows that could not be read: values with a reason, counted and shown, never dropped in silence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice

from sla_audit.errors import MANY_FILES, InputError, Problem, in_many_files


@dataclass(frozen=True, slots=True)
class Reject:
    """One row that could not be read. `place` is a line of a text file or a row of a Parquet file.

    `text` is the row as it stands in the file, so that it can be mended; empty where the file is no text. A row that
    is `unfinished` is the last line of a text, and has no line end.
    """

    path: str
    place: str
    column: str
    found: str
    expected: str
    text: str = ""
    unfinished: bool = False

    def problem(self) -> Problem:
        """Say it as a message."""
        found = f"{self.column} is {self.found}; expected {self.expected}"
        if not self.unfinished:
            return Problem(f"{self.path}, {self.place}", found)
        found += "; this last line has no line end: it is not complete"
        return Problem(f"{self.path}, {self.place}", found, "Run it again once it is, or copy the log again, whole.")


@dataclass(frozen=True)
class Tolerance:
    """How many rows may be rejected before the run is refused: a number, or a share of the rows read."""

    rows: int = 0
    share: Fraction | None = None

    def allows(self, rejected: int, read: int) -> bool:
        """Tell whether that many rejected rows among those read are within the tolerance."""
        return rejected <= (self.rows if self.share is None else self.share * read)

    def __str__(self) -> str:
        """Write it as the option takes it."""
        return str(self.rows) if self.share is None else f"{float(self.share * 100):g}%"


_SHOWN = 5


def refuse_rejects(
    rejects: Sequence[Reject], by_column: Counter[str], rejected: int, read: int, tolerance: Tolerance
) -> None:
    """Raise `InputError` where more rows were rejected than is tolerated: the first few, and the ways out.

    `rejects` are some of the `rejected` rows, `by_column` counts those of logs, and the others are of tallies.
    """
    if tolerance.allows(rejected, read):
        return
    reasons = [f"{count} for {column}" for column, count in by_column.most_common()]
    before = rejected - by_column.total()
    counts = ", ".join([*reasons, f"{before} when tallies were made"] if before else reasons)
    what = f"{rejected} of {read} rows cannot be read ({counts}); --max-rejected allows {tolerance}"
    remedy = (
        "Mend or export the log again; or, where the loss is acceptable, count the rest with "
        f"--max-rejected {rejected}, and keep these rows with --rejects FILE."
    )
    raise InputError(*islice(_problems(rejects), _SHOWN), Problem("logs", what, remedy))


def _problems(rejects: Sequence[Reject]) -> Iterator[Problem]:
    """Say what is wrong row by row, and the same mistake in many files once, with the first row of the first few."""
    first_in: dict[tuple[str, str], dict[str, Reject]] = {}
    for reject in rejects:
        first_in.setdefault((reject.column, reject.expected), {}).setdefault(reject.path, reject)
    for reject in rejects:
        files = [*first_in[reject.column, reject.expected].values()]
        if len(files) < MANY_FILES:
            yield reject.problem()
        elif reject is files[0]:
            places = [f"{each.path}, {each.place}" for each in files]
            what = f"{reject.column} is {reject.found} in the first of them; expected {reject.expected}"
            yield Problem(in_many_files(places), what)


def reject_rows(rejects: Iterable[Reject]) -> Iterator[list[str]]:
    """Give the rows of a `--rejects` file, its header first."""
    yield ["file", "place", "column", "found", "expected", "text"]
    for reject in rejects:
        yield [reject.path, reject.place, reject.column, reject.found, reject.expected, reject.text]
