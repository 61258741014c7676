"""Tables of Apache Iceberg: the rows of one snapshot, whatever lies in the directory besides."""

from __future__ import annotations

import json
import random
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyiceberg.catalog.sql import SqlCatalog
from pyiceberg.io.pyarrow import PyArrowFileIO
from pyiceberg.manifest import (
    DataFile,
    DataFileContent,
    FileFormat,
    ManifestContent,
    ManifestEntry,
    ManifestEntryStatus,
    ManifestWriterV2,
    write_manifest_list,
)
from pyiceberg.table import Table
from pyiceberg.transforms import IdentityTransform
from pyiceberg.typedef import Record
from pyiceberg.types import IntegerType, StringType

from sla_audit.errors import InputError
from sla_audit.intake.tables.live import ICEBERG
from sla_audit.intake.tables.read import read_table
from tests.builders.lakes import counted, requests, told


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Table]:
    """Make a table of 3 good requests of acme and one that failed."""
    with made_in(tmp_path) as table:
        table.append(requests("acme", ok=3, failed=1))
        yield table


class made_in:  # noqa: N801
    """A table without rows, and the catalog that it is in, which is closed in the end."""

    def __init__(self, folder: Path) -> None:
        self._catalog = SqlCatalog("test", uri="sqlite:///:memory:", warehouse=f"file://{folder}")

    def __enter__(self) -> Table:
        self._catalog.create_namespace("lake")
        return self._catalog.create_table("lake.t", schema=requests("acme").schema)

    def __exit__(self, *_: object) -> None:
        self._catalog.engine.dispose()


def of(table: Table) -> Path:
    return Path(table.location().removeprefix("file://"))


def metadata_of(table: Table) -> Path:
    return Path(table.metadata_location.removeprefix("file://"))


def test_rows_of_the_latest_snapshot_are_counted_once(made: Table) -> None:
    made.append(requests("beta", ok=5, failed=5))
    made.delete("account_id = 'beta' and status = 500")
    assert counted(of(made)) == {"acme": (4, 1), "beta": (5, 0)}
    first, second, *_ = made.history()
    assert counted(of(made), version=str(first.snapshot_id)) == {"acme": (4, 1)}
    assert counted(of(made), version=str(second.snapshot_id)) == {"acme": (4, 1), "beta": (10, 5)}


@pytest.mark.filterwarnings("ignore:Delete operation did not match")
@settings(max_examples=12)
@given(
    st.lists(st.tuples(st.sampled_from(["append", "overwrite", "delete", "partition"]), st.integers(0, 9)), max_size=5)
)
def test_what_is_counted_is_what_the_library_reads(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, int]]
) -> None:
    with made_in(tmp_path_factory.mktemp("lake")) as table:
        table.append(requests("a", ok=3, failed=2))
        for at, (step, number) in enumerate(steps):
            change(table, step, number, at)
        for entry in table.history():
            expected = told(table.scan(snapshot_id=entry.snapshot_id).to_arrow())
            if expected:
                assert counted(of(table), version=str(entry.snapshot_id)) == expected


def change(table: Table, step: str, number: int, at: int) -> None:
    match step:
        case "append":
            table.append(requests("abc"[number % 3], ok=number + 1, failed=number, since=at + 1))
        case "overwrite":
            table.overwrite(requests("abc"[number % 3], ok=number + 1, failed=number, since=at + 1))
        case "delete":
            table.delete(f"account_id = '{'abc'[number % 3]}' and status = 500")
        case _:
            with table.update_spec() as spec, suppress(ValueError):  # there is such a part already
                spec.add_field(("account_id", "status")[number % 2], IdentityTransform(), f"p{at}")


def test_a_snapshot_may_be_that_of_an_instant(made: Table) -> None:
    time.sleep(0.002)
    made.append(requests("beta", ok=5))
    first, second = (datetime.fromtimestamp(entry.timestamp_ms / 1000, UTC) for entry in made.history())
    assert counted(of(made), version=first.isoformat()) == {"acme": (4, 1)}
    assert counted(of(made), version=(second - timedelta(milliseconds=1)).isoformat()) == {"acme": (4, 1)}
    assert counted(of(made), version=second.isoformat()) == {"acme": (4, 1), "beta": (5, 0)}
    with pytest.raises(InputError, match="has no snapshot"):
        counted(of(made), version=(first - timedelta(milliseconds=1)).isoformat())


