"""Rows that were kept of many accounts, taken apart by account, without going through all of them for each.

They may be more than memory holds. So accounts are taken some at a time, whose rows are few together, with one pass
over all rows for these; an account that has more than that is read by itself, some rows at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence

import polars as pl

from sla_audit.commands.traced_logs import TracedLog
from sla_audit.model.traced import KEY, TRACED
from sla_audit.system.portions import in_portions

_ROWS_TOGETHER = 50_000
_LOG = "log"


def by_account(
    logs: tuple[TracedLog, ...], accounts: Sequence[str], keys_of: Callable[[str], Collection[str]]
) -> Iterator[tuple[str, tuple[TracedLog, ...]]]:
    """Give for each account, in their order, the rows under its keys, in the order of the logs."""
    rows = _rows_of_keys(logs) if len(accounts) > 1 else {}
    for some in in_portions(
        accounts, lambda account: sum(rows.get(key, 0) for key in keys_of(account)), _ROWS_TOGETHER
    ):
        if len(some) == 1:
            yield some[0], logs
            continue
        held = _held(logs, frozenset(key for account in some for key in keys_of(account)))
        for account in some:
            own = held.filter(pl.col(KEY).is_in(sorted(keys_of(account))))
            yield account, tuple(_by_log(own, logs))


def _rows_of_keys(logs: Sequence[TracedLog]) -> dict[str, int]:
    """Count the rows under each key."""
    found = pl.DataFrame(schema={KEY: pl.String(), "rows": pl.UInt32()})
    for log in logs:
        for part in log.parts:
            for batch in part:
                counts = pl.DataFrame(batch, schema_overrides=TRACED).group_by(KEY).agg(pl.len().alias("rows"))
                found = pl.concat([found, counts]).group_by(KEY).agg(pl.col("rows").sum())
    return dict(found.drop_nulls().iter_rows())


def _held(logs: Sequence[TracedLog], keys: Collection[str]) -> pl.DataFrame:
    wanted = pl.Series(sorted(keys), dtype=pl.String)
    parts = [
        pl.DataFrame(batch, schema_overrides=TRACED)
        .filter(pl.col(KEY).is_in(wanted.implode()))
        .with_columns(pl.lit(code, pl.UInt32).alias(_LOG))
        for code, log in enumerate(logs)
        for part in log.parts
        for batch in part
    ]
    return pl.concat([pl.DataFrame(schema=TRACED | {_LOG: pl.UInt32()}), *parts])


def _by_log(rows: pl.DataFrame, logs: Sequence[TracedLog]) -> Iterator[TracedLog]:
    for part in rows.partition_by(_LOG, maintain_order=True):
        log = logs[part[_LOG][0]]
        yield TracedLog(log.path, log.unit, (part.drop(_LOG).to_arrow().to_batches(),))
