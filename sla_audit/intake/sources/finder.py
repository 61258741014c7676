"""Looking for the files that patterns name, one pattern after the other."""

from __future__ import annotations

import errno
import glob
import os
import re
import stat
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

from sla_audit.errors import InputError, Problem, cannot_be_read
from sla_audit.intake.bytes.compression import suffix_unpacked
from sla_audit.intake.log_formats import OPTIONS, SUFFIXES_SAID
from sla_audit.intake.sources.dated import Days, dated, is_dated
from sla_audit.intake.sources.folder import search
from sla_audit.intake.sources.globs import matches
from sla_audit.intake.sources.path_text import no_text
from sla_audit.intake.sources.refusals import in_two_groups, no_log, of_one_table, unknown_kind, why_left_out
from sla_audit.intake.sources.source import Source, format_of, format_of_named
from sla_audit.intake.sources.table_formats import Table, Tables, metadata_of
from sla_audit.intake.tables.live import LiveTable
from sla_audit.intake.tables.read import READ, read_table
from sla_audit.intake.tables.version import AsOfVersion
from sla_audit.model.log_summary import LeftOut
from sla_audit.sentence import Sentence, said_by, to_say
from sla_audit.storage.location import fetch_ahead, location, real

STDIN = "-"
_STDIN_PATH = Path("/dev/stdin")
_DESCRIPTOR = re.compile(r"/dev/(stdin|fd/\d+)|/proc/[^/]+/fd/\d+")
_STREAM_REMEDY = Sentence("Say so with --format: {options}.", options=", ".join(OPTIONS))
_OWN_REPORT = re.compile(rb'\s*\{\s*"schema":\s*"sla-audit/')
_BYTES_A_LOOK = 128


@dataclass(frozen=True)
class Beside:
    """Files that have another part in a run, so that they are no logs where a directory or a glob holds them too.

    An output that could be a log by its name may be one, which the run would overwrite: it stays a log.
    """

    inputs: tuple[Path, ...] = ()
    outputs: tuple[Path, ...] = ()


@dataclass(frozen=True)
class Group:
    """Patterns, a `form` that is theirs alone, and the `version` of a table among them; None: as it is now."""

    patterns: Iterable[str]
    form: str | None = None
    version: AsOfVersion | None = None


