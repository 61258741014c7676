"""What is read once more when all was counted, whichever engine did: steps, duplicates, what came too soon."""

from __future__ import annotations

from collections.abc import Sequence

from sla_audit.tally.dedup.detect import Part, Search
from sla_audit.tally.dedup.taking_out import IDS_AT_ONCE, Looks, without_duplicates
from sla_audit.tally.engine import Count
from sla_audit.tally.intervals.whole import with_whole_steps
from sla_audit.tally.planner import Ask, Fragment
from sla_audit.tally.repeats.found import Errors, with_repeated


def looked_again(
    count: Count, fragments: Sequence[Fragment], search: Search, ask: Ask, looks: Looks, most_ids: int = IDS_AT_ONCE
) -> Count:
    """Count by steps what is to be, take duplicates out, and tell repeated requests from others.

    Errors are looked at before duplicates, since of these only those near errors matter afterwards. Raises `InputError`
    where the logs do not hold what was counted.
    """
    parts = _parts(count, fragments, ask)
    count, kept = with_whole_steps(count, parts, ask, looks)
    errors = Errors.of(count, parts, ask, looks)
    near = None if errors is None else errors.near
    count = without_duplicates(count, search, ask, looks, most_ids, kept=kept, near=near)
    return with_repeated(count, errors, parts, ask, looks, kept)


def _parts(count: Count, fragments: Sequence[Fragment], ask: Ask) -> list[Part]:
    """Give the parts of logs that were read, where some may be read again for more than duplicates."""
    if ask.may_fail is None and ask.repeating is None:
        return []
    return [
        Part(number, fragment, account.rows)
        for number, (fragment, account) in enumerate(zip(fragments, count.accounts, strict=True))
        if not fragment.stays and not _was_passed_over(fragment, ask)
    ]


def _was_passed_over(fragment: Fragment, ask: Ask) -> bool:
    return fragment.times is not None and fragment.rows is not None and ask.passes_over(*fragment.times)
