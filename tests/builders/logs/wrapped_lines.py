"""Lines carried by what ships logs."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from tests.builders.logs.combined_lines import combined


def as_json(status: int, **more: Any) -> str:
    said = {"timestamp": "2026-10-05T05:06:07+00:00", "account_id": "acme", "status": status, "agent": "a: b [c] {d}"}
    return json.dumps(said | more)


def as_text(status: int) -> str:
    return combined(status)


def in_docker(line: str) -> str:
    return json.dumps({"log": line + "\n", "stream": "stdout", "attrs": {}, "time": "2026-10-05T05:06:07.123456789Z"})


def in_journal(line: str) -> str:
    said = {"__CURSOR": "s=1;i=2", "__REALTIME_TIMESTAMP": "1791176767123456", "PRIORITY": "6", "MESSAGE": line}
    return json.dumps(said | {"_HOSTNAME": "gw1", "SYSLOG_IDENTIFIER": "nginx", "_PID": "31"})


WAYS: dict[str, tuple[str, Callable[[str], str]]] = {
    "Docker": ("Docker's object", in_docker),
    "the journal": ("the journal's object", in_journal),
    "CRI": ("a container runtime's header (CRI)", lambda line: f"2026-10-05T05:06:07.123456789Z stdout F {line}"),
    "CRI, local time": (
        "a container runtime's header (CRI)",
        lambda line: f"2026-10-05T13:06:07.1+08:00 stderr F {line}",
    ),
    "syslog with a priority": ("a syslog header", lambda line: f"<190>Oct  5 13:06:07 gw1 nginx: {line}"),
    "syslog as a file has it": ("a syslog header", lambda line: f"Oct 15 13:06:07 gw-1.shop.example nginx[31]: {line}"),
    "syslog without a host": ("a syslog header", lambda line: f"<190>Oct  5 13:06:07 nginx: {line}"),
    "syslog with an ISO time": ("a syslog header", lambda line: f"<134>2026-10-05T05:06:07Z cache-1 fastly[1]: {line}"),
    "syslog of rsyslog's files": (
        "a syslog header",
        lambda line: f"2026-10-05T13:06:07.123456+08:00 2001:db8::1 k8s/shop: {line}",
    ),
    "syslog, RFC 5424": (
        "a syslog header (RFC 5424)",
        lambda line: f"<190>1 2026-10-05T05:06:07.003Z gw1 nginx 31 - - {line}",
    ),
    "syslog, RFC 5424 with data": (
        "a syslog header (RFC 5424)",
        lambda line: f'<165>1 - - app - ID47 [a@1 b="c \\] d"][e@2 f="g"] \ufeff{line}',
    ),
    "CloudWatch": ("a time", lambda line: f"2026-10-05T05:06:07.123Z {line}"),
}
