"""What people write as TOML: contracts, dialects and configs, each refused by name or read."""

from __future__ import annotations

import random
import tomllib
from importlib.resources import files
from pathlib import Path
from typing import Any

from sla_audit.contract.load import BUILT_IN, contract_file
from tests.builders.logs.combined_lines import OWN, combined
from tests.fuzz.finding import FindingError
from tests.fuzz.program import see_sums, sla_audit
from tests.pollution.log import ACCOUNTS, BILLING, csv_text

_PACKAGE = files("sla_audit")


def _built_in(*names: str) -> tuple[bytes, ...]:
    return tuple(_PACKAGE.joinpath(name).read_bytes() for name in names)


def _small(contract: bytes) -> bytes:
    """Leave the long list of clauses and most of the comments out of a contract."""
    text = contract.partition(b"# What becomes of each clause")[0]
    lines = [line for line in text.split(b"\n") if not line.startswith(b"#")]
    return (
        b"\n".join(lines)
        + b'\n[[clauses]]\nnumber = "2.7"\ntitle = { en = "rate" }\nbasis = "computed"\nhow = "it is"\n'
    )


CONTRACT_SEEDS = (
    _small(contract_file(BUILT_IN)),
    contract_file(BUILT_IN),
)
DIALECT_SEEDS = (
    OWN.encode(),
    (OWN + '[text]\nformats = ["{at}|{who}|{code}"]\n').encode(),
    *_built_in(*(f"intake/dialects/{name}.toml" for name in ("kong", "nginx", "iis", "envoy", "haproxy", "aws-alb"))),
)
TOKENS = (
    *(
        b"schema",
        b"id",
        b"title",
        b"en",
        b"zh",
        b"clause",
        b"rate",
        b"from",
        b"below",
        b"when",
        b"class",
        b"cause",
        b"status",
    ),
    *(
        b'"none"',
        b'"5xx"',
        b'"excluded"',
        b'"facts"',
        b'"computed"',
        b'"half_up"',
        b'"down"',
        b'"service_fee"',
        b'"cash_paid"',
    ),
    *(
        b'"UTC"',
        b'"localtime"',
        b'"posix/Europe/Berlin"',
        b'"right/UTC"',
        b'"America/New_York"',
        b'"US"',
        b'"CNY"',
        b'"JPY"',
    ),
    *(
        b"0.99",
        b"1.00",
        b"0.000000000000000000000000000000000000001",
        b"1e-39",
        b"2019-11-01",
        b"9999-12-31",
        b"[1, 2]",
        b"{}",
    ),
    *(
        b"[columns]",
        b"[text]",
        b"[lasted]",
        b"[[outcomes]]",
        b"[[outcomes.x]]",
        b"ended",
        b'"answered"',
        b'"no_answer"',
    ),
    *(
        b'"client_left"',
        b'"nothing"',
        b'"*"',
        b'["502..504"]',
        b'"[a"',
        b'"$a $b"',
        b'"{a}{b}"',
        b'"{a:list}"',
        b'"\\u001b[31m"',
    ),
    *(b'"\\u202e"', b'"\\r"', b"true", b"0", b"-1", b"1", b"300"),
)
_CONFIG = b"""\
logs = ["logs/*.csv"]
accounts = "accounts.csv"
billing = "billing.csv"
cycle = "2026-10"
as_of = 2026-12-20
near = 3
fail_on = ["breach", "gaps"]
max_rejected = "1%"
print = "always"

[columns]
status = "status"
"""
_MORE = b"""\
contract = "jdcloud-smart-compose"
dialect = "kong"
format = "csv"
delimiter = ","
encoding = "utf-8"
apis = ["/v1/*"]
reading = "broad"
show = "all"
no_statistics = true
keep_duplicates = false
jobs = 2
lang = "zh"
content_flag = { illegal = ["politics"], legal = ["none"] }
"""
CONFIG_SEEDS = (
    _CONFIG,
    _CONFIG.replace(b"\n[columns]", _MORE.replace(b'dialect = "kong"\n', b"") + b"\n[columns]"),
    _MORE + _CONFIG,
)
CONFIG_TOKENS = (
    *(line.partition(b" ")[0] for line in (_CONFIG + _MORE).split(b"\n") if b" = " in line),
    *(
        b'"last"',
        b'"running"',
        b'"all"',
        b'"2026-10..2026-11"',
        b'"2026-10:2026-12"',
        b'"gb18030"',
        b'"utf-16"',
        b'"\\t"',
        b'"tab"',
    ),
    *(
        b'"iis"',
        b'"nginx"',
        b'"literal"',
        b'"matters"',
        b'"never"',
        b'"undetermined"',
        b'"a\\u0000b"',
        b"9223372036854775808",
    ),
    *(
        b'["a.csv", "b.csv"]',
        b"true",
        b'"100%"',
        b'"1e9"',
        b'"-1"',
        b"rejects",
        b"holidays",
        b"exclusions",
        b'timestamp = "a,b"',
    ),
)


