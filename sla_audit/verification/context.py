"""What a check of a saved report works with, and what it finds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import polars as pl

from sla_audit.contract.model import Contract
from sla_audit.model.calendar import WorkingDays
from sla_audit.model.cycle import ServiceCycle
from sla_audit.model.notice import Notice
from sla_audit.report.saved.whole import WholeReport, WholeResult
from sla_audit.sentence import Sentence


class Unverifiable(NamedTuple):
    """Something in a report that follows from nothing else in it: where it stands, and what to call it.

    `paths` are written as `results[].plan` and so on.
    """

    paths: tuple[str, ...]
    said: Notice


@dataclass(frozen=True)
class CheckContext:
    """A saved report and what it is held against.

    `verdicts` are those that its counts give, by reading, in the order of its results (see `ruling.rule_on`). The
    holidays file that it was made with may be among the `working_days`, or not be known.
    """

    report: WholeReport
    contract: Contract
    verdicts: Mapping[str, pl.DataFrame]
    working_days: WorkingDays
    holidays_known: bool

    @cached_property
    def cycles(self) -> list[ServiceCycle] | None:
        """The cycles of the report; None where it is of a version that did not say."""
        months = self.report.months
        return None if months is None else [self.contract.cycles.parse(month.cycle) for month in months]

    @cached_property
    def in_force(self) -> pl.DataFrame:
        """The verdicts under the reading in force."""
        return self.verdicts[self.report.reading]


def is_billed(contract: Contract, result: WholeResult) -> bool:
    """Tell whether the bill of a result is known, as far as its agreement asks for one."""
    return any(getattr(result, name) is not None for name in contract.facts)


def of_result(result: WholeResult) -> Sentence:
    """Name a result as the place of a fault."""
    return Sentence("account {account_id!r}, cycle {cycle}", account_id=result.account_id, cycle=result.cycle)


def in_order(keys: Iterable[object]) -> bool:
    """Tell whether keys come in their order, each once."""
    listed = list(keys)
    return listed == sorted(set(listed))  # type: ignore[type-var]
