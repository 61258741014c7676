"""What it costs to count each request once: with and without, and DuckDB's `select distinct`, in turn.

    python benchmarks/duplicates.py LOGS [--runs 3]

Needs `pip install duckdb`, and logs in Parquet made with --ids. On a machine that others use, processor time says more
than the clock.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from compare import HERE, measure


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("logs", type=Path)
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    audit = [sys.executable, "-m", "sla_audit", "compute", str(options.logs), "--quiet"]
    commands = {
        "each request once": audit,
        "--keep-duplicates": [*audit, "--keep-duplicates"],
        "select distinct": [sys.executable, str(HERE / "peer_distinct.py"), str(options.logs)],
    }
    check(audit, commands["select distinct"])
    seconds: dict[str, list[tuple[float, float]]] = {name: [] for name in commands}
    memory = dict.fromkeys(commands, 0.0)
    for _ in range(options.runs):
        for name, command in commands.items():
            wall, processor, peak = measure(command)
            seconds[name].append((wall, processor))
            memory[name] = max(memory[name], peak)
    print(f"{'':20}{'wall':>9}{'processor':>11}{'peak MB':>9}")
    for name, times in seconds.items():
        wall, processor = (statistics.median(each) for each in zip(*times, strict=True))
        print(f"{name:20}{wall:8.2f}s{processor:10.2f}s{memory[name]:9.0f}")


def check(audit: list[str], distinct: list[str]) -> None:
    """Stop where DuckDB finds another number of requests."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        subprocess.run([*audit, "-o", str(report)], check=True)
        rows = json.loads(report.read_text())["rows"]
    theirs = int(subprocess.run(distinct, check=True, capture_output=True, text=True).stdout)
    if rows["read"] - rows["duplicate"] != theirs:
        sys.exit(f"DuckDB finds {theirs} requests, sla-audit {rows['read'] - rows['duplicate']}")
    print(f"both find {theirs} requests, {rows['duplicate']} rows are duplicates")


if __name__ == "__main__":
    main()
