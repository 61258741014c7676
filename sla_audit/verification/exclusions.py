"""What exclusions did: what they took out of the rate, and what they saved, as far as the results tell.

A report does not say which requests an exclusion covers. But each is left out by the clause of the exclusion, and where
no other exclusion and no rule of the contract leaves requests out by that clause, they are those of the results. What
they would have been without it is between two bounds: those that another exclusion would have covered are in some of
the results, in which is not known. Where the bounds meet, the effect is known.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import NamedTuple

import polars as pl

from sla_audit.contract.model import Contract
from sla_audit.contract.terms.classes import OF_THE_EXCLUSION, Cause, Condition
from sla_audit.judge.breakdown.exclusion_effects import more_owed
from sla_audit.judge.classification.rules import CLASSES
from sla_audit.judge.ruling import rule_on
from sla_audit.judge.totals import owed_together
from sla_audit.model.notice import Notice, Value, in_a_row
from sla_audit.model.verdicts import Owed
from sla_audit.report.saved.whole import SavedExclusion
from sla_audit.sentence import Message, Sentence, to_say
from sla_audit.verification.context import CheckContext, Unverifiable, in_order
from sla_audit.verification.judged_again import cycles_of, requests_of

_NAMED = 3
_IDS = Unverifiable(("exclusions[].id",), Notice("the ids of exclusions"))
_ASSERTED = Unverifiable(
    tuple(
        f"exclusions[].{name}"
        for name in ("starts_at", "ends_at", "notified_at", "accounts[]", "regions[]", "apis[]", "asserted_by", "note")
    ),
    Notice("when exclusions were, of what, announced when and by whom asserted"),
)
_OTHERS_TOO = Notice("what exclusions took out by clauses of which others are, or that nothing was left out by")
_ALONE, _SAVED, _UNDETERMINED = (
    f"exclusions[].{name}" for name in ("requests_alone", "compensation_saved", "undetermined")
)


class _Bounds(NamedTuple):
    """What is owed more without an exclusion: at least, and at most."""

    least: Owed
    most: Owed


def faults(context: CheckContext) -> Iterator[tuple[Message, Message]]:
    """Say which exclusions cannot have done what a report says."""
    exclusions = context.report.exclusions
    if len({each.id for each in exclusions}) < len(exclusions):
        yield "", to_say("exclusions has an id twice")
    left_out = _by_clause(context)
    taken, applied = Counter[int](), _applied(context)
    for each in exclusions:
        taken[each.clause] += each.requests
        yield from (("exclusion " + repr(each.id), what) for what in _of_one(each, context, applied))
    for clause, requests in taken.items():
        exactly = clause not in _fixed(context.contract)
        if requests > left_out[clause] or (exactly and requests != left_out[clause]):
            yield (
                "",
                Sentence(
                    "exclusions take out {requests} requests by clause {clause}; the results have {left_out}",
                    requests=requests,
                    clause=clause,
                    left_out=left_out[clause],
                ),
            )
    ruled = {cause.number for cause in context.contract.causes} - _fixed(context.contract)
    for clause in sorted(ruled & set(left_out) - set(taken)):
        yield (
            "",
            Sentence(
                "{left_out} requests are left out by clause {clause}, but no exclusion names it",
                left_out=left_out[clause],
                clause=clause,
            ),
        )


def as_said(context: CheckContext) -> Iterator[Unverifiable]:
    """Name the exclusions whose effects do not follow."""
    exclusions = context.report.exclusions
    if not exclusions:
        return
    named = {each.exclusion for result in context.report.results for each in result.without or ()}
    if any(each.state == "applied" and each.id not in named for each in exclusions):  # warnings name the refused ones
        yield _IDS
    if any(each.starts_at is not None for each in exclusions):
        yield _ASSERTED
    fixed = _fixed(context.contract)
    accepted = [each for each in exclusions if each.state == "applied"]
    shared = any(each.clause in fixed for each in accepted)
    if shared or not all(each.requests for each in accepted):
        yield Unverifiable(("exclusions[].clause", *(("exclusions[].requests",) if shared else ())), _OTHERS_TOO)
    applied = _applied(context)
    open_: dict[str, tuple[str, ...]] = {}
    for each in exclusions:
        paths = _open(each, context, applied)
        if paths:
            open_[each.id] = paths
    if open_:
        first: Value = in_a_row([repr(name) for name in list(open_)[:_NAMED]])
        more = len(open_) - _NAMED
        names = Notice("{names} and {more} more", names=first, more=more) if more > 0 else first
        paths = tuple(dict.fromkeys(path for each in open_.values() for path in each))
        yield Unverifiable(paths, Notice("what the exclusions {names} took out alone, and saved", names=names))


def _of_one(each: SavedExclusion, context: CheckContext, applied: Counter[int]) -> Iterator[Message]:
    cause = context.contract.cause(each.clause)
    if cause is None:
        yield Sentence("clause is {clause}, which is no cause of the agreement", clause=each.clause)
        return
    yield from _of_notice(each, cause)
    if each.state == "refused":
        if not cause.notice_required:
            yield Sentence("state is 'refused', but clause {clause} needs no notice", clause=each.clause)
        if any((each.requests, each.requests_alone, each.compensation_saved, each.undetermined)):
            yield to_say("state is 'refused', and it has an effect")
        return
    if each.compensation_saved is None and each.requests_alone is not None and each.undetermined == 0:
        yield to_say("compensation_saved is null, but undetermined is 0")
    if each.requests_alone is None:
        if each.compensation_saved is not None:
            yield to_say("requests_alone is null, but compensation_saved is not")
        return
    only_one = applied.total() == 1
    if each.requests_alone > each.requests or (only_one and each.requests_alone != each.requests):
        yield Sentence(
            "requests_alone is {requests_alone}, but it took out {requests}",
            requests_alone=each.requests_alone,
            requests=each.requests,
        )
        return
    yield from _of_effect(each, context, applied)


def _of_notice(each: SavedExclusion, cause: Cause) -> Iterator[Message]:
    """Say where a window is none, its scope is not in order, or its notice gives another state."""
    if each.starts_at is None or each.ends_at is None:
        return  # of a version that did not say
    if each.ends_at <= each.starts_at:
        yield to_say("ends_at is not after starts_at")
    if not all(in_order(names) for names in (each.accounts, each.regions, each.apis)):
        yield to_say("a scope is not in order, each name once")
    never, late = each.notified_at is None, each.notified_at is not None and each.notified_at >= each.starts_at
    reason = None if not cause.notice_required else "not_announced" if never else "announced_late" if late else None
    if each.reason != reason:
        found, gives = ("null" if code is None else repr(code) for code in (each.reason, reason))
        yield Sentence("reason is {found}; its notice gives {gives}", found=found, gives=gives)


def _of_effect(each: SavedExclusion, context: CheckContext, applied: Counter[int]) -> Iterator[Message]:
    bounds = _bounds(each, context, applied)
    if bounds is None:
        return
    saved, least, most = each.compensation_saved, bounds.least, bounds.most
    if least == most:
        if saved != least.compensation:
            yield Sentence(
                "compensation_saved is {saved}; the results make it {compensation}",
                saved=_shown(saved),
                compensation=_shown(least.compensation),
            )
        if each.undetermined is not None and each.undetermined != least.undetermined:
            yield Sentence(
                "undetermined is {undetermined}; the results make it {makes}",
                undetermined=each.undetermined,
                makes=least.undetermined,
            )
        return
    if saved is not None and not (least.compensation or 0) <= saved <= (most.compensation or 0):
        yield Sentence(
            "compensation_saved is {saved}; the results make it {least} to {most}",
            saved=saved,
            least=least.compensation,
            most=most.compensation,
        )
    if each.undetermined is not None and not least.undetermined <= each.undetermined <= most.undetermined:
        yield Sentence(
            "undetermined is {undetermined}; the results make it {least} to {most}",
            undetermined=each.undetermined,
            least=least.undetermined,
            most=most.undetermined,
        )


def _applied(context: CheckContext) -> Counter[int]:
    """Count the exclusions that were accepted, by clause."""
    return Counter(each.clause for each in context.report.exclusions if each.state == "applied")


def _open(each: SavedExclusion, context: CheckContext, applied: Counter[int]) -> tuple[str, ...]:
    """Give the places of what an exclusion did that does not follow from the results."""
    if each.state == "refused":
        return ()
    bounds = _bounds(each, context, applied)
    settled = {
        _ALONE: applied.total() == 1 and each.requests_alone is not None,
        _SAVED: bounds is not None and bounds.least.compensation == bounds.most.compensation,
        _UNDETERMINED: bounds is not None and bounds.least.undetermined == bounds.most.undetermined,
    }
    return tuple(path for path, is_settled in settled.items() if not is_settled)


def _bounds(each: SavedExclusion, context: CheckContext, applied: Counter[int]) -> _Bounds | None:
    """Give what would be owed more without an exclusion; None where the results do not tell its requests."""
    contract = context.contract
    among_others = each.clause in _fixed(contract) or applied[each.clause] > 1
    if contract.measure is not None:
        return None  # what an exclusion frees of which interval is not told
    if among_others or not frees_failures(contract) or each.requests_alone is None:
        return None
    covered = [result.excluded.by_clause.get(str(each.clause), 0) for result in context.report.results]
    shared = each.requests - each.requests_alone
    return _Bounds(
        _without(covered, [max(0, requests - shared) for requests in covered], context),
        _without(covered, covered, context),
    )


def _without(covered: Sequence[int], freed: Sequence[int], context: CheckContext) -> Owed:
    """Tell what would be owed more, had some of the requests that an exclusion covers failed in the rate."""
    report = context.report
    if not any(covered):
        return Owed(Decimal(0), 0)
    touched = pl.Series([requests > 0 for requests in covered], dtype=pl.Boolean)
    moved = pl.Series(freed, dtype=pl.Int64)
    requests = requests_of(report, report.reading).with_columns(
        explicit_failure=pl.col("explicit_failure") + moved, excluded=pl.col("excluded") - moved
    )
    again = rule_on(
        cycles_of(report).filter(touched),
        requests.select(CLASSES).filter(touched),
        context.contract,
        report.reading,
        report.as_of,
    )
    terms = context.contract.under(report.reading).compensation
    return owed_together(more_owed(context.in_force.filter(touched), again, terms).cast(pl.Decimal(38, 6)))


def _by_clause(context: CheckContext) -> Counter[int]:
    sums = Counter[int]()
    for result in context.report.results:
        sums.update({int(clause): requests for clause, requests in result.excluded.by_clause.items()})
    return sums


def _fixed(contract: Contract) -> set[int]:
    """Give the clauses by which the contract leaves requests out without any exclusion."""
    return {rule.cause for rule in contract.classification if isinstance(rule.cause, int)}


def frees_failures(contract: Contract) -> bool:
    """Tell whether what an exclusion covers would be an explicit failure without it, whatever else is said of it."""
    rules = contract.classification
    at = [number for number, rule in enumerate(rules) if rule.cause == OF_THE_EXCLUSION]
    if len(at) != 1 or any(rule.when.accepted_exclusion is not None for n, rule in enumerate(rules) if n != at[0]):
        return False
    covered = rules[at[0]].when == Condition(explicit_failure=True, accepted_exclusion=True)
    after = rules[at[0] + 1]
    return covered and after.class_ == "explicit_failure" and after.when == Condition(explicit_failure=True)


def _shown(amount: Decimal | None) -> str:
    return "null" if amount is None else f"{amount.normalize():f}"
