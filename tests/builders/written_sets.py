"""Runs that write sets of files, and are killed: a process of its own, so that they really are.

A set has a generation, which every file of it carries on every line: a set is whole where all its files are whole and
of one generation.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from sla_audit.output.atomic import write_files

NAMES = ("here/report.json", "here/report.csv", "there/report.html", "there/rejects.csv", "here/below/metrics.prom")
LINES = 50
_CHANGING = ("open", "os.", "fcntl.", "shutil.", "tempfile.")


def write(root: Path, generation: int, names: tuple[str, ...] = NAMES, lines: int = LINES) -> None:
    write_files({root / name: content(name, generation, lines) for name in names})


def content(name: str, generation: int, lines: int = LINES) -> str:
    return f"{name} of {generation}\n" * lines


def generation_of(root: Path, names: tuple[str, ...] = NAMES, lines: int = LINES) -> int | None:
    """Tell the generation of a set, None where no file is there; raises where the set is mixed or cut."""
    texts = {name: (root / name).read_text() if (root / name).exists() else None for name in names}
    if set(texts.values()) == {None}:
        return None
    first = texts[names[0]]
    assert first is not None, f"mixed: {texts}"
    generation = int(first.split("\n", 1)[0].rpartition(" ")[2])
    wrong = [name for name, text in texts.items() if text != content(name, generation, lines)]
    assert not wrong, f"of {generation}, but not {wrong}"
    return generation


def hidden(root: Path) -> list[str]:
    """List what a killed run has left: links in the places of files, hidden contents, and folders that still matter."""
    return [
        path.relative_to(root).as_posix()
        for path in sorted(root.rglob("*"))
        if path.is_symlink() or any(part.startswith(".") for part in path.relative_to(root).parts)
        if not any(is_settled(folder) for folder in (path, *path.parents))
    ]


def is_settled(folder: Path) -> bool:
    """Tell whether a folder holds nothing but ways for readers who are still on them, until a later run removes it."""
    if not folder.name.startswith(".sla-audit-"):
        return False
    try:
        contents = [path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()]
    except FileNotFoundError:  # it goes just now
        return True
    return contents == [folder / "settled"]


def lay(root: Path, names: tuple[str, ...], generation: int | None) -> None:
    """Make the directories anew, with a set of a generation, or empty."""
    shutil.rmtree(root, ignore_errors=True)
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        if generation is not None:
            (root / name).write_text(content(name, generation))


def killed_at(step: int, work: Callable[[], None]) -> bool:
    """Do some work in a process that is killed before its n-th step: a call that could change files.

    Gives False where the work ended before that.
    """
    child = os.fork()
    if child == 0:
        left = step

        def count(event: str, arguments: object) -> None:
            nonlocal left
            if event.startswith(_CHANGING):
                left -= 1
                if left == 0:
                    os.kill(os.getpid(), signal.SIGKILL)

        os.fsync = lambda descriptor: count("os.fsync", descriptor)  # the disk would take its time
        sys.addaudithook(count)
        work()
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) or os.waitstatus_to_exitcode(status) == 0
    return os.WIFSIGNALED(status)


def every_step(root: Path, names: tuple[str, ...], before: int | None) -> dict[str, list[int | None]]:
    """Kill a run before each of its steps; give what was seen right after, and after the next run."""
    seen: list[int | None] = []
    while True:
        lay(root, names, before)
        killed = killed_at(len(seen) + 1, lambda: write(root, 1, names))
        seen.append(generation_of(root, names))
        write(root, 2, names)
        assert generation_of(root, names) == 2
        assert not hidden(root), hidden(root)
        if not killed:
            return {"seen": seen}


def one_after_another(root: Path, runs: int, seed: int) -> dict[str, int]:
    """Kill run after run in the same place, each on what the one before has left."""
    chance = random.Random(seed)
    lay(root, NAMES, 0)
    last, new, steps = 0, 0, 400
    for generation in range(1, runs + 1):
        killed = killed_at(chance.randrange(1, steps), lambda generation=generation: write(root, generation))
        seen = generation_of(root)
        assert seen == generation or (killed and seen == last), f"{seen} after {generation}, on {last}"
        new += killed and seen == generation
        last = seen
    write(root, runs + 1)
    assert generation_of(root) == runs + 1
    assert not hidden(root), hidden(root)
    return {"runs": runs, "killed_after_the_switch": new}


def again_and_again(root: Path, lines: int) -> None:
    """Write set after set until killed; a line on standard output says that the first is there."""
    generation = generation_of(root, lines=lines) or 0
    while True:
        generation += 1
        write(root, generation, lines=lines)
        print(generation, flush=True)


def seen_in_a_loop(root: Path, generations: int) -> dict[str, int]:
    """Open files, one by one and again and again, while another process replaces them all so many times."""
    lay(root, NAMES, 0)
    looks = missed = 0
    writer = os.fork()
    if writer == 0:
        for generation in range(1, generations + 1):
            write(root, generation)
        os._exit(0)
    while os.waitpid(writer, os.WNOHANG) == (0, 0):
        name = NAMES[looks % len(NAMES)]
        looks += 1
        try:
            text = (root / name).read_text()
        except FileNotFoundError:
            missed += 1
        else:
            assert text == content(name, int(text.split("\n", 1)[0].rpartition(" ")[2]))
    return {"looks": looks, "missed": missed, "last": generation_of(root) or 0}


if __name__ == "__main__":
    _, what, folder, *rest = sys.argv
    root = Path(folder)
    if what != "again":
        os.fsync = lambda descriptor: None  # no power fails here: the disk need not be waited for
    if what == "steps":
        names, before = json.loads(rest[0])
        print(json.dumps(every_step(root, tuple(names), before)))
    elif what == "loop":
        print(json.dumps(seen_in_a_loop(root, int(rest[0]))))
    elif what == "runs":
        print(json.dumps(one_after_another(root, int(rest[0]), int(rest[1]))))
    else:
        again_and_again(root, int(rest[0]))
