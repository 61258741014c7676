"""Engines: what is counted does not depend on where; plans, readings and accounts can be sent."""

from __future__ import annotations

import gzip
import json
import pickle
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sla_audit.commands.count import CountOptions, CountResult, Logs, count
from sla_audit.contract.load import load_contract
from sla_audit.errors import InputError, Problem
from sla_audit.intake.columns import ColumnMap
from sla_audit.intake.dialects.dialect import load_dialect
from sla_audit.intake.reject_store import all_of
from sla_audit.intake.rejects import Tolerance
from sla_audit.sentence import Sentence
from sla_audit.system.temporary import NumberedFiles
from sla_audit.tally.afar.by_tasks import ByTasks
from sla_audit.tally.afar.cluster import Done
from sla_audit.tally.afar.messages import Message
from sla_audit.tally.afar.tasks import SEEN
from sla_audit.tally.engine import Engine
from sla_audit.tally.local_threads import LocalThreads
from sla_audit.tally.slots import SlotGrid
from tests.builders.elsewhere import Elsewhere, small_tasks, worker_processes

CONTRACT = load_contract("jdcloud-smart-compose")
NAMES = ("timestamp", "account_id", "status", "content_flag", "request_id", "region")
ROWS = [
    ("2026-10-01T05:06:07Z", "a", "200", "", "r1", "north"),
    ("2026-10-01T05:06:07Z", "a", "200", "", "r1", "north"),
    ("2026-10-02T05:06:07", "b", "503", "porn", "r2", ""),
    ("yesterday", "b", "503", "", "r3", ""),
    ("2026-11-02T05:06:07Z", "", "200", "", "r4", "north"),
    ("2026-11-02T05:06:08Z", "c", "404", "pass", "r5", "south"),
]
NGINX = '10.0.0.1 - a [05/Oct/2026:13:06:07 +0800] "GET /v1/compose HTTP/1.1" {} 612 "-" "curl/8.5"\n'


def csv(rows: list[tuple[str, ...]]) -> bytes:
    return "".join(",".join(row) + "\n" for row in [NAMES, *rows]).encode()


def jsonl(rows: list[tuple[str, ...]]) -> bytes:
    late = [{name: value for name, value in zip(NAMES, row, strict=True) if value} for row in rows]
    return "".join(json.dumps(each) + "\n" for each in late).encode()


def parquet(path: Path, rows: list[tuple[str, ...]]) -> None:
    pq.write_table(pa.table(dict(zip(NAMES, zip(*rows, strict=True), strict=True))), path, row_group_size=2)


def write_logs(folder: Path, name: str) -> None:
    again = ROWS[1:5]
    if name == "CSV":
        (folder / "log-1.csv").write_bytes(csv(ROWS))
        (folder / "log-2.csv.gz").write_bytes(gzip.compress(csv(again)))
    elif name == "JSON lines":
        (folder / "log-1.jsonl").write_bytes(jsonl(ROWS))
        (folder / "log-2.jsonl.gz").write_bytes(gzip.compress(jsonl(again)))
    elif name == "Parquet":
        parquet(folder / "log-1.parquet", ROWS)
        parquet(folder / "log-2.parquet", again)
    elif name == "lines":
        (folder / "log-1.log").write_text("".join(NGINX.format(status) for status in (200, 502, "x")))
    else:
        (folder / "log-1.csv").write_bytes(csv(ROWS))
        parquet(folder / "log-2.parquet", again)
        (folder / "log-3.jsonl").write_bytes(jsonl(ROWS))


def counted(folder: Path, engine: Engine, *, dialect: str | None = None) -> tuple[object, ...]:
    rejects = Path(mkdtemp(dir=folder, prefix="rejects"))
    logs = Logs(
        (str(folder / "log-*"),),
        dialect=None if dialect is None else load_dialect(dialect),
        columns=ColumnMap({} if dialect is None else {"account_id": ("remote_user",)}),
        tolerance=Tolerance(rows=100),
        reject_files=NumberedFiles(rejects),
        engine=engine,
    )
    found = count(logs, CONTRACT, SlotGrid(CONTRACT.zone), CountOptions(columns=("region",) if dialect is None else ()))
    return in_words(found)


def in_words(found: CountResult) -> tuple[object, ...]:
    tally = found.tally
    spelt = [
        (
            tally.accounts.row(account),
            tally.slots.row(slot),
            tally.outcomes.row(outcome),
            requests,
        )
        for account, slot, outcome, requests in tally.counts.select("account", "slot", "outcome", "requests").rows()
    ]
    return (
        sorted(spelt, key=repr),
        found.times.rows(),
        found.flags,
        found.inputs,
        found.logs,
        [(each.place, each.found, each.text) for each in all_of(found.rejects)],
        (found.read, found.rejected, found.ids, found.unattributed),
    )


@pytest.fixture(scope="module")
def others() -> Iterator[ByTasks]:
    with worker_processes() as engine:
        yield engine


@pytest.mark.parametrize("name", ["CSV", "JSON lines", "Parquet", "lines", "all of them"])
def test_what_is_sent_is_counted_as_on_threads(name: str, others: ByTasks, tmp_path: Path) -> None:
    write_logs(tmp_path, name)
    dialect = "nginx" if name == "lines" else None
    local = counted(tmp_path, LocalThreads(2), dialect=dialect)
    assert counted(tmp_path, small_tasks(), dialect=dialect) == local
    assert counted(tmp_path, others, dialect=dialect) == local
    assert local[0]
    assert local[5]


def test_a_task_that_was_done_again_and_came_to_less_is_noticed(tmp_path: Path) -> None:
    write_logs(tmp_path, "CSV")

    @dataclass(frozen=True)
    class Losing(Elsewhere):
        def run(self, work: bytes, tasks: Sequence[bytes], partitions: int, done: Done) -> Iterable[Message]:
            for message in super().run(work, tasks, partitions, done):
                yield message._replace(payload=pickle.dumps(1)) if message.kind == SEEN else message

    with pytest.raises(InputError, match="lost a part of what its tasks told"):
        counted(tmp_path, ByTasks(Losing(), least_bytes=1, rows_together=3))


def test_a_refusal_keeps_its_problems_when_it_is_sent() -> None:
    error = InputError(Problem("log.csv", Sentence("has {rows:,} rows", rows=1200), "Mend it."))
    again = pickle.loads(pickle.dumps(error))
    assert again.problems == error.problems
    assert str(again) == str(error)
