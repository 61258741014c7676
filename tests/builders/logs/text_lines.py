"""Logs of lines, as gateways write them, and what is counted of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from sla_audit.cli.main import run

EVERY_FIELD = 33


def alb(status: object = 200, target: object = "200", fields: int = EVERY_FIELD, **said: str) -> str:
    """Write a line as the documentation describes it: all the fields, or the first ones."""
    values = {
        "type": "https",
        "time": "2026-11-01T09:00:00.000001Z",
        "elb": "app/shop/0123456789abcdef",
        "client": "192.0.2.7:40100",
        "target": "-" if target == "-" else "10.0.0.8:8080",
        "times": "0.001 0.020 0.000",
        "statuses": f"{status} {target}",
        "bytes": "512 1024",
        "request": '"POST https://shop.example:443/v1/compose?name=a\\x22b HTTP/2.0"',
        "user_agent": '"client/1.0 (with words, and a \\\\ in it)"',
        "ssl": "TLS_AES_128_GCM_SHA256 TLSv1.3",
        "target_group_arn": "arn:aws:elasticloadbalancing:eu-west-1:000000000000:targetgroup/compose/1",
        "trace_id": '"Root=1-00000000-000000000000000000000000"',
        "domain_name": '"shop.example"',
        "chosen_cert_arn": '"arn:aws:acm:eu-west-1:000000000000:certificate/1"',
        "matched_rule_priority": "1",
        "request_creation_time": "2026-10-05T05:06:07.000001Z",
        "actions_executed": '"waf,forward"',
        "redirect_url": '"-"',
        "error_reason": '"-"',
        "target_port_list": '"10.0.0.8:8080"',
        "target_status_code_list": f'"{target}"',
        "classification": '"-" "-"',
        "later": 'TID_0 "-" "-" "-"',
    } | said
    text = " ".join(values.values())
    return text if fields == EVERY_FIELD else cut(text, fields)


def cut(text: str, fields: int) -> str:
    """Keep the first fields of a line."""
    kept, at = [], 0
    while len(kept) < fields:
        end = text.index('"', at + 1) + 1 if text[at] == '"' else (text + " ").index(" ", at)
        kept.append(text[at:end])
        at = end + 1
    return " ".join(kept)


def report(*arguments: str) -> dict[str, Any]:
    alike = ("--keep-duplicates", "--as-of", "2026-12-20", "--quiet")  # most lines here have one trace and one time
    assert run(["compute", *arguments, *alike, "-o", "report.json"]) == 0
    found: dict[str, Any] = json.loads(Path("report.json").read_text(encoding="utf-8"))
    return found


def counts(found: dict[str, Any]) -> tuple[int, int, int]:
    (result,) = found["results"]
    assert result["cycle"] == "2026-10"
    return result["success"], result["explicit_failure"], result["excluded"]["total"]
