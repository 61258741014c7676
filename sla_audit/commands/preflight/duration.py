"""About how long a run takes: bytes and rows, at rough rates of one core."""

from __future__ import annotations

from collections.abc import Sequence

from sla_audit.commands.preflight.look import SeenLog, size_of
from sla_audit.intake.bytes.compression import packing_of
from sla_audit.intake.sources.source import Source

BYTES_A_SECOND = {"csv": 150 << 20, "json": 60 << 20, "lines": 60 << 20, "parquet": 100 << 20}
"""Of one core, with times in a usual form and no request ids: see benchmarks/README.md."""

ROWS_ONE_BY_ONE_A_SECOND = 100_000
TIMES_WITH_IDS, TIMES_PACKED = 3, 8
START = 1


def about_seconds(sources: Sequence[Source], seen: Sequence[SeenLog], jobs: int) -> int:
    """Tell about how many seconds it takes to count logs, of which some were seen, on so many cores."""
    work = sum(_bytes(source) / BYTES_A_SECOND[source.format] for source in sources)
    if any(log.columns is not None and log.columns.request_id in log.names for log in seen):
        work *= TIMES_WITH_IDS
    looked_at, slow = sum(log.bytes for log in seen), sum(log.one_by_one for log in seen)
    if looked_at:
        of_text = sum(_bytes(source) for source in sources if source.kind.is_text)
        work += slow * of_text / looked_at / ROWS_ONE_BY_ONE_A_SECOND
    return START + round(work / max(1, min(jobs, len(sources) if work < jobs else jobs)))


def _bytes(source: Source) -> int:
    return size_of(source) * (TIMES_PACKED if packing_of(source.path) is not None else 1)
