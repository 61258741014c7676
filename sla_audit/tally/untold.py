"""What tallies of an earlier version do not tell, for the reader of a report."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sla_audit.model.notice import Notice, Value, in_a_row
from sla_audit.tally.saved.tally_file import TallyFile

_SHOWN = 3
_STATUSES = Notice(
    "tallies of an earlier version do not have the status where a gateway said that the service did not answer: "
    "{paths}",
    "info",
)
_CHANGES = Notice(
    "tallies of an earlier version have no digest, so that it cannot be told whether they were changed: {paths}", "fact"
)
_FLAGS = Notice("tallies of an earlier version do not tell which content flags their logs have: {paths}", "info")
OF_THE_TALLIES = {notice.text: notice.grade for notice in (_STATUSES, _CHANGES, _FLAGS)}
"""What only the tallies themselves can tell: see `intake.notices.OF_THE_LOGS`."""


def untold(tallies: Sequence[TallyFile]) -> Iterator[Notice]:
    """Say which tallies lack what a log has, and what that is."""
    for notice, told in (
        (_STATUSES, [tally.shown for tally in tallies if tally.lost_statuses]),
        (_CHANGES, [tally.shown for tally in tallies if not tally.is_sealed]),
        (_FLAGS, [tally.shown for tally in tallies if tally.lost_flags]),
    ):
        if told:
            yield notice.having(paths=_some(told))


def _some(paths: Sequence[str]) -> Value:
    named = in_a_row(paths[:_SHOWN])
    more = len(paths) - _SHOWN
    return Notice("{paths} and {more} more", paths=named, more=more) if more > 0 else named
