"""What is edited in concert, so that the sums hold, and still does not follow; and what cannot be known here."""

from __future__ import annotations

import ast
import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sla_audit.cli.main import run
from sla_audit.intake.notices import OF_THE_LOGS
from sla_audit.tally.untold import OF_THE_TALLIES
from tests.builders.reports.golden import GOLDEN
from tests.builders.reports.saved import both, of_account, put
from tests.program import ROOT

Edit = Callable[[dict[str, Any]], Any]


def of_all(name: str, value: Any) -> Edit:
    return lambda report: [result["claim"].update({name: value}) for result in report["results"]]


def at(place: str, number: int, **values: Any) -> Edit:
    """Edit an entry of a list, counted from 0."""
    return lambda report: report[place][number].update(values)


def without_warning(start: str) -> Edit:
    def edit(report: dict[str, Any]) -> None:
        at = next(at for at, warning in enumerate(report["warnings"]) if warning.startswith(start))
        del report["warnings"][at], report["notices"][at]

    return edit


def with_warning(text: str) -> Edit:
    return lambda report: (report["warnings"].append(text), report["notices"].append({"text": text, "values": {}}))


def moved_day(report: dict[str, Any]) -> None:
    """Move a success of an account to another day, on which all accounts together have fewer."""
    days = of_account(report, "tier-two")["daily"]
    number = sum(day["success"] for day in days)
    for day in days:
        day["success"] = 0
    days[0]["success"] = number


def other_clause(report: dict[str, Any]) -> None:
    """Say clause 13 wherever clause 9 is said."""
    for counts in (
        *report["results"],
        *report["daily"],
        *(day for each in report["results"] for day in each.get("daily", [])),
    ):
        clauses = counts["excluded"]["by_clause"]
        if "9" in clauses:
            clauses["13"] = clauses.pop("9")


