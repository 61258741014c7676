"""The same figures by Polars: python peer_polars.py LOGS EXCLUSIONS."""

from __future__ import annotations

import csv
import sys
from datetime import datetime
from pathlib import Path

import polars as pl
from figures import digest

logs, exclusions = Path(sys.argv[1]), Path(sys.argv[2])
if next(logs.glob("*.csv"), None):
    types = {"timestamp": pl.String, "account_id": pl.String, "status": pl.Int16, "content_flag": pl.String}
    rows = pl.scan_csv(logs / "*.csv", schema_overrides=types)
    rows = rows.with_columns(pl.col("timestamp").str.to_datetime("%Y-%m-%dT%H:%M:%S%.fZ", time_zone="UTC"))
else:
    rows = pl.scan_parquet(logs / "*.parquet")
inside = pl.any_horizontal(
    pl.lit(value=False),
    *(
        pl.col("timestamp").is_between(
            *(datetime.fromisoformat(row[edge]) for edge in ("starts_at", "ends_at")), "left"
        )
        for row in csv.DictReader(exclusions.open())
        if row["clause"] != "1" or row["notified_at"]
    ),
)
status = pl.col("status")
kind = (
    pl.when(pl.col("content_flag").fill_null("") != "")
    .then(2)
    .when(status.is_between(400, 499))
    .then(2)
    .when(status.is_null() | status.is_in([502, 503, 504]))
    .then(pl.when(inside).then(2).otherwise(1))
    .otherwise(0)
    .cast(pl.Int8)
)
counts = rows.group_by("account_id").agg(*((kind == each).sum().alias(str(each)) for each in range(3)))
print(digest(counts.collect(engine="streaming").rows()))
