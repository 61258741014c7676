"""Logs against the tallies that count some of them: which are counted, which are new, and which have changed since."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sla_audit.commands.counted_twice import ENOUGH, summary_of
from sla_audit.errors import Problem, refuse
from sla_audit.intake.bytes.compression import packing_of
from sla_audit.intake.fingerprint import content_fingerprint
from sla_audit.intake.read_log import ReadLog
from sla_audit.sentence import Message, Sentence
from sla_audit.tally.saved.head import TallySource
from sla_audit.tally.saved.tally_file import TallyFile

_NAMED = 3


@dataclass(frozen=True)
class Known:
    """A log that a tally counts."""

    tally: TallyFile
    source: TallySource


@dataclass
class KnownLogs:
    """What became of the logs that some tallies count, and which others there are.

    `counted` logs are as they were, whatever they are called now; `grown` ones begin with what was counted, as far as
    can be seen; `rewritten` ones have the name of a log of which nothing is left. All others are `new`. `gone` are
    those of which no file of theirs is there any more.
    """

    counted: dict[str, list[ReadLog]] = field(default_factory=dict)
    """By the fingerprint of what was counted; so are the others."""
    grown: dict[str, ReadLog] = field(default_factory=dict)
    rewritten: list[tuple[ReadLog, Known]] = field(default_factory=list)
    new: list[ReadLog] = field(default_factory=list)
    gone: list[Known] = field(default_factory=list)

    @classmethod
    def among(cls, logs: Sequence[ReadLog], tallies: Sequence[TallyFile]) -> KnownLogs:
        """Compare logs with what tallies count; logs without rows are none that could be counted twice."""
        known = [Known(tally, source) for tally in tallies for source in tally.head.sources if source.rows]
        found, finder = cls(), _Finder(known)
        left = list[ReadLog]()
        for log in logs:
            same = finder.same(log)
            if same is None:
                left.append(log)
            else:
                found.counted.setdefault(same.source.fingerprint, []).append(log)
        for log in left:
            grown = finder.grown(log)
            before = finder.by_path.get(log.source.shown)
            if grown is not None and _is_cut(log, grown):
                found.rewritten.append((log, grown))
            elif grown is not None and grown.source.fingerprint not in {*found.counted, *found.grown}:
                found.grown[grown.source.fingerprint] = log
            elif before is None or before.source.fingerprint in found.counted:
                found.new.append(log)
            else:
                found.rewritten.append((log, before))
        # A log whose name another has now is where it was moved to.
        found.rewritten, taken = (
            [each for each in found.rewritten if each[1].source.fingerprint not in found.grown],
            [log for log, before in found.rewritten if before.source.fingerprint in found.grown],
        )
        found.new += taken
        located = {*found.counted, *found.grown, *(before.source.fingerprint for _, before in found.rewritten)}
        found.gone = [
            each for each in known if each.source.fingerprint not in located and not Path(each.source.path).exists()
        ]
        return found

    def again(self, tallies: Sequence[TallyFile]) -> Iterator[tuple[TallyFile, list[ReadLog]]]:
        """Give each tally of which a log has grown, and all its logs as they are now.

        Raises `InputError` where some of them are not given.
        """
        problems = []
        for tally in tallies:
            names = [source.fingerprint for source in tally.head.sources if source.rows]
            grown = [self.grown[name] for name in names if name in self.grown]
            lost = [
                source.path
                for source in tally.head.sources
                if source.rows and source.fingerprint not in {*self.grown, *self.counted}
            ]
            if grown and lost:
                problems.append(_not_all(tally, grown[0], lost))
            elif grown:
                yield tally, [*grown, *(self.counted[name][0] for name in names if name in self.counted)]
        refuse(problems)

    def changed(self) -> Iterator[Problem]:
        """Say which logs were rewritten: whether that is another log, or a better copy, cannot be told."""
        for log, before in self.rewritten:
            found = Sentence(
                "is another than the log of this name that {tally} counts, of {bytes:,} bytes and {rows:,} rows: "
                "it was rewritten, cut or replaced by another log",
                tally=before.tally.shown,
                bytes=before.source.bytes,
                rows=before.source.rows,
            )
            remedy = Sentence(
                "Where it takes the place of that one, remove {tally} and give all its logs again: they "
                "are counted anew. Where it is another log, give it a name of its own, such as one with its day.",
                tally=before.tally.shown,
            )
            yield Problem(log.source.shown, found, remedy)


def _is_cut(log: ReadLog, before: Known) -> bool:
    """Tell whether a log is shorter than it was; of packed ones, that is seen when they are counted."""
    plain = packing_of(log.source.path) is None and packing_of(Path(before.source.path)) is None
    return plain and log.log.bytes < before.source.bytes


def _not_all(tally: TallyFile, grown: ReadLog, lost: Sequence[str]) -> Problem:
    named: Message = ", ".join(lost[:_NAMED])
    if len(lost) > _NAMED:
        named = Sentence("{named} and {more} more", named=named, more=len(lost) - _NAMED)
    what = Sentence(
        "counts the log {log}, which has grown since, and others that are not given", log=grown.source.shown
    )
    remedy = Sentence(
        "Give these too, for all to be counted anew: {named}. Where they are gone, the tally stays as it is: "
        "leave out {log}.",
        named=named,
        log=grown.source.shown,
    )
    return Problem(tally.shown, what, remedy)


class _Finder:
    """Finds the log of a tally that a log is, or was."""

    def __init__(self, known: Sequence[Known]) -> None:
        self.by_path: Mapping[str, Known] = {each.source.path: each for each in known}
        self._same = {each.source.content: each for each in known if each.source.content is not None}
        self._same |= {each.source.fingerprint: each for each in known}
        self._begin = {summary_of(each.source).beginning: each for each in known if each.source.beginning is not None}
        self._sizes = {beginning.bytes for beginning in self._begin if beginning is not None}

    def same(self, log: ReadLog) -> Known | None:
        """Find the very log, by what is in it. One that is packed is read whole where it begins as a known one."""
        found, content = self._same.get(log.fingerprint), log.content_fingerprint
        if found is None and content is None and self._begins(log):
            content = content_fingerprint(log.log.content, log.log.columns.said_by_path)
        return self._same.get(content) if found is None and content is not None else found

    def grown(self, log: ReadLog) -> Known | None:
        """Find the log that it was, by its beginning: a short one tells only of a log of the same name."""
        for each in self._begins(log):
            begins, path = each.source.beginning, each.source.path
            if path == log.source.shown or (begins is not None and begins.bytes >= ENOUGH):
                return each
        return None

    def _begins(self, log: ReadLog) -> list[Known]:
        beginnings = log.begins_as(self._sizes) if self._sizes else []
        return [self._begin[each] for each in reversed(beginnings) if each in self._begin]
