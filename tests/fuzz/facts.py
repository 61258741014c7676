"""Facts files: refused by name, or what is owed is what the oracle makes of them where they are plain."""

from __future__ import annotations

import io
import random
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl

from tests.builders.worlds import AS_OF, World, assert_agreement
from tests.fuzz import plain
from tests.fuzz.finding import FindingError
from tests.fuzz.program import Ended, see_sums, sla_audit
from tests.oracles.judgement import Row

_LOG = [
    Row(
        datetime(2026, 10, 1 + at % 30, at % 24, 5, tzinfo=UTC),
        ("acct-a", "acct-b", "acct-c")[at % 3],
        (200, 200, 502, 503, 404, None, 500)[at % 7],
        region=("east", "west")[at % 2],
    )
    for at in range(90)
]
_ACCOUNTS = (
    b"account_id,plan,applied_on,expires_on\nacct-a,paid,2026-01-01,\nacct-b,free,2026-10-05,\n"
    b"acct-c,paid,2026-10-05,2026-10-20\n"
)
_BILLING = (
    b"account_id,cycle,service_fee,cash_paid\nacct-a,2026-10,1200.00,1000.00\nacct-b,2026-10,333.33,333.33\n"
    b"acct-c,2026-10,17.05,0.01\n"
)
_EXCLUSIONS = (
    b"id,clause,starts_at,ends_at,notified_at,accounts,regions\n"
    b"M1,1,2026-10-12T01:00:00+08:00,2026-10-13T03:00:00+08:00,2026-10-09T18:00:00+08:00,,\n"
    b"N1,3,2026-10-12T02:00:00,2026-10-20T04:00:00,,acct-a;acct-b,east\n"
)
_SPOKEN = (
    "id,clause,starts_at,ends_at,notified_at,accounts,regions,apis,note\n"
    'M1,1,1791738000,1791745200000,,"acct-a ; acct-b",,,"one, two"\n'
    "M2,3,2026-10-12 01:00:00,2026-10-12T03:00,,,east;west,/v1,說明\n"
).encode()
_HOLIDAYS = b"date,day\n2026-11-02,off\n2026-11-07,work\n2026-11-03,off\n"
TOKENS = (
    *(b"account_id", b"plan", b"applied_on", b"expires_on", b"cycle", b"service_fee", b"cash_paid", b"billed_calls"),
    *(
        b"id",
        b"clause",
        b"starts_at",
        b"ends_at",
        b"notified_at",
        b"accounts",
        b"regions",
        b"apis",
        b"note",
        b"date",
        b"day",
    ),
    *(
        b"paid",
        b"free",
        b"off",
        b"work",
        b"acct-a",
        b"acct-b",
        b"acct-c",
        b"east",
        b"2026-10-05",
        b"2026-10-20",
        b"2026-11",
    ),
    *(
        b"Total",
        "合计".encode(),
        b"1,200.00",
        "¥12".encode(),
        b"1200.000001",
        b"(5)",
        b"10/5/2026",
        b";;",
        b"a;b",
        b"\t",
        b"|",
    ),
)


def _seeds(data: bytes) -> tuple[bytes, ...]:
    """Give a file as CSV in several ways, and as Parquet of text and of types."""
    frame = pl.read_csv(io.BytesIO(data), infer_schema=False)
    typed = pl.read_csv(io.BytesIO(data), try_parse_dates=True)
    unfit = [name for name, kind in typed.schema.items() if kind.is_float()]
    typed = typed.with_columns(pl.col(unfit).cast(pl.Decimal(20, 6)))
    files = []
    for each in (frame, typed):
        file = io.BytesIO()
        each.write_parquet(file, compression="uncompressed")
        files.append(file.getvalue())
    quoted = frame.write_csv(quote_style="always", line_terminator="\r\n").encode()
    return (data, quoted, b"\xef\xbb\xbf" + data, *files)


