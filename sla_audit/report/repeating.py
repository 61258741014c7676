"""What an agreement says of requests that come too soon after errors, in words."""

from __future__ import annotations

from collections.abc import Iterator

from sla_audit.contract.terms.durations import number_and_unit
from sla_audit.contract.terms.repeats import Repeats
from sla_audit.model.statuses import StatusSet
from sla_audit.report.language import Words
from sla_audit.sentence import to_say

_FAMILY = 100


def repeats_of(repeats: Repeats, words: Words) -> Iterator[str]:
    """Say which requests are the same, after which errors they have to wait, and how long."""
    same = to_say("requests of one account that come too soon after an error")
    if repeats.same:
        same = to_say("requests of one account, and of the same {columns}, that come too soon after an error")
    yield words.say(same, columns=words.listed(repeats.same))
    yield words.say("an error: {statuses}", statuses=_listed(repeats.errors, words))
    wait = _long(repeats.wait)
    if repeats.after == "first_error":
        yield words.say("the wait is {wait} from the first error of a row on", wait=wait)
    elif repeats.most_wait is None:
        yield words.say("the wait is {wait} after each error", wait=wait)
    else:
        said = to_say(
            "the wait is {wait} after the first error of a row, {factor} times as long after each next one, "
            "at most {most}"
        )
        yield words.say(said, wait=wait, factor=repeats.factor, most=_long(repeats.most_wait))


def _long(wait: str) -> str:
    return "{} {}".format(*number_and_unit(wait))


def _family(number: int) -> range:
    return range(number * _FAMILY, (number + 1) * _FAMILY)


def _listed(statuses: StatusSet, words: Words) -> str:
    """List statuses, whole families as such."""
    codes = set(statuses.codes)
    families = [number for number in range(1, 6) if codes.issuperset(_family(number))]
    others = sorted(codes.difference(*map(_family, families)))
    named = [*(f"{number}xx" for number in families), *map(str, others)]
    return words.listed([*named, *([words.of(to_say("no status"))] if statuses.none else [])])
