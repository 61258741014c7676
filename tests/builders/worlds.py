"""Worlds for property tests: logs and facts drawn at random, written as files."""

from __future__ import annotations

import csv
import json
import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest import mock

import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import strategies as st

from sla_audit.commands.audit import Request, audit
from sla_audit.commands.count import Logs
from sla_audit.contract.load import BUILT_IN, load_contract
from sla_audit.intake.formats.csv import log as csv_log
from sla_audit.intake.formats.parquet import log as parquet_log
from sla_audit.judge.period import Period
from sla_audit.model.month import Month
from sla_audit.report.formats.json_file import render_json
from sla_audit.tally import cells, kernel, listed_cells
from sla_audit.tally.local_threads import LocalThreads
from tests.builders.elsewhere import small_tasks
from tests.builders.examples import costly
from tests.oracles import judgement as oracle
from tests.oracles.judgement import Account, Bill, Row, Window

CONTRACT = load_contract(BUILT_IN)


AS_OF = date(2026, 11, 20)


IDS = ("a", "b", "c d")


REGIONS = (None, "north", "east")


# A few moments close to every edge that matters, so that rows fall on both sides of each.
DAYS = [datetime(2026, 9, 30, 16, tzinfo=UTC), datetime(2026, 10, 31, 16, tzinfo=UTC)]  # Shanghai's 1st of the month


MIDDLE = datetime(2026, 10, 14, 16, tzinfo=UTC)


EDGES = [*DAYS, MIDDLE, MIDDLE + timedelta(hours=3), MIDDLE + timedelta(days=1)]


moments = st.one_of(
    st.builds(lambda edge, ms: edge + timedelta(milliseconds=ms), st.sampled_from(EDGES), st.integers(-2, 2)),
    st.builds(lambda minutes: DAYS[0] + timedelta(minutes=minutes), st.integers(-3000, 48_000)),
)


rows = st.builds(
    Row,
    timestamp=moments,
    account_id=st.sampled_from(IDS),
    status=st.sampled_from([200, 200, 200, 200, 201, 302, 400, 404, 429, 460, 499, 500, 501, 502, 503, 504, 599, None]),
    content_flag=st.sampled_from([None, None, None, "gambling"]),
    client_aborted=st.sampled_from([False, False, False, True]),
    region=st.sampled_from(REGIONS),
)


# Rates near 99 % need many successes for few failures.
logs = st.builds(
    lambda listed, many, repeated: [*listed, *([repeated] * many)],
    st.lists(rows, max_size=25),
    st.integers(0, 200),
    st.builds(Row, timestamp=moments, account_id=st.sampled_from(IDS), status=st.just(200)),
)


dates = st.sampled_from(
    [date(2026, 9, 1), date(2026, 10, 1), date(2026, 10, 15), date(2026, 10, 31), date(2026, 11, 1)]
)


def apart(listed: Sequence[Account]) -> list[Account]:
    """Keep what does not overlap."""
    kept: list[Account] = []
    for account in listed:
        others = (each for each in kept if each.account_id == account.account_id)
        if all(overlap(account, each) <= 0 for each in others):
            kept.append(account)
    return kept


def overlap(one: Account, other: Account) -> int:
    ends = (each.expires_on or date(9999, 1, 1) for each in (one, other))
    return (min(ends) - max(one.applied_on, other.applied_on)).days + 1


accounts = st.lists(
    st.builds(
        lambda account_id, plan, start, days: Account(
            account_id, plan, start, None if days is None else start + timedelta(days=days)
        ),
        st.sampled_from(IDS),
        st.sampled_from(["paid", "paid", "free"]),
        dates,
        st.sampled_from([None, 0, 2, 14, 15, 30, 60]),
    ),
    max_size=8,
).map(apart)


amounts = st.one_of(st.just("0"), st.integers(1, 200_000).map(lambda cents: f"{cents // 100}.{cents % 100:02}"))


bills = st.lists(
    st.builds(Bill, st.sampled_from(IDS), st.sampled_from(["2026-09", "2026-10", "2026-11"]), amounts, amounts),
    unique_by=lambda bill: (bill.account_id, bill.cycle),
)


windows = st.lists(
    st.builds(
        lambda clause, edge, shift, length, notice, ids, regions: Window(
            "",
            clause,
            edge + timedelta(milliseconds=shift),
            edge + timedelta(milliseconds=shift + length),
            None if notice is None else edge + timedelta(milliseconds=shift + notice),
            tuple(ids),
            tuple(regions),
        ),
        st.sampled_from([1, 1, 2, 3, 11]),
        st.sampled_from(EDGES),
        st.integers(-1, 1),
        st.sampled_from([1, 2, 3_600_000, 86_400_000]),
        st.sampled_from([None, -1, 0, 1]),
        st.sets(st.sampled_from(IDS), max_size=2),
        st.sets(st.sampled_from(REGIONS[1:]), max_size=1),
    ),
    max_size=4,
)


