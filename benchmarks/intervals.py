"""A month counted by intervals beside the same count by days, in turn: medians, ratios and peak memory.

    python benchmarks/intervals.py [--rows 60000000] [--runs 5] [--background 0.0005] [--shuffled] [--format csv]

Half of all requests of one day fail; of the others, so many as the `background` says. Each count is a
process of its own. All must count the same requests.
"""

from __future__ import annotations

import argparse
import resource
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

from sla_audit.commands.count import CountOptions, Logs
from sla_audit.commands.count import count as counted
from sla_audit.contract.load import load_contract
from sla_audit.contract.terms.measure import Measure
from sla_audit.tally.local_threads import LocalThreads
from sla_audit.tally.slots import SlotGrid

DAYS, OUTAGE = 30, 12
STATUSES = np.array([200, 201, 304, 400, 404, 429], dtype=np.int16)
CHANCES = np.array([0.92, 0.02, 0.02, 0.01, 0.02, 0.01])
KINDS = ("days", "1h", "5min", "1min")


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


def count(kind: str, logs: str) -> None:
    """Count logs once, and print the seconds, those of processors, the peak memory in MB and what was counted."""
    contract, step = load_contract("jdcloud-smart-compose"), None
    if kind != "days":
        measure = Measure.model_validate({"kind": "mean_of_intervals", "clause": "2.7", "interval": kind})
        contract, step = contract.model_copy(update={"measure": measure}), measure.step
    began = time.perf_counter()
    tally = counted(
        Logs((logs,), engine=LocalThreads(2)), contract, SlotGrid(contract.zone, step=step), CountOptions()
    ).tally
    seconds, used = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_SELF)
    print(seconds, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, tally.requests, tally.counts.height)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=60_000_000)
    parser.add_argument("--accounts", type=int, default=20_000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--background", type=float, default=0.0, help="the share of all requests that fail anyway")
    parser.add_argument("--shuffled", action="store_true", help="rows of any day in every file, in no order")
    parser.add_argument("--format", choices=["parquet", "csv"], default="parquet")
    parser.add_argument("--count", nargs=2, metavar=("KIND", "LOGS"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.count:
        count(*options.count)
        return
    with tempfile.TemporaryDirectory() as folder:
        plans = [
            Plan(Path(folder) / f"log-{number:03}.{options.format}", number, options.rows // DAYS, options)
            for number in range(DAYS)
        ]
        with ProcessPoolExecutor(2) as pool:
            list(pool.map(write, plans))
        measured: dict[str, list[list[float]]] = {kind: [] for kind in KINDS}
        for _ in range(options.runs):
            for kind, runs in measured.items():
                command = [sys.executable, __file__, "--count", kind, folder]
                said = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
                runs.append(list(map(float, said)))
    medians = {
        kind: [statistics.median(column) for column in zip(*runs, strict=True)] for kind, runs in measured.items()
    }
    if len({median[3] for median in medians.values()}) != 1:
        raise ValueError("not all count the same requests")
    of_days = medians["days"]
    names = ("", "seconds", "of days", "processor", "of days", "MB", "of days", "counts")
    print("".join(f"{name:>11}" for name in names))
    for kind, (real, processor, peak, _, counts) in medians.items():
        figures = (real, real / of_days[0], processor, processor / of_days[1], peak, peak / of_days[2])
        print(f"{kind:>11}{''.join(f'{figure:11.2f}' for figure in figures)}{counts:11,.0f}")


if __name__ == "__main__":
    main()
