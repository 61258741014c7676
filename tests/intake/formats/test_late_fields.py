"""A field that JSON lines first have late is read as any other, and nothing says that it is not there."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from sla_audit.commands.count import CountOptions, CountResult, Logs, count
from sla_audit.contract.load import BUILT_IN, load_contract
from sla_audit.errors import InputError
from sla_audit.intake.dialects.dialect import load_dialect
from sla_audit.intake.formats.jsonl import log as json_log
from sla_audit.intake.notices import notices
from sla_audit.intake.rejects import Tolerance
from sla_audit.tally.slots import SlotGrid

CONTRACT = load_contract(BUILT_IN)
LATE = 1200  # after the lines that are looked at


def line(number: int, **more: Any) -> dict[str, Any]:
    return {"timestamp": 1_790_831_167_000_000 + number, "account_id": "A", "status": 200, **more}


def escaped(name: str) -> str:
    return "".join(f"\\u{ord(each):04X}" for each in name)


def written(objects: list[dict[str, Any]], *, escape: str | None = None) -> str:
    text = "".join(json.dumps(each) + "\n" for each in objects)
    return text if escape is None else text.replace(f'"{escape}"', f'"{escaped(escape[:1])}{escape[1:]}"')


def counted(text: str, *, dialect: str | None = None, slow: bool = False, **more: Any) -> CountResult:
    path = Path("log.jsonl")
    path.write_text(text + ("{\n" if slow else ""))
    logs = Logs(
        (path.name,),
        dialect=None if dialect is None else load_dialect(dialect),
        tolerance=Tolerance(rows=int(slow)),
        **more,
    )
    return count(logs, CONTRACT, SlotGrid(CONTRACT.zone), CountOptions())


def outcomes(result: CountResult) -> dict[tuple[Any, ...], int]:
    """Give how many requests ended how: status, flag, aborted, no answer."""
    names = ("status", "content_flag", "client_aborted", "no_answer")
    tally = result.tally
    found = tally.counts.group_by("outcome").agg(pl.col("requests").sum())
    rows = (tally.outcomes.row(outcome, named=True) for outcome in found["outcome"])
    return {tuple(row[name] for name in names): requests for row, requests in zip(rows, found["requests"], strict=True)}


def said(result: CountResult) -> str:
    return "\n".join(str(each) for each in notices(result.logs, result.found, result.copied, CONTRACT.time_zone, 0))


@pytest.fixture(autouse=True, params=[48 << 20, 40_000], ids=["in one piece", "in pieces"])
def _in_pieces(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(json_log, "_BYTES_A_RANGE", request.param)
    monkeypatch.chdir(tmp_path)


ways = pytest.mark.parametrize(
    ("slow", "escape"),
    [(False, False), (True, False), (False, True), (True, True)],
    ids=["", "slow", "escaped", "slow and escaped"],
)


@ways
@pytest.mark.parametrize(
    ("name", "value", "ended"),
    [
        ("content_flag", "porn", (200, True, False, False)),
        ("content_flag", 1, (200, True, False, False)),
        ("content_flag", True, (200, True, False, False)),
        ("client_aborted", "true", (200, False, True, False)),
        ("client_aborted", True, (200, False, True, False)),
        ("client_aborted", 1, (200, False, True, False)),
    ],
)
def test_a_flag(name: str, value: Any, ended: tuple[Any, ...], *, slow: bool, escape: bool) -> None:
    text = written([*map(line, range(LATE)), line(LATE, **{name: value})], escape=name if escape else None)
    result = counted(text, slow=slow)
    assert outcomes(result) == {(200, False, False, False): LATE, ended: 1}
    assert name in result.logs[0].columns
    assert "no content_flag" not in said(result) or name != "content_flag"


@ways
@pytest.mark.parametrize("value", ["r-1", 7, 2**70], ids=["text", "a number", "a large number"])
def test_a_request_id(value: Any, *, slow: bool, escape: bool) -> None:
    late = line(LATE, request_id=value)
    text = written([*map(line, range(LATE)), late, late], escape="request_id" if escape else None)
    result = counted(text, slow=slow)
    assert result.ids.duplicate == 1
    assert "request_id" in result.logs[0].columns


def test_request_ids_that_are_not_asked_for() -> None:
    late = line(LATE, request_id="r-1")
    result = counted(written([*map(line, range(LATE)), late, late]), keep_duplicates=True)
    assert result.ids.duplicate == 0


def test_no_request_ids_at_all() -> None:
    assert "request_id" not in counted(written([*map(line, range(LATE))])).logs[0].columns


def test_of_two_logs_the_one_that_has_none_is_named() -> None:
    Path("a.jsonl").write_text(written([*map(line, range(LATE)), line(LATE, request_id="r")]))
    Path("b.jsonl").write_text(written([line(number, account_id="B") for number in range(LATE)]))
    result = count(Logs(("a.jsonl", "b.jsonl")), CONTRACT, SlotGrid(CONTRACT.zone), CountOptions())
    assert "no request_id column, so duplicates cannot be told: b.jsonl" in said(result)


@pytest.mark.parametrize("slow", [False, True], ids=["", "slow"])
@pytest.mark.parametrize("name", ["properties.correlationId", "correlationId", "request_id"])
def test_a_request_id_of_a_dialect_under_each_of_its_names(name: str, *, slow: bool) -> None:
    row = {
        "TimeGenerated": "2026-10-05T05:06:07.123Z",
        "ApimSubscriptionId": "A",
        "ResponseCode": 200,
        "BackendResponseCode": 200,
    }
    *within, last = name.split(".")
    late = row | ({within[0]: {last: "r"}} if within else {last: "r"})
    result = counted(written([row] * LATE + [late] * 2), dialect="azure-apim", slow=slow)
    assert result.ids.duplicate == 1


@pytest.mark.parametrize("slow", [False, True], ids=["", "slow"])
@pytest.mark.parametrize(("name", "value"), [("request_time", 0.5), ("request_time", "0.500"), ("msec", 1791176767.25)])
def test_a_field_that_would_move_times_is_refused_where_it_begins(name: str, value: Any, *, slow: bool) -> None:
    row = {"time_iso8601": "2026-10-05T13:06:07+08:00", "account_id": "A", "status": 200, "upstream_status": "200"}
    text = "\n" + written([row] * LATE + [row | {name: value}] + [row])
    with pytest.raises(InputError) as refused:
        counted(text, dialect="nginx", slow=slow)
    assert f"log.jsonl, line {LATE + 2}: from here on the log has '{name}'" in str(refused.value)


@pytest.mark.parametrize("value", [["a"], {"b": 1}], ids=["a list", "an object"])
def test_what_is_no_single_value(value: Any) -> None:
    """A list is no flag that could be read, and told; an object is of another field."""
    text = written([*map(line, range(LATE)), line(LATE, content_flag=value)])
    if isinstance(value, dict):
        assert outcomes(counted(text)) == {(200, False, False, False): LATE + 1}
        return
    with pytest.raises(InputError, match=f"line {LATE + 1}: content_flag is"):
        counted(text)
