"""The same figures by DuckDB: python peer_duckdb.py LOGS EXCLUSIONS."""

from __future__ import annotations

import csv
import sys
from collections.abc import Mapping
from pathlib import Path

import duckdb
from figures import digest


def source(logs: Path) -> str:
    """Express the rows of all logs."""
    if next(logs.glob("*.csv"), None):
        names = {"timestamp": "timestamptz", "account_id": "varchar", "status": "smallint", "content_flag": "varchar"}
        rest = dict.fromkeys(("request_id", "region", "api", "latency_ms"), "varchar")
        return f"read_csv('{logs}/*.csv', header=true, delim=',', quote='\"', columns={names | rest})"
    return f"read_parquet('{logs}/*.parquet')"


def applied(exclusion: Mapping[str, str]) -> bool:
    """Tell whether an exclusion counts: maintenance must have been announced."""
    return exclusion["clause"] != "1" or bool(exclusion["notified_at"])


def main() -> None:
    logs, exclusions = Path(sys.argv[1]), Path(sys.argv[2])
    windows = [
        f"(timestamp >= timestamptz '{row['starts_at']}' and timestamp < timestamptz '{row['ends_at']}')"
        for row in csv.DictReader(exclusions.open())
        if applied(row)
    ]
    # One pass; the windows are looked at for failures only, which are few.
    query = f"""
        select account_id,
               count(*) filter (class = 0) as success,
               count(*) filter (class = 1) as failure,
               count(*) filter (class = 2) as excluded
        from (
            select account_id,
                   case when content_flag is not null and content_flag <> '' then 2
                        when status between 400 and 499 then 2
                        when status is null or status in (502, 503, 504)
                        then case when {" or ".join(windows)} then 2 else 1 end
                        else 0 end as class
            from {source(logs)})
        group by account_id
    """
    duckdb.sql("set timezone = 'UTC'")
    print(digest(duckdb.sql(query).fetchall()))


if __name__ == "__main__":
    main()
