"""Logs from standard input and pipes: read once, kept as long as they are needed, gone whatever happens."""

from __future__ import annotations

import gzip
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sla_audit.cli.main import run
from sla_audit.errors import InputError
from sla_audit.intake.sources.find import find_sources
from tests import program
from tests.builders.runs import files_of
from tests.program import sla_audit

HEAD = "timestamp,account_id,status\n"
ROWS = "2026-10-05T05:06:01Z,a,200\n2026-10-05T05:06:02Z,a,502\n"
CSV = (HEAD + ROWS).encode()
JSON = b"".join(
    b'{"timestamp":"2026-10-05T05:06:0%dZ","account_id":"a","status":%d}\n' % (second, status)
    for second, status in ((1, 200), (2, 502))
)
ALB = (
    b"http 2026-10-05T05:06:02.186641Z app/lb/50dc6c495c0c9188 192.0.2.9:2817 10.0.0.1:80 0.000 0.001 0.000 200 200 "
    b'34 366 "GET http://a.example:80/ HTTP/1.1" "curl/7.46.0" - - arn:aws:tg "Root=1-58" "a.example" "-" 0 '
    b'2026-10-05T05:06:02.364000Z "forward" "-" "-" "10.0.0.1:80" "200" "-" "-"\n'
)


def parquet(folder: Path) -> bytes:
    columns = {"timestamp": [1_791_176_761, 1_791_176_762], "account_id": ["a", "a"], "status": [200, 502]}
    pq.write_table(pa.table(columns), folder / "made.parquet")
    return (folder / "made.parquet").read_bytes()


