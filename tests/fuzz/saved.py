"""What the program itself has written: tallies and reports, refused by name or believed only as far as they were."""

from __future__ import annotations

import io
import json
import random
from contextlib import chdir
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow.parquet as pq

from sla_audit.commands.audit import Request, audit, take_tally
from sla_audit.commands.count import Logs
from sla_audit.contract.load import BUILT_IN, load_contract
from sla_audit.judge.period import Period
from sla_audit.model.month import Month
from sla_audit.report.formats.registry import render
from sla_audit.tally.saved.seal import HEAD, sealed
from tests.builders.worlds import AS_OF
from tests.fuzz.finding import FindingError
from tests.fuzz.program import Ended, see_sums, sla_audit
from tests.pollution.log import ACCOUNTS, BILLING, csv_text

_CONTRACT = load_contract(BUILT_IN)
_CODED = ("account_id", "region", "api", "starts_at", "ends_at", "status")
_EXCLUSIONS = (
    "id,clause,starts_at,ends_at,notified_at\n"
    "M1,1,2026-10-12T01:00:00+08:00,2026-10-13T03:00:00+08:00,2026-10-09T18:00:00+08:00\n"
)
_TALLY = "log.tally.parquet"
_ASKED = ("--cycle", "2026-10", "--as-of", AS_OF.isoformat(), "-o", "-")


@cache
def _written() -> tuple[bytes, bytes, bytes]:
    """Give a tally of the clean log, one that is cut at a window, and a report of it with everything in it."""
    facts = {"log": csv_text(), "accounts": ACCOUNTS, "billing": BILLING, "exclusions": _EXCLUSIONS}
    paths = {each: Path(f"{each}.csv") for each in facts}
    with TemporaryDirectory() as folder, chdir(folder):  # so that reports and tallies name no folder
        for each, text in facts.items():
            paths[each].write_text(text, encoding="utf-8")
        logs = Logs(("log.csv",))
        request = Request(
            contract=_CONTRACT,
            logs=logs,
            as_of=AS_OF,
            reading="literal",
            period=Period(Month.parse("2026-10"), Month.parse("2026-10")),
            accounts=paths["accounts"],
            billing=paths["billing"],
            exclusions=paths["exclusions"],
            daily=True,
        )
        whole, cut = (take_tally(logs, _CONTRACT, at).content for at in (None, paths["exclusions"]))
        return whole, cut, render(audit(request).report, _CONTRACT, Path("-"))


TALLY_SEEDS = _written()[:2]
HEAD_SEEDS = tuple(pq.read_metadata(io.BytesIO(tally)).metadata[HEAD] for tally in TALLY_SEEDS)
HEAD_TOKENS = (
    *(
        b'"sla-audit/tally/1"',
        b'"UTC"',
        b'"Asia/Shanghai"',
        b'"localtime"',
        b'"posix/UTC"',
        b'"counted"',
        b'"rejected"',
    ),
    *(b'"sources"', b'"slots"', b'"api"', b'"region"', b'"unattributed"', b'"content_flags"', b'"2026-10"'),
)
REPORT_SEEDS = (_written()[2],)
REPORT_TOKENS = (
    *(
        b'"literal"',
        b'"broad"',
        b'"owed"',
        b'"not_owed"',
        b'"undetermined"',
        b'"no_logs"',
        b'"cycle_running"',
        b'"0.00"',
    ),
    *(
        b'"2026-11-20"',
        b'"a-1"',
        b'"Z\xc3\xbcrich"',
        b'"official"',
        b'"provisional"',
        b'"free"',
        b'"2026-11"',
        b'"/v1/*"',
    ),
)


def tally(folder: Path, data: bytes, chance: random.Random) -> str:
    """Audit from a tally whose bytes were changed: it is refused, or says what it said before."""
    (folder / _TALLY).write_bytes(data)
    ended = sla_audit("compute", _TALLY, *_ASKED, names=[_TALLY])
    if ended.code == 0 and _figures(ended) not in _of_clean():
        raise FindingError("a changed tally is believed", ended.out[:4000])
    return ended.told


def tally_head(folder: Path, data: bytes, chance: random.Random) -> str:
    """Audit from a tally that says something else of itself, and was sealed so: it is refused, or its sums hold."""
    table = pq.read_table(io.BytesIO(TALLY_SEEDS[0]))
    (folder / _TALLY).write_bytes(sealed(table, data, _CODED))
    ended = sla_audit("compute", _TALLY, *_ASKED, names=[_TALLY, "logs: "])
    if ended.code == 0:
        see_sums(ended.json)
    return ended.told


def _figures(ended: Ended) -> dict[str, Any]:
    return {name: ended.json[name] for name in ("rows", "results", "totals")}


@cache
def _of_clean() -> list[dict[str, Any]]:
    figures = []
    for number, data in enumerate(TALLY_SEEDS):
        name = f"clean{number}.tally.parquet"
        Path(name).write_bytes(data)
        figures.append(_figures(sla_audit("compute", name, *_ASKED, names=[name])))
    return figures


def report(folder: Path, data: bytes, chance: random.Random) -> str:
    """Render a saved report that was changed: it is refused, or what comes of it is what it says.

    What is written from a report is the same report: written again, it is the same to the byte.
    """
    (folder / "report.json").write_bytes(data)
    shown = sla_audit("render", "report.json", names=["report.json"])
    claims = sla_audit("claim-check", "--report", "report.json", codes=(0, 1), names=["report.json"])
    if (shown.code == 2) != (claims.code == 2):
        raise FindingError("render and claim-check do not agree", f"{shown}\n\n{claims}"[:6000])
    if shown.code == 2:
        return shown.told
    again = sla_audit(
        "render", "report.json", "-o", "again.json", "-o", "again.md", names=["report.json"], writes=["again.json"]
    )
    written = (folder / "again.json").read_bytes()
    if json.loads(written) != json.loads(data):
        raise FindingError("a report that is rendered says something else", f"{again}\n{_difference(data, written)}")
    return f"{shown.told}, rendered" + ("" if json.loads(data) == json.loads(REPORT_SEEDS[0]) else ", another report")


def _difference(one: bytes, other: bytes) -> str:
    first, second = (json.dumps(json.loads(each), indent=1, ensure_ascii=True).splitlines() for each in (one, other))
    return "\n".join(f"{a}  |  {b}" for a, b in zip(first, second, strict=False) if a != b)[:2000]
