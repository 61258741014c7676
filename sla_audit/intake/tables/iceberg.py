"""Apache Iceberg: the table's metadata, read by its own library; no catalog is asked."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from pyiceberg.avro import file as avro
from pyiceberg.avro.decoder import StreamingBinaryDecoder
from pyiceberg.catalog.noop import NoopCatalog
from pyiceberg.manifest import FileFormat, ManifestContent
from pyiceberg.schema import Schema
from pyiceberg.serializers import FromInputFile
from pyiceberg.table import FileScanTask, StaticTable
from pyiceberg.table.snapshots import Snapshot
from pyiceberg.transforms import IdentityTransform
from pyiceberg.types import DateType, NestedField, StringType

from sla_audit.errors import InputError, Problem
from sla_audit.intake.tables.iceberg_files import Files
from sla_audit.intake.tables.live import EXPORT, ICEBERG, LiveFile, LiveTable, made_at
from sla_audit.intake.tables.version import AsOfVersion
from sla_audit.model.instant import microseconds
from sla_audit.sentence import Message, Sentence, to_say

# The library's compiled decoder reads past the end of damaged files, which may end the process.
avro.new_decoder = StreamingBinaryDecoder  # type: ignore[assignment, attr-defined]

METADATA = re.compile(r"(?:v(?P<version>\d+)|(?P<number>\d+)-[^/]+?)(?:\.gz)?\.metadata\.json(?:\.gz)?")


def read_iceberg(folder: Path, asked: AsOfVersion | None = None, metadata: Path | None = None) -> LiveTable:
    """Read the list of files of the latest snapshot, or of the one that is asked for.

    The `metadata` file with the highest number is taken for the current one, unless one is given: only a catalog
    would know it for certain. Raises `InputError` for a snapshot that there is not, and for tables whose files alone do
    not hold what the table does; what the library raises where its files cannot be read.
    """
    current = _latest(folder) if metadata is None else metadata
    table = _open(folder, current)
    snapshot = _snapshot(table, asked, folder.as_posix())
    if snapshot is None:  # nothing was ever written
        made = made_at(table.metadata.last_updated_ms)
        return LiveTable(folder, ICEBERG, 0, made, (), current)
    # What is asked for by its version has the columns of then, what is read as it is now has those of now.
    now = asked is None or snapshot.schema_id is None
    schema = table.schema() if now else table.schemas()[snapshot.schema_id or 0]
    files = Files(folder, table.metadata.location)
    tasks = list(table.scan(snapshot_id=snapshot.snapshot_id).plan_files())
    problems = [*_not_read(tasks, schema, folder.as_posix()), *_not_whole(tasks, snapshot, table, folder.as_posix())]
    if problems:
        raise InputError(*problems)
    names = {number: schema.find_column_name(number) or "" for number in schema.field_ids}
    live = sorted((_file(task, table, names, schema, files) for task in tasks), key=lambda file: file.path)
    return LiveTable(folder, ICEBERG, snapshot.snapshot_id, made_at(snapshot.timestamp_ms), tuple(live), current)


def _latest(folder: Path) -> Path:
    """Find the metadata with the highest number. Raises `InputError` where two have it, or none has one."""
    numbered: dict[int, list[Path]] = {}
    for path in (folder / "metadata").iterdir():
        match = METADATA.fullmatch(path.name)
        if match is not None:
            numbered.setdefault(int(match["version"] or match["number"]), []).append(path)
    newest = sorted(numbered[max(numbered)]) if numbered else []
    if len(newest) == 1:
        return newest[0]
    found: Message = to_say("is a table of Apache Iceberg, and no metadata file of it has a number")
    if newest:
        found = Sentence(
            "is a table of Apache Iceberg with two current metadata files, {first} and {other}",
            first=newest[0].name,
            other=newest[1].name,
        )
    remedy = to_say("Give the metadata file that its catalog names, instead of the directory.")
    raise InputError(Problem(folder.as_posix(), found, remedy))


def _open(folder: Path, current: Path) -> StaticTable:
    # Not `from_metadata`: that opens what the metadata says by whatever class the metadata says.
    opened = Files(folder, "").new_input(current.as_posix())
    metadata = FromInputFile.table_metadata(opened)
    return StaticTable(
        identifier=("table", folder.name),
        metadata=metadata,
        metadata_location=current.as_posix(),
        io=Files(folder, metadata.location),
        catalog=NoopCatalog("none"),
    )


def _snapshot(table: StaticTable, asked: AsOfVersion | None, where: str) -> Snapshot | None:
    if asked is None:
        return table.current_snapshot()
    if asked.number is not None:
        found = table.snapshot_by_id(asked.number)
    else:
        instant = 0 if asked.instant is None else microseconds(asked.instant)
        found = table.snapshot_as_of_timestamp(instant // 1000)
    if found is None:
        known = [f"{entry.snapshot_id} ({made_at(entry.timestamp_ms).isoformat()})" for entry in table.history()]
        what = Sentence("has no snapshot {asked}; it has {known}", asked=str(asked), known=", ".join(known[-3:]) or "-")
        raise InputError(Problem(where, what, "Ask for a snapshot that there is."))
    return found


def _not_read(tasks: list[FileScanTask], schema: Schema, where: str) -> Iterator[Problem]:
    """Say what the files alone do not tell."""
    deleted = sorted(task.file.file_path for task in tasks if task.delete_files)
    if deleted:
        found = Sentence(
            "{files:,} of its files have deleted rows (merge-on-read), {first} first",
            files=len(deleted),
            first=deleted[0],
        )
        remedy = to_say("Rewrite them (rewrite_data_files) and read the snapshot that this makes, or export the rows.")
        yield Problem(where, found, remedy)
    others = sorted({str(task.file.file_format) for task in tasks if task.file.file_format != FileFormat.PARQUET})
    if others:
        yield Problem(where, Sentence("has files in {formats}; Parquet is read", formats=", ".join(others)), EXPORT)
    filled = [field.name for field in schema.fields if field.initial_default is not None]
    if filled:
        found = Sentence("gives rows that are older than column {name} a value in it", name=filled[0])
        yield Problem(where, found, EXPORT)


def _not_whole(tasks: list[FileScanTask], snapshot: Snapshot, table: StaticTable, where: str) -> Iterator[Problem]:
    """Say that the list of files is not what the list of their manifests says of it: a manifest has no checksum."""
    manifests = [each for each in snapshot.manifests(table.io) if each.content == ManifestContent.DATA]
    counts = [(each.added_files_count, each.existing_files_count) for each in manifests]
    rows = [(each.added_rows_count, each.existing_rows_count) for each in manifests]
    for listed, found in ((counts, len(tasks)), (rows, sum(task.file.record_count for task in tasks))):
        said = sum((added or 0) + (existing or 0) for added, existing in listed)
        if found != said and not any(None in each for each in listed):
            what = Sentence(
                "its manifests name {found:,} files or rows where the list of them says {said:,}",
                found=found,
                said=said,
            )
            yield Problem(where, what, to_say("Look at the table with a tool of its own; it is damaged."))
            return


def _file(task: FileScanTask, table: StaticTable, names: Mapping[int, str], schema: Schema, files: Files) -> LiveFile:
    file = task.file
    spec = table.specs()[file.spec_id]
    said = {
        names[part.source_id]: _text(file.partition[at], schema.find_field(part.source_id))
        for at, part in enumerate(spec.fields)
        if isinstance(part.transform, IdentityTransform) and part.source_id in names
    }
    return LiveFile(
        path=files.place(file.file_path),
        bytes=file.file_size_in_bytes,
        rows=file.record_count,
        values=said,
        columns=names,
    )


def _text(value: Any, field: NestedField) -> str | None:
    """Write a value of a partition as text."""
    if value is None:
        return None
    if isinstance(field.field_type, DateType) and isinstance(value, int):
        return (date(1970, 1, 1) + timedelta(days=value)).isoformat()
    if isinstance(field.field_type, StringType) or isinstance(value, (int, date)):
        return str(value)
    return repr(value)
