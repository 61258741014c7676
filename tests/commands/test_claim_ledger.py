"""The ledger as a user has it: noted by runs, entered by people, told by lists, calendars, reports and claim-check."""

from __future__ import annotations

import csv
import io
import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import icalendar
import polars as pl
import pyarrow.parquet as pq
import pytest
from prometheus_client.parser import text_string_to_metric_families

from sla_audit.cli.main import run
from tests.program import ROOT

SAMPLE = ROOT / "sample_logs"
CONFIG = ("--config", str(SAMPLE / "sla-audit.toml"))
DAY = ("--as-of", "2026-11-20")
CLAIMS = ["capped-by-cash", "expired-mid-month", "just-below", "no-billing", "not-in-accounts"]
CLAIMS += ["partial-first-month", "tier-three", "tier-two", "unannounced-works"]
TIER_THREE, TIER_TWO = "7", "8"


class Ended(NamedTuple):
    code: int
    out: str
    err: str


class Program:
    """Runs commands on one ledger, in a folder of its own."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys
        assert self("compute", *CONFIG, "--quiet").code == 0

    def __call__(self, *arguments: str) -> Ended:
        self._capsys.readouterr()
        code = run([*arguments, "--ledger", "claims.db"])
        return Ended(code, *self._capsys.readouterr())

    def claim(self, *arguments: str, as_of: str = "2026-11-20") -> Ended:
        return self("claim", *arguments, "--as-of", as_of)

    def states(self, as_of: str = "2026-11-20", *arguments: str) -> dict[str, str]:
        listed = json.loads(self.claim("list", "--format", "json", *arguments, as_of=as_of).out)
        return {claim["account_id"]: claim["state"] for claim in listed["claims"]}


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Program:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.setenv("NO_COLOR", "1")
    return Program(capsys)


class TestEntries:
    def test_from_detection_to_the_voucher(self, program: Program) -> None:
        assert program.states() == dict.fromkeys(CLAIMS, "ready")
        done = program.claim("file", TIER_THREE, TIER_TWO, "--on", "2026-11-12", "--reference", "MAIL-17")
        assert done.out.splitlines() == [
            "Claim 7 (tier-three, 2026-10): filed, 720.00 CNY.",
            "Claim 8 (tier-two, 2026-10): filed, 360.00 CNY.",
        ]
        assert program.claim("answer", TIER_THREE, "--approved").out.endswith("approved, 720.00 CNY.\n")
        assert program.claim("answer", TIER_TWO, "--amount", "180.00").out.endswith("partly approved, 180.00 CNY.\n")
        Path("bill.csv").write_text("account_id,voucher,voucher_id\ntier-three,720.00,V-1\ntier-two,100.00,V-2\n")
        bill = program.claim("credit", "--from", "bill.csv")
        assert bill.code == 1
        assert "tier-three: 720.00 CNY (V-1) is credited to claim 7" in bill.out
        assert "tier-two: 100.00 CNY (V-2) matches no claim (bill.csv, line 3); awaited are 8" in bill.out
        assert program.claim("withdraw", "--account", "just-below").code == 0
        assert program.states("2026-12-01") == {
            **dict.fromkeys(CLAIMS, "lapsed"),
            "tier-three": "credited",
            "tier-two": "partly_approved",
            "just-below": "withdrawn",
        }
        shown = program.claim("show", TIER_THREE).out
        for said in ("2026-10-01 to 2026-10-31", "MAIL-17", "V-1", "below objective, literal reading"):
            assert said in shown

    def test_several_claims_are_filed_or_none(self, program: Program) -> None:
        done = program.claim("file", TIER_THREE, "4", "99")
        assert done.code == 2
        assert "claims.db: has no claim 99" in done.err
        done = program.claim("file", TIER_THREE, "4")
        assert "claim 4 (no-billing, 2026-10): what is owed cannot be told (billing_missing)" in done.err
        assert program.states()["tier-three"] == "ready"

    @pytest.mark.parametrize(
        ("arguments", "said"),
        [
            (["file"], "Say which claim is meant"),
            (["file", "1", "--account", "a"], "leave out --account and --cycle"),
            (["file", "1", "2", "--amount", "5"], "--amount is that of one claim"),
            (["file", "1", "--amount", "5,00"], "expected an amount above 0"),
            (["file", "1", "--amount", "0"], "expected an amount above 0"),
            (["file", "1", "--on", "12.11.2026"], "--on"),
            (["file", "1", "--on", "2026-11-21"], "2026-11-21 is after 2026-11-20"),
            (["answer", "1"], "one of --approved, --amount AMOUNT and --rejected"),
            (["answer", "1", "--approved", "--rejected"], "one of --approved"),
            (["credit", "1", "2"], "Name one claim"),
            (["credit", "1", "--from", "x.csv"], "leave out NUMBER"),
            (["show", "--account", "nobody"], "has no claim of account 'nobody'"),
            (["show", "1", "--contract", str(ROOT / "no.toml")], "no.toml"),
        ],
    )
    def test_what_is_wrong_is_said_and_nothing_noted(self, program: Program, arguments: list[str], said: str) -> None:
        done = program.claim(*arguments)
        assert done.code == 2
        assert said in " ".join(done.err.split())
        assert program.states() == dict.fromkeys(CLAIMS, "ready")

    def test_without_a_ledger_it_is_said_how_to_name_one(self, program: Program) -> None:
        assert run(["claim", "list"]) == 2
        done = program("claim", "list", "--as-of", "2026-11-20")
        assert done.code == 0
        Path("sla-audit.toml").write_text('ledger = "claims.db"\n')
        assert run(["claim", "list", "--config", "sla-audit.toml", *DAY]) == 0


class TestRuns:
    def test_a_run_again_changes_nothing_and_another_reading_what_is_owed(self, program: Program) -> None:
        before = Path("claims.db").read_bytes()
        assert program("compute", *CONFIG, "--quiet").code == 0
        assert Path("claims.db").read_bytes() == before
        assert program("compute", *CONFIG, "--reading", "broad", "--quiet").code == 0
        assert program.states()["readings-differ"] == "ready"

    def test_without_a_ledger_reports_are_as_ever(self, program: Program) -> None:
        run(["compute", *CONFIG, "--quiet", "-o", "report.json"])
        made, golden = (json.loads(path.read_bytes()) for path in (Path("report.json"), SAMPLE / "expected.json"))
        for each in (made, golden):  # whose paths are those of where they were made
            del each["inputs"], each["provenance"]
        assert made == golden

    def test_what_is_no_ledger_is_refused_before_anything_is_counted(self, program: Program) -> None:
        Path("claims.db").write_text("not a ledger")
        done = program("compute", *CONFIG, "-o", "report.json")
        assert (done.code, Path("report.json").exists()) == (2, False)
        assert "claims.db: is no ledger of claims, but some other file" in done.err

    def test_a_ledger_is_no_output(self, program: Program) -> None:
        Path("claims.json").write_text("")
        assert run(["compute", *CONFIG, "--ledger", "claims.json", "-o", "claims.json"]) == 2


class TestLists:
    def test_what_lapses_first_stands_first_with_its_sum(self, program: Program) -> None:
        out = program.claim("list").out.splitlines()
        assert out[0] == "9 claims lapse unless they are filed by 2026-11-30: at least 2,051.67 CNY."
        assert " ".join(out[4].split()) == "7 tier-three ready 720.00 file by 2026-11-30, in 10 days"

    def test_by_state_and_days(self, program: Program) -> None:
        program.claim("file", TIER_TWO)
        lapsing = ("--state", "lapsing")
        assert "tier-two" not in program.states("2026-11-20", *lapsing)
        assert program.states("2026-11-20", *lapsing, "--within", "9") == {}
        codes = [program.claim("list", *lapsing, "--within", days).code for days in ("9", "10")]
        assert codes == [1, 0]  # so that a shell can mail what there is
        assert len(program.states("2026-11-20", *lapsing, "--within", "10")) == len(CLAIMS) - 1
        assert program.states("2026-11-20", "--state", "awaited") == {"tier-two": "filed"}
        assert program.states("2026-11-20", "--account", "tier-two", "--cycle", "2026-10") == {"tier-two": "filed"}

    def test_csv_has_what_json_has(self, program: Program) -> None:
        program.claim("file", TIER_TWO, "--reference", "=1+1")
        listed = json.loads(program.claim("list", "--format", "json").out)
        assert (listed["schema"], listed["currency"]) == ("sla-audit/ledger/1", "CNY")
        rows = list(csv.DictReader(io.StringIO(program.claim("list", "--format", "csv").out)))
        for row, claim in zip(rows, listed["claims"], strict=True):
            assert row.pop("currency") == "CNY"
            if claim["filing_reference"]:
                assert (row.pop("filing_reference"), claim.pop("filing_reference")) == ("'=1+1", "=1+1")
            assert row == {name: "" if value is None else str(value) for name, value in claim.items()}

    def test_the_calendar_has_two_reminders_for_a_cycle(self, program: Program) -> None:
        program.claim("file", TIER_TWO)
        calendar = icalendar.Calendar.from_ical(program.claim("list", "--format", "ics").out)
        opening, last = calendar.walk("VEVENT")
        assert (opening.decoded("dtstart"), last.decoded("dtstart")) == (date(2026, 11, 5), date(2026, 11, 30))
        assert "8 claims can be filed from today, at least 1,691.67 CNY" in opening["summary"]
        assert "last day to file 8 claims, at least 1,691.67 CNY" in last["summary"]
        assert "tier-two" not in last["description"]
        triggers = [alarm.decoded("trigger") for alarm in last.walk("VALARM")]
        assert triggers == [timedelta(hours=9) - timedelta(days=days) for days in (3, 0)]


class TestReports:
    @pytest.fixture
    def made(self, program: Program) -> dict[str, Any]:
        program.claim("file", TIER_TWO, "--on", "2026-11-12")
        program.claim("credit", TIER_TWO, "--amount", "100.00", "--on", "2026-11-19")
        names = [f"report.{suffix}" for suffix in ("json", "csv", "parquet", "prom", "md", "html", "xlsx")]
        done = program("compute", *CONFIG, *(word for name in names for word in ("-o", name)))
        return {"printed": done.out, **json.loads(Path("report.json").read_text("utf-8"))}

    def test_a_result_has_its_claim_and_the_head_the_sums(self, made: dict[str, Any]) -> None:
        of_account = {result["account_id"]: result.get("ledger") for result in made["results"]}
        assert sorted(account for account, claim in of_account.items() if claim) == CLAIMS
        assert of_account["tier-two"] == {
            "number": 8,
            "state": "partly_credited",
            "file_by": None,
            "filed_on": "2026-11-12",
            "filed": "360.00",
            "approved": None,
            "credited": "100.00",
            "outstanding": "260.00",
        }
        kinds = {each["kind"]: (each["file_by"], each["claims"], each["amount"]) for each in made["ledger"]}
        assert kinds == {
            "to_file": ("2026-11-30", 8, "1691.67"),
            "awaited": (None, 1, "260.00"),
            "credited": (None, 1, "100.00"),
        }
        assert "8 claims lapse unless they are filed by 2026-11-30: at least 1,691.67 CNY." in made["printed"]

    def test_the_other_formats_have_it_too(self, made: dict[str, Any]) -> None:
        rows = {row["account_id"]: row for row in pl.read_csv("report.csv", infer_schema=False).to_dicts()}
        assert (rows["tier-two"]["claim_state"], rows["tier-two"]["claim_outstanding"]) == ("partly_credited", "260.00")
        table = {row["account_id"]: row for row in pq.read_table("report.parquet").to_pylist()}
        assert table["tier-one" if "tier-one" in table else "just-below"]["claim_file_by"] == date(2026, 11, 30)
        families = text_string_to_metric_families(Path("report.prom").read_text("utf-8"))
        samples = [sample for family in families for sample in family.samples if sample.name == "sla_audit_claims"]
        assert {(each.labels["kind"], each.labels["file_by"]): each.value for each in samples} == {
            ("to_file", "2026-11-30"): 8,
            ("awaited", ""): 1,
            ("credited", ""): 1,
        }
        assert "| `tier-two` | 2026-10 | partly credited | 360.00 |  | 360.00 | 100.00 | 260.00 |" in Path(
            "report.md"
        ).read_text("utf-8")
        assert "What became of the claims" in Path("report.html").read_text("utf-8")

    def test_a_saved_one_gives_the_same_files(self, made: dict[str, Any]) -> None:
        Path("again").mkdir()
        names = [f"report.{suffix}" for suffix in ("json", "csv", "parquet", "prom")]
        assert run(["render", "report.json", *(word for name in names for word in ("-o", f"again/{name}"))]) == 0
        for name in names:
            assert (Path("again") / name).read_bytes() == Path(name).read_bytes()

    @pytest.mark.parametrize(
        ("field", "value"),
        [("state", "ready"), ("state", "lost"), ("file_by", "2026-11-30"), ("filed_on", None), ("number", 0)],
    )
    def test_a_saved_one_that_contradicts_itself_is_refused(
        self, made: dict[str, Any], field: str, value: object
    ) -> None:
        del made["printed"]
        (result,) = (each for each in made["results"] if each["account_id"] == "tier-two")
        result["ledger"][field] = value
        Path("changed.json").write_text(json.dumps(made), encoding="utf-8")
        assert run(["render", "changed.json", "-o", "report.csv"]) == 2

    def test_claim_check_leaves_out_what_is_dealt_with(self, program: Program, made: dict[str, Any]) -> None:
        program.claim("withdraw", "--account", "just-below")
        asked = ("claim-check", "--report", "report.json", *DAY)
        done = program(*asked, "--ics", "claims.ics")
        assert "5 claims can be filed now: 1,511.67 CNY, as vouchers." in done.out
        assert "100.00 of 360.00 credited, last on 2026-11-19" in done.out
        assert "just-below" not in Path("claims.ics").read_text("utf-8")
        by_account = {
            each["account_id"]: each for each in json.loads(program(*asked, "--format", "json").out)["claims"]
        }
        assert (by_account["tier-two"]["state"], by_account["tier-two"]["ledger"]["state"]) == (
            "open",
            "partly_credited",
        )
        assert "ledger" not in by_account["exactly-99"]
        for account in CLAIMS[:3] + CLAIMS[5:]:
            program.claim("withdraw", "--account", account, "--on", "2026-11-20")
        assert program(*asked, "--quiet").code == 1
