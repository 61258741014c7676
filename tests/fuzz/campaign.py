"""One target's fuzzing: which inputs are kept and changed further, and what is wrong, each kind once and made small."""

from __future__ import annotations

import hashlib
import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from tests.fuzz.change import changed
from tests.fuzz.targets import TARGETS
from tests.fuzz.worker import Worker

_MOST_TRIES = 300
_SECONDS_TO_MINIMISE = 90
_NEW = 30


@dataclass
class Campaign:
    """The inputs of a target that reached something new, the lines that were reached, and what was found."""

    target: str
    folder: Path
    keep: Path
    seed: int = 0
    corpus_folder: Path | None = None
    lines: set[str] = field(default_factory=set)
    told: Counter[str] = field(default_factory=Counter)
    found: dict[str, Path] = field(default_factory=dict)
    corpus: list[bytes] = field(default_factory=list)

    def run(self, *, until: float | None = None, inputs: int | None = None) -> None:
        """Try the seeds, and then changed inputs until a time of the clock, or so many."""
        target, chance = TARGETS[self.target], random.Random(f"{self.target} {self.seed}")
        with Worker(self.target, self.folder) as worker:
            for data in [*target.seeds, *self._of_before()]:
                self._try(worker, data, chance.getrandbits(32), is_seed=True)
            number = 0
            while (until is None or time.monotonic() < until) and (inputs is None or number < inputs):
                number += 1
                data = changed(self._one(chance), self.corpus, chance, tokens=target.tokens)
                self._try(worker, data, chance.getrandbits(32))

    def _of_before(self) -> list[bytes]:
        folder = self.corpus_folder
        return [path.read_bytes() for path in sorted(folder.iterdir())] if folder and folder.is_dir() else []

    def _one(self, chance: random.Random) -> bytes:
        """Choose an input: mostly one of the newest, whose surroundings are the least known."""
        newest = chance.random() < 0.5
        return chance.choice(self.corpus[-_NEW:] if newest else self.corpus)

    def _try(self, worker: Worker, data: bytes, seed: int, *, is_seed: bool = False) -> None:
        came = worker.tried(data, seed)
        self.told[came.told] += 1
        new = set(came.lines) - self.lines
        self.lines |= new
        if came.signature is not None:
            if came.signature not in self.found:
                self._keep(worker, data, seed, came.signature, came.why)
        elif new or is_seed or self.told[came.told] == 1:
            self.corpus.append(data)
            if self.corpus_folder is not None:
                self.corpus_folder.mkdir(parents=True, exist_ok=True)
                (self.corpus_folder / hashlib.sha256(data).hexdigest()[:20]).write_bytes(data)
        if not self.corpus:
            self.corpus.append(data)

    def _keep(self, worker: Worker, data: bytes, seed: int, signature: str, why: str) -> None:
        """Make an input small that is still wrong in the same way, and write it down with what happens."""
        name = f"{self.target}-{hashlib.sha256(signature.encode()).hexdigest()[:8]}"
        self.keep.mkdir(parents=True, exist_ok=True)
        path = self.found[signature] = self.keep / f"{name}.input"
        path.write_bytes(data)
        again = f"python -m tests.fuzz --again {path} --seed {seed}"
        (self.keep / f"{name}.txt").write_text(f"{signature}\nagain: {again}\n\n{why}\n")
        print(f"{self.target}: {signature} -> {path}", flush=True)
        path.write_bytes(minimised(data, lambda smaller: worker.tried(smaller, seed).signature == signature))


def minimised(data: bytes, same: Callable[[bytes], bool]) -> bytes:
    """Take out whatever can be missing while `same` holds, in large parts first; stop after some tries or seconds."""
    until, tries, size = time.monotonic() + _SECONDS_TO_MINIMISE, 0, max(1, len(data) // 2)
    while size and tries < _MOST_TRIES and time.monotonic() < until:
        at, shorter = 0, False
        while at < len(data) and tries < _MOST_TRIES and time.monotonic() < until:
            smaller = data[:at] + data[at + size :]
            tries += 1
            if same(smaller):
                data, shorter = smaller, True
            else:
                at += size
        size = size if shorter and size > 1 else size // 2
    return data
