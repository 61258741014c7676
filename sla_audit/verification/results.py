"""What results must have in common with each other, with the facts that a report tells of, and with their days."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import groupby, pairwise

from sla_audit.contract.model import Contract
from sla_audit.judge.completeness.metering import EXACT
from sla_audit.model.cycle_lengths import cycle_named
from sla_audit.model.notice import Notice
from sla_audit.report.saved.daily import SavedCounts, SavedDay
from sla_audit.report.saved.whole import WholeResult
from sla_audit.sentence import Message, Sentence, as_phrase, to_say
from sla_audit.verification.context import CheckContext, Unverifiable, in_order, is_billed, of_result

_DAY_OF_THE_AUDIT = Unverifiable(("as_of",), Notice("the day of the audit"))
_READING = Unverifiable(("reading",), Notice("which reading is in force, as another gives the same"))
_ACCOUNTS = Unverifiable(
    tuple(f"results[].{name}" for name in ("account_id", "cycle_start", "cycle_end", "plan", "periods")),
    Notice("which accounts there are, on which plans, and in service when"),
)
_BILLS = Notice("the bills")
_BILLED = ("service_fee", "cash_paid", "calls_bought", "hourly_fee")
_FAILURES = Unverifiable(
    ("results[].failures[].status", "results[].failures[].no_answer"), Notice("how explicit failures ended")
)
_DAY = timedelta(days=1)
_DAYS = Notice("on which days requests were")


def faults(context: CheckContext) -> Iterator[tuple[Message, Message]]:
    """Say which results cannot stand beside each other, or are at odds with what else a report says."""
    results = context.report.results
    if not in_order((result.account_id, result.cycle) for result in results):
        yield "", to_say("results are not in the order of account and cycle, each once")
        return
    for result in results:
        found = (
            *_of_facts(context, result, billed=is_billed(context.contract, result)),
            *_of_periods(context.contract, result),
            *_of_clauses(context.contract, result),
            *_of_failures(context, result),
            *_of_days(context, result),
        )
        yield from ((of_result(result), what) for what in found)
    for _, of_account in groupby(results, key=lambda result: result.account_id):
        yield from _of_account(list(of_account), context)
    yield from _of_all_days(context)


def as_said(context: CheckContext) -> Iterator[Unverifiable]:
    """Name what results say that follows from nothing."""
    results = context.report.results
    yield _DAY_OF_THE_AUDIT
    if _gives_the_same(context):
        yield _READING
    if results:
        yield _ACCOUNTS
    facts = context.report.reconciliation
    if any(is_billed(context.contract, result) for result in results) or (
        facts is not None and facts.billing is not None
    ):
        amounts = [f"results[].{name}" for name in context.contract.facts]
        calls = [] if _calls_are_counted(context) else ["results[].billed_calls"]
        yield Unverifiable((*amounts, "reconciliation.billing.elsewhere", *calls), _BILLS)
    if any(result.failures for result in results):
        yield _FAILURES
    # Where each day has requests, there are no others that they could be of.
    of_results = any(result.daily is not None and 0 < len(result.daily) < _days_of(result) for result in results)
    of_all = sum(cycle.days for cycle in context.cycles or ()) > len(context.report.daily or ()) > 0
    paths = (*(["daily[].date"] if of_all else []), *(["results[].daily[].date"] if of_results else []))
    if paths:
        yield Unverifiable(paths, _DAYS)


def _calls_are_counted(context: CheckContext) -> bool:
    """Tell whether every bill for other calls than are logged is listed, and how many bills there are."""
    metering = context.report.metering
    return metering is not None and metering.tolerance == EXACT.written


def _of_facts(context: CheckContext, result: WholeResult, *, billed: bool) -> Iterator[Message]:
    """Hold a result against which facts there were; reports of earlier versions do not say."""
    facts, cycle = context.report.reconciliation, cycle_named(result.cycle)
    is_whole = (result.cycle_start, result.cycle_end) == (cycle.first_day, cycle.last_day)
    if result.plan is None and not (is_whole and result.requests):
        yield to_say(
            "plan is null, as of an account that is only in the logs, but it has no request, or not the whole cycle"
        )
    for name in _BILLED:
        if name not in context.contract.facts and getattr(result, name) is not None:
            yield Sentence("{name} is given, which its agreement does not ask for", name=name)
    if facts is None:
        return
    if facts.accounts is None and not (result.plan == "paid" and is_whole and result.requests):
        yield to_say(
            "without an accounts file, only accounts with requests have results, on a paid plan and for whole cycles"
        )
    if facts.billing is None and (billed or result.billed_calls is not None):
        yield to_say("there is a bill, but the report knows of no billing file")
    if not billed and result.billed_calls is not None and context.contract.facts:
        yield to_say("billed_calls is known, but no fee")


def _of_periods(contract: Contract, result: WholeResult) -> Iterator[Message]:
    """Hold the cycle of an account that has several periods against these (see `judge.allocation.service`)."""
    if result.periods is None:
        return
    days = [day for period in result.periods for day in (period.first_day, period.last_day + _DAY)]
    cycle = cycle_named(result.cycle)
    within = result.periods and cycle.first_day <= days[0] and days[-1] <= cycle.last_day + _DAY
    if not within or days != sorted(days) or any(each.first_day > each.last_day for each in result.periods):
        yield to_say("periods are not days of the cycle in their order, each once")
        return
    free = contract.compensation.uncompensated_plans
    judged = [period for period in result.periods if period.plan not in free] or list(result.periods)
    if (result.cycle_start, result.cycle_end, result.plan) != (
        judged[0].first_day,
        judged[-1].last_day,
        judged[0].plan,
    ):
        yield to_say("cycle_start, cycle_end and plan are not those of its periods")
    for day in result.daily or ():
        if not any(period.first_day <= day.date <= period.last_day for period in judged):
            yield Sentence("daily has {date}, which is in none of its periods", date=day.date)


def _of_clauses(contract: Contract, result: WholeResult) -> Iterator[Message]:
    yield from _clauses(contract, result)
    for day in result.daily or ():
        yield from (_of_day(day, what) for what in _clauses(contract, day))


def _of_day(day: SavedDay, what: Message) -> Sentence:
    return Sentence("daily {date}: {what}", date=day.date, what=as_phrase(what))


def _clauses(contract: Contract, counts: SavedCounts) -> Iterator[Message]:
    clauses = [int(clause) for clause in counts.excluded.by_clause]
    unknown = [clause for clause in clauses if contract.cause(clause) is None]
    if unknown:
        yield Sentence("excluded.by_clause has {clause}, which is no cause of the agreement", clause=unknown[0])
    if not in_order(clauses) or 0 in counts.excluded.by_clause.values():
        yield to_say("excluded.by_clause are not the causes in their order that left out some request")


def _of_failures(context: CheckContext, result: WholeResult) -> Iterator[Message]:
    """Hold the failures against the reading in force, under which each is one (see `judge.breakdown.failures`)."""
    if result.failures is None:
        return
    keys = [
        (each.status is None, each.status or 0, each.no_answer is None, bool(each.no_answer))
        for each in result.failures
    ]
    if not in_order(keys):
        yield to_say("failures are not in the order of their statuses")
    if any(
        rule.class_ == "explicit_failure" and not rule.when.explicit_failure for rule in context.contract.classification
    ):
        return  # something else than the reading makes failures
    reading = context.contract.readings[context.report.reading]
    if reading.error_codes is not None:
        return  # which code a request failed with is not said
    odd = [each.status for each in result.failures if not reading.fails(None if each.no_answer else each.status, None)]
    if odd:
        status = Sentence("no status") if odd[0] is None else Sentence("the status {status}", status=odd[0])
        yield Sentence(
            "failures has {status}, which is none under the reading {reading!r}",
            status=status,
            reading=context.report.reading,
        )


def _of_days(context: CheckContext, result: WholeResult) -> Iterator[Message]:
    if result.daily is None:
        return
    if context.report.daily is None:
        yield to_say("daily is given, but not for all accounts together")
        return
    overall = {day.date: day for day in context.report.daily}
    for day in result.daily:
        if day.date not in overall or not _is_part_of(day, overall[day.date]):
            yield Sentence("daily {date}: more requests than all accounts have together", date=day.date)
    if any(not _requests(day) for day in result.daily):
        yield to_say("daily has a day without requests")


def _of_all_days(context: CheckContext) -> Iterator[tuple[Message, Message]]:
    days = context.report.daily or ()
    for day in days:
        if context.cycles is not None and context.contract.cycles.of(day.date) not in context.cycles:
            yield "", Sentence("daily has {date}, which is not in the months of the report", date=day.date)
        if not _requests(day):
            yield "", Sentence("daily {date}: a day without requests", date=day.date)
        yield from (("", _of_day(day, what)) for what in _clauses(context.contract, day))


def _gives_the_same(context: CheckContext) -> bool:
    """Tell whether some other reading gives every result what the one in force does."""
    in_force, results = context.report.reading, context.report.results
    return any(
        all(result.readings[name] == result.readings[in_force] for result in results)
        for name in context.contract.readings
        if name != in_force
    )


def _days_of(result: WholeResult) -> int:
    return (result.cycle_end - result.cycle_start).days + 1


def _requests(day: SavedDay) -> int:
    return day.success + day.explicit_failure + day.excluded.total


def _is_part_of(part: SavedCounts, whole: SavedCounts) -> bool:
    clauses = whole.excluded.by_clause
    return (
        part.success <= whole.success
        and part.explicit_failure <= whole.explicit_failure
        and all(requests <= clauses.get(clause, 0) for clause, requests in part.excluded.by_clause.items())
    )


def _of_account(results: list[WholeResult], context: CheckContext) -> Iterator[tuple[Message, Message]]:
    """Hold the cycles of an account against each other: one plan, and service from one day to another.

    An account that has several periods may have had another plan, or no service, between them.
    """
    first, last = results[0], results[-1]
    if any(result.periods is not None for result in results):
        if any(result.periods is None for result in results):
            yield of_result(first), to_say("periods are given in some cycles only")
        return
    if any(result.plan != first.plan for result in results):
        yield of_result(first), to_say("plan is another in another cycle")
    for result, after in pairwise(results):
        begins, ended = cycle_named(after.cycle).first_day, cycle_named(result.cycle).last_day
        if (result.cycle_end, after.cycle_start) != (ended, begins):
            yield of_result(after), to_say("service ended before it, or begins in it")
    facts, on_file = context.report.reconciliation, first.plan is not None
    if context.cycles is not None and facts is not None and facts.accounts is not None and on_file:
        served = [str(cycle) for cycle in context.cycles if first.cycle <= str(cycle) <= last.cycle]
        if served != [result.cycle for result in results]:
            yield of_result(first), to_say("some cycles of its service have no result")
