"""How requests ended, in words: the status as logged, and the gateway's word that the service did not answer."""

from __future__ import annotations

from sla_audit.contract.terms.durations import written
from sla_audit.output.escape import for_terminal
from sla_audit.report.language import Words
from sla_audit.sentence import to_say


def how_it_ended(
    status: int | None,
    no_answer: bool | None,
    words: Words,
    error_code: str | None = None,
    took_over: int | None = None,
) -> str:
    """Say how a request ended: with which code, and over which limit, where the agreement asks for these.

    A `no_answer` of None, which only comes without a status: a tally does not tell whether there was one.
    """
    said = _answered(status, no_answer, words)
    if error_code is not None:
        said = words.say("{ending}, code {code}", ending=said, code=for_terminal(error_code))
    if took_over is not None:
        said = words.say("{ending}, after more than {limit}", ending=said, limit=written(took_over))
    return said


def _answered(status: int | None, no_answer: bool | None, words: Words) -> str:
    if no_answer is None:
        return words.of(to_say("no status, or one that the tally does not tell"))
    if status is None:
        return words.of(to_say("no status"))
    if no_answer:
        return words.say("{status}, no answer from the service", status=status)
    return str(status)
