"""Logs in the shapes in which gateways were seen to write them, with our own values: read, or refused for a reason."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sla_audit.cli.main import run
from tests.builders.runs import report

pytestmark = pytest.mark.usefixtures("folder")


def refusal(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert run(["compute", *arguments, "--as-of", "2026-12-20", "-o", "report.json"]) == 2
    assert not Path("report.json").exists()
    return " ".join(capsys.readouterr().err.split())


def traefik(status: int, user: str = "-", **more: Any) -> str:
    """Write one object as Traefik does: a URL as an object, headers as fields, times with nanoseconds."""
    return json.dumps(
        {
            "ClientHost": "192.0.2.1",
            "ClientUsername": user,
            "DownstreamStatus": status,
            "Duration": 215_000,
            "OriginStatus": 200,
            "RequestHost": "shop.example",
            "RequestPath": "/v1/compose",
            "ServiceURL": {"Scheme": "http", "User": None, "Host": "10.0.0.8:80", "ForceQuery": False},
            "StartLocal": "2026-10-05T13:06:07.123456789+08:00",
            "StartUTC": "2026-10-05T05:06:07.123456789Z",
            "downstream_Content-Length": "356",
            "level": "info",
            "msg": "",
            "time": "2026-10-05T05:06:07Z",
        }
        | more
    )


class TestTraefik:
    def test_without_users_it_is_refused(self, capsys: pytest.CaptureFixture[str]) -> None:
        Path("traefik.jsonl").write_text("".join(f"{traefik(status)}\n" for status in (200, 404, 502)))
        error = refusal(capsys, "traefik.jsonl")
        assert "traefik.jsonl, line 1: ClientUsername is '-'; expected the account's id, not empty, '-' or" in error
        assert "2 of 3 rows cannot be read" in error  # whose the 404 is does not matter

    @pytest.mark.parametrize("column", [("--column", "account_id=RequestHost"), ()], ids=["mapped", "with users"])
    def test_with_something_that_tells_accounts_it_is_read(self, column: tuple[str, ...]) -> None:
        user = "-" if column else "shop.example"
        statuses = (200, 404, 502, 0, 503)
        Path("traefik.jsonl").write_text("".join(f"{traefik(status, user)}\n" for status in statuses))
        (result,) = report("traefik.jsonl", *column)["results"]
        assert (result["account_id"], result["success"], result["explicit_failure"]) == ("shop.example", 1, 2)
        assert result["excluded"]["by_clause"] == {"4": 1, "9": 1}


class TestALogWithoutAStatus:
    """As of a language model's service: when it was asked, and how much."""

    @pytest.fixture(autouse=True)
    def log(self, folder: Path) -> None:
        Path("tokens.csv").write_text("TIMESTAMP,ContextTokens,GeneratedTokens\n2026-10-05 18:17:03.9799600,48,10\n")

    def test_it_is_refused_for_all_that_it_lacks(self, capsys: pytest.CaptureFixture[str]) -> None:
        error = refusal(capsys, "tokens.csv")
        for name in ("timestamp", "account_id", "status"):
            assert f"tokens.csv: no column '{name}'; the file has: TIMESTAMP, ContextTokens, GeneratedTokens" in error

    def test_no_mapping_makes_up_for_it(self, capsys: pytest.CaptureFixture[str]) -> None:
        mapping = ("--column", "timestamp=TIMESTAMP", "--column", "account_id=ContextTokens")
        assert "tokens.csv: no column 'status'" in refusal(capsys, "tokens.csv", *mapping)
        more = refusal(capsys, "tokens.csv", *mapping, "--column", "status=GeneratedTokens")
        assert "GeneratedTokens is '10'; expected a status from 100 to 599" in more


class TestABalancerWithoutATarget:
    """As AWS writes what no rule forwarded: neither a target nor a group of them, and a status of its own."""

    LINE = (
        'http 2026-10-05T05:06:08.000000Z app/shop/0 192.0.2.1:41000 - -1 -1 -1 {status} - 90 700 "GET http://192.0.2.9:80/'
        '?a=<php>(@md5)</php> HTTP/1.1" "scanner/1.0 (a, b; c)" - - {group} "Root=1-0-0" "-" "-" 0 '
        '2026-10-05T05:06:07.972000Z "{action}" "-" "-" "-" "-" "-" "-"\n'
    )

    def test_its_own_503_is_no_answer_and_its_own_404_a_client_error(self) -> None:
        forwarded = self.LINE.format(status=503, group="arn:aws:elasticloadbalancing:group/1", action="forward")
        fixed = self.LINE.format(status=404, group="-", action="fixed-response")
        Path("alb.log").write_text(forwarded * 3 + fixed)
        found = report("alb.log", "--column", "account_id=elb", "--keep-duplicates")  # the lines have one trace
        (result,) = found["results"]
        assert (result["explicit_failure"], result["excluded"]["by_clause"]) == (3, {"4": 1})

    def test_a_request_of_no_group_has_no_account_where_groups_are_accounts(
        self, capsys: pytest.CaptureFixture[str]
    ) -> None:
        Path("alb.log").write_text(self.LINE.format(status=503, group="-", action="forward"))
        error = refusal(capsys, "alb.log", "--column", "account_id=target_group_arn")
        assert "alb.log, line 1: target_group_arn is '-'; expected the account's id" in error
        Path("alb.log").write_text(self.LINE.format(status=404, group="-", action="fixed-response"))
        found = report("alb.log", "--column", "account_id=target_group_arn")
        assert (found["rows"]["unattributed"], found["results"]) == (1, [])
