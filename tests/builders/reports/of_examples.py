"""Reports of the worked examples that contract files carry: as if what they count had been read from logs."""

from __future__ import annotations

from typing import NamedTuple

import polars as pl

from sla_audit.commands.audit import Basis, Request, report_on
from sla_audit.commands.count import CountResult, Logs
from sla_audit.commands.explain import explained
from sla_audit.commands.one_account import one_of
from sla_audit.contract.load import load_contract
from sla_audit.contract.model import Contract
from sla_audit.intake.sources.find import Found
from sla_audit.intake.unattributed import Unattributed
from sla_audit.judge.period import Period
from sla_audit.judge.worked import facts_of, tally_of
from sla_audit.model.calendar import INSTALLED
from sla_audit.model.coverage import Coverage
from sla_audit.model.month import Month
from sla_audit.model.tally import Tally
from sla_audit.report.document import Report
from sla_audit.report.explanation import Explanation
from sla_audit.tally.dedup.same_request import Ids
from sla_audit.tally.slots import SlotGrid

WHOLE = Coverage("rows", (), (), (), ())


class Shown(NamedTuple):
    """An example as a report, and explained."""

    contract: Contract
    report: Report
    explanation: Explanation


def shown(contract_id: str, rejected: int = 0) -> Shown:
    """Give the first example of an agreement in which something is owed; so many rows `rejected` besides."""
    contract = load_contract(contract_id)
    example = next(each for each in contract.examples if each.owed)
    cycle = Month.parse(example.cycle)
    reading = example.reading or contract.default_reading
    tally = tally_of(example, contract, contract.readings[reading], cycle)
    counted = counted_of(tally, frozenset(), rejected)
    as_of = cycle.plus(1).first_day.replace(day=20)
    period = Period(cycle, cycle)
    request = Request(contract, Logs(()), as_of, reading, period=period, daily=True)
    basis = Basis(facts_of(example, contract, cycle), INSTALLED, SlotGrid(contract.zone, daily=True), counted)
    case = one_of(request, "example", basis, None)
    return Shown(contract, report_on(request, basis, WHOLE).report, explained(case, request))


def counted_of(tally: Tally, tells: frozenset[str], rejected: int = 0) -> CountResult:
    """Give what counting one file would give that has the requests of a tally, and so many rows `rejected` besides."""
    return CountResult(
        tally=tally,
        times=pl.DataFrame(),
        times_of_logs={},
        flags=(),
        untold=(),
        found=Found((), ()),
        copied={},
        inputs=({"path": "example.csv", "bytes": 1, "rows": tally.requests + rejected},),
        logs=(),
        tells=tells,
        rejects=(),
        read=tally.requests + rejected,
        rejected=rejected,
        outside_period=0,
        ids=Ids(),
        unattributed=Unattributed(),
    )
