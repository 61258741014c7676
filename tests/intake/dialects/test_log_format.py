"""Lines in a format of the user's own, said as the gateway's configuration says it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from sla_audit.cli.main import run
from sla_audit.errors import InputError
from sla_audit.intake.dialects.dialect import built_in_dialects
from sla_audit.intake.dialects.log_format import dialect_of_format
from tests.builders.logs.text_lines import counts, report

pytestmark = pytest.mark.usefixtures("folder")

NGINX = (
    '$remote_addr - [$time_local] "$request" $status "$http_user_agent" rt=$request_time us="$upstream_status" '
    "acct=$http_x_account"
)
APACHE = '%h %l %u %t "%r" %>s %b "%{X-Account}i" %D'
HTTPLOG = "%ci:%cp [%tr] %ft %b/%s %TR/%Tw/%Tc/%Tr/%Ta %ST %B %CC %CS %tsc %ac/%fc/%bc/%sc/%rc %sq/%bq %hr %hs %{+Q}r"
ENVOY = (
    '[%START_TIME%] "%REQ(:METHOD)% %REQ(X-ENVOY-ORIGINAL-PATH?:PATH)%" %RESPONSE_CODE% %RESPONSE_FLAGS% '
    '"%REQ(USER-AGENT)%" "%REQ(X-ACCOUNT)%" "%UPSTREAM_HOST%"'
)


def of_nginx(status: int, request: str = "GET / HTTP/1.1", account: str = "acme") -> str:
    return (
        f'192.0.2.1 - [05/Oct/2026:13:06:07 +0800] "{request}" {status} "probe (x)" rt=0.120 us="{status}" '
        f"acct={account}"
    )


def of_apache(status: int) -> str:
    return f'2001:db8::1 - - [05/Oct/2026:13:06:07 +0800] "GET /\\"a b\\" HTTP/1.1" {status} - "acme" 120000'


def of_haproxy(status: int, captured: str = "{acme|x} ") -> str:
    state = "SC--" if status > 500 else "----"
    return (
        f"2001:db8::1:40100 [05/Oct/2026:13:06:07.655] web shop/<NOSRV> 0/0/-1/-1/+12 {status} 217 - - {state} "
        f'3/2/0/0/+3 0/0 {captured}"GET /#22 HTTP/1.1"'
    )


def of_envoy(status: int, agent: str = "probe (x)") -> str:
    flags = "UF,URX" if status > 500 else "-"
    return f'[2026-10-05T05:06:07.120Z] "GET /" {status} {flags} "{agent}" "acme" "10.0.0.1:80"'


STATUSES = (200, 502, 404, 503, 504, 301)
RESULT = (2, 3, 1)


class Said(NamedTuple):
    """A format, the column of the account, the dialect that it is read in, and lines in it, told by status."""

    written: str
    account: str
    dialect: str
    lines: list[str]


def said(written: str, account: str, dialect: str, line: Any) -> Said:
    return Said(written, account, dialect, [line(status) for status in STATUSES])


KINDS: dict[str, Said] = {
    "NGINX": said(NGINX, "http_x_account", "nginx", of_nginx),
    "NGINX, a directive in pieces": said(
        "log_format main '$remote_addr - [$time_local] \"$request\" '\n\t\"$status \\\"$http_user_agent\\\" \"\n"
        "  'rt=$request_time us=\"$upstream_status\" acct=$http_x_account';",
        "http_x_account",
        "nginx",
        of_nginx,
    ),
    "NGINX, spaces within fields that bars end": said(
        "$time_iso8601|$http_user_agent|$status|$scheme://$host$request_uri|$http_x_account",
        "http_x_account",
        "nginx",
        lambda s: f"2026-10-05T13:06:07+08:00|a b c|{s}|https://shop.example/v1|acme",
    ),
    "NGINX, bars with spaces": said(
        "$time_local | $http_user_agent | $status | $http_x_account",
        "http_x_account",
        "nginx",
        lambda s: f"05/Oct/2026:13:06:07 +0800 | a b c | {s} | acme",
    ),
    "NGINX, tabs": said(
        r"$msec\t$status\t$http_user_agent\t$http_x_account",
        "http_x_account",
        "nginx",
        lambda s: f"1791176767.123\t{s}\ta b\tacme",
    ),
    "NGINX, an address with its port": said(
        "$remote_addr:$remote_port $time_iso8601 $status",
        "remote_addr",
        "nginx",
        lambda s: f"acme::1:5000 2026-10-05T13:06:07+08:00 {s}",
    ),
    "Apache": said(APACHE, "%{X-Account}i", "apache", of_apache),
    "Apache, a directive": said(
        'LogFormat "%h %l %u %t \\"%r\\" %>s %b \\"%{X-Account}i\\" %D" own', "%{X-Account}i", "apache", of_apache
    ),
    "Apache, times of several parts": said(
        "%{%d/%b/%Y:%T}t.%{msec_frac}t %{%z}t %u %s",
        "%u",
        "apache",
        lambda s: f"05/Oct/2026:13:06:07.123 +0800 acme {s}",
    ),
    "HAProxy": said(HTTPLOG, "%hr", "haproxy", of_haproxy),
    "HAProxy, of both sides": said(HTTPLOG, "%hr", "haproxy", lambda s: of_haproxy(s, "{acme} {x} ")),
    "HAProxy, nothing captured": said(HTTPLOG, "%ft", "haproxy", lambda s: of_haproxy(s, "").replace("web", "acme")),
    "HAProxy, a directive": said(
        "log-format %[req.hdr(x-account)]\\ [%trl]\\ %ST\\ %ts", "%[req.hdr(x-account)]", "haproxy",
        lambda s: f"acme [05/Oct/2026:13:06:07 +0800] {s} {'sC' if s > 500 else '--'}",
    ),
    "HAProxy, all texts in quotes": said(
        '%{+Q}o %{-Q}ci - - [%trg] %r %ST "" %cp %f %tsc', "%f", "haproxy",
        lambda s: f'::1 - - [05/Oct/2026:05:06:07 +0000] "GET /" {s} "" 80 "acme" "{"SC--" if s > 500 else "----"}"',
    ),
    "Envoy": said(ENVOY + "\\n", "REQ(X-ACCOUNT)", "envoy", of_envoy),
    "Envoy, a quote in what a client says": said(
        ENVOY, "REQ(X-ACCOUNT)", "envoy", lambda s: of_envoy(s, 'a "b" \'c')
    ),
    "Envoy, in YAML": said(
        'text_format: "[%START_TIME(%s.%3f)%] %RESPONSE_CODE% %RESPONSE_FLAGS% %REQ(X-ACCOUNT)%\\n"',
        "REQ(X-ACCOUNT)",
        "envoy",
        lambda s: f"[1791176767.123] {s} {'UH' if s > 500 else '-'} acme",
    ),
}  # fmt: skip

JSON: dict[str, Said] = {
    "NGINX": said(
        '{"time":"$msec","st":"$status","http":{"acct":"$http_x_account"},"status":"$upstream_status"}',
        "http.acct",
        "nginx",
        lambda s: f'{{"time":"1791176767.123","st":"{s}","http":{{"acct":"acme"}},"status":"200"}}',
    ),
    "NGINX, a directive, numbers without quotes": said(
        "log_format js escape=json '{\"t\":\"$time_iso8601\",\"st\":$status,' '\"acct\":\"$http_x_account\"}';",
        "acct",
        "nginx",
        lambda s: f'{{"t":"2026-10-05T13:06:07+08:00","st":{s},"acct":"acme"}}',
    ),
    "Apache": said(
        '{"t":"%t","st":"%>s","acct":"%u"}', "acct", "apache",
        lambda s: f'{{"t":"[05/Oct/2026:13:06:07 +0800]","st":"{s}","acct":"acme"}}',
    ),
    "HAProxy": said(
        '%{+Q}o {"t":"%trg","st":%ST,"ts":%tsc,"acct":%[capture.req.hdr(0)]}', "acct", "haproxy",
        lambda s: f'{{"t":"05/Oct/2026:05:06:07 +0000","st":{s},"ts":"{"SC--" if s > 500 else "----"}","acct":"acme"}}',
    ),
    "Envoy": said(
        '{"at":"%START_TIME%","st":"%RESPONSE_CODE%","why":"%RESPONSE_FLAGS%","acct":"%REQ(X-ACCOUNT)%"}',
        "acct", "envoy",
        lambda s: f'{{"at":"2026-10-05T05:06:07.120Z","st":{s},"why":"{"UC" if s > 500 else "-"}","acct":"acme"}}',
    ),
}  # fmt: skip

EVERY = pytest.mark.parametrize(
    "kind", [*KINDS.values(), *JSON.values()], ids=[*KINDS, *(f"JSON of {name}" for name in JSON)]
)


@EVERY
def test_it_is_read(kind: Said) -> None:
    Path("access").write_text("\n".join(kind.lines) + "\n", encoding="utf-8")
    found = report("access", "--log-format", kind.written, "--column", f"account_id={kind.account}")
    assert counts(found) == RESULT
    assert found["results"][0]["account_id"].startswith("acme")
    assert any(f"read in the dialect {kind.dialect}: access" in warning for warning in found["warnings"])


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_a_line_of_another_format_is_a_row_that_cannot_be_read(kind: Said, capsys: pytest.CaptureFixture[str]) -> None:
    Path("a.log").write_text("\n".join([*kind.lines, "of no format"]) + "\n", encoding="utf-8")
    assert run(["compute", "a.log", "--log-format", kind.written, "--column", f"account_id={kind.account}"]) == 2
    assert "a.log, line 7: row is 'of no format'" in " ".join(capsys.readouterr().err.split())


class TestWhatThePartsOfALineSay:
    def of(self, line: str, *options: str) -> dict[str, Any]:
        Path("a.log").write_text(line + "\n", encoding="utf-8")
        (result,) = report("a.log", *options)["results"]
        found: dict[str, Any] = result
        return found

    @pytest.mark.parametrize(
        ("said", "line"),
        [
            ("$time_local $status $request_time $remote_user", "01/Nov/2026:00:00:01 +0800 502 1.001 a"),
            ("%{end:sec}t %>s %D %u", "1793462401 502 1001000 a"),
            ("%t %>s %D %u", "[31/Oct/2026:23:59:59 +0800] 502 9001000 a"),
            ('{"t":"$msec","s":"$status","d":"$request_time","remote_user":"$remote_user"}',
             '{"t":"1793462401.000","s":"502","d":"1.001","remote_user":"a"}'),
        ],
    )  # fmt: skip
    def test_how_long_a_request_took_is_taken_off_its_end_alone(self, said: str, line: str) -> None:
        account = "%u" if "%" in said else "remote_user"
        result = self.of(line, "--log-format", said, "--column", f"account_id={account}")
        assert (result["cycle"], result["explicit_failure"]) == ("2026-10", 1)

    def test_a_key_that_is_called_as_another_variable_is_not_taken_for_it(self) -> None:
        template = '{"at":"$msec","st":"$status","status":"$upstream_status","request_time":"$upstream_response_time"}'
        line = '{"at":"1793462401.000","st":"200","status":"502","request_time":"3600","acct":"a"}'
        result = self.of(line, "--log-format", template, "--column", "account_id=acct")
        assert (result["cycle"], result["success"]) == ("2026-11", 1)

    @pytest.mark.parametrize(
        ("said", "line"),
        [
            ('$msec $status "$http_x_account"', r'1791176767.1 200 "a\x22 \x5C\xE6\x97\xA5"'),
            ("log_format x escape=json '$msec $status \"$http_x_account\"';", r'1791176767.1 200 "a\" \\日"'),
            ("log_format x escape=json '$msec $status \"$http_x_account\"';", r'1791176767.1 200 "a\u0022 \\日"'),
            ('%{sec}t %s "%{X-Account}i"', r'1791176767 200 "a\" \\\xe6\x97\xa5"'),
        ],
    )
    def test_what_the_gateway_escapes_is_undone(self, said: str, line: str) -> None:
        account = "%{X-Account}i" if "%" in said else "http_x_account"
        assert self.of(line, "--log-format", said, "--column", f"account_id={account}")["account_id"] == 'a" \\日'

    def test_so_is_what_haproxy_does(self) -> None:
        line = '[05/Oct/2026:13:06:07.655] 200 ---- {a#22#7D#23#E6#97#A5} "GET /"'
        result = self.of(line, "--log-format", "[%tr] %ST %tsc %hr %{+Q}r", "--column", "account_id=%hr")
        assert result["account_id"] == 'a"}#日'

    def test_a_time_that_is_the_users_own(self) -> None:
        said = ("--log-format", "$my_time $status $remote_user", "--column", "timestamp=my_time")
        assert (
            self.of("2026-10-05T05:06:07Z 502 a", *said, "--column", "account_id=remote_user")["explicit_failure"] == 1
        )

    def test_an_attack_with_fields_of_its_own_moves_nothing(self) -> None:
        """Whoever writes what separates fields makes a line of another format, or one text."""
        escaped = of_nginx(502, r"GET /\x22 200 \x22x\x22 acct=other HTTP/1.1")
        assert self.of(escaped, "--log-format", NGINX, "--column", "account_id=http_x_account")["explicit_failure"] == 1
        Path("a.log").write_text(of_envoy(503, 'x" "other" "y') + "\n" + of_envoy(200) + "\n", encoding="utf-8")
        assert run(["compute", "a.log", "--log-format", ENVOY, "--column", "account_id=REQ(X-ACCOUNT)"]) == 2


class TestFromAConfiguration:
    CONF = (
        "# log_format off '$status';\nhttp {\n  log_format  one '$msec $status '\n    '$remote_user';\n"
        '  log_format two escape=json \'{"t":"$msec"}\';\n}\n'
    )

    def test_by_its_name(self) -> None:
        Path("nginx.conf").write_text(self.CONF)
        Path("a.log").write_text("1791176767.1 502 a\n")
        assert counts(report("a.log", "--log-format", "nginx.conf:one", "--column", "account_id=remote_user")) == (
            0,
            1,
            0,
        )

    def test_in_the_config_beside_it(self) -> None:
        Path("etc").mkdir()
        Path("etc/nginx.conf").write_text(self.CONF)
        Path("etc/sla-audit.toml").write_text(
            'log_format = "nginx.conf:one"\nlogs = ["a.log"]\n[columns]\naccount_id = "remote_user"\n'
        )
        Path("etc/a.log").write_text("1791176767.1 502 a\n")
        assert counts(report("--config", "etc/sla-audit.toml")) == (0, 1, 0)

    def test_they_are_listed(self, capsys: pytest.CaptureFixture[str]) -> None:
        Path("nginx.conf").write_text(self.CONF)
        assert run(["dialects", "--from", "nginx.conf"]) == 0
        printed = " ".join(capsys.readouterr().out.split())
        assert "one $msec $status $remote_user --log-format nginx.conf:one --column account_id=NAME" in printed
        assert "NAME is one of: msec, status, remote_user" in printed
        assert 'two {"t":"$msec"} has no status' in printed
        assert "off" not in printed

    @pytest.mark.parametrize(
        ("said", "what"),
        [
            ("nginx.conf:three", "has no log format 'three'; it has: one, two"),
            ("nginx.conf", "has several log formats; it has: one, two"),
            ("empty.conf", "holds no log format"),
            ("{a} {b}", "is in no gateway's notation"),
            ("%h %q %K", "%K is no directive of Apache's"),
            ("%ci %ST %zz", "is no variable of HAProxy's"),
            ("%{+X}ci %ST", "the flag +X is not read"),
            ('{"t":"$msec"}', "has no status"),
        ],
    )
    def test_what_is_not_there_is_told(self, said: str, what: str, capsys: pytest.CaptureFixture[str]) -> None:
        Path("nginx.conf").write_text(self.CONF)
        Path("empty.conf").write_text("http { }\n")
        Path("a.log").write_text("1791176767.1 502 a\n")
        assert run(["compute", "a.log", "--log-format", said]) == 2
        assert what in " ".join(capsys.readouterr().err.split())

    def test_a_word_that_is_neither(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert run(["compute", "a.log", "--log-format", "jsnl"]) == 2
        assert (
            "'jsnl' is not one of 'csv', 'jsonl', 'log', 'parquet', nor a gateway's own format"
            in capsys.readouterr().err
        )


BOUNDED = """
import resource, sys
resource.setrlimit(resource.RLIMIT_CPU, (60, 60))
from sla_audit.intake.dialects.dialect import built_in_dialects
from sla_audit.intake.dialects.notations.notation import line_formats
signs = ("a", '"', "] [", " ", ", ", "\\\\", "|", '" ', "}", "] ", "http://")
hostile = ["[", *(sign * 100_000 for sign in signs)]
known = [each for dialect in built_in_dialects().values() if dialect.text for each in dialect.text.read()]
said = [each for written in sys.stdin.read().split("\\0") for each in line_formats(written, escapes="\\\\")]
for form in [*known, *said]:
    for text in hostile:
        for line in (text, f"192.0.2.1 - - [05/Oct/2026:13:06:07 +0800] {text}", f'[2026-10-05T05:06:07Z] "{text}'):
            form.fields(line), form.fields_around(line), form.beginning(line)
print(len(known), len(said))
"""


def test_no_line_takes_more_time_than_is_in_it() -> None:
    """An expression that goes back and forth would take hours of a processor for lines of this length."""
    written = [kind.written for kind in KINDS.values() if not kind.written.startswith(("log", "Log", "text_"))]
    done = subprocess.run(
        [sys.executable, "-c", BOUNDED], input="\0".join(written), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-500:]


@pytest.mark.parametrize("name", built_in_dialects())
def test_any_dialect_takes_lines_of_any_notation(name: str) -> None:
    """What a dialect needs is for the log to have: that a format lacks it is told then."""
    try:
        dialect = dialect_of_format("$msec $status", built_in_dialects()[name])
    except InputError:
        return
    assert dialect.text is not None
    assert [each.names for each in dialect.text.read()] == [("msec", "status")]
