"""A store that tests serve, how they reach it, and what lies there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.builders.stores.proxy import Proxy
from tests.builders.stores.server import Server
from tests.program import ROOT

SAMPLE = ROOT / "sample_logs"


@dataclass(frozen=True)
class Store:
    """A server, and the proxy by which the program reaches it."""

    server: Server
    proxy: Proxy


@dataclass(frozen=True)
class Done:
    """How a run ended, and what it printed."""

    code: int
    out: str
    err: str


Run = Callable[..., Done]


def of_the_environment(monkeypatch: pytest.MonkeyPatch, proxy: Proxy) -> None:
    """Say in the environment where the store is, and who asks."""
    for name in ("AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL_S3"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_ENDPOINT_URL", proxy.url)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "TESTKEY000")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "TESTSECRET")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


def large_csv(rows: int, day: str = "2026-10-05") -> bytes:
    """Write a log whose rows have ids, of which one row in fifty is there twice."""
    lines = ["timestamp,account_id,status,request_id"]
    for row in range(rows):
        number = row - row % 50 + 1 if row % 50 == 7 else row
        at = f"{number // 3600 % 24:02d}:{number // 60 % 60:02d}:{number % 60:02d}"
        status = 502 if number % 40 == 0 else 200
        lines.append(f"{day}T{at}.{number % 997:03d}+08:00,account-{number % 7},{status},id-{number:012d}")
    return "\n".join([*lines, ""]).encode()


def sample_report(path: Path) -> str:
    """Give a report on the sample in the store, as it is said of the sample on this machine."""
    return path.read_text(encoding="utf-8").replace("s3://bucket/sample", "sample_logs")
