"""What a few kilobytes may take: no more memory and time than is good for a machine that others use.

The operating system measures the memory, and ends what takes too long. For Parquet: see `tests.parquet.test_bounds`.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.program import measured

MOST_MEGABYTES = 600
HEADER = b"timestamp,account_id,status\n"
TIME = b"2026-10-05T01:00:00Z"
ROW = TIME + b",a,200\n"
OBJECT = b'{"timestamp":"2026-10-05T01:00:00Z","account_id":"a","status":200'
MEGABYTE = 1 << 20


@dataclass(frozen=True)
class Case:
    """Files by name, the command, the seconds that it may take, and what is said where it is refused."""

    files: dict[str, Callable[[], Iterator[bytes]]]
    command: str
    said: str | None
    seconds: int = 30
    code: int | None = None


def of(*parts: bytes) -> Callable[[], Iterator[bytes]]:
    return lambda: iter(parts)


def long(before: bytes, block: bytes, times: int, after: bytes = b"") -> Callable[[], Iterator[bytes]]:
    """Give a content that is made as it is written."""

    def content() -> Iterator[bytes]:
        yield before
        for _ in range(times):
            yield block
        yield after

    return content


LOG = {"log.csv": of(HEADER, ROW)}
COMPUTE = "compute log.csv --cycle 2026-10"
LINE = "the line does not end within 16,777,216 bytes"
CASES = {
    "two million bad rows in a few kilobytes": Case(
        {"log.csv.gz": long(HEADER, b"x,a,1\n" * 100_000, 20)}, "compute log.csv.gz", "2000000 of 2000000 rows", 90
    ),
    "a million bad lines of JSON": Case(
        {"log.jsonl.gz": long(OBJECT + b"}\n", b"{}\n" * 100_000, 10)},
        "compute log.jsonl.gz",
        "1000000 of 1000001 rows",
        90,
    ),
    "a line without end, packed": Case(
        {"log.csv.gz": long(HEADER + ROW, b"x" * MEGABYTE, 400)}, "compute log.csv.gz", f"line 3: {LINE}"
    ),
    "a header without end, packed": Case(
        {"log.csv.gz": long(b"", b"x" * MEGABYTE, 400)},
        "compute log.csv.gz",
        "the first line does not end within 1,048,576 bytes",
    ),
    "an object without end, packed": Case(
        {"log.jsonl.gz": long(OBJECT + b"}\n" + OBJECT + b',"a":"', b"x" * MEGABYTE, 400)},
        "compute log.jsonl.gz",
        f"line 2: {LINE}",
    ),
    "a quote without end": Case(
        {"log.csv": long(HEADER + ROW + b'"', b"x\n" * (MEGABYTE // 2), 40)},
        "compute log.csv",
        "the row that begins here does not end within 16,777,216",
    ),
    "a field of 20 MB": Case(
        {"log.csv": long(HEADER + ROW + TIME + b",", b"x" * MEGABYTE, 20, b",200\n")}, COMPUTE, f"line 3: {LINE}"
    ),
    "an id of 10 MB": Case(
        {"log.csv": long(HEADER + TIME + b",", b"x" * MEGABYTE, 10, b",200\n")}, COMPUTE, "at most 4,096 bytes"
    ),
    "an id of 10 MB in JSON": Case(
        {"log.jsonl": long(OBJECT.replace(b'"a"', b'"', 1), b"x" * MEGABYTE, 10, b'","status":200}\n')},
        "compute log.jsonl",
        None,
        code=2,
    ),
    "lists five million deep": Case(
        {"log.jsonl.gz": of(OBJECT, b',"x":', b"[" * 5_000_000, b"]" * 5_000_000, b"}\n")},
        "compute log.jsonl.gz",
        "expected one JSON object a line",
    ),
    "an object of a million fields": Case(
        {"log.jsonl": of(OBJECT, *(b',"k%d":1' % number for number in range(1_000_000)), b"}\n")},
        "compute log.jsonl",
        None,
        code=2,
    ),
    "twenty thousand columns": Case(
        {"log.csv": of(HEADER.strip(), *(b",c%d" % number for number in range(20_000)), b"\n")}, COMPUTE, "columns"
    ),
    "a billing file of one line": Case(
        {**LOG, "billing.csv": long(b"account_id,cycle,service_fee,cash_paid\n", b"a" * MEGABYTE, 250)},
        f"{COMPUTE} --billing billing.csv",
        f"line 2: {LINE}",
    ),
    "a billing file beyond the limit": Case(
        {**LOG, "billing.csv": long(b"account_id,cycle,service_fee,cash_paid\n", b"a,2026-10,1,1\n" * 70_000, 280)},
        f"{COMPUTE} --billing billing.csv",
        "billing.csv",
    ),
    "a contract of 300 MB": Case(
        {**LOG, "c.toml": long(b"", b"#" * MEGABYTE, 300)}, f"{COMPUTE} --contract c.toml", "more than 1,048,576 bytes"
    ),
    "a config of 300 MB": Case(
        {**LOG, "sla-audit.toml": long(b"", b"#" * MEGABYTE, 300)},
        "compute --config sla-audit.toml",
        "more than 1,048,576 bytes",
    ),
    "a saved report of a million brackets": Case(
        {"r.json": of(b'{"schema":', b"[" * 1_000_000, b"]" * 1_000_000, b"}")}, "render r.json", "r.json"
    ),
    "three thousand exclusions": Case(
        {
            "log.csv": of(
                HEADER,
                *(
                    b"2026-10-%02dT%02d:%02d:00Z,acct-%d,%d\n"
                    % (at % 30 + 1, at % 24, at % 60, at % 3000, 200 if at % 3 else 503)
                    for at in range(20_000)
                ),
            ),
            "e.csv": of(
                b"id,clause,starts_at,ends_at,notified_at,accounts\n",
                *(
                    b"M%d,1,2026-10-%02dT00:%02d:00+08:00,2026-10-%02dT%02d:00:00+08:00,2026-09-01T00:00:00+08:00,acct-%d\n"
                    % (at, at % 28 + 1, at % 60, at % 28 + 2, at % 24, at)
                    for at in range(3000)
                ),
            ),
        },
        f"{COMPUTE} --exclusions e.csv",
        None,
        code=0,
    ),
    "forty years of notices": Case(
        {
            "log.csv": of(
                HEADER,
                *(
                    b"%d-%02d-05T01:00:00Z,a,503\n" % each
                    for each in [(year, month) for year in range(2020, 2060) for month in range(1, 13)]
                ),
            ),
            "e.csv": of(
                b"id,clause,starts_at,ends_at\n",
                *(b"M%d,1,%d-01-01T00:00:00Z,%d-01-01T00:00:00Z\n" % (at, at, at + 1) for at in range(2020, 2060)),
            ),
        },
        "compute log.csv --exclusions e.csv --as-of 2061-01-01",
        None,
        60,
        code=0,
    ),
    "half a million pairs of date and time": Case(
        {
            "log.csv": of(
                b"date,time,account_id,status\n",
                *(
                    b"2026-10-%02d,%02d:%02d:%02d.%06d,a,200\n"
                    % (at // 20_000 + 1, at % 24, at // 24 % 60, at // 1440 % 60, at)
                    for at in range(500_000)
                ),
            )
        },
        f"{COMPUTE} --column timestamp=date,time",
        None,
        code=0,
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_it_ends_soon_with_little_memory(case: Case, tmp_path: Path) -> None:
    for name, content in case.files.items():
        with gzip.open(tmp_path / name, "wb", 1) if name.endswith(".gz") else (tmp_path / name).open("wb") as file:
            file.writelines(content())
    ended = measured(*case.command.split(), "-o", "out.json", folder=tmp_path, seconds=case.seconds)
    assert ended.code == (2 if case.code is None else case.code), ended.error[-2000:]
    assert case.said is None or case.said in ended.error, ended.error[-2000:]
    assert ended.megabytes < MOST_MEGABYTES
    assert (tmp_path / "out.json").exists() == (ended.code == 0)


def test_links_that_lead_round_in_circles_are_walked_once(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "log.csv").write_bytes(HEADER + ROW)
    for number in range(8):
        (tmp_path / "logs" / f"round-{number}").symlink_to(tmp_path / "logs")
    for named in ("logs/**/*.csv", "logs"):
        ended = measured("compute", named, "--cycle", "2026-10", "-o", "out.json", folder=tmp_path, seconds=20)
        assert ended.code == 0, ended.error
        assert json.loads((tmp_path / "out.json").read_text("utf-8"))["rows"]["counted"] == 1
