"""The facts that the agreement depends on and no access log shows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from sla_audit.model.instant import midnight
from sla_audit.model.month import LAST_DAY

if TYPE_CHECKING:
    import polars as pl

PLANS = ("paid", "free")
"""How an account uses the service (clause 2.10.1)."""


@dataclass(frozen=True)
class Exclusion:
    """What one party asserts: in this window, failures had a cause that clause 2.7.1 leaves out.

    The window is half-open, `[starts_at, ends_at)`; all instants carry a zone and no more than
    microseconds. An empty scope (`accounts`, `regions`, `apis`) means everything.
    Who it is that asserts it (`asserted_by`) may not be said.
    """

    id: str
    clause: int
    starts_at: datetime
    ends_at: datetime
    notified_at: datetime | None = None
    accounts: frozenset[str] = frozenset()
    regions: frozenset[str] = frozenset()
    apis: frozenset[str] = frozenset()
    note: str = ""
    asserted_by: str = ""


@dataclass(frozen=True)
class Facts:
    """Everything the parties assert, validated.

    `accounts` has `account_id`, `plan` (text), `applied_on` and `expires_on` (dates; the latter inclusive, null where
    the service goes on), in a row for each period of an account's service, none of which overlap; it is None where no
    file was given.
    `billing` has `account_id`, `cycle` (`YYYY-MM` or `YYYY-Qn`), `service_fee` and `cash_paid` (exact decimals) and,
    where the file has it, `billed_calls` (a whole number, null where nothing is said) and the `unit_price` of a call.
    `aliases` has `key`, `account`, `from` and `to` (half-open days, null where open): one account at most for a key on
    a day.
    """

    accounts: pl.DataFrame | None = None
    billing: pl.DataFrame | None = None
    exclusions: tuple[Exclusion, ...] = ()
    aliases: pl.DataFrame | None = None

    def windows(self) -> list[tuple[datetime, datetime]]:
        """List the windows of all exclusions, accepted or not, half-open."""
        return [(exclusion.starts_at, exclusion.ends_at) for exclusion in self.exclusions]

    def service_edges(self, zone: ZoneInfo) -> set[datetime]:
        """List every instant at which the service of some account begins or ends, or an alias of it."""
        days: set[date] = set()
        if self.accounts is not None:
            last_days = self.accounts["expires_on"].unique()  # some write 9999-12-31 for a service that goes on
            days.update(self.accounts["applied_on"].unique())
            days.update(last_days.filter(last_days <= LAST_DAY).dt.offset_by("1d"))
        if self.aliases is not None:
            days.update(*(self.aliases[name].drop_nulls().unique() for name in ("from", "to")))
        return {midnight(day, zone) for day in days}
