"""What became of the rows of a part of a log: a value, which is sent back by whoever read it, and added up."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from sla_audit.intake.reject_store import RejectStore
from sla_audit.intake.traced.store import TracedRows
from sla_audit.intake.unattributed import Unattributed


@dataclass(frozen=True)
class ReadAccount:
    """So many `rows` were read; some are `rejects`, and some `unattributed`: without an account, and in no need of one.

    `columns` are the canonical ones that it has. With `local_time`, some time carried no zone and was read in that of
    the log; with `assumed_utc`, it was read in UTC. `content` is the fingerprint of what the log holds, where it was
    read whole and in order, and can only be known by that. `one_by_one` rows were read by the careful reader, because
    no quick way could. Those that are `traced` are kept one by one.
    """

    rows: int = 0
    rejects: RejectStore = field(default_factory=RejectStore)
    unattributed: Unattributed = field(default_factory=Unattributed)
    columns: tuple[str, ...] = ()
    local_time: bool = False
    assumed_utc: bool = False
    content: str | None = None
    one_by_one: int = 0
    traced: TracedRows | None = None

    def without_unfinished(self) -> ReadAccount:
        """Take a last line that is only half written for none at all."""
        rows = self.rows - self.rejects.unfinished.total()
        return replace(self, rows=rows, rejects=self.rejects.without_unfinished())
