"""Which files are read: single files, directories and globs, mixed, each file once."""

from __future__ import annotations

import errno
import glob
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import unquote

from sla_audit.errors import InputError, Problem, refuse
from sla_audit.intake.packed import packing_of, suffix_unpacked

_NULL = "__HIVE_DEFAULT_PARTITION__"

Format = Literal["csv", "json", "lines", "parquet"]

_FORMATS: dict[str, Format] = {
    ".csv": "csv",
    ".jsonl": "json",
    ".log": "lines",
    ".ndjson": "json",
    ".parquet": "parquet",
    ".pq": "parquet",
}
LOG_SUFFIXES = ".csv, .jsonl, .log (each also with .gz or .zst) or .parquet"


@dataclass(frozen=True)
class Source:
    """A file to read. `path` is shown to the user as it was given.

    The suffix of a log of `lines` says nothing of how they are written: that is for the lines, or a dialect, to tell.
    """

    path: Path
    format: Format

    @property
    def partitions(self) -> dict[str, str | None]:
        """What its directories say of all its rows, as Hive writes it: `account_id=acme`, null in a name of its own."""
        pairs = [part.partition("=") for part in self.path.parent.parts]
        return {unquote(name): None if value == _NULL else unquote(value) for name, equals, value in pairs if equals}

    @property
    def shown(self) -> str:
        """The path as messages and reports write it, alike on every system."""
        return self.path.as_posix()


@dataclass(frozen=True)
class Found:
    """The files of a run, in the order of their paths, and those that were named more than once."""

    sources: tuple[Source, ...]
    repeated: tuple[Path, ...]
    left_out: tuple[Path, ...] = ()
    """Files of a directory that are of no kind that can be read."""


def find_sources(patterns: Iterable[str]) -> Found:
    """Resolve files, directories (searched whole) and globs to the log files they name.

    A file that several patterns name is read once. Raises `InputError` for every pattern that names
    nothing, or a file of an unknown kind.
    """
    problems: list[Problem] = []
    first_seen: dict[Path, Path] = {}
    repeated: list[Path] = []
    left_out: list[Path] = []
    for pattern in patterns:
        paths = list(_expand(pattern, problems, left_out))
        for path in paths:
            real = path.resolve()
            if real in first_seen:
                repeated.append(path)
            else:
                first_seen[real] = path
    refuse(problems)
    sources = [Source(path, kind) for path in sorted(first_seen.values()) if (kind := _format_of(path)) is not None]
    return Found(tuple(sources), tuple(repeated), tuple(left_out))


def source_of(path: Path) -> Source:
    """Tell the format of a file of facts by its suffix; raises `InputError` where it is neither CSV nor Parquet."""
    kind = _format_of(path)
    if kind is None or kind not in {"csv", "parquet"}:
        raise InputError(_unknown_kind(path, ".csv or .parquet"))
    return Source(path, kind)


def _format_of(path: Path) -> Format | None:
    """Tell the format of a file by its suffix; only text may be packed."""
    kind = _FORMATS.get(suffix_unpacked(path))
    return None if kind == "parquet" and packing_of(path) else kind


def _expand(pattern: str, problems: list[Problem], left_out: list[Path]) -> Iterator[Path]:
    path = Path(pattern)
    if not pattern.strip():
        problems.append(Problem(repr(pattern), "names nothing; expected a file, directory or glob", "Name a log."))
        return
    try:
        path.stat()
    except OSError as error:
        if error.errno not in {errno.ENOENT, errno.ENOTDIR}:
            problems.append(Problem(pattern, f"cannot be read: {error.strerror}", "Check the path."))
            return
    if path.is_dir():
        seen = [file for file in sorted(path.rglob("*")) if _is_visible(file, below=path)]
        files = [file for file in seen if _format_of(file) is not None]
        left_out += [file for file in seen if _format_of(file) is None]
        if not files:
            problems.append(Problem(pattern, f"the directory holds no log ({LOG_SUFFIXES})", "Name another place."))
        yield from files
        return
    # A name that exists is itself, even where it holds characters that a glob gives a meaning.
    matches = [path] if path.exists() else sorted(Path(match) for match in glob.iglob(pattern, recursive=True))
    if not matches:
        kind = "no file matches" if glob.has_magic(pattern) else "no such file or directory"
        problems.append(Problem(pattern, kind, "Check the path; relative paths start at the current directory."))
    for match in matches:
        if match.is_dir():
            yield from _expand(str(match), problems, left_out)
        elif _format_of(match) is None:
            problems.append(_unknown_kind(match))
        else:
            yield match


def _is_visible(file: Path, below: Path) -> bool:
    """Tell whether a file of a directory means to be seen; `_SUCCESS` and the like are marks of its writer."""
    hidden = any(part.startswith((".", "_")) for part in file.relative_to(below).parts)
    return not hidden and file.is_file()


def _unknown_kind(path: Path, expected: str = LOG_SUFFIXES) -> Problem:
    found = f"the suffix {path.suffix!r}" if path.suffix else "no suffix"
    return Problem(path.as_posix(), f"{found} does not say what it holds; expected {expected}", "Rename it.")
