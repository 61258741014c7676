"""A month judged by intervals beside the same month judged by its requests, in turn: medians, ratios and peak memory.

    python benchmarks/intervals.py [--rows 60000000] [--runs 5] [--background 0.0005] [--shuffled] [--format csv]

Half of all requests of one day fail; of the others, so many as the `background` says. Each is a whole run of
`sla-audit compute` that writes a report. All must count the same requests.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
from make_data import DAY, FIRST_DAY

DAYS, OUTAGE = 30, 12
AS_OF = "2026-12-20"
STATUSES = np.array([200, 201, 304, 400, 404, 429], dtype=np.int16)
CHANCES = np.array([0.92, 0.02, 0.02, 0.01, 0.02, 0.01])
BUILT_IN = "jdcloud-smart-compose"
MEASURES = {
    "share of requests": "",
    "mean of 1 h": 'kind = "mean_of_intervals"\ninterval = "1h"',
    "mean of 5 min": 'kind = "mean_of_intervals"\ninterval = "5min"',
    "share of minutes": 'kind = "share_of_time"\ninterval = "1min"\nbad = { all_failed = true }',
}
"""What is measured: an agreement that measures requests, and others that differ in this alone."""


@dataclass(frozen=True)
class Plan:
    """What one file holds."""

    path: Path
    number: int
    rows: int
    options: argparse.Namespace


def write(plan: Plan) -> None:
    options, chance = plan.options, np.random.default_rng(plan.number)
    first, days = (0, DAYS) if options.shuffled else (plan.number, 1)
    times = chance.integers(first * DAY, (first + days) * DAY, plan.rows)
    if not options.shuffled:
        times.sort()
    account = (options.accounts * chance.random(plan.rows) ** 2).astype(np.int32)
    status = chance.choice(STATUSES, plan.rows, p=CHANCES)
    status[chance.random(plan.rows) < np.where(times // DAY == OUTAGE, 0.5, options.background)] = 503
    ids = pa.array([f"acct-{number:07}" for number in range(options.accounts)])
    table = pa.table(
        {
            "timestamp": pa.array(FIRST_DAY + times, pa.timestamp("ms", "UTC")),
            "account_id": pa.DictionaryArray.from_arrays(pa.array(account), ids).cast(pa.string()),
            "status": pa.array(status),
        }
    )
    if options.format == "csv":
        pa_csv.write_csv(table, plan.path, pa_csv.WriteOptions(quoting_style="none"))
    else:
        pq.write_table(table, plan.path, compression="zstd", row_group_size=500_000)


def run(contract: str, logs: str, report: Path) -> list[float]:
    """Compute what is owed for logs in a process of its own: seconds, those of processors, peak MB and requests."""
    command = [sys.executable, "-m", "sla_audit", "compute", logs, "--contract", contract, "--as-of", AS_OF, "--quiet"]
    began = time.perf_counter()
    process = subprocess.Popen([*command, "-o", str(report)], stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - began
    if status:
        raise SystemExit(f"computing by {contract} ended with {status}")
    counted = json.loads(report.read_bytes())["rows"]["counted"]
    return [seconds, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, counted]


def measuring(measure: str, folder: Path) -> str:
    """Write an agreement that measures so."""
    if not measure:
        return BUILT_IN
    path = folder / f"{abs(hash(measure))}.toml"
    new = [sys.executable, "-m", "sla_audit", "contract", "new", str(path), "--from", BUILT_IN]
    subprocess.run(new, check=True, capture_output=True)
    with path.open("a", encoding="utf-8") as file:
        file.write(f'\n[measure]\nclause = "2.7"\n{measure}\n')
    return str(path)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=60_000_000)
    parser.add_argument("--accounts", type=int, default=20_000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--background", type=float, default=0.0, help="the share of all requests that fail anyway")
    parser.add_argument("--shuffled", action="store_true", help="rows of any day in every file, in no order")
    parser.add_argument("--format", choices=["parquet", "csv"], default="parquet")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        plans = [
            Plan(folder / f"log-{number:03}.{options.format}", number, options.rows // DAYS, options)
            for number in range(DAYS)
        ]
        with ProcessPoolExecutor(2) as pool:
            list(pool.map(write, plans))
        contracts = {kind: measuring(measure, folder) for kind, measure in MEASURES.items()}
        logs, report = str(folder / f"*.{options.format}"), folder / "report.json"
        measured: dict[str, list[list[float]]] = {kind: [] for kind in contracts}
        for _ in range(options.runs):
            for kind, contract in contracts.items():
                measured[kind].append(run(contract, logs, report))
    medians = {
        kind: [statistics.median(column) for column in zip(*runs, strict=True)] for kind, runs in measured.items()
    }
    if len({median[3] for median in medians.values()}) != 1:
        raise ValueError("not all count the same requests")
    first = medians["share of requests"]
    print(" " * 18 + "".join(f"{name:>11}" for name in ("seconds", "ratio", "processor", "ratio", "MB", "ratio")))
    for kind, (real, processor, peak, _) in medians.items():
        figures = (real, real / first[0], processor, processor / first[1], peak, peak / first[2])
        print(f"{kind:>18}{''.join(f'{figure:11.2f}' for figure in figures)}")


if __name__ == "__main__":
    main()
