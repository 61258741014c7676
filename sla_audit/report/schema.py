"""Every column of a result, declared once: what it holds, where it stands in each format, and what it means.

The table of results, JSON, CSV, Parquet and `docs/results.md` are made from this list; tests hold the models of saved
reports and the sheets and pages for people to it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import polars as pl

from sla_audit.model.verdicts import EXACT_RATE
from sla_audit.report.daily import BY_CLAUSE
from sla_audit.report.failures import FAILURES
from sla_audit.report.periods import PERIODS

Kind = Literal["text", "date", "count", "rate", "amount", "truth", "by_clause", "failures", "periods"]
"""What a column holds. A rate is a share of one, an amount is in the currency of the contract, or, of what is owed, in
the `currency` of the report; both are exact, and text in the table of results, so that no reader turns them into floats
by accident."""

Place = Literal["result", "excluded", "claim", "edges"]
"""The object of the JSON that holds a column: the result itself, or one within it."""

_LISTS = ("failures", "periods")
"""What only some results have, and only JSON."""

_TYPES: dict[Kind, pl.DataType] = {
    **dict.fromkeys(("text", "date", "rate", "amount"), pl.String()),
    "count": pl.Int64(),
    "truth": pl.Boolean(),
    "by_clause": BY_CLAUSE,
    "failures": FAILURES,
    "periods": PERIODS,
}


@dataclass(frozen=True)
class ResultColumn:
    """A column of `Report.results`.

    `clause` is the one of the first agreement that it follows from. `by_reading`: each reading has one of its own too.
    `flat` is its name in tables without objects; one that is `late` came when scripts went by position already, and is
    the last of those. `csv` and `reading_in_csv` say whether CSV has it, and has it of each reading. What is
    `derived` follows from the others, and reports of earlier versions lack it.
    """

    name: str
    kind: Kind
    meaning: str
    clause: str = ""
    by_reading: bool = False
    place: Place = "result"
    late: bool = False
    csv: bool = True
    reading_in_csv: bool = False
    derived: bool = False

    @property
    def flat(self) -> str:
        """Its name in CSV and Parquet."""
        return f"{self.place}_{self.name}" if self.place == "claim" else self.name

    @property
    def type(self) -> pl.DataType:
        """Its type in the table of results."""
        return _TYPES[self.kind]


_EDGE: dict[str, tuple[tuple[str, Kind, str], ...]] = {
    "fewer": (
        ("failures", "count", "below the objective: with so many failures fewer, a smaller share of the fee applies"),
        ("credit_rate", "rate", "that share"),
        ("compensation", "amount", "what would be owed then; null where that cannot be told"),
    ),
    "more": (
        ("failures", "count", "below the objective: with so many failures more, a greater share of the fee applies"),
        ("credit_rate", "rate", "that share"),
        ("compensation", "amount", "what would be owed then; null where that cannot be told"),
    ),
}

COLUMNS: tuple[ResultColumn, ...] = (
    ResultColumn("account_id", "text", "the account, as logs and facts name it"),
    ResultColumn(
        "cycle",
        "text",
        "the service cycle: a calendar month, or a quarter (`2026-Q4`) where the agreement has these",
        "2.7.1",
    ),
    ResultColumn("cycle_start", "date", "its first day of service", "2.7.1"),
    ResultColumn("cycle_end", "date", "its last day of service, inclusive", "2.1"),
    ResultColumn("plan", "text", "`paid`, `free`; null where the accounts file lacks the account", "2.10.1"),
    ResultColumn("requests", "count", "all requests in the cycle, whatever became of them", "2.7"),
    ResultColumn("success", "count", "those that the service answered", "2.7", by_reading=True),
    ResultColumn(
        "explicit_failure", "count", "those that got no response", "2.7.1", by_reading=True, reading_in_csv=True
    ),
    ResultColumn("excluded", "count", "those left out of the rate", "2.7.1", by_reading=True, place="excluded"),
    ResultColumn(
        "excluded_by_clause", "by_clause", "the same by the cause that leaves them out", "2.7.1", place="excluded"
    ),
    ResultColumn(
        "success_rate",
        "rate",
        "success over success and explicit failures, cut after six places; null where there is none",
        "2.7",
        by_reading=True,
        reading_in_csv=True,
    ),
    ResultColumn("credit_rate", "rate", "the share of the fee that the rate's tier gives", "2.10.1", by_reading=True),
    ResultColumn(
        "decision", "text", "`owed`, `not_owed` or `undetermined`", "2.10.1", by_reading=True, reading_in_csv=True
    ),
    ResultColumn("reason", "text", "the first reason that applies", "2.10.1", by_reading=True),
    ResultColumn("service_fee", "amount", "the fee of the cycle, as billing has it", "2.10.1"),
    ResultColumn("cash_paid", "amount", "what of it was paid in cash, vouchers not counted", "2.10.1"),
    ResultColumn("billed_calls", "count", "calls that were billed; null where billing does not say", "2.9", late=True),
    ResultColumn(
        "compensation",
        "amount",
        "what is owed; null where that cannot be told",
        "2.10.1",
        by_reading=True,
        reading_in_csv=True,
    ),
    ResultColumn("capped", "truth", "whether the cash paid is less than the share of the fee", "2.10.1"),
    ResultColumn("failures_to_edge", "count", "so many failures fewer or more, and another tier applies", csv=False),
    ResultColumn("readings_differ", "truth", "whether the readings differ in decision or amount", "2.7.1", csv=False),
    ResultColumn(
        "estimate",
        "amount",
        "what would be owed by what is known, of an undetermined result: had a running cycle ended, or were an unknown "
        "account on a paid plan; null where there is no telling",
        "2.10.1",
        by_reading=True,
        late=True,
        derived=True,
    ),
    *(
        ResultColumn(f"{edge}_{name}", kind, meaning, "2.10.1", place="edges", late=True, csv=False, derived=True)
        for edge in ("fewer", "more")
        for name, kind, meaning in _EDGE[edge]
    ),
    ResultColumn("opens_on", "date", "the first day on which a claim can be filed", "2.10.2", place="claim"),
    ResultColumn("closes_on", "date", "the last day, inclusive", "2.10.2", place="claim"),
    ResultColumn(
        "calendar", "text", "`official`, `provisional` or `supplied`: the working days behind", "2.10.2", place="claim"
    ),
    ResultColumn(
        "failures",
        "failures",
        "what the explicit failures were: below the objective, and of the 1,000 others with most of them",
        "2.7.1",
        csv=False,
    ),
    ResultColumn(
        "periods",
        "periods",
        "the service within the cycle, where the accounts file has several rows for the account: days inclusive",
        "2.7.1",
        csv=False,
    ),
)

OF_SOME = (
    ResultColumn("calls_bought", "count", "the calls of the packages that were bought in the cycle, as billing has it"),
    ResultColumn("hourly_fee", "amount", "the average fee of an hour before the fault, as billing has it"),
    ResultColumn("fault_minutes", "count", "the minutes of faults that count, under the reading in force"),
)
"""Columns that are there only where the agreement needs them, the last of those without objects."""

OF_A_READING = tuple(column for column in COLUMNS if column.by_reading)
"""What a result says under each reading."""

VERDICT = tuple(column.name for column in OF_A_READING)

MEASURED = ("kept", "total")
"""What an exact rate is written as, in an object of its own of each reading, by agreements that measure intervals."""

EDGES = tuple(column.name for column in COLUMNS if column.place == "edges")
"""How far the edges of the tier are under the reading in force, and what would be owed beyond them."""

DERIVED = frozenset(column.name for column in COLUMNS if column.derived)


def types(readings: Sequence[str]) -> dict[str, pl.DataType]:
    """Give the columns of `Report.results` and their types; those of a reading are named `reading/column`."""
    return {column.name: column.type for column in COLUMNS} | {
        f"{reading}/{column.name}": column.type for reading in readings for column in OF_A_READING
    }


def measured(reading: str) -> dict[str, str]:
    """Name the columns that the exact rate of a reading has in a table of results, by the fields of its object."""
    return dict(zip(MEASURED, (f"{reading}/{name}" for name in EXACT_RATE), strict=True))


def of_some(columns: Collection[str]) -> Iterator[ResultColumn]:
    """Give those of `OF_SOME` that are among the columns of a table of results."""
    yield from (column for column in OF_SOME if column.name in columns)


def csv_columns() -> Iterator[ResultColumn]:
    """Give the columns of CSV, without those of single readings, in order."""
    yield from (column for column in COLUMNS if column.csv and not column.late)


def parquet_columns() -> Iterator[ResultColumn]:
    """Give the columns of Parquet, without those of single readings, in order: the verdict stands together."""
    kept = [column for column in COLUMNS if column.kind not in _LISTS and not column.late]
    first = next(place for place, column in enumerate(kept) if column.by_reading)
    yield from kept[:first]
    yield from (column for column in OF_A_READING if not column.late)
    yield from (column for column in kept[first:] if not column.by_reading)


def late_columns() -> Iterator[ResultColumn]:
    """Give the columns that stand last in flat tables, in the order in which they came."""
    yield from (column for column in COLUMNS if column.late)


def at(place: Place) -> Iterator[ResultColumn]:
    """Give the columns that stand in one object of the JSON, in order."""
    yield from (column for column in COLUMNS if column.place == place and column.kind not in _LISTS)