@dataclass(frozen=True)
class World:
    """Everything an audit takes."""

    rows: list[Row]
    accounts: list[Account] | None
    bills: list[Bill]
    windows: list[Window]
    month: str | None


worlds = st.builds(World, logs, st.none() | accounts, bills, windows, st.sampled_from([None, "2026-10", "2026-11"]))


SLOW = costly(60)


def assert_agreement(report: dict[str, Any], world: World) -> None:
    """Hold a report against what the oracle says of its world."""
    months = None if world.month is None else [world.month]
    places, expected = oracle.audit(world.rows, world.accounts, world.bills, world.windows, AS_OF, months)

    assert {name: report["rows"][name] for name in places} == places
    assert {(result["account_id"], result["cycle"]) for result in report["results"]} == set(expected)
    for result in report["results"]:
        wanted = expected[result["account_id"], result["cycle"]]
        literal = wanted["readings"]["literal"]  # type: ignore[index]
        assert result["cycle_start"] == wanted["cycle_start"].isoformat()  # type: ignore[attr-defined]
        assert result["cycle_end"] == wanted["cycle_end"].isoformat()  # type: ignore[attr-defined]
        assert result["plan"] == wanted["plan"]
        assert result["requests"] == wanted["requests"]
        assert result["excluded"] == {"total": literal["excluded"], "by_clause": literal["by_clause"]}
        for name, verdict in wanted["readings"].items():  # type: ignore[attr-defined]
            found = result["readings"][name]
            assert found["credit_rate"] is None or Fraction(found["credit_rate"]) == verdict["credit_rate"]
            assert (found["credit_rate"] is None) == (verdict["credit_rate"] is None)
            same = {key: verdict[key] for key in found if key not in {"credit_rate", "estimate"}}
            assert {key: found[key] for key in same} == same


def number(listed: Sequence[Window]) -> list[Window]:
    return [Window(f"W{at}", *list(vars(window).values())[1:]) for at, window in enumerate(listed)]


def facts(path: Path, kind: type[Any], values: Sequence[Any]) -> Path:
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(kind.__dataclass_fields__)
        writer.writerows([spell(cell) for cell in vars(value).values()] for value in values)
    return path


def spell(value: Any) -> Any:
    if value is None:
        return ""
    if isinstance(value, datetime | date):
        return value.isoformat()
    return ";".join(value) if isinstance(value, tuple) else value


def write_csv(folder: Path, rows: Sequence[Row], chance: random.Random, name: str = "log.csv") -> None:
    """Write rows down; a column named like the file keeps files of the same rows from being copies."""
    zones = [UTC, oracle.SHANGHAI]
    with (folder / name).open("w", newline="") as file:
        writer = csv.writer(file, quoting=chance.choice([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]))
        names = ["timestamp", "account_id", "status", "content_flag", "client_aborted", "region", "request_id", name]
        writer.writerow(names)
        for row in rows:
            status = chance.choice(["", "-", "0", "000", "-1"]) if row.status is None else str(row.status)
            flag = row.content_flag or chance.choice(["", "-", "none", "false"])
            when = row.timestamp.astimezone(chance.choice(zones)).isoformat(chance.choice("T "))
            aborted = chance.choice(ABORTED[row.client_aborted])
            request_id = row.request_id or chance.choice(["", "-", "null"])
            writer.writerow([when, row.account_id, status, flag, aborted, row.region, request_id, ""])


ABORTED = {True: ["true", "1"], False: ["false", "0", ""]}


def write_parquet(folder: Path, rows: Sequence[Row], chance: random.Random, name: str = "log.parquet") -> None:
    unit = chance.choice(["ms", "us", "ns"])
    schema = pa.schema(
        {
            "timestamp": pa.timestamp(unit, chance.choice(["UTC", "Asia/Shanghai"])),
            "account_id": chance.choice([pa.string(), pa.large_string(), pa.dictionary(pa.int8(), pa.string())]),
            "status": chance.choice([pa.int16(), pa.int64(), pa.float64()]),
            "content_flag": pa.string(),
            "client_aborted": pa.bool_(),
            "region": pa.string(),
            "request_id": chance.choice([pa.string(), pa.large_string(), pa.dictionary(pa.int16(), pa.string())]),
        },
        {"name": name},
    )
    listed = [{name: getattr(row, name) for name in schema.names} for row in rows]
    pq.write_table(
        pa.Table.from_pylist(listed, schema),
        folder / name,
        row_group_size=chance.choice([1, 7, 1000]),
        write_statistics=chance.choice([True, False]),
    )


