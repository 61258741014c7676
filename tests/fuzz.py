"""Count mutated logs for as long as is asked: `python -m tests.fuzz --minutes 30 --seed 1 --keep findings/`.

Each input is counted in a child process, which writes it down first: one that ends the process, or that is not done
in time, is kept too. What the program counts is compared with what the slow reader says.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import subprocess
import sys
import time
import traceback
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.mutation import KINDS, compare, mutated

_SECONDS_AN_INPUT = 30


def main() -> int:
    """Run children one after the other, and give the number of inputs that were kept."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=1)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--keep", type=Path, default=Path("findings"))
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=list(KINDS))
    parser.add_argument("--child", type=Path, help="count here, in this process")
    parser.add_argument("--inputs", type=int, default=2000, help="of each child")
    given = parser.parse_args()
    if given.child is not None:
        _count_many(given.child, given.keep, given.seed, given.inputs, given.kinds)
        return 0
    until, seed = time.monotonic() + 60 * given.minutes, given.seed
    with TemporaryDirectory() as name:
        folder = Path(name)
        while time.monotonic() < until:
            _watch([*sys.argv[1:], "--child", name, "--seed", str(seed)], folder, given.keep, seed, until)
            seed += 1
        print(*(f"{what}: {times}" for what, times in sorted(_totals(folder).items())), sep="\n")
    return len(list(given.keep.glob("*"))) if given.keep.exists() else 0


def _watch(options: list[str], folder: Path, keep: Path, seed: int, until: float) -> None:
    """Run a child until it is done, it dies, it hangs, or the time is over."""
    command = [sys.executable, "-m", "tests.fuzz", *options]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL, env={**os.environ, "POLARS_MAX_THREADS": "1"}) as child:
        while child.poll() is None:
            time.sleep(0.5)
            beat = folder / "beat"
            hangs = beat.exists() and time.time() - beat.stat().st_mtime > _SECONDS_AN_INPUT
            if hangs or time.monotonic() > until:
                child.kill()
                if hangs:
                    _keep(folder, keep, f"{seed}-hang")
                return
        if child.returncode:
            _keep(folder, keep, f"{seed}-exit{child.returncode}")


def _keep(folder: Path, keep: Path, name: str) -> None:
    keep.mkdir(parents=True, exist_ok=True)
    for path in folder.glob("log.*"):
        shutil.copy(path, keep / f"{name}-{path.name}")
        print(f"kept {keep / f'{name}-{path.name}'}", flush=True)


def _totals(folder: Path) -> Counter[str]:
    lines = [line for path in folder.glob("done-*") for line in path.read_text().splitlines()]
    return Counter(lines)


def _count_many(folder: Path, keep: Path, seed: int, inputs: int, kinds: list[str]) -> None:
    """Count inputs, one after the other, and note what came of each."""
    chance = random.Random(seed)
    with (folder / f"done-{seed}").open("a") as done:
        for number in range(inputs):
            name = chance.choice(kinds)
            kind = KINDS[name]
            for other in folder.glob("log.*"):
                other.unlink()
            clean = chance.choice(kind.seeds)
            data = mutated(clean, chance)
            (folder / "beat").touch()
            pieces = random.Random(number)
            try:
                outcome = compare(folder / kind.file, kind, clean, data, pieces)
            except BaseException:  # Polars' panics are no Exception
                outcome = "wrong"
                _keep(folder, keep, f"{seed}-{number}")
                (keep / f"{seed}-{number}.txt").write_text(traceback.format_exc())
            done.write(f"{name} {outcome}\n")
            done.flush()


if __name__ == "__main__":
    sys.exit(main())
