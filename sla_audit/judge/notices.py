"""What a reader of the report should know besides the figures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

import polars as pl

from sla_audit.contract.model import Contract
from sla_audit.contract.terms.compensation import Compensation
from sla_audit.judge.availability import credit_tier
from sla_audit.judge.classification.rules import CLASSES
from sla_audit.judge.completeness.logged_notices import logged_notices
from sla_audit.model.cycle_lengths import CycleLength
from sla_audit.model.facts import Facts
from sla_audit.model.notice import Notice, Value, in_a_row
from sla_audit.model.verdicts import Judgement, Owed
from sla_audit.sentence import to_say

_NEVER = Notice("exclusion {exclusion} is refused under clause 2.7.1 ({clause}): it was not announced", "fact")
_LATE = Notice(
    "exclusion {exclusion} is refused under clause 2.7.1 ({clause}): it was announced no earlier than it began", "fact"
)
REFUSALS = frozenset({_NEVER.text, _LATE.text})
"""Why an exclusion is refused: a report does not say of which of them."""


def notices(
    judgement: Judgement, contract: Contract, facts: Facts, reading: str, as_of: date, rejected: int
) -> list[Notice]:
    """Say, in a fixed order, what was assumed, refused or left open in a judgement of a day.

    `rejected` rows of the logs could not be read, and are in no count.
    """
    return [
        *_missing_facts(facts, contract),
        *logged_notices(judgement.logged, judgement.metering, as_of, contract.cycle.length),
        *_refused_exclusions(judgement),
        *_rejected_rows(judgement, contract, reading, rejected),
        *_outside_service(judgement),
        *_judged_for_paid_days(judgement, contract),
        *_before_the_agreement(judgement, contract),
        *_after_the_agreement(judgement, contract),
        *_provisional_claims(judgement),
        *_readings_differ(judgement, contract),
    ]


_NO_ACCOUNTS: Mapping[CycleLength, str] = {
    "month": to_say("no accounts file: every account is taken as paid and in service for the whole month"),
    "quarter": to_say("no accounts file: every account is taken as paid and in service for the whole quarter"),
}
_PAID_DAYS: Mapping[CycleLength, str] = {
    "month": to_say(
        "a month in which an account pays on some days and is on a free plan on others is judged for the days on "
        "which it pays: {results} of the results"
    ),
    "quarter": to_say(
        "a quarter in which an account pays on some days and is on a free plan on others is judged for the days on "
        "which it pays: {results} of the results"
    ),
}


def _missing_facts(facts: Facts, contract: Contract) -> Iterator[Notice]:
    if facts.accounts is None:
        yield Notice(_NO_ACCOUNTS[contract.cycle.length], "fact")
    if facts.billing is None and contract.facts:
        yield Notice("no billing file: compensation cannot be determined for any account", "fact")


def _refused_exclusions(judgement: Judgement) -> Iterator[Notice]:
    for finding in judgement.exclusions:
        exclusion = finding.exclusion
        if finding.state == "refused":
            values: dict[str, Value] = {"exclusion": repr(exclusion.id), "clause": exclusion.clause}
            yield (_NEVER if exclusion.notified_at is None else _LATE).having(**values)


def _rejected_rows(judgement: Judgement, contract: Contract, reading: str, rejected: int) -> Iterator[Notice]:
    """Say how many verdicts the rejected rows could change: had all been of one cycle, and failed, or been answered."""
    if not rejected:
        return
    in_force, contract = judgement.verdicts[reading], contract.under(reading)
    rows = Notice("the {rejected} rows that could not be read", rejected=rejected)
    if rejected == 1:
        rows = Notice("the row that could not be read")
    if contract.measure is not None and in_force.height:
        # Which intervals they are of is not known.
        yield Notice("{rows} might change what results would earn: mend the log before money moves", "money", rows=rows)
        return
    kept, counted = contract.readings[reading].kept_and_counted(*map(pl.col, CLASSES))
    total = counted + rejected
    others = [credit_tier(each, total, contract).ne_missing(pl.col("tier")) for each in (kept, kept + rejected)]
    if not contract.compensation.is_share:
        others.append(pl.col("tier") >= 0)  # each failure more is owed for
    changed = in_force.filter(pl.any_horizontal(others)).height
    if changed == 1:
        yield Notice(
            "{rows} might change what 1 result would earn: mend the log before money moves", "money", rows=rows
        )
    elif changed:
        yield Notice(
            "{rows} might change what {results} results would earn: mend the log before money moves",
            "money",
            rows=rows,
            results=changed,
        )
    else:
        yield Notice("{rows} could change no result", "info", rows=rows)


def _outside_service(judgement: Judgement) -> Iterator[Notice]:
    requests = judgement.rows["outside_cycle"]
    if requests:
        yield Notice(
            "{requests} requests fall on days on which their account was not in service; they are not counted",
            "fact",
            requests=requests,
        )


def _judged_for_paid_days(judgement: Judgement, contract: Contract) -> Iterator[Notice]:
    if "free" not in contract.compensation.uncompensated_plans:
        return  # all days are judged
    other = pl.element().struct.field("plan")
    plans = judgement.cycles["periods"].list.eval(other).list.n_unique().fill_null(1)
    results = int((plans > 1).sum())
    if results:
        yield Notice(_PAID_DAYS[contract.cycle.length], "info", results=results)


def _before_the_agreement(judgement: Judgement, contract: Contract) -> Iterator[Notice]:
    early = [cycle for cycle in judgement.claims if cycle < str(contract.cycles.of(contract.effective_from))]
    if early:
        yield Notice(
            "{cycles}: before {day}, the earliest day the contract file {contract} is known to be in force",
            "fact",
            cycles=in_a_row(early),
            day=contract.effective_from.isoformat(),
            contract=repr(contract.id),
        )


def _after_the_agreement(judgement: Judgement, contract: Contract) -> Iterator[Notice]:
    last = contract.effective_to
    late = [] if last is None else [cycle for cycle in judgement.claims if cycle > str(contract.cycles.of(last))]
    if late and last is not None:
        yield Notice(
            "{cycles}: after {day}, the last day on which the contract file {contract} is in force",
            "money",
            cycles=in_a_row(late),
            day=last.isoformat(),
            contract=repr(contract.id),
        )


def _provisional_claims(judgement: Judgement) -> Iterator[Notice]:
    cycles = [cycle for cycle, claim in judgement.claims.items() if claim.calendar == "provisional"]
    if cycles:
        yield Notice(
            "claim windows of {cycles} are provisional: the official holidays are not known yet",
            "fact",
            cycles=in_a_row(cycles),
        )


def _readings_differ(judgement: Judgement, contract: Contract) -> Iterator[Notice]:
    """Say where the open question of the text, what "no response" means, moves money."""
    differing = int(judgement.differing.sum())
    if differing:
        by_reading = judgement.totals.by_reading
        sums = [_sum(name, by_reading[name], contract.under(name).compensation) for name in contract.readings]
        values: dict[str, Value] = {"results": differing, "sums": in_a_row(sums)}
        if differing == 1:
            yield Notice("the readings of clause 2.7.1 differ on {results} result; totals: {sums}", "money", **values)
        else:
            yield Notice("the readings of clause 2.7.1 differ on {results} results; totals: {sums}", "money", **values)


def _sum(reading: str, owed: Owed, terms: Compensation) -> Notice:
    if owed.compensation is None:
        return Notice("{reading} unknown", reading=Notice(reading))
    places = 2 if terms.is_money else max(0, -int(terms.quantum.as_tuple().exponent))
    values: dict[str, Value] = {"reading": Notice(reading), "amount": f"{owed.compensation:,.{places}f}"}
    if owed.undetermined:
        return Notice("{reading} at least {amount}", **values)
    return Notice("{reading} {amount}", **values)
