"""What a reader should know of names that facts and logs do not have in common."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from sla_audit.model.notice import Notice, Value, in_a_row
from sla_audit.model.reconciliation import Difference, File, Reconciliation, Scope, Unmatchables, Unmatched

_MOST_NAMED = 3
_MOST_EXCLUSIONS = 5
_DIFFERENCES: dict[Difference, Notice] = {
    "letter_case": Notice("they differ by capitals"),
    "spaces": Notice("they differ by spaces"),
    "leading_zeros": Notice("they differ by leading zeros"),
    "full_width": Notice("they differ by full-width forms"),
    "one_letter": Notice("they differ by one letter"),
    "several": Notice("they differ by several of spaces, capitals, zeros and full-width forms"),
}
_NOT_FOUND: dict[Scope, Notice] = {
    "accounts": Notice(
        "exclusion {exclusion} covers no request of the accounts {names}: they are found nowhere", "money"
    ),
    "regions": Notice(
        "exclusion {exclusion} covers no request of the regions {names}: they are not in the logs", "money"
    ),
    "apis": Notice("exclusion {exclusion} covers no request of the APIs {names}: they are not in the logs", "money"),
}


def reconciliation_notices(found: Reconciliation) -> list[Notice]:
    """Say which accounts seem to be misspelt, which the facts lack, and which exclusions name what is not there."""
    return [
        *_of_file(found.accounts, Notice("accounts file")),
        *_of_file(found.billing, Notice("billing file")),
        *_of_keys(found.alias),
        *_of_exclusions(found),
    ]


def _of_keys(file: File | None) -> Iterator[Notice]:
    if file is None:
        return
    near = [_pair(each) for each in file.not_in_logs.listed if each.nearest is not None][:_MOST_NAMED]
    if near:
        yield Notice(
            "keys of the alias file that have no requests, and may be keys of the logs, spelt otherwise: {keys}",
            "money",
            keys=_some(near, file.not_in_logs.near),
        )
    if file.lacks.count:
        yield Notice(
            "keys of the logs that match nothing in the alias file, and stand for themselves: {keys}",
            "fact",
            keys=_names(file.lacks),
        )


def _of_file(file: File | None, name: Notice) -> Iterator[Notice]:
    if file is None:
        return
    near = [each for each in file.not_in_logs.listed if each.nearest is not None]
    if near:
        pairs = [_pair(each) for each in near[:_MOST_NAMED]]
        yield Notice(
            "accounts of the {file} that have no requests, and may be accounts of the logs, spelt otherwise: "
            "{accounts}",
            "money",
            file=name,
            accounts=_some(pairs, file.not_in_logs.near),
        )
    if file.lacks.count:
        yield Notice(
            "accounts of the logs that the {file} lacks: {accounts}", "fact", file=name, accounts=_names(file.lacks)
        )


def _of_exclusions(found: Reconciliation) -> Iterator[Notice]:
    if found.exclusions is None:
        return
    missing = found.exclusions.not_found
    by_scope = sorted(missing.listed, key=lambda each: (each.exclusion, each.scope))
    groups = [list(group) for _, group in groupby(by_scope, key=lambda each: (each.exclusion, each.scope))]
    for group in groups[:_MOST_EXCLUSIONS]:
        names = _some([_pair(each) for each in group[:_MOST_NAMED]], len(group))
        yield _NOT_FOUND[group[0].scope].having(exclusion=repr(group[0].exclusion), names=names)
    rest = missing.count - sum(map(len, groups[:_MOST_EXCLUSIONS]))
    if rest:
        yield Notice("{more} more names in exclusions are found nowhere", "money", more=rest)


def _names(unmatched: Unmatchables) -> Value:
    return _some([repr(each.name) for each in unmatched.listed[:_MOST_NAMED]], unmatched.count)


def _pair(each: Unmatched) -> Value:
    """Name an id, and the one that is near it."""
    if each.nearest is None or each.differs_by is None:
        return repr(each.name)
    difference = _DIFFERENCES[each.differs_by]
    return Notice(
        "{id} for {nearest} ({difference})", id=repr(each.name), nearest=repr(each.nearest), difference=difference
    )


def _some(named: Sequence[Value], count: int) -> Value:
    listed = in_a_row(named)
    more = count - len(named)
    return Notice("{listed} and {more} more", listed=listed, more=more) if more > 0 else listed