@dataclass
class Finder:
    """What has been found so far, and what is wrong with it: `take` each pattern of a group between its ends."""

    beside: Beside
    days: Days | None = None
    form: str | None = None
    group: int = 0
    problems: list[Problem] = field(default_factory=list)
    first_seen: dict[object, Source] = field(default_factory=dict)
    repeated: list[Path] = field(default_factory=list)
    left_out: dict[str, LeftOut] = field(default_factory=dict)
    tables: Tables = field(default_factory=Tables)
    read: dict[str, LiveTable] = field(default_factory=dict)
    version: AsOfVersion | None = None

    def __post_init__(self) -> None:
        """Know the files beside it by where they really are."""
        self._inputs = {_real(path) for path in self.beside.inputs}
        self._outputs = {_real(path) for path in self.beside.outputs}
        self._folders: dict[Path, Path] = {}

    def begin(self, number: int, group: Group) -> None:
        """Go on with a group of patterns."""
        self.group, self.form, self.version = number, group.form, group.version
        self._before = len(self.read)

    def end(self, group: Group) -> None:
        """Say whether its version is not that of one table."""
        read = sorted([*self.read][self._before :])
        if group.version is not None and len(read) != 1 and not self.problems:
            self.problems.append(of_one_table(group.version, read))

    def take(self, pattern: str) -> None:
        """Find what a pattern names, of the days asked for where it is a dated one; not all of these need have logs."""
        if not is_dated(pattern):
            self._take(pattern)
            return
        first_seen, problems = len(self.first_seen) + len(self.repeated), len(self.problems)
        for each in dated(pattern, self.days):
            self._take(each, may_lack=True)
        if first_seen == len(self.first_seen) + len(self.repeated) and problems == len(self.problems):
            what = to_say("no file matches, of the days asked for")
            self.problems.append(Problem(pattern, what, "Check the path, and --cycle."))

    def _take(self, pattern: str, *, may_lack: bool = False) -> None:
        path = location(pattern)
        if not pattern.strip():
            what = to_say("names nothing; expected a file, directory or glob")
            self.problems.append(Problem(repr(pattern), what, "Name a log."))
        elif pattern == STDIN:
            self._take_stream(_STDIN_PATH, STDIN)
        elif (mode := self._mode(pattern)) is None:
            return
        elif _DESCRIPTOR.fullmatch(pattern) and not stat.S_ISDIR(mode):
            self._take_stream(path)
        elif stat.S_ISDIR(mode):
            self._take_directory(path, may_lack=may_lack)
        elif mode:  # a name that exists is itself, even where it holds characters that a glob gives a meaning
            self._take_named(path)
        else:
            self._take_glob(pattern, may_lack=may_lack)

    def _mode(self, pattern: str) -> int | None:
        """Give the kind of file that a name is, 0 where there is none of that name, None where that cannot be told."""
        try:
            return location(pattern).stat().st_mode
        except OSError as error:
            if error.errno in {errno.ENOENT, errno.ENOTDIR}:
                return 0
            self.problems.append(cannot_be_read(pattern, error))
            return None

    def _take_glob(self, pattern: str, *, may_lack: bool) -> None:
        found = matches(pattern)
        if not found and not may_lack:
            what = to_say("no file matches") if glob.has_magic(pattern) else to_say("no such file or directory")
            remedy = to_say("Check the path; relative paths start at the current directory.")
            self.problems.append(Problem(pattern, what, remedy))
        led_into = {match.parent: self.tables.around(match.parent) for match in found if not match.is_dir()}
        self.problems += [table.refused(folder.as_posix()) for folder, table in led_into.items() if table is not None]
        for match in found:
            if match.is_dir():
                self._take_directory(match, may_lack=may_lack)
            elif led_into[match.parent] is None and not self._is_beside(match, _real(match), format_of(match)):
                self._take_named(match)

    def _take_directory(self, folder: Path, *, may_lack: bool) -> None:
        table = self.tables.around(folder)
        if table is not None:
            self._take_table(table, folder)
            return
        try:
            found = search(folder, self.tables)
        except OSError as error:
            self.problems.append(
                Problem(folder.as_posix(), Sentence("cannot be listed: {why}", why=said_by(error)), "Check the path.")
            )
            return
        for at, each in found.tables:
            self._take_table(each, at)
        files = [(file, self._resolved(file), format_of(file)) for file in sorted(found.files)]
        fetch_ahead((file, False) for file, _, kind in files if kind == "json" and file.suffix.lower() == ".json")
        files = [each for each in files if not self._is_beside(*each)]
        logs = [(place, self._source(file, kind)) for file, place, kind in files if kind is not None]
        others = [*found.left_out, *(why_left_out(file) for file, _, kind in files if kind is None)]
        if not logs and not found.tables and not may_lack:
            self.problems.append(no_log(folder, others))
        self.left_out |= {each.path: each for each in sorted(others, key=lambda each: each.path)}
        for place, source in logs:
            self._add(place, source)

    def _take_table(self, table: Table, folder: Path, metadata: Path | None = None) -> None:
        """Take the files that a table now has; of a part of a table nothing is taken."""
        if table.format not in READ or _real(folder) != _real(table.folder):
            self.problems.append(table.refused(folder.as_posix()))
            return
        try:
            live = read_table(folder, table.format, self.version, metadata)
        except InputError as error:
            self.problems += error.problems
            return
        self.read[folder.as_posix() if metadata is None else metadata.as_posix()] = live
        for file in live.files:
            self._add(self._resolved(file.path), replace(self._source(file.path, "parquet"), live=file))

    def _take_named(self, path: Path) -> None:
        table = metadata_of(path)
        if table is not None:
            self._take_table(table, table.folder, path)
            return
        try:
            mode = path.stat().st_mode
        except OSError as error:  # a link that leads nowhere, or a file that is gone by now
            self.problems.append(cannot_be_read(path.as_posix(), error))
            return
        if stat.S_ISFIFO(mode):
            self._take_stream(path)
        elif not stat.S_ISREG(mode):
            what = to_say("is a device or a socket; expected a file, a directory or a pipe")
            self.problems.append(Problem(path.as_posix(), what, "Name a log."))
        elif (kind := format_of(path) or format_of_named(path) or self.form) is None:
            self.problems.append(
                unknown_kind(path, SUFFIXES_SAID, to_say("Rename it, or say what it holds with --format."))
            )
        else:
            self._add(self._resolved(path), self._source(path, kind))

    def _take_stream(self, path: Path, said: str | None = None) -> None:
        """Take a stream: what it holds is for the user to say, or else for its name."""
        source = Source(path, self.form or format_of(path) or "lines", said, is_stream=True, group=self.group)
        try:
            known = os.fstat(sys.stdin.fileno()) if said == STDIN else path.stat()
        except (OSError, AttributeError, ValueError):  # there is no standard input, or it is closed
            self.problems.append(Problem(source.shown, "standard input is closed", "Pipe a log into the program."))
            return
        if stat.S_ISCHR(known.st_mode) and os.isatty(0) and os.fstat(0).st_rdev == known.st_rdev:
            self.problems.append(Problem(source.shown, "is a terminal; expected a log", "Pipe one into the program."))
        elif self.form is None and format_of(path) is None:
            self.problems.append(Problem(source.shown, "a stream does not say what it holds", _STREAM_REMEDY))
        else:
            self._add(("stream", known.st_dev, known.st_ino), source)

    def _add(self, identity: object, source: Source) -> None:
        unnamed = no_text(source.path)
        if unnamed is not None:
            self.problems.append(unnamed)
        elif identity in self.first_seen:
            first = self.first_seen[identity]
            if first.group == self.group:
                self.repeated.append(location(source.shown))
                self.first_seen[identity] = first if first.live is not None else replace(first, live=source.live)
            else:
                self.problems.append(in_two_groups(source.shown, first.group, self.group))
        else:
            self.first_seen[identity] = source

    def _resolved(self, file: Path) -> Path:
        """Follow the links of a file that exists; those of its directory once for all its files."""
        if file.is_symlink():
            return file.resolve()
        if file.parent not in self._folders:
            self._folders[file.parent] = file.parent.resolve()
        return self._folders[file.parent] / file.name

    def _source(self, path: Path, kind: str) -> Source:
        return Source(path, kind, group=self.group)

    def _is_beside(self, file: Path, place: Path, kind: str | None) -> bool:
        """Tell whether a file of a directory or a glob has another part in the run, or is a report of an earlier."""
        if place in self._inputs or (kind is None and place in self._outputs):
            return True
        return kind == "json" and suffix_unpacked(file) == ".json" and file.is_file() and _is_own_report(file)


def _real(path: Path) -> Path:
    """Follow the links of a path; one that cannot be followed, such as a name that is too long, is of no log."""
    try:
        return real(path)  # also where links lead round and round
    except OSError:
        return path.absolute()


def _is_own_report(file: Path) -> bool:
    try:
        with file.open("rb") as opened:
            return _OWN_REPORT.match(opened.read(_BYTES_A_LOOK)) is not None
    except OSError:
        return False  # whoever reads it as a log will say what is wrong
