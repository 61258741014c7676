"""How requests ended, in words: the status as logged, and the gateway's word that the service did not answer."""

from __future__ import annotations

from sla_audit.report.language import Words
from sla_audit.sentence import to_say


def how_it_ended(status: int | None, no_answer: bool | None, words: Words) -> str:
    """Say how a request ended.

    A `no_answer` of None, which only comes without a status: a tally does not tell whether there was one.
    """
    if no_answer is None:
        return words.of(to_say("no status, or one that the tally does not tell"))
    if status is None:
        return words.of(to_say("no status"))
    if no_answer:
        return words.say("{status}, no answer from the service", status=status)
    return str(status)