def test_a_snapshot_that_there_is_not_is_refused(made: Table) -> None:
    with pytest.raises(InputError, match="has no snapshot 7; it has"):
        counted(of(made), version="7")


def test_a_table_that_was_moved_is_read_where_it_lies(made: Table, tmp_path: Path) -> None:
    shutil.move(of(made), tmp_path / "elsewhere")
    assert counted(tmp_path / "elsewhere") == {"acme": (4, 1)}


def test_the_metadata_that_a_catalog_names_is_read(made: Table, tmp_path: Path) -> None:
    before = metadata_of(made)
    made.append(requests("beta", ok=5))
    assert counted(before) == {"acme": (4, 1)}
    assert read_table(of(made), ICEBERG).read_from == metadata_of(made)


def test_without_a_catalog_two_latest_files_are_refused(made: Table) -> None:
    number = metadata_of(made).name.partition("-")[0]
    shutil.copy(metadata_of(made), metadata_of(made).with_name(f"{number}-other.metadata.json"))
    with pytest.raises(InputError, match="two current metadata files"):
        counted(of(made))
    assert counted(metadata_of(made)) == {"acme": (4, 1)}


def test_metadata_numbered_as_hadoop_does_is_read(made: Table) -> None:
    current = metadata_of(made).read_bytes()
    for path in metadata_of(made).parent.glob("*.metadata.json"):
        path.unlink()
    (metadata_of(made).parent / "v9.metadata.json").write_bytes(b"{}")
    (metadata_of(made).parent / "v10.metadata.json").write_bytes(current)
    assert counted(of(made)) == {"acme": (4, 1)}


def test_a_table_without_a_snapshot_has_no_rows(tmp_path: Path) -> None:
    with made_in(tmp_path) as table:
        assert read_table(of(table), ICEBERG).files == ()


def test_a_column_that_was_dropped_is_not_read(made: Table) -> None:
    with made.update_schema() as schema:
        schema.add_column("content_flag", StringType())
    made.append(requests("beta", ok=2).append_column("content_flag", pa.array(["illegal", None], pa.string())))
    assert counted(of(made), flags=True) == {"acme": (4, 0), "beta": (2, 1)}
    with made.update_schema() as schema:
        schema.delete_column("content_flag")
    assert counted(of(made), flags=True) == {"acme": (4, 0), "beta": (2, 0)}
    then = made.history()[-1].snapshot_id
    assert counted(of(made), version=str(then), flags=True) == {"acme": (4, 0), "beta": (2, 1)}
    made.append(requests("beta", ok=1, since=1))
    assert counted(of(made), flags=True) == {"acme": (4, 0), "beta": (3, 0)}


def test_a_column_that_was_renamed_is_refused(made: Table) -> None:
    with made.update_schema() as schema:
        schema.rename_column("status", "code")
    with made.update_schema() as schema:
        schema.add_column("status", IntegerType())
    with pytest.raises(InputError, match="has column 'status', which the table has renamed to 'code'"):
        counted(of(made))


def test_a_partition_that_the_files_do_not_hold_is_as_the_table_says(made: Table) -> None:
    with made.update_spec() as spec:
        spec.add_field("account_id", IdentityTransform(), "account")
    made.append(requests("a/b 中", ok=2))
    values = sorted(file.values.get("account_id") or "" for file in read_table(of(made), ICEBERG).files)
    assert values == ["", "a/b 中"]


class _Deletes(ManifestWriterV2):
    """Writes a manifest of files of deletions, which the library writes none of."""

    def content(self) -> ManifestContent:
        return ManifestContent.DELETES

    @property
    def _meta(self) -> dict[str, str]:
        return {**super()._meta, "content": "deletes"}


