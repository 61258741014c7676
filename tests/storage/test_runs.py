"""Every command reads from a store what it reads from this machine, and says the same of it."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sla_audit.contract.load import contract_file
from tests.builders.stores.served import SAMPLE, Run, Store, large_csv, sample_report
from tests.program import ROOT

DIALECT = b"""
schema = "sla-audit/dialect/1"
id = "own"
title = "Own"
source = "nobody"
verified = false
status = "code"

[columns]
timestamp = ["at"]
account_id = ["who"]

[[outcomes]]
ended = "answered"
"""
CONFIG = ("--config", "s3://bucket/sample/sla-audit.toml")


def alike(program: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> None:
    """Run the program on `AT/…` in the store and on this machine, and hold what it says to be the same."""
    monkeypatch.chdir(ROOT)
    there = program(*(each.replace("AT", "s3://bucket/sample") for each in arguments))
    here = program(*(each.replace("AT", "sample_logs") for each in arguments))
    assert there.code == here.code, there.err
    assert there.out.replace("s3://bucket/sample", "sample_logs") == here.out
    assert there.err.replace("s3://bucket/sample", "sample_logs") == here.err
    assert here.out


def test_the_sample_has_its_report(store: Store, program: Run, tmp_path: Path) -> None:
    done = program("compute", *CONFIG, "--quiet", "-o", str(tmp_path / "report.json"))
    assert (done.code, done.err) == (0, "")
    assert sample_report(tmp_path / "report.json") == (SAMPLE / "expected.json").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "arguments",
    [
        ("explain", "--config", "AT/sla-audit.toml", "--account", "exactly-99"),
        ("rows", "--config", "AT/sla-audit.toml", "--account", "exactly-99", "--class", "failed"),
        ("check", "--config", "AT/sla-audit.toml", "--format", "json"),
        ("claim-check", "--report", "AT/expected.json"),
        ("render", "AT/expected.json"),
        ("reconcile", "AT/expected.json", "AT/logs", "--account", "exactly-99", "--cycle", "2026-10"),
        ("compute", "AT/logs/*.csv", "AT/logs/2026-10-b.parquet", "--as-of", "2026-11-20", "--cycle", "2026-10"),
        ("compute", "AT/**/2026-1[01]-*", "--as-of", "2026-11-20", "--accounts", "AT/accounts.csv"),
    ],
    ids=lambda each: each[0],
)
def test_a_command_says_of_a_store_what_it_says_of_a_folder(
    store: Store, program: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    alike(program, tmp_path, monkeypatch, *arguments)


def test_partitions_are_told_by_names(store: Store, program: Run, tmp_path: Path) -> None:
    for account in ("a", "b"):
        path = tmp_path / "part.parquet"
        times = pa.array([1_791_000_000_000_000, 1_791_000_001_000_000], pa.timestamp("us", "UTC"))
        pq.write_table(pa.table({"timestamp": times, "status": [200, 502]}), path)
        store.server.put(f"bucket/hive/account_id={account}/part-0.parquet", path.read_bytes())
    report = tmp_path / "report.json"
    done = program("compute", "s3://bucket/hive", "--as-of", "2026-11-20", "--quiet", "-o", str(report))
    assert done.code == 0, done.err
    assert sorted({each["account_id"] for each in json.loads(report.read_text())["results"]}) == ["a", "b"]


def test_a_tally_is_counted_from_a_store_and_read_from_it(store: Store, program: Run, tmp_path: Path) -> None:
    logs, tally = "s3://bucket/sample/logs", "s3://bucket/month.tally.parquet"
    assert program("tally", logs, "-o", tally, "--quiet").code == 0
    for name, read in (("of-logs", logs), ("of-tally", tally)):
        done = program("compute", read, "--as-of", "2026-11-20", "--quiet", "-o", str(tmp_path / f"{name}.json"))
        assert done.code == 0, done.err
    of_logs, of_tally = (json.loads((tmp_path / f"{name}.json").read_text()) for name in ("of-logs", "of-tally"))
    assert of_logs["results"] == of_tally["results"]
    assert of_logs["results"]


def test_a_contract_and_a_dialect_are_read_from_a_store(store: Store, program: Run, tmp_path: Path) -> None:
    store.server.put("bucket/own.toml", contract_file("jdcloud-smart-compose"))
    store.server.put("bucket/dialect.toml", DIALECT)
    store.server.put("bucket/own/a.csv", b"at,who,code\n2026-10-05T00:00:00Z,a,200\n")
    said = ("--contract", "s3://bucket/own.toml", "--dialect", "s3://bucket/dialect.toml", "--as-of", "2026-11-20")
    report = tmp_path / "report.json"
    done = program("compute", "s3://bucket/own", *said, "--quiet", "-o", str(report))
    assert done.code == 0, done.err
    assert [each["account_id"] for each in json.loads(report.read_text())["results"]] == ["a"]


def reports(program: Run, tmp_path: Path, *places: str) -> list[str]:
    """Give the reports on logs at places, which are not named in them."""
    found = []
    for place in places:
        report = tmp_path / "report.json"
        assert program("compute", place, "--as-of", "2026-11-20", "--quiet", "-o", str(report)).code == 0
        found.append(report.read_text().replace(place, "LOGS"))
    return found


def test_a_large_log_is_read_by_blocks(store: Store, program: Run, tmp_path: Path) -> None:
    rows = large_csv(220_000)
    assert len(rows) > 3 * (4 << 20)
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "large.csv").write_bytes(rows)
    store.server.put("bucket/large/large.csv", rows)
    here, there = reports(program, tmp_path, f"{tmp_path}/logs", "s3://bucket/large")
    assert here == there
    assert json.loads(here)["rows"]["duplicate"] == 4400
    asked = [each for each in store.proxy.of("bucket/large/large.csv") if each.method == "GET"]
    assert len({each.range for each in asked}) == len(asked)  # no byte of it twice, though rows were compared again


def test_a_large_parquet_log_is_read_by_blocks(store: Store, program: Run, tmp_path: Path) -> None:
    rows = 1_000_000
    (tmp_path / "logs").mkdir()
    path = tmp_path / "logs" / "large.parquet"
    columns = {
        "timestamp": pa.array(
            range(1_791_000_000_000_000, 1_791_000_000_000_000 + rows * 1000, 1000), pa.timestamp("us", "UTC")
        ),
        "account_id": [f"account-{row % 7}" for row in range(rows)],
        "status": [502 if row % 40 == 0 else 200 for row in range(rows)],
        "note": [f"{row * 2654435761 % 2**32:08x}" for row in range(rows)],
    }
    pq.write_table(pa.table(columns), path, row_group_size=rows // 5)
    assert path.stat().st_size > 2 * (4 << 20)
    store.server.put("bucket/large/large.parquet", path.read_bytes())
    here, there = reports(program, tmp_path, f"{tmp_path}/logs", "s3://bucket/large")
    assert here == there
