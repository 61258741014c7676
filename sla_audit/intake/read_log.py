"""A log of a run and, once its parts have been read, the account of all its rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace

from sla_audit.intake.fingerprint import beginning_of, begins_as, content_fingerprint, fingerprint
from sla_audit.intake.fragments.account import ReadAccount
from sla_audit.intake.logs import LogFile
from sla_audit.intake.rejects import Reject
from sla_audit.intake.sources.source import Source
from sla_audit.intake.unattributed import Unattributed
from sla_audit.model.log_summary import Beginning, LogSummary


@dataclass(frozen=True, eq=False)
class ReadLog:
    """A log, and the `accounts` of its fragments: none, as long as it has not been read."""

    log: LogFile
    accounts: tuple[ReadAccount, ...] = ()

    @property
    def source(self) -> Source:
        """Where it is."""
        return self.log.source

    @property
    def rows(self) -> int:
        """How many rows have been read."""
        return sum(account.rows for account in self.accounts)

    @property
    def rejects(self) -> list[Reject]:
        """The rows that could not be read, in the order of the file, as far as they are held."""
        return [reject for account in self.accounts for reject in account.rejects]

    @property
    def rejected(self) -> Counter[str]:
        """How many rows could not be read, by column."""
        return sum((account.rejects.by_column for account in self.accounts), Counter())

    @property
    def unfinished(self) -> int:
        """How many of them are of a last line that is only half written."""
        return sum(account.rejects.unfinished.total() for account in self.accounts)

    @property
    def unattributed(self) -> Unattributed:
        """The rows that have no account, and need none."""
        return sum((account.unattributed for account in self.accounts), Unattributed())

    @property
    def local_time(self) -> bool:
        """Whether some timestamp carried no zone, and was read in the contract's."""
        return self.log.columns.time_zone is None and any(account.local_time for account in self.accounts)

    @property
    def fingerprint(self) -> str:
        """What is the same for copies of the file."""
        return fingerprint(self.source.planned, self.log.columns.said_by_path)

    @property
    def content_fingerprint(self) -> str | None:
        """What is the same for copies of what it holds; of a log that is packed or encoded, None until it is read."""
        if self.log.content.is_at_hand:
            return content_fingerprint(self.log.content, self.log.columns.said_by_path)
        return self.accounts[0].content if self.accounts else None

    def begins_as(self, sizes: Iterable[int]) -> list[Beginning]:
        """Digest its first bytes, as many as each of some sizes, where it is a text that has so many."""
        content = self.log.content
        return [] if content.encoding is None else begins_as(content, self.log.columns.said_by_path, sizes)

    def without_unfinished(self) -> ReadLog:
        """Take a last line that is only half written for none at all."""
        return replace(self, accounts=tuple(account.without_unfinished() for account in self.accounts))

    def summary(self, *, kept: bool = False) -> LogSummary:
        """Account for the log, once it has been read; where that is `kept`, so that it is known when it has grown."""
        content, columns = self.log.content, self.log.columns
        is_text = content.encoding is not None
        return LogSummary(
            path=self.source.shown,
            bytes=self.log.bytes,
            rows=self.rows,
            rejected=self.rejected.total(),
            local_time=self.local_time,
            columns=tuple(dict.fromkeys(name for account in self.accounts for name in account.columns)),
            fingerprint=self.fingerprint if kept else None,
            dialect=None if columns.dialect is None else columns.dialect.id,
            notes=() if columns.dialect is None else columns.dialect.notes_on(columns.lasted),
            assumed_utc=any(account.assumed_utc for account in self.accounts),
            wrapper=self.log.wrapper,
            content=self.content_fingerprint if kept else None,
            beginning=beginning_of(content, columns.said_by_path) if kept and is_text else None,
        )
