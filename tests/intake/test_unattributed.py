"""Rows without an account: those that no rate depends on are counted by themselves, all others are refused."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sla_audit.cli.main import run
from sla_audit.contract.always_excluded import always_excluded
from sla_audit.contract.load import BUILT_IN, contract_file, load_contract
from sla_audit.contract.model import Contract
from sla_audit.contract.terms.classes import Rule
from sla_audit.contract.unattributed import AccountlessEnding, WithoutAccount
from sla_audit.judge.classification.rules import classify

pytestmark = pytest.mark.usefixtures("folder")

CONTRACT = load_contract(BUILT_IN)
AT = 1_791_165_600_000
"""Milliseconds: 5 October 2026, 10:00 in Shanghai."""


def with_rules(*rules: Rule) -> Contract:
    return CONTRACT.model_copy(update={"classification": rules})


RULES = CONTRACT.classification
COVERED_ANSWERS = Rule.model_validate({"when": {"status": ["4xx"], "accepted_exclusion": True}, "class": "success"})
KEPT = {name: each.model_copy(update={"excluded_in_denominator": True}) for name, each in CONTRACT.readings.items()}
CONTRACTS = {
    "as it is": CONTRACT,
    "client errors are answers": with_rules(*(rule for rule in RULES if rule.cause != 4)),
    "an exclusion makes client errors count": with_rules(COVERED_ANSWERS, *RULES),
}


@pytest.mark.parametrize("contract", CONTRACTS.values(), ids=CONTRACTS)
def test_always_excluded_is_what_every_reading_excludes_with_and_without_an_exclusion(contract: Contract) -> None:
    endings = list(product([None, *range(100, 600)], [False, True], [False, True]))
    rows = pl.DataFrame(
        [(*ending, exclusion) for ending in endings for exclusion in (None, 0)],
        schema={"status": pl.Int16, "content_flag": pl.Boolean, "client_aborted": pl.Boolean, "exclusion": pl.Int32},
        orient="row",
    ).with_columns(no_answer=pl.lit(value=False))
    excluded = [
        (classify(rows, contract, reading, pl.Series([1], dtype=pl.Int32))["class"] == "excluded").to_list()
        for reading in contract.readings.values()
    ]
    judged = [all(of[2 * at] and of[2 * at + 1] for of in excluded) for at in range(len(endings))]
    found = [
        always_excluded(contract, status=status, content_flag=flag, client_aborted=aborted)
        for status, flag, aborted in endings
    ]
    assert found == judged
    assert {True, False} == set(found)


def test_where_a_reading_keeps_excluded_requests_each_of_them_counts_for_somebody() -> None:
    assert not always_excluded(
        CONTRACT.model_copy(update={"readings": {**CONTRACT.readings, "broad": KEPT["broad"]}}),
        status=404,
        content_flag=False,
        client_aborted=False,
    )


def test_other_services_are_set_aside_first() -> None:
    of_service = WithoutAccount(CONTRACT, ("/v1/*",))
    assert of_service.place(AccountlessEnding(status=502, api="/admin")) == "other_service"
    assert of_service.place(AccountlessEnding(status=404, api="/admin")) == "other_service"
    assert of_service.place(AccountlessEnding(status=404, api="/v1/compose")) == "unattributed"
    assert of_service.place(AccountlessEnding(status=502, api="/v1/compose")) is None
    assert of_service.place(AccountlessEnding(status=200)) == "other_service"
    assert replace(of_service, apis=()).place(AccountlessEnding(status=200)) is None


def report(*arguments: str) -> dict[str, Any]:
    assert run(["compute", *arguments, "--as-of", "2026-11-20", "--quiet", "-o", "report.json"]) == 0
    found: dict[str, Any] = json.loads(Path("report.json").read_text("utf-8"))
    rows = found["rows"]
    assert rows["read"] == sum(count for place, count in rows.items() if place != "read")
    return found


def counts(found: dict[str, Any]) -> dict[str, tuple[int, int, int]]:
    return {
        result["account_id"]: (result["success"], result["explicit_failure"], result["excluded"]["total"])
        for result in found["results"]
    }


def apisix(status: int, consumer: dict[str, str] | None, latency: int | None = 5) -> str:
    told = {"start_time": AT, "response": {"status": status}, "upstream_latency": latency}
    return json.dumps(told if consumer is None else {**told, "consumer": consumer}) + "\n"


def test_scanners_of_a_gateway_in_json() -> None:
    nobody = [apisix(404, None), apisix(401, {"username": "-"}, None), apisix(499, {"username": "None"})]
    log = [apisix(200, {"username": "a1"}), *nobody, apisix(502, {"username": " a1\u00a0"}, None)]
    Path("log.jsonl").write_text("".join(log))
    found = report("log.jsonl", "--dialect", "apisix")
    assert (found["rows"]["unattributed"], counts(found)) == (3, {"a1": (1, 1, 0)})
    assert [each for each in found["warnings"] if "without an account" in each] == [
        "rows without an account that are in no rate, whoever sent them (clause 2.7.1): 3; they are counted by "
        "themselves"
    ]


@pytest.mark.parametrize("status", [200, 500, 502])
def test_a_row_that_somebodys_rate_depends_on_is_refused(status: int, capsys: pytest.CaptureFixture[str]) -> None:
    rows = f"{AT},a1,200,\n{AT},NULL,{status},\n{AT},\\N,{status},porn\n"
    Path("log.csv").write_text(f"timestamp,account_id,status,content_flag\n{rows}")
    assert run(["compute", "log.csv", "--quiet"]) == 2
    error = capsys.readouterr().err
    assert "line 3: account_id is 'NULL'; expected the account's id" in error
    assert "1 of 3 rows cannot be read" in error
    found = report("log.csv", "--max-rejected", "1", "--rejects", "rejects.csv")
    assert (found["rows"]["rejected"], found["rows"]["unattributed"]) == (1, 1)


def test_a_row_with_another_fault_is_refused_for_both() -> None:
    Path("log.csv").write_text(f"timestamp,account_id,status\n{AT},a1,200\nsoon,,404\n{AT},,abc\n{AT},,404\n")
    found = report("log.csv", "--max-rejected", "2")
    assert (found["rows"]["rejected"], found["rows"]["unattributed"]) == (2, 1)


@pytest.mark.parametrize("statistics", [[], ["--no-statistics"]], ids=["statistics", "none"])
def test_parquet_of_which_statistics_tell_the_status(statistics: list[str]) -> None:
    ids = ["a1", "a1\u00a0", None, "nan", None, None]
    table = pa.table(
        {
            "timestamp": pa.array([AT] * 6, pa.timestamp("ms", "UTC")),
            "account_id": ids,
            "status": pa.array([502, 200, 404, 404, 404, 404], pa.int16()),
        }
    )
    pq.write_table(table, "log.parquet", row_group_size=2)
    found = report("log.parquet", *statistics)
    assert (found["rows"]["unattributed"], counts(found)) == (4, {"a1": (1, 1, 0)})


def test_services_that_need_no_account() -> None:
    rows = f"{AT},a1,200,/v1/a\n{AT},,200,/health\n{AT},,502,/health\n{AT},,404,/v1/b\n"
    Path("log.csv").write_text(f"timestamp,account_id,status,api\n{rows}")
    rows_of = report("log.csv", "--api", "/v1/*")["rows"]
    assert (rows_of["counted"], rows_of["other_service"], rows_of["unattributed"]) == (1, 2, 1)


def test_a_tally_tells_them_and_is_judged_anew(capsys: pytest.CaptureFixture[str]) -> None:
    rows = f"{AT},a1,200,/v1/a\n{AT},,404,/v1/b\n{AT},,499,/v2\n{AT},,404,/v1/b\n"
    Path("log.csv").write_text(f"timestamp,account_id,status,api\n{rows}")
    assert run(["tally", "log.csv", "--keep", "api", "-o", "day.tally.parquet", "--quiet"]) == 0
    assert run(["tally", "day.tally.parquet", "--keep", "api", "-o", "month.tally.parquet", "--quiet"]) == 0
    for tally in ("day.tally.parquet", "month.tally.parquet"):
        assert report(tally)["rows"] == report("log.csv")["rows"]
        assert report(tally, "--api", "/v1/*")["rows"] == report("log.csv", "--api", "/v1/*")["rows"]
    assert report("day.tally.parquet")["rows"]["unattributed"] == 3

    text = contract_file(BUILT_IN).decode().replace('status = ["4xx"]', 'status = ["1xx"]')
    Path("other.toml").write_text(text, "utf-8")
    assert run(["compute", "day.tally.parquet", "--contract", "other.toml", "--quiet"]) == 2
    error = capsys.readouterr().err
    assert "day.tally.parquet: was taken without 2 rows that have no account" in error
    assert "Give the logs themselves." in error


def test_a_report_of_an_earlier_version_has_no_such_place() -> None:
    Path("log.csv").write_text(f"timestamp,account_id,status\n{AT},a1,200\n")
    saved = report("log.csv")
    del saved["rows"]["unattributed"]
    Path("old.json").write_text(json.dumps(saved))
    assert run(["render", "old.json", "-o", "old.md", "-o", "old.xlsx"]) == 0
    assert "Rows: 1 read = 1 counted." in Path("old.md").read_text("utf-8")