def with_deletions(table: Table) -> None:
    """Add a file that says that some rows of others are deleted."""
    io = PyArrowFileIO()
    snapshot = table.current_snapshot()
    assert snapshot is not None
    place = f"{table.location()}/data/deletes.parquet"
    Path(place.removeprefix("file://")).write_bytes(b"never looked at")
    deletes = DataFile.from_args(
        content=DataFileContent.POSITION_DELETES,
        file_path=place,
        file_format=FileFormat.PARQUET,
        partition=Record(),
        record_count=1,
        file_size_in_bytes=15,
    )
    deletes.spec_id = 0
    manifest = io.new_output(f"{table.location()}/metadata/deletes.avro")
    with _Deletes(table.spec(), table.schema(), manifest, snapshot.snapshot_id, "null") as writer:
        writer.add_entry(
            ManifestEntry.from_args(
                status=ManifestEntryStatus.ADDED,
                snapshot_id=snapshot.snapshot_id,
                sequence_number=snapshot.sequence_number,
                file_sequence_number=snapshot.sequence_number,
                data_file=deletes,
            )
        )
    listed = io.new_output(f"{table.location()}/metadata/listed.avro")
    with write_manifest_list(2, listed, snapshot.snapshot_id, None, snapshot.sequence_number, "null") as lists:
        lists.add_manifests([*snapshot.manifests(io), writer.to_manifest_file()])
    rewrite(
        table, lambda said: said["snapshots"][-1].update({"manifest-list": f"{table.location()}/metadata/listed.avro"})
    )


def rewrite(table: Table, change: Callable[[dict[str, Any]], object]) -> None:
    """Change the metadata."""
    said = json.loads(metadata_of(table).read_text())
    change(said)
    metadata_of(table).write_text(json.dumps(said))


def without_a_file(table: Table) -> None:
    next(of(table).glob("data/*.parquet")).unlink()


def longer(table: Table) -> None:
    with next(of(table).glob("data/*.parquet")).open("ab") as file:
        file.write(b"more")


def with_a_value_for_older_rows(table: Table) -> None:
    def change(said: dict[str, Any]) -> None:
        said["format-version"] = 3
        said["next-row-id"] = 4
        for snapshot in said["snapshots"]:
            snapshot |= {"first-row-id": 0, "added-rows": 4}
        for schema in said["schemas"]:
            column = {
                "id": 9,
                "name": "content_flag",
                "required": False,
                "type": "string",
                "initial-default": "illegal",
            }
            schema["fields"].append(column)

    rewrite(table, change)


def elsewhere(table: Table) -> None:
    rewrite(table, lambda said: said.update(location="s3://lake/another"))


REFUSED: dict[str, tuple[Callable[[Table], None], str]] = {
    "deleted rows": (with_deletions, "have deleted rows (merge-on-read)"),
    "a file that is gone": (without_a_file, "is part of the table at this version, but is not there"),
    "a file of another size": (longer, "bytes; the table says"),
    "a value for older rows": (with_a_value_for_older_rows, "older than column content_flag a value in it"),
    "files outside of it": (elsewhere, "has a file outside of itself"),
    "no metadata": (lambda table: metadata_of(table).write_text("{"), "cannot be read as a table of Apache Iceberg"),
}


@pytest.mark.parametrize(("spoil", "expected"), REFUSED.values(), ids=REFUSED)
def test_what_the_files_alone_do_not_tell_is_refused(
    made: Table, spoil: Callable[[Table], None], expected: str, tmp_path: Path
) -> None:
    spoil(made)
    copy = tmp_path / "copy"
    shutil.copytree(of(made), copy)
    with pytest.raises(InputError) as raised:
        counted(copy)
    assert expected in str(raised.value)


def test_a_damaged_table_is_refused_or_read(made: Table) -> None:
    """Bytes of its files are changed at random: no other error comes than the one that a user can mend."""
    made.append(requests("beta", ok=2))
    chance = random.Random(1)
    files = sorted(path for path in (of(made) / "metadata").iterdir())
    for _ in range(300):
        path = chance.choice(files)
        sound = path.read_bytes()
        changed = bytearray(sound)
        for _ in range(chance.randint(1, 3)):
            at = chance.randrange(len(changed))
            changed[at : at + chance.randint(0, 4)] = chance.randbytes(chance.randint(0, 2))
        path.write_bytes(changed)
        with suppress(InputError):
            read_table(of(made), ICEBERG)
        path.write_bytes(sound)
