"""Tallies of a directory, kept up to date: what none of them counts yet is counted into one more."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from sla_audit.commands.audit import Taken, take_tally
from sla_audit.commands.count import Logs
from sla_audit.commands.known_logs import Known, KnownLogs
from sla_audit.commands.log_sets import open_sets
from sla_audit.contract.model import Contract
from sla_audit.errors import InputError, Problem, refuse
from sla_audit.intake.facts.form import STRICT, FactsForms
from sla_audit.intake.read_log import ReadLog
from sla_audit.intake.sources.changes import unchanged
from sla_audit.intake.sources.find import Found
from sla_audit.intake.sources.source import Source
from sla_audit.model.instant import moment
from sla_audit.model.notice import Notice
from sla_audit.sentence import Sentence, in_series, said_by, to_say
from sla_audit.tally.engine import Progress
from sla_audit.tally.saved.tally_file import TallyFile, is_tally
from sla_audit.tally.saved.write import SUFFIX


@dataclass(frozen=True)
class Update:
    """The tallies to write, by their place, how many logs are counted already, and which of them are `gone`.

    Of the tallies `taken`, those counted `again` take the place of earlier ones.
    """

    taken: dict[Path, Taken]
    again: tuple[Path, ...]
    known: int
    gone: tuple[Known, ...]
    notices: tuple[Notice, ...] = ()


def update(
    directory: Path,
    logs: Logs,
    contract: Contract,
    exclusions: Path | None,
    keep: Collection[str] = (),
    progress: Progress | None = None,
    *,
    forms: FactsForms = STRICT,
) -> Update:
    """Count what no tally of a directory counts yet; nothing is written.

    A tally of which a log has grown is counted anew, from all its logs. Raises `InputError` where that cannot be, for a
    log that was rewritten, and as `take_tally` does.
    """
    tallies = _tallies(directory)
    found = logs.find()
    refuse(_of_tables(found))
    of_directory = directory.resolve()
    sources = [source for source in found.sources if not (source.format == "parquet" and is_tally(source.path))]
    refuse(_not_logs(found.sources, sources, of_directory))
    with unchanged(sources):
        opened = open_sets(logs.sets, sources, (), contract, request_ids=not logs.keep_duplicates)
        known = KnownLogs.among([ReadLog(log) for log in opened], tallies)
        refuse(known.changed())
        refuse(_told_apart_otherwise(tallies, keep))
        taken: dict[Path, Taken] = {}
        for tally, its in known.again(tallies):
            tells = {*keep, *tally.head.tells}
            taken[tally.path] = take_tally(_only(logs, its), contract, exclusions, tells, progress, forms)
            refuse(_fewer_rows(tally, taken[tally.path]))
        again = tuple(taken)
        if known.new:
            one_more = take_tally(_only(logs, known.new), contract, exclusions, keep, progress, forms)
            if one_more.rows:
                taken[directory / _name(known.new, one_more, contract)] = one_more
    return Update(
        taken=taken,
        again=again,
        known=sum(map(len, known.counted.values())),
        gone=tuple(known.gone),
        notices=tuple(dict.fromkeys(notice for each in taken.values() for notice in each.notices)),
    )


def _tallies(directory: Path) -> list[TallyFile]:
    """Open the tallies of a directory, which may not be there yet."""
    try:
        paths = sorted(path for path in directory.iterdir() if path.name.lower().endswith(SUFFIX))
    except FileNotFoundError:
        return []
    except OSError as error:
        raise InputError(
            Problem(directory.as_posix(), Sentence("cannot be listed: {why}", why=said_by(error)), "Name a directory.")
        ) from error
    return [TallyFile.open(path, path.as_posix()) for path in paths if not path.name.startswith(".")]


def _of_tables(found: Found) -> Iterator[Problem]:
    """Say that a table's files come and go: rows that were counted in one may later stand in another."""
    for path, table in found.tables:
        what = Sentence(
            "is a table of {format}, whose writer may move rows that are counted to other files", format=table.format
        )
        remedy = to_say("Count it whole, with sla-audit tally --cycle, each time.")
        yield Problem(path, what, remedy)


def _not_logs(found: Sequence[Source], sources: Sequence[Source], directory: Path) -> list[Problem]:
    """Say what cannot be counted into a directory of tallies: other tallies, and streams."""
    logs = {source.path for source in sources}
    problems = [
        Problem(source.shown, "is a tally of another place; expected logs", "Copy it into the directory of tallies.")
        for source in found
        if source.path not in logs and source.path.resolve().parent != directory
    ]
    return problems + [
        Problem(source.shown, "is a stream, which is not known again the next time", "Give files.")
        for source in sources
        if source.is_stream
    ]


def _told_apart_otherwise(tallies: Sequence[TallyFile], keep: Collection[str]) -> list[Problem]:
    """Say which tallies lack what requests are to be told apart by."""
    return [
        Problem(
            tally.shown,
            Sentence(
                "does not tell requests apart by {names}, as --keep asks",
                names=in_series(missing, to_say("{listed} and {value}")),
            ),
            "Leave --keep out, or remove the tallies, for all logs to be counted anew.",
        )
        for tally in tallies
        if (missing := sorted({*keep} - {*tally.head.tells}))
    ]


def _fewer_rows(tally: TallyFile, taken: Taken) -> list[Problem]:
    """Refuse to lose rows: a log that only seemed to have grown was cut."""
    before = sum(source.rows for source in tally.head.sources)
    if taken.rows >= before:
        return []
    found = Sentence(
        "counts {before:,} rows of logs that have {rows:,} by now: one of them was cut", before=before, rows=taken.rows
    )
    return [Problem(tally.shown, found, "Give the log as it was, whole; or remove the tally, to count what is left.")]


def _only(logs: Logs, some: Sequence[ReadLog]) -> Logs:
    return replace(logs, only=frozenset(log.source.path for log in some))


def _name(logs: Sequence[ReadLog], taken: Taken, contract: Contract) -> str:
    """Name a tally for the first day that it counts, and for its logs: the same ones give the same name."""
    day = "no-requests" if taken.first is None else moment(taken.first, contract.zone).date().isoformat()
    digest = hashlib.sha256("\n".join(sorted(log.fingerprint for log in logs)).encode()).hexdigest()
    return f"{day}.{digest[:12]}{SUFFIX}"
