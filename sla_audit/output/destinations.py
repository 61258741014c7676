"""Where outputs go: the file that a path means, and whether it can be written at all."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

from sla_audit.errors import Problem, refuse
from sla_audit.sentence import Message, Sentence, said_by, to_say
from sla_audit.system.whole_file import A_DIRECTORY

HIDDEN = ".sla-audit-"
"""How the hidden folders begin in which `output.atomic` keeps files until they appear."""

_LOOKS = 100


def check_places(outputs: Sequence[Path], rejects: Path | None, inputs: Collection[Path]) -> None:
    """Refuse outputs that could not be written, before any work is done.

    Raises `InputError` for a path given twice, one that is an input of the run, and a place that
    cannot be written to.
    """
    refuse(faulty_places(outputs, rejects, inputs))


def faulty_places(outputs: Sequence[Path], rejects: Path | None, inputs: Collection[Path]) -> Iterator[Problem]:
    """Say what is wrong with each place that `check_places` refuses."""
    seen: dict[Path, Message] = {_real(path): to_say("is an input of this run") for path in inputs}
    for path in [*outputs, *([rejects] if rejects else [])]:
        place = place_of(path)
        fault = seen.get(_real(path)) or seen.get(place) or _fault(place)
        if fault:
            yield Problem(path.as_posix(), fault, "Choose another place.")
        seen[place] = to_say("is named twice as an output")


def place_of(path: Path) -> Path:
    """Give the file that a path means, through all symbolic links.

    A link that a killed run has left in a file's place (see `output.atomic`) means that place.
    """
    real = _real(path)
    folder = real.parent.parent
    return folder.parent / real.name if folder.name.startswith(HIDDEN) else real


def _real(path: Path) -> Path:
    """Follow all symbolic links, of which another run may make files again while they are looked at."""
    for _ in range(_LOOKS):
        try:
            return Path(os.path.realpath(path))
        except OSError as error:
            if error.errno not in {errno.EINVAL, errno.ENOENT}:  # no link any more, or nothing at all
                break  # such as a name that is too long: whoever opens it will be told
    return path.absolute()


def _fault(place: Path) -> Message | None:
    if place.name.startswith(HIDDEN):
        return Sentence("has a name that is kept for files in the making, {hidden}*", hidden=HIDDEN)
    try:
        if place.is_dir():
            return A_DIRECTORY
        if place.exists() and not place.is_file():
            return to_say("is no file, but a device, a pipe or a socket")
        with tempfile.TemporaryFile(dir=place.parent):
            return None
    except OSError as error:
        return Sentence("cannot be written: {why}", why=said_by(error))
