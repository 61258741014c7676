"""What counting costs on threads and on a Spark cluster of this machine: seconds of processors, all processes summed.

python benchmarks/make_data.py build/20 --rows 20_000_000 && python benchmarks/make_data.py build/100 --rows 100_000_000
python -m benchmarks.spark build/20 build/100

The first logs tell what it costs to start, the others what each million rows more do. Needs Linux, Java and Spark.
"""

from __future__ import annotations

import argparse
import ctypes
import filecmp
import os
import resource
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow.parquet as pq

from tests.builders.spark_cluster import spark_cluster

_TAKE_IN_ORPHANS = 36  # PR_SET_CHILD_SUBREAPER: executors leave their Pythons behind


def seconds_of(work: Callable[[], None]) -> float:
    """Measure what all processes take that some work starts, and that have ended once it is done."""
    before = _used()
    work()
    with suppress(ChildProcessError):
        while True:
            os.waitpid(-1, 0)
    return _used() - before


def _used() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("logs", type=Path, nargs="+")
    ctypes.CDLL(None).prctl(_TAKE_IN_ORPHANS, 1, 0, 0, 0)
    measured = []
    for logs in parser.parse_args().logs:
        rows = sum(pq.read_metadata(path).num_rows for path in logs.glob("*.parquet"))
        with TemporaryDirectory() as name:
            folder = Path(name)

            def on_threads(logs: Path = logs, folder: Path = folder) -> None:
                command = [
                    sys.executable,
                    "-m",
                    "sla_audit",
                    "tally",
                    str(logs),
                    "-o",
                    str(folder / "local.tally.parquet"),
                ]
                subprocess.run(command, check=True)

            def on_spark(logs: Path = logs, folder: Path = folder) -> None:
                with spark_cluster(folder) as cluster:
                    done = cluster.run("tally", str(logs.absolute()), "-o", "spark.tally.parquet", folder=folder)
                if done[0]:
                    raise SystemExit(done[1])

            measured.append((rows, seconds_of(on_threads), seconds_of(on_spark)))
            same = filecmp.cmp(folder / "local.tally.parquet", folder / "spark.tally.parquet", shallow=False)
        found = f"local {measured[-1][1]:.1f} s, Spark {measured[-1][2]:.1f} s of processors"
        print(f"{logs}: {rows:,} rows, {found}, {'the same bytes' if same else 'OTHER BYTES'}", flush=True)
    first = measured[0]
    for more in measured[1:]:
        millions = (more[0] - first[0]) / 1e6
        local, spark = ((more[at] - first[at]) / millions for at in (1, 2))
        print(f"each million rows more: local {local:.3f} s, Spark {spark:.3f} s, {spark / local:.2f} times")


if __name__ == "__main__":
    main()