@pytest.fixture
def spool(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Give the folder for temporary files, which must be empty in the end."""
    folder = tmp_path / "spool"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.chdir(tmp_path)
    yield folder
    assert list(folder.iterdir()) == []


def piped(content: bytes, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    return program.piped(content, *arguments, "--as-of", "2026-11-20", folder=Path.cwd())


CONTENTS: dict[str, tuple[Callable[[Path], bytes], str, int]] = {
    # what comes, what it is said to be, and how many bytes of it are counted
    "CSV": (lambda _: CSV, "csv", len(CSV)),
    "packed CSV": (lambda _: gzip.compress(CSV, mtime=0), "csv", len(gzip.compress(CSV, mtime=0))),
    "JSON lines": (lambda _: JSON, "jsonl", len(JSON)),
    "packed JSON lines": (lambda _: pa.Codec("zstd").compress(JSON).to_pybytes(), "jsonl", 0),
    "a log of objects": (lambda _: JSON, "log", len(JSON)),
    "Parquet": (parquet, "parquet", 0),
}


@pytest.mark.parametrize(("make", "form", "size"), CONTENTS.values(), ids=CONTENTS)
@pytest.mark.parametrize("name", ["-", "/dev/stdin", "/dev/fd/0"])
def test_standard_input(
    spool: Path, tmp_path: Path, make: Callable[[Path], bytes], form: str, size: int, name: str
) -> None:
    content = make(tmp_path)
    done = piped(content, "compute", name, "--format", form, "-o", "report.json")
    assert done.returncode == 0, done.stderr.decode()
    report = json.loads((tmp_path / "report.json").read_text())
    assert files_of(report) == [{"path": name, "bytes": size or len(content), "rows": 2}]
    assert (report["rows"]["counted"], report["results"][0]["explicit_failure"]) == (2, 1)


def test_the_lines_of_a_load_balancer(spool: Path, tmp_path: Path) -> None:
    options = ("--format", "log", "--column", "account_id=domain_name", "-o", "report.json")
    done = piped(ALB * 3, "compute", "-", *options)
    assert done.returncode == 0, done.stderr.decode()
    assert json.loads((tmp_path / "report.json").read_text())["inputs"][0]["rows"] == 3


def test_pipes_of_a_shell_beside_files(spool: Path, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(HEAD + "2026-10-06T05:06:01Z,a,200\n")
    (tmp_path / "b.jsonl").write_bytes(JSON)
    (tmp_path / "c.jsonl").write_bytes(JSON.replace(b"-05T", b"-07T"))
    command = f"{sys.executable} -m sla_audit compute a.csv <(cat b.jsonl) <(gzip -c c.jsonl) --format jsonl"
    script = f"{command} --as-of 2026-11-20 -o report.json"
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads((tmp_path / "report.json").read_text())["rows"]["counted"] == 5


def test_a_pipe_with_a_name_that_says_what_it_holds(
    spool: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "account_id=acme"
    folder.mkdir()
    os.mkfifo(folder / "live.csv")
    content = "timestamp,status\n2026-10-05T05:06:01Z,200\n"
    writer = threading.Thread(target=(folder / "live.csv").write_text, args=(content,))
    writer.start()
    code = run(["compute", "account_id=acme/live.csv", "--as-of", "2026-11-20", "--show", "all"])
    writer.join()
    said = capsys.readouterr()
    assert code == 0, said.err
    assert "acme" in said.out


def test_one_stream_under_two_names_is_read_once(spool: Path) -> None:
    done = piped(CSV, "compute", "-", "/dev/stdin", "--format", "csv")
    assert done.returncode == 0, done.stderr.decode()
    assert b"/dev/stdin was named more than once; it is counted once" in done.stderr
    assert b"Rows: 2 read = 2 counted." in done.stdout


def test_a_copy_of_a_file_is_told_by_the_names_that_were_given(spool: Path, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(CSV)
    done = piped(CSV, "compute", "a.csv", "-", "--format", "csv")
    assert done.returncode == 0, done.stderr.decode()
    assert b"Rows: 2 read = 2 counted." in done.stdout
    assert b"- is a copy of a.csv" in done.stderr or b"a.csv is a copy of -" in done.stderr


def test_a_tally_of_a_stream_and_a_tally_as_a_stream(spool: Path, tmp_path: Path) -> None:
    assert piped(CSV, "compute", "-", "--format", "csv").returncode == 0
    command = [sys.executable, "-m", "sla_audit", "tally", "-", "--format", "csv", "-o", "t.tally.parquet"]
    assert subprocess.run(command, input=CSV, capture_output=True, check=False).returncode == 0
    done = piped((tmp_path / "t.tally.parquet").read_bytes(), "compute", "-", "--format", "parquet")
    assert b"Rows: 2 read = 2 counted." in done.stdout, done.stderr.decode()


def test_where_format_is_how_to_print_the_option_has_its_long_name_alone(spool: Path) -> None:
    options = ("--log-format", "csv", "--cycle", "2026-10", "--account", "a", "--format", "json")
    done = piped(CSV, "explain", "-", *options)
    assert (done.returncode, json.loads(done.stdout)["account_id"]) == (0, "a"), done.stderr.decode()


def test_the_environment_and_the_config_say_it_too(spool: Path, tmp_path: Path) -> None:
    (tmp_path / "sla-audit.toml").write_text('logs = "-"\nformat = "csv"\n')
    assert piped(CSV, "compute", "--config", "sla-audit.toml").returncode == 0
    (tmp_path / "access_log").write_bytes(CSV)
    done = sla_audit("compute", "access_log", folder=tmp_path, variables={"SLA_AUDIT_LOG_FORMAT": "csv"})
    assert done.returncode == 0, done.stderr


REFUSED: dict[str, tuple[bytes, list[str], str]] = {
    "what it holds is not said": (
        CSV,
        [],
        "error: -: a stream does not say what it holds\n  Say so with --format: csv,",
    ),
    "it is something else": (CSV, ["--format", "jsonl"], "error: -: the first line is 'timestamp,account_id,status'"),
    "it is packed otherwise": (b"BZh91AY&SY" + bytes(99), ["--format", "csv"], "error: -: holds bzip2, not CSV"),
    "it is cut": (gzip.compress(CSV)[:-9], ["--format", "csv"], "error: -: cannot be unpacked: the gzip file is cut"),
    "it is no Parquet": (CSV, ["--format", "parquet"], "error: -: cannot be read as Parquet"),
    "a row is bad": ((HEAD + "soon,a,200\n" + ROWS).encode(), ["--format", "csv"], "error: -, line 2: timestamp"),
    "a column is missing": (b"a,b\n1,2\n", ["--format", "csv"], "error: -: no column 'timestamp'"),
}


@pytest.mark.parametrize(("content", "options", "said"), REFUSED.values(), ids=REFUSED)
def test_a_stream_that_cannot_be_trusted(
    spool: Path, tmp_path: Path, content: bytes, options: list[str], said: str
) -> None:
    done = piped(content, "compute", "-", *options, "-o", "report.json")
    message = done.stderr.decode()
    assert (done.returncode, said in message, "spool" in message) == (2, True, False), message
    assert not (tmp_path / "report.json").exists()


def test_standard_input_that_is_closed_or_a_terminal(spool: Path) -> None:
    command = f"{sys.executable} -m sla_audit compute - --format csv"
    closed = subprocess.run(["bash", "-c", f"{command} <&-"], capture_output=True, text=True, check=False)
    assert (closed.returncode, "-: standard input is closed" in closed.stderr) == (2, True)
    ours, theirs = os.openpty()
    terminal = subprocess.run(command.split(), stdin=theirs, capture_output=True, text=True, check=False)
    os.close(ours)
    os.close(theirs)
    assert (terminal.returncode, "-: is a terminal; expected a log" in terminal.stderr) == (2, True)


@pytest.mark.parametrize("name", ["/dev/zero", "/dev/null"])
def test_a_device_is_refused(name: str) -> None:
    with pytest.raises(InputError, match="is a device or a socket; expected a file, a directory or a pipe"):
        find_sources([name], "csv")


def test_a_stream_that_there_is_no_room_for(spool: Path) -> None:
    command = f"{sys.executable} -m sla_audit compute - --format csv"
    script = f"ulimit -f 1; trap '' XFSZ; {command}"  # no file may be larger than a block
    done = subprocess.run(["bash", "-c", script], input=CSV * 99, capture_output=True, check=False)
    assert done.returncode == 2, done.stderr.decode()
    assert b"error: -: cannot be kept in a temporary file: File too large\n  Make room" in done.stderr


@pytest.mark.parametrize(("ended_by", "code"), {signal.SIGINT: 130, signal.SIGTERM: 143, signal.SIGHUP: 129}.items())
def test_nothing_stays_behind_where_a_run_is_ended(spool: Path, ended_by: signal.Signals, code: int) -> None:
    command = [sys.executable, "-m", "sla_audit", "compute", "-", "--format", "csv"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE, stdout=subprocess.PIPE) as running:
        assert running.stdin is not None
        running.stdin.write(CSV * 50_000)
        running.stdin.flush()
        while not any(spool.rglob("*.csv")):
            assert running.poll() is None
            time.sleep(0.01)
        running.send_signal(ended_by)
        assert running.wait(30) == code


def test_a_pipe_that_nobody_writes_to_can_be_given_up(spool: Path, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "live.csv")
    command = [sys.executable, "-m", "sla_audit", "compute", "live.csv"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.PIPE) as running:
        while not any(spool.iterdir()):
            assert running.poll() is None
            time.sleep(0.01)
        running.send_signal(signal.SIGINT)
        assert running.wait(30) == 130


@pytest.mark.parametrize("form", ["csv", "jsonl", "log"])
def test_an_empty_standard_input_is_said_to_be_so(form: str) -> None:
    done = sla_audit("compute", "-", "--format", form)
    assert done.returncode == 0
    assert "standard input (-) was empty, not a byte came: look whether what writes to it has failed" in done.stderr
    assert "- holds no rows" not in done.stderr


def test_an_empty_standard_input_is_no_parquet_file() -> None:
    done = sla_audit("compute", "-", "--format", "parquet")
    assert done.returncode == 2
    assert "error: -: is empty, not a byte came; expected a Parquet file" in done.stderr
