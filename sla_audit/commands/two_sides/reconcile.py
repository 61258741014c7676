"""Reconciling: logs, tallies, reports or claim packs of two sides, counted and compared for one account and cycle."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sla_audit.commands.audit import Request
from sla_audit.commands.claim_pack.enclosed import Enclosed
from sla_audit.commands.claim_pack.terms import refuse_intervals
from sla_audit.commands.two_sides.compare import compare
from sla_audit.commands.two_sides.packed_side import packed_side, read_pack_of
from sla_audit.commands.two_sides.saved_side import saved_side
from sla_audit.commands.two_sides.side import Side, count_side
from sla_audit.errors import InputError, Problem, refuse
from sla_audit.model.comparison import Comparison
from sla_audit.model.cycle import ServiceCycle
from sla_audit.pack.manifest import Manifest
from sla_audit.sentence import Sentence
from sla_audit.tally.engine import Progress


@dataclass(frozen=True)
class Given:
    """What one side gives: a saved `report`, a claim `pack`, or else the logs and tallies of what is asked.

    `account` is what it calls the account, where that is another name.
    """

    request: Request
    report: Path | None = None
    pack: Path | None = None
    account: str | None = None

    def packed(self, account: str, cycle: ServiceCycle) -> tuple[Manifest, Enclosed] | None:
        """Read its claim pack, if it gives one."""
        return None if self.pack is None else read_pack_of(self.pack, self.request, self.account or account, cycle)

    def side(
        self,
        account: str,
        cycle: ServiceCycle,
        own: Enclosed | None,
        others: Enclosed | None,
        progress: Progress | None,
    ) -> Side:
        """Count it, or read what it has counted, with what its `own` pack has, or with the facts of the `others`."""
        if own is not None:
            return packed_side(own, self.request)
        if self.report is not None:
            return saved_side(self.report, self.request, self.account or account, cycle)
        facts = None if others is None else others.facts
        return count_side(self.request, self.account or account, cycle, progress, facts)


def reconcile(
    ours: Given, theirs: Given, account: str, cycle: ServiceCycle, progress: Progress | None = None
) -> Comparison:
    """Count what both sides have of an account in a cycle, and compare it.

    Raises `InputError` for whatever the user can mend, such as an account that neither side has.
    """
    for given in (ours, theirs):
        refuse_intervals(given.request.contract)
    packs = [given.packed(account, cycle) for given in (ours, theirs)]
    refuse(_of_two_pseudonyms(packs, ours.account or account, theirs.account or account))
    enclosed = [None if pack is None else pack[1] for pack in packs]
    sides = [
        given.side(account, cycle, enclosed[at], enclosed[1 - at], progress) for at, given in enumerate((ours, theirs))
    ]
    if all(side.terms is None for side in sides):
        found = Sentence("neither side has anything of it in {month}", month=cycle)
        raise InputError(Problem(f"--account {account!r}", found, "Choose another account, or another --cycle."))
    return compare(*sides)


def _of_two_pseudonyms(packs: list[tuple[Manifest, Enclosed] | None], *accounts: str) -> list[Problem]:
    """Refuse two packs with pseudonyms that differ, unless each is named: they may be of two accounts."""
    hidden = [pack[0].account_id for pack in packs if pack is not None and pack[0].pseudonymised]
    if len(hidden) < len(packs) or len(set(hidden)) == 1 or hidden == list(accounts):
        return []
    found = Sentence(
        "both packs have pseudonyms, {ours} and {theirs}, which may be of two accounts",
        ours=hidden[0],
        theirs=hidden[1],
    )
    return [
        Problem(
            "--account",
            found,
            Sentence(
                "Where they are of one, give --account {ours} --their-account {theirs}.",
                ours=hidden[0],
                theirs=hidden[1],
            ),
        )
    ]
