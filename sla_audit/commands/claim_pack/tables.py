"""The tables in a claim pack: the rows behind its failures and exclusions, and the counts of plain answers.

`rows.csv` has the columns of `report.rows.columns.laid_out`; `answered.csv` those of a slot, of an outcome, and
`requests`. They are for spreadsheets too, so that text that would be run as a formula has an apostrophe put in.
"""

from __future__ import annotations

import io

import polars as pl

from sla_audit.commands.claim_pack.terms import Terms, enclosed_period
from sla_audit.contract.model import Contract
from sla_audit.errors import InputError, Problem
from sla_audit.model.instant import moment
from sla_audit.model.tally import OUTCOME, OUTCOME_FIELDS, REQUEST_ID, REQUESTS, SLOT
from sla_audit.model.traced import KEY, LOGGED_STATUS, LOGGED_TIME
from sla_audit.pack.manifest import AGAIN, ANSWERED, ROWS
from sla_audit.report.formats.csv_file import for_spreadsheet, from_spreadsheet
from sla_audit.sentence import Sentence, said_by

_WHY = ("class", "clause", "exclusion", "rule")
_BEFORE = ("file", "place", "time", LOGGED_TIME, "account_id")
_ROW = ("time", "account_id", REQUEST_ID, "class")
_FORM = "%Y-%m-%dT%H:%M:%S%.6f%:z"
_CLASSES = ("success", "explicit_failure", "excluded", "duplicate", "outside_cycle", "other_service")
_BESIDE = "outside_period"
"""The class of rows beside the month, where a contract looks there."""


def write_table(table: pl.DataFrame) -> bytes:
    """Write a table as CSV."""
    return table.with_columns(for_spreadsheet(pl.col(pl.String))).write_csv().encode()


def write_answered(counts: pl.DataFrame, contract: Contract) -> bytes:
    """Write counts by slot and outcome, slots as local times with their offset."""
    zone = contract.zone
    times = {at: moment(at, zone).isoformat(timespec="microseconds") for name in SLOT for at in counts[name].unique()}
    written = counts.select(
        *(pl.col(name).replace_strict(times, default=None, return_dtype=pl.String) for name in SLOT),
        *contract.outcome,
        REQUESTS,
    )
    return write_table(written)


def columns_of_rows(contract: Contract, reading: str, *, keys: bool) -> list[str]:
    """Name the columns of `rows.csv`."""
    others = [f"{name}_{each}" for name in contract.readings if name != reading for each in _WHY]
    middle = [KEY] if keys else []
    return [*_BEFORE, *middle, REQUEST_ID, LOGGED_STATUS, "ending", *contract.outcome, *_WHY, *others]


def read_rows(content: bytes, contract: Contract, terms: Terms) -> pl.DataFrame:
    """Read the rows: each column as text, but for those of an outcome; and `instant`, in microseconds since 1970.

    Raises `InputError` where they are not written as a pack writes them, or of another account or month.
    """
    rows = _read(content, ROWS)
    if rows.columns not in [columns_of_rows(contract, terms.reading, keys=keys) for keys in (False, True)]:
        raise InputError(
            Problem(ROWS, Sentence("has the columns {columns:.300}", columns=", ".join(rows.columns)), AGAIN)
        )
    try:
        found = rows.with_columns(*_outcome(contract), instant=_instant("time"))
    except pl.exceptions.PolarsError as error:
        raise InputError(
            Problem(ROWS, Sentence("has a value that no row has: {why:.200}", why=said_by(error)), AGAIN)
        ) from error
    _refuse_nulls(found, ROWS, ("time", "class", "instant", "content_flag", "client_aborted", "no_answer", "repeated"))
    if not found["class"].is_in((*_CLASSES, _BESIDE) if contract.joins_cycles else _CLASSES).all():
        raise InputError(Problem(ROWS, "has a class that no row has", AGAIN))
    if not (found["account_id"].is_null() | (found["account_id"] == terms.account)).all():
        raise InputError(Problem(ROWS, "has rows of another account", AGAIN))
    first, end = enclosed_period(terms.cycle, contract)
    if not found["instant"].is_between(first, end, closed="left").all():
        raise InputError(Problem(ROWS, Sentence("has rows of another cycle than {cycle}", cycle=terms.cycle), AGAIN))
    return found


def read_answered(content: bytes, contract: Contract) -> pl.DataFrame:
    """Read what `write_answered` wrote, in the columns of a slot, of an outcome, and `requests`."""
    table = _read(content, ANSWERED)
    if table.columns != [*SLOT, *contract.outcome, REQUESTS]:
        raise InputError(
            Problem(ANSWERED, Sentence("has the columns {columns:.300}", columns=", ".join(table.columns)), AGAIN)
        )
    try:
        found = table.with_columns(
            *_outcome(contract), *(_instant(name) for name in SLOT), pl.col(REQUESTS).cast(pl.Int64)
        )
    except pl.exceptions.PolarsError as error:
        raise InputError(
            Problem(ANSWERED, Sentence("has a value that no count has: {why:.200}", why=said_by(error)), AGAIN)
        ) from error
    _refuse_nulls(found, ANSWERED, (*SLOT, "content_flag", "client_aborted", "no_answer", "repeated", REQUESTS))
    if not ((found[REQUESTS] > 0) & (found[REQUESTS] < 10**12) & (found["starts_at"] < found["ends_at"])).all():
        raise InputError(Problem(ANSWERED, "has a count or a stretch of time that cannot be", AGAIN))
    return found


def _read(content: bytes, name: str) -> pl.DataFrame:
    try:
        content.decode("utf-8")
        table = pl.read_csv(io.BytesIO(content), infer_schema=False)
    except (UnicodeDecodeError, pl.exceptions.PolarsError) as error:
        raise InputError(
            Problem(name, Sentence("is not CSV in UTF-8: {why:.200}", why=said_by(error)), AGAIN)
        ) from error
    return table.with_columns(from_spreadsheet(pl.col(pl.String)))


def _outcome(contract: Contract) -> list[pl.Expr]:
    """Read the columns of an outcome; those that the agreement does not need say nothing."""
    truth, told = {"true": True, "false": False}, contract.outcome
    absent = [
        pl.lit(OUTCOME_FIELDS[name].absent, kind).alias(name) for name, kind in OUTCOME.items() if name not in told
    ]
    return absent + [
        pl.col(name).replace_strict(truth, return_dtype=pl.Boolean)
        if OUTCOME[name] == pl.Boolean
        else pl.col(name).cast(OUTCOME[name])
        for name in told
    ]


def _instant(name: str) -> pl.Expr:
    return pl.col(name).str.to_datetime(_FORM, time_unit="us").dt.convert_time_zone("UTC").dt.epoch("us")


def _refuse_nulls(table: pl.DataFrame, name: str, needed: tuple[str, ...]) -> None:
    empty = [each for each in needed if table[each].null_count()]
    if empty:
        raise InputError(Problem(name, Sentence("has no {empty} in some row", empty=empty[0]), AGAIN))
