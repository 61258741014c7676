"""One side as a saved report has it: classes and clauses, and days where the report has them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import polars as pl

from sla_audit.commands.audit import Request
from sla_audit.commands.two_sides.side import COARSE, KIND, Side, by_class
from sla_audit.commands.verify_report import check
from sla_audit.errors import InputError, Problem
from sla_audit.intake.facts.holidays import read_holidays
from sla_audit.judge.classification.rules import CLASSES
from sla_audit.judge.differences import Terms
from sla_audit.model.cycle import ServiceCycle
from sla_audit.model.tally import OUTCOME, REQUESTS
from sla_audit.report.document import SCHEMA
from sla_audit.report.saved.daily import SavedCounts
from sla_audit.report.saved.read import SavedResult
from sla_audit.report.saved.restore import read_whole
from sla_audit.sentence import Sentence
from sla_audit.verification.judged_again import cycles_of, requests_of

_BEGINNING = 4096
_COUNTS = {
    "day": pl.Date(),
    **{name: OUTCOME.get(name, pl.String()) for name in KIND},
    "clause": pl.Int32(),
    REQUESTS: pl.Int64(),
}


def is_saved_report(path: Path) -> bool:
    """Tell whether a file is a report of compute, by what it begins with."""
    try:
        if path.suffix.lower() != ".json" or not path.is_file():
            return False
        with path.open("rb") as file:
            return f'"schema": "{SCHEMA}"'.encode() in file.read(_BEGINNING)
    except (OSError, ValueError):  # whoever reads it as a log will say what is wrong
        return False


def saved_side(path: Path, request: Request, account: str, cycle: ServiceCycle) -> Side:
    """Read what a report has of an account in a cycle, and hold the report against itself.

    Raises `InputError` where it is no report, was made with another contract, or does not hold.
    """
    report, contract = read_whole(path), request.contract
    check(report, path, contract, read_holidays(request.holidays, request.forms.holidays))
    if request.reading != report.reading:
        found = Sentence(
            "was made under the {reading} reading, and this is the {asked} one",
            reading=report.reading,
            asked=request.reading,
        )
        raise InputError(Problem(path.as_posix(), found, Sentence("Give --reading {reading}.", reading=report.reading)))
    key = (account, str(cycle))
    place = next((at for at, each in enumerate(report.results) if (each.account_id, each.cycle) == key), None)
    if place is None:
        empty = pl.DataFrame(schema=_COUNTS)
        return Side(empty, by_class(empty), None, None, COARSE)
    terms = Terms(cycles_of(report)[place], contract, request.reading, request.as_of)
    counts = pl.DataFrame(list(_counts(report.results[place])), schema=_COUNTS, orient="row")
    return Side(counts, requests_of(report, request.reading)[place], terms, None, COARSE)


def _counts(result: SavedResult) -> Iterator[dict[str, object]]:
    parts: list[tuple[object, SavedCounts]] = [(None, result)]
    if result.daily is not None:
        parts = [(day.date, day) for day in result.daily]
    for day, part in parts:
        by_clause = [("excluded", int(clause), requests) for clause, requests in part.excluded.by_clause.items()]
        for name, clause, requests in [*((name, None, getattr(part, name)) for name in CLASSES[:2]), *by_clause]:
            if requests:
                yield {"day": day, "class": name, "clause": clause, REQUESTS: requests}
