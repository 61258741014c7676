"""The requests of each day in a saved report, read back: days in order, with sums that hold."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import pairwise
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from sla_audit.sentence import Message, Sentence, to_say


def _day(value: Any) -> Any:
    """Take days as a report writes them: pydantic would take numbers too."""
    if not isinstance(value, str) or not re.fullmatch(r"\d{4}-\d\d-\d\d", value, re.ASCII):
        raise ValueError("should be a day, such as '2026-11-20'")
    return value


Day = Annotated[date, BeforeValidator(_day)]
Count = Annotated[int, Field(ge=0, le=10**15, strict=True)]


class SavedModel(BaseModel):
    """A part of a saved report; what else it holds does not matter."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class SavedExcluded(SavedModel):
    """The excluded requests of a result or a day."""

    total: Count
    by_clause: dict[Annotated[str, Field(pattern=r"^[1-9][0-9]{0,3}$")], Count]


class SavedCounts(SavedModel):
    """Requests by class."""

    success: Count
    explicit_failure: Count
    excluded: SavedExcluded


class SavedDay(SavedCounts):
    """The requests of one day."""

    date: Day


def faults(days: Sequence[SavedDay], whole: Iterable[SavedCounts]) -> Iterator[Message]:
    """Say what is wrong with days that should be in order, add up in themselves, and make up the whole."""
    if any(day.date >= after.date for day, after in pairwise(days)):
        yield to_say("the days of daily are not in order, each once")
    for day in days:
        by_clause = sum(day.excluded.by_clause.values())
        if by_clause != day.excluded.total:
            yield Sentence(
                "daily {date}: excluded.total is {total}, but excluded.by_clause makes {by_clause}",
                date=day.date,
                total=day.excluded.total,
                by_clause=by_clause,
            )
    found, expected = _sums(days), _sums(whole)
    for name in sorted(found | expected):
        if found[name] != expected[name]:
            yield Sentence(
                "{name} is {expected}, but daily makes {found}", name=name, expected=expected[name], found=found[name]
            )


def _sums(counts: Iterable[SavedCounts]) -> Counter[str]:
    sums: Counter[str] = Counter()
    for each in counts:
        sums["success"] += each.success
        sums["explicit_failure"] += each.explicit_failure
        for clause, requests in each.excluded.by_clause.items():
            sums[f"excluded.by_clause.{clause}"] += requests
    return sums
