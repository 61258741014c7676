"""Rows that could not be read: values with a reason, counted and shown, never dropped in silence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice

from sla_audit.errors import MANY_FILES, InputError, Problem, in_many_files
from sla_audit.sentence import Message, Sentence, in_series, to_say

DAMAGED, TEXT = Sentence("damaged: it holds NUL bytes"), Sentence("text")
"""What is found, and expected, where bytes are lost."""


@dataclass(frozen=True, slots=True)
class Reject:
    """One row that could not be read. `place` is a line of a text file or a row of a Parquet file.

    `text` is the row as it stands in the file, so that it can be mended; empty where the file is no text. A row that
    is `unfinished` is the last line of a text, and has no line end.
    """

    path: str
    place: str
    column: str
    found: Message
    expected: Message
    text: str = ""
    unfinished: bool = False

    def problem(self) -> Problem:
        """Say it as a message."""
        place, text = f"{self.path}, {self.place}", to_say("{column} is {found}; expected {expected}")
        if self.unfinished:
            text = to_say(
                "{column} is {found}; expected {expected}; this last line has no line end: it is not complete"
            )
        what = Sentence(text, column=self.column, found=self.found, expected=self.expected)
        return Problem(place, what, "Run it again once it is, or copy the log again, whole." if self.unfinished else "")


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
    reasons = [
        Sentence("{count} for {column}", count=count, column=column) for column, count in by_column.most_common()
    ]
    before = rejected - by_column.total()
    if before:
        reasons.append(Sentence("{before} when tallies were made", before=before))
    what = Sentence(
        "{rejected} of {read} rows cannot be read ({counts}); --max-rejected allows {tolerance}",
        rejected=rejected,
        read=read,
        counts=in_series(reasons, to_say("{listed}, {value}")),
        tolerance=tolerance,
    )
    remedy = Sentence(
        "Mend or export the log again; or, where the loss is acceptable, count the rest with "
        "--max-rejected {rejected}, and keep these rows with --rejects FILE.",
        rejected=rejected,
    )
    raise InputError(*islice(_problems(rejects), _SHOWN), Problem(Sentence("logs"), what, remedy))


def _problems(rejects: Sequence[Reject]) -> Iterator[Problem]:
    """Say what is wrong row by row, and the same mistake in many files once, with the first row of the first few."""
    first_in: dict[tuple[str, Message], dict[str, Reject]] = {}
    for reject in rejects:
        first_in.setdefault((reject.column, reject.expected), {}).setdefault(reject.path, reject)
    for reject in rejects:
        files = [*first_in[reject.column, reject.expected].values()]
        if len(files) < MANY_FILES:
            yield reject.problem()
        elif reject is files[0]:
            places = [f"{each.path}, {each.place}" for each in files]
            what = Sentence(
                "{column} is {found} in the first of them; expected {expected}",
                column=reject.column,
                found=reject.found,
                expected=reject.expected,
            )
            yield Problem(in_many_files(places), what)


def reject_rows(rejects: Iterable[Reject]) -> Iterator[list[str]]:
    """Give the rows of a `--rejects` file, its header first."""
    yield ["file", "place", "column", "found", "expected", "text"]
    for reject in rejects:
        yield [reject.path, reject.place, reject.column, str(reject.found), str(reject.expected), reject.text]
