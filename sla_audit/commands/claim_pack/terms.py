"""What a claim pack is about, and how its rows are judged."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sla_audit.commands.audit import Request, with_neighbours
from sla_audit.commands.count import Logs
from sla_audit.contract.model import Contract
from sla_audit.errors import InputError, Problem
from sla_audit.judge.allocation.allocate import AuditScope
from sla_audit.judge.period import Period
from sla_audit.model.cycle import ServiceCycle
from sla_audit.sentence import Sentence, to_say


def refuse_intervals(contract: Contract) -> None:
    """Raise `InputError` where what is owed does not follow from counts by class, as it is compared or verified by."""
    if contract.measure is not None:
        found = to_say("is judged by intervals: requests are not compared one by one, nor is what each is worth")
        remedy = to_say("Compare what both sides owe: sla-audit compute makes a report from the logs of each.")
        raise InputError(Problem(Sentence("the contract {contract}", contract=contract.id), found, remedy))


def enclosed_period(cycle: ServiceCycle, contract: Contract) -> tuple[int, int]:
    """Give the stretch of time, half-open in microseconds since 1970, of which rows are enclosed for a cycle."""
    found = with_neighbours(Period(cycle, cycle).instants(contract.zone), contract)
    assert found is not None  # as a cycle has a beginning and an end  # noqa: S101
    return found


@dataclass(frozen=True)
class Terms:
    """An account and a cycle, judged on a day, under a reading; of several services, the one of these `apis`."""

    account: str
    cycle: ServiceCycle
    as_of: date
    reading: str
    apis: tuple[str, ...] = ()

    @property
    def scope(self) -> AuditScope:
        """What is asked of the counts."""
        return AuditScope([self.cycle], self.apis, self.as_of, self.reading)

    def request(self, contract: Contract, logs: Logs | None = None) -> Request:
        """Ask the same of logs, or of counts that are at hand."""
        return Request(
            contract=contract,
            logs=logs or Logs(()),
            as_of=self.as_of,
            reading=self.reading,
            apis=self.apis,
            period=Period(self.cycle, self.cycle),
            daily=True,
        )
