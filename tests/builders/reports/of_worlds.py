"""Reports of worlds that are drawn at random: as if what they count had been read from logs."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from random import Random

from hypothesis import strategies as st

from sla_audit.commands.audit import Basis, Request, report_on
from sla_audit.commands.count import Logs
from sla_audit.contract.model import Contract
from sla_audit.model.calendar import INSTALLED
from sla_audit.report.document import Report
from sla_audit.tally.slots import SlotGrid
from tests.builders.measured import Case, case, contract_of, facts_of, tally_of
from tests.builders.reports.of_examples import WHOLE, counted_of

LONG_AFTER = date(2030, 1, 1)


def whole_cases(kind: str) -> st.SearchStrategy[Case]:
    """Draw cases of a kind whose bills are whole, as a billing file has them, by their number."""
    return st.integers(0, 2**32 - 1).map(lambda number: _whole(case(Random(number), kind)))


def _whole(drawn: Case) -> Case:
    bills = {key: bill for key, bill in drawn.world.bills.items() if None not in bill.values()}
    return drawn._replace(world=replace(drawn.world, bills=bills))


def reported(drawn: Case) -> tuple[Contract, Report]:
    """Report on a world by its agreement, under the reading `literal`."""
    world, literal, other, coarse = drawn
    contract = contract_of(literal, other=other)
    tally = tally_of(world, literal, coarse=coarse)
    counted = counted_of(tally, frozenset({"api"}))
    request = Request(contract, Logs(()), LONG_AFTER, "literal")
    facts = facts_of(world)
    assert facts.billing is not None
    asked = facts.billing.select("account_id", "cycle", *contract.facts)  # no more is read of a billing file
    basis = Basis(replace(facts, billing=asked), INSTALLED, SlotGrid(contract.zone), counted)
    return contract, report_on(request, basis, WHOLE).report
