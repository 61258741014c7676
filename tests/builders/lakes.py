"""Tables of requests, and what a run counts of them."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pyarrow as pa

from sla_audit.commands.count import CountOptions, Logs, count
from sla_audit.contract.load import BUILT_IN, load_contract
from sla_audit.intake.tables.version import AsOfVersion
from sla_audit.tally.engine import Engine
from sla_audit.tally.local_threads import LocalThreads
from sla_audit.tally.slots import SlotGrid

_CONTRACT = load_contract(BUILT_IN)
_FIRST = datetime(2026, 10, 3, tzinfo=UTC)


def requests(account: str, ok: int = 0, failed: int = 0, since: int = 0) -> pa.Table:
    """Make requests of an account, one each second, the first so many minutes later."""
    statuses = [200] * ok + [500] * failed
    return pa.table(
        {
            "timestamp": pa.array(
                [_FIRST + timedelta(minutes=since, seconds=at) for at in range(len(statuses))],
                pa.timestamp("us", "UTC"),
            ),
            "account_id": pa.array([account] * len(statuses), pa.string()),
            "status": pa.array(statuses, pa.int32()),
        }
    )


def told(rows: pa.Table) -> dict[str, tuple[int, int]]:
    """Count rows one by one: by account, how many there are, and how many failed."""
    all_rows: Counter[str] = Counter()
    failed: Counter[str] = Counter()
    for row in rows.to_pylist():
        all_rows[row["account_id"]] += 1
        failed[row["account_id"]] += row["status"] >= 500
    return {account: (rows, failed[account]) for account, rows in all_rows.items()}


def of(written: str | None) -> AsOfVersion | None:
    """Read a version."""
    return None if written is None else AsOfVersion.parse(written)


def counted(
    *paths: Path, version: str | None = None, flags: bool = False, engine: Engine | None = None
) -> dict[str, tuple[int, int]]:
    """Count what paths name: by account, how many requests there are, and how many failed, or are flagged."""
    given = Logs(tuple(map(str, paths)), version=of(version), engine=engine or LocalThreads())
    found = count(given, _CONTRACT, SlotGrid(_CONTRACT.zone), CountOptions()).tally
    picked = pl.col("content_flag") if flags else pl.col("status") >= 500
    wide = (
        found.counts.join(found.accounts.with_row_index("account"), on="account")
        .join(found.outcomes.with_row_index("outcome"), on="outcome")
        .group_by("account_id")
        .agg(pl.col("requests").sum(), pl.col("requests").filter(picked).sum().alias("picked"))
    )
    return {row["account_id"]: (row["requests"], row["picked"]) for row in wide.to_dicts()}
