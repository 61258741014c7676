"""`sla-audit claim-check`: what can be filed on a day, from logs or from a saved report."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import icalendar
import pytest

from sla_audit.cli.main import run
from tests.program import ROOT, sla_audit

SAMPLE = ROOT / "sample_logs"
REPORT = str(SAMPLE / "expected.json")
LOGS = ("--config", str(SAMPLE / "sla-audit.toml"))

OPEN = ["capped-by-cash", "expired-mid-month", "just-below", "partial-first-month"]
OPEN += ["tier-three", "tier-two", "unannounced-works"]
UNDETERMINED = ["no-billing", "not-in-accounts"]


@dataclass(frozen=True)
class Ended:
    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        return json.loads(self.out)  # type: ignore[no-any-return]

    @property
    def states(self) -> dict[str, str]:
        return {claim["account_id"]: claim["state"] for claim in self.json["claims"]}


class Check:
    """Runs the command in this process, and keeps what it prints."""

    def __init__(self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
        self._capsys = capsys
        monkeypatch.setenv("COLUMNS", "160")
        monkeypatch.setenv("NO_COLOR", "1")

    def __call__(self, *arguments: object) -> Ended:
        return self.run("claim-check", *arguments)

    def run(self, *arguments: object) -> Ended:
        code = run([str(argument) for argument in arguments])
        return Ended(code, *self._capsys.readouterr())

    def saved(self, *arguments: object, report: object = REPORT) -> Ended:
        return self("--report", report, "--format", "json", *arguments)


@pytest.fixture
def check(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Check:
    return Check(capsys, monkeypatch)


HEADER = "timestamp,account_id,status\n"


def a_month(folder: Path, month: str, *accounts: str) -> tuple[str, ...]:
    """Write a log of a month in which one request in ten failed, and what is known of its accounts."""
    quoted = ['"' + account.replace('"', '""') + '"' for account in accounts]
    rows = [f"{month}-{day:02}T05:00:00Z,{each},{200 if day > 1 else 502}\n" for each in quoted for day in range(1, 11)]
    (folder / "log.csv").write_text(HEADER + "".join(rows), encoding="utf-8", newline="")
    bills = [f"{each},{month},1000.00,1000.00\n" for each in quoted]
    text = "account_id,cycle,service_fee,cash_paid\n" + "".join(bills)
    (folder / "billing.csv").write_text(text, encoding="utf-8", newline="")
    return str(folder / "log.csv"), "--billing", str(folder / "billing.csv")


class TestFromAReport:
    @pytest.mark.parametrize("as_of", ["2026-10-15", "2026-11-04", "2026-11-05", "2026-11-30", "2026-12-01"])
    @pytest.mark.parametrize("reading", ["literal", "broad"])
    def test_a_report_says_what_the_logs_say(self, check: Check, as_of: str, reading: str) -> None:
        asked = ("--as-of", as_of, "--reading", reading, "--format", "json")
        from_logs, from_report = check(*LOGS, *asked), check("--report", REPORT, *asked)
        assert (from_report.code, from_report.out) == (from_logs.code, from_logs.out)
        assert from_report.err == ""
        assert "warning: exclusion 'M-1021' is refused" in from_logs.err

    def test_the_json_has_what_there_is_to_say_of_each_claim(self, check: Check) -> None:
        found = check.saved("--as-of", "2026-11-27", "--account", "just-below")
        assert found.json == {
            "schema": "sla-audit/claims/1",
            "as_of": "2026-11-27",
            "claims": [
                {
                    "account_id": "just-below",
                    "cycle": "2026-10",
                    "state": "open",
                    "opens_on": "2026-11-05",
                    "closes_on": "2026-11-30",
                    "calendar": "official",
                    "decision": "owed",
                    "reason": "below_objective",
                    "compensation": "180.00",
                    "working_days_left": 2,
                }
            ],
        }
        assert found.code == 0

    def test_another_reading_of_a_report_owes_what_that_reading_says(self, check: Check) -> None:
        asked = ("--as-of", "2026-11-20", "--account", "readings-differ")
        literal, broad = check.saved(*asked), check.saved(*asked, "--reading", "broad")
        assert (literal.code, literal.states) == (1, {"readings-differ": "nothing_owed"})
        assert (broad.code, broad.states) == (0, {"readings-differ": "open"})
        assert broad.json["claims"][0]["compensation"] == "299.99"

    def test_a_cycle_that_was_running_when_the_report_was_made_stays_undetermined(
        self, check: Check, tmp_path: Path
    ) -> None:
        path = tmp_path / "running.json"
        made = check.run("compute", *LOGS, "--as-of", "2026-10-31", "-o", path, "--quiet")
        assert (made.code, made.err) == (0, "")
        for as_of in ("2026-10-31", "2026-11-01", "2026-11-20", "2027-01-01"):
            found = check.saved("--as-of", as_of, report=path)
            assert found.code == 1
            assert {(claim["state"], claim["reason"], claim["compensation"]) for claim in found.json["claims"]} == {
                ("undetermined", "cycle_running", None)
            }

    def test_the_first_day_on_which_a_report_is_whole_is_the_one_after_its_cycle(
        self, check: Check, tmp_path: Path
    ) -> None:
        path = tmp_path / "whole.json"
        check.run("compute", *LOGS, "--as-of", "2026-11-01", "-o", path, "--quiet")
        asked = ("--as-of", "2026-11-20")
        assert check.saved(*asked, report=path) == check.saved(*asked)

    @pytest.mark.parametrize("as_of", ["2026-10-01", "2026-10-31"])
    def test_on_an_earlier_day_the_cycle_still_runs(self, check: Check, as_of: str) -> None:
        found = check.saved("--as-of", as_of)
        assert found.code == 1
        assert {claim["reason"] for claim in found.json["claims"]} == {"cycle_running"}
        assert set(found.states.values()) == {"undetermined"}

    @pytest.mark.parametrize(
        ("given", "named"),
        [
            ((str(SAMPLE / "logs"),), "LOGS"),
            (("--accounts", "a.csv"), "--accounts"),
            (("--billing", "b.csv", "--exclusions", "x.csv"), "--billing, --exclusions"),
            ((str(SAMPLE / "logs"), "--billing", "b.csv"), "LOGS, --billing"),
        ],
        ids=lambda value: value if isinstance(value, str) else "",
    )
    def test_what_a_report_holds_is_not_given_beside_it(self, check: Check, given: tuple[str, ...], named: str) -> None:
        found = check("--report", REPORT, *given)
        assert (found.code, found.out) == (2, "")
        assert f"leave out {named}." in " ".join(found.err.split())

    def test_a_report_that_cannot_be_trusted_is_refused_and_nothing_is_written(
        self, check: Check, tmp_path: Path
    ) -> None:
        path = tmp_path / "report.json"
        path.write_text(Path(REPORT).read_text("utf-8").replace('"180.00"', '"181.00"'), "utf-8")
        found = check("--report", path, "--ics", tmp_path / "claims.ics")
        assert (found.code, found.out) == (2, "")
        assert "error: " in found.err
        assert "Traceback" not in found.err
        assert sorted(each.name for each in tmp_path.iterdir()) == ["report.json"]


EDGES = [
    ("the day before it opens", "2026-11-04", "not_yet_open"),
    ("the day it opens", "2026-11-05", "open"),
    ("the day it closes", "2026-11-30", "open"),
    ("the day after it closes", "2026-12-01", "closed"),
    ("the last second before it opens, in UTC", "2026-11-04T15:59:59Z", "not_yet_open"),
    ("the second in which it opens, in UTC", "2026-11-04T16:00:00Z", "open"),
    ("the second in which it opens, in Shanghai", "2026-11-05T00:00:00+08:00", "open"),
    ("the second in which it opens, in New York", "2026-11-04T11:00:00-05:00", "open"),
    ("the last second before it closes, in Shanghai", "2026-11-30T23:59:59+08:00", "open"),
    ("the last second before it closes, in UTC", "2026-11-30T15:59:59Z", "open"),
    ("the second in which it closes, in UTC", "2026-11-30T16:00:00Z", "closed"),
    ("the second in which it closes, in Tokyo", "2026-12-01T01:00:00+09:00", "closed"),
]


@pytest.mark.parametrize(("as_of", "state"), [case[1:] for case in EDGES], ids=[case[0] for case in EDGES])
def test_claims_open_and_close_at_midnight_in_the_zone_of_the_contract(check: Check, as_of: str, state: str) -> None:
    found = check.saved("--as-of", as_of)
    by_state: dict[str, list[str]] = {}
    for account, its in found.states.items():
        by_state.setdefault(its, []).append(account)
    assert by_state[state] == OPEN
    assert by_state["undetermined"] == UNDETERMINED
    assert len(by_state["nothing_owed"]) == 8
    assert found.code == (0 if state == "open" else 1)
    left = {claim["working_days_left"] for claim in found.json["claims"] if claim["state"] != "open"}
    assert left == {None}


@pytest.mark.parametrize(
    ("as_of", "left"), [("2026-11-05", 18), ("2026-11-27", 2), ("2026-11-28", 1), ("2026-11-29", 1), ("2026-11-30", 1)]
)
def test_the_working_days_that_are_left_count_today_and_the_last_day(check: Check, as_of: str, left: int) -> None:
    claims = check.saved("--as-of", as_of).json["claims"]
    assert {claim["working_days_left"] for claim in claims if claim["state"] == "open"} == {left}


class TestWhatIsAskedFor:
    def test_an_account_that_is_not_there_names_those_near_it(self, check: Check) -> None:
        found = check.saved("--account", "tier-tow")
        assert (found.code, found.out) == (2, "")
        assert "--account 'tier-tow': no result is of this account" in found.err
        near = found.err.splitlines()[-1].strip()
        assert near.startswith("Near it are: 'tier-two'")

    def test_an_account_near_to_none_names_some(self, check: Check) -> None:
        found = check.saved("--account", "\x1b[31mzzzz")
        assert found.code == 2
        assert "There are: 'all-by-voucher', 'announced-works'" in found.err
        assert "\x1b" not in found.err

    def test_a_cycle_that_is_not_there_names_those_that_are(self, check: Check) -> None:
        found = check.saved("--cycle", "2026-09")
        assert (found.code, found.out) == (2, "")
        assert "--cycle 2026-09: no result is of this cycle" in found.err
        assert "There are: 2026-10." in found.err

    def test_a_cycle_of_an_account_that_is_not_there_names_those_of_the_account(self, check: Check) -> None:
        found = check.saved("--account", "tier-two", "--cycle", "2026-11")
        assert found.code == 2
        assert "account 'tier-two' has no such cycle" in found.err
        assert "There are: 2026-10." in found.err

    @pytest.mark.parametrize("cycle", ["2026-10", "2026-08..2026-12", "last", "all"])
    def test_cycles_that_are_there_are_checked(self, check: Check, cycle: str) -> None:
        assert check.saved("--cycle", cycle, "--as-of", "2026-11-20") == check.saved("--as-of", "2026-11-20")

    def test_a_reading_that_is_not_there_is_refused(self, check: Check) -> None:
        found = check.saved("--reading", "strict")
        assert (found.code, found.out) == (2, "")
        assert "'strict'" in found.err

    @pytest.mark.parametrize("as_of", ["2026-11-31", "2026-11-30T16:00:00", "soon"])
    def test_a_day_that_is_none_is_refused(self, check: Check, as_of: str) -> None:
        found = check.saved("--as-of", as_of)
        assert (found.code, found.out) == (2, "")
        assert "Invalid value for --as-of" in found.err


def table(check: Check, *arguments: str) -> list[str]:
    return check("--report", REPORT, *arguments).out.splitlines()


class TestTheTable:
    def test_the_sum_that_can_be_filed_comes_first(self, check: Check) -> None:
        lines = table(check, "--as-of", "2026-11-20")
        assert lines[0] == "7 claims can be filed now: 2,051.67 CNY, as vouchers."
        assert "claims under clause 2.10.2, as of 2026-11-20" in lines[1]

    def test_the_most_pressing_comes_first_and_what_cannot_be_told_last(self, check: Check) -> None:
        lines = table(check, "--as-of", "2026-11-20")
        first = [line.split()[0] for line in lines if line.split() and line.split()[0] in {*OPEN, *UNDETERMINED}]
        assert first == [
            *("tier-three", "tier-two", "unannounced-works", "capped-by-cash", "expired-mid-month", "just-below"),
            *("partial-first-month", *UNDETERMINED),
        ]

    WORDS = (
        ("2026-11-04", "7 claims cannot be filed yet: ", "opens on 2026-11-05, file it by 2026-11-30"),
        ("2026-11-20", "7 claims can be filed now: ", "file it by 2026-11-30, 7 working days left"),
        ("2026-11-30", "7 claims can be filed now: ", "file it by 2026-11-30, 1 working day left"),
        ("2026-12-01", "7 claims can no longer be filed: ", "closed since 2026-12-01"),
    )

    @pytest.mark.parametrize(("as_of", "headline", "words"), WORDS, ids=[case[0] for case in WORDS])
    def test_each_claim_says_what_to_do(self, check: Check, as_of: str, headline: str, words: str) -> None:
        lines = table(check, "--as-of", as_of)
        assert lines[0].startswith(headline)
        (line,) = [line for line in lines if line.startswith("just-below ")]
        assert re.split(r"\s{2,}", line.strip()) == ["just-below", "180.00", words]

    def test_where_nothing_is_owed_is_hidden_unless_its_account_is_asked_for(self, check: Check) -> None:
        whole = table(check, "--as-of", "2026-11-20")
        assert not any(line.startswith("exactly-99") for line in whole)
        assert whole[-2].startswith("8 more, for which nothing is owed; --account ID shows one.")
        alone = table(check, "--as-of", "2026-11-20", "--account", "exactly-99")
        assert alone[0] == "There is nothing to claim."
        assert any(re.match(r"exactly-99\s+0\.00\s+nothing is owed: objective met", line) for line in alone)

    def test_quiet_prints_nothing_and_the_exit_code_tells(self, check: Check) -> None:
        for form in ("table", "json"):
            asked = ("--report", REPORT, "--format", form, "--quiet", "--as-of")
            assert check(*asked, "2026-11-30") == Ended(0, "", "")
            assert check(*asked, "2026-12-01") == Ended(1, "", "")
        assert check("--report", "gone.json", "--quiet").err.startswith("error: gone.json: cannot be read")


class TestProvisional:
    """December 2082 is claimed in January 2083, whose holidays no release of the installed data can hold yet."""

    asked = ("--as-of", "2083-01-07", "--format", "json")

    def test_without_a_holidays_file_the_window_is_provisional(self, check: Check, tmp_path: Path) -> None:
        log = a_month(tmp_path, "2082-12", "A")
        (claim,) = check(*log, *self.asked).json["claims"]
        assert (claim["opens_on"], claim["closes_on"], claim["calendar"]) == ("2083-01-07", "2083-01-31", "provisional")
        assert "file it by 2083-01-31" in (line := check(*log, *self.asked[:2]).out)
        assert "(holidays provisional)" in line

    def test_with_one_it_is_supplied_and_may_open_on_another_day(self, check: Check, tmp_path: Path) -> None:
        log = a_month(tmp_path, "2082-12", "A")
        (tmp_path / "holidays.csv").write_text("date,day\n2083-01-04,off\n2083-01-30,work\n")
        given = (*log, "--holidays", str(tmp_path / "holidays.csv"))
        found = check(*given, *self.asked)
        (claim,) = found.json["claims"]
        assert (claim["opens_on"], claim["state"], claim["calendar"]) == ("2083-01-08", "not_yet_open", "supplied")
        assert found.code == 1
        assert "provisional" not in check(*given, *self.asked[:2]).out
        (opened,) = check(*given, "--as-of", "2083-01-29", "--format", "json").json["claims"]
        assert opened["working_days_left"] == 2

    def test_a_saved_report_asks_the_holidays_file_of_this_run(self, check: Check, tmp_path: Path) -> None:
        log = a_month(tmp_path, "2082-12", "A")
        check.run("compute", *log, "--as-of", "2083-01-07", "-o", tmp_path / "report.json", "--quiet")
        (tmp_path / "holidays.csv").write_text("date,day\n2083-01-04,off\n")
        given = ("--holidays", tmp_path / "holidays.csv", *self.asked[:2])
        report = tmp_path / "report.json"
        assert check.saved(*self.asked[:2], report=report).json == check(*log, *self.asked).json
        assert check.saved(*given, report=report).json == check(*log, *given, "--format", "json").json

    def test_a_holidays_file_that_is_wrong_is_refused(self, check: Check, tmp_path: Path) -> None:
        (tmp_path / "holidays.csv").write_text("date,day\nsoon,off\n2083-01-04,free\n")
        found = check("--report", REPORT, "--holidays", tmp_path / "holidays.csv")
        assert (found.code, found.out) == (2, "")
        assert found.err.count("error: ") == 2


HOSTILE = "\x1b[31m[red]=1,;\\\nEND:VCALENDAR\r\nX-EVIL:1\u202e智能合图" + "长" * 60


def events(path: Path) -> list[Any]:
    return icalendar.Calendar.from_ical(path.read_bytes()).walk("VEVENT")


class TestReminders:
    def test_each_cycle_has_a_day_to_open_and_a_last_day(self, check: Check, tmp_path: Path) -> None:
        path = tmp_path / "claims.ics"
        assert check.saved("--as-of", "2026-11-20", "--account", "just-below", "--ics", path).code == 0
        opening, last = events(path)
        assert (opening.decoded("dtstart"), opening.decoded("dtend")) == (date(2026, 11, 5), date(2026, 11, 6))
        assert (last.decoded("dtstart"), last.decoded("dtend")) == (date(2026, 11, 30), date(2026, 12, 1))
        assert str(opening["summary"]).startswith("2026-10: 1 claim can be filed from today, 180.00 CNY (")
        assert str(last["summary"]).startswith("2026-10: last day to file 1 claim, 180.00 CNY (")
        for event in (opening, last):
            assert "just-below: 180.00 CNY" in str(event["description"])
            assert "from 2026-11-05 to 2026-11-30, both inclusive (clause 2.10.2)" in str(event["description"])
            assert "not announced" not in str(event["description"])
        nine = timedelta(hours=9)
        triggers = [[alarm.decoded("trigger") for alarm in event.walk("VALARM")] for event in (opening, last)]
        assert triggers == [[nine], [nine - timedelta(days=3), nine]]

    def test_the_total_is_that_of_the_claims_in_the_language_asked_for(self, check: Check, tmp_path: Path) -> None:
        path = tmp_path / "claims.ics"
        found = check.saved("--as-of", "2026-11-20", "--lang", "zh", "--ics", path)
        told = check.saved("--as-of", "2026-11-20", "--format", "json").json["claims"]
        amounts = [Decimal(claim["compensation"]) for claim in told if claim["state"] == "open"]
        assert found.code == 0
        for event in events(path):
            assert f"{len(amounts)} 项赔偿申请" in str(event["summary"])
            assert f"{sum(amounts):,} 元" in str(event["summary"])
            assert "第 2.10.2 条" in str(event["description"])

    @pytest.mark.parametrize(("as_of", "number"), [("2026-10-31", 0), ("2026-11-04", 2), ("2026-12-01", 0)])
    def test_only_claims_that_can_be_filed_now_or_later_are_in_it(
        self, check: Check, tmp_path: Path, as_of: str, number: int
    ) -> None:
        path = tmp_path / "claims.ics"
        assert check.saved("--as-of", as_of, "--ics", path).code == 1
        assert len(events(path)) == number
        assert icalendar.Calendar.from_ical(path.read_bytes()).name == "VCALENDAR"

    def test_the_same_claims_give_the_same_bytes_from_logs_and_from_a_report(
        self, check: Check, tmp_path: Path
    ) -> None:
        paths = [tmp_path / f"{name}.ics" for name in "abc"]
        asked = ("--as-of", "2026-11-20", "--quiet", "--ics")
        for given, path in zip((("--report", REPORT), ("--report", REPORT), LOGS), paths, strict=True):
            assert check(*given, *asked, path).code == 0
        assert len({path.read_bytes() for path in paths}) == 1

    def test_a_reminder_keeps_its_uid_from_day_to_day_and_has_one_of_its_own(
        self, check: Check, tmp_path: Path
    ) -> None:
        uids = []
        for as_of in ("2026-11-01", "2026-11-04", "2026-11-30"):
            path = tmp_path / f"{as_of}.ics"
            check.saved("--as-of", as_of, "--ics", path)
            uids.append([str(event["uid"]) for event in events(path)])
        assert uids[0] == uids[1] == uids[2]
        assert len(set(uids[0])) == len(uids[0]) == 2

    def test_a_corrected_amount_corrects_the_reminder_that_is_there(self, check: Check, tmp_path: Path) -> None:
        uids = []
        for reading in ("literal", "broad"):
            path = tmp_path / f"{reading}.ics"
            check.saved("--as-of", "2026-11-20", "--account", "just-below", "--reading", reading, "--ics", path)
            uids.append([str(event["uid"]) for event in events(path)])
        assert uids[0] == uids[1]

    def test_reminders_of_one_account_do_not_replace_those_of_all_or_of_another(
        self, check: Check, tmp_path: Path
    ) -> None:
        uids: list[str] = []
        path = tmp_path / "claims.ics"
        for asked in ((), ("--account", "just-below"), ("--account", "tier-two")):
            check.saved("--as-of", "2026-11-20", *asked, "--ics", path)
            uids += [str(event["uid"]) for event in events(path)]
        assert len(set(uids)) == len(uids) == 6

    def test_a_provisional_window_is_said_to_be_one(self, check: Check, tmp_path: Path) -> None:
        path = tmp_path / "claims.ics"
        check(*a_month(tmp_path, "2082-12", "A"), "--as-of", "2083-01-01", "--ics", path)
        assert all("not announced yet" in str(event["description"]) for event in events(path))
        assert [event.decoded("dtstart") for event in events(path)] == [date(2083, 1, 7), date(2083, 1, 31)]

    def test_a_hostile_account_stays_within_its_summary_and_its_cell(self, check: Check, tmp_path: Path) -> None:
        log = a_month(tmp_path, "2026-10", HOSTILE, "B")
        path = tmp_path / "claims.ics"
        found = check(*log, "--as-of", "2026-11-20", "--ics", path)
        assert found.code == 0
        assert "error" not in found.err
        assert re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", found.out) is None
        assert "\\x1b[31m[red]=1" in found.out
        told = check(*log, "--as-of", "2026-11-20", "--format", "json").json["claims"]
        assert {claim["account_id"] for claim in told} == {HOSTILE, "B"}
        raw = path.read_bytes()
        assert b"\nX-EVIL" not in raw
        assert raw.count(b"\nEND:VCALENDAR") == 1
        assert all(len(line) <= 75 for line in raw.split(b"\r\n"))
        assert b"\x1b" not in raw
        assert len(events(path)) == 2

    def test_a_place_that_is_an_input_or_cannot_be_written_is_refused_first(self, check: Check, tmp_path: Path) -> None:
        report = tmp_path / "report.json"
        report.write_bytes(Path(REPORT).read_bytes())
        for path, what in ((report, "is an input of this run"), (tmp_path / "gone" / "c.ics", "cannot be written")):
            found = check("--report", report, "--ics", path, "--as-of", "2026-11-20")
            assert (found.code, found.out) == (2, "")
            assert what in found.err
        assert report.read_bytes() == Path(REPORT).read_bytes()


def test_a_shell_sees_the_exit_codes() -> None:
    for as_of, code in (("2026-11-30", 0), ("2026-12-01", 1), ("never", 2)):
        ended = sla_audit("claim-check", "--report", REPORT, "--as-of", as_of)
        assert ended.returncode == code
        assert "Traceback" not in ended.stderr
        assert (ended.stdout == "") == (code == 2)
