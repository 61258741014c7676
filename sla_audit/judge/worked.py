"""The worked examples of a contract, judged as logs are: what a hand computed against what the program finds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

import polars as pl

from sla_audit.contract.model import Contract
from sla_audit.contract.terms.durations import microseconds_of
from sla_audit.contract.terms.example import Ended, Example
from sla_audit.contract.terms.reading import Reading
from sla_audit.judge.allocation.allocate import AuditScope, allocate
from sla_audit.judge.verdicts import judge
from sla_audit.model.cycle import ServiceCycle
from sla_audit.model.facts import Facts
from sla_audit.model.instant import microseconds, midnight, moment
from sla_audit.model.tally import OUTCOME, OUTCOME_FIELDS, SLOT, Tally
from sla_audit.sentence import Message, Sentence

_ACCOUNT = "example"
_ANSWERED = 200
_LONG_AFTER = 3  # cycles: it has ended, whatever its claim window is
_SINCE = date(1970, 1, 1)
_SECOND = 1_000_000


class Worked(NamedTuple):
    """An example by its name, and what became of it: the differences from what a hand computed, none where it holds."""

    name: str
    differences: tuple[Message, ...]


class _Ending(NamedTuple):
    """How requests ended, in columns of an outcome."""

    status: int | None
    error_code: str | None = None
    took_over: int | None = None
    repeated: bool = False


class _Count(NamedTuple):
    """So many requests of a sub-unit in a slot, of which some failed, and of these some were `repeated`."""

    slot: tuple[int, int]
    unit: str | None
    requests: int
    failures: int
    repeated: int
    failed: _Ending


def work_out(contract: Contract, examples: Sequence[Example]) -> Iterator[Worked]:
    """Judge each example by itself, under a contract."""
    for example in examples:
        yield Worked(example.name, tuple(_differences(example, contract)))


def _differences(example: Example, contract: Contract) -> Iterator[Message]:
    reading = example.reading or contract.default_reading
    if reading not in contract.readings:
        yield Sentence("{reading!r} is not one of the readings", reading=reading)
        return
    kind = contract.cycles
    cycle = kind.parse(example.cycle)
    tally = tally_of(example, contract, contract.readings[reading], cycle)
    touched = [kind.of(moment(starts_at, contract.zone).date()) for starts_at in tally.slots["starts_at"]]
    cycles = min([cycle, *touched]).until(max([cycle, *touched]))
    facts = facts_of(example, contract, cycle)
    scope = AuditScope(cycles, (), cycle.plus(_LONG_AFTER).first_day, reading)
    judgement = judge(allocate(tally, contract, facts, scope), contract, facts, scope)
    at = judgement.cycles["cycle"].to_list().index(example.cycle)
    verdict = judgement.verdicts[reading].row(at, named=True)
    window = judgement.claims[example.cycle]
    judged = verdict["reason"] not in {"partial_cycle", "few_requests"}
    if judged != example.judged:
        said = Sentence("is judged: {reason}", reason=verdict["reason"])
        yield said if judged else Sentence("is not judged: {reason}", reason=verdict["reason"])
    elif judged:
        found = f"{Decimal(verdict['success_rate'] or 0).scaleb(-6):.6f}"
        if found != example.rate:
            yield Sentence("the rate is {found}; worked out by hand: {right}", found=found, right=example.rate)
    if verdict["compensation"] != example.owed:
        yield Sentence(
            "owed is {found} ({reason}); worked out by hand: {right}",
            found="?" if verdict["compensation"] is None else f"{verdict['compensation']:f}",
            reason=verdict["reason"],
            right=f"{example.owed:f}",
        )
    for name in ("opens_on", "closes_on"):
        right = getattr(example, name)
        if right is not None and right != getattr(window, name):
            said = Sentence("the claim {name} {found}", name=name, found=getattr(window, name))
            yield Sentence("{said}; worked out by hand: {right}", said=said, right=right)


def facts_of(example: Example, contract: Contract, cycle: ServiceCycle) -> Facts:
    """Give the bill that the example states, and the days of service."""
    stated = {name: getattr(example.facts, name) for name in contract.facts}
    billing = None
    if all(value is not None for value in stated.values()):
        kinds = {name: pl.Int64() if name == "calls_bought" else pl.Decimal(38, 6) for name in stated}
        keys = {"account_id": _ACCOUNT, "cycle": str(cycle)}
        billing = pl.DataFrame([keys | stated], schema={**dict.fromkeys(keys, pl.String()), **kinds})
    accounts = pl.DataFrame(
        [(_ACCOUNT, example.facts.plan, example.first_day or _SINCE, example.last_day)],
        schema={"account_id": pl.String, "plan": pl.String, "applied_on": pl.Date, "expires_on": pl.Date},
        orient="row",
    )
    return Facts(accounts=accounts, billing=billing)


def tally_of(example: Example, contract: Contract, reading: Reading, cycle: ServiceCycle) -> Tally:
    """Count what an example says was logged: what is spread over its cycle as of one day, the rest by interval."""
    zone = contract.zone
    first = example.first_day or cycle.first_day
    day = microseconds(midnight(first, zone))
    rest = (day, day + 86_400 * _SECOND)
    answered = _Ending(_ANSWERED)
    failed = _ending_of(example.ended, reading, contract)
    counts = [_Count(rest, unit, 1, 0, 0, failed) for unit in example.silent_units]
    counts += [_Count(rest, example.api, example.requests, example.failures, example.repeated, failed)]
    if contract.measure is not None:
        step = contract.measure.step.total_seconds() * _SECOND
        for some in example.intervals:
            at = microseconds(some.at.replace(tzinfo=zone))
            for number in range(some.count):
                start = at + number * int(step)
                slot, unit = (start, start + int(step)), some.of or example.api
                ended = failed if some.ended is None else _ending_of(some.ended, reading, contract)
                counts.append(_Count(slot, unit, some.requests, some.failures, some.repeated, ended))
    column = contract.unit.pooled or "api"
    rows = [
        (each.slot, (each.unit, ending), requests)
        for each in counts
        for ending, requests in (
            (each.failed, each.failures - each.repeated),
            (each.failed._replace(repeated=True), each.repeated),
            (answered, each.requests - each.failures),
        )
        if requests
    ]
    slots = {slot: at for at, slot in enumerate(dict.fromkeys(slot for slot, _, _ in rows))}
    outcomes = {outcome: at for at, outcome in enumerate(dict.fromkeys(outcome for _, outcome, _ in rows))}
    silent = {name: field.absent for name, field in OUTCOME_FIELDS.items()}
    return Tally(
        pl.DataFrame({"account_id": [_ACCOUNT]}),
        pl.DataFrame(list(slots), schema=SLOT, orient="row"),
        pl.DataFrame([silent | ending._asdict() | {column: unit} for unit, ending in outcomes], schema=OUTCOME),
        pl.DataFrame(
            [(0, slots[slot], outcomes[outcome], requests) for slot, outcome, requests in rows],
            schema=Tally.empty().counts.schema,
            orient="row",
        )
        .group_by("account", "slot", "outcome")
        .agg(pl.col("requests").sum()),
    )


def _ending_of(ended: Ended | None, reading: Reading, contract: Contract) -> _Ending:
    """Say how failures ended: as an example says, or else as one does that is a failure under the reading."""
    if ended is not None:
        took = 0 if ended.took is None else microseconds_of(ended.took)
        over = max((limit for limit in contract.limits if limit < took), default=None)
        return _Ending(None if ended.status == "none" else ended.status, ended.error_code, over)
    statuses = reading.explicit_failure
    if reading.error_codes is None or statuses.none or statuses.codes:
        return _Ending(None if statuses.none else min(statuses.codes))
    return _Ending(_ANSWERED, reading.error_codes[0])
