"""Whole processes side by side on the same logs, in turn: medians, ratios, peak memory, and that the figures agree.

    python benchmarks/compare.py LOGS EXCLUSIONS [--runs 5] [--chdb PYTHON]

Needs `pip install duckdb` beside sla-audit. chDB brings pandas with it, which pyarrow then loads: give it an
environment of its own, `python -m venv build/chdb && build/chdb/bin/pip install chdb`, and name its interpreter.
"""

from __future__ import annotations

import argparse
import csv
import os
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from figures import digest

HERE = Path(__file__).parent
REPORT = "DuckDB, more"
FIGURES = ("account_id", "success", "explicit_failure", "excluded")
MORE = ("account_id", "cycle", *FIGURES[1:], "excluded_by_clause", "broad_explicit_failure")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("logs", type=Path)
    parser.add_argument("exclusions", type=Path)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--chdb", metavar="PYTHON", help="the interpreter that has chDB; without it, chDB is left out")
    options = parser.parse_args()
    inputs = [str(options.logs), str(options.exclusions)]
    # The peers count every row as it is, also where rows have ids.
    audit = ["-m", "sla_audit", "compute", inputs[0], "--exclusions", inputs[1], "--keep-duplicates"]
    commands = {
        "sla-audit": [sys.executable, *audit, "--show", "owed"],
        "DuckDB": [sys.executable, str(HERE / "peer_duckdb.py"), *inputs],
        REPORT: [sys.executable, str(HERE / "peer_duckdb_report.py"), *inputs],
        "Polars": [sys.executable, str(HERE / "peer_polars.py"), *inputs],
    }
    if options.chdb:
        commands["chDB"] = [options.chdb, str(HERE / "peer_chdb.py"), *inputs]
    with ProcessPoolExecutor(1) as aside:  # a process is born with the peak memory of its parent
        print(aside.submit(check, commands, [sys.executable, *audit, "--quiet"]).result())
    seconds: dict[str, list[float]] = {name: [] for name in commands}
    memory = dict.fromkeys(commands, 0.0)
    for _ in range(options.runs):
        for name, command in commands.items():
            wall, _, peak = measure(command)
            seconds[name].append(wall)
            memory[name] = max(memory[name], peak)
    ours = statistics.median(seconds["sla-audit"])
    print(f"{'':12}{'median':>9}{'min':>9}{'max':>9}{'ours/theirs':>13}{'peak MB':>9}")
    for name, walls in seconds.items():
        median = statistics.median(walls)
        print(f"{name:12}{median:8.2f}s{min(walls):8.2f}s{max(walls):8.2f}s{ours / median:13.2f}{memory[name]:9.0f}")


def measure(command: list[str]) -> tuple[float, float, float]:
    """Run a process to its end: seconds by the clock and of the processor, and peak memory in MB.

    Modules are compiled once, as those of an installed program are, also where the environment says otherwise.
    """
    compiled = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=compiled)
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"failed with {process.returncode}: {' '.join(command)}")
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def check(commands: dict[str, list[str]], audit: list[str]) -> str:
    """Stop where the peers do not give the figures of sla-audit's report, most only those by class and account."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.csv"
        subprocess.run([*audit, "-o", str(report)], check=True)
        with report.open() as file:
            rows = list(csv.DictReader(file))
    few, more = (digest(tuple(row[name] for name in names) for row in rows) for names in (FIGURES, MORE))
    for name, command in commands.items():
        if name != "sla-audit":
            theirs = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()[-1]
            ours = more if name == REPORT else few
            if theirs != ours:
                raise ValueError(f"{name} gives other figures: {theirs}, sla-audit {ours}")
    return f"figures agree: {few}, {more}"


if __name__ == "__main__":
    main()
