"""Content flags, and the results of whose requests many are flagged."""

from __future__ import annotations

from collections.abc import Iterator

from sla_audit.contract.terms.classes import Condition
from sla_audit.judge.breakdown.flagged import is_often, worst_first
from sla_audit.model.flags import Flagged
from sla_audit.model.notice import Notice
from sla_audit.report.document import WORST
from sla_audit.sentence import Message, Sentence, to_say
from sla_audit.verification.context import CheckContext, Unverifiable, in_order

_FLAGS = Unverifiable(
    ("content_flags[].value", "content_flags[].rows", "content_flags[].flagged"), Notice("the content flags")
)
_OFTEN = Unverifiable(
    ("often_flagged.results", "often_flagged.worst[].flagged"), Notice("how many requests of an account are flagged")
)


def faults(context: CheckContext) -> Iterator[tuple[Message, Message]]:
    """Say which flags cannot be, and which results are not those that are often flagged."""
    report, read = context.report, context.report.rows["read"]
    flags = report.content_flags or ()
    if len({(flag.value, flag.flagged) for flag in flags}) < len(flags):
        yield "", to_say("content_flags has a value twice")
    if sum(flag.rows for flag in flags) > read:
        yield "", Sentence("content_flags are of more than the {read} rows", read=read)
    if not in_order((flag.value is None, -flag.rows, flag.value or "", flag.flagged) for flag in flags):
        yield "", to_say("content_flags do not begin with the most frequent")
    often, expected = report.often_flagged, often_flagged(context)
    if often is None:
        return
    worst = tuple(Flagged(each.account_id, each.cycle, each.requests, each.flagged) for each in often.worst)
    if len(worst) != min(often.results, WORST) or list(worst) != worst_first(worst):
        yield (
            "",
            Sentence(
                "often_flagged.worst has {count} of {results} results, or not in their order",
                count=len(worst),
                results=often.results,
            ),
        )
    if expected is not None and (often.results, worst) != (len(expected), expected[:WORST]):
        yield "", to_say("often_flagged is not what the requests left out for illegal content make")
    requests = {(result.account_id, result.cycle): result.requests for result in report.results}
    for each in worst:
        if each.requests != requests.get((each.account_id, each.cycle)) or not is_often(each):
            yield (
                "",
                Sentence(
                    "often_flagged.worst has {flagged} of {requests} requests of {account_id!r}",
                    flagged=each.flagged,
                    requests=each.requests,
                    account_id=each.account_id,
                ),
            )


def as_said(context: CheckContext) -> Iterator[Unverifiable]:
    """Name what only the logs show."""
    if context.report.content_flags:
        yield _FLAGS
    often = context.report.often_flagged
    if often is not None and often.worst and often_flagged(context) is None:
        yield _OFTEN


def often_flagged(context: CheckContext) -> tuple[Flagged, ...] | None:
    """List what `flagged.often_flagged` did; None where the results do not tell how many requests are flagged.

    They do where the first rule of the contract leaves flagged requests out, and nothing else does by its clause.
    """
    contract, report = context.contract, context.report
    if not any(rule.when.content_flag for rule in contract.classification):
        return ()
    first, *others = contract.classification
    by_rules = {rule.cause for rule in others}
    by_exclusions = {each.clause for each in report.exclusions if each.requests}
    if first.when != Condition(content_flag=True) or first.cause in by_rules | by_exclusions:
        return None
    found = (
        Flagged(result.account_id, result.cycle, result.requests, result.excluded.by_clause.get(str(first.cause), 0))
        for result in report.results
    )
    return tuple(worst_first(each for each in found if is_often(each)))
