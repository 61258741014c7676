"""Rows that were kept of many accounts: each account has its own, in the order of the logs, however they are parted."""

from __future__ import annotations

import random
from collections.abc import Collection

import polars as pl
import pyarrow as pa

from sla_audit.commands.claim_pack.kept import by_account
from sla_audit.commands.traced_logs import TracedLog
from sla_audit.model.traced import INSTANT, KEY, PLACE, TRACED


def log(path: str, keys: list[str], chance: random.Random) -> TracedLog:
    """Make a log with a row for each key, in parts and batches of some length."""
    rows = pl.DataFrame({PLACE: range(len(keys)), INSTANT: range(len(keys)), KEY: keys})
    missing = [pl.lit(None, kind).alias(name) for name, kind in TRACED.items() if name not in rows.columns]
    table = rows.with_columns(missing).select(list(TRACED)).cast(TRACED).to_arrow()
    batches = table.to_batches(chance.choice([max(7, len(keys) // 500), 20_000]))
    cut = chance.randrange(len(batches) + 1)
    return TracedLog(path, "row", (batches[:cut], batches[cut:]))


def rows_of(logs: tuple[TracedLog, ...], keys: Collection[str]) -> pl.DataFrame:
    tables = [
        pl.DataFrame(pa.Table.from_batches(part)).select(pl.lit(each.path).alias("path"), PLACE, KEY)
        for each in logs
        for part in each.parts
        if part
    ]
    nothing = pl.DataFrame(schema={"path": pl.String, PLACE: TRACED[PLACE], KEY: TRACED[KEY]})
    return pl.concat([nothing, *tables]).filter(pl.col(KEY).is_in(list(keys)))


def test_each_account_has_the_rows_of_its_keys() -> None:
    chance = random.Random(19)
    keys_of = {f"acct-{number}": {f"acct-{number}", f"key-{number}"} for number in range(40)}
    keys_of["none"] = {"none"}
    names = sorted(set().union(*keys_of.values()) - {"none"})
    logs = (
        log("a.csv", [chance.choice(names) for _ in range(3_000)], chance),
        log("empty.csv", [], chance),
        log("b.csv", ["acct-3"] * 60_000 + [chance.choice(names) for _ in range(20_000)], chance),  # one is large
    )
    accounts = list(keys_of)
    chance.shuffle(accounts)
    found = list(by_account(logs, accounts, keys_of.__getitem__))
    assert [account for account, _ in found] == accounts
    for account, own in found:
        assert rows_of(own, keys_of[account]).equals(rows_of(logs, keys_of[account]))
    assert all(rows_of(own, names).height < 3_000 for account, own in found if account != "acct-3")
