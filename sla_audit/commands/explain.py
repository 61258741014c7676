"""Why one account got its verdict for one cycle: counted by day, judged as it is, and as it might have been."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import polars as pl

from sla_audit.commands.audit import Request
from sla_audit.commands.claims import claim_of
from sla_audit.commands.one_account import OneAccount, count_one, facts_and_keys
from sla_audit.commands.traced_logs import Traced
from sla_audit.contract.intervals import step_of
from sla_audit.contract.model import Contract
from sla_audit.contract.terms.compensation import Compensation
from sla_audit.errors import InputError
from sla_audit.intake.facts.holidays import read_holidays
from sla_audit.intake.notices import unfinished
from sla_audit.judge import availability
from sla_audit.judge.allocation.allocate import AllocatedCounts, AuditScope
from sla_audit.judge.awards import FOR_BASE, share_of
from sla_audit.judge.breakdown.waterfall import STEP, ending_under, waterfall
from sla_audit.judge.classification.rules import CLASSES
from sla_audit.judge.intervals.counted import intervals_in
from sla_audit.judge.verdicts import judge, rule
from sla_audit.model.calendar import WorkingDays
from sla_audit.model.cycle import ServiceCycle
from sla_audit.model.facts import Exclusion, Facts
from sla_audit.model.instant import midnight
from sla_audit.model.verdicts import EXACT_RATE, Judgement
from sla_audit.report.document import amount, asserted, rate
from sla_audit.report.explanation import Ended, ExplainedDay, Explanation, NearestTier, Period, Step, Verdict, WhatIf
from sla_audit.tally.engine import Progress
from sla_audit.tally.slots import SlotGrid

_NOTICE = timedelta(microseconds=1)
_LOST_PLACES = 6
_ORDER = ("excluded", "success", "explicit_failure")


def explain(request: Request, account: str, progress: Progress | None = None) -> Explanation:
    """Explain the verdict of an account for the one cycle of `request.period`.

    Raises `InputError` for whatever the user can mend, such as an account that is not there.
    """
    facts, _ = facts_and_keys(request, account)
    return explained(count_for(request, account, facts, progress), request)


def count_for(
    request: Request, account: str, facts: Facts, progress: Progress | None = None, rows: Traced | None = None
) -> OneAccount:
    """Count what an explanation rests on, besides facts; some `rows` may be kept. Raises `InputError`."""
    read_holidays(request.holidays, request.forms.holidays)  # so that mistakes in it are told before logs are counted
    grid = SlotGrid(request.contract.zone, windows=facts.windows(), step=step_of(request.contract))
    return count_one(request, account, facts, grid, rows, progress)


def explained(case: OneAccount, request: Request, working_days: WorkingDays | None = None) -> Explanation:
    """Explain the verdict of an account that was counted. Raises `InputError` where it has none.

    `working_days` are those of the holidays file of the request, unless they are given.
    """
    contract, of_cycle, scope, own = case.contract, case.cycle, case.scope, case.own
    case_with, account = case.allocated, case.account
    working_days = working_days or read_holidays(request.holidays, request.forms.holidays)

    allocated = case_with(own)
    judgement = judge(allocated, contract, own, scope, working_days)
    if not judgement.cycles.height:
        raise case.no_result()

    cycle = judgement.cycles.row(0, named=True)
    verdicts = _by_reading(judgement.verdicts)
    in_force = _verdict(verdicts[request.reading])
    said = {"account_id": account, "cycle": str(of_cycle)}
    said |= {name: getattr(in_force, name) for name in ("decision", "reason", "compensation")}
    parts = waterfall(allocated, contract, request.reading)
    touching = [exclusion for exclusion in own.exclusions if _touches(exclusion, of_cycle, contract)]
    return Explanation(
        contract=contract.identity,
        reading=request.reading,
        as_of=request.as_of,
        currency=contract.unit_owed,
        account_id=account,
        cycle=str(of_cycle),
        cycle_start=cycle["cycle_start"],
        cycle_end=cycle["cycle_end"],
        plan=cycle["plan"],
        periods=tuple(Period(**each) for each in cycle["periods"] or ()),
        verdict=in_force,
        outside_service=allocated.rows["outside_cycle"],
        steps=tuple(_steps(parts, allocated, ending_under(contract))),
        **_rate(verdicts[request.reading], contract, request.reading),
        **_intervals(judgement.cycles, verdicts[request.reading], contract.under(request.reading)),
        **_amount(cycle, verdicts[request.reading], contract.under(request.reading)),
        exclusions=tuple(_what_ifs(case_with, judgement, contract, own, scope, touching)),
        untouched=len(case.all_facts.exclusions) - len(touching),
        readings={name: _verdict(verdict) for name, verdict in verdicts.items()},
        days=tuple(_days(parts, cycle)),
        claim=claim_of(said, contract, working_days, request.as_of),
        notices=tuple(unfinished(case.counted.unfinished)),
    )


def _touches(exclusion: Exclusion, cycle: ServiceCycle, contract: Contract) -> bool:
    first, end = (midnight(day, contract.zone) for day in (cycle.first_day, cycle.plus(1).first_day))
    return exclusion.starts_at < end and exclusion.ends_at > first


def _steps(parts: pl.DataFrame, allocated: AllocatedCounts, ending: Sequence[str]) -> list[Step]:
    """List what became of the requests: excluded by clause, then answered, then failed."""
    ids = [finding.exclusion.id for finding in allocated.findings]
    steps = []
    for _, step in parts.sort(*STEP, *ending, nulls_last=True).group_by(*STEP, maintain_order=True):
        endings = step.group_by(*ending, maintain_order=True).agg(pl.col("requests").sum())
        row = step.row(0, named=True)
        steps.append(
            Step(
                class_=row["class"],
                clause=row["clause"],
                exclusion=None if row["exclusion"] is None else ids[row["exclusion"]],
                requests=int(step["requests"].sum()),
                endings=tuple(Ended(**each) for each in endings.iter_rows(named=True)),
            )
        )
    return sorted(steps, key=lambda step: _ORDER.index(step.class_))


def _days(parts: pl.DataFrame, cycle: dict[str, Any]) -> Iterator[ExplainedDay]:
    sums = parts.group_by("day", "class").agg(pl.col("requests").sum())
    number = {(day, kind): requests for day, kind, requests in sums.iter_rows()}
    day = cycle["cycle_start"]
    while day <= cycle["cycle_end"]:
        yield ExplainedDay(day, *(number.get((day, kind), 0) for kind in ("success", "explicit_failure", "excluded")))
        day += timedelta(days=1)


def _rate(verdict: dict[str, Any], contract: Contract, reading: str) -> dict[str, Any]:
    """Give the rate as a fraction, the tier it lies in, and how far its edges are."""
    contract = contract.under(reading)
    kept, total = contract.readings[reading].kept_and_counted(*(verdict[name] for name in CLASSES))
    fewer, more = (None, None) if contract.measure else availability.edges(kept, total, contract)
    tier = None if verdict["tier"] is None or verdict["tier"] < 0 else contract.compensation.tiers[verdict["tier"]]
    return {
        "kept": None if contract.measure else kept,
        "total": None if contract.measure else total,
        "tier_from": None if tier is None else f"{tier.from_:f}",
        "tier_below": None if tier is None else f"{tier.below:f}",
        "fewer": None if fewer is None else NearestTier(fewer.failures, f"{fewer.credit_rate:f}"),
        "more": None if more is None else NearestTier(more.failures, f"{more.credit_rate:f}"),
    }


def _intervals(cycles: pl.DataFrame, verdict: dict[str, Any], contract: Contract) -> dict[str, Any]:
    """Give how many intervals the cycle has, and how many of them are lost, where these are measured."""
    if contract.measure is None or verdict["measured_total"] is None:
        return {}
    kept, total = (int(verdict[name]) for name in EXACT_RATE)
    many = intervals_in(cycles, contract)[0] if contract.measure.bad is None else total
    millionths = (total - kept) * many * 10**_LOST_PLACES // total
    return {"intervals": many, "intervals_lost": f"{Decimal(millionths).scaleb(-_LOST_PLACES).normalize():f}"}


def _amount(cycle: dict[str, Any], verdict: dict[str, Any], contract: Contract) -> dict[str, Any]:
    """Give the bill, and what is owed before cap and rounding, where a tier owes."""
    share: Decimal | None = None
    if verdict["tier"] is not None and verdict["tier"] >= 0:
        share = _share(cycle, verdict, contract.compensation)
    return {
        "service_fee": amount(cycle["service_fee"]),
        "cash_paid": amount(cycle["cash_paid"]),
        "calls_bought": cycle["calls_bought"],
        "hourly_fee": amount(cycle["hourly_fee"]),
        "fault_minutes": verdict["fault_minutes"] if contract.measure and contract.measure.bad else None,
        "share": amount(share),
    }


def _share(cycle: dict[str, Any], verdict: dict[str, Any], terms: Compensation) -> Decimal | None:
    """Give the rate of the tier times the base; None where the bill is not known."""
    said = cycle | verdict
    found = [said[name] for name in FOR_BASE[terms.base]]
    return None if None in found else share_of(terms, terms.tiers[verdict["tier"]].rate, *found)


def _what_ifs(
    case_with: Callable[[Facts], AllocatedCounts],
    judgement: Judgement,
    contract: Contract,
    facts: Facts,
    scope: AuditScope,
    touching: list[Exclusion],
) -> Iterator[WhatIf]:
    """Judge again without each exclusion that was applied, and with each that was refused for want of notice."""
    for at, finding in enumerate(judgement.exclusions):
        exclusion = finding.exclusion
        if exclusion not in touching:
            continue
        others = list(facts.exclusions)
        if finding.state == "applied":
            del others[at]
        else:
            others[at] = replace(exclusion, notified_at=exclusion.starts_at - _NOTICE)
        otherwise = replace(facts, exclusions=tuple(others))
        verdict: Verdict | None = None
        with suppress(InputError):  # a tally has added up what this depends on
            ruling = rule(case_with(otherwise), contract, otherwise, scope)
            verdict = _verdict(_by_reading(ruling.verdicts)[scope.reading])
        yield WhatIf(
            exclusion.id,
            exclusion.clause,
            finding.state,
            finding.requests,
            finding.requests_alone,
            verdict,
            finding.reason,
            asserted(exclusion, contract.zone),
        )


def _by_reading(verdicts: Mapping[str, pl.DataFrame]) -> dict[str, dict[str, Any]]:
    """Give the verdicts of the one cycle by reading, rates as the report writes them."""
    return {
        name: verdict.with_columns(success_rate=rate(pl.col("success_rate"))).row(0, named=True)
        for name, verdict in verdicts.items()
    }


def _verdict(row: dict[str, Any]) -> Verdict:
    return Verdict(
        success=row["success"],
        explicit_failure=row["explicit_failure"],
        excluded=row["excluded"],
        success_rate=row["success_rate"],
        credit_rate=row["credit_rate"],
        decision=row["decision"],
        reason=row["reason"],
        compensation=amount(row["compensation"]),
        capped=row["capped"],
    )
