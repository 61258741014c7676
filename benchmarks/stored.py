"""Many small logs in a store that takes its time, and the same on this machine, in turn; and that the reports agree.

    python benchmarks/stored.py [--files 10000] [--milliseconds 20] [--runs 3]

The store is a process of its own on this machine (`tests/builders/stores/server.py`), and its processor time is none of
the program's; but it takes it from the program where there are few cores.
"""

from __future__ import annotations

import argparse
import os
import resource
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent
ROWS = 20


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=10_000)
    parser.add_argument("--milliseconds", type=float, default=20.0)
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        logs = Path(folder) / "served" / "bucket" / "logs"
        write_logs(logs, options.files)
        port = free_port()
        server = [sys.executable, "-m", "tests.builders.stores.server", str(logs.parent.parent), str(port)]
        with subprocess.Popen([*server, str(options.milliseconds / 1000)], cwd=ROOT, stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            process.stdout.readline()
            compare({"local": str(logs), "stored": "s3://bucket/logs"}, port, Path(folder), options.runs)
            process.kill()


def compare(places: dict[str, str], port: int, folder: Path, runs: int) -> None:
    measured: dict[str, list[tuple[float, float]]] = {name: [] for name in places}
    for _ in range(runs):
        for name, place in places.items():
            measured[name].append(seconds_of(place, port, folder / f"{name}.json"))
    for name, each in measured.items():
        real, processor = (statistics.median(column) for column in zip(*each, strict=True))
        print(f"{name:8}{real:8.1f} s {processor:8.1f} s of processors")
    local, stored = ((folder / f"{name}.json").read_text().replace(place, "LOGS") for name, place in places.items())
    print("reports agree" if local == stored else "REPORTS DIFFER")


def seconds_of(logs: str, port: int, report: Path) -> tuple[float, float]:
    """Run the program on logs; give its real time and that of processors."""
    store = {"AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}", "AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"}
    command = [
        sys.executable,
        "-m",
        "sla_audit",
        "compute",
        logs,
        "--as-of",
        "2026-11-20",
        "--quiet",
        "-o",
        str(report),
    ]
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    subprocess.run(command, env={**os.environ, **store}, cwd=ROOT, check=True)
    real, after = time.monotonic() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    return real, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def write_logs(folder: Path, files: int) -> None:
    """Write files of some rows each, of the days of a month in folders of their own."""
    for number in range(files):
        day = folder / f"2026-10-{1 + number % 31:02d}"
        day.mkdir(parents=True, exist_ok=True)
        rows = [
            f"{day.name}T{row:02d}:{number % 60:02d}:{number // 60 % 60:02d}+08:00,acme,"
            f"{502 if (number + row) % 50 == 0 else 200},r-{number}-{row}"
            for row in range(ROWS)
        ]
        (day / f"gw-{number:05d}.csv").write_text("\n".join(["timestamp,account_id,status,request_id", *rows, ""]))


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


if __name__ == "__main__":
    main()
