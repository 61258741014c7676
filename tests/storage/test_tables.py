"""Tables in a store: their logs are read as those of tables on this machine, and their rows are the same."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from deltalake import DeltaTable, write_deltalake
from pyiceberg.catalog.sql import SqlCatalog

from tests.builders.lakes import requests
from tests.builders.stores.served import Run, Store

FEW = ("--as-of", "2026-11-20", "--quiet", "-o")


def rows_in(program: Run, path: Path, *arguments: str) -> int:
    """Give how many rows are counted of what is named."""
    done = program("compute", *arguments, *FEW, str(path))
    assert (done.code, done.err) == (0, "")
    rows: int = json.loads(path.read_text(encoding="utf-8"))["rows"]["read"]
    return rows


def test_a_table_of_delta_lake(store: Store, program: Run, tmp_path: Path) -> None:
    table = tmp_path / "t"
    write_deltalake(table, requests("acme", ok=90, failed=10), partition_by=["account_id"])
    write_deltalake(table, requests("beta", ok=5, failed=5, since=5), mode="append")
    DeltaTable(table).optimize.compact()
    DeltaTable(table).create_checkpoint()
    DeltaTable(table).delete("account_id = 'beta' and status = 500")
    store.server.put_folder("bucket/t", table)
    for version in range(DeltaTable(table).version() + 1):
        there = rows_in(program, tmp_path / "there.json", "s3://bucket/t", "--as-of-version", str(version))
        assert there == DeltaTable(table, version=version).count()
    assert rows_in(program, tmp_path / "there.json", "s3://bucket/t") == 105


def test_a_table_of_iceberg(store: Store, program: Run, tmp_path: Path) -> None:
    catalog = SqlCatalog("test", uri="sqlite:///:memory:", warehouse=f"file://{tmp_path / 'lake'}")
    catalog.create_namespace("n")
    table = catalog.create_table("n.t", schema=requests("acme").schema)
    table.append(requests("acme", ok=90, failed=10))
    table.append(requests("beta", ok=5, failed=5, since=5))
    table.delete("account_id = 'beta' and status = 500")
    store.server.put_folder("bucket/t", Path(table.location().removeprefix("file://")))
    catalog.engine.dispose()
    assert rows_in(program, tmp_path / "there.json", "s3://bucket/t") == 105
    first = table.history()[0].snapshot_id
    assert rows_in(program, tmp_path / "there.json", "s3://bucket/t", "--as-of-version", str(first)) == 100


def test_a_file_that_is_gone_is_told(store: Store, program: Run, tmp_path: Path) -> None:
    write_deltalake(tmp_path / "t", requests("acme", ok=9, failed=1))
    (file,) = (tmp_path / "t").glob("*.parquet")
    file.unlink()
    store.server.put_folder("bucket/t", tmp_path / "t")
    done = program("compute", "s3://bucket/t", *FEW, str(tmp_path / "there.json"))
    assert done.code == 2
    assert "is part of the table at this version, but is not there" in done.err
    assert not (tmp_path / "there.json").exists()


@pytest.mark.parametrize("pattern", ["s3://bucket/t/*/*.parquet", "s3://bucket/t/account_id=acme"])
def test_a_part_of_one_is_refused(store: Store, program: Run, tmp_path: Path, pattern: str) -> None:
    write_deltalake(tmp_path / "t", requests("acme", ok=9, failed=1), partition_by=["account_id"])
    store.server.put_folder("bucket/t", tmp_path / "t")
    done = program("compute", pattern, *FEW, str(tmp_path / "there.json"))
    assert done.code == 2
    assert "Give the table, s3://bucket/t" in done.err
