"""Make logs to measure with: any size, many accounts, sorted or shuffled, with request ids or without, Parquet or CSV.

python benchmarks/make_data.py FOLDER --rows 60_000_000 --accounts 20_000 --days 30
"""

from __future__ import annotations

import argparse
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

FIRST_DAY = np.datetime64("2026-09-30T16:00:00", "ms")  # 1 October in Shanghai
DAY = 86_400_000
STATUSES = np.array([200, 201, 304, 400, 404, 429, 499, 500, 502, 503, 504, 0], dtype=np.int16)
CHANCES = np.array([0.90, 0.02, 0.01, 0.01, 0.02, 0.01, 0.005, 0.005, 0.005, 0.005, 0.005, 0.005])
FLAGS = np.array([None, "gambling", "politics", "fraud"], dtype=object)
FLAG_CHANCES = np.array([0.996, 0.002, 0.001, 0.001])
EXCLUSIONS = """\
id,clause,starts_at,ends_at,notified_at,accounts,note
M1,1,2026-10-03T02:00:00+08:00,2026-10-03T04:00:00+08:00,2026-10-01T10:00:00+08:00,,announced
M2,1,2026-10-11T13:30:00+08:00,2026-10-11T14:10:00+08:00,,,not announced
N3,3,2026-10-17T22:00:00+08:00,2026-10-18T01:30:00+08:00,,,carrier
F4,11,2026-10-22T09:00:00+08:00,2026-10-22T09:00:30+08:00,,,power
M5,1,2026-10-29T00:00:00+08:00,2026-10-29T06:00:00+08:00,2026-10-27T10:00:00+08:00,,announced
"""


@dataclass(frozen=True)
class Plan:
    """What one file holds."""

    path: Path
    rows: int
    first_day: int
    days: int
    seed: int
    options: argparse.Namespace


def write(plan: Plan) -> None:
    options = plan.options
    chance = np.random.default_rng(plan.seed)
    times = chance.integers(plan.first_day * DAY, (plan.first_day + plan.days) * DAY, plan.rows)
    if not options.shuffled:
        times.sort()
    # A few accounts make most of the traffic, as everywhere.
    account = (options.accounts * chance.random(plan.rows) ** 2).astype(np.int32)
    status = chance.choice(len(STATUSES), plan.rows, p=CHANCES).astype(np.int8)
    flag = chance.choice(len(FLAGS), plan.rows, p=FLAG_CHANCES).astype(np.int8)
    ids = pa.array([f"acct-{number:07}" for number in range(options.accounts)])
    columns = {
        "timestamp": pa.array(FIRST_DAY + times, pa.timestamp("ms", "UTC")),
        "account_id": pa.DictionaryArray.from_arrays(pa.array(account), ids).cast(pa.string()),
        "status": pa.array(STATUSES[status], mask=status == len(STATUSES) - 1),
        "content_flag": pa.DictionaryArray.from_arrays(pa.array(flag), pa.array(["", *FLAGS[1:]], pa.string())).cast(
            pa.string()
        ),
    }
    if options.format == "csv":
        text = pa.table(columns | {"timestamp": columns["timestamp"].cast(pa.timestamp("ms"))})
        iso = text.column("timestamp").cast(pa.string())
        iso = pa.compute.binary_join_element_wise(pa.compute.replace_substring(iso, " ", "T"), "Z", "")
        text = text.set_column(0, "timestamp", iso)
        # The columns that a gateway writes besides, and that nobody asked for, make a log as wide as real ones.
        text = text.append_column("request_id", request_ids(plan.rows, chance))
        text = text.append_column("region", pa.array(np.full(plan.rows, "cn-north-1")))
        text = text.append_column("api", pa.array(np.full(plan.rows, "/v1/compose")))
        text = text.append_column("latency_ms", pa.array(chance.integers(20, 4000, plan.rows)))
        pa_csv.write_csv(text, plan.path, pa_csv.WriteOptions(quoting_style="none"))
    else:
        columns["content_flag"] = pa.compute.if_else(
            pa.compute.equal(columns["content_flag"], ""), pa.scalar(None, pa.string()), columns["content_flag"]
        )
        if options.ids:
            columns["request_id"] = request_ids(plan.rows, chance)
        table = pa.table(columns)
        if options.duplicates:
            # A row that was sent again stands beside the first, as in a log sorted by time.
            again = np.sort(chance.choice(plan.rows, int(plan.rows * options.duplicates), replace=False))
            table = table.take(pa.array(np.sort(np.concatenate([np.arange(plan.rows), again]))))
        pq.write_table(table, plan.path, compression="zstd", row_group_size=options.row_group)


def request_ids(rows: int, chance: np.random.Generator) -> pa.Array:
    """Draw ids of 32 hexadecimal digits."""
    digits = np.frombuffer(b"0123456789abcdef", dtype=np.uint8)[chance.integers(0, 16, (rows, 32), dtype=np.uint8)]
    return pa.array(digits.view("S32").ravel(), pa.binary(32)).cast(pa.binary()).cast(pa.string())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rows", type=int, default=60_000_000)
    parser.add_argument("--accounts", type=int, default=20_000)
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--files", type=int, help="default: one a day")
    parser.add_argument("--shuffled", action="store_true", help="rows of any day in every file, in no order")
    parser.add_argument("--row-group", type=int, default=500_000)
    parser.add_argument("--ids", action="store_true", help="a request_id in Parquet too, as CSV always has")
    parser.add_argument("--duplicates", type=float, default=0, metavar="SHARE", help="of rows sent twice, in Parquet")
    parser.add_argument("--format", choices=["parquet", "csv"], default="parquet")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    files = options.files or options.days
    plans = [
        Plan(
            path=options.folder / f"log-{number:03}.{options.format}",
            rows=options.rows * (number + 1) // files - options.rows * number // files,
            first_day=0 if options.shuffled else options.days * number // files,
            days=options.days if options.shuffled else max(1, options.days // files),
            seed=number,
            options=options,
        )
        for number in range(files)
    ]
    with ProcessPoolExecutor(2) as pool:
        list(pool.map(write, plans))
    options.folder.with_suffix(".exclusions.csv").write_text(EXCLUSIONS)


if __name__ == "__main__":
    main()
