"""How many different requests DuckDB finds: python peer_distinct.py LOGS."""

from __future__ import annotations

import sys

import duckdb

source = f"read_parquet('{sys.argv[1]}/*.parquet')"
columns = "request_id, timestamp, account_id, status"
print(duckdb.sql(f"select count(*) from (select distinct {columns} from {source})").fetchall()[0][0])