def write_json(folder: Path, rows: Sequence[Row], chance: random.Random, name: str = "log.jsonl") -> None:
    """Write rows as objects; values of one kind throughout a field, or of several, which takes another path."""
    loose = chance.random() < 0.3
    with (folder / name).open("w", encoding="utf-8") as file:
        for row in rows:
            nothing = chance.choice([0, "-", None]) if loose else None
            line = {
                "timestamp": row.timestamp.isoformat(),
                "account_id": row.account_id,
                "status": nothing if row.status is None else row.status,
                "content_flag": row.content_flag or None,
                "client_aborted": bool(row.client_aborted),
                "region": row.region or None,
                "request_id": row.request_id or nothing or None,
                "file": name,
            }
            file.write(json.dumps(line, ensure_ascii=chance.random() < 0.5) + chance.choice(["\n", "\r\n", "\n\n"]))


def write_mixed(folder: Path, rows: Sequence[Row], chance: random.Random) -> None:
    """Split the rows anywhere into a few files of either format, one of them perhaps without rows."""
    cuts = sorted(chance.choices(range(len(rows) + 1), k=chance.randint(0, 3)))
    for at, (start, end) in enumerate(zip([0, *cuts], [*cuts, len(rows)], strict=True)):
        write = chance.choice([write_csv, write_json, write_parquet])
        if write is write_csv:
            write_csv(folder, rows[start:end], chance, f"log{at}.csv")
        elif write is write_json and end > start:
            write_json(folder, rows[start:end], chance, f"log{at}.jsonl")
        else:
            write_parquet(folder, rows[start:end], chance, f"log{at}.parquet")


def forget_files(report: dict[str, Any]) -> None:
    """Take out what names files: which rows are in which of them, and in which there are none."""
    del report["inputs"]
    said = list(zip(report.pop("warnings"), report.pop("notices"), strict=True))
    of_files = re.compile("far from the others|holds? no rows")
    report["said"] = [(warning, notice) for warning, notice in said if not of_files.search(warning)]


def request_of(
    world: World, folder: Path, reading: str, period: Period, chance: random.Random | None = None
) -> Request:
    """Lay a world out in a folder, its exclusions in their order, and ask for an audit of it."""
    write_mixed(folder, world.rows, chance or random.Random(1))
    return Request(
        contract=CONTRACT,
        logs=Logs((str(folder / "log*"),), engine=LocalThreads(1)),
        as_of=AS_OF,
        reading=reading,
        accounts=None if world.accounts is None else facts(folder / "accounts.csv", Account, world.accounts),
        billing=facts(folder / "billing.csv", Bill, world.bills),
        exclusions=facts(folder / "exclusions.csv", Window, number(world.windows)),
        period=period,
    )


def run(world: World, write: Any, chance: random.Random, *, daily: bool = False) -> dict[str, Any]:
    """Audit a world through files, and give its report as JSON has it."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        write(folder, world.rows, chance)
        request = Request(
            contract=CONTRACT,
            logs=Logs(
                (str(folder / "log*"),),
                statistics=chance.choice([True, False]),
                engine=chance.choice(
                    [LocalThreads(1), LocalThreads(2), LocalThreads(3), small_tasks(chance.randrange(9))]
                ),
            ),
            as_of=AS_OF,
            reading="literal",
            period=Period() if world.month is None else Period(Month.parse(world.month), Month.parse(world.month)),
            accounts=None if world.accounts is None else facts(folder / "accounts.csv", Account, world.accounts),
            billing=facts(folder / "billing.csv", Bill, world.bills),
            exclusions=facts(folder / "exclusions.csv", Window, number(world.windows)),
            daily=daily,
        )
        size = chance.choice([64, 1000, 1 << 20])
        most = {"_MOST_CELLS": chance.choice([1, 200_000, 1 << 27]), "_MANY_ACCOUNTS": chance.choice([1, 1 << 17])}
        few = mock.patch.multiple(kernel, _MOST_COMBINATIONS=chance.choice([1, 1 << 22]))
        with (
            mock.patch.multiple(cells, **most),
            mock.patch.multiple(listed_cells, _MOST_LISTED=5),
            few,
            mock.patch.multiple(csv_log, _BYTES_A_RANGE=size),
            mock.patch.multiple(parquet_log, _ROWS_A_FRAGMENT=size),
        ):
            report = audit(request).report
        return json.loads(render_json(report).replace(name.encode(), b"folder"))  # type: ignore[no-any-return]
