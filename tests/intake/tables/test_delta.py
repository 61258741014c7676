"""Tables of Delta Lake: the rows of one version, whatever lies in the directory besides."""

from __future__ import annotations

import base64
import json
import random
import shutil
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from deltalake import DeltaTable, write_deltalake
from hypothesis import given, settings
from hypothesis import strategies as st

from sla_audit.errors import InputError
from sla_audit.intake.tables.live import DELTA
from sla_audit.intake.tables.read import read_table
from sla_audit.intake.tables.version import AsOfVersion
from tests.builders.elsewhere import small_tasks
from tests.builders.lakes import counted, of, requests, told

ODD = ["a b", "a%20b", "中/文", "x=y", "__HIVE_DEFAULT_PARTITION__x", "#1?", "plus+plus"]


def test_rows_of_the_latest_version_are_counted_once(tmp_path: Path) -> None:
    table = tmp_path / "t"
    write_deltalake(table, requests("acme", ok=90, failed=10), partition_by=["account_id"])
    write_deltalake(table, requests("beta", ok=5, failed=5), mode="append")
    DeltaTable(table).optimize.compact()
    DeltaTable(table).delete("account_id = 'beta' and status = 500")
    assert counted(table) == {"acme": (100, 10), "beta": (5, 0)}
    assert counted(table, version="1") == {"acme": (100, 10), "beta": (10, 5)}
    assert counted(table, version="0") == {"acme": (100, 10)}


def test_a_part_of_a_table_is_read_elsewhere_as_here(tmp_path: Path) -> None:
    for account in ODD:
        write_deltalake(tmp_path / "t", requests(account, ok=3, failed=1), partition_by=["account_id"], mode="append")
    assert counted(tmp_path / "t", engine=small_tasks()) == counted(tmp_path / "t") == dict.fromkeys(ODD, (4, 1))


def test_a_directory_of_tables_and_loose_files_is_read_whole(tmp_path: Path) -> None:
    write_deltalake(tmp_path / "lake" / "t", requests("acme", ok=9, failed=1))
    write_deltalake(tmp_path / "lake" / "t", requests("acme", ok=7), mode="overwrite")
    write_deltalake(tmp_path / "lake" / "deep" / "u", requests("beta", ok=3))
    pq.write_table(requests("gamma", ok=2), tmp_path / "lake" / "loose.parquet")
    assert counted(tmp_path / "lake") == {"acme": (7, 0), "beta": (3, 0), "gamma": (2, 0)}


@pytest.mark.parametrize("account", ODD)
def test_an_account_that_is_a_partition_is_as_the_log_says(tmp_path: Path, account: str) -> None:
    write_deltalake(tmp_path / "t", requests(account, ok=3, failed=1), partition_by=["account_id"])
    assert counted(tmp_path / "t") == {account: (4, 1)}


def test_a_partition_without_a_value_is_null(tmp_path: Path) -> None:
    rows = requests("acme", ok=3).append_column("region", pa.nulls(3, pa.string()))
    write_deltalake(tmp_path / "t", rows, partition_by=["region"])
    (file,) = read_table(tmp_path / "t", DELTA).files
    assert file.values == {"region": None}


def test_values_of_partitions_are_texts_as_in_the_log(tmp_path: Path) -> None:
    row = {"d": [date(2026, 10, 1)], "n": [7], "b": [True], "x": [1]}
    write_deltalake(tmp_path / "t", pa.table(row), partition_by=["d", "n", "b"])
    (file,) = read_table(tmp_path / "t", DELTA).files
    assert file.values == {"d": "2026-10-01", "n": "7", "b": "true"}


STEPS = st.lists(
    st.tuples(st.sampled_from(["append", "overwrite", "delete", "compact", "checkpoint"]), st.integers(0, 9)),
    min_size=1,
    max_size=6,
)


@settings(max_examples=25)
@given(STEPS, st.booleans())
def test_what_is_counted_is_what_the_library_reads(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, int]], partitioned: bool
) -> None:
    table = tmp_path_factory.mktemp("lake") / "t"
    write_deltalake(table, requests("a", ok=3, failed=2), partition_by=["account_id"] if partitioned else None)
    for at, (step, number) in enumerate(steps):
        change(table, step, number, at)
    for version in range(DeltaTable(table).version() + 1):
        expected = told(DeltaTable(table, version=version).to_pyarrow_table())
        if expected:
            assert counted(table, version=str(version)) == expected


