"""The figures of one cell of the matrix by a peer: python peer_matrix.py duckdb|chdb FOLDER FORMAT TIMES."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

from figures import digest

BEGINS, ENDS = 1_790_784_000, 1_793_462_400  # October in Shanghai, seconds since 1970
_CLASSES = """
    case when content_flag is not null and content_flag <> '' then 2
         when status between 400 and 499 then 2
         when status in (502, 503, 504) then 1
         else 0 end
"""


def of_duckdb(folder: Path, kind: str, times: str) -> list[tuple[object, ...]]:
    duckdb = importlib.import_module("duckdb")
    duckdb.sql("set timezone = 'UTC'")
    typed = "bigint" if times.startswith("epoch") else "varchar"
    columns = {"timestamp": typed, "account_id": "varchar", "status": "smallint", "content_flag": "varchar"}
    beside = {"path": "varchar", "latency_ms": "bigint", "client": "varchar"}
    source = {
        "parquet": f"read_parquet('{folder}/*')",
        "csv": f"read_csv('{folder}/*', header=true, delim=',', columns={columns | beside})",
        "jsonl": f"read_json('{folder}/*', format='newline_delimited', columns={columns})",
    }[kind]
    second = {
        "native": "epoch(timestamp)",
        "isoz": "epoch(timestamp::timestamptz)",
        "offset": "epoch(timestamp::timestamptz)",
        "iso": "epoch(timestamp::timestamp) - 28800",
        "common": "epoch(strptime(timestamp, '%d/%b/%Y:%H:%M:%S %z'))",
        "msec": "timestamp::double",
        "epoch": "timestamp",
        "epochms": "timestamp // 1000",
    }[times]
    return duckdb.sql(f"""
        select account_id, count(*) filter (class = 0), count(*) filter (class = 1), count(*) filter (class = 2)
        from (select account_id, {_CLASSES} as class from {source} where {second} >= {BEGINS} and {second} < {ENDS})
        group by account_id
    """).fetchall()


def of_chdb(folder: Path, kind: str, times: str) -> list[tuple[object, ...]]:
    chdb = importlib.import_module("chdb")
    typed = "Int64" if times.startswith("epoch") else "String"
    columns = f"timestamp {typed}, account_id String, status Int16, content_flag Nullable(String)"
    form = {"parquet": "Parquet", "csv": "CSVWithNames", "jsonl": "JSONEachRow"}[kind]
    structure = f", '{columns}'" if kind != "parquet" else ""
    second = {
        "native": "toUnixTimestamp(toDateTime(timestamp))",
        "isoz": "toUnixTimestamp(parseDateTimeBestEffort(timestamp))",
        "offset": "toUnixTimestamp(parseDateTimeBestEffort(timestamp))",
        "iso": "toUnixTimestamp(parseDateTimeBestEffort(timestamp, 'Asia/Shanghai'))",
        "common": "toUnixTimestamp(parseDateTime(timestamp, '%d/%b/%Y:%H:%i:%S %z'))",
        "msec": "toFloat64(timestamp)",
        "epoch": "timestamp",
        "epochms": "intDiv(timestamp, 1000)",
    }[times]
    found = chdb.query(
        f"""
        select account_id, countIf(class = 0), countIf(class = 1), countIf(class = 2)
        from (select account_id, {_CLASSES} as class from file('{folder}/*', '{form}'{structure})
              where {second} >= {BEGINS} and {second} < {ENDS})
        group by account_id
        settings input_format_skip_unknown_fields = 1
        """,
        "TabSeparated",
    )
    return [tuple(line.split("\t")) for line in str(found).splitlines()]


if __name__ == "__main__":
    peer, folder, kind, times = sys.argv[1:]
    print(digest((of_duckdb if peer == "duckdb" else of_chdb)(Path(folder), kind, times)))
