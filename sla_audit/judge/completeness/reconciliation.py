"""What the facts and the logs name of each other: accounts, and the scopes of exclusions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl

from sla_audit.contract.service import of_service
from sla_audit.judge.allocation.aliases import Aliased
from sla_audit.judge.allocation.allocate import AllocatedCounts
from sla_audit.judge.completeness.near_ids import nearest
from sla_audit.model.cycle import ServiceCycle
from sla_audit.model.facts import Exclusion, Facts
from sla_audit.model.instant import midnight
from sla_audit.model.reconciliation import (
    File,
    Near,
    Reconciliation,
    Scope,
    Scopes,
    Unmatchables,
    Unmatched,
)

MOST_LISTED = 1000


def reconcile(
    allocated: AllocatedCounts, facts: Facts, zone: ZoneInfo, keys: Aliased | None = None, apis: Sequence[str] = ()
) -> Reconciliation:
    """Compare facts with the requests of the service in the cycles of an audit, which are those of a zone.

    An account on the free plan needs no bill, and an exclusion of another cycle nothing to be about.
    """
    if facts.accounts is None and facts.billing is None and not facts.exclusions and keys is None:
        return Reconciliation()
    seen = allocated.roster.filter(_occurring(allocated, "account", allocated.roster.height))
    ids = seen["account_id"]
    return Reconciliation(
        accounts=None
        if facts.accounts is None
        else _of_file(facts.accounts["account_id"].unique(maintain_order=True), ids, ids),
        billing=None if facts.billing is None else _of_billing(facts.billing, seen, allocated.cycles),
        exclusions=_of_exclusions(allocated, facts, ids, zone) if facts.exclusions else None,
        alias=None if facts.aliases is None or keys is None else _of_keys(allocated, facts.aliases, keys, apis),
    )


def _of_keys(allocated: AllocatedCounts, aliases: pl.DataFrame, keys: Aliased, apis: Sequence[str]) -> File:
    """Compare the keys of the alias file with those of the requests of the service in the cycles of the audit."""
    of_service_ = [of_service(api, apis) for api in allocated.dimensions.outcomes["api"].to_list()]
    is_asked = pl.lit(allocated.dimensions.slots["position"].is_not_null()).gather(pl.col("slot"))
    is_of_service = pl.lit(pl.Series(of_service_, dtype=pl.Boolean)).gather(pl.col("outcome"))
    matched, unmatched = (
        part.filter(is_asked & is_of_service)["key"].unique().sort() for part in (keys.matched, keys.unmatched)
    )
    given = aliases["key"].unique(maintain_order=True)
    there = pl.concat([matched, unmatched])
    idle = given.filter(~given.is_in(there.implode()))
    return File(len(given), len(given) - len(idle), _unmatched(idle, unmatched), _unmatched(unmatched, idle))


def _of_billing(billing: pl.DataFrame, seen: pl.DataFrame, cycles: Sequence[ServiceCycle]) -> File:
    rows = billing.filter(pl.col("cycle").is_in(list(map(str, cycles))))
    to_pay = seen.filter(pl.col("plan").ne_missing("free"))["account_id"]
    return _of_file(
        rows["account_id"].unique(maintain_order=True), seen["account_id"], to_pay, billing.height - rows.height
    )


def _of_file(given: pl.Series, seen: pl.Series, expected: pl.Series, elsewhere: int = 0) -> File:
    """Compare the accounts of a file with those that were `seen`, of which it should have those that are `expected`."""
    idle = given.filter(~given.is_in(seen.implode()))
    lacking = expected.filter(~expected.is_in(given.implode()))
    return File(len(given), len(given) - len(idle), _unmatched(idle, lacking), _unmatched(lacking, idle), elsewhere)


def _unmatched(names: pl.Series, among: pl.Series) -> Unmatchables:
    near = nearest(names, among)
    first = [*sorted(near), *(name for name in names.sort().head(MOST_LISTED) if name not in near)]
    listed = tuple(_named(name, near.get(name)) for name in first[:MOST_LISTED])
    return Unmatchables(len(names), len(near), listed)


def _of_exclusions(allocated: AllocatedCounts, facts: Facts, seen: pl.Series, zone: ZoneInfo) -> Scopes:
    outcomes = allocated.dimensions.outcomes.filter(
        _occurring(allocated, "outcome", allocated.dimensions.outcomes.height)
    )
    of_facts = [table["account_id"] for table in (facts.accounts, facts.billing) if table is not None]
    known: dict[Scope, pl.Series] = {
        "accounts": pl.concat([seen, *of_facts]).unique(),
        "regions": outcomes["region"].drop_nulls().unique(),
        "apis": outcomes["api"].drop_nulls().unique(),
    }
    accepted = [finding.exclusion for finding in allocated.findings if finding.state == "applied"]
    names = [name for exclusion in accepted if _meets(exclusion, allocated.cycles, zone) for name in _names(exclusion)]
    missing = []
    for scope, there in known.items():
        wanted = pl.Series([name for _, of, name in names if of == scope], dtype=pl.String).unique()
        absent = wanted.filter(~wanted.is_in(there.implode()))
        near = nearest(absent, there) if len(absent) else {}
        gone = set(absent)
        missing += [
            _named(name, near.get(name), exclusion, of) for exclusion, of, name in names if of == scope and name in gone
        ]
    near_ones = sum(each.nearest is not None for each in missing)
    listed = sorted(missing, key=lambda each: (each.nearest is None, each.exclusion, each.scope, each.name))
    return Scopes(
        len(names), len(names) - len(missing), Unmatchables(len(missing), near_ones, tuple(listed[:MOST_LISTED]))
    )


def _named(name: str, near: Near | None, exclusion: str = "", scope: Scope = "accounts") -> Unmatched:
    return Unmatched(name, near and near.nearest, near and near.differs_by, exclusion, scope)


def _names(exclusion: Exclusion) -> Iterator[tuple[str, Scope, str]]:
    scopes: dict[Scope, frozenset[str]] = {
        "accounts": exclusion.accounts,
        "regions": exclusion.regions,
        "apis": exclusion.apis,
    }
    for scope, names in scopes.items():
        for name in sorted(names):
            yield exclusion.id, scope, name


def _meets(exclusion: Exclusion, cycles: Sequence[ServiceCycle], zone: ZoneInfo) -> bool:
    """Tell whether the window of an exclusion meets one of some cycles."""
    return any(
        exclusion.starts_at < midnight(cycle.plus(1).first_day, zone)
        and exclusion.ends_at > midnight(cycle.first_day, zone)
        for cycle in cycles
    )


def _occurring(allocated: AllocatedCounts, code: str, size: int) -> pl.Series:
    """Tell which of so many codes occur in the counts of the service and its cycles."""
    occurs = np.zeros(size, dtype=np.bool_)
    for counts in (allocated.counts, allocated.out_of_service):
        occurs[counts[code].to_numpy()] = True
    return pl.Series(occurs)
