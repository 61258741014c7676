"""The status as logged stays beside the gateway's word that the service did not answer, wherever it is told."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from sla_audit.cli.main import run
from tests.builders.old_tallies import first_version

ENVOY = [
    {"start_time": f"2026-10-05T02:00:0{at}.000Z", "response_code": code, "response_flags": flags, "client": "a1"}
    for at, (code, flags) in enumerate([(200, "-"), (200, "UT"), (503, "UF"), (503, "-"), (0, "UH"), (404, "-")])
]
TOLD = [
    {"status": 200, "no_answer": True, "requests": 1},
    {"status": 503, "no_answer": False, "requests": 1},
    {"status": 503, "no_answer": True, "requests": 1},
    {"status": None, "no_answer": True, "requests": 1},
]
IN_WORDS = (
    "4 explicit failures (1 x 200, no answer from the service; 1 x 503; 1 x 503, no answer from the service; "
    "1 x no status)"
)
IN_CHINESE = "1 x 200（服务未应答）；1 x 503；1 x 503（服务未应答）；1 x 无状态码"
LOST = "no status, or one that the tally does not tell"


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    Path("envoy.jsonl").write_text("".join(json.dumps(row) + "\n" for row in ENVOY))
    return "envoy.jsonl"


def compute(log: str, *options: str) -> dict[str, Any]:
    assert run(["compute", log, *options, "--as-of", "2026-11-20", "--quiet", "-o", "report.json"]) == 0
    found: dict[str, Any] = json.loads(Path("report.json").read_text("utf-8"))
    return found


def explained(capsys: pytest.CaptureFixture[str], log: str, *options: str) -> str:
    asked = ["--account", "a1", "--cycle", "2026-10", "--as-of", "2026-11-20", "--quiet"]
    assert run(["explain", log, *options, *asked]) == 0
    return capsys.readouterr().out


MAPPED = ("--dialect", "envoy", "--column", "account_id=client")


def test_explain_tells_the_status_that_was_logged(log: str, capsys: pytest.CaptureFixture[str]) -> None:
    said = " ".join(explained(capsys, log, *MAPPED).split())
    assert IN_WORDS in said
    (failed,) = [
        step
        for step in json.loads(explained(capsys, log, *MAPPED, "--format", "json"))["steps"]
        if step["class"] == "explicit_failure"
    ]
    assert (failed["endings"], failed["statuses"]) == (TOLD, {"200": 1, "503": 2, "none": 1})


def test_explain_tells_it_in_chinese(log: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert IN_CHINESE in "".join(explained(capsys, log, *MAPPED, "--lang", "zh").split("\n"))


def test_the_report_tells_what_the_failures_were(log: str) -> None:
    report = compute(log, *MAPPED)
    (result,) = report["results"]
    assert (result["success"], result["explicit_failure"], result["excluded"]["total"]) == (1, 4, 1)
    assert result["failures"] == TOLD


def test_the_page_has_them_in_the_columns_that_its_script_reads(log: str) -> None:
    compute(log, *MAPPED, "-o", "page.html")
    assert '"failures":["200!:1;503:1;503!:1;-:1"]' in Path("page.html").read_text("utf-8").replace(" ", "")


@pytest.mark.parametrize(("failed", "told"), [(1, [{"status": 503, "no_answer": True, "requests": 1}]), (0, None)])
def test_at_the_objective_they_are_told_where_something_failed(log: str, failed: int, told: object) -> None:
    good = {"start_time": "2026-10-05T03:00:00.000Z", "response_code": 200, "response_flags": "-", "client": "a1"}
    Path(log).write_text("".join(json.dumps(row) + "\n" for row in [*[good] * 99, ENVOY[2] if failed else good]))
    (result,) = compute(log, *MAPPED)["results"]
    assert (result["explicit_failure"], result["credit_rate"]) == (failed, "0")
    assert result.get("failures") == told


def test_a_reading_below_the_objective_that_is_not_in_force_has_them_too(tmp_path: Path, log: str) -> None:
    Path("plain.csv").write_text("timestamp,account_id,status\n" + "2026-10-05T02:00:00Z,a1,500\n" * 3)
    (literal,) = compute("plain.csv")["results"]
    assert (literal["explicit_failure"], literal["failures"]) == (0, [])
    (broad,) = compute("plain.csv", "--reading", "broad")["results"]
    assert broad["failures"] == [{"status": 500, "no_answer": False, "requests": 3}]


def test_a_tally_keeps_it(log: str) -> None:
    assert run(["tally", log, *MAPPED, "-o", "day.tally.parquet", "--quiet"]) == 0
    assert compute("day.tally.parquet")["results"] == compute(log, *MAPPED)["results"]


def test_a_tally_of_the_first_version_says_what_it_does_not_tell(log: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["tally", log, *MAPPED, "-o", "day.tally.parquet", "--quiet"]) == 0
    pq.write_table(first_version(pq.read_table("day.tally.parquet")), "day.tally.parquet")

    report = compute("day.tally.parquet")

    (result,) = report["results"]
    assert (result["success"], result["explicit_failure"], result["excluded"]["total"]) == (1, 4, 1)
    assert result["failures"] == [
        {"status": 503, "no_answer": False, "requests": 1},
        {"status": None, "no_answer": None, "requests": 3},
    ]
    assert any(
        warning.startswith("tallies of an earlier version do not have the status where a gateway said that")
        and warning.endswith(": day.tally.parquet")
        for warning in report["warnings"]
    )
    assert f"(1 x 503, 3 x {LOST})" in " ".join(explained(capsys, "day.tally.parquet").split())


def test_an_answer_is_counted_before_a_status_beside_which_nobody_answered(log: str) -> None:
    """A 503 that the service returned says more than a 502 of the gateway's own, whatever order they stand in.

    The ids are the gateway's own, so that the two rows are one request.
    """
    begins = {"started_at": 1791165600123, "request": {"id": "r1"}, "consumer": {"username": "a1"}}
    own = begins | {"response": {"status": 502}, "latencies": {"proxy": -1}}
    returned = begins | {"response": {"status": 503}, "latencies": {"proxy": 7}}
    for listed in ([own, returned], [returned, own]):
        Path(log).write_text("".join(json.dumps(row) + "\n" for row in listed))
        report = compute(log, "--dialect", "kong")
        assert report["rows"]["duplicate"] == 1
        assert report["results"][0]["failures"] == [{"status": 503, "no_answer": False, "requests": 1}]


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"requests": 2}, "explicit_failure is 4, but failures makes 5"),
        ({"status": 503}, "failures has a kind twice"),
        ({"no_answer": None}, "failures has a status of which it is not known whether it is one"),
        ({"status": 99}, "should be greater than or equal to 100"),
    ],
)
def test_a_saved_report_whose_failures_do_not_add_up_is_refused(
    log: str, change: dict[str, Any], what: str, capsys: pytest.CaptureFixture[str]
) -> None:
    report = compute(log, *MAPPED)
    report["results"][0]["failures"][0] |= change
    Path("report.json").write_text(json.dumps(report))
    assert run(["render", "report.json", "-o", "again.md"]) == 2
    assert what in capsys.readouterr().err


def test_a_report_saved_before_they_were_told_is_rendered(log: str) -> None:
    report = compute(log, *MAPPED)
    del report["results"][0]["failures"]
    Path("report.json").write_text(json.dumps(report))
    assert run(["render", "report.json", "-o", "again.json", "-o", "again.html"]) == 0
    assert json.loads(Path("again.json").read_text("utf-8")) == report
