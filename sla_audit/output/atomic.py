"""Files that appear together: whoever looks finds all the old ones, or all the new ones, each of them whole.

That holds at every moment, also after a kill or a crash at any, and for files of several directories. One file is
renamed into its place. For several, one rename has to change what all their names lead to:

1. New and old contents are kept beside the files, with a switch that says old.
2. Each name becomes a link to what the switch leads to. Nothing is seen to change.
3. The switch is turned to new, by one rename. All files change.
4. Each name becomes a plain file again, the one that it leads to. Nothing is seen to change. Who is on the way through
   links by then still arrives: the hidden folders stay for some time, without contents, for a later run to remove.

A run that fails goes on with step 4, wherever the switch is by then. One that is killed leaves it to the next run that
writes there; until then, the files are read through the links.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, nullcontext
from pathlib import Path

from sla_audit.errors import InputError, Problem, cannot_be_written
from sla_audit.output.destinations import place_of
from sla_audit.output.lock import locked
from sla_audit.output.staging import Stage
from sla_audit.sentence import Sentence, said_by
from sla_audit.system.interrupts import postponed

Content = str | bytes | Iterator[bytes]
"""What a file is to hold: text, which is written as UTF-8, bytes, or blocks of them, which come one at a time."""


def write_files(contents: Mapping[Path, Content]) -> tuple[Problem, ...]:
    """Write files so that all of them appear, or none.

    A symbolic link stays, and what it leads to is replaced. A file keeps the mode and owner of the one before it.
    Raises `InputError` where a file cannot be written; then all are as they were. What fails once they have appeared
    changes nothing of that: it is given back, to be told.
    """
    places = {path: place_of(path) for path in contents}
    late: list[Problem] = []
    with _blaming(*contents), _alone(places):
        stages = {place.parent: Stage.beside(place.parent) for place in places.values()}
        for left in sorted((left for directory in stages for left in Stage.left_in(directory)), key=Stage.leads):
            with postponed():
                _finish(left)
        appeared = False
        try:
            for path, content in contents.items():
                with _blaming(path):
                    stages[places[path].parent].prepare(places[path].name, _blocks(content))
            with postponed():
                _appear(places, stages)
                appeared = True
                for directory, stage in stages.items():
                    with _telling(late, directory):
                        stage.flush()
        finally:
            with postponed():
                for directory, stage in reversed(stages.items()):  # the one that others lead through goes last
                    with _telling(late, directory) if appeared else nullcontext():
                        _finish(stage)
    return tuple(late)


def _blocks(content: Content) -> Iterable[bytes]:
    if isinstance(content, str):
        return [content.encode()]
    return [content] if isinstance(content, bytes) else content


def _appear(places: Mapping[Path, Path], stages: Mapping[Path, Stage]) -> None:
    """Let all prepared files appear; `places` are by the paths that were given, `stages` by directory."""
    of = {path: stages[place.parent] for path, place in places.items()}
    if len(places) < 2:
        for path, place in places.items():
            with _blaming(path):
                of[path].put(place.name)
        return
    first, *others = stages.values()
    for path, place in places.items():
        with _blaming(path):
            of[path].keep(place.name)
    for other in others:
        other.follow(first)
    first.turn("old")
    for stage in stages.values():
        stage.flush()
    for path, place in places.items():
        with _blaming(path):
            of[path].link(place.name)
    for stage in stages.values():
        stage.flush()
    first.turn("new")


def _finish(stage: Stage) -> None:
    stage.settle()
    stage.remove()


@contextmanager
def _telling(late: list[Problem], directory: Path) -> Iterator[None]:
    """Keep what fails in a directory once the files have appeared, to be told."""
    try:
        yield
    except OSError as error:
        found = Sentence(
            "the files are written, and then {why}: a crash of the machine may undo it", why=said_by(error)
        )
        late.append(Problem(directory.as_posix(), found, "Check the disk, and run it again."))


@contextmanager
def _alone(places: Mapping[Path, Path]) -> Iterator[None]:
    """Keep other runs out of the directories of all places, and wait for those that are there."""
    directories: dict[tuple[int, int], Path] = {}
    for path, place in places.items():
        with _blaming(path):
            status = place.parent.stat()
        # By number, since one directory may have two names; in one order, so that no two runs wait for each other.
        directories.setdefault((status.st_dev, status.st_ino), path)
    with ExitStack() as held:
        for _, path in sorted(directories.items()):
            with _blaming(path):
                held.enter_context(locked(places[path].parent))
        yield


@contextmanager
def _blaming(*paths: Path) -> Iterator[None]:
    """Tell which file could not be written: the first of these."""
    try:
        yield
    except OSError as error:
        raise InputError(cannot_be_written(paths[0].as_posix(), error)) from error