def change(table: Path, step: str, number: int, at: int) -> None:
    match step:
        case "append" | "overwrite":
            write_deltalake(table, requests("abc"[number % 3], ok=number + 1, failed=number, since=at + 1), mode=step)
        case "delete":
            DeltaTable(table).delete(f"account_id = '{'abc'[number % 3]}' and status = 500")
        case "compact":
            DeltaTable(table).optimize.compact()
        case _:
            DeltaTable(table).create_checkpoint()


def test_a_version_may_be_that_of_an_instant(tmp_path: Path) -> None:
    table = tmp_path / "t"
    for status in (1, 2, 3):
        write_deltalake(table, requests("acme", ok=status), mode="append")
    made = [datetime(2026, 10, day, 12, tzinfo=UTC) for day in (1, 2, 3)]
    for number, at in enumerate(made):
        dated(table, number, at)
    for instant, rows in [(made[0], 1), (made[1] - timedelta(milliseconds=1), 1), (made[1], 3), (made[2], 6)]:
        assert counted(table, version=instant.isoformat()) == {"acme": (rows, 0)}
    with pytest.raises(InputError, match="has no version of 2026-10-01T11:59:59") as raised:
        counted(table, version=(made[0] - timedelta(seconds=1)).isoformat())
    assert "made at 2026-10-01T12:00:00" in str(raised.value)


def dated(table: Path, number: int, at: datetime) -> None:
    """Let a version have been made at a time."""
    entries = entries_of(table, number)
    for entry in entries:
        if "commitInfo" in entry:
            entry["commitInfo"]["timestamp"] = int(at.timestamp() * 1000)
    write_entries(table, number, entries)


def entries_of(table: Path, number: int) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log_of(table, number).read_text().splitlines()]


def write_entries(table: Path, number: int, entries: list[dict[str, Any]]) -> None:
    log_of(table, number).write_text("\n".join(map(json.dumps, entries)) + "\n")


def log_of(table: Path, number: int) -> Path:
    return table / "_delta_log" / f"{number:020}.json"


def test_a_version_that_there_is_not_is_refused(tmp_path: Path) -> None:
    write_deltalake(tmp_path / "t", requests("acme", ok=1))
    with pytest.raises(InputError, match="has no version 1; the latest is 0"):
        counted(tmp_path / "t", version="1")


def broken(change: Callable[[dict[str, Any]], None], kind: str = "add") -> Callable[[Path], None]:
    """Give what changes an entry of the log's first version."""

    def to(table: Path) -> None:
        entries = entries_of(table, 0)
        for entry in entries:
            if kind in entry:
                change(entry[kind])
        write_entries(table, 0, entries)

    return to


def needing(*features: str, **configuration: str) -> Callable[[Path], None]:
    def to(table: Path) -> None:
        entries = entries_of(table, 0)
        for entry in entries:
            if "protocol" in entry:
                entry["protocol"] = {
                    "minReaderVersion": 3,
                    "minWriterVersion": 7,
                    "readerFeatures": list(features),
                    "writerFeatures": list(features),
                }
            if "metaData" in entry:
                entry["metaData"]["configuration"] = configuration
        write_entries(table, 0, entries)

    return to


def with_deletions(table: Path) -> None:
    needing("deletionVectors")(table)
    # Written by hand after Delta's protocol: row 0 is deleted, a bitmap within the log itself.
    vector = {"storageType": "i", "pathOrInlineDv": inline_bitmap(0), "sizeInBytes": 40, "cardinality": 1}
    broken(lambda add: add.update(deletionVector=vector))(table)


def inline_bitmap(row: int) -> str:
    magic = (1681511377).to_bytes(4, "little")
    bitmap = (12346).to_bytes(4, "little") + (1).to_bytes(4, "little") + bytes(4)
    bitmap += (16).to_bytes(4, "little") + row.to_bytes(2, "little")
    raw = magic + (1).to_bytes(8, "little") + bytes(4) + bitmap
    raw += bytes(-len(raw) % 4)
    theirs = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~"
    z85 = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#"
    return base64.b85encode(raw).decode().translate(str.maketrans(theirs, z85))


def with_other_names(table: Path) -> None:
    needing("columnMapping", **{"delta.columnMapping.mode": "name"})(table)

    def annotate(metadata: dict[str, Any]) -> None:
        schema = json.loads(metadata["schemaString"])
        for number, field in enumerate(schema["fields"], 1):
            name = {"delta.columnMapping.id": number, "delta.columnMapping.physicalName": field["name"]}
            field["metadata"] = name
        metadata["schemaString"] = json.dumps(schema)

    broken(annotate, "metaData")(table)


