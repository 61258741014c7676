"""Logs that change while they are read: what was cut, replaced or rewritten is refused, what grew read as planned."""

from __future__ import annotations

import gzip
import json
import os
import resource
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sla_audit.cli.main import run
from sla_audit.intake.bytes.planned import PlannedFile
from sla_audit.intake.formats.csv import log as csv_log
from sla_audit.intake.formats.jsonl import log as json_log
from sla_audit.intake.formats.lines import log as lines_log
from sla_audit.tally.dedup.detect import SecondLook
from sla_audit.tally.dedup.reused_ids import Suspects
from sla_audit.tally.local_threads import LocalThreads
from tests.builders.logs.text_lines import alb
from tests.builders.runs import files_of
from tests.program import ROOT

SECONDS = range(40, 60)
CSV = "timestamp,account_id,status,request_id\n" + "".join(
    f"2026-10-05T05:06:{at}Z,acct-{at % 3},{503 if at == 50 else 200},r{at}\n" for at in SECONDS
)
OBJECTS = "".join(
    json.dumps(dict(zip(("timestamp", "account_id", "status", "request_id"), line.split(","), strict=True))) + "\n"
    for line in CSV.splitlines()[1:]
)
LINES = "".join(f"{alb(trace_id=str(at))}\n" for at in SECONDS)
W3C = "#Version: 1.0\n#Fields: date time c-user sc-status\n" + "".join(
    f"2026-10-05 05:06:{at} acct-{at % 3} 200\n" for at in SECONDS
)


def parquet(text: str) -> bytes:
    file = pa.BufferOutputStream()
    frame = pl.read_csv(text.encode(), schema_overrides={"status": pl.Int16})
    pq.write_table(frame.to_arrow(), file, row_group_size=7, write_page_checksum=True)
    return bytes(file.getvalue().to_pybytes())


def tally(text: str) -> bytes:
    Path("made.csv").write_text(text)
    assert run(["tally", "made.csv", "-o", "made.tally.parquet", "--quiet"]) == 0
    Path("made.csv").unlink()
    content = Path("made.tally.parquet").read_bytes()
    Path("made.tally.parquet").unlink()
    return content


MAPPED = ("--column", "account_id=c-user", "--column", "timestamp=date,time", "--column", "status=sc-status")
ALB = ("--column", "account_id=domain_name")
FORMATS: dict[str, tuple[str, Callable[[], bytes], tuple[str, ...]]] = {
    "CSV": ("a.csv", CSV.encode, ()),
    "CSV in another encoding": (
        "a.csv",
        lambda: CSV.replace("acct", "帐").encode("gb18030"),
        ("--encoding", "gb18030"),
    ),
    "packed CSV": ("a.csv.gz", lambda: gzip.compress(CSV.encode(), mtime=0), ()),
    "packed CSV of zstd": ("a.csv.zst", lambda: pa.compress(CSV.encode(), "zstd", asbytes=True), ()),
    "JSON lines": ("a.jsonl", OBJECTS.encode, ()),
    "packed JSON lines": ("a.jsonl.gz", lambda: gzip.compress(OBJECTS.encode(), mtime=0), ()),
    "lines": ("a.log", LINES.encode, ALB),
    "packed lines": ("a.log.gz", lambda: gzip.compress(LINES.encode(), mtime=0), ALB),
    "lines that name their fields": ("a.log", W3C.encode, MAPPED),
    "Parquet": ("a.parquet", lambda: parquet(CSV), ()),
    "a tally": ("a.tally.parquet", lambda: tally(CSV), ()),
}
PLAIN = [name for name in FORMATS if "packed" not in name and name not in {"Parquet", "a tally"}]


