"""Logs that are still written to: a last line that is half written will be read when it is whole."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from sla_audit.errors import Problem
from sla_audit.intake.bytes.compression import packing_of
from sla_audit.intake.read_log import ReadLog
from sla_audit.sentence import to_say


def pass_over_unfinished(
    logs: Sequence[ReadLog],
    last_rows: Mapping[str, int],
    running: tuple[int, int] | None,
    period: tuple[int, int] | None,
) -> tuple[tuple[ReadLog, ...], tuple[str, ...]]:
    """Take half-written last lines for none, where nothing else is wrong in any log; give the paths of their logs too.

    `last_rows` has the time of the last row of each log that has one, `running` is the month that has not ended, None
    where it is not asked for, `period` all that is asked for, None for everything; all in microseconds since 1970,
    stretches half-open. What is packed is not written to any more, nor is a log that ends in an earlier month that is
    asked for: there the line, and perhaps more, is lost, and nothing is passed over.
    """
    unfinished = [log for log in logs if log.unfinished]
    if running is None or not all(log.unfinished == log.rejected.total() for log in logs):
        return tuple(logs), ()
    for log in unfinished:
        last = last_rows.get(log.source.shown)
        has_ended = last is not None and last < running[0] and (period is None or last >= period[0])
        if has_ended or packing_of(log.source.path) is not None:
            return tuple(logs), ()
    return tuple(log.without_unfinished() for log in logs), tuple(log.source.shown for log in unfinished)


def counted_in_part(logs: Sequence[ReadLog], passed_over: Sequence[str]) -> Iterator[Problem]:
    """Say which logs have a last line that was read as a whole row, and is seen by now to have been half written.

    It may have been a row all the same, but of another account: `acme-1` where `acme-12` was meant.
    """
    for log in logs:
        is_known = log.source.shown in passed_over or log.unfinished
        if log.rows and not is_known and log.source.planned.grows and log.source.planned.has_grown_within_a_line():
            found = to_say("changed while it was read: its last line was half written, and read as if it were whole")
            yield Problem(log.source.shown, found, "Run it again.")
