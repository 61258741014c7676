"""What the other side may argue, and what each argument is worth."""

from __future__ import annotations

from collections.abc import Iterator

from sla_audit.contract.model import Contract
from sla_audit.report.explanation import Explanation, Verdict, WhatIf
from sla_audit.report.language import Words
from sla_audit.report.numbers import percent, rate_percent
from sla_audit.report.owing import credit_of
from sla_audit.sentence import to_say


def arguments(explained: Explanation, contract: Contract, words: Words) -> Iterator[tuple[str, str, str]]:
    """Give each position, what would be owed under it, and its clause."""
    now, read = explained.verdict, contract.under(explained.reading)
    for name, verdict in explained.readings.items():
        if name != explained.reading:
            said = to_say("Explicit failure read as: {meaning} ({result})")
            if not read.is_share_of_fee:
                said = to_say("Read as: {meaning} ({result})")
            said = words.say(
                said,
                meaning=words.of(contract.readings[name].meaning),
                result=_result(now, verdict, contract, words),
            )
            yield said, _owed(verdict, words), contract.readings[name].clause
    for exclusion in explained.exclusions:
        yield (
            _exclusion(exclusion, now, contract, words),
            _owed(exclusion.otherwise, words),
            words.cause_clause(exclusion.clause),
        )
    terms = read.compensation
    if explained.fewer is not None and read.is_share_of_fee:
        said = words.count_of(
            explained.fewer.failures,
            "If {failures:,} of the failures were no failure, {credit} % of the monthly service fee would be owed",
            "If {failures:,} of the failures were none, {credit} % of the monthly service fee would be owed",
            failures=explained.fewer.failures,
            credit=percent(explained.fewer.credit_rate),
        )
        yield said, "", terms.clause
    elif explained.fewer is not None:
        said = words.count_of(
            explained.fewer.failures,
            "If {failures:,} of the failures were no failure, what would be owed is: {credit}",
            "If {failures:,} of the failures were none, what would be owed is: {credit}",
            failures=explained.fewer.failures,
            credit=credit_of(explained.fewer.credit_rate, terms, words),
        )
        yield said, "", terms.clause


def _exclusion(exclusion: WhatIf, now: Verdict, contract: Contract, words: Words) -> str:
    said = to_say("Exclusion {name} is accepted above; without it ({result})")
    if exclusion.state == "refused":
        said = to_say("Exclusion {name} is not accepted, for want of notice; had it been announced in time ({result})")
    result = (
        words.of("not known") if exclusion.otherwise is None else _result(now, exclusion.otherwise, contract, words)
    )
    return words.say(said, name=exclusion.id, result=result)


def _result(now: Verdict, otherwise: Verdict, contract: Contract, words: Words) -> str:
    if otherwise == now:
        return words.of("nothing changes")
    if otherwise.success_rate is None:
        return words.of("nothing counted")
    said = to_say("failed requests {failures:,}, success rate {rate} %")
    if contract.is_share_of_fee:
        said = to_say("explicit failures {failures:,}, success rate {rate} %")
    elif contract.measure is not None:
        said = to_say("failed requests {failures:,}, availability {rate} %")
    return words.say(
        said,
        failures=otherwise.explicit_failure,
        rate=rate_percent(otherwise.success_rate),
    )


def _owed(verdict: Verdict | None, words: Words) -> str:
    return "?" if verdict is None or verdict.compensation is None else words.owed(verdict.compensation)