def contract(folder: Path, data: bytes, chance: random.Random) -> str:
    """Check a contract, show it and audit by it: what is sound for one is sound for all."""
    (folder / "own.toml").write_bytes(data)
    checked = sla_audit("contract", "check", "own.toml", names=["own.toml"])
    shown = sla_audit("contract", "show", "own.toml", names=["own.toml"])
    if checked.code != shown.code:
        raise FindingError("check and show do not agree", f"{checked}\n\n{shown}"[:6000])
    if checked.code:
        return checked.told
    _write(folder)
    facts = ("--accounts", "accounts.csv", "--billing", "billing.csv", "--as-of", "2026-12-20")
    ended = sla_audit(
        *("compute", "logs/log.csv", "--contract", "own.toml", *facts, "-o", "-"), names=["own.toml", "accounts.csv"]
    )
    if ended.code == 0:
        see_sums(ended.json)
        table = sla_audit("compute", "logs/log.csv", "--contract", "own.toml", *facts, names=["own.toml"])
        (folder / "report.json").write_text(ended.out, encoding="utf-8")
        again = sla_audit("render", "report.json", "--contract", "own.toml", names=["report.json"])
        if table.out != again.out.partition("From a saved report")[0]:  # of which is said what cannot be checked
            raise FindingError("a saved report is shown otherwise", f"{table}\n\n{again}"[:6000])
    return f"sound; {ended.told}"


def dialect(folder: Path, data: bytes, chance: random.Random) -> str:
    """Read logs of several formats by a dialect of one's own."""
    (folder / "own.toml").write_bytes(data)
    told = []
    logs = {
        "a.jsonl": '{"at": 1790784000, "who": "acme", "code": 502, "started_at": 1790784000, "source": "kong", '
        '"response": {"status": 502}, "consumer": {"username": "acme"}, "latencies": {"proxy": -1}}\n',
        "b.log": "2026-10-05T05:06:07Z|acme|502\n2026-10-05T05:06:07Z|acme|200\n",
        "c.log": f"{combined(200)}\n{combined(502)}\n",
    }
    for name, text in logs.items():
        (folder / name).write_text(text)
        asked = ("--as-of", "2026-12-20", "-o", "-", "--max-rejected", "100%")
        ended = sla_audit("compute", name, "--dialect", "own.toml", *asked, names=["own.toml", name])
        told.append(ended.told)
        if ended.code == 0:
            see_sums(ended.json)
    return "; ".join(sorted(set(told)))


def config(folder: Path, data: bytes, chance: random.Random) -> str:
    """Run with a config. Those that lead out of the folder are passed over."""
    said = _texts(_table(data))
    if any(map(_leads_away, said)):
        return "leads elsewhere"
    _write(folder)
    (folder / "sla-audit.toml").write_bytes(data)
    names = [*_NAMED, *(f"rror: {text}: " for text in said)]
    ended = sla_audit("compute", "--config", "sla-audit.toml", codes=(0, 1), names=names)
    return ended.told


_NAMED = (
    "sla-audit.toml",
    "logs/",
    ".csv",
    "--",
    "[columns]",
    "'logs",
    "contract '",
    "dialect '",
    "no such file",
    "no file matches",
    "names nothing",
)


def _write(folder: Path) -> None:
    (folder / "logs").mkdir(exist_ok=True)
    (folder / "logs" / "log.csv").write_text(csv_text(), encoding="utf-8")
    (folder / "accounts.csv").write_text(ACCOUNTS, encoding="utf-8")
    (folder / "billing.csv").write_text(BILLING, encoding="utf-8")


def _table(data: bytes) -> dict[str, Any]:
    """Read a config; one that cannot be read says nothing."""
    try:
        return tomllib.loads(data.decode())
    except (ValueError, RecursionError):
        return {}


def _leads_away(text: str) -> bool:
    return text.startswith(("/", "~")) or ".." in text.replace("2026-10..2026-11", "")


def _texts(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for key, inner in value.items() for text in (key, *_texts(inner))]
    if isinstance(value, list):
        return [text for inner in value for text in _texts(inner)]
    return [value] if isinstance(value, str) else []
