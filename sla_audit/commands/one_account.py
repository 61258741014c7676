"""What the logs and the facts have of one account: its counts, allocated as those of a report are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import polars as pl

from sla_audit.commands.audit import Basis, Request, by_account, facts_of, wanted
from sla_audit.commands.count import CountResult, count
from sla_audit.commands.traced_logs import Traced
from sla_audit.contract.model import Contract
from sla_audit.errors import InputError, Problem
from sla_audit.judge.allocation.aliases import Aliased
from sla_audit.judge.allocation.allocate import AllocatedCounts, AuditScope, allocate
from sla_audit.model.calendar import INSTALLED
from sla_audit.model.cycle import ServiceCycle
from sla_audit.model.facts import Facts
from sla_audit.model.tally import Tally
from sla_audit.report.selected import what_is_near
from sla_audit.sentence import Sentence, to_say
from sla_audit.tally.apart import wholes_of
from sla_audit.tally.engine import Progress
from sla_audit.tally.slots import SlotGrid


@dataclass(frozen=True)
class OneAccount:
    """An account in one cycle: its `tally`, by a `grid`, beside that of `everyone`, its facts, and what to judge by.

    `all_facts` are those of everybody; `keys` are there where an alias file says who is who.
    """

    account: str
    cycle: ServiceCycle
    contract: Contract
    scope: AuditScope
    grid: SlotGrid
    counted: CountResult
    keys: Aliased | None
    everyone: Tally
    tally: Tally
    own: Facts
    all_facts: Facts

    def allocated(self, known: Facts | None = None) -> AllocatedCounts:
        """Give each count its cycle and what covers it, by its own facts, or by others."""
        return allocate(self.tally, self.contract, known or self.own, self.scope, self.everyone)

    @property
    def is_known(self) -> bool:
        """Tell whether the account is in the logs or in the accounts file."""
        return self.account in self._ids

    def no_result(self) -> InputError:
        """Say that the account is not there, and which are near; or that it has no service in the cycle."""
        ids = self._ids
        if self.account in ids:
            outside = self.allocated().rows["outside_cycle"]
            text = to_say("has no service and no counted request in {month}")
            if outside:
                text = to_say(
                    "has no service and no counted request in {month}; "
                    "{outside} requests fall on days on which it was not in service"
                )
            found = Sentence(text, month=self.cycle, outside=outside)
            return InputError(Problem(f"--account {self.account!r}", found, "Choose another cycle with --cycle."))
        found = Sentence("nothing in the logs of {month} or in the accounts file is of it", month=self.cycle)
        return InputError(Problem(f"--account {self.account!r}", found, what_is_near(self.account, ids)))

    @cached_property
    def _ids(self) -> list[str]:
        known = self.everyone.accounts["account_id"]
        if self.all_facts.accounts is not None:
            known = pl.concat([known, self.all_facts.accounts["account_id"]])
        return known.unique().sort().to_list()


def facts_and_keys(request: Request, account: str) -> tuple[Facts, frozenset[str]]:
    """Read the facts of a run, and tell under which keys the logs may have an account."""
    facts = facts_of(request)
    return facts, keys_of(facts, [account], request.contract)


def keys_of(facts: Facts, accounts: Sequence[str], contract: Contract) -> frozenset[str]:
    """Tell under which keys the logs may have some accounts.

    Where these are told apart by what else stands in a row, each part of a name may be what the log has of it.
    """
    if contract.unit.apart:
        return frozenset(whole for account in accounts for whole in wholes_of(account))
    if facts.aliases is None:
        return frozenset(accounts)
    return frozenset([*accounts, *facts.aliases.filter(pl.col("account").is_in(accounts))["key"]])


def count_one(
    request: Request,
    account: str,
    facts: Facts,
    grid: SlotGrid,
    traced: Traced | None = None,
    progress: Progress | None = None,
    *,
    cycle: ServiceCycle | None = None,
) -> OneAccount:
    """Count the logs, and keep what is of an account in the one cycle of `request.period`, or in one of its cycles.

    Raises `InputError` for whatever the user can mend.
    """
    counted = count(request.logs, request.contract, grid, replace(wanted(request, facts), traced=traced), progress)
    basis = Basis(facts, INSTALLED, grid, counted)
    return one_of(request, account, basis, by_account(counted.tally, facts, request.contract), cycle)


def one_of(
    request: Request, account: str, basis: Basis, keys: Aliased | None, cycle: ServiceCycle | None = None
) -> OneAccount:
    """Keep what is of an account in a cycle, by default the one of `request.period`; `keys` are of `by_account`."""
    contract = request.contract
    if cycle is None:
        (cycle,) = request.period.cycles() or []
    counted, facts, grid = basis.counted, basis.facts, basis.grid
    everyone = counted.tally if keys is None else keys.tally
    return OneAccount(
        account=account,
        cycle=cycle,
        contract=contract,
        scope=AuditScope([cycle], request.apis, request.as_of, request.reading),
        grid=grid,
        counted=counted,
        keys=keys,
        everyone=everyone,
        tally=_counts_of(everyone, account),
        own=_facts_of(facts, account),
        all_facts=facts,
    )


def _counts_of(tally: Tally, account: str) -> Tally:
    """Keep the counts of one account; the lists stay, and so do the codes."""
    code = tally.accounts["account_id"].index_of(account)
    return replace(tally, counts=tally.counts.filter(pl.col("account") == (-1 if code is None else code)))


def _facts_of(facts: Facts, account: str) -> Facts:
    """Keep the facts about one account."""

    def own(table: pl.DataFrame | None) -> pl.DataFrame | None:
        return None if table is None else table.filter(pl.col("account_id") == account)

    about = tuple(each for each in facts.exclusions if not each.accounts or account in each.accounts)
    return Facts(own(facts.accounts), own(facts.billing), about)