def without_a_file(table: Path) -> None:
    next(table.glob("*.parquet")).unlink()


def longer(table: Path) -> None:
    with next(table.glob("*.parquet")).open("ab") as file:
        file.write(b"more")


REFUSED: dict[str, tuple[Callable[[Path], None], str]] = {
    "deleted rows": (with_deletions, "have deleted rows"),
    "columns of other names": (with_other_names, "delta.columnMapping.mode is name"),
    "a feature of tomorrow": (needing("timeMachine"), "timeMachine"),
    "commits that its catalog keeps": (needing("catalogManaged"), "cannot be read as a table of Delta Lake"),
    "a file that is gone": (without_a_file, "is part of the table at this version, but is not there"),
    "a file of another size": (longer, "bytes; the table says"),
    "other rows": (broken(lambda add: add.update(stats='{"numRecords": 5}')), "has 4 rows; the table says 5"),
    "a log that is no log": (lambda table: log_of(table, 0).write_text("{"), "cannot be read as a table of Delta Lake"),
    "a log that is empty": (lambda table: log_of(table, 0).write_text(""), "cannot be read as a table of Delta Lake"),
    "no version": (lambda table: log_of(table, 0).unlink(), "cannot be read as a table of Delta Lake"),
}


@pytest.mark.parametrize(("spoil", "expected"), REFUSED.values(), ids=REFUSED)
def test_what_the_files_alone_do_not_tell_is_refused(
    tmp_path: Path, spoil: Callable[[Path], None], expected: str
) -> None:
    table = tmp_path / "t"
    write_deltalake(table, requests("acme", ok=3, failed=1))
    assert counted(table) == {"acme": (4, 1)}
    spoil(table)
    with pytest.raises(InputError) as raised:
        counted(table)
    assert expected in str(raised.value)


def test_the_features_that_change_no_row_are_none_to_refuse(tmp_path: Path) -> None:
    write_deltalake(tmp_path / "t", requests("acme", ok=3, failed=1))
    needing("deletionVectors", "timestampNtz")(tmp_path / "t")
    assert counted(tmp_path / "t") == {"acme": (4, 1)}


def test_a_column_that_came_later_is_empty_before(tmp_path: Path) -> None:
    write_deltalake(tmp_path / "t", requests("acme", ok=3))
    flagged = requests("acme", ok=2).append_column("content_flag", pa.array(["illegal", None], pa.string()))
    write_deltalake(tmp_path / "t", flagged, mode="append", schema_mode="merge")
    assert counted(tmp_path / "t", flags=True) == {"acme": (5, 1)}


def test_a_damaged_log_is_refused_or_read_as_it_was(tmp_path: Path) -> None:
    """Bytes of the log are changed at random: no other error comes than the one that a user can mend."""
    table = tmp_path / "t"
    write_deltalake(table, requests("acme", ok=3, failed=1))
    write_deltalake(table, requests("beta", ok=3), mode="append")
    sound = {number: log_of(table, number).read_bytes() for number in (0, 1)}
    chance = random.Random(1)
    for _ in range(300):
        number = chance.choice((0, 1))
        changed = bytearray(sound[number])
        for _ in range(chance.randint(1, 3)):
            at = chance.randrange(len(changed))
            changed[at : at + chance.randint(0, 4)] = chance.randbytes(chance.randint(0, 2))
        log_of(table, number).write_bytes(changed)
        with suppress(InputError):
            read_table(table, DELTA)
        log_of(table, number).write_bytes(sound[number])


def test_a_table_that_was_copied_is_read_where_it_lies(tmp_path: Path) -> None:
    write_deltalake(tmp_path / "t", requests("acme", ok=3, failed=1))
    shutil.move(tmp_path / "t", tmp_path / "u")
    assert counted(tmp_path / "u") == {"acme": (4, 1)}


@pytest.mark.parametrize(
    "written", ["-1", "1.5", "", "2026-10-01", "2026-10-01T00:00:00", "latest", "9" * 19, "9" * 30]
)
def test_what_is_no_version_is_refused(written: str) -> None:
    with pytest.raises((ValueError, OverflowError)):
        AsOfVersion.parse(written)


def test_versions_are_written_as_they_are_read() -> None:
    for written in ("0", "12", "9223372036854775807", "2026-10-01T00:00:00+08:00"):
        assert str(of(written)) == written