ACCOUNTS_SEEDS = _seeds(_ACCOUNTS)
BILLING_SEEDS = (
    *_seeds(_BILLING),
    _BILLING.replace(b"cash_paid", b"cash_paid,billed_calls").replace(b"00\n", b"00,40\n"),
)
EXCLUSIONS_SEEDS = (*_seeds(_EXCLUSIONS), _SPOKEN)
HOLIDAYS_SEEDS = _seeds(_HOLIDAYS)
_USUAL = World(
    _LOG, plain.read_accounts(_ACCOUNTS), plain.read_billing(_BILLING), plain.read_exclusions(_EXCLUSIONS), "2026-10"
)


def accounts(folder: Path, data: bytes, chance: random.Random) -> str:
    return _tried(folder, "accounts", data, lambda: replace(_USUAL, accounts=plain.read_accounts(data)))


def billing(folder: Path, data: bytes, chance: random.Random) -> str:
    return _tried(folder, "billing", data, lambda: replace(_USUAL, bills=plain.read_billing(data)))


def exclusions(folder: Path, data: bytes, chance: random.Random) -> str:
    return _tried(folder, "exclusions", data, lambda: replace(_USUAL, windows=plain.read_exclusions(data)))


def holidays(folder: Path, data: bytes, chance: random.Random) -> str:
    """See that the claim opens after the third working day, as a calendar counted by hand has it."""
    ended, name = _audited(folder, "holidays", data)
    if ended.code == 0 and name.endswith(".csv"):
        try:
            days = plain.read_holidays(data)
        except plain.UnclearError:
            return f"{ended.told}, not plain"
        claims = {result["claim"]["opens_on"] for result in ended.json["results"] if result["claim"]}
        if claims != {_opens(days).isoformat()}:
            raise FindingError("the claim opens on another day", f"{claims}; by hand {_opens(days)}")
    return ended.told


def _opens(days: dict[date, bool]) -> date:
    """Count three working days in November 2026, which has no public holiday; claims are taken from the next day."""
    day, worked = date(2026, 10, 31), 0
    while worked < 3:
        day += timedelta(days=1)
        worked += days.get(day, day.weekday() < 5)
    return day + timedelta(days=1)


def _tried(folder: Path, name: str, data: bytes, world: Callable[[], World]) -> str:
    ended, file = _audited(folder, name, data)
    if ended.code or not file.endswith(".csv"):
        return ended.told
    try:
        meant = world()
    except plain.UnclearError:
        return f"{ended.told}, not plain"
    try:
        assert_agreement(ended.json, meant)
    except AssertionError as error:
        raise FindingError("not what the oracle says", f"{error}\n{ended.out[:4000]}") from error
    return f"{ended.told}, as the oracle says"


def _audited(folder: Path, name: str, data: bytes) -> tuple[Ended, str]:
    """Audit the usual world with one of its facts files changed."""
    file = f"{name}{_suffix(data)}"
    others = {"accounts": _ACCOUNTS, "billing": _BILLING, "exclusions": _EXCLUSIONS}
    files = {each: f"{each}.csv" for each in others} | {name: file}
    for each, content in (others | {name: data}).items():
        (folder / files[each]).write_bytes(content)
    _write_log(folder / "log.csv")
    given = [text for each, path in files.items() for text in (f"--{each}", path)]
    asked = ("--cycle", "2026-10", "--as-of", AS_OF.isoformat(), "-o", "-")
    ended = sla_audit("compute", "log.csv", *given, *asked, names=[file, "exclusion ", "log.csv"])
    if ended.code == 0:
        see_sums(ended.json)
    return ended, file


def _suffix(data: bytes) -> str:
    if data.startswith(b"PAR1"):
        return ".parquet"
    return ".csv.gz" if data.startswith(b"\x1f\x8b") else ".csv"


def _write_log(path: Path) -> None:
    lines = ["timestamp,account_id,status,region"]
    for row in _LOG:
        status: Any = "-" if row.status is None else row.status
        lines.append(f"{row.timestamp.isoformat()},{row.account_id},{status},{row.region}")
    path.write_text("\n".join(lines) + "\n")