EDITS: dict[str, tuple[Edit, str]] = {
    "a later opening of all claims": (
        of_all("opens_on", "2026-11-06"),
        "claim.opens_on is 2026-11-06; its contract and the calendar give 2026-11-05",
    ),
    "a later end of all claims": (of_all("closes_on", "2027-11-30"), "claim.closes_on is 2027-11-30; its contract"),
    "a calendar that is said to be supplied": (of_all("calendar", "supplied"), "claim.calendar is supplied; its"),
    "a claim of one account": (put("@just-below/claim/closes_on", value="2026-12-31"), "claim is another than that of"),
    "what an exclusion saved": (
        at("exclusions", 2, compensation_saved="9999.00"),
        "exclusion 'N-1012': compensation_saved is 9999; the results make it 180",
    ),
    "what an exclusion took out, and a second one": (
        both(at("exclusions", 0, requests=19), at("exclusions", 2, requests=5)),
        "exclusions take out 19 requests by clause 1; the results have 20",
    ),
    "an exclusion refused without a reason to": (
        at("exclusions", 2, state="refused", reason="not_announced"),
        "exclusion 'N-1012': state is 'refused', but clause 3 needs no notice",
    ),
    "an exclusion that is gone": (
        lambda report: report["exclusions"].pop(2),
        "4 requests are left out by clause 3, but no exclusion names it",
    ),
    "rows moved from one file to another place": (
        both(at("inputs", 0, rows=1411), at("inputs", 1, rows=1461)),
        "rows.read is 2936, but inputs makes 2937",
    ),
    "a stretch without rows that daily has requests of": (
        put(
            "coverage/gaps",
            value=[
                {
                    "cycle": "2026-10",
                    "starts_at": "2026-10-04T23:00:00+08:00",
                    "ends_at": "2026-10-06T00:00:00+08:00",
                }
            ],
        ),
        "coverage.gaps: no row is of 2026-10-05, of which daily has requests",
    ),
    "a thin day that is not thin": (
        put("coverage/thin_days", value=[{"cycle": "2026-10", "day": "2026-10-05", "rows": 89, "usual": 90}]),
        "coverage.thin_days has 2026-10-05 with 89 rows of 90, which is not thin",
    ),
    "a month between that was skipped": (
        put("months_skipped", value=["2026-09"]),
        "months_skipped is 2026-09; months makes it empty",
    ),
    "fees without requests that are gone, and their warning": (
        both(put("metering/fees_without_requests", value=[]), without_warning("billed a fee")),
        "metering.fees_without_requests is not what service_fee and requests of the results make",
    ),
    "no account flagged often, and no warning": (
        both(put("often_flagged", value={"results": 0, "worst": []}), without_warning("more than a tenth")),
        "often_flagged is not what the requests left out for illegal content make",
    ),
    "an account that the accounts file is said not to lack": (
        both(
            put("reconciliation/accounts/lacks", value={"count": 0, "near": 0, "listed": []}),
            without_warning("accounts of the logs that the accounts file lacks"),
        ),
        "reconciliation.accounts.lacks does not name 'not-in-accounts'",
    ),
    "no accounts file": (
        put("reconciliation/accounts", value=None),
        "without an accounts file, only accounts with requests have results",
    ),
    "a warning that is gone": (
        without_warning("exclusion 'M-1021' is refused"),
        "gives \"exclusion 'M-1021' is refused under clause 2.7.1 (1): it was not announced (fact)\"",
    ),
    "a warning that follows from nothing": (
        with_warning("all is well"),
        "notices has 'all is well",
    ),
    "a day with more than all accounts have": (moved_day, "daily 2026-10-01: more requests than all accounts have"),
    "a failure that is none under the reading": (
        put("@just-below/failures", value=[{"status": 500, "no_answer": False, "requests": 2}]),
        "failures has the status 500, which is none under the reading 'literal'",
    ),
    "a clause that is no cause": (other_clause, "excluded.by_clause has 13, which is no cause of the agreement"),
    "another version of the contract": (
        put("contract/version", value="2026-01"),
        "contract.version is '2026-01'; its contract has '2019-11'",
    ),
    "results in another order": (
        lambda report: report["results"].reverse(),
        "results are not in the order of account and cycle, each once",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("edit", "message"), EDITS.values(), ids=EDITS)
def test_what_was_edited_with_its_sums_still_does_not_follow(
    edit: Edit, message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = copy.deepcopy(GOLDEN)
    edit(report)
    path = tmp_path / "report.json"
    path.write_text(json.dumps(report))
    for command in (["render"], ["claim-check", "--as-of", "2026-11-20", "--report"]):
        assert run([*command, path.as_posix()]) == 2
        assert message in capsys.readouterr().err


class TestHolidays:
    """Whose days open a claim: the calendar's, a file's, or those that were guessed when the report was made."""

    @pytest.fixture(autouse=True)
    def folder(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        monkeypatch.chdir(tmp_path)
        Path("log.csv").write_text(
            "timestamp,account_id,status\n2026-10-10T10:00:00Z,a,502\n2082-12-10T10:00:00Z,a,502\n"
        )
        Path("holidays.csv").write_text("date,day\n2026-11-02,off\n2026-11-03,off\n")
        return tmp_path

    def made(self, *options: str) -> dict[str, Any]:
        assert run(["compute", "log.csv", "--as-of", "2083-03-01", "--quiet", *options, "-o", "report.json"]) == 0
        report: dict[str, Any] = json.loads(Path("report.json").read_bytes())
        return report

    def rendered(self, *options: str) -> str:
        assert run(["render", "report.json", *options, "-o", "again.md"]) == 0
        return Path("again.md").read_text()

    def test_without_a_file_dates_are_known(self) -> None:
        self.made()
        assert "are taken" not in self.rendered()

    def test_a_file_that_is_not_named_leaves_its_dates_as_the_report_says(self) -> None:
        self.made("--holidays", "holidays.csv")
        assert "from when on claims for 2026-10, 2082-12 are taken" in self.rendered()
        assert "are taken" not in self.rendered("--holidays", "holidays.csv")

    def test_a_file_that_is_named_is_held_against_it(self, capsys: pytest.CaptureFixture[str]) -> None:
        report = self.made("--holidays", "holidays.csv")
        report["results"][0]["claim"]["opens_on"] = "2026-11-05"
        Path("report.json").write_text(json.dumps(report))
        assert run(["render", "report.json", "--holidays", "holidays.csv"]) == 2
        assert "claim.opens_on is 2026-11-05; its contract and the calendar give 2026-11-07" in capsys.readouterr().err
        Path("holidays.csv").write_text("date,day\n2026-11-02,off\n")
        assert run(["render", "report.json", "--holidays", "holidays.csv"]) == 2
        assert "made with the holidays file holidays.csv" in capsys.readouterr().err

    def test_a_file_that_it_was_not_made_with_is_refused(self, capsys: pytest.CaptureFixture[str]) -> None:
        self.made()
        assert run(["render", "report.json", "--holidays", "holidays.csv"]) == 2
        assert "made without a holidays file" in capsys.readouterr().err

    def test_what_was_provisional_when_it_was_made_and_is_official_now_is_as_the_report_says(
        self, capsys: pytest.CaptureFixture[str]
    ) -> None:
        report = self.made()
        report["results"][0]["claim"] = {"opens_on": "2026-11-07", "closes_on": "2026-11-30", "calendar": "provisional"}
        told = next(notice for notice in report["notices"] if "are provisional" in notice["text"])
        told["values"]["cycles"] = {
            "text": "{listed}, {value}", "values": {"listed": "2026-10", "value": "2082-12"}
        }  # fmt: skip
        report["warnings"] = [
            each.replace("of 2082-12 are prov", "of 2026-10, 2082-12 are prov") for each in report["warnings"]
        ]
        Path("report.json").write_text(json.dumps(report))
        assert "from when on claims for 2026-10 are taken" in self.rendered()
        report["results"][0]["claim"]["opens_on"] = "2027-01-07"
        Path("report.json").write_text(json.dumps(report))
        assert run(["render", "report.json"]) == 2
        assert "claim.opens_on is 2027-01-07, not in the month after the cycle" in capsys.readouterr().err


FOLLOWING = {
    "{path} and {more} more", "{paths} and {more} more", "{names} and {more} more", "{listed}, {value}",
}  # fmt: skip
"""Parts of other notices."""
RECOMPUTED = ("left out, because", "rows without an account that are in no rate", "{rejected} rows could not be read")


def test_every_notice_about_logs_is_known_to_be_one_or_is_recomputed() -> None:
    """A new one in `intake`, `tally` or beside them belongs in one of these lists, else reports with it are refused."""
    unknown = set()
    places = [ROOT / "sla_audit" / name for name in ("intake", "tally", "commands")]
    for path in [file for place in places for file in place.rglob("*.py")]:
        if path.name in {"id_notices.py", "naming.py"}:
            continue  # recomputed, all of them; notes of dialects, which are said within another
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Notice":
                text = node.args[0].value if isinstance(node.args[0], ast.Constant) else None
                if isinstance(text, str) and text not in {*OF_THE_LOGS, *OF_THE_TALLIES, *FOLLOWING}:
                    unknown |= set() if text.startswith(RECOMPUTED) else {text}
    assert unknown == set()
