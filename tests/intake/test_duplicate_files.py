"""A log is counted once, whatever its copies are packed with or encoded in; half a copy is refused."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Mapping
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from sla_audit.cli.main import run
from tests.builders.packed import zstd
from tests.builders.runs import refused, report

HEADER = "timestamp,account_id,status\n"
ROWS = [f"2026-10-{1 + at % 28:02}T05:06:{at % 60:02}Z,acct-{at % 7},{200 if at % 5 else 502}" for at in range(900)]
LOG = HEADER + "".join(f"{row}\n" for row in ROWS)  # some 30 KB, more than the beginning that is looked at
OBJECTS = "".join(json.dumps(dict(zip(HEADER.strip().split(","), row.split(","), strict=True))) + "\n" for row in ROWS)


PACK: dict[str, Callable[[bytes], bytes]] = {".gz": gzip.compress, ".zst": zstd, ".csv": bytes, ".jsonl": bytes}


@pytest.fixture(autouse=True)
def in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def lay(files: Mapping[str, str | bytes]) -> None:
    """Write files: text is packed as the name says, bytes are as they are."""
    for name, content in files.items():
        path = Path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(PACK[path.suffix](content.encode()) if isinstance(content, str) else content)


COPIES: dict[str, tuple[dict[str, str | bytes], str, str]] = {
    "packed beside it": ({"a.csv": LOG, "a.csv.gz": LOG}, "a.csv.gz", "a.csv"),
    "packed elsewhere": ({"x.csv": LOG, "backup/y.csv.gz": LOG}, "backup/y.csv.gz", "x.csv"),
    "packed in two ways": ({"x.csv.gz": LOG, "y.csv.zst": LOG}, "y.csv.zst", "x.csv.gz"),
    "packed differently": ({"x.csv.gz": LOG, "y.csv.gz": gzip.compress(LOG.encode(), 1)}, "y.csv.gz", "x.csv.gz"),
    "JSON lines, packed": ({"x.jsonl": OBJECTS, "z/x.jsonl.zst": OBJECTS}, "z/x.jsonl.zst", "x.jsonl"),
    "JSON lines under another suffix": ({"x.jsonl": OBJECTS, "y.log.gz": OBJECTS}, "y.log.gz", "x.jsonl"),
    "with a byte order mark": ({"x.csv": LOG, "y.csv": "\ufeff" + LOG}, "y.csv", "x.csv"),
    "with a mark, packed": ({"x.csv": LOG, "y.csv.gz": "\ufeff" + LOG}, "y.csv.gz", "x.csv"),
    "of few rows": ({"x.csv": LOG[:220], "y.csv.gz": LOG[:220]}, "y.csv.gz", "x.csv"),
}


@pytest.mark.parametrize(("files", "copy", "first"), COPIES.values(), ids=COPIES)
def test_a_copy_is_counted_once(files: dict[str, str | bytes], copy: str, first: str) -> None:
    lay(files)
    found = report(".")
    alone = report(first)
    assert found["rows"] == alone["rows"]
    assert found["results"] == alone["results"]
    assert f"{copy} is a copy of {first}; it is counted once" in found["warnings"]


OTHERS: dict[str, dict[str, str | bytes]] = {
    "other rows beside it": {"a.csv": LOG, "a.csv.gz": HEADER + "\n".join(reversed(ROWS)) + "\n"},
    "other line ends": {"a.csv": LOG, "b.csv.gz": LOG.replace("\n", "\r\n")},
    "another last row": {"a.csv": LOG, "b.csv.gz": LOG[:-4] + "503\n"},
}


@pytest.mark.parametrize("files", OTHERS.values(), ids=OTHERS)
def test_other_logs_are_counted_each(files: dict[str, str | bytes]) -> None:
    lay(files)
    found = report(".")
    assert found["rows"]["counted"] == 1_800
    assert not any("is a copy of" in warning for warning in found["warnings"])


def test_what_paths_say_tells_logs_of_the_same_bytes_apart() -> None:
    of_one = "timestamp,status\n" + "2026-10-01T05:06:07Z,200\n" * 900
    lay({"account_id=a/x.csv": of_one, "account_id=b/x.csv.gz": of_one})
    assert [result["requests"] for result in report(".")["results"]] == [900, 900]


def test_a_header_alone_is_no_copy_and_no_beginning() -> None:
    lay({"a.csv": HEADER, "b.csv": HEADER, "c.csv.gz": HEADER, "d.csv": LOG, "d.csv.gz": HEADER})
    found = report(".")
    assert found["rows"]["counted"] == 900
    assert len(found["inputs"]) == 5
    assert "4 logs hold no rows: a.csv, b.csv, c.csv.gz and 1 more" in found["warnings"]


BEGINNINGS: dict[str, tuple[dict[str, str | bytes], str, str]] = {
    "a log that grew after it was packed": ({"a.csv": LOG, "a.csv.gz": LOG[:20_000]}, "a.csv.gz", "a.csv"),
    "of a few rows, beside what it is packed in": ({"a.csv": LOG[:100], "a.csv.zst": LOG}, "a.csv", "a.csv.zst"),
    "a copy elsewhere that was cut": (
        {"x.jsonl.gz": OBJECTS, "z/y.jsonl": OBJECTS[:30_000]},
        "z/y.jsonl",
        "x.jsonl.gz",
    ),
    "two plain files": ({"x.csv": LOG, "z/y.csv": LOG[:25_000]}, "z/y.csv", "x.csv"),
}


@pytest.mark.parametrize(("files", "shorter", "longer"), BEGINNINGS.values(), ids=BEGINNINGS)
def test_the_beginning_of_another_log_is_refused(
    files: dict[str, str | bytes], shorter: str, longer: str, capsys: pytest.CaptureFixture[str]
) -> None:
    lay(files)
    errors = refused(capsys, "compute", ".")
    assert f"{shorter}: holds what {longer} begins with and ends before it" in errors
    assert "Leave it out" in errors


def test_hosts_with_the_same_first_rows_are_no_copies() -> None:
    lay({"a.csv": HEADER + ROWS[0] + "\n", "b.csv": HEADER + ROWS[0] + "\n" + ROWS[1] + "\n"})
    assert report(".")["rows"]["counted"] == 3


TALLIED: dict[str, tuple[dict[str, str | bytes], str, str, tuple[str, ...]]] = {
    "packed": ({"x.csv": LOG}, "x.csv", "y.csv.gz", ()),
    "unpacked": ({"x.csv.gz": LOG}, "x.csv.gz", "y.csv", ()),
    "JSON lines, packed": ({"x.ndjson.zst": OBJECTS}, "x.ndjson.zst", "y.jsonl", ()),
    "in UTF-16": ({"x.csv": LOG.encode("utf-16")}, "x.csv", "y.csv.gz", ("--encoding", "utf-16")),
    "packed, with odd quotes": ({"x.csv.gz": LOG + '2026-10-01T05:06:07Z,a"b,200\n'}, "x.csv.gz", "y.csv", ()),
}


@pytest.mark.parametrize(("files", "tallied", "copy", "options"), TALLIED.values(), ids=TALLIED)
def test_a_log_is_known_by_a_tally_however_it_is_kept(
    files: dict[str, str | bytes],
    tallied: str,
    copy: str,
    options: tuple[str, ...],
    capsys: pytest.CaptureFixture[str],
) -> None:
    lay(files)
    (content,) = files.values()
    text = content.decode("utf-16") if isinstance(content, bytes) else content
    assert run(["tally", tallied, "-o", "log.tally.parquet", "--quiet", "--max-rejected", "1", *options]) == 0
    lay({copy: text})
    errors = refused(capsys, "compute", "log.tally.parquet", copy, "--max-rejected", "1")
    assert f"log.tally.parquet: counts the log {tallied}, which is also counted in {copy}" in errors
    assert run(["tally", copy, "-o", "copy.tally.parquet", "--quiet", "--max-rejected", "1"]) == 0
    assert "is also counted in" in refused(capsys, "compute", "log.tally.parquet", "copy.tally.parquet")


def test_a_tally_made_before_contents_were_known_still_knows_its_files(capsys: pytest.CaptureFixture[str]) -> None:
    lay({"x.csv": LOG})
    assert run(["tally", "x.csv", "-o", "new.tally.parquet", "--quiet"]) == 0
    table = pq.read_table("new.tally.parquet")
    said = json.loads(table.schema.metadata[b"sla-audit"])
    for source in said["sources"]:
        del source["content"], source["beginning"]
    said["schema"] = "sla-audit/tally/2"
    pq.write_table(table.replace_schema_metadata({b"sla-audit": json.dumps(said)}), "old.tally.parquet")

    assert report("old.tally.parquet")["rows"]["counted"] == 900
    assert "which is also counted in x.csv" in refused(capsys, "compute", "old.tally.parquet", "x.csv")
    assert "is also counted in" in refused(capsys, "compute", "old.tally.parquet", "new.tally.parquet")


def test_samples_taken_as_a_log_is_read_are_those_of_the_file(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for form in ("csv", "jsonl"):
        monkeypatch.setattr(f"sla_audit.intake.formats.{form}.log._BYTES_A_RANGE", 1_000)
    lay({"x.csv.gz": LOG, "y.jsonl.gz": OBJECTS})
    assert run(["tally", "x.csv.gz", "y.jsonl.gz", "-o", "packed.tally.parquet", "--quiet"]) == 0
    lay({"x.csv": LOG, "y.jsonl": OBJECTS})
    for name in ("x.csv", "y.jsonl"):
        assert f"is also counted in {name}" in refused(capsys, "compute", "packed.tally.parquet", name)
