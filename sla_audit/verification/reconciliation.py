"""What facts and logs name of each other, as far as the results tell which accounts there are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import polars as pl

from sla_audit.judge.completeness.near_ids import nearest
from sla_audit.judge.completeness.reconciliation import MOST_LISTED
from sla_audit.model.cycle_lengths import cycle_named
from sla_audit.model.notice import Notice
from sla_audit.model.reconciliation import File, Reconciliation, Scopes, Unmatchables, Unmatched
from sla_audit.report.saved.whole import SavedFile, SavedScopes, SavedUnmatchables, WholeResult
from sla_audit.sentence import Message, Sentence, as_phrase, to_say
from sla_audit.verification.context import CheckContext, Unverifiable, in_order, is_billed

_SCOPES = Unverifiable(
    tuple(
        f"reconciliation.exclusions.not_found.listed[].{name}"
        for name in ("exclusion", "scope", "name", "nearest", "differs_by")
    ),
    Notice("which names in exclusions are found nowhere"),
)
_KEYS = Unverifiable(
    (
        *(f"reconciliation.alias.{name}" for name in ("given", "in_logs", "not_in_logs.count", "lacks.count")),
        *(
            f"reconciliation.alias.{lists}.listed[].{name}"
            for lists in ("not_in_logs", "lacks")
            for name in ("name", "nearest", "differs_by")
        ),
    ),
    Notice("which keys the alias file and the logs have"),
)


def faults(context: CheckContext) -> Iterator[tuple[Message, Message]]:
    """Say which counts and names cannot be."""
    found = context.report.reconciliation
    if found is None:
        return
    for name, file in _files(context):
        accounts = _Accounts(context, name)
        yield from (
            ("", Sentence("reconciliation.{name}.{what}", name=name, what=as_phrase(what)))
            for what in (*_of_file(file), *_of_accounts(file, accounts))
        )
    if found.alias is not None:
        yield from (
            ("", Sentence("reconciliation.alias.{what}", what=as_phrase(what))) for what in _of_file(found.alias)
        )
    if (found.exclusions is None) != (not context.report.exclusions):
        yield "", to_say("reconciliation.exclusions does not go with exclusions: both or none of them")
    if found.exclusions is not None:
        yield from (
            ("", Sentence("reconciliation.exclusions.{what}", what=as_phrase(what)))
            for what in _of_scopes(found.exclusions, context)
        )


def as_said(context: CheckContext) -> Iterator[Unverifiable]:
    """Name what only the facts and the logs have."""
    paths: list[str] = []
    for name, file in _files(context):
        accounts = _Accounts(context, name)
        for lists, certain in (("not_in_logs", accounts.idle), ("lacks", accounts.lacks)):
            if {each.name for each in getattr(file, lists).listed} - certain:
                paths += [f"reconciliation.{name}.{lists}.listed[].{each}" for each in ("name", "nearest")]
    if paths:
        yield Unverifiable(tuple(paths), Notice("which accounts the facts and the logs do not have in common"))
    found = context.report.reconciliation
    if found is not None and found.alias is not None:
        yield _KEYS
    if found is not None and found.exclusions is not None and found.exclusions.not_found.listed:
        yield _SCOPES


def reconciliation_of(context: CheckContext) -> Reconciliation:
    """Give what was found as it was when it was judged."""
    found = context.report.reconciliation
    files = {name: _file(file) for name, file in _files(context)}
    scopes = None if found is None else found.exclusions
    return Reconciliation(
        accounts=files.get("accounts"),
        billing=files.get("billing"),
        exclusions=None if scopes is None else Scopes(scopes.given, scopes.found, _unmatchables(scopes.not_found)),
        alias=None if found is None or found.alias is None else _file(found.alias),
    )


def _file(saved: SavedFile) -> File:
    return File(
        saved.given, saved.in_logs, _unmatchables(saved.not_in_logs), _unmatchables(saved.lacks), saved.elsewhere
    )


def _files(context: CheckContext) -> Iterator[tuple[str, SavedFile]]:
    found = context.report.reconciliation
    if found is not None and found.accounts is not None:
        yield "accounts", found.accounts
    if found is not None and found.billing is not None:
        yield "billing", found.billing


def _unmatchables(saved: SavedUnmatchables) -> Unmatchables:
    listed = (Unmatched(each.name, each.nearest, each.differs_by, each.exclusion, each.scope) for each in saved.listed)
    return Unmatchables(saved.count, saved.near, tuple(listed))


class _Accounts:
    """The accounts of the results, as far as they tell of a facts file.

    `seen` ones have requests that are counted. The file certainly `has` some, and of those some are `idle`: they have
    no request on any day. Others are in the logs, and the file certainly `lacks` them; for `lacks_all`, no others.
    """

    def __init__(self, context: CheckContext, file: str) -> None:
        results = context.report.results
        months = Counter(result.account_id for result in results)
        parts = {result.account_id for result in results if _is_part(result)}
        in_all_months = {account for account, number in months.items() if number == len(context.cycles or ())}
        always = in_all_months - parts
        self.seen = {result.account_id for result in results if result.requests}
        self.lacks_all = file == "accounts"
        if self.lacks_all:
            self.has = {result.account_id for result in results if result.plan is not None}
            self.lacks = set(months) - self.has
        else:
            self.has = {
                result.account_id
                for result in results
                if is_billed(context.contract, result) or result.billed_calls is not None
            }
            to_pay = {result.account_id for result in results if result.plan != "free"}
            # A bill of a month in which an account has no result is not told of.
            lacking = (to_pay & self.seen & in_all_months) - self.has
            self.lacks = lacking if context.contract.facts else set()  # else the results would not tell a bill
        # Whoever serves all days of all months can have no request on another.
        self.idle = (self.has - self.seen) & (always if context.report.rows["outside_cycle"] else in_all_months)


def _is_part(result: WholeResult) -> bool:
    """Tell whether an account was in service only on a part of a cycle."""
    cycle = cycle_named(result.cycle)
    if result.periods is not None:
        served = (period for period in result.periods if period.plan == result.plan)
        return sum((period.last_day - period.first_day).days + 1 for period in served) < cycle.days
    return (result.cycle_start, result.cycle_end) != (cycle.first_day, cycle.last_day)


def _of_file(file: SavedFile) -> Iterator[Message]:
    if file.given != file.in_logs + file.not_in_logs.count:
        yield Sentence(
            "given is {given}, but in_logs and not_in_logs make {made}",
            given=file.given,
            made=file.in_logs + file.not_in_logs.count,
        )
    lists = {"not_in_logs": file.not_in_logs, "lacks": file.lacks}
    for name, unmatched in lists.items():
        yield from (Sentence("{name}.{what}", name=name, what=as_phrase(what)) for what in _of_list(unmatched))
    if any(each.count > MOST_LISTED for each in lists.values()):
        return  # the names that are near others may be among those that are not listed
    names = {
        name: pl.Series([each.name for each in each_list.listed], dtype=pl.String) for name, each_list in lists.items()
    }
    for name, other in (("not_in_logs", "lacks"), ("lacks", "not_in_logs")):
        near = nearest(names[name], names[other])
        expected = [*sorted(near), *sorted(set(names[name]) - set(near))]
        found = [(each.name, each.nearest, each.differs_by) for each in lists[name].listed]
        if found != [(each, *near.get(each, (None, None))) for each in expected]:
            yield Sentence("{name}.listed does not say what is near what, or is not in its order", name=name)


def _of_list(unmatched: SavedUnmatchables) -> Iterator[Message]:
    near = sum(each.nearest is not None for each in unmatched.listed)
    if len(unmatched.listed) != min(unmatched.count, MOST_LISTED):
        yield Sentence("count is {count}, but {listed} are listed", count=unmatched.count, listed=len(unmatched.listed))
    if near != min(unmatched.near, MOST_LISTED) or unmatched.near > unmatched.count:
        yield Sentence("near is {near}, but {found} of those listed are near another", near=unmatched.near, found=near)
    if any((each.nearest is None) != (each.differs_by is None) for each in unmatched.listed):
        yield to_say("listed has a name that is near none, and differs from it, or the other way round")


def _of_accounts(file: SavedFile, accounts: _Accounts) -> Iterator[Message]:
    idle, lacking = ({each.name for each in part.listed} for part in (file.not_in_logs, file.lacks))
    if file.in_logs < len(accounts.has & accounts.seen):
        yield Sentence(
            "in_logs is {in_logs}, but {accounts} accounts of results are in both",
            in_logs=file.in_logs,
            accounts=len(accounts.has & accounts.seen),
        )
    if idle & accounts.seen or lacking & accounts.has:
        yield Sentence(
            "{name} is listed, but the results have it", name=_first(idle & accounts.seen, lacking & accounts.has)
        )
    if file.not_in_logs.count <= MOST_LISTED and accounts.idle - idle:
        yield Sentence(
            "not_in_logs lacks {name}, which has a result without requests", name=_first(accounts.idle - idle)
        )
    if file.lacks.count <= MOST_LISTED and accounts.lacks - lacking:
        yield Sentence(
            "lacks does not name {name}, of which the results have no more than requests",
            name=_first(accounts.lacks - lacking),
        )
    if accounts.lacks_all and file.lacks.count != len(accounts.lacks):
        yield Sentence(
            "lacks.count is {count}, but {accounts} accounts of the results have no plan",
            count=file.lacks.count,
            accounts=len(accounts.lacks),
        )


def _first(*names: set[str]) -> str:
    return repr(min(name for each in names for name in each))


def _of_scopes(scopes: SavedScopes, context: CheckContext) -> Iterator[Message]:
    missing = scopes.not_found
    if scopes.given != scopes.found + missing.count:
        yield Sentence(
            "given is {given}, but found and not_found make {found}",
            given=scopes.given,
            found=scopes.found + missing.count,
        )
    yield from (Sentence("not_found.{what}", what=as_phrase(what)) for what in _of_list(missing))
    if not in_order((each.nearest is None, each.exclusion, each.scope, each.name) for each in missing.listed):
        yield to_say("not_found.listed is not in its order")
    applied = {each.id for each in context.report.exclusions if each.state == "applied"}
    known = {result.account_id for result in context.report.results}
    for each in missing.listed:
        if each.exclusion not in applied:
            yield Sentence(
                "not_found.listed names the exclusion {exclusion!r}, which was not applied", exclusion=each.exclusion
            )
        if each.scope == "accounts" and each.name in known:
            yield Sentence("not_found.listed has the account {name!r}, which has a result", name=each.name)
