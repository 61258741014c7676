"""Folders and files that are made anew in a folder: each appears whole, and nothing that is there is changed."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from sla_audit.errors import InputError, Problem, cannot_be_written, refuse
from sla_audit.output.destinations import HIDDEN
from sla_audit.sentence import to_say
from sla_audit.system.interrupts import postponed

Made = bytes | Mapping[str, bytes]
"""What is made: a file, or a folder of files."""


def write_anew(
    parent: Path,
    things: Iterable[tuple[str, Made]],
    while_moved: Callable[[], AbstractContextManager[Any]] = nullcontext,
) -> None:
    """Write things into a folder, which is made where it is not there, once all of them are ready.

    They appear within `while_moved`, which so takes note of all or none of them.
    One that is there already stays, if it is the same. Raises `InputError` where it is another, or cannot be written;
    then nothing has appeared.
    """
    try:
        is_new = not parent.exists()
        parent.mkdir(exist_ok=True)
        with postponed():
            stage = Path(mkdtemp(prefix=HIDDEN, dir=parent))
        try:
            names = [_prepared(stage, name, made) for name, made in things]
            refuse(_others(stage, parent, names))
            with postponed():
                _move(stage, parent, names, while_moved)
        finally:
            with postponed():
                shutil.rmtree(stage, ignore_errors=True)
                if is_new and not any(parent.iterdir()):
                    parent.rmdir()
    except OSError as error:
        raise InputError(cannot_be_written(parent.as_posix(), error, to_say("Choose another folder."))) from error


def _move(
    stage: Path, parent: Path, names: Iterable[str], while_moved: Callable[[], AbstractContextManager[Any]]
) -> None:
    """Let all things appear that are not there, or none."""
    moved: list[str] = []
    try:
        with while_moved():
            for name in names:
                if not (parent / name).exists():
                    (stage / name).rename(parent / name)
                    moved.append(name)
    except BaseException:
        for name in moved:
            (parent / name).rename(stage / name)
        raise


def _prepared(stage: Path, name: str, made: Made) -> str:
    if isinstance(made, bytes):
        (stage / name).write_bytes(made)
    else:
        (stage / name).mkdir()
        for file, content in made.items():
            (stage / name / file).write_bytes(content)
    return name


def _others(stage: Path, parent: Path, names: Iterable[str]) -> Iterator[Problem]:
    """Say what is there already and is not what would be written."""
    for name in names:
        there = parent / name
        if there.exists() and not _alike(stage / name, there):
            remedy = to_say("Choose another folder, or remove it; what was sent should stay as it was sent.")
            yield Problem(there.as_posix(), "is there already, and is another", remedy)


def _alike(one: Path, other: Path) -> bool:
    if one.is_dir() != other.is_dir():
        return False
    if not one.is_dir():
        return one.stat().st_size == other.stat().st_size and one.read_bytes() == other.read_bytes()
    names = sorted(each.name for each in one.iterdir())
    return names == sorted(each.name for each in other.iterdir()) and all(
        _alike(one / name, other / name) for name in names
    )
