"""The numbers of a contract for a person at a terminal: what is promised and measured, what is owed, when to claim."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from sla_audit.contract.model import Contract
from sla_audit.contract.terms.compensation import Compensation
from sla_audit.model.statuses import NO_STATUS
from sla_audit.output.escape import for_terminal
from sla_audit.report.agreement import closing, opening
from sla_audit.report.language import Words
from sla_audit.report.measuring import faults_of, measure_of
from sla_audit.report.numbers import percent
from sla_audit.report.owing import BASES, FORMS, credit_of, limit_of, owed_below, owing_tiers
from sla_audit.report.repeating import repeats_of
from sla_audit.sentence import to_say

_PARTIAL = {
    "not_judged": to_say("A month that is not whole is not judged."),
    "as_whole": to_say("A month that is not whole is judged over the days of the whole month."),
}
_ENDS = {
    "success": to_say("a success"),
    "explicit_failure": to_say("an explicit failure"),
    "excluded": to_say("left out"),
}
_FIGURE = 8


def edition(contract: Contract, words: Words) -> Iterator[str]:
    """Say until when it was in force, and when it was read, where that is known."""
    if contract.effective_to is not None:
        yield words.say("until {day}", day=contract.effective_to)
    if contract.read_on is not None:
        yield words.say("read on {day}", day=contract.read_on)


def numbers(contract: Contract, words: Words) -> Iterator[str]:
    """Give the lines: what is as in the first agreement is not said."""
    objective = to_say("Objective ({clause}): success rate of at least {objective} % per calendar month, {time_zone}")
    if contract.objective.strict:
        objective = to_say(
            "Objective ({clause}): success rate of more than {objective} % per calendar month, {time_zone}"
        )
    yield words.say(
        objective,
        clause=contract.objective.clause,
        objective=percent(str(contract.objective.success_rate)),
        time_zone=words.of(contract.time_zone),
    )
    yield from _measured(contract, words)
    yield from _unit(contract, words)
    if contract.repeats is not None:
        same, *waits = repeats_of(contract.repeats, words)
        yield words.say("Repeated ({clause}): {same}", clause=contract.repeats.clause, same=same)
        yield f"  {words.joined(waits)}"
    yield from _owed(contract, words)
    yield from _claims(contract, words)
    yield from _readings(contract, words)
    yield from _rules(contract, words)
    if contract.examples:
        examples = len(contract.examples)
        said = to_say("Worked by hand: {count} examples, which sla-audit contract test runs")
        yield words.say(said, count=examples)


def _measured(contract: Contract, words: Words) -> Iterator[str]:
    if contract.measure is not None:
        said = to_say("Measured ({clause}): {measured}")
        yield words.say(said, clause=contract.measure.clause, measured=measure_of(contract, words))
        yield from (f"  {words.joined(faults)}" for faults in [list(faults_of(contract.measure, words))] if faults)


def _unit(contract: Contract, words: Words) -> Iterator[str]:
    unit = contract.unit
    if unit.apart:
        yield words.say("Judged apart, within an account: by {columns}", columns=words.listed(unit.apart))
    if unit.pooled is not None:
        yield words.say("Intervals are those of each {column}, and are added up", column=unit.pooled)
    if unit.least_requests:
        yield words.say("A month with fewer than {count:,} requests is not judged.", count=unit.least_requests)
    if contract.cycle.partial in _PARTIAL:
        yield words.of(_PARTIAL[contract.cycle.partial])


def _owed(contract: Contract, words: Words) -> Iterator[str]:
    terms = contract.compensation
    if contract.is_share_of_fee and terms.paid_as == "voucher":
        yield words.say(
            "Compensation ({clause}), {currency}, as a {paid_as}, at most the cash paid:",
            clause=terms.clause,
            currency=contract.currency,
            paid_as=words.of(terms.paid_as),
        )
    else:
        yield words.say(
            "Compensation ({clause}), {currency}, {form}, {cap}; what tiers owe is of {base}:",
            clause=terms.clause,
            currency=contract.unit_owed,
            form=words.of(FORMS[terms.paid_as]),
            cap=limit_of(terms, words),
            base=words.of(BASES[terms.base]),
        )
    yield from _tiers(terms, words)
    if terms.owed_when == "in_a_tier":
        yield words.of("  owed wherever a tier holds the rate, whatever the objective is")
    if terms.overlapping is not None:
        yield words.of("  as printed, tiers overlap: the highest counts")
    if terms.more_than:
        least = words.owing(contract.unit_owed).owed(terms.more_than)
        yield words.say("  no more than {amount} {currency} is not owed", amount=least, currency=contract.unit_owed)
    said = to_say("Rounding: once, half up, to {quantum} {currency}")
    yield words.say(said, quantum=terms.quantum, currency=contract.unit_owed)


def _tiers(terms: Compensation, words: Words) -> Iterator[str]:
    for tier in terms.tiers:
        edges = {"least": percent(str(tier.from_)), "below": percent(str(tier.below))}
        if terms.base == "service_fee":
            said = to_say("  from {least:>3} % to below {below:>3} %: {rate} % of the monthly service fee")
            yield words.say(said, **edges, rate=percent(str(tier.rate)))
        else:
            said = to_say("  from {least:>3} % to below {below:>3} %: {credit}")
            yield words.say(said, **edges, credit=credit_of(f"{tier.rate:f}", terms, words))


def _claims(contract: Contract, words: Words) -> Iterator[str]:
    claim = contract.claim
    said = to_say("Claims ({clause}): from {opening} to {closing}")
    yield words.say(said, clause=claim.clause, opening=opening(claim, words), closing=closing(claim, words))
    if claim.evidence is not None:
        yield words.say("  with: {evidence}", evidence=words.title(claim.evidence))
    if claim.channel is not None:
        yield words.say("  filed by: {channel}", channel=words.title(claim.channel))


def _readings(contract: Contract, words: Words) -> Iterator[str]:
    for name, reading in contract.readings.items():
        said = to_say("Reading {name!r} ({clause}): a failure is {meaning}")
        if name == contract.default_reading:
            said = to_say("Reading {name!r} ({clause}, default): a failure is {meaning}")
        yield words.say(said, name=name, clause=reading.clause, meaning=words.of(reading.meaning))
        if reading.error_codes is not None:
            more = to_say("  whatever the status, with a code like {codes}")
            if reading.explicit_failure == NO_STATUS:
                more = to_say("  by the code alone, one like {codes}")
            yield words.say(more, codes=words.listed(map(for_terminal, reading.error_codes)))
        for path, value in reading.changes.items():
            if not isinstance(value, str | int):
                yield words.say("  there {path} is another", path=path)
            else:
                yield words.say("  there {path} is {value}", path=path, value=value)


def _rules(contract: Contract, words: Words) -> Iterator[str]:
    """Tell the rules that look at codes, and at how long requests took."""
    for number, rule in enumerate(contract.classification, 1):
        when = rule.when
        parts = [
            words.say(text, told=words.listed(map(for_terminal, globs)))
            for text, globs in (
                (to_say("operations like {told}"), when.api),
                (to_say("codes like {told}"), when.error_code),
                (to_say("more than {told}"), when.took_over and (when.took_over,)),
            )
            if globs
        ]
        parts += [words.of(to_say("some statuses alone"))] if when.status is not None else []
        parts += [words.of(to_say("in an accepted exclusion"))] if when.accepted_exclusion else []
        if when.error_code is not None or when.took_over is not None:
            said = to_say("Rule {number}: {parts}: {end}")
            yield words.say(said, number=number, parts=words.joined(parts), end=words.of(_ENDS[rule.class_]))


def picture(contract: Contract, words: Words) -> Iterator[str]:
    """Draw the tiers as a scale from 100 % down: what each owes stands below the rate that it is under."""
    terms, top, words = contract.compensation, owed_below(contract), words.of_cycles(contract)
    promised = contract.objective.success_rate
    owing = owing_tiers(contract)
    edges = sorted({Decimal(1), promised, top, Decimal(0), *(tier.least for tier in owing)}, reverse=True)
    for edge, lower in zip(edges, [*edges[1:], None], strict=True):
        line = f"{percent(str(edge)):>{_FIGURE}} %"
        if edge == promised:
            objective = to_say("{rate} ---- objective, which more than that keeps")
            said = objective if contract.objective.strict else to_say("{rate} ---- objective")
            line = words.say(said, rate=line)
        yield line
        if lower is not None:
            held = next((tier for tier in owing if tier.least <= lower < tier.below), None)
            owes = words.of(to_say("nothing")) if held is None else credit_of(f"{held.rate:f}", terms, words)
            yield f"{'':{_FIGURE}}   | {owes}"
