"""The same figures by chDB: python peer_chdb.py LOGS EXCLUSIONS."""

from __future__ import annotations

import csv
import sys
from datetime import UTC, datetime
from pathlib import Path

import chdb
from figures import digest

logs, exclusions = Path(sys.argv[1]), Path(sys.argv[2])


def instant(text: str) -> str:
    moment = datetime.fromisoformat(text).astimezone(UTC)
    return f"toDateTime64('{moment:%Y-%m-%d %H:%M:%S}', 3, 'UTC')"


windows = [
    f"(timestamp >= {instant(row['starts_at'])} and timestamp < {instant(row['ends_at'])})"
    for row in csv.DictReader(exclusions.open())
    if row["clause"] != "1" or row["notified_at"]
]
if next(logs.glob("*.csv"), None):
    names = {
        "timestamp": "DateTime64(3, 'UTC')",
        "account_id": "String",
        "status": "Nullable(Int16)",
        "content_flag": "Nullable(String)",
    }
    rest = dict.fromkeys(("request_id", "region", "api", "latency_ms"), "String")
    columns = ", ".join(f"{name} {kind}" for name, kind in (names | rest).items())
    source = f"file('{logs}/*.csv', CSVWithNames, $${columns}$$)"
else:
    source = f"file('{logs}/*.parquet', Parquet)"
# Failures are few, and only they are looked up in the windows.
query = f"""
    select account_id, countIf(class = 0), countIf(class = 1), countIf(class = 2)
    from (
        select account_id,
               multiIf(ifNull(content_flag, '') != '', 2,
                       ifNull(status between 400 and 499, false), 2,
                       not ifNull(status not in (502, 503, 504), false), if({" or ".join(windows)}, 2, 1),
                       0) as class
        from {source})
    group by account_id
    settings date_time_input_format = 'best_effort'
"""
text = str(chdb.query(query, "CSV"))
print(digest((row[0], *map(int, row[1:])) for row in csv.reader(text.splitlines())))
