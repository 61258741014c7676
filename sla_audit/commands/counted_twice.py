"""Logs that would be counted twice: in two tallies, or in one and by themselves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from sla_audit.errors import Problem
from sla_audit.intake.read_log import ReadLog
from sla_audit.model.log_summary import Beginning, LogSummary
from sla_audit.sentence import Message, Sentence
from sla_audit.tally.saved.head import TallySource
from sla_audit.tally.saved.tally_file import TallyFile

ENOUGH = 1 << 14
"""So many bytes that two texts begin with are no chance: hosts may log the same first rows, as of a probe."""


def counted_twice(logs: Sequence[ReadLog], tallies: Sequence[TallyFile]) -> Iterator[Problem]:
    """Say which logs would be counted twice: in two tallies, or in one and by themselves.

    What logs hold is only known of those behind tallies of this version; of packed ones, once they have been read. A
    text that has grown since is known by what it begins with: by a little where it has the same path, else by much.
    """
    seen: dict[str, str] = {}
    begin = _Beginnings(logs, tallies)
    for log in logs:
        seen |= dict.fromkeys(_known_by(log.fingerprint, log.content_fingerprint), log.source.shown)
    for tally in tallies:
        for source in tally.head.sources:
            names = _known_by(source.fingerprint, source.content)
            others = [seen[name] for name in names if seen.get(name, tally.shown) != tally.shown]
            if others and source.rows:
                found = Sentence(
                    "counts the log {log}, which is also counted in {other}", log=source.path, other=others[0]
                )
                yield Problem(tally.shown, found, "Leave one of them out.")
            grown = None if others or not source.rows else begin.like(source, tally)
            if grown is not None:
                found = Sentence(
                    "counts the log {log}, and {grown} begins with the same rows: it has grown since",
                    log=source.path,
                    grown=grown,
                )
                yield Problem(tally.shown, found, "Leave out what was counted before it had grown.")
            seen = dict.fromkeys(names, tally.shown) | seen


class _Beginnings:
    """What logs begin with, as far as tallies know of some log that many bytes, and those that tallies know."""

    def __init__(self, logs: Sequence[ReadLog], tallies: Sequence[TallyFile]) -> None:
        sizes = {source.beginning.bytes for tally in tallies for source in tally.head.sources if source.beginning}
        self._begin: dict[Beginning, list[_Log]] = {}
        for log in logs:
            # Whether it is the very log is known of a packed one when it has been read: until then, wait.
            known = sizes if log.content_fingerprint is not None else set[int]()
            for beginning in log.begins_as(known) if known else ():
                self._begin.setdefault(beginning, []).append(_Log(log.source.shown, log.source.shown, None))

    def like(self, source: TallySource, tally: TallyFile) -> Message | None:
        """Name a log that begins as that of a tally does; from then on, that is known too."""
        beginning = summary_of(source).beginning
        if beginning is None:
            return None
        alike = self._begin.setdefault(beginning, [])
        others = (
            log.name
            for log in alike
            if log.tally is not tally and (beginning.bytes >= ENOUGH or log.path == source.path)
        )
        found = next(others, None)
        alike.append(_Log(source.path, Sentence("a log that is counted in {tally}", tally=tally.shown), tally))
        return found


class _Log(NamedTuple):
    path: str
    name: Message
    tally: TallyFile | None


def summary_of(source: TallySource) -> LogSummary:
    """Give the account of a log that a tally keeps."""
    begins = source.beginning
    beginning = None if begins is None else Beginning(begins.bytes, begins.sha256)
    return LogSummary(**source.model_dump(exclude={"beginning"}), beginning=beginning)


def _known_by(*fingerprints: str | None) -> list[str]:
    return [fingerprint for fingerprint in fingerprints if fingerprint is not None]
