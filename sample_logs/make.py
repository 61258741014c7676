"""Make the sample month: `python sample_logs/make.py [FOLDER]`.

Everything the sample holds is decided here, by account; the same bytes of CSV and the same rows of
Parquet come out every time. Times are written in UTC, as gateways do, while the agreement counts days
in Shanghai, eight hours ahead.
"""

from __future__ import annotations

import csv
import random
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.parquet as pq

SHANGHAI = ZoneInfo("Asia/Shanghai")
COMPOSE, CUTOUT = "/v1/compose", "/v1/cutout"
REGIONS = ("cn-north-1", "cn-east-2")


def at(day: str, clock: str = "00:00:00") -> datetime:
    """Read a day and time in Shanghai."""
    return datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=SHANGHAI)


OCTOBER = (at("2026-10-01"), at("2026-11-01"))
MAINTENANCE = (at("2026-10-12", "01:00:00"), at("2026-10-12", "03:00:00"))
SURPRISE = (at("2026-10-21", "14:00:00"), at("2026-10-21", "14:45:00"))


@dataclass(frozen=True)
class Traffic:
    """Requests of one kind, spread over a stretch of time. A status of None: none was given."""

    requests: int
    status: int | None = 200
    span: tuple[datetime, datetime] = OCTOBER
    content_flag: str = ""
    client_aborted: bool = False
    api: str = COMPOSE
    region: str | None = None


@dataclass(frozen=True)
class Story:
    """An account, and what happens to it."""

    account_id: str
    traffic: list[Traffic] = field(default_factory=list)
    plan: str | None = "paid"
    applied_on: date = date(2026, 3, 2)
    expires_on: date | None = None
    bill: tuple[str, str] | None = ("1200.00", "1000.00")  # service fee, cash paid


STORIES = [
    Story("exactly-99", [Traffic(297), Traffic(2, 503), Traffic(1, None)]),
    Story("just-below", [Traffic(197), Traffic(1, 503), Traffic(1, None)]),
    Story("tier-two", [Traffic(184), Traffic(10, 502), Traffic(6, None)]),
    Story("tier-three", [Traffic(160), Traffic(30, 504), Traffic(10, None)]),
    Story("free-plan", [Traffic(90), Traffic(10, 503)], plan="free", bill=("0.00", "0.00")),
    # Twelve failures before the day of application are not counted.
    Story(
        "partial-first-month",
        [
            Traffic(12, 503, (at("2026-10-05"), at("2026-10-20"))),
            Traffic(97, 200, (at("2026-10-20"), at("2026-11-01"))),
            Traffic(3, None, (at("2026-10-20"), at("2026-11-01"))),
        ],
        applied_on=date(2026, 10, 20),
        bill=("411.10", "411.10"),
    ),
    # The service ends with the 15th: its last second counts, the failures after it do not.
    Story(
        "expired-mid-month",
        [
            Traffic(140, 200, (at("2026-10-01"), at("2026-10-16"))),
            Traffic(9, 502, (at("2026-10-03"), at("2026-10-14"))),
            Traffic(1, None, (at("2026-10-15", "23:59:59"), at("2026-10-16"))),
            Traffic(30, 503, (at("2026-10-16"), at("2026-10-18"))),
        ],
        expires_on=date(2026, 10, 15),
        bill=("620.00", "620.00"),
    ),
    Story("capped-by-cash", [Traffic(88), Traffic(12, 503)], bill=("1000.00", "250.00")),
    Story("all-by-voucher", [Traffic(94), Traffic(6, 503)], bill=("800.00", "0.00")),
    # Both windows below cover failures: an announced one takes them out, a surprise does not.
    Story(
        "announced-works",
        [
            Traffic(395),
            Traffic(2, None),
            Traffic(20, 503, MAINTENANCE),
            Traffic(5, 200, MAINTENANCE),
            Traffic(4, 502, (MAINTENANCE[1], at("2026-10-12", "04:00:00")), region="cn-east-2"),
        ],
    ),
    Story("unannounced-works", [Traffic(180), Traffic(14, 503, SURPRISE)], bill=("980.00", "980.00")),
    Story("illegal-content", [Traffic(149), Traffic(1, 502), Traffic(25, 503, content_flag="gambling")]),
    Story(
        "client-errors",
        [
            Traffic(150),
            Traffic(1, 504),
            Traffic(20, 400),
            Traffic(15, 429),
            Traffic(10, 499),
            Traffic(4, None, client_aborted=True),
        ],
    ),
    Story("no-traffic", bill=("50.00", "50.00")),
    Story("not-in-accounts", [Traffic(45), Traffic(5, 503)], plan=None, bill=("300.00", "300.00")),
    Story("no-billing", [Traffic(57), Traffic(3, 502)], bill=None),
    # A 500 is an answer under the literal reading, and none under the broad one.
    Story("readings-differ", [Traffic(190), Traffic(1, 503), Traffic(9, 500)], bill=("1999.90", "1999.90")),
]

