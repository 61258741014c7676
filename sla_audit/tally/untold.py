"""What tallies of an earlier version do not tell, for the reader of a report."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sla_audit.contract.notice import Notice, Value, in_a_row
from sla_audit.tally.tally_file import TallyFile

_SHOWN = 3


def untold(tallies: Sequence[TallyFile]) -> Iterator[Notice]:
    """Say which tallies lack what a log has, and what that is."""
    statuses = [tally.shown for tally in tallies if tally.lost_statuses]
    if statuses:
        yield Notice(
            "tallies of an earlier version do not have the status where a gateway said that the service did not "
            "answer: {paths}",
            paths=_some(statuses),
        )
    changes = [tally.shown for tally in tallies if not tally.is_sealed]
    if changes:
        yield Notice(
            "tallies of an earlier version have no digest, so that it cannot be told whether they were changed: "
            "{paths}",
            paths=_some(changes),
        )
    flags = [tally.shown for tally in tallies if tally.lost_flags]
    if flags:
        yield Notice(
            "tallies of an earlier version do not tell which content flags their logs have: {paths}", paths=_some(flags)
        )


def _some(paths: Sequence[str]) -> Value:
    named = in_a_row(paths[:_SHOWN])
    more = len(paths) - _SHOWN
    return Notice("{paths} and {more} more", paths=named, more=more) if more > 0 else named
