"""Try changed inputs on every reader, for as long as is asked: `python -m tests.fuzz --minutes 30 --keep findings/`.

`--minutes` is for each target. What is wrong is kept once for each kind, made as small as it goes, as TARGET-HASH.input
beside a TARGET-HASH.txt that says what happened and how to see it again: a process that died or did not end in time,
exit code 70, a message that does not name the file, figures that a slow reader or another way of reading says
otherwise, much memory. The exit code is 1 where anything was found.
"""

from __future__ import annotations

import argparse
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.fuzz import child
from tests.fuzz.campaign import Campaign
from tests.fuzz.targets import TARGETS
from tests.fuzz.worker import Worker


def main() -> int:
    """Fuzz the targets, several at a time where that is asked for."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--targets", nargs="+", choices=TARGETS, default=list(TARGETS), metavar="TARGET")
    parser.add_argument("--minutes", type=float, default=1, help="for each target")
    parser.add_argument("--inputs", type=int, help="so many for each target, whatever time they take")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=1, help="targets at a time")
    parser.add_argument("--keep", type=Path, default=Path("findings"))
    parser.add_argument("--corpus", type=Path, help="a folder for what reached something new, from run to run")
    parser.add_argument("--again", type=Path, help="a kept input: try it once more and say what happens")
    parser.add_argument("--child", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.child is not None:
        child.serve(given.targets[0], given.child)
        return 0
    if given.again is not None:
        return _again(given.again, given.seed)
    with ThreadPoolExecutor(given.jobs) as pool:
        return max(pool.map(lambda target: _fuzz(target, given), given.targets))


def _fuzz(target: str, given: argparse.Namespace) -> int:
    until = None if given.inputs is not None else time.monotonic() + 60 * given.minutes
    with TemporaryDirectory() as folder:
        corpus = None if given.corpus is None else given.corpus / target
        campaign = Campaign(target, Path(folder), given.keep, given.seed, corpus)
        campaign.run(until=until, inputs=given.inputs)
    tried = campaign.told.total()
    summary = f"{target}: {tried} inputs, {len(campaign.lines)} lines, {len(campaign.corpus)} kept for more"
    print(f"{summary}, {len(campaign.found)} findings", flush=True)
    print(*(f"  {times:8}  {what}" for what, times in campaign.told.most_common(12)), sep="\n", flush=True)
    return int(bool(campaign.found))


def _again(path: Path, seed: int) -> int:
    target = next(name for name in sorted(TARGETS, key=len, reverse=True) if path.name.startswith(f"{name}-"))
    with TemporaryDirectory() as folder, Worker(target, Path(folder)) as worker:
        came = worker.tried(path.read_bytes(), seed)
    print(came.signature or came.told, came.why, sep="\n")
    return int(came.signature is not None)


if __name__ == "__main__":
    sys.exit(main())
