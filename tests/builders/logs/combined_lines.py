"""Lines in the combined format."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Kind:
    """A log of some gateway: its dialect, the column of the account, and its lines, told by status in `RESULT`."""

    dialect: str
    account: str
    line: Callable[[int], str]
    before: tuple[str, ...] = ()


STATUSES = (200, 502, 404, 503, 504, 301)


def combined(status: int, *, bracketed: bool = True, more: str = "", agent: str = "probe/1.0 (x; y)") -> str:
    stamp = "05/Oct/2026:13:06:07 +0800"
    stamp = f"[{stamp}]" if bracketed else stamp
    return f'192.0.2.9 - acme {stamp} "POST /v1/compose?a=[b] HTTP/1.1" {status} 512 "-" "{agent}"{more}'


def of_ingress(status: int) -> str:
    tried = [
        "192.0.2.20:80, 192.0.2.21:80 0, 51 0.004, 0.120 504, 200",
        "- - - -",
        "unix:/run/a : 192.0.2.2:80 0 : 5 - : 1 - : 502",
    ]
    return combined(status, more=f" 731 0.125 [shop-api-80] [] {tried[status % 3]} 0a1b2c")


def of_envoy(status: int) -> str:
    flags = "UH" if status == 503 else "UF,URX" if status in {502, 504} else "-"
    return (
        f'[2026-10-05T05:06:07.120Z] "POST /v1/compose HTTP/2" {status} {flags} 15 220 31 - "192.0.2.9" '
        f'"probe/1.0 (x)" "r-{status}" "acme" "192.0.2.20:8080"'
    )


def of_istio(status: int) -> str:
    flags = "UH" if status == 503 else "UF,URX" if status in {502, 504} else "-"
    return (
        f'[2026-10-05T05:06:07.120Z] "POST /v1/compose HTTP/1.1" {status} {flags} via_upstream - '
        f'"TLS error: Secret is not supplied" 15 220 31 29 "192.0.2.9" "probe/1.0 (x)" "r-{status}" "acme" '
        '"192.0.2.20:8080" outbound|8080||shop.default.svc.cluster.local 192.0.2.30:41234 192.0.2.20:8080 '
        "192.0.2.9:51000 outbound_.8080_._.shop default"
    )


def of_haproxy(status: int, captured: str = "") -> str:
    state = "SC--" if status in {502, 503, 504} else "----"
    return (
        f"2001:db8::7:40100 [05/Oct/2026:13:06:07.655] acme~ shop/<NOSRV> 0/0/-1/-1/+12 {status} 217 - - {state} "
        f'3/2/0/0/+3 0/0 {captured}"POST /v1/compose HTTP/1.1"'
    )


def of_elb(status: int) -> str:
    backend = {502: "-", 503: "0", 504: "0"}.get(status, status)
    return (
        f"2026-10-05T05:06:07.120000Z acme 192.0.2.9:40100 {'-' if backend == '-' else '192.0.2.20:80'} 0.00007 0.01 "
        f'0.00006 {status} {backend} 15 29 "POST https://shop.example:443/v1 HTTP/1.1" "probe \\"1\\" (x)" ECDHE TLS'
    )


def of_tencent(status: int) -> str:
    return (
        f"[{status}0a] [05/Oct/2026:13:06:07 +0800] [https] [192.0.2.2:443] [shop.example] [192.0.2.9:5000] [{status}] "
        f"[{status}] [p] [POST /v1/compose HTTP/1.1] [15] [29] [acme] [probe/1.0 (x)] [-] "
        "[1.250] [1.2] [0.0] [1.2] [31] [7] [1] [0.0] [ECDHE] [TLSv1.2] [r]"
    )


def of_huawei(status: int) -> str:
    return (
        f"1791176767.370 eb11c5a9-93a7 [2026-10-05T13:06:07+08:00] elb_01 2001:db8::9:888 {status} "
        f'"POST https://shop.example/v1/compose HTTP/1.1" 1411 251 3 0.011 "{status}" "0.000" "0.011" "0.011" '
        '"192.0.2.20:8080" "probe/1.0 (x)" "-" "-" lb_1 listener_1 3333fd44 pool_1 "-" acme 192.0.2.1:443 '
        '"10.1.1.2:8080" - TLSv1.2 ECDHE-RSA-AES256-GCM-SHA384 shop.example 56704 -'
    )


def of_oss(status: int) -> str:
    return (
        f'192.0.2.9 - - [05/Oct/2026:13:06:07 +0800] "GET /v1/a%20b?logging HTTP/1.1" {status} 64 28 "-" '
        f'"probe \\"1\\" (x)" "b.oss.example" "5C1B{status}" "true" "acme" "GetObject" "b" "-" - 22 '
        f'"{"InternalError" if status > 500 else "-"}" 521 "owner" - "-" "standard" "-"'
    )


def of_aws_api(status: int) -> str:
    return (
        f'192.0.2.9 acme acme [05/Oct/2026:05:06:07 +0000]"GET /v1/pets/{{id}} HTTP/1.1" {status} 64 '
        f"0a1b2c3d-{status} A1b2C3="
    )


def of_aws_api_csv(status: int) -> str:
    return f"192.0.2.9,acme,-,05/Oct/2026:05:06:07 +0000,GET,/v1/{{id}},HTTP/1.1,{status},64,0a1b2c3d-{status},A1b2="


IIS = (
    "#Fields: date time cs-method cs-uri-stem cs-username c-ip cs(User-Agent) sc-status sc-substatus sc-win32-status "
    "time-taken"
)


CLOUDFRONT = (
    "#Fields: date time x-edge-location cs(Host) cs-uri-stem sc-status x-edge-request-id time-taken "
    "x-edge-detailed-result-type"
)


def of_iis(status: int) -> str:
    return f"2026-10-05 05:06:07 POST /v1/compose acme 192.0.2.9 probe/1.0+(x) {status} 0 0 120"


def of_cloudfront(status: int) -> str:
    result = "OriginConnectError" if status > 500 else "Miss"
    return f"2026-10-05\t05:06:07\tHKG54\tacme\t/v1/compose%20x\t{status}\tr-{status}\t0.120\t{result}"


KINDS: dict[str, Kind] = {
    "combined": Kind("nginx", "remote_user", combined),
    "combined, the date without brackets": Kind("nginx", "remote_user", lambda s: combined(s, bracketed=False)),
    "combined, as NGINX's packages write it": Kind("nginx", "remote_user", lambda s: combined(s, more=' "::1, ::2"')),
    "combined after the host": Kind("nginx", "server_name", lambda s: "acme:443 " + combined(s)),
    "the common log format": Kind("nginx", "remote_user", lambda s: combined(s).partition(' "-"')[0]),
    "the ingress controller's": Kind("nginx", "remote_user", of_ingress),
    "quotes escaped as NGINX does": Kind("nginx", "remote_user", lambda s: combined(s, agent=r"a \x22b\x22 \x5C")),
    "quotes escaped as Apache does": Kind("nginx", "remote_user", lambda s: combined(s, agent=r"a \"b\" \\")),
    "Envoy's": Kind("envoy", "authority", of_envoy),
    "Istio's": Kind("envoy", "authority", of_istio),
    "HAProxy's": Kind("haproxy", "frontend_name", of_haproxy),
    "HAProxy's with a captured header": Kind("haproxy", "frontend_name", lambda s: of_haproxy(s, "{acme|a b} ")),
    "HAProxy's with headers of both sides": Kind(
        "haproxy", "captured_request_headers", lambda s: of_haproxy(s, "{acme} {} ")
    ),
    "the classic balancer of AWS": Kind("aws-elb", "elb", of_elb),
    "that of Tencent": Kind("tencent-clb", "http_host", of_tencent),
    "that of Tencent, cut short": Kind("tencent-clb", "http_host", lambda s: of_tencent(s).partition(" [1.250]")[0]),
    "Huawei's": Kind("huawei-elb", "tenant_id", of_huawei),
    "OSS": Kind("alibaba-oss", "requester_id", of_oss),
    "API Gateway of AWS, CLF": Kind("aws-api-gateway-examples", "caller", of_aws_api),
    "API Gateway of AWS, CSV": Kind("aws-api-gateway-examples", "caller", of_aws_api_csv),
    "IIS": Kind("iis", "cs-username", of_iis, ("#Software: IIS 10.0", "#Version: 1.0", IIS)),
    "CloudFront": Kind("cloudfront", "cs(Host)", of_cloudfront, ("#Version: 1.0", CLOUDFRONT)),
}


def write(name: str, lines: Sequence[str], end: str = "\n") -> str:
    data = (end.join(lines) + end).encode()
    Path(name).write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    return name


OWN = """\
schema = "sla-audit/dialect/1"
id = "own"
title = "Our own"
source = "ourselves"
verified = true
status = "code"
columns = { timestamp = ["at"], account_id = ["who"] }
outcomes = [{ ended = "answered" }]
"""
