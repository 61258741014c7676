"""The logs of a run in sets, each written in a way of its own: which there are, and what opens them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sla_audit.contract.model import Contract
from sla_audit.contract.unattributed import WithoutAccount
from sla_audit.errors import InputError, Problem, refuse
from sla_audit.intake.bytes.text_format import TextFormat
from sla_audit.intake.columns import ColumnMap
from sla_audit.intake.dialects.dialect import Dialect
from sla_audit.intake.logs import LogFile, open_logs, text_in
from sla_audit.intake.sources.source import Source
from sla_audit.intake.tables.version import AsOfVersion
from sla_audit.intake.values.content_flags import FlagWords
from sla_audit.sentence import Sentence


@dataclass(frozen=True)
class LogSet:
    """Logs that are written alike, and how. `form` is what those hold whose names do not say.

    Times without a zone are of the `time_zone`; None: of that of the dialect, or else of the contract. A table is read
    at the `version`, or as it is now.
    `log_format` is how it was said that a gateway writes the lines, `written_in` are the files that say how, each under
    `dialect` or `log_format`: with these, a report says how its logs were read.
    """

    patterns: tuple[str, ...]
    form: str | None = None
    columns: ColumnMap = field(default_factory=ColumnMap)
    dialect: Dialect | None = None
    csv: TextFormat = field(default_factory=TextFormat)
    statistics: bool = True
    flags: FlagWords | None = None
    time_zone: str | None = None
    log_format: str | None = None
    version: AsOfVersion | None = None
    written_in: tuple[tuple[str, Path], ...] = ()


def open_sets(
    sets: Sequence[LogSet],
    sources: Sequence[Source],
    needed: Collection[str],
    contract: Contract,
    *,
    apis: Sequence[str] = (),
    request_ids: bool = True,
    uncut: Collection[Path] = (),
) -> tuple[LogFile, ...]:
    """Open logs as `open_logs` does, each as its set says, and give them in the order of the sources.

    The `group` of a source is the place of its set. Raises `InputError` with the problems of all.
    """
    opened: dict[Path, LogFile] = {}
    problems: list[Problem] = []
    size = sum(map(text_in, sources))
    for number, each in enumerate(sets):
        try:
            logs = open_logs(
                [source for source in sources if source.group == number],
                each.columns,
                needed,
                contract.zone,
                dialect=each.dialect,
                csv=each.csv,
                statistics=each.statistics,
                request_ids=request_ids,
                flags=each.flags,
                time_zone=each.time_zone,
                uncut=uncut,
                without_account=WithoutAccount(contract, apis),
                bytes_of_text=size,
                limits=contract.limits,
            )
            opened |= {log.source.path: log for log in logs}
        except InputError as error:
            problems += error.problems
    refuse(problems)
    return tuple(opened[source.path] for source in sources)


def read_otherwise(copied: Mapping[Path, Path], sources: Sequence[Source], sets: Sequence[LogSet]) -> Iterator[Problem]:
    """Say which copies are to be read in another way than what they are copies of: which is right cannot be told."""
    by_path = {source.path: source for source in sources}
    for copy, first in sorted(copied.items()):
        one, other = by_path[copy], by_path[first]
        if _way(sets[one.group]) != _way(sets[other.group]):
            found = Sentence("is a copy of {other}, which another of the sources says how to read", other=other.shown)
            yield Problem(one.shown, found, "Leave one of them out.")


def _way(of: LogSet) -> tuple[object, ...]:
    """Give what decides what the rows of a set's logs mean."""
    return of.columns, of.dialect, of.csv, of.flags, of.time_zone
