"""What counting costs on threads and on a Spark cluster of this machine: seconds of processors, all processes summed.

python benchmarks/make_data.py build/20 --rows 20_000_000 && python benchmarks/make_data.py build/100 --rows 100_000_000
python -m benchmarks.spark build/20 build/100

The first logs tell what it costs to start, the others what each million rows more do. Needs Linux, Java, Spark,
and root: a control group adds up what its processes take, also those that nobody waits for, as Spark's Pythons.
"""

from __future__ import annotations

import argparse
import filecmp
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow.parquet as pq

from tests.builders.spark_cluster import spark_cluster


def seconds_of(group: Path, work: Callable[[], None]) -> float:
    """Measure what all processes of a group take while some work is done."""
    before = _used(group)
    work()
    return _used(group) - before


def _used(group: Path) -> float:
    first = group / "cpuacct.usage"
    if first.exists():
        return int(first.read_text()) / 1e9
    return int((group / "cpu.stat").read_text().split()[1]) / 1e6


@contextmanager
def own_group() -> Iterator[Path]:
    """Be in a control group of its own, of either version."""
    root = Path("/sys/fs/cgroup")
    root = root / "cpuacct" if (root / "cpuacct").exists() else root
    group = root / f"sla-audit-{os.getpid()}"
    group.mkdir()
    try:
        (group / "cgroup.procs").write_text(str(os.getpid()))
        yield group
    finally:
        (root / "cgroup.procs").write_text(str(os.getpid()))
        with suppress(OSError):  # something of it may still end
            group.rmdir()


def measure(logs: Path, group: Path) -> tuple[int, float, float]:
    """Give how many rows logs have, and what it takes to count them on threads and on Spark."""
    rows = sum(pq.read_metadata(path).num_rows for path in logs.glob("*.parquet"))
    with TemporaryDirectory() as name:
        folder = Path(name)

        def on_threads() -> None:
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

        def on_spark() -> None:
            with spark_cluster(folder) as cluster:
                done = cluster.run("tally", str(logs.absolute()), "-o", "spark.tally.parquet", folder=folder)
            if done[0]:
                raise SystemExit(done[1])

        local, spark = seconds_of(group, on_threads), seconds_of(group, on_spark)
        same = filecmp.cmp(folder / "local.tally.parquet", folder / "spark.tally.parquet", shallow=False)
    found = f"local {local:.1f} s, Spark {spark:.1f} s of processors"
    print(f"{logs}: {rows:,} rows, {found}, {'the same bytes' if same else 'OTHER BYTES'}", flush=True)
    return rows, local, spark


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("logs", type=Path, nargs="+")
    given = parser.parse_args().logs
    with own_group() as group:
        measured = [measure(logs, group) for logs in given]
    first = measured[0]
    for more in measured[1:]:
        millions = (more[0] - first[0]) / 1e6
        local, spark = ((more[at] - first[at]) / millions for at in (1, 2))
        print(f"each million rows more: local {local:.3f} s, Spark {spark:.3f} s, {spark / local:.2f} times")


if __name__ == "__main__":
    main()