# November has begun, and another service shares the gateway. Neither belongs to October's figures.
ELSEWHERE = {
    "tier-three": [Traffic(40, 200, (at("2026-11-01"), at("2026-11-04"))), Traffic(60, 200, api=CUTOUT)],
    "exactly-99": [Traffic(25, 503, (at("2026-11-01"), at("2026-11-02"))), Traffic(15, 503, api=CUTOUT)],
}

EXCLUSIONS = [
    ("id", "clause", "starts_at", "ends_at", "notified_at", "accounts", "regions", "note"),
    ("M-1012", 1, *MAINTENANCE, at("2026-10-09", "18:00:00"), "", "", "storage upgrade, announced by mail"),
    ("M-1021", 1, *SURPRISE, "", "", "", "emergency restart, nobody was told"),
    (
        "N-1012", 3, at("2026-10-12", "02:00:00"), at("2026-10-12", "04:00:00"), "",
        "announced-works;tier-two", "cn-east-2", "carrier fault, overlaps M-1012",
    ),
]  # fmt: skip

SCHEMA = pa.schema(
    {
        "timestamp": pa.timestamp("ms", "UTC"),
        "account_id": pa.string(),
        "status": pa.int16(),
        "content_flag": pa.string(),
        "client_aborted": pa.bool_(),
        "region": pa.string(),
        "api": pa.string(),
        "request_id": pa.string(),
    }
)


def rows() -> list[dict[str, object]]:
    """Give every request of the sample in the order of time."""
    chance = random.Random("sla-audit")
    requests = [
        request
        for story in STORIES
        for traffic in story.traffic + ELSEWHERE.get(story.account_id, [])
        for request in _requests(story.account_id, traffic, chance)
    ]
    requests.sort(key=lambda row: (row["timestamp"], row["account_id"]))
    return [row | {"request_id": f"r{number:05}"} for number, row in enumerate(requests, 1)]


def _requests(account_id: str, traffic: Traffic, chance: random.Random) -> Iterator[dict[str, object]]:
    """Spread requests over a span: one in each of as many equal parts, at a moment of its own."""
    start, end = (moment.astimezone(UTC) for moment in traffic.span)
    part = (end - start) / traffic.requests
    for number in range(traffic.requests):
        moment = start + part * number + part * chance.random()
        yield {
            "timestamp": moment.replace(microsecond=moment.microsecond // 1000 * 1000),
            "account_id": account_id,
            "status": traffic.status,
            "content_flag": traffic.content_flag or None,
            "client_aborted": traffic.client_aborted,
            "region": traffic.region or chance.choice(REGIONS),
            "api": traffic.api,
        }


def write_csv(path: Path, header: list[str], table: list[list[object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerows([header, *table])


def spell(value: object) -> object:
    """Write a value as a gateway's CSV export does."""
    if value is None:
        return "-"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, timedelta | datetime):
        return value.isoformat(timespec="milliseconds").replace("+00:00", "Z")  # type: ignore[union-attr]
    return value


def make(folder: Path) -> None:
    """Write the sample into a folder."""
    logs = folder / "logs"
    logs.mkdir(parents=True, exist_ok=True)
    halves: dict[str, list[dict[str, object]]] = {"2026-10-a.csv": [], "2026-10-b.parquet": [], "2026-11-a.csv": []}
    for row in rows():
        moment = row["timestamp"]
        half = "2026-10-a.csv" if moment < at("2026-10-16") else "2026-10-b.parquet"  # type: ignore[operator]
        halves["2026-11-a.csv" if moment >= at("2026-11-01") else half].append(row)  # type: ignore[operator]
    for name, part in halves.items():
        if name.endswith(".csv"):
            write_csv(logs / name, SCHEMA.names, [[spell(row[column]) for column in SCHEMA.names] for row in part])
        else:
            pq.write_table(pa.Table.from_pylist(part, SCHEMA), logs / name, compression="zstd", row_group_size=1000)

    known = [story for story in STORIES if story.plan is not None]
    write_csv(
        folder / "accounts.csv",
        ["account_id", "plan", "applied_on", "expires_on"],
        [[story.account_id, story.plan, story.applied_on, story.expires_on or ""] for story in known],
    )
    write_csv(
        folder / "billing.csv",
        ["account_id", "cycle", "service_fee", "cash_paid"],
        [[story.account_id, "2026-10", *story.bill] for story in STORIES if story.bill is not None],
    )
    header, *exclusions = EXCLUSIONS
    table = [[cell.isoformat() if isinstance(cell, datetime) else cell for cell in row] for row in exclusions]
    write_csv(folder / "exclusions.csv", list(map(str, header)), table)


if __name__ == "__main__":
    make(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
