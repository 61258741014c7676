"""What an agreement measures and promises, in words."""

from __future__ import annotations

from collections.abc import Iterator

from sla_audit.contract.model import Contract
from sla_audit.contract.terms.measure import Bad, Measure, Objective, Run
from sla_audit.report.language import Words
from sla_audit.report.numbers import percent
from sla_audit.sentence import to_say

INTERVALS = {"1min": to_say("1 minute"), "5min": to_say("5 minutes"), "1h": to_say("1 hour")}
_KINDS = {
    "mean_of_intervals": to_say("1 less the mean of the failure rates of all intervals of {interval}"),
    "share_of_time": to_say("the share of time, in intervals of {interval}, in which no fault was"),
}


def measure_of(contract: Contract, words: Words) -> str:
    """Say what the rate is."""
    if contract.measure is None:
        return words.of(to_say("answers over counted requests"))
    return words.say(_KINDS[contract.measure.kind], interval=words.of(INTERVALS[contract.measure.interval]))


def promised(objective: Objective, words: Words) -> str:
    """Write the rate that is promised; where that alone misses it, say so."""
    rate = percent(str(objective.success_rate))
    return words.say(to_say("more than {rate} %") if objective.strict else to_say("{rate} %"), rate=rate)


def faults_of(measure: Measure, words: Words) -> Iterator[str]:
    """Say when an interval is bad, and when bad ones count: of a share of time; of others nothing."""
    if measure.bad is not None:
        yield words.say("a fault: an interval in which {bad}", bad=_bad(measure.bad, words))
        yield from _run(measure.run, words)


def _bad(bad: Bad, words: Words) -> str:
    if bad.rate_over is not None:
        said = words.say("more than {rate} % of the requests failed", rate=percent(str(bad.rate_over)))
    elif bad.failures_from is not None:
        said = words.count_of(
            bad.failures_from,
            "{count:,} request or more failed",
            "{count:,} requests or more failed",
            count=bad.failures_from,
        )
    else:
        said = words.of("all requests failed")
    if bad.least_requests == 1:
        return said
    return words.say("{said}, of {least:,} or more", said=said, least=bad.least_requests)


def _run(run: Run, words: Words) -> Iterator[str]:
    if run.intervals_from > 1:
        yield words.say("it counts from {count:,} such intervals in a row on", count=run.intervals_from)
    if run.least_requests:
        yield words.say("with {least:,} requests or more in the row", least=run.least_requests)
    if run.intervals_from > 1 or run.least_requests:
        over = to_say("a row goes on over the edges of months")
        yield words.of(over if run.over_cycle_edges == "joined" else to_say("a row is cut at the edges of months"))
