"""Standard output that nobody reads, that cannot be written, or that knows no Chinese."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.program import ROOT, sla_audit

COMMAND = [sys.executable, "-m", "sla_audit", "compute", "--config", "sample_logs/sla-audit.toml", "--show", "all"]


SAMPLE = "compute --config sample_logs/sla-audit.toml"
ENDINGS = [
    (SAMPLE, 0),
    (f"{SAMPLE} --fail-on breach", 1),
    (f"{SAMPLE} -o -", 0),
    ("explain --config sample_logs/sla-audit.toml --account tier-two", 0),
    ("--help", 0),
    ("--version", 0),
    ("compute gone.csv", 2),
    ("compute --bogus", 2),
]
READERS = {
    "output to one who reads nothing": "| true",
    "all to one who reads nothing": "2>&1 | true",
    "output closed": ">&-",
    "errors closed": ">/dev/null 2>&-",
    "both closed": ">&- 2>&-",
    "no room for errors": ">/dev/null 2>/dev/full",
}


@pytest.mark.parametrize("reader", READERS.values(), ids=READERS)
@pytest.mark.parametrize(("command", "code"), ENDINGS, ids=[command for command, _ in ENDINGS])
def test_who_reads_what_is_printed_changes_no_exit_code(command: str, code: int, reader: str) -> None:
    script = f'"$0" -m sla_audit {command} {reader}; exit "${{PIPESTATUS[0]}}"'
    done = subprocess.run(["bash", "-c", script, sys.executable], cwd=ROOT, capture_output=True, check=False)
    assert done.returncode == code
    assert b"Traceback" not in done.stderr


@pytest.mark.parametrize("command", [command for command, code in ENDINGS if code != 2])
def test_output_for_which_there_is_no_room_is_told(command: str) -> None:
    script = f'"$0" -m sla_audit {command} >/dev/full'
    done = subprocess.run(["bash", "-c", script, sys.executable], cwd=ROOT, capture_output=True, check=False)
    assert done.returncode == 2
    assert b"standard output: cannot be written: No space left on device" in done.stderr
    assert b"Traceback" not in done.stderr


def test_a_log_is_never_opened_under_the_number_of_standard_output(tmp_path: Path) -> None:
    log = "timestamp,account_id,status\n2026-10-05T13:06:07+08:00,a,200\n"
    (tmp_path / "log.csv").write_text(log)
    script = f'"$0" -m sla_audit compute {tmp_path}/log.csv >&- 2>&- <&-'
    done = subprocess.run(["bash", "-c", script, sys.executable], cwd=ROOT, check=False)
    assert done.returncode == 0
    assert (tmp_path / "log.csv").read_text() == log


def test_a_full_disk_is_told() -> None:
    with open("/dev/full", "w") as full:  # noqa: PTH123
        done = subprocess.run(COMMAND, cwd=ROOT, stdout=full, stderr=subprocess.PIPE, check=False)
    assert b"standard output: cannot be written: No space left on device" in done.stderr
    assert b"Traceback" not in done.stderr
    assert done.returncode == 2


def test_a_terminal_without_chinese_still_shows_the_contract() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "sla_audit", "contract", "show"],
        cwd=ROOT,
        env={**os.environ, "PYTHONIOENCODING": "latin-1", "PYTHONUTF8": "0"},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0
    assert b"\\u4eac\\u4e1c" in done.stdout


@pytest.mark.parametrize(
    "command",
    [
        "compute {config} -o report.json -o report.csv",
        "compute {config} -o - -o report.csv",
        "claim-check {config} --ics claims.ics",
        "render {report} -o - -o report.md",
    ],
)
def test_where_what_is_printed_has_no_room_no_file_is_written_either(command: str, tmp_path: Path) -> None:
    given = command.format(
        config=f"--config {ROOT}/sample_logs/sla-audit.toml", report=f"{ROOT}/sample_logs/expected.json"
    )
    script = f'"$0" -m sla_audit {given} >/dev/full'
    done = subprocess.run(
        ["bash", "-c", script, sys.executable],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 2, done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_reader_that_does_not_want_to_be_waited_for_gets_everything() -> None:
    """Standard output is a pipe that takes no more than it has room for, as some supervisors make it."""
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    with subprocess.Popen([sys.executable, "-m", "sla_audit", "dialects"], cwd=ROOT, stdout=writing) as running:
        os.close(writing)
        with os.fdopen(reading, "rb") as printed:
            slowly = b"".join(iter(lambda: printed.read(512), b""))
        assert running.wait(60) == 0
    assert slowly == subprocess.run(running.args, cwd=ROOT, capture_output=True, check=True).stdout


@pytest.mark.parametrize("given", ["--\x1b[31m", "--reading=\x1b[31m\u202e", "\x1b]0;title\x07"])
def test_what_usage_errors_quote_does_not_act(given: str) -> None:
    done = sla_audit("compute", "nothing.csv", given)
    assert done.returncode == 2
    assert done.stderr.replace("\n", "").isprintable()
