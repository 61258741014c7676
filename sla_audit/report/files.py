"""Report files: the format by suffix, and every file whole or not at all."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from sla_audit.contract.model import Contract
from sla_audit.errors import InputError, Problem, refuse
from sla_audit.report.csv_file import csv_text
from sla_audit.report.document import Report
from sla_audit.report.formats import STDOUT, cannot_be_made, render


def check_outputs(reports: Sequence[Path], rejects: Path | None, inputs: Collection[Path]) -> None:
    """Refuse reports whose format cannot be made, and what `check_places` refuses, before any work is done."""
    files = [path for path in reports if path != STDOUT]
    refuse([*cannot_be_made(files), *_no_places(files, rejects, inputs)])


def check_places(outputs: Sequence[Path], rejects: Path | None, inputs: Collection[Path]) -> None:
    """Refuse outputs that could not be written, before any work is done.

    Raises `InputError` for a path given twice, one that is an input of the run, and a place that
    cannot be written to.
    """
    refuse(list(_no_places(outputs, rejects, inputs)))


def _no_places(outputs: Sequence[Path], rejects: Path | None, inputs: Collection[Path]) -> Iterator[Problem]:
    seen = {path.resolve(): "is an input of this run" for path in inputs}
    for path in [*outputs, *([rejects] if rejects else [])]:
        fault = seen.get(path.resolve()) or ("is a directory" if path.is_dir() else _unwritable(path))
        if fault:
            yield Problem(path.as_posix(), fault, "Choose another place.")
        seen[path.resolve()] = "is named twice as an output"


def write_reports(
    report: Report,
    contract: Contract,
    paths: Sequence[Path],
    rejects: Path | None = None,
    reject_rows: Iterable[Sequence[str]] = (),
) -> None:
    """Write the report to every file in the format of its suffix, and the rejected rows: all or none."""
    contents: dict[Path, str | bytes] = {path: render(report, contract, path) for path in paths if path != STDOUT}
    if rejects is not None:
        contents[rejects] = csv_text(reject_rows)
    write_files(contents)


def write_files(contents: Mapping[Path, str | bytes]) -> None:
    """Write files so that each appears whole or not at all, and none where one cannot be written.

    Every file is written beside its place first, and only then are all of them renamed.
    """
    beside: dict[Path, Path] = {}
    try:
        for path, content in contents.items():
            descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
            beside[path] = Path(name)
            with os.fdopen(descriptor, "wb") as file:
                file.write(content if isinstance(content, bytes) else content.encode())
                file.flush()
                os.fsync(file.fileno())
            beside[path].chmod(_usual_mode())
        for path in contents:
            if path.is_dir():
                raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        for path, part in beside.items():
            part.replace(path)
    except OSError as error:
        reason = error.strerror or str(error)
        raise InputError(Problem(path.as_posix(), f"cannot be written: {reason}", "Choose another place.")) from error
    finally:
        for part in beside.values():
            part.unlink(missing_ok=True)


def _unwritable(path: Path) -> str | None:
    try:
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}."):
            return None
    except OSError as error:
        return f"cannot be written: {error.strerror or error}"


def _usual_mode() -> int:
    """Give the mode that a new file would have; temporary files are private."""
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask
