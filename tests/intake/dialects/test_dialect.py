"""Dialects: what each gateway's documentation says of a request, and what becomes of it, up to the report."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sla_audit.cli.main import run
from sla_audit.errors import InputError
from sla_audit.intake.dialects.dialect import Dialect, Ending, built_in_dialects, load_dialect
from sla_audit.intake.dialects.naming import Naming, fitting_dialects
from tests.builders.mistakes import everything_in, messages

BUILT_IN = built_in_dialects()


@dataclass(frozen=True)
class Case:
    """A request: the values of the dialect's `fields`, in order; the status of its ending, and whether it was left."""

    sentence: str
    values: tuple[Any, ...]
    status: int | None
    client_aborted: bool = False


LEFT = True
CASES: dict[str, list[Case]] = {
    "akamai-datastream": [
        Case("answered", ("200",), 200),
        Case("a client error", ("404",), 404),
        Case("the client left", ("0",), None, LEFT),
        Case("the client left, as three digits", ("000",), None, LEFT),
        Case("an error that the origin returned", ("500",), 500),
        Case("no answer of the origin's", ("503",), None),
    ],
    "alibaba-oss": [
        Case("answered", ("200", "12"), 200),
        Case("a client error", ("403", "-"), 403),
        Case("the client left", ("499", "12"), 499, LEFT),
        Case("an error of the service's", ("500", "12"), 500),
        Case("it was not there", ("503", "12"), None),
        Case("no status", ("-", "-"), None),
    ],
    "apache": [
        Case("answered", ("200",), 200),
        Case("a client error", ("404",), 404),
        Case("an error that the backend returned", ("500",), 500),
        Case("the backend did not answer", ("502",), None),
        Case("nor in time", ("504",), None),
        Case("above", ("505",), 505),
    ],
    "aws-api-gateway-examples": [
        Case("answered", ("200",), 200),
        Case("throttled", ("429",), 429),
        Case("an error of the integration's", ("500",), 500),
        Case("no answer of it", ("502",), None),
        Case("none in time", ("504",), None),
    ],
    "fastly": [
        Case("answered", (200, "HIT"), 200),
        Case("a client error", (404, "PASS"), 404),
        Case("an error that Fastly made", (503, "ERROR"), None),
        Case("an error that Fastly made, with a status of its own", (500, "ERROR-CLUSTER"), None),
        Case("an error that the origin returned", (500, "PASS"), 500),
        Case("a gateway behind it", (502, "PASS"), None),
    ],
    "google-load-balancer": [
        Case("answered", (200, "response_sent_by_backend"), 200),
        Case("refused", (403, "denied_by_security_policy"), 403),
        Case("the client left", (None, "client_disconnected_before_any_response"), None, LEFT),
        Case("the client was too slow", (408, "client_timed_out"), 408, LEFT),
        Case("no backend", (503, "failed_to_pick_backend"), None),
        Case("a backend that broke off", (200, "backend_connection_closed_after_partial_response_sent"), None),
        Case("an error of the balancer's own", (500, "internal_error"), None),
        Case("one that is a client's", (400, "internal_error"), 400),
        Case("an error that the backend returned", (500, "response_sent_by_backend"), 500),
    ],
    "huawei-elb": [
        Case("answered", ("200", "eb11"), 200),
        Case("a client error", ("404", "eb11"), 404),
        Case("the client left", ("499", "eb11"), 499, LEFT),
        Case("an error that the server returned", ("500", "eb11"), 500),
        Case("no connection", ("502", "eb11"), None),
        Case("no answer in time", ("504", "eb11"), None),
    ],
    "jdcloud-api-gateway": [
        Case("answered", (200,), 200),
        Case("too frequent", (429,), 429),
        Case("cancelled", (499,), 499, LEFT),
        Case("an internal error", (500,), 500),
        Case("the origin server is unavailable", (502,), None),
        Case("time out", (504,), None),
    ],
    "alibaba-api-gateway": [
        Case("answered", (200, ""), 200),
        Case("a client error", (400, "A400PR"), 400),
        Case("throttled, or not allowed", (403, "T403AP"), 403),
        Case("the gateway's own error", (500, "X500ER"), None),
        Case("the gateway's own error, 503", (503, "X503BO"), None),
        Case("the backend did not answer in time", (504, "D504CO"), None),
        Case("an error of the backend's, with a code that is neither X5 nor D5", (500, "B500XX"), 500),
        Case("a D4 is no D5", (429, "D429MT"), 429),
        Case("an error that the backend itself returned", (502, None), 502),
        Case("an error without a code, as a dash", (500, "-"), 500),
        Case("no status", (None, None), None),
    ],
    "alibaba-slb": [
        Case("answered", (200,), 200),
        Case("a client error", (404,), 404),
        Case("the client left", (499,), 499, LEFT),
        Case("below the client's leaving", (498,), 498),
        Case("an error that the backend returned", (500,), 500),
        Case("501", (501,), 501),
        Case("502", (502,), None),
        Case("504", (504,), None),
        Case("505", (505,), 505),
        Case("no status", ("000",), None),
        Case("a dash for a status", ("-",), None),
    ],
    "apisix": [
        Case("answered", (200, 12.5), 200),
        Case("a client error", (404, None), 404),
        Case("the client left", (499, None), 499, LEFT),
        Case("the client left while the upstream was at work", (499, 3000), 499, LEFT),
        Case("the lowest 5xx, not proxied", (500, None), None),
        Case("the highest 5xx, not proxied", (599, None), None),
        Case("a 5xx of the upstream's", (503, 1), 503),
        Case("an upstream that took no time has answered", (500, 0), 500),
        Case("a dash for the latency", (502, "-"), None),
        Case("no status", (None, None), None),
        Case("not proxied, and no error", (302, None), 302),
    ],
    "aws-alb": [
        Case("answered", (200, "200"), 200),
        Case("a client error of the target's", (404, "404"), 404),
        Case("the client left", (460, "-"), 460, LEFT),
        Case("too many addresses forwarded", (463, "-"), 463),
        Case("a protocol that is not the target's", (464, "-"), 464),
        Case("no target answered", (502, "-"), None),
        Case("no target at all", (503, "-"), None),
        Case("the lowest 5xx, no target", (500, ""), None),
        Case("the balancer's highest error", (561, None), None),
        Case("an error that the target returned", (503, "503"), 503),
        Case("a redirect of the balancer's own", (301, "-"), 301),
        Case("no status", ("-", "-"), None),
    ],
    "aws-api-gateway": [
        Case("answered", (200, 200), 200),
        Case("throttled", (429, None), 429),
        Case("forbidden", (403, "-"), 403),
        Case("the integration did not answer", (504, "-"), None),
        Case("the lowest 5xx without an integration", (500, None), None),
        Case("the highest", ("599", ""), None),
        Case("an error that the integration returned", (502, 502), 502),
        Case("no status", ("-", "-"), None),
    ],
    "aws-elb": [
        Case("answered", ("200", "200"), 200),
        Case("a client error of the balancer's own", ("408", "-"), 408),
        Case("no instance answered", ("503", "-"), None),
        Case("an instance closed the connection", ("504", "0"), None),
        Case("an error that an instance returned", ("502", "502"), 502),
        Case("the highest 5xx", ("599", "0"), None),
        Case("a success that no instance is said to have given", ("200", "-"), 200),
    ],
    "azure-apim": [
        Case("answered", (200, None, 200), 200),
        Case("a policy that refuses", (429, "RateLimitExceeded", None), 429),
        Case("the client left", (200, "ClientConnectionFailure", 200), 200, LEFT),
        Case("the client left, and there is no status", (0, "ClientConnectionFailure", None), None, LEFT),
        Case("the client left before the backend failed", (500, "ClientConnectionFailure", None), 500, LEFT),
        Case("the backend was silent", (500, "BackendConnectionFailure", None), None),
        Case("the backend was silent, as a dash", (599, "Timeout", "-"), None),
        Case("the backend was silent, as a number", (500, "BackendConnectionFailure", 0), None),
        Case("the backend was silent, as a number with a point", (503, "BackendConnectionFailure", "0.0"), None),
        Case("an error that the backend returned", (503, None, 503), 503),
        Case("no status", (0, None, None), None),
        Case("a policy that answers by itself", (200, None, None), 200),
    ],
    "azure-front-door": [
        Case("answered", (200, "NoError"), 200),
        Case("a bad request", (400, "InvalidRequest"), 400),
        Case("an address that is not let in", (403, "RestrictedIP"), 403),
        Case("the client left", (499, "ClientDisconnected"), 499, LEFT),
        Case("the client left, and there is no status", (0, "ClientDisconnected"), None, LEFT),
        Case("the client left, and only the status says so", (499, "NoError"), 499, LEFT),
        Case("the client's error, and nothing was said", (0, "UnspecifiedClientError"), None, LEFT),
        Case("the client's error", (400, "UnspecifiedClientError"), 400),
        Case("the origin timed out", (0, "OriginTimeout"), None),
        Case("a bare 0 is the origin's", ("0", "-"), None),
        Case("the origin refused", (503, "OriginConnectionRefused"), None),
        Case("no address of the origin", (503, "DNSNameNotResolved"), None),
        Case("no handshake with the origin", (502, "SSLHandshakeError"), None),
        Case("a certificate of the origin's", (502, "CertificateNameCheckFailed"), None),
        Case("an answer that could not be passed on", (503, "ResponseHeaderTooBig"), None),
        Case("an error of the origin's own", (500, "NoError"), 500),
        Case("nothing said of errors", (502, None), 502),
    ],
    "caddy": [
        Case("answered", (200,), 200),
        Case("a client error", (404,), 404),
        Case("the client left", (499,), 499, LEFT),
        Case("nothing was written", (0,), None, LEFT),
        Case("no upstream answered", (502,), None),
        Case("no upstream at all", (503,), None),
        Case("no upstream answered in time", (504,), None),
        Case("500", (500,), 500),
        Case("no status is not a client that left", (None,), None),
    ],
    "cloudflare": [
        Case("answered", (200, 200), 200),
        Case("out of the cache", (200, 0), 200),
        Case("a client error", (404, 404), 404),
        Case("the client left", (499, 0), 499, LEFT),
        *(Case(f"no origin answered: {status}", (status, 0), None) for status in (520, 521, 522, 526, 527, 529, 530)),
        Case("an answer that is none", (520, 200), None),
        Case("nothing came from the origin", (500, 0), None),
        Case("nothing came from the origin in time", (504, "0"), None),
        Case("above those that are no answer", (531, 531), 531),
        Case("an error that the origin returned", (500, 500), 500),
        Case("an error, and the job does not export what the origin said", (500, None), 500),
        Case("no status", (None, 200), None),
    ],
    "cloudfront": [
        Case("answered", ("200", "Hit"), 200),
        Case("answered by the origin", ("200", "Miss"), 200),
        Case("answered by another cache of CloudFront's", ("200", "OriginShieldHit"), 200),
        Case("a bad request", ("400", "InvalidRequest"), 400),
        Case("a bad request, more closely", ("405", "InvalidRequestMethod"), 405),
        Case("the viewer left", ("000", "Error"), None, LEFT),
        Case("the viewer left, and a tool made a number of it", (0, "ClientCommError"), None, LEFT),
        Case("the viewer left, and another made a float", ("0.0", "-"), None, LEFT),
        Case("the viewer's connection broke", ("502", "ClientCommError"), 502, LEFT),
        Case("the viewer hung up", ("200", "ClientHungUpRequest"), 200, LEFT),
        Case("the origin could not be reached", ("502", "OriginConnectError"), None),
        Case("the origin's name has no address", ("502", "OriginDnsError"), None),
        Case("an error of the origin's", ("500", "OriginError"), None),
        Case("the origin broke off", ("200", "AbortedOrigin"), None),
        Case("an error of which no more is known", ("503", "Error"), 503),
        Case("no status is not a viewer that left", ("-", "-"), None),
    ],
    "envoy": [
        Case("answered", (200, "-"), 200),
        Case("answered, and no flags field", (200, None), 200),
        Case("no route", (404, "NR"), 404),
        Case("limited", (429, "RL"), 429),
        Case("refused by an authority", (403, "UAEX"), 403),
        Case("the client left", (0, "DC"), None, LEFT),
        Case("the client left in the middle", (200, "DC"), 200, LEFT),
        Case("the client reset its stream", (0, "DR"), None, LEFT),
        Case("the client left, with another flag first", (0, "DI,DR"), None, LEFT),
        Case("the client left, between other flags", (0, "DI,DR,FI"), None, LEFT),
        Case("no code and no flag: the client left", (0, "-"), None, LEFT),
        Case("no code and no flag, empty", (0, ""), None, LEFT),
        *(
            Case(f"no answer: {flag}", (503, flag), None)
            for flag in (
                *("UH", "UF", "UO", "UT", "UC", "UR", "LR", "URX", "NC", "UMSDR", "UPE", "DT", "DF"),
                *("OM", "DO", "UDO", "LH", "NFCF", "RLSE"),
                *("UF,URX", "DI,LR", "NC,UH", "UpstreamRequestTimeout", "DelayInjected,UpstreamProtocolError"),
            )
        ),
        *(
            Case(f"the status tells: {flag}", (status, flag), status)
            for status, flag in (
                *((504, "SI"), (408, "SI"), (400, "IH"), (503, "FI"), (200, "DI"), (200, "RFCF"), (404, "NR,DI")),
            )
        ),
        Case("an upstream that broke the protocol", (200, "UPE"), None),
        Case("a connection that lasted too long", (200, "DT"), None),
        Case("an upstream that broke off", (200, "UC"), None),
        Case("a client that broke the protocol", (0, "DPE"), None, LEFT),
        Case("a client that broke the protocol, and was told", (400, "DPE"), 400, LEFT),
        Case("Envoy's own filters broke the request", (503, "DPE"), 503),
        Case("the client left, by the long name", (0, "DownstreamConnectionTermination"), None, LEFT),
        Case("a flag that only ends as another does", (200, "XUT"), 200),
        Case("a timeout after the headers were sent", (200, "UT"), None),
        Case("the flag of a broken upstream is not that of a client that left", (503, "UMSDR,FI"), None),
        Case("an error that the upstream returned", (503, "-"), 503),
        Case("a code that is null is not a client that left", (None, "-"), None),
    ],
    "haproxy": [
        Case("answered", (200, "----"), 200),
        Case("answered by the proxy itself", (301, "LR--"), 301),
        Case("a bad request", (400, "PR--"), 400),
        Case("a request that a rule denied", (403, "PR--"), 403),
        Case("a client that broke the protocol, to whom nothing was said", (-1, "PR--"), None, LEFT),
        Case("the same where a tool left out the status", ("-", "PR--"), None, LEFT),
        Case("the request could not be rewritten", (500, "PR--"), 500),
        Case("tarpitted", (500, "PT--"), 500),
        Case("the client did not send its request in time", (408, "cR--"), 408, LEFT),
        Case("the client did not send its request in time, and got nothing", (-1, "cR--"), None, LEFT),
        Case("the client left", (-1, "CC--"), None, LEFT),
        Case("the client left before the answer", (-1, "CH--"), None, LEFT),
        Case("the client left in its request", (400, "CR--"), 400, LEFT),
        Case("the client left in the middle", (200, "CD--"), 200, LEFT),
        Case("the client read no more", (200, "cD--"), 200, LEFT),
        *(
            Case(f"no answer: {state}", (status, state), None)
            for status, state in (
                (503, "sC--"),
                (503, "SC--"),
                (504, "sH--"),
                (502, "SH--"),
                (200, "SD--"),
                (200, "sDNN"),
                (503, "RC--"),
                (500, "IH--"),
                (-1, "DH--"),
                (-1, "KD--"),
                (-1, "UH--"),
                (503, "sQ--"),
                (503, "PC--"),
                (200, "PD--"),
            )
        ),
        Case("an answer that the proxy could not take", (502, "PH--"), 502),
        Case("an error that the server returned", (503, "--NI"), 503),
        Case("nothing is known of the end", (200, "-"), 200),
        Case("no status", ("-1", "----"), None),
    ],
    "iis": [
        Case("answered", ("200", "0"), 200),
        Case("a client error", ("404", "2"), 404),
        Case("an error of the application's", ("500", "0"), 500),
        Case("the lowest of the gateway's own", ("502", "0"), None),
        Case("a client that left while it got a 503", ("503", "64"), None),
        Case("the highest of the gateway's own", ("504", "-"), None),
        Case("505", ("505", "0"), 505),
    ],
    "kong": [
        Case("answered", (200, 4, "upstream"), 200),
        Case("a client error of a plugin's", (401, -1, "kong"), 401),
        Case("the client left", (499, 12, "upstream"), 499, LEFT),
        Case("the client left before it was proxied", (499, -1, "kong"), 499, LEFT),
        Case("the lowest 5xx, not proxied", (500, -1, "kong"), None),
        Case("the highest 5xx, not proxied", (599, "-1", "kong"), None),
        Case("not proxied, among latencies with a point", (503, -1.0, "kong"), None),
        Case("an error of the gateway's, though it was proxied", (504, 60000, "kong"), None),
        Case("the gateway's own 500 after the service answered", (500, 12, "kong"), None),
        Case("an error that the service returned", (503, 0, "upstream"), 503),
        Case("before 3.6 there is no source", (500, 12, None), 500),
        Case("before 3.6, and not proxied", (500, -1, None), None),
        Case("nothing known but the status", (502, None, None), 502),
        Case("no status", (None, -1, "kong"), None),
    ],
    "nginx": [
        Case("answered", (200,), 200),
        Case("moved", (302,), 302),
        Case("a client error", (404,), 404),
        Case("closed on purpose", (444,), 444),
        Case("below the client's leaving", (498,), 498),
        Case("the client left", (499,), 499, LEFT),
        Case("the client left, as text", ("499",), 499, LEFT),
        Case("the client left, with a point", ("499.0",), 499, LEFT),
        Case("an error that the upstream returned", (500,), 500),
        Case("501", (501,), 501),
        Case("502", (502,), None),
        Case("503", ("503",), None),
        Case("504", (504.0,), None),
        Case("505", (505,), 505),
        Case("an answer by HTTP/0.9", ("009",), 9),
        Case("no status was set", ("000",), None),
        Case("no status, as a number", (0,), None),
        Case("no status, as a dash", ("-",), None),
        Case("no status, empty", (" ",), None),
        Case("no status, null", (None,), None),
    ],
    "tencent-api-gateway": [
        Case("answered", ("200", "200"), 200),
        Case("stopped at the gateway for the client's sake", ("401", "-"), 401),
        Case("the client left", ("499", "-"), 499, LEFT),
        Case("the client left while the backend was at work", ("499", "200"), 499, LEFT),
        Case("the lowest 5xx, stopped at the gateway", ("500", "-"), None),
        Case("the highest 5xx", ("599", ""), None),
        Case("an error that the backend returned", ("502", "502"), 502),
        Case("the second backend answered", ("502", "504, 502"), 502),
        Case("no status", ("-", "-"), None),
    ],
    "tencent-clb": [
        Case("answered", ("200", "0a1"), 200),
        Case("a client error", ("404", "0a2"), 404),
        Case("the client left", ("499", "0a3"), 499, LEFT),
        Case("an error that the service returned", ("500", "0a4"), 500),
        Case("no server answered", ("502", "0a5"), None),
        Case("no server answered in time", ("504", "0a6"), None),
        Case("no status was set", ("000", "0a7"), None),
        Case("no status, as a dash", ("-", "0a8"), None),
    ],
    "traefik": [
        Case("answered", (200,), 200),
        Case("a client error", (404,), 404),
        Case("the client left", (499,), 499, LEFT),
        Case("the client left before anything was sent", (0,), None, LEFT),
        Case("the client left, with a point", ("0.0",), None, LEFT),
        Case("no service answered", (502,), None),
        Case("no service answered in time", (504,), None),
        Case("503 is what a service may say", (503,), 503),
        Case("500", (500,), 500),
        Case("no status is not a client that left", (None,), None),
    ],
}
EVERY_CASE = [pytest.param(name, case, id=f"{name}: {case.sentence}") for name, some in CASES.items() for case in some]


def text_of(dialect: Dialect, values: Sequence[Any]) -> list[str]:
    """Give values as the text in which a dialect sees them."""
    return [dialect.kinds(field, [value])[0][0] for field, value in zip(dialect.fields, values, strict=True)]


@pytest.mark.parametrize(("name", "case"), EVERY_CASE)
def test_how_a_request_ended(name: str, case: Case) -> None:
    dialect = BUILT_IN[name]
    ending = dialect.ending(text_of(dialect, case.values))
    assert (None if ending.no_answer else ending.status, ending.client_aborted) == (case.status, case.client_aborted)


@pytest.mark.parametrize(
    ("name", "values", "ending"),
    [
        ("kong", (502, -1, "error"), Ending(502, no_answer=True)),
        ("kong", (502, 8, "upstream"), Ending(502)),
        ("envoy", (200, "UT"), Ending(200, no_answer=True)),
        ("haproxy", (-1, "SH--"), Ending(None, no_answer=True)),
        ("haproxy", ("2OO", "SH--"), Ending(None, no_answer=True)),  # that nobody answered does not hang on it
        ("nginx", ("000",), Ending(None, no_answer=True)),
        ("nginx", (499,), Ending(499, client_aborted=True)),
        ("azure-front-door", (0, "NoError"), Ending(None, no_answer=True)),
    ],
)
def test_the_status_as_logged_stays_beside_the_ending(name: str, values: tuple[Any, ...], ending: Ending) -> None:
    dialect = BUILT_IN[name]
    said = dict(zip(dialect.fields, text_of(dialect, values), strict=False))
    assert dialect.ending([said.get(field, "") for field in dialect.fields]) == ending


@pytest.mark.parametrize("name", BUILT_IN)
def test_a_status_that_is_none_is_refused(name: str) -> None:
    dialect = BUILT_IN[name]
    values = ["2OO" if field == dialect.status else "" for field in dialect.fields]
    with pytest.raises(ValueError, match="a status from 100 to 599"):
        dialect.ending(values)


class TestTheFiles:
    def test_every_dialect_has_cases_and_a_header(self) -> None:
        assert set(CASES) == set(HEADERS) | NEVER_TOLD == set(BUILT_IN)

    def test_each_bears_the_name_of_its_file(self) -> None:
        folder = files("sla_audit.intake") / "dialects"
        names = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".toml"))
        assert [f"{name}.toml" for name in BUILT_IN] == names
        assert [dialect.id for dialect in BUILT_IN.values()] == list(BUILT_IN)

    @pytest.mark.parametrize("dialect", BUILT_IN.values(), ids=BUILT_IN)
    def test_its_last_rule_holds_always_and_all_others_may_not(self, dialect: Dialect) -> None:
        *others, last = dialect.outcomes
        assert not last.when
        assert all(outcome.when for outcome in others)
        assert all(conditions for outcome in others for conditions in outcome.when.values())

    @pytest.mark.parametrize("dialect", BUILT_IN.values(), ids=BUILT_IN)
    def test_it_can_be_read(self, dialect: Dialect) -> None:
        assert len(dialect.columns["timestamp"]) in {1, 2}
        assert all(len(names) == 1 for canonical, names in dialect.columns.items() if canonical != "timestamp")
        assert dialect.fields[0] == dialect.status
        assert load_dialect(dialect.id) == dialect

    def test_what_was_not_confirmed_says_so(self) -> None:
        assert [name for name, dialect in BUILT_IN.items() if not dialect.verified] == ["aws-api-gateway"]
        doubtful = {
            name: [outcome.when for outcome in dialect.outcomes if not outcome.verified]
            for name, dialect in BUILT_IN.items()
        }
        assert {name: some for name, some in doubtful.items() if some} == {
            "akamai-datastream": [{"statusCode": ("0..0",)}, {"statusCode": ("502..504",)}],
            "alibaba-oss": [{"http_status": ("499..499",), "server_cost_time": ("*",)}],
            "aws-api-gateway-examples": [{"status": ("502..503",)}],
            "aws-elb": [{"elb_status_code": ("500..599",), "backend_status_code": ("0..0",)}],
            "azure-apim": [{"ResponseCode": ("500..599",), "BackendResponseCode": ("0..0",)}],
            "cloudflare": [{"EdgeResponseStatus": ("527..529",)}],
            "fastly": [
                {"response_status": ("500..599",), "response_state": ("ERROR*",)},
                {"response_status": ("502..502", "504..504")},
            ],
            "haproxy": [{"termination_state": ("PD*",)}],
        }

    @pytest.mark.parametrize("name", BUILT_IN)
    def test_each_of_its_rules_has_a_case(self, name: str) -> None:
        dialect = BUILT_IN[name]
        used = set()
        for case in CASES[name]:
            said = dict(zip(dialect.fields, text_of(dialect, case.values), strict=True))
            used.add(next(at for at, outcome in enumerate(dialect.outcomes) if outcome.holds(said, dialect.lists)))
        assert used == set(range(len(dialect.outcomes)))


# Of which nothing is known that would tell a log of it.
NEVER_TOLD = {"jdcloud-api-gateway"}

# The columns that each gateway's documentation names, as far as they could be another's.
HEADERS: Mapping[str, str] = {
    "akamai-datastream": "version cp reqId reqTimeSec bytes cliIP statusCode proto reqHost reqMethod reqPath "
    "UA queryStr turnAroundTimeMSec transferTimeMSec errorCode cacheStatus",
    "alibaba-oss": "__topic__ owner_id region access_id time bucket object operation request_uri error_code client_ip "
    "response_body_length http_method requester_id response_time server_cost_time http_status request_id",
    "apache": "%h %l %u %t %r %>s %b %D",
    "aws-api-gateway-examples": "requestId extendedRequestId ip caller user requestTime httpMethod resourcePath status "
    "protocol responseLength",
    "fastly": "timestamp client_ip geo_country geo_city host url request_method request_protocol request_referer "
    "request_user_agent response_state response_status response_reason response_body_size fastly_server fastly_is_edge",
    "google-load-balancer": "insertId timestamp receiveTimestamp httpRequest.requestMethod httpRequest.requestUrl "
    "httpRequest.status httpRequest.latency jsonPayload.statusDetails jsonPayload.backendTargetProjectNumber severity",
    "huawei-elb": "msec access_log_topic_id time_iso8601 log_ver remote_addr remote_port status request_method scheme "
    "router_request_uri server_protocol request_length bytes_sent body_bytes_sent request_time upstream_status lb_name",
    "alibaba-api-gateway": "apiGroupUid apiName httpMethod path domain statusCode errorMessage appId appName clientIp "
    "exception region requestHandleTime requestId requestSize responseSize serviceLatency errorCode consumerAppKey",
    "alibaba-slb": "body_bytes_sent client_ip host http_user_agent request_length request_method request_time "
    "request_uri scheme slb_vport slbid status tcpinfo_rtt time upstream_addr upstream_response_time upstream_status",
    "apisix": "client_ip route_id service_id start_time latency apisix_latency upstream upstream_latency "
    "request.method request.uri request.size response.status response.size server.hostname consumer.username",
    "aws-alb": "type time elb client_ip client_port target_ip target_port request_processing_time "
    "target_processing_time response_processing_time elb_status_code target_status_code received_bytes sent_bytes "
    "request_verb request_url request_proto user_agent ssl_cipher ssl_protocol target_group_arn trace_id domain_name "
    "chosen_cert_arn matched_rule_priority request_creation_time actions_executed redirect_url lambda_error_reason",
    "aws-api-gateway": "requestId requestTimeEpoch identity.apiKeyId identity.sourceIp httpMethod path status "
    "integrationStatus responseLength accountId",
    "aws-elb": "timestamp elb client backend request_processing_time backend_processing_time response_processing_time "
    "elb_status_code backend_status_code received_bytes sent_bytes request user_agent ssl_cipher ssl_protocol",
    "azure-apim": "TimeGenerated ApimSubscriptionId CorrelationId ResponseCode BackendResponseCode LastErrorReason "
    "Method Url TotalTime Region",
    "azure-front-door": "Time TrackingReference HttpMethod RequestUri HttpStatusCode TimeTaken ErrorInfo Pop",
    "caddy": "level ts logger msg request.remote_ip request.proto request.method request.host request.uri bytes_read "
    "user_id duration size status",
    "cloudflare": "ClientIP ClientRequestHost ClientRequestPath EdgeStartTimestamp EdgeEndTimestamp EdgeResponseStatus "
    "OriginResponseStatus RayID",
    "cloudfront": "date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status x-edge-result-type "
    "x-edge-request-id time-taken x-edge-response-result-type x-edge-detailed-result-type",
    "envoy": "start_time method path protocol response_code response_flags bytes_received bytes_sent duration "
    "x-request-id upstream_host",
    "haproxy": "client_ip client_port request_date frontend_name backend_name server_name status_code bytes_read "
    "termination_state actconn feconn",
    "iis": "date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) cs(Referer) "
    "sc-status sc-substatus sc-win32-status time-taken",
    "kong": "started_at request.id request.method request.uri response.status response.size upstream_status source "
    "latencies.request latencies.proxy latencies.kong consumer.id consumer.username consumer.custom_id",
    "nginx": "remote_addr remote_user time_local time_iso8601 msec request uri status body_bytes_sent request_time "
    "upstream_status upstream_response_time request_id",
    "tencent-api-gateway": "app_id env_name service_id http_host api_id uri scheme rsp_st ups_st cip uip rsp_len "
    "req_len req_t ups_rsp_t err_msg pid time_local req_id",
    "tencent-clb": "stgw_request_id time_local protocol_type server_addr server_name remote_addr status "
    "upstream_status proxy_host request request_length bytes_sent http_host http_user_agent http_referer request_time",
    "traefik": "ClientAddr ClientUsername DownstreamStatus Duration OriginStatus RequestPath StartLocal StartUTC time",
}


class TestFitting:
    @pytest.mark.parametrize("name", HEADERS)
    def test_a_documented_header_fits_one_alone(self, name: str) -> None:
        assert [dialect.id for dialect in fitting_dialects(HEADERS[name].split())] == [name]

    @pytest.mark.parametrize("name", HEADERS)
    def test_what_it_must_have_is_enough_and_each_is_needed(self, name: str) -> None:
        dialect = BUILT_IN[name]
        needed = {*dialect.fields, *dialect.columns["timestamp"]} - {*dialect.optional}
        sign = {*(dialect.signs or ())[:1]} if needed.isdisjoint(dialect.signs or ()) else set()
        assert Naming(dialect, needed | sign).is_told
        assert not any(Naming(dialect, (needed | sign) - {column}).is_told for column in needed | sign)

    @pytest.mark.parametrize("name", HEADERS)
    def test_what_it_has_of_optional_fields_is_told_of_none_that_is_not_there(self, name: str) -> None:
        dialect = BUILT_IN[name]
        here = {*dialect.fields, *dialect.columns["timestamp"]} - {*dialect.optional}
        read = Naming(dialect, here).read()
        assert set(read.fields) <= here
        assert not read.outcomes[-1].when

    @pytest.mark.parametrize(
        "header",
        ["", "timestamp account_id status", "time status upstream_status account", "Time_iso8601 Status"],
        ids=["no columns", "canonical columns", "another's time and status", "another case"],
    )
    def test_a_header_that_is_of_none(self, header: str) -> None:
        assert fitting_dialects(header.split()) == []


OWN: dict[str, Any] = {
    "schema": "sla-audit/dialect/1",
    "id": "own",
    "title": "A gateway of our own",
    "source": "ourselves",
    "verified": True,
    "status": "code",
    "columns": {"timestamp": ["at"], "account_id": ["who"]},
    "outcomes": [{"when": {"why": ["gone*"]}, "ended": "client_left"}, {"ended": "answered"}],
}


def own(**changes: Any) -> str:
    """Write the dialect as TOML, with changes; None leaves a key out."""
    said = {key: value for key, value in {**OWN, **changes}.items() if value is not None}
    return "".join(f"{key} = {inline(value)}\n" for key, value in said.items())


