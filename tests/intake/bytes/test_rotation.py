"""Names of rotated logs: a number or a date after the suffix says nothing of what the file holds."""

from __future__ import annotations

import gzip
from pathlib import Path

import pyarrow as pa
import pytest

from sla_audit.intake.bytes.compression import packing_of, suffix_unpacked
from sla_audit.intake.bytes.rotation import unrotated
from sla_audit.intake.sources.find import find_sources
from tests.program import sla_audit

ROTATED = {
    # the name, its packing, the suffix that tells what it holds
    "access.log.1": (None, ".log"),
    "access.log.0": (None, ".log"),
    "access.log.2.gz": ("gzip", ".log"),
    "access.log.3.ZST": ("zstd", ".log"),
    "x.json.3.zst": ("zstd", ".json"),
    "app.csv.1": (None, ".csv"),
    "x.ndjson.12": (None, ".ndjson"),
    "access.log.gz.1": ("gzip", ".log"),  # packed first, rotated then
    "access.log.1.gz.2": ("gzip", ".log"),
    "access.log-20261003": (None, ".log"),  # logrotate, dateext
    "access.log-20261003.gz": ("gzip", ".log"),
    "access.log-2026100305": (None, ".log"),  # hourly
    "access.log-20261003-1790000000": (None, ".log"),  # dateformat -%Y%m%d-%s
    "access.log_2026-10-03": (None, ".log"),
    "access.log-2026W40": (None, ".log"),
    "access.log.1790000000": (None, ".log"),  # rotatelogs
    "access.log.2026-10-03-05_00_00": (None, ".log"),
    "access.log.03Oct2026": (None, ".log"),  # %d%b%Y
    "access.log.Sat": (None, ".log"),  # %a
    "access.log.20261003T050000.zst": ("zstd", ".log"),  # newsyslog -t
    "0.log.20261003-053000.gz": ("gzip", ".log"),  # the kubelet
    "f00d-json.log.2.gz": ("gzip", ".log"),  # Docker
    "app.log.2026-10-03_05-30": (None, ".log"),  # Python
    "app.log.2026-10-03.0.gz": ("gzip", ".log"),  # logback
    "app.log.2026-10-03-AM": (None, ".log"),  # log4j
    "app.log.2026-10-03T05:30:00Z": (None, ".log"),
    "app.2026-10-03.0.log.gz": ("gzip", ".log"),  # logback, the suffix last
    "access-2026-10-03T05-30-00.000.log": (None, ".log"),  # lumberjack
    "u_ex26100305.log": (None, ".log"),  # IIS
}


@pytest.mark.parametrize(("name", "expected"), ROTATED.items(), ids=ROTATED)
def test_a_rotation_is_no_suffix(name: str, expected: tuple[str | None, str]) -> None:
    path = Path("logs") / name
    assert (packing_of(path), suffix_unpacked(path)) == expected


NOT_ROTATED = (
    "access.log.old",
    "access.log.bak",
    "access.log.1.bak",
    "access.log~",
    "access.log.1~",
    "access.log.",
    "access.log.1.",
    "access.log.gz.tmp",
    "access.log.1.part",
    "access.log.1-copy",
    "access.log.monday-test",
    "access.log.march",
    "x.parquet.1",
    "data.2026-10-03",
    "access_log.1",
    ".log.1",
    "-.1",
)


@pytest.mark.parametrize("name", NOT_ROTATED)
def test_what_else_follows_a_suffix_is_no_rotation(name: str) -> None:
    assert unrotated(name) == name


def test_whoever_finds_one_finds_all(tmp_path: Path) -> None:
    for name in (*ROTATED, *(name for name in NOT_ROTATED if not name.startswith("."))):
        (tmp_path / name).touch()
    found = find_sources([str(tmp_path)])
    assert {source.path.name for source in found.sources} == set(ROTATED)
    assert {Path(each.path).name for each in found.left_out} == set(NOT_ROTATED) - {".log.1"}


def test_a_month_of_rotated_logs_is_counted_whole(tmp_path: Path) -> None:
    logs = tmp_path / "logs"
    logs.mkdir()
    for day in range(1, 31):
        status = 200 if day > 27 else 503
        line = f'{{"timestamp":"2026-10-{day:02}T05:00:00Z","account_id":"a","status":{status}}}\n'.encode()
        age = 30 - day
        if age < 2:
            (logs / ("gw.log" if age == 0 else "gw.log.1")).write_bytes(line)
        elif age % 2:
            (logs / f"gw.log.{age}.gz").write_bytes(gzip.compress(line))
        else:
            (logs / f"gw.log.{age}.zst").write_bytes(pa.Codec("zstd").compress(line).to_pybytes())
    done = sla_audit("compute", "logs", "--as-of", "2026-11-20", "--fail-on", "breach", folder=tmp_path)
    assert done.returncode == 1, done.stderr
    assert "left out" not in done.stderr
    assert "Rows: 30 read = 30 counted." in done.stdout


def test_dates_in_names_of_csv(tmp_path: Path) -> None:
    head, row = "timestamp,account_id,status\n", "2026-10-{:02}T05:00:00Z,a,200\n"
    for day in (3, 4):
        text = (head + row.format(day)).encode()
        (tmp_path / f"kong.csv-202610{day:02}.gz").write_bytes(gzip.compress(text))
    (tmp_path / "kong.csv.2026-10-05").write_text(head + row.format(5))
    done = sla_audit("compute", ".", "--as-of", "2026-11-20", folder=tmp_path)
    assert "Rows: 3 read = 3 counted." in done.stdout, done.stderr
