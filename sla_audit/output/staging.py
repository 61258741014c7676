"""Files in the making: a hidden folder beside their places, which keeps new and old contents until all can change.

    .sla-audit-TOKEN/
      new/NAME, old/NAME   contents; the old ones are hard links to what is in place
      now -> old           the switch, which becomes now -> new
      settled              says that no name leads here any more

A name in the directory may for a while be a link to `.sla-audit-TOKEN/now/NAME`. In a second directory, `now` leads
through the switch of the first, whose `new` and `old` hold links to those of the second.

Whoever has read such a link may still be on the way through it when the name is a plain file again. So that the way
ends nowhere, the folder stays for some time, until a later run removes it: without contents, each of which becomes a
link to the file in place.
"""

from __future__ import annotations

import errno
import os
import secrets
import shutil
import stat
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Literal

from sla_audit.output.destinations import HIDDEN

Side = Literal["new", "old"]
SIDES: tuple[Side, Side] = ("new", "old")
SECONDS_TO_STAY = 10
"""No reader is on its way through links for so long: that is the time of one call of the system."""


class Stage:
    """The files in the making of one directory."""

    def __init__(self, directory: Path, name: str) -> None:
        self.directory, self.name = directory, name
        self.folder = directory / name

    @classmethod
    def beside(cls, directory: Path) -> Stage:
        """Name a new stage for files of a directory."""
        return cls(directory, f"{HIDDEN}{secrets.token_hex(8)}")

    @classmethod
    def left_in(cls, directory: Path) -> list[Stage]:
        """List the stages that killed runs have left in a directory."""
        return [cls(directory, folder.name) for folder in directory.glob(f"{HIDDEN}*") if folder.is_dir()]

    def prepare(self, name: str, blocks: Iterable[bytes]) -> None:
        """Write a new content down to the disk, with the mode and owner of the file in place."""
        self._make("new")
        descriptor = os.open(self.folder / "new" / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
        with os.fdopen(descriptor, "wb") as file:
            with suppress(FileNotFoundError):
                _be_like((self.directory / name).stat(), descriptor)
            file.writelines(blocks)
            file.flush()
            os.fsync(descriptor)

    def keep(self, name: str) -> None:
        """Keep the content in place, if there is one."""
        self._make("old")
        with suppress(FileNotFoundError):
            _twin(self.directory / name, self.folder / "old" / name)

    def follow(self, first: Stage) -> None:
        """Let the switch of another directory's stage decide what this one's `now` leads to."""
        number = f"{HIDDEN}{len(list((first.folder / 'old').glob(f'{HIDDEN}*')))}"
        for side in SIDES:
            there = first.folder / side
            self._link(there / number, _way(there, self.folder / side))
        self._link(self.folder / "now", _way(self.folder, first.folder / "now" / number))

    def turn(self, side: Side) -> None:
        """Let the switch lead to new or old contents, by one rename."""
        self._link(self.folder / "now", side)

    def link(self, name: str) -> None:
        """Let a name lead to what the switch leads to."""
        self._link(self.directory / name, self._target(name))

    def put(self, name: str) -> None:
        """Let a name that never was a link be a file with the new content, by one rename."""
        (self.folder / "new" / name).replace(self.directory / name)

    def settle(self) -> None:
        """Make plain files of the names that are links still, each the one that it leads to."""
        if self._settled.exists():
            return
        side: Side = "new" if Path(os.path.realpath(self.folder / "now")).name == "new" else "old"
        names = [path.name for path in (self.folder / "new").glob("*") if not path.name.startswith(HIDDEN)]
        for name in names:
            place = self.directory / name
            if place.is_symlink() and place.readlink() == Path(self._target(name)):
                try:
                    _twin(self.folder / side / name, self._free())
                    self._made.replace(place)
                except FileNotFoundError:  # there was none before
                    place.unlink()
        if self._was_seen:
            _flush(self.directory)
            with suppress(OSError):  # the next run will do it: all is as it should be for readers
                self._lead_back(names)

    def leads(self) -> bool:
        """Tell whether the stage of another directory, which is not settled, still leads through this one."""
        return any(
            link.exists() and not _stage_of(link)._settled.exists() for link in self.folder.glob(f"old/{HIDDEN}*")
        )

    def remove(self) -> None:
        """Remove the folder, unless it is still needed, or somebody may still be on the way through it."""
        if not self.leads() and not (self._was_seen and self._may_be_passed_through()):
            shutil.rmtree(self.folder, ignore_errors=True)

    def flush(self) -> None:
        """See to it that all names reach the disk."""
        for folder in (self.folder / "old", self.folder / "new", self.folder, self.directory):
            if folder.exists():  # one file alone has nothing old beside it
                _flush(folder)

    def _make(self, side: Side) -> None:
        """Make a folder through which everybody gets who gets to the files in place: their own modes decide."""
        for folder in (self.folder, self.folder / side):
            folder.mkdir(exist_ok=True)
            folder.chmod(0o755)

    @property
    def _settled(self) -> Path:
        return self.folder / "settled"

    @property
    def _made(self) -> Path:
        return self.folder / "made"

    @property
    def _was_seen(self) -> bool:
        """Whether some name may have been a link to here."""
        return (self.folder / "now").is_symlink()

    def _may_be_passed_through(self) -> bool:
        try:
            ago = time.time() - self._settled.stat().st_mtime
        except FileNotFoundError:
            return self.folder.exists()
        return abs(ago) < SECONDS_TO_STAY  # a clock that was set back says nothing

    def _lead_back(self, names: list[str]) -> None:
        """Let all ways through the folder end at the files in place, so that no content is kept here."""
        for side in SIDES:
            self._make(side)
            for name in names:
                self._link(self.folder / side / name, f"../../{name}")
        self._settled.touch()

    def _target(self, name: str) -> str:
        return f"{self.name}/now/{name}"

    def _link(self, path: Path, target: str) -> None:
        """Put a symbolic link in a place, whatever is there, by one rename."""
        made = self._free()
        made.symlink_to(target)
        made.replace(path)

    def _free(self) -> Path:
        """Give a name in the folder that is free: a killed run may have left what it had made."""
        self._made.unlink(missing_ok=True)
        return self._made


def _stage_of(link: Path) -> Stage:
    """Give the stage of another directory that a link in this one leads to."""
    folder = Path(os.path.realpath(link)).parent
    return Stage(folder.parent, folder.name)


def _twin(content: Path, twin: Path) -> None:
    """Let a content be at a second place too. Raises `FileNotFoundError` where there is none."""
    try:
        os.link(content, twin)
    except FileNotFoundError:
        raise
    except OSError:  # no hard links here, or none to a file of someone else
        shutil.copy2(content, twin)
        with suppress(PermissionError):  # only root gives files away
            os.chown(twin, content.stat().st_uid, content.stat().st_gid)
        _flush(twin)


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno != errno.EINVAL:  # a file system that has no disk for its directories
            raise
    finally:
        os.close(descriptor)


def _be_like(old: os.stat_result, descriptor: int) -> None:
    with suppress(PermissionError):  # only root gives files away
        os.fchown(descriptor, old.st_uid, old.st_gid)
    os.fchmod(descriptor, stat.S_IMODE(old.st_mode))


def _way(start: Path, end: Path) -> str:
    """Write the way from one folder to another so that it stays right where both are moved together."""
    return os.path.relpath(end, start)
