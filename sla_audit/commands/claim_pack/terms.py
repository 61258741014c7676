"""What a claim pack is about, and how its rows are judged."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sla_audit.commands.audit import Request
from sla_audit.commands.count import Logs
from sla_audit.contract.model import Contract
from sla_audit.judge.allocation.allocate import AuditScope
from sla_audit.judge.period import Period
from sla_audit.model.month import Month


@dataclass(frozen=True)
class Terms:
    """An account and a month, judged on a day, under a reading; of several services, the one of these `apis`."""

    account: str
    month: Month
    as_of: date
    reading: str
    apis: tuple[str, ...] = ()

    @property
    def scope(self) -> AuditScope:
        """What is asked of the counts."""
        return AuditScope([self.month], self.apis, self.as_of, self.reading)

    def request(self, contract: Contract, logs: Logs | None = None) -> Request:
        """Ask the same of logs, or of counts that are at hand."""
        return Request(
            contract=contract,
            logs=logs or Logs(()),
            as_of=self.as_of,
            reading=self.reading,
            apis=self.apis,
            period=Period(self.month, self.month),
            daily=True,
        )
