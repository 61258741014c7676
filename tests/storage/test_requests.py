"""How often a store is asked: each byte once, and nothing of days that are not asked for."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import unquote

import pyarrow as pa
import pyarrow.parquet as pq

from tests.builders.stores.served import Run, Store

ROW = b"timestamp,account_id,status\n%sT04:00:00Z,a,200\n"


def listed(store: Store) -> list[str]:
    """Give the prefixes that were listed."""
    queries = (unquote(each.query).split("&") for each in store.proxy.seen if each.is_listing)
    return [part.removeprefix("prefix=") for query in queries for part in query if part.startswith("prefix=")]


def test_a_parquet_file_of_3_mb_takes_at_most_4_requests(store: Store, program: Run, tmp_path: Path) -> None:
    rows = 150_000
    columns = {
        "timestamp": pa.array(range(1_790_900_000, 1_790_900_000 + rows), pa.timestamp("s", "UTC")),
        "account_id": ["acme"] * rows,
        "status": [200] * rows,
        "request_id": [f"{each * 2654435761 % 2**32:08x}{each:08x}" for each in range(rows)],
    }
    pq.write_table(pa.table(columns), tmp_path / "large.parquet")
    assert 2 << 20 < (tmp_path / "large.parquet").stat().st_size < 4 << 20
    store.server.put("bucket/logs/large.parquet", (tmp_path / "large.parquet").read_bytes())
    done = program("compute", "s3://bucket/logs/large.parquet", "--as-of", "2026-11-20", "--quiet")
    assert done.code == 0, done.err
    assert 1 <= len(store.proxy.of("bucket/logs/large.parquet")) <= 4


def test_a_text_is_fetched_once(store: Store, program: Run) -> None:
    done = program("compute", "s3://bucket/sample/logs", "--as-of", "2026-11-20", "--quiet")
    assert done.code == 0, done.err
    for name in ("2026-10-a.csv", "2026-11-a.csv"):
        assert [each.method for each in store.proxy.of(f"bucket/sample/logs/{name}")] == ["HEAD", "GET", "HEAD"]


def test_a_directory_is_listed_by_pages(store: Store, program: Run, tmp_path: Path) -> None:
    store.server.keys_a_page = 7
    for number in range(30):
        store.server.put(
            f"bucket/many/{number % 3}/{number:02d}.csv", (ROW % b"2026-10-05").replace(b":00Z", b":%02dZ" % number)
        )
    report = tmp_path / "report.json"
    done = program("compute", "s3://bucket/many", "--as-of", "2026-11-20", "--quiet", "-o", str(report))
    assert done.code == 0, done.err
    assert json.loads(report.read_text())["rows"]["read"] == 30
    assert sum("continuation-token" in each.query for each in store.proxy.seen) == 4


def test_only_the_days_asked_for_are_listed(store: Store, program: Run, tmp_path: Path) -> None:
    for day in ("2026-09-29", "2026-09-30", "2026-10-05", "2026-11-01", "2026-11-02", "2026-12-05"):
        store.server.put(f"bucket/days/{day.replace('-', '/')}/gw.csv", ROW % day.encode())
    pattern = "s3://bucket/days/{yyyy}/{mm}/{dd}/"
    done = program("compute", pattern, "--cycle", "2026-10", "--as-of", "2026-12-20", "--quiet")
    assert done.code == 0, done.err
    fetched = sorted({each.key for each in store.proxy.seen if each.method == "GET" and each.key.endswith(".csv")})
    assert fetched == [f"bucket/days/{day}/gw.csv" for day in ("2026/09/30", "2026/10/05", "2026/11/01")]
    assert not any("days/2026/12" in prefix or prefix == "days/" for prefix in listed(store))
