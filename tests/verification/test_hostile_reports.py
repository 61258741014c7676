"""Saved reports from a stranger: whatever they hold, one message names its place, or all of it is taken."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sla_audit.cli.main import run
from sla_audit.model.notice import Notice, in_a_row
from tests.builders.reports.saved import drop, put
from tests.program import ROOT

GOLDEN: dict[str, Any] = json.loads((ROOT / "sample_logs" / "expected.json").read_bytes())
COMMANDS = (["render"], ["claim-check", "--as-of", "2026-11-20", "--report"])
AGAIN = "  Make the report again with sla-audit compute.\n"
Edit = Callable[[dict[str, Any]], Any]


def refused(path: Path, capsys: pytest.CaptureFixture[str]) -> str:
    """Give both commands a report, and give the one message that both have for it."""
    messages = []
    for command in COMMANDS:
        assert run([*command, path.as_posix()]) == 2, command
        printed, errors = capsys.readouterr()
        assert printed == ""
        assert "Traceback" not in errors
        messages.append(errors.replace(path.as_posix(), "report.json"))
    assert messages[0] == messages[1]
    return messages[0]


def edited(folder: Path, edit: Edit) -> Path:
    report = copy.deepcopy(GOLDEN)
    edit(report)
    path = folder / "report.json"
    path.write_text(json.dumps(report), "ascii")
    return path


def nested(depth: int) -> dict[str, Any]:
    notice: Any = "2026-10"
    for _ in range(depth):
        notice = {"text": "{listed}, {value}", "values": {"listed": notice, "value": "2026-11"}}
    return {"text": "{cycles}", "values": {"cycles": notice}}


def append(place: str, value: Any) -> Edit:
    return lambda report: report[place].append(value)


HOSTILE: dict[str, tuple[Edit, str]] = {
    "the end of time": (put("as_of", value="9999-12-31"), "as_of: 9999-12-31 is not from 1970 to 2199"),
    "an end of time in a claim": (put("@just-below/claim/closes_on", value="9999-12-31"), "claim is another than"),
    "an end of time in a gap": (
        put(
            "coverage/gaps",
            value=[
                {"cycle": "2026-10", "starts_at": "9999-12-31T23:59:59-08:00", "ends_at": "9999-12-31T23:59:59-09:00"}
            ],
        ),
        "coverage.gaps.1.starts_at: should be of the years 1970 to 2199",
    ),
    "null in the place of a list": (put("inputs", value=None), "inputs: input should be a list"),
    "null in a list": (append("exclusions", None), "exclusions.4: "),
    "null in a part of a list": (put("coverage/gaps", value=[None]), "coverage.gaps.1: "),
    "null in the place of a part": (put("reconciliation/accounts/not_in_logs", value=None), "not_in_logs: "),
    "null in the place of a total": (put("totals/readings/broad", value=None), "totals.readings.broad: "),
    "text in the place of a list": (
        put("coverage/strays", value="0.1"),
        "coverage.strays: input should be a list",
    ),
    "half a character": (
        put("left_out", value=[{"path": "\ud800", "bytes": 1, "reason": "x"}]),
        "left_out.1.path: text",
    ),
    "half a character in a key": (put("\udc00", value=1), "\\udc00: text that holds half a character"),
    "half a character in what a later version says": (
        put("later", value={"a": ["\udfff"]}),
        "later.a.1: text that holds",
    ),
    "NaN": (put("later", value=float("nan")), "later: found nan, which is no number"),
    "infinity": (put("rows/read", value=float("inf")), "rows.read: found inf, which is no number"),
    "a number without end": (put("later", value=1e308 * 10), "later: found inf, which is no number"),
    "a number beyond 64 bits": (put("later", value=2**63), "later: a number beyond 64 bits"),
    "a count beyond 64 bits": (
        put("inputs", value=[{"path": "a", "bytes": -(2**70), "rows": 1}]),
        "inputs.1.bytes: a numb",
    ),
    "a count beyond any": (
        put("request_ids/shared_rows", value=2**62),
        "request_ids.shared_rows: input should be less",
    ),
    "a month after the last": (put("months_skipped", value=["2200-01"]), "months_skipped.1: '2200-01' is not a month"),
    "a yes for true": (put("@just-below/capped", value="yes"), "capped: input should be true or false"),
    "a reason that is none": (
        put("@just-below/reason", value="fun"),
        "reason: should be one of cycle_running, no_logs",
    ),
    "a reading that the contract does not know": (
        lambda report: [
            each["readings"].update(other=each["readings"]["literal"])
            for each in (report["totals"], *report["results"])
        ],
        "totals.readings are literal, broad, other; its contract has literal, broad",
    ),
    "notices within each other": (append("notices", nested(300)), "notices.8.values.cycles: brackets within brackets"),
    "lists within each other": (put("later", value=json.loads("[" * 200 + "]" * 200)), "more than 100 deep"),
}


@pytest.mark.parametrize(("edit", "message"), HOSTILE.values(), ids=HOSTILE)
def test_what_no_report_can_hold_is_refused_with_its_place(
    edit: Edit, message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    errors = refused(edited(tmp_path, edit), capsys)
    assert errors.startswith("error: report.json: ")
    assert message in errors
    assert errors.endswith(AGAIN)


RAW: dict[str, tuple[str, str]] = {
    "a key twice": ('{"schema": 1, "schema": "sla-audit/report/1"}', "the key 'schema' comes twice in one object"),
    "more digits than Python reads": ('{"schema": ' + "9" * 5000 + "}", "not JSON in UTF-8: "),
    "brackets without end": ('{"schema": ' * 100_000, "not JSON in UTF-8: "),
    "nothing": ("", "not JSON in UTF-8: "),
}


@pytest.mark.parametrize(("text", "message"), RAW.values(), ids=RAW)
def test_what_is_no_json_is_refused(
    text: str, message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "report.json"
    path.write_text(text)
    assert message in refused(path, capsys)


@pytest.mark.parametrize("key", sorted(GOLDEN))
@pytest.mark.parametrize(
    "value", [None, True, 7, 1.5, "x", [], {}, [None], [[]], [{}], {"x": None}, [1, "a"]], ids=repr
)
def test_any_value_in_the_place_of_any_is_taken_or_refused(
    key: str, value: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = edited(tmp_path, put(key, value=value))
    for command in COMMANDS:
        assert run([*command, path.as_posix()]) in {0, 1, 2}
        assert "Traceback" not in capsys.readouterr().err


@pytest.mark.parametrize("key", sorted(GOLDEN))
def test_any_key_may_be_missing_without_a_traceback(
    key: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = edited(tmp_path, drop(key))
    codes = {run([*command, path.as_posix()]) for command in COMMANDS}
    assert codes in ({0}, {2})
    assert "Traceback" not in capsys.readouterr().err


class TestLongLists:
    """Warnings may name any number of months: a list is made of two halves, not of one within another."""

    def test_a_list_of_thousands_is_told_and_kept(self) -> None:
        names = [f"{number:04}" for number in range(3_000)]
        listed = in_a_row(names)
        assert isinstance(listed, Notice)
        assert str(listed) == ", ".join(names)
        again = Notice.from_json(json.loads(json.dumps(listed.as_json())))
        assert str(again) == str(listed)

    def test_few_stand_as_they_always_did(self) -> None:
        first = Notice("{listed}, {value}", listed="a", value="b")
        for names, expected in (
            (["a"], "a"),
            (["a", "b"], first),
            ("abc", Notice("{listed}, {value}", listed=first, value="c")),
        ):
            listed = in_a_row(list(names))
            if isinstance(expected, Notice):
                assert isinstance(listed, Notice)
                assert listed.as_json() == expected.as_json()
            else:
                assert listed == expected

    def test_a_report_of_three_hundred_months_is_made_and_rendered(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(tmp_path)
        months = [f"{2030 + number // 12}-{number % 12 + 1:02}" for number in range(300)]
        Path("log.csv").write_text(
            "timestamp,account_id,status\n" + "".join(f"{month}-05T00:00:00Z,a,502\n" for month in months)
        )
        assert run(["compute", "log.csv", "--as-of", "2060-01-01", "--quiet", "-o", "report.json"]) == 0
        warnings = json.loads(Path("report.json").read_bytes())["warnings"]
        assert any(", ".join(months[-3:]) in each for each in warnings)
        assert run(["render", "report.json", "-o", "again.json", "-o", "again.md"]) == 0
        assert Path("again.json").read_bytes() == Path("report.json").read_bytes()