def cut(path: Path) -> None:
    """Truncate it where it is, as `copytruncate` of logrotate does."""
    os.truncate(path, path.stat().st_size // 2)


def empty(path: Path) -> None:
    os.truncate(path, 0)


def filled_again(path: Path) -> None:
    """Truncate it where it is, and write on until it is longer than before."""
    content = path.read_bytes()
    os.truncate(path, 0)
    path.write_bytes(content[::-1] + content)


def rewritten(path: Path) -> None:
    """Write other bytes of the same number into its middle."""
    with path.open("r+b") as file:
        file.seek(path.stat().st_size // 2)
        file.write(b"9")
    os.utime(path, ns=(0, path.stat().st_mtime_ns + 1))  # however coarse the clock of the file system is


def rewritten_at_its_end(path: Path) -> None:
    """Write other bytes to its end, and hide when that was."""
    known = path.stat()
    with path.open("r+b") as file:
        file.seek(-2, os.SEEK_END)
        file.write(b"#")
    os.utime(path, ns=(known.st_atime_ns, known.st_mtime_ns))


def replaced(path: Path) -> None:
    """Put another file of the same size and time in its place."""
    other, known = path.with_name("other"), path.stat()
    other.write_bytes(path.read_bytes())
    os.utime(other, ns=(known.st_atime_ns, known.st_mtime_ns))
    other.replace(path)


def gone(path: Path) -> None:
    path.rename(path.with_name("rotated"))


def grown(path: Path) -> None:
    with path.open("ab") as file:
        file.write(b"more\n")


CHANGES: list[Callable[[Path], None]] = [
    cut,
    empty,
    filled_again,
    rewritten,
    rewritten_at_its_end,
    replaced,
    gone,
]


@contextmanager
def changed_before(monkeypatch: pytest.MonkeyPatch, path: Path, change: Callable[[Path], None]) -> Iterator[None]:
    """Change a file once its reading is planned."""
    with monkeypatch.context() as patched:
        counted = LocalThreads.count
        patched.setattr(LocalThreads, "count", lambda *args: (change(path), counted(*args))[1])
        yield


@contextmanager
def changed_after(monkeypatch: pytest.MonkeyPatch, path: Path, change: Callable[[Path], None]) -> Iterator[None]:
    """Change a file once it has been counted."""
    with monkeypatch.context() as patched:
        counted = LocalThreads.count
        patched.setattr(LocalThreads, "count", lambda *args: (counted(*args), change(path))[0])
        yield


@contextmanager
def changed_within(monkeypatch: pytest.MonkeyPatch, path: Path, change: Callable[[Path], None]) -> Iterator[None]:
    """Change a file when some of its parts have been read, and others have not."""
    left = [3]

    def ranges(planned: PlannedFile, start: int, size: int) -> pa.Buffer:
        if planned.path == path:
            left[0] -= 1
            if not left[0]:
                change(path)
        return read(planned, start, size)

    read = PlannedFile.range
    with monkeypatch.context() as patched:
        for module in (csv_log, json_log, lines_log):
            patched.setattr(module, "_BYTES_A_RANGE", 200)
        patched.setattr(PlannedFile, "range", ranges)
        yield
    assert left[0] <= 0


@pytest.fixture(autouse=True)
def in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def compute(path: Path, *options: str) -> int:
    return run(["compute", str(path), "--as-of", "2026-12-01", *options, "--quiet", "-o", "report.json"])


def report() -> Any:
    return json.loads(Path("report.json").read_text(encoding="utf-8"))


def lay(form: str) -> tuple[Path, tuple[str, ...]]:
    name, content, options = FORMATS[form]
    path = Path(name)
    path.write_bytes(content())
    return path, options


@pytest.mark.parametrize("when", [changed_before, changed_after])
@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("form", FORMATS)
def test_a_log_that_is_cut_or_replaced_or_rewritten_is_refused(
    form: str, change: Any, when: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path, options = lay(form)
    with when(monkeypatch, path, change):
        assert compute(path, *options) == 2
    told = capsys.readouterr().err
    assert f"{path}: changed while it was read: " in told
    assert "Run it again once nothing writes to it" in told
    assert not Path("report.json").exists()


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("form", ["CSV", "JSON lines", "lines", "lines that name their fields"])
def test_so_is_one_of_which_some_ranges_have_been_read(
    form: str, change: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path, options = lay(form)
    with changed_within(monkeypatch, path, change):
        assert compute(path, *options, "--jobs", "1") == 2
    assert f"{path}: changed while it was read: " in capsys.readouterr().err
    assert not Path("report.json").exists()


@pytest.mark.parametrize("when", [changed_before, changed_within, changed_after])
@pytest.mark.parametrize("form", PLAIN)
def test_of_a_plain_text_that_has_grown_the_planned_bytes_count(
    form: str, when: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, options = lay(form)
    assert compute(path, *options, "--jobs", "1") == 0
    expected, size = report(), path.stat().st_size
    if "encoding" not in form or when is not changed_within:
        with when(monkeypatch, path, grown):
            assert compute(path, *options, "--jobs", "1") == 0
        assert report() == expected
        assert files_of(expected) == [{"path": str(path), "bytes": size, "rows": len(SECONDS)}]
        assert path.stat().st_size > size


@pytest.mark.parametrize("when", [changed_before, changed_after])
@pytest.mark.parametrize("form", [name for name in FORMATS if name not in PLAIN])
def test_what_is_no_plain_text_may_not_grow(
    form: str, when: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path, options = lay(form)
    with when(monkeypatch, path, grown):
        assert compute(path, *options) == 2
    assert f"{path}: changed while it was read: it has grown from " in capsys.readouterr().err


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("look", ["SecondLook", "Suspects"])
def test_a_log_that_changes_between_the_looks_at_request_ids_is_refused(
    look: str, change: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path, _ = lay("CSV")
    path.write_text(CSV + CSV.splitlines()[-1] + "\n")
    looked: list[object] = []
    owner = {"SecondLook": SecondLook, "Suspects": Suspects}[look]
    real = owner.look

    def changing(self: Any, *arguments: Any) -> Any:
        if not looked:
            change(path)
        looked.append(self)
        return real(self, *arguments)

    monkeypatch.setattr(owner, "look", changing)
    assert compute(path) == 2
    assert looked
    assert f"{path}: changed while it was read: " in capsys.readouterr().err


def test_of_a_log_that_grows_while_ids_are_looked_at_again_the_planned_bytes_count(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path, _ = lay("CSV")
    last = CSV.splitlines()[-1] + "\n"
    path.write_text(CSV + last)
    assert compute(path) == 0
    expected = report()
    assert expected["rows"]["duplicate"] == 1
    opened = PlannedFile.for_arrow

    def growing(planned: PlannedFile) -> Any:
        with path.open("a") as file:
            file.write(last)  # which would be one more of the same request
        return opened(planned)

    monkeypatch.setattr(PlannedFile, "for_arrow", growing)
    assert compute(path) == 0
    assert report() == expected
    assert path.read_text().count(last) > 3


HALF = "2026-10-05T05:07:00Z,acct-1,200,r"
"""A line that would be a row as it is; its last field would be another."""


@pytest.mark.parametrize(
    ("half", "rest", "counted"),
    [(HALF, "70\n", False), (HALF, "\n", True), (HALF, "\r\n", True), (HALF + "\n", "more\n", True), (HALF, "", True)],
)
def test_a_last_line_that_turns_out_to_have_been_half_written_is_no_row(
    half: str,
    rest: str,
    counted: bool,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path, _ = lay("CSV")
    path.write_text(CSV + half)

    def finish(path: Path) -> None:
        with path.open("a", newline="") as file:
            file.write(rest)

    with changed_after(monkeypatch, path, finish):
        assert compute(path) == (0 if counted else 2)
    if counted:
        assert report()["rows"]["counted"] == len(SECONDS) + 1
    else:
        assert "a.csv: changed while it was read: its last line was half written" in capsys.readouterr().err


def test_a_half_written_last_line_of_a_live_log_is_passed_over_when_it_is_finished_meanwhile(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path, _ = lay("CSV")
    path.write_text(CSV + "2026-10-05T05:07:00Z,acct")

    def finish(path: Path) -> None:
        with path.open("a") as file:
            file.write("-1,200,r70\n")

    with changed_after(monkeypatch, path, finish):
        assert compute(path, "--as-of", "2026-10-06") == 0
    assert report()["rows"]["read"] == report()["rows"]["counted"] == len(SECONDS)
    assert any("the last line has no end" in warning for warning in report()["warnings"])


def test_a_log_that_is_truncated_under_a_reader_never_ends_the_process() -> None:
    """Mapped into memory, it would: the system has no other word for a page that is gone. Nor does it take memory."""
    Path("a.parquet").write_bytes(parquet(CSV))
    code = (
        "import os, sys\n"
        "from sla_audit.cli.main import run\n"
        "from sla_audit.intake.formats.parquet.fragment import ParquetReading\n"
        "stored = ParquetReading._stored\n"
        "def cut(self, *wanted):\n"
        "    for batch in stored(self, *wanted):\n"
        "        yield batch\n"
        "        os.truncate('a.parquet', 0)\n"
        "ParquetReading._stored = cut\n"
        "sys.exit(run(['compute', 'a.parquet', '--quiet', '--jobs', '1']))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CPU, (60, 60)),
    )
    assert done.returncode == 2, done.stderr
    assert "a.parquet: changed while it was read: it was cut from " in done.stderr


def test_nothing_of_the_world_outside_is_mapped_into_memory() -> None:
    """What is mapped and cut ends the process. The one exception is a file of the program's own, without a name."""
    found = {
        path.relative_to(ROOT / "sla_audit").as_posix()
        for path in (ROOT / "sla_audit").rglob("*.py")
        if any(word in path.read_text(encoding="utf-8") for word in ("memory_map", "mmap", "memmap", "pl.scan_"))
    }
    assert found == {"tally/dedup/spill.py"}


class TestPlanned:
    def test_reads_its_bytes_and_none_after_them(self, tmp_path: Path) -> None:
        path = tmp_path / "a.log"
        path.write_bytes(b"first\nlast\n")
        planned = PlannedFile.of(path, grows=True)
        with path.open("ab") as file:
            file.write(b"later\n")
        with planned.open() as opened:
            assert opened.read() == b"first\nlast\n"
            assert opened.read(1) == b""
            assert opened.seek(-5, os.SEEK_END) == 6
            assert opened.readlines() == [b"last\n"]
        assert planned.range(6, 5).to_pybytes() == b"last\n"
        assert planned.change() is None

    def test_a_write_of_which_the_time_is_noted_before_the_size_is_no_other_content(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = tmp_path / "a.log"
        path.write_bytes(b"first\n")
        planned = PlannedFile.of(path, grows=True)
        os.utime(path, ns=(0, planned.modified + 1))

        def wait(_: float) -> None:
            with path.open("ab") as file:
                file.write(b"second\n")

        monkeypatch.setattr("time.sleep", wait)
        assert planned.change() is None

    def test_an_empty_log_may_grow(self, tmp_path: Path) -> None:
        path = tmp_path / "a.log"
        path.touch()
        planned = PlannedFile.of(path, grows=True)
        path.write_bytes(b"first\n")
        assert planned.change() is None
        assert not planned.has_grown_within_a_line()
        with planned.open() as opened:
            assert opened.read() == b""
