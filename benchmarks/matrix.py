"""Writer x format x form of time x packing: each against the best of its format, and against peers on the same files.

    python benchmarks/matrix.py FOLDER [--rows 5_000_000] [--runs 5] [--duckdb PYTHON] [--chdb PYTHON] [--only csv]

Logs are made in the folder, once. Figures are compared first; then all run in turn, as whole processes. The table has
the worst ratio first: processor seconds against DuckDB's.
"""

from __future__ import annotations

import argparse
import csv
import statistics
import subprocess
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from compare import FIGURES, HERE, measure
from figures import digest
from matrix_data import Cell, make


@dataclass
class Measured:
    """Seconds of some runs: by the clock, and of the processor; and the peak memory in MB."""

    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    peak: float = 0.0

    def add(self, command: list[str]) -> None:
        """Run a command once."""
        wall, cpu, peak = measure(command)
        self.wall.append(wall)
        self.cpu.append(cpu)
        self.peak = max(self.peak, peak)

    @property
    def medians(self) -> tuple[float, float]:
        """The medians of both."""
        return statistics.median(self.wall), statistics.median(self.cpu)


def audit(logs: Path) -> list[str]:
    """Say how logs are audited."""
    return [sys.executable, "-m", "sla_audit", "compute", str(logs), "--as-of", "2026-12-01", "--quiet"]


def figures(logs: Path) -> str:
    """Digest what the audit says of each account."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.csv"
        subprocess.run([*audit(logs), "-o", str(report)], check=True)
        with report.open() as file:
            return digest(tuple(row[name] for name in FIGURES) for row in csv.DictReader(file))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rows", type=int, default=5_000_000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--only", default="", help="cells whose name contains this")
    parser.add_argument("--duckdb", metavar="PYTHON", help="the interpreter that has DuckDB")
    parser.add_argument("--chdb", metavar="PYTHON", help="the interpreter that has chDB")
    options = parser.parse_args()
    with ProcessPoolExecutor(1) as aside:  # a process is born with the peak memory of its parent
        cells = aside.submit(make, options.folder, options.rows, options.duckdb).result()
    made = [cell for cell in cells if options.only in cell.name]
    peers = {name: python for name in ("duckdb", "chdb") if (python := getattr(options, name))}
    measured: dict[Cell, dict[str, Measured]] = {}
    for cell in made:
        logs = options.folder / cell.name
        asked = [str(HERE / "peer_matrix.py"), "{}", str(logs), cell.format, cell.times]
        commands = {"ours": audit(logs)}
        commands |= {name: [python, *(each.format(name) for each in asked)] for name, python in peers.items()}
        ours = figures(logs)
        for name in peers:
            theirs = subprocess.run(commands[name], check=True, capture_output=True, text=True).stdout.split()[-1]
            if theirs != ours:
                sys.exit(f"{cell.name}: {name} gives other figures: {theirs}, sla-audit {ours}")
        found = measured[cell] = {name: Measured() for name in commands}
        for _ in range(options.runs):
            for name, command in commands.items():
                found[name].add(command)
        print(f"{cell.name}: figures agree", file=sys.stderr)
    show(measured, list(peers))


def show(measured: dict[Cell, dict[str, Measured]], peers: list[str]) -> None:
    """Print the table as Markdown, the worst ratio first."""
    best = {
        form: min(found["ours"].medians[0] for cell, found in measured.items() if cell.format == form)
        for form in {cell.format for cell in measured}
    }

    def against(cell: Cell, peer: str, which: int) -> float:
        return measured[cell]["ours"].medians[which] / measured[cell][peer].medians[which]

    def worst(cell: Cell) -> float:
        return max((against(cell, peer, 1) for peer in peers), default=measured[cell]["ours"].medians[1])

    heads = [
        "log",
        "s",
        "processor s",
        "peak MB",
        "of the best of its format",
        *(f"of {peer}, wall / cpu" for peer in peers),
    ]
    print(f"| {' | '.join(heads)} |\n|{'---|' * len(heads)}")
    for cell in sorted(measured, key=worst, reverse=True):
        ours = measured[cell]["ours"]
        wall, cpu = ours.medians
        ratios = [f"{against(cell, peer, 0):.2f} / {against(cell, peer, 1):.2f}" for peer in peers]
        of_best = wall / best[cell.format]
        print(f"| {cell.name} | {wall:.2f} | {cpu:.2f} | {ours.peak:.0f} | {of_best:.2f} | {' | '.join(ratios)} |")


if __name__ == "__main__":
    main()