def inline(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key)} = {inline(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(inline, value)) + "]"
    return json.dumps(value)


ALWAYS = {"ended": "answered"}
MISTAKES: dict[str, tuple[str | bytes, list[tuple[str, str]]]] = {
    "a field is missing": (own(title=None), [("own.toml: title", "field required")]),
    "a field of another schema": (
        own(timezone="UTC"),
        [("own.toml: timezone", "no such setting; did you mean time_zone?")],
    ),
    "another schema": (own(schema="sla-audit/dialect/2"), [("own.toml: schema", "'sla-audit/dialect/1'")]),
    "an id with a space": (own(id="our own"), [("own.toml: id", "should match pattern")]),
    "a zone of the machine": (own(time_zone="localtime"), [("own.toml: time_zone", "'localtime' is not an IANA")]),
    "a copy of a zone": (own(time_zone="posix/Asia/Tokyo"), [("own.toml: time_zone", "write 'Asia/Tokyo'")]),
    "a zone that is not known": (own(time_zone="Beijing"), [("own.toml: time_zone", "'Beijing' is not an IANA")]),
    "a zone that leads out of the folder": (own(time_zone="../../etc"), [("own.toml: time_zone", "not an IANA")]),
    "an ending that is none": (
        own(outcomes=[{"when": {"code": ["1"]}, "ended": "left"}, ALWAYS]),
        [("own.toml: outcomes[1].ended", "'answered', 'no_answer' or 'client_left'")],
    ),
    "conditions that are no list": (
        own(outcomes=[{"when": {"code": "499"}, "ended": "client_left"}, ALWAYS]),
        [("own.toml: outcomes[1].when.code", "should be a list")],
    ),
    "a condition that is a number": (
        own(outcomes=[{"when": {"code": [499]}, "ended": "client_left"}, ALWAYS]),
        [("own.toml: outcomes[1].when.code[1]", "should be text")],
    ),
    "a last rule that may not hold": (
        own(outcomes=OWN["outcomes"][:1]),
        [("own.toml", "the last outcome must hold always")],
    ),
    "no rules": (own(outcomes=[]), [("own.toml: outcomes", "at least 1 item")]),
    "no time": (own(columns={"account_id": ["who"]}), [("own.toml", "`columns` must name the timestamp")]),
    "a column that is not canonical": (
        own(columns={"timestamp": ["at"], "user": ["who"]}),
        [("own.toml: columns.user", "'account_id'")],
    ),
    "several mistakes at once": (
        own(title=None, verified="perhaps", time_zone="Mars"),
        [("own.toml: title", "required"), ("own.toml: verified", "true or false"), ("own.toml: time_zone", "'Mars'")],
    ),
    "an alias of what is read nowhere": (
        own(aliases={"who": ["user"], "whom": ["user"]}),
        [("own.toml", "`aliases` names whom, which neither `columns` nor a rule does")],
    ),
    "a status that may be missing": (own(optional=["code"]), [("own.toml", "`optional` names the status, code")]),
    "a field that may be missing and is none": (own(omitted=["reason"]), [("own.toml", "`omitted` names reason")]),
    "a separator of several characters": (own(lists={"why": ", "}), [("own.toml: lists.why", "at most 1 character")]),
    "a form of times that is none": (own(time_format="d/m/y"), [("own.toml: time_format", "'month/day/year'")]),
    "not TOML": ("schema: sla-audit/dialect/1\n", [("own.toml", "not a TOML file in UTF-8")]),
    "not UTF-8": (b'title = "\xb8\xf6"\n', [("own.toml", "not a TOML file in UTF-8")]),
}


class TestADialectOfOnesOwn:
    @pytest.mark.parametrize(("content", "expected"), MISTAKES.values(), ids=MISTAKES)
    def test_every_mistake_is_named_by_its_field(
        self, content: str | bytes, expected: list[tuple[str, str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(tmp_path)
        Path("own.toml").write_bytes(content if isinstance(content, bytes) else content.encode())
        with pytest.raises(InputError) as raised:
            load_dialect("own.toml")
        problems = raised.value.problems
        assert len(problems) == len(expected)
        for where, what in expected:
            assert any(problem.where.startswith(where) and what in str(problem.what) for problem in problems), problems

    def test_it_is_read_as_those_that_are_built_in(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)
        Path("own.toml").write_text(own(), encoding="utf-8")
        rows = [("200", ""), ("502", ""), ("200", "gone away"), ("-", "gone"), ("", "")]
        lines = "".join(f"2026-10-05T05:06:07Z,A,{code},{why}\n" for code, why in rows)
        Path("log.csv").write_text("at,who,code,why\n" + lines, encoding="utf-8")
        assert counts(compute("log.csv", "--dialect", "own.toml")) == (1, 2, 2)

    def test_it_is_not_there(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert run(["compute", "log.csv", "--dialect", "knog"]) == 2
        (message,) = messages(capsys.readouterr().err)
        assert "dialect 'knog': neither a built-in dialect nor a file that can be read" in message
        assert f"Built in: {', '.join(BUILT_IN)}." in message


@dataclass(frozen=True)
class Log:
    """How to spell one instant of October 2026, column by column, and where the account stands."""

    time: Mapping[str, Any]
    account: str = "account_id"
    suffix: str = "csv"


LOGS = {
    "akamai-datastream": Log({"reqTimeSec": "1791176767.123"}, suffix="jsonl"),
    "alibaba-oss": Log({"time": "05/Oct/2026:13:06:07 +0800"}, "requester_id"),
    "apache": Log({"%t": "[05/Oct/2026:13:06:07 +0800]"}, "%u"),
    "aws-api-gateway-examples": Log({"requestTime": "05/Oct/2026:05:06:07 +0000"}, "caller", "jsonl"),
    "fastly": Log({"timestamp": "2026-10-05T05:06:07+0000", "fastly_is_edge": True}, suffix="jsonl"),
    "google-load-balancer": Log({"timestamp": "2026-10-05T05:06:07.123456Z"}, suffix="jsonl"),
    "huawei-elb": Log({"msec": "1791176767.123", "time_iso8601": "2026-10-05T13:06:07+08:00"}),
    "alibaba-api-gateway": Log({"requestHandleTime": "2026-10-05T05:06:07Z"}, "appId", "jsonl"),
    "alibaba-slb": Log({"time": "2026-10-05T13:06:07+08:00", "slbid": "lb-1"}),
    "apisix": Log({"start_time": 1_791_176_767_001.5}, "consumer.username", "jsonl"),
    "aws-alb": Log({"time": "2026-11-30T00:00:00Z", "request_creation_time": "2026-10-05T05:06:07.000001Z"}),
    "aws-api-gateway": Log({"requestTimeEpoch": 1_791_176_767_001}, "identity.apiKeyId", "jsonl"),
    "aws-elb": Log({"timestamp": "2026-10-05T05:06:07.000001Z"}),
    "azure-apim": Log({"TimeGenerated": "2026-10-05T05:06:07.001Z"}, "ApimSubscriptionId"),
    "azure-front-door": Log({"Time": "2026-10-05T05:06:07.001Z"}),
    "caddy": Log({"ts": 1_791_176_767.5, "request.remote_ip": "192.0.2.1"}, "user_id", "jsonl"),
    "cloudflare": Log({"EdgeStartTimestamp": 1_791_176_767_000_000_000}, suffix="jsonl"),
    "cloudfront": Log({"date": "2026-10-05", "time": "05:06:07"}),
    "envoy": Log({"start_time": "2026-10-05T05:06:07.001Z"}, suffix="jsonl"),
    "haproxy": Log({"request_date": "2026-10-05 13:06:07.001"}),
    "iis": Log({"date": "2026-10-05", "time": "05:06:07"}, "cs-username"),
    "kong": Log({"started_at": 1_791_176_767_001}, "consumer.username", "jsonl"),
    "nginx": Log({"time_iso8601": "2026-10-05T13:06:07+08:00"}, suffix="jsonl"),
    "tencent-api-gateway": Log({"time_local": "2026-10-05T13:06:07+08:00"}, "app_id"),
    "tencent-clb": Log({"time_local": "2026-10-05T13:06:07+08:00"}),
    "traefik": Log({"StartUTC": "2026-10-05T05:06:07.123456789Z"}, "ClientUsername", "jsonl"),
}


def write(name: str, rows: Sequence[Mapping[str, Any]], suffix: str) -> str:
    """Write rows as a CSV log, or as JSON lines with an object for each dot in a name."""
    path = Path(f"{name}.{suffix}")
    if suffix == "csv":
        text = io.StringIO()
        writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        path.write_text(text.getvalue(), encoding="utf-8")
    else:
        path.write_text("".join(json.dumps(nested(row)) + "\n" for row in rows), encoding="utf-8")
    return str(path)


def nested(row: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in row.items():
        *path, leaf = name.split(".")
        inner = found
        for part in path:
            inner = inner.setdefault(part, {})
        inner[leaf] = value
    return found


def compute(*arguments: str) -> dict[str, Any]:
    """Run the program in the current folder, and give its report."""
    assert run(["compute", *arguments, "--as-of", "2026-12-20", "--quiet", "-o", "report.json"]) == 0
    report: dict[str, Any] = json.loads(Path("report.json").read_text(encoding="utf-8"))
    return report


def counts(report: Mapping[str, Any]) -> tuple[int, int, int]:
    """Give success, explicit failure and excluded of the only result."""
    (result,) = report["results"]
    return result["success"], result["explicit_failure"], result["excluded"]["total"]


def classes(some: Sequence[Case]) -> tuple[int, int, int]:
    """Judge cases by the literal reading: left or a client error; no status or 502 to 504; all else."""
    judged = [
        "excluded"
        if case.client_aborted or (case.status is not None and 400 <= case.status <= 499)
        else "failure"
        if case.status in {None, 502, 503, 504}
        else "success"
        for case in some
    ]
    return judged.count("success"), judged.count("failure"), judged.count("excluded")


def rows_of(name: str, some: Sequence[Case]) -> list[dict[str, Any]]:
    log = LOGS[name]
    fields = BUILT_IN[name].fields
    return [{**log.time, log.account: "A", **dict(zip(fields, case.values, strict=True))} for case in some]


@pytest.mark.usefixtures("folder")
class TestALogOfEach:
    @pytest.mark.parametrize("name", LOGS)
    def test_it_is_counted_alike_with_and_without_the_name(self, name: str) -> None:
        log = write("log", rows_of(name, CASES[name]), LOGS[name].suffix)
        expected = classes(CASES[name])
        assert sum(expected) == len(CASES[name])
        assert all(expected)

        named, told = compute(log, "--dialect", name), compute(log)
        assert counts(named) == expected
        assert [result["cycle"] for result in named["results"]] == ["2026-10"]
        assert named.pop("provenance") != told.pop("provenance")  # one says that the dialect was named
        assert named == told
        (warning,) = [each for each in named["warnings"] if "dialect" in each]
        assert warning.startswith(f"read in the dialect {name}: {log}")
        assert ("its facts are not verified" in warning) is not BUILT_IN[name].verified
        doubts = [outcome for outcome in BUILT_IN[name].outcomes if not outcome.verified]
        assert ("some of its rules are not verified" in warning) is bool(doubts)
        assert all(note in warning for note in BUILT_IN[name].notes)

    @pytest.mark.parametrize("name", LOGS)
    def test_so_it_is_as_parquet(self, name: str) -> None:
        rows = [{key: None if value is None else str(value) for key, value in row.items()}
                for row in rows_of(name, CASES[name])]  # fmt: skip
        pq.write_table(pa.Table.from_pylist(rows), "log.parquet")
        assert counts(compute("log.parquet")) == classes(CASES[name])
        assert counts(compute("log.parquet", "--no-statistics")) == classes(CASES[name])

    @pytest.mark.parametrize("name", LOGS)
    def test_a_status_that_is_none_is_a_row_that_cannot_be_read(
        self, name: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        rows = rows_of(name, CASES[name][:1] * 2)
        rows[1][BUILT_IN[name].status] = "2OO"
        log = write("log", rows, LOGS[name].suffix)
        assert run(["compute", log, "--as-of", "2026-12-20"]) == 2
        message = messages(capsys.readouterr().err)[0]
        assert "'2OO'" in message
        assert f"a status as {name} writes it" in message

    def test_a_log_of_canonical_columns_is_of_no_dialect(self) -> None:
        row = {"timestamp": "2026-10-05T05:06:07Z", "time_iso8601": "2026-11-05T05:06:07Z", "account_id": "A"}
        report = compute(write("log", [{**row, "status": 499}, {**row, "status": 502}], "csv"))
        assert counts(report) == (0, 1, 1)
        assert not any("dialect" in warning for warning in report["warnings"])

    def test_logs_of_two_gateways_are_counted_together(self) -> None:
        logs = [write(name, rows_of(name, CASES[name]), LOGS[name].suffix) for name in ("kong", "cloudfront")]
        report = compute(*logs)
        assert counts(report) == classes([*CASES["kong"], *CASES["cloudfront"]])
        said = [warning.split(":")[0] for warning in report["warnings"] if "dialect" in warning]
        assert said == ["read in the dialect cloudfront", "read in the dialect kong"]

    def test_columns_that_fit_several_are_not_guessed(self, capsys: pytest.CaptureFixture[str], folder: Path) -> None:
        unanswered = Case("no answer", (502, "-"), None)
        (one,), (other,) = rows_of("nginx", CASES["nginx"][:1]), rows_of("tencent-api-gateway", [unanswered])
        log = write("log", [{**one, **other}], "csv")
        before = everything_in(folder)
        assert run(["compute", log, "--as-of", "2026-12-20", "-o", "report.json"]) == 2
        (message,) = messages(capsys.readouterr().err)
        assert "log.csv: the columns fit several dialects: nginx, tencent-api-gateway; the file has:" in message
        assert "Choose one with --dialect, or map the columns with --column." in message
        assert everything_in(folder) == before
        assert counts(compute(log, "--dialect", "nginx")) == (1, 0, 0)
        assert counts(compute(log, "--dialect", "tencent-api-gateway")) == (0, 1, 0)


@pytest.mark.usefixtures("folder")
class TestWhatTheUserSays:
    @pytest.mark.parametrize("dialect", [("--dialect", "cloudfront"), ()], ids=["with the dialect", "without"])
    def test_a_status_that_is_mapped_is_what_the_rules_read(self, dialect: tuple[str, ...]) -> None:
        rows = rows_of("cloudfront", CASES["cloudfront"])
        log = write("log", [{**row, "true_status": 502} for row in rows], "csv")
        left = [case for case in CASES["cloudfront"] if case.values[1] in {"ClientCommError", "ClientHungUpRequest"}]
        assert len(left) == 3
        assert counts(compute(log, *dialect, "--column", "status=true_status")) == (0, len(rows) - 3, 3)

    def test_an_account_that_is_mapped_wins(self) -> None:
        rows = [{**row, "host": "B"} for row in rows_of("traefik", CASES["traefik"])]
        report = compute(write("log", rows, "jsonl"), "--column", "account_id=host")
        assert [result["account_id"] for result in report["results"]] == ["B"]
        assert counts(report) == classes(CASES["traefik"])

    def test_a_dialect_without_accounts_asks_for_them(self, capsys: pytest.CaptureFixture[str]) -> None:
        rows = [{"host" if key == "account_id" else key: value for key, value in row.items()}
                for row in rows_of("envoy", CASES["envoy"])]  # fmt: skip
        log = write("log", rows, "jsonl")
        assert run(["compute", log]) == 2
        (message,) = messages(capsys.readouterr().err)
        assert "no column 'account_id'" in message
        assert "--column account_id=NAME" in message
        assert counts(compute(log, "--column", "account_id=host")) == classes(CASES["envoy"])

    def test_a_dialect_that_does_not_fit_names_what_is_missing(self, capsys: pytest.CaptureFixture[str]) -> None:
        log = write("log", rows_of("nginx", CASES["nginx"]), "csv")
        assert run(["compute", log, "--dialect", "cloudfront"]) == 2
        said = " ".join(messages(capsys.readouterr().err))
        assert "no column 'date' and 'time' (mapped to timestamp)" in said
        assert "no column 'sc-status' and 'x-edge-detailed-result-type', which the dialect cloudfront reads" in said

    def test_a_config_may_name_the_dialect(self) -> None:
        write("log", rows_of("kong", CASES["kong"]), "jsonl")
        Path("sla-audit.toml").write_text('logs = ["log.jsonl"]\ndialect = "kong"\n', encoding="utf-8")
        assert counts(compute("--config", "sla-audit.toml")) == classes(CASES["kong"])


SHAPES: dict[str, tuple[str, list[dict[str, Any]], tuple[int, int, int]]] = {
    "API Management, self-hosted": (
        "azure-apim",
        [
            {"category": "GatewayLogs", "timeGenerated": "2026-10-05T05:06:01.1Z", "responseCode": 200,
             "backendResponseCode": 200, "apimSubscriptionId": "A"},
            {"category": "GatewayLogs", "timeGenerated": "2026-10-05T05:06:02.1Z", "responseCode": 500,
             "apimSubscriptionId": "A", "lastError": {"reason": "BackendConnectionFailure"}},
            {"category": "GatewayLogs", "timeGenerated": "2026-10-05T05:06:03.1Z", "responseCode": 500,
             "apimSubscriptionId": "A", "lastError": {"reason": "ClientConnectionFailure"}},
        ],
        (1, 1, 1),
    ),
    "API Management, blobs": (
        "azure-apim",
        [
            {"time": "2026-10-05T05:06:01Z", "category": "GatewayLogs", "correlationId": "1",
             "properties": {"responseCode": 200, "backendResponseCode": 200, "apimSubscriptionId": "A"}},
            {"time": "2026-10-05T05:06:02Z", "category": "GatewayLogs", "correlationId": "2",
             "properties": {"responseCode": 503, "backendResponseCode": 0, "apimSubscriptionId": "A",
                            "lastErrorReason": "BackendConnectionFailure"}},
        ],
        (1, 1, 0),
    ),
    "Front Door, blobs": (
        "azure-front-door",
        [
            {"time": "2026-10-05T05:06:01Z", "account_id": "A",
             "properties": {"httpStatusCode": "200", "errorInfo": "NoError", "timeTaken": "0.011"}},
            {"time": "2026-10-05T05:06:02Z", "account_id": "A",
             "properties": {"httpStatusCode": "0", "errorInfo": "OriginTimeout", "timeTaken": "30.0"}},
            {"time": "2026-10-05T05:06:03Z", "account_id": "A",
             "properties": {"httpStatusCode": "499", "errorInfo": "ClientDisconnected", "timeTaken": "0.2"}},
        ],
        (1, 1, 1),
    ),
    "Kong before 3.6, which has no source": (
        "kong",
        [
            {"started_at": 1_791_176_767_001, "response": {"status": 200}, "latencies": {"proxy": 4},
             "consumer": {"username": "A"}},
            {"started_at": 1_791_176_767_002, "response": {"status": 500}, "latencies": {"proxy": -1},
             "consumer": {"username": "A"}},
        ],
        (1, 1, 0),
    ),
    "Kong whose version changed": (
        "kong",
        [
            {"started_at": 1_791_176_767_001, "response": {"status": 500}, "latencies": {"proxy": 4},
             "upstream_status": "500", "consumer": {"username": "A"}},
            {"started_at": 1_791_176_767_002, "response": {"status": 500}, "latencies": {"proxy": 4},
             "upstream_status": "200", "source": "kong", "consumer": {"username": "A"}},
        ],
        (1, 1, 0),
    ),
    "APISIX, which leaves out what is nil": (
        "apisix",
        [
            {"start_time": 1_791_176_767_001.5, "response": {"status": 500}, "upstream_latency": 3,
             "consumer": {"username": "A"}, "route_id": "1"},
            {"start_time": 1_791_176_767_002.5, "response": {"status": 500}, "consumer": {"username": "A"}},
        ],
        (1, 1, 0),
    ),
    "Envoy, which leaves out what is empty": (
        "envoy",
        [
            {"start_time": "2026-10-05T05:06:07.001Z", "response_code": 503, "bytes_sent": 9, "account_id": "A"},
            {"start_time": "2026-10-05T05:06:08.001Z", "response_code": 200, "response_flags": "UPE",
             "account_id": "A"},
        ],
        (0, 2, 0),
    ),
    "Cloudflare, a job without the origin's status": (
        "cloudflare",
        [
            {"EdgeStartTimestamp": "2026-10-05T05:06:07Z", "EdgeResponseStatus": 200, "account_id": "A"},
            {"EdgeStartTimestamp": 1_791_176_767, "EdgeResponseStatus": 522, "account_id": "A"},
            {"EdgeStartTimestamp": 1_791_176_767_000_000_000, "EdgeResponseStatus": 499, "account_id": "A"},
        ],
        (1, 1, 1),
    ),
    "NGINX by way of a shipper": (
        "nginx",
        [
            {"@timestamp": "2026-11-01T00:00:01+08:00", "status": "200", "request_time": "33.093", "account_id": "A"},
            {"@timestamp": "2026-10-05T00:00:01+08:00", "status": "499", "request_time": "1.0", "account_id": "A"},
        ],
        (1, 0, 1),
    ),
}  # fmt: skip


@pytest.mark.usefixtures("folder")
class TestShapesOfALog:
    @pytest.mark.parametrize(("name", "rows", "expected"), SHAPES.values(), ids=SHAPES)
    def test_each_is_read_in_its_dialect(
        self, name: str, rows: list[dict[str, Any]], expected: tuple[int, int, int]
    ) -> None:
        Path("log.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        for options in ((), ("--dialect", name)):
            report = compute("log.jsonl", *options)
            assert counts(report) == expected
            assert [result["cycle"] for result in report["results"]] == ["2026-10"]
            assert any(warning.startswith(f"read in the dialect {name}:") for warning in report["warnings"])

    @pytest.mark.parametrize("gateway", ["API Management", "Kong"])
    def test_a_field_that_comes_late_is_read(self, gateway: str) -> None:
        if gateway == "Kong":
            rows = [{"started_at": 1_791_176_767_001, "response": {"status": 200}, "latencies": {"proxy": 4},
                     "consumer": {"username": "A", "source": "ldap"}}]  # fmt: skip
            late = rows[0] | {"response": {"status": 500}, "source": "kong", "upstream_status": "200"}
            expected = (1500, 1, 0)
        else:
            rows = [{"timeGenerated": "2026-10-05T05:06:01Z", "responseCode": 200, "apimSubscriptionId": "A",
                     "url": '"reason":'}]  # fmt: skip
            late = rows[0] | {"responseCode": 500, "lastError": {"reason": "ClientConnectionFailure"}}
            expected = (1500, 0, 1)
        Path("log.jsonl").write_text("".join(json.dumps(row) + "\n" for row in (*rows * 1500, late)))
        assert counts(compute("log.jsonl")) == expected

    def test_the_portal_s_name_of_the_time(self) -> None:
        header = '"TimeGenerated [UTC]",ResponseCode,LastErrorReason,BackendResponseCode,ApimSubscriptionId\n'
        Path("log.csv").write_text("\ufeff" + header + "2026-10-05T05:06:07Z,500,BackendConnectionFailure,0,A\n")
        assert counts(compute("log.csv")) == (0, 1, 0)

    def test_what_json_leaves_out_a_table_must_have(self, capsys: pytest.CaptureFixture[str]) -> None:
        Path("log.csv").write_text("TimeGenerated,ResponseCode,ApimSubscriptionId\n2026-10-05T05:06:07Z,500,A\n")
        assert run(["compute", "log.csv", "--dialect", "azure-apim"]) == 2
        (message,) = messages(capsys.readouterr().err)
        assert "no column 'LastErrorReason' and 'BackendResponseCode', which the dialect azure-apim reads" in message
        assert "--column LastErrorReason=NAME, --column BackendResponseCode=NAME" in message


ABSENT: dict[str, tuple[str, dict[str, Any], str]] = {
    "NGINX's status": ("status", {"time_iso8601": "2026-10-05T13:06:01+08:00", "status": "200", "account_id": "A"}, ""),
    "no dialect's status": ("status", {"timestamp": "2026-10-05T13:06:01+08:00", "status": 200, "account_id": "A"}, ""),
    "Kong's status, within an object": (
        "response.status",
        {"started_at": 1_791_176_767_001, "response": {"status": 200, "size": 1}, "latencies": {"proxy": 4},
         "consumer": {"username": "A"}},
        "",
    ),
    "Kong's latency, with the object that holds it": (
        "latencies",
        {"started_at": 1_791_176_767_001, "response": {"status": 200}, "latencies": {"proxy": 4},
         "consumer": {"username": "A"}},
        "latencies.proxy",
    ),
    "HAProxy's termination state": (
        "termination_state",
        {"request_date": "2026-10-05 13:06:07", "status_code": 200, "termination_state": "--", "account_id": "A"},
        "",
    ),
    "Traefik's status": (
        "DownstreamStatus",
        {"StartUTC": "2026-10-05T05:06:07Z", "DownstreamStatus": 200, "ClientUsername": "A"},
        "",
    ),
}  # fmt: skip


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(("status", "expected"), [("009", (1, 0, 0)), ("000", (0, 1, 0))])
def test_a_status_that_is_none_of_http_s_is_kept_in_a_tally(status: str, expected: tuple[int, int, int]) -> None:
    row = {"time_iso8601": "2026-10-05T13:06:01+08:00", "status": status, "account_id": "A"}
    log = write("log", [row], "csv")
    assert run(["tally", log, "-o", "day.tally.parquet", "--quiet"]) == 0
    assert counts(compute(log)) == counts(compute("day.tally.parquet")) == expected


@pytest.mark.usefixtures("folder")
class TestAnAbsentField:
    @pytest.mark.parametrize(("field", "row", "named"), ABSENT.values(), ids=ABSENT)
    def test_it_is_not_an_empty_one(
        self, field: str, row: dict[str, Any], named: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        lacking = without(row, field)
        none = json.loads(json.dumps(row))
        *path, leaf = (named or field).split(".")
        inner = none
        for part in path:
            inner = inner[part]
        inner[leaf] = None
        Path("log.jsonl").write_text("".join(json.dumps(each) + "\n" for each in (row, none, lacking, row)))
        assert run(["compute", "log.jsonl", "--as-of", "2026-12-20"]) == 2
        error = " ".join(capsys.readouterr().err.split())
        assert (
            f"log.jsonl, line 3: {named or field} is absent: no field {named or field!r}; expected the field" in error
        )
        assert "1 of 4 rows cannot be read" in error
        report = compute("log.jsonl", "--max-rejected", "1")
        assert (report["rows"]["counted"], report["rows"]["rejected"]) == (3, 1)

    def test_a_log_of_objects_without_it_is_refused(self, capsys: pytest.CaptureFixture[str]) -> None:
        row = {"timestamp": "2026-10-05T13:06:01+08:00", "account_id": "A"}
        rows = [row | {"status": 200}, *[row | {"status_code": 200}] * 599]
        Path("log.jsonl").write_text("".join(json.dumps(each) + "\n" for each in rows))
        assert run(["compute", "log.jsonl", "--as-of", "2026-12-20"]) == 2
        assert "599 of 600 rows cannot be read (599 for status)" in " ".join(capsys.readouterr().err.split())

    def test_flags_may_be_absent(self) -> None:
        row = {"timestamp": "2026-10-05T13:06:01+08:00", "status": 200, "account_id": "A"}
        rows = [row | {"content_flag": "violence"}, row, row | {"client_aborted": True}, row]
        Path("log.jsonl").write_text("".join(json.dumps(each) + "\n" for each in rows))
        assert counts(compute("log.jsonl")) == (2, 0, 2)


def without(row: Mapping[str, Any], field: str) -> dict[str, Any]:
    """Leave out a field, of an object within where its name has dots."""
    found: dict[str, Any] = json.loads(json.dumps(row))
    *path, leaf = field.split(".")
    inner = found
    for part in path:
        inner = inner[part]
    del inner[leaf]
    return found


@pytest.mark.usefixtures("folder")
class TestWhoLeft:
    @pytest.mark.parametrize("suffix", ["csv", "jsonl", "parquet"])
    @pytest.mark.parametrize("column", ["client_aborted", "hung_up"])
    def test_a_column_and_a_dialect_both_tell_of_it(self, suffix: str, column: str) -> None:
        said = [("499", "false"), ("502", "true"), ("502", "false"), ("200", ""), ("200", "1")]
        rows = [
            {"time_iso8601": "2026-10-05T13:06:07+08:00", "account_id": "A", "status": status, column: left}
            for status, left in said
        ]
        if suffix == "parquet":
            pq.write_table(pa.Table.from_pylist(rows), "log.parquet")
        else:
            write("log", rows, suffix)
        mapping = () if column == "client_aborted" else ("--column", f"client_aborted={column}")
        report = compute(f"log.{suffix}", *mapping)
        assert counts(report) == (1, 1, 3)
        assert any("read in the dialect nginx" in warning for warning in report["warnings"])

    def test_a_column_that_is_the_same_throughout_does_not_overrule_the_dialect(self) -> None:
        rows = [{"time_iso8601": "2026-10-05T13:06:07+08:00", "account_id": "A", "status": status,
                 "client_aborted": False} for status in (499, 502, 200)]  # fmt: skip
        pq.write_table(pa.Table.from_pylist(rows), "log.parquet")
        assert counts(compute("log.parquet")) == counts(compute("log.parquet", "--no-statistics")) == (1, 1, 1)


# The instants at the edges of October 2026 in Shanghai, in UTC, and the months in which they lie.
EDGES = [
    ("2026-09-30", "15:59:59", "2026-09"),
    ("2026-09-30", "16:00:00", "2026-10"),
    ("2026-10-31", "15:59:59", "2026-10"),
    ("2026-10-31", "16:00:00", "2026-11"),
]


@pytest.mark.usefixtures("folder")
class TestTimesWithoutAZone:
    @pytest.mark.parametrize(("date", "time", "cycle"), EDGES)
    def test_those_of_cloudfront_are_utc(self, date: str, time: str, cycle: str) -> None:
        row = {**rows_of("cloudfront", CASES["cloudfront"])[0], "date": date, "time": time}
        report = compute(write("log", [row], "csv"))
        assert [result["cycle"] for result in report["results"]] == [cycle]
        assert not any("without a zone" in warning for warning in report["warnings"])

    @pytest.mark.parametrize(("date", "time", "cycle"), EDGES)
    @pytest.mark.parametrize("name", ["aws-alb", "azure-apim", "azure-front-door", "traefik", "alibaba-api-gateway"])
    def test_so_are_those_of_others_in_parquet(self, name: str, date: str, time: str, cycle: str) -> None:
        (column,) = BUILT_IN[name].columns["timestamp"]
        table = pa.Table.from_pylist([{**rows_of(name, CASES[name])[0], column: f"{date}T{time}"}])
        at = table.schema.get_field_index(column)
        pq.write_table(table.set_column(at, column, table.column(at).cast(pa.timestamp("us"))), "log.parquet")
        assert [result["cycle"] for result in compute("log.parquet")["results"]] == [cycle]

    @pytest.mark.parametrize("status", ["true_status", "sc-status"])
    def test_they_are_so_even_where_the_status_is_mapped(self, status: str) -> None:
        row = {**rows_of("cloudfront", CASES["cloudfront"])[0], "date": "2026-09-30", "time": "16:00:00"}
        log = write("log", [{**row, "true_status": 200}], "csv")
        report = compute(log, "--dialect", "cloudfront", "--column", f"status={status}")
        assert [result["cycle"] for result in report["results"]] == ["2026-10"]

    @pytest.mark.parametrize(
        ("written", "cycle"),
        [
            ("2026-09-30 23:59:59.999", "2026-09"),
            ("2026-10-01 00:00:00.000", "2026-10"),
            ("2026-10-31 23:59:59.999", "2026-10"),
            ("2026-11-01 00:00:00.000", "2026-11"),
        ],
    )
    def test_those_of_haproxy_are_the_contract_s_and_the_report_says_so(self, written: str, cycle: str) -> None:
        row = {**rows_of("haproxy", CASES["haproxy"])[0], "request_date": written}
        report = compute(write("log", [row], "csv"))
        assert [result["cycle"] for result in report["results"]] == [cycle]
        assert "timestamps without a zone are read in Asia/Shanghai: log.csv" in report["warnings"]


def test_a_time_is_read_in_the_order_that_the_dialect_states(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As the portal of Azure exports what it shows: the month comes first, and times are in UTC."""
    monkeypatch.chdir(tmp_path)
    rows = {
        "5th of October": "10/5/2026, 5:06:07.123 AM",
        "last second": "10/31/2026, 3:59:59.999 PM",
        "": "9/30/2026, 4:00:00 PM",
    }
    names = '"TimeGenerated [UTC]",ResponseCode,LastErrorReason,BackendResponseCode,ApimSubscriptionId,CorrelationId'
    lines = [f'"{time}",200,,200,s,c{number}' for number, time in enumerate(rows.values())]
    Path("portal.csv").write_text("\n".join([f"\ufeff{names}", *lines, ""]), "utf-8")
    assert run(["compute", "portal.csv", "--as-of", "2026-11-20", "-o", "r.json", "--quiet"]) == 0
    report = json.loads(Path("r.json").read_text())
    assert [(each["cycle"], each["success"]) for each in report["results"]] == [("2026-10", 3)]


def test_a_time_that_the_order_does_not_fit_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    line = '"31/10/2026, 5:06:07 AM",200,,200,s,c1'
    Path("portal.csv").write_text(
        f"TimeGenerated,ResponseCode,LastErrorReason,BackendResponseCode,ApimSubscriptionId,CorrelationId\n{line}\n"
    )
    assert run(["compute", "portal.csv"]) == 2
    assert "TimeGenerated is '31/10/2026, 5:06:07 AM'; expected ISO 8601" in capsys.readouterr().err
