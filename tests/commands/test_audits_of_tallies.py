"""Audits of tallies: they give the report that the logs give, or refuse what only the logs can tell."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from sla_audit.cli.main import run
from sla_audit.commands.audit import Request, audit, take_tally
from sla_audit.commands.count import Logs
from sla_audit.contract.load import BUILT_IN, load_contract
from sla_audit.errors import InputError, Problem
from sla_audit.intake.rejects import Tolerance
from sla_audit.judge.period import Period
from sla_audit.report.formats.json_file import render_json
from sla_audit.tally.local_threads import LocalThreads
from tests.builders.mistakes import everything_in, lay, messages
from tests.builders.windows import (
    BILLING,
    CONTRACT,
    DAYS,
    EVERY_DAY,
    EXCLUSIONS,
    HEADER,
    PARTED,
    TWO_HOURS,
    WHOLE,
    Case,
    asserted,
    tally_of,
)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Start in a folder with the logs of some days."""
    lay(tmp_path, {**DAYS, "billing.csv": BILLING})
    monkeypatch.chdir(tmp_path)
    return tmp_path


def assert_alike(found: dict[str, Any], expected: dict[str, Any]) -> None:
    """Compare reports.

    What an exclusion did alone may be unknown where a tally has added up what it depends on, and which days the logs
    have where a tally is passed over.
    """
    if found["metering"]["logs_kept"] is None:
        found["metering"]["logs_kept"] = expected["metering"]["logs_kept"]
    for exclusion, known in zip(found["exclusions"], expected["exclusions"], strict=True):
        if exclusion["requests_alone"] is None:
            assert exclusion["compensation_saved"] is None
            for effect in ("requests_alone", "compensation_saved"):
                exclusion[effect] = known[effect]
    assert found == expected


def report_of(*logs: str, exclusions: str | None = None, tolerated: int = 0, **asked: Any) -> dict[str, Any]:
    """Audit logs or tallies, and give the report as JSON has it, but for the names of the files.

    A tally knows days only, so it may tell less of what is missing: see `test_coverage_of_logs`.
    """
    request = Request(
        contract=CONTRACT,
        logs=Logs(logs, tolerance=Tolerance(rows=tolerated)),
        as_of=date(2026, 11, 20),
        reading="literal",
        billing=Path("billing.csv"),
        exclusions=exclusions and Path(exclusions),
        **asked,
    )
    report: dict[str, Any] = json.loads(render_json(audit(request).report))
    assert sum(given["rows"] for given in report.pop("inputs")) == report["rows"]["read"]
    del report["coverage"]
    return report


def problems_of(*logs: str, **asked: Any) -> tuple[Problem, ...]:
    with pytest.raises(InputError) as caught:
        report_of(*logs, **asked)
    return caught.value.problems


class TestTheSameReport:
    def test_a_tally_of_logs_gives_the_report_that_the_logs_give(self) -> None:
        report = report_of(tally_of(*EVERY_DAY, to="all.tally.parquet"))
        assert report == report_of(*EVERY_DAY)
        assert report["rows"]["counted"] == report["rows"]["read"] == 15

    def test_tallies_add_up_in_whatever_way_logs_are_counted(self) -> None:
        days = [tally_of(name, to=f"{name}.tally.parquet") for name in EVERY_DAY]
        month = tally_of(*EVERY_DAY, to="month.tally.parquet")
        merged = tally_of(*days, to="merged.tally.parquet")
        some = tally_of(*days[:2], to="some.tally.parquet")
        others = tally_of("day3.csv", days[3], to="others.tally.parquet")
        again = tally_of(some, others, to="again.tally.parquet")

        expected = report_of(*EVERY_DAY)

        for given in (
            days,
            [month],
            [merged],
            [again],
            [some, others],
            [*EVERY_DAY[:2], others],
            [days[0], "day[23].csv", "november.csv"],
        ):
            assert report_of(*given) == expected

    @pytest.mark.parametrize("jobs", [1, 2, 5])
    def test_a_tally_does_not_depend_on_how_many_logs_are_read_at_a_time(self, jobs: int) -> None:
        given = {"contract": CONTRACT, "exclusions": None}
        assert take_tally(Logs(EVERY_DAY, engine=LocalThreads(jobs)), **given) == take_tally(Logs(EVERY_DAY), **given)  # type: ignore[arg-type]

    @pytest.mark.parametrize("month", ["2026-09", "2026-10", "2026-11", "2026-09..2026-11"])
    def test_months_are_told_apart_and_those_not_asked_for_are_set_aside(self, month: str) -> None:
        period = Period.parse(month, date(2026, 11, 20))
        tallies = [tally_of(*EVERY_DAY, to="all.tally.parquet")], [tally_of(n, to=f"{n}.tally.parquet") for n in DAYS]
        for given in tallies:
            assert_alike(report_of(*given, period=period), report_of(*EVERY_DAY, period=period))

    @pytest.mark.parametrize("apis", [("/v1",), ("/v1", "/v2"), ("/v9",), ("*",)])
    def test_apis_are_told_apart_where_the_tally_keeps_them(self, apis: tuple[str, ...]) -> None:
        tally = tally_of(*EVERY_DAY, to="all.tally.parquet", keep=("api",))
        assert report_of(tally, apis=apis) == report_of(*EVERY_DAY, apis=apis)

    def test_a_tally_that_keeps_more_than_is_asked_gives_the_same_report(self) -> None:
        tally = tally_of(*EVERY_DAY, to="all.tally.parquet", keep=("api", "region"))
        assert report_of(tally) == report_of(*EVERY_DAY)

    def test_accounts_in_service_for_some_days_only_are_judged_alike(self) -> None:
        Path("accounts.csv").write_text(
            "account_id,plan,applied_on,expires_on\nA,paid,2026-10-02,2026-10-02\nB,free,2026-10-03,\n"
        )
        tally = tally_of(*EVERY_DAY, to="all.tally.parquet")
        accounts = Path("accounts.csv")
        assert report_of(tally, accounts=accounts) == report_of(*EVERY_DAY, accounts=accounts)

    def test_logs_without_rows_may_be_in_several_tallies_and_beside_them(self) -> None:
        lay(Path(), {"empty.csv": HEADER, "as-empty.csv": HEADER})
        one = tally_of("empty.csv", "day1.csv", to="one.tally.parquet")
        other = tally_of("as-empty.csv", "day2.csv", to="other.tally.parquet")
        nothing = tally_of("empty.csv", to="nothing.tally.parquet")
        expected = report_of("empty.csv", "as-empty.csv", "day1.csv", "day2.csv")
        assert report_of(one, other) == report_of(one, other, nothing, "empty.csv") == expected

    def test_a_tally_of_no_request_at_all_gives_a_report_of_none(self) -> None:
        lay(Path(), {"empty.csv": HEADER})
        assert report_of(tally_of("empty.csv", to="nothing.tally.parquet")) == report_of("empty.csv")


class TestExclusionsThatComeLater:
    @pytest.mark.parametrize("case", PARTED, ids=lambda case: case.sentence)
    def test_a_window_that_parts_a_day_with_failures_is_refused_by_name(self, case: Case) -> None:
        tally = tally_of(*EVERY_DAY, to="all.tally.parquet", keep=("region",))

        found = problems_of(tally, exclusions=asserted(*case.windows))

        assert tuple(str(problem.where) for problem in found) == tuple(f"exclusion {name!r}" for name in case.refused)
        for problem in found:
            assert str(problem.what).startswith("begins or ends inside a stretch that a tally has added up (2026-1")
            assert "Give the logs of that time" in str(problem.remedy)
            assert "--exclusions" in str(problem.remedy)

    def test_the_message_names_the_stretch_and_how_many_requests_are_unsure(self) -> None:
        tally = tally_of(*EVERY_DAY, to="all.tally.parquet")
        (problem,) = problems_of(tally, exclusions=asserted(f"11,{TWO_HOURS},,,"))
        assert str(problem.what) == (
            "begins or ends inside a stretch that a tally has added up (2026-10-02 00:00:00+08:00 to "
            "2026-10-03 00:00:00+08:00), with 2 requests that it may or may not cover"
        )

    @pytest.mark.parametrize("case", WHOLE, ids=lambda case: case.sentence)
    def test_a_window_that_parts_no_failures_is_answered_as_from_the_logs(self, case: Case) -> None:
        exclusions = asserted(*case.windows)
        expected = report_of(*EVERY_DAY, exclusions=exclusions)
        tallies = [tally_of(name, to=f"{name}.tally.parquet", keep=("region",)) for name in EVERY_DAY]
        assert_alike(report_of(*tallies, exclusions=exclusions), expected)
        merged = tally_of(*tallies, to="merged.tally.parquet")
        assert_alike(report_of(merged, exclusions=exclusions), expected)

    @pytest.mark.parametrize("case", [*PARTED, *WHOLE], ids=lambda case: case.sentence)
    def test_a_tally_that_knew_of_the_windows_answers_them_all(self, case: Case) -> None:
        exclusions = asserted(*case.windows)
        expected = report_of(*EVERY_DAY, exclusions=exclusions)
        tallies = [
            tally_of(name, to=f"{name}.tally.parquet", exclusions=exclusions, keep=("region",)) for name in EVERY_DAY
        ]
        assert report_of(*tallies, exclusions=exclusions) == expected
        merged = tally_of(*tallies, to="merged.tally.parquet")
        assert report_of(merged, exclusions=exclusions) == expected

    @pytest.mark.parametrize("case", PARTED, ids=lambda case: case.sentence)
    def test_windows_that_a_tally_knew_of_do_not_stand_in_the_way_of_none(self, case: Case) -> None:
        tally = tally_of(*EVERY_DAY, to="all.tally.parquet", exclusions=asserted(*case.windows))
        assert report_of(tally) == report_of(*EVERY_DAY)

    def test_the_logs_of_the_parted_day_beside_tallies_of_the_others_answer(self) -> None:
        exclusions = asserted(f"11,{TWO_HOURS},,,")
        others = tally_of("day1.csv", "day3.csv", "november.csv", to="others.tally.parquet")
        found = report_of("day2.csv", others, exclusions=exclusions)
        assert found == report_of(*EVERY_DAY, exclusions=exclusions)

    def test_failures_outside_the_months_asked_for_are_in_nobodys_way(self) -> None:
        exclusions = asserted(f"11,{TWO_HOURS},,,")
        november = Period.parse("2026-11", date(2026, 11, 20))
        tally = tally_of(*EVERY_DAY, to="all.tally.parquet")
        found = report_of(tally, exclusions=exclusions, period=november)
        assert found == report_of(*EVERY_DAY, exclusions=exclusions, period=november)

    def test_failures_on_days_out_of_service_are_in_nobodys_way(self) -> None:
        Path("accounts.csv").write_text(
            "account_id,plan,applied_on,expires_on\nA,paid,2026-10-03,\nB,paid,2026-09-01,2026-10-01\n"
        )
        asked = {"exclusions": asserted(f"11,{TWO_HOURS},,,"), "accounts": Path("accounts.csv")}
        assert report_of(tally_of(*EVERY_DAY, to="all.tally.parquet"), **asked) == report_of(*EVERY_DAY, **asked)  # type: ignore[arg-type]

    def test_failures_of_other_services_are_in_nobodys_way(self) -> None:
        asked = {"exclusions": asserted(f"11,{TWO_HOURS},,B,"), "apis": ("/v1",)}
        tally = tally_of(*EVERY_DAY, to="all.tally.parquet", keep=("api",))
        assert report_of(tally, **asked) == report_of(*EVERY_DAY, **asked)  # type: ignore[arg-type]

    def test_regions_in_the_exclusions_are_kept_without_being_asked_for(self) -> None:
        exclusions = asserted(f"11,{TWO_HOURS},,,north")
        tally = tally_of(*EVERY_DAY, to="all.tally.parquet", exclusions=exclusions)
        assert report_of(tally, exclusions=exclusions) == report_of(*EVERY_DAY, exclusions=exclusions)


class TestWhatIsCarriedAlong:
    def test_rejected_rows_are_counted_among_the_rows_and_tolerated_or_not(self) -> None:
        lay(Path(), {"bad.csv": DAYS["day1.csv"] + "yesterday,A,200,,,,\n2026-10-01T09:00:00Z,A,2OO,,,,\n"})
        tally = tally_of("bad.csv", to="bad.tally.parquet")
        merged = tally_of(tally, "day2.csv", to="merged.tally.parquet")

        assert report_of(tally, tolerated=2) == report_of("bad.csv", tolerated=2)
        assert report_of(merged, tolerated=2) == report_of("bad.csv", "day2.csv", tolerated=2)
        assert report_of(merged, tolerated=2)["rows"] | {"rejected": 2, "counted": 9} == {
            "read": 11,
            "counted": 9,
            "outside_cycle": 0,
            "outside_period": 0,
            "other_service": 0,
            "duplicate": 0,
            "rejected": 2,
            "unattributed": 0,
        }
        assert "2 rows could not be read and are not counted" in report_of(merged, tolerated=2)["warnings"]

        (problem,) = problems_of(merged, tolerated=1)
        assert str(problem.what).startswith("2 of 11 rows cannot be read")
        assert "--max-rejected 2" in str(problem.remedy)

    def test_rejected_rows_of_tallies_and_of_logs_add_up(self) -> None:
        bad = "yesterday,A,200,,,,\n"
        lay(Path(), {"bad.csv": DAYS["day1.csv"] + bad, "worse.csv": DAYS["day2.csv"] + bad * 2})
        tally = tally_of("bad.csv", to="bad.tally.parquet")
        assert report_of(tally, "worse.csv", tolerated=3)["rows"]["rejected"] == 3
        *rejects, problem = problems_of(tally, "worse.csv", tolerated=2)
        assert [reject.where for reject in rejects] == ["worse.csv, line 7", "worse.csv, line 8"]
        assert str(problem.what).startswith("3 of 12 rows cannot be read")

    def test_a_tally_that_lies_outside_the_months_asked_for_keeps_its_rejected_rows(self) -> None:
        lay(Path(), {"bad.csv": DAYS["november.csv"] + "yesterday,A,200,,,,\n"})
        tally = tally_of("bad.csv", to="bad.tally.parquet")
        report = report_of(tally, tolerated=1, period=Period.parse("2026-10", date(2026, 11, 20)))
        assert {name: report["rows"][name] for name in ("read", "counted", "outside_period", "rejected")} == {
            "read": 2,
            "counted": 0,
            "outside_period": 1,
            "rejected": 1,
        }

    def test_what_was_assumed_of_the_logs_is_said_of_their_tallies_too(self) -> None:
        bare = "timestamp,account_id,status\n"
        lay(
            Path(),
            {
                "local.csv": HEADER + "2026-10-01 09:00:00,A,502,,,,\n",
                "bare.csv": bare + "2026-10-02T09:00:00Z,A,502\n",
            },
        )
        local, plain = (tally_of(f"{name}.csv", to=f"{name}.tally.parquet") for name in ("local", "bare"))
        merged = tally_of(plain, local, to="merged.tally.parquet")

        expected = report_of("local.csv", "bare.csv")

        assert report_of(local, plain) == report_of(merged) == expected
        assert "timestamps without a zone are read in Asia/Shanghai: local.csv" in expected["warnings"]
        assert any("no content_flag column" in said and said.endswith(": bare.csv") for said in expected["warnings"])


@dataclass(frozen=True)
class Refusal:
    """A command, the files beside those of `SOUND`, and of each message, in order, the parts that it must have."""

    sentence: str
    command: str
    messages: list[tuple[str, ...]]
    files: Mapping[str, str | bytes] = field(default_factory=dict)


TWICE = "which is also counted in"
REJECTED = "1 of 5 rows cannot be read (1 for status); --max-rejected allows 0"
COMPUTE = "-o new.json -o kept.json --rejects new.csv"
TALLY = "-o new.tally.parquet --rejects new.csv"

REFUSALS = [
    *(
        Refusal(sentence.format(command=command), f"{command} {given} {outputs}", expected)
        for command, outputs in (("compute", COMPUTE), ("tally", TALLY))
        for sentence, given, expected in (
            (
                "{command}: a log that two tallies count",
                "one.tally.parquet two.tally.parquet",
                [("two.tally.parquet: counts the log day1.csv", f"{TWICE} one.tally.parquet", "Leave one of them out")],
            ),
            (
                "{command}: a log and its tally",
                "one.tally.parquet day1.csv",
                [("one.tally.parquet: counts the log day1.csv", f"{TWICE} day1.csv", "Leave one of them out")],
            ),
            (
                "{command}: a copy of a log under another name, and its tally",
                "copies/x.csv one.tally.parquet",
                [("one.tally.parquet: counts the log day1.csv", f"{TWICE} copies/x.csv", "Leave one of them out")],
            ),
            (
                "{command}: a tally and a copy of it",
                "one.tally.parquet copies/one.parquet",
                [("one.tally.parquet: counts the log day1.csv", f"{TWICE} copies/one.parquet")],
            ),
            (
                "{command}: a tally, and a tally of it and of other logs",
                "one.tally.parquet merged.tally.parquet",
                [("one.tally.parquet: counts the log day1.csv", f"{TWICE} merged.tally.parquet")],
            ),
            (
                "{command}: several logs that are counted twice",
                "merged.tally.parquet day1.csv day3.csv",
                [
                    ("merged.tally.parquet: counts the log day1.csv", f"{TWICE} day1.csv"),
                    ("merged.tally.parquet: counts the log day3.csv", f"{TWICE} day3.csv"),
                ],
            ),
            (
                "{command}: a tally by the days of another time zone",
                "tokyo.tally.parquet",
                [
                    (
                        "tokyo.tally.parquet: counted by the days of Asia/Tokyo; the contract's are those of Asia/Sh",
                        "Count the logs again with --contract, or give the logs themselves",
                    )
                ],
            ),
            (
                "{command}: exclusions of regions, which a tally does not keep",
                "one.tally.parquet --exclusions regions.csv",
                [
                    (
                        "one.tally.parquet: does not tell requests apart by region",
                        "Count the logs again with --keep region",
                    )
                ],
            ),
            (
                "{command}: tallies that lack this and that",
                "tokyo.tally.parquet api.tally.parquet two.tally.parquet --exclusions regions.csv",
                [
                    ("api.tally.parquet: does not tell requests apart by region, which this run needs",),
                    ("tokyo.tally.parquet: counted by the days of Asia/Tokyo",),
                    ("tokyo.tally.parquet: does not tell requests apart by region",),
                    ("two.tally.parquet: does not tell requests apart by region",),
                ],
            ),
            (
                "{command}: a tally of a later version",
                "later.tally.parquet",
                [("later.tally.parquet: a tally of the schema 'sla-audit/tally/4'", "with this version of sla-audit")],
            ),
            (
                "{command}: a tally cut off",
                "cut.tally.parquet",
                [("cut.tally.parquet: cannot be read as Parquet", "Check the file, or leave it out")],
            ),
        )
    ),
    Refusal(
        "APIs are asked for, and the tally does not keep them",
        f"compute one.tally.parquet --api /v1 {COMPUTE}",
        [
            (
                "does not tell requests apart by api, which this run needs",
                "Count the logs again with --keep api, or give",
            )
        ],
    ),
    Refusal(
        "APIs and regions, and the tally keeps neither",
        f"compute one.tally.parquet --api /v1 --exclusions regions.csv {COMPUTE}",
        [("does not tell requests apart by api and region", "Count the logs again with --keep api --keep region")],
    ),
    Refusal(
        "a window that comes later and parts failures",
        f"compute merged.tally.parquet --exclusions hours.csv {COMPUTE}",
        [("exclusion 'W0': begins or ends inside a stretch", "2026-10-02 00:00:00+08:00", "with 2 requests")],
        {"hours.csv": f"{EXCLUSIONS}W0,11,{TWO_HOURS},,,\n"},
    ),
    *(
        Refusal(
            f"a tally is to be called {name}",
            f"tally day1.csv -o {name} --rejects new.csv",
            [(f"'{name}' does not end with .tally.parquet",)],
        )
        for name in ("new.parquet", "new.json", "new.tally.csv", "new", "tally.parquet.gz")
    ),
    Refusal("a tally without a place", "tally day1.csv", [("Expected -o FILE, or --update DIR",)]),
    Refusal("a tally of nothing", f"tally {TALLY}", [("No logs given",)]),
    Refusal("a tally of a log that is not there", f"tally gone.csv {TALLY}", [("gone.csv: no such file",)]),
    Refusal(
        "a tally in the place of one it is made of",
        "tally day2.csv one.tally.parquet -o one.tally.parquet",
        [("one.tally.parquet: is an input of this run", "Choose another place")],
    ),
    Refusal(
        "a tally in the place of one that a glob names",
        "tally o*.tally.parquet -o ./copies/../one.tally.parquet",
        [("one.tally.parquet: is an input of this run", "Choose another place")],
    ),
    Refusal(
        "rejected rows in the place of the log",
        "tally day1.csv -o new.tally.parquet --rejects day1.csv",
        [("day1.csv: is an input of this run",)],
    ),
    Refusal(
        "rejected rows in the place of the exclusions",
        "tally day1.csv --exclusions regions.csv -o new.tally.parquet --rejects regions.csv",
        [("regions.csv: is an input of this run",)],
    ),
    Refusal(
        "rejected rows in the place of the tally",
        "tally day1.csv -o new.tally.parquet --rejects new.tally.parquet",
        [("new.tally.parquet: is named twice as an output",)],
    ),
    Refusal(
        "a tally in a folder that is not there",
        "tally day1.csv -o gone/new.tally.parquet",
        [("gone/new.tally.parquet: cannot be written: No such file or directory",)],
    ),
    Refusal(
        "a tally in the place of a folder",
        "tally day1.csv -o dir.tally.parquet",
        [("dir.tally.parquet: is a directory",)],
        {"dir.tally.parquet/notes.txt": "x"},
    ),
    Refusal(
        "a row that cannot be read",
        f"tally bad.csv {TALLY}",
        [("bad.csv, line 6: status is '2OO'",), (REJECTED, "--max-rejected 1")],
        {"bad.csv": DAYS["day1.csv"] + "2026-10-01T09:00:00Z,A,2OO,,,,\n"},
    ),
    Refusal(
        "a column to keep that the log does not have",
        f"tally bare.csv --keep api {TALLY}",
        [("bare.csv: no column 'api'; the file has: timestamp, account_id, status", "--column api=NAME")],
        {"bare.csv": "timestamp,account_id,status\n"},
    ),
    Refusal(
        "exclusions of regions, and the log does not have them",
        f"tally bare.csv --exclusions regions.csv {TALLY}",
        [("bare.csv: no column 'region'", "--column region=NAME")],
        {"bare.csv": "timestamp,account_id,status\n"},
    ),
    Refusal("a column that cannot be kept", f"tally day1.csv --keep status {TALLY}", [("'status' is not one of",)]),
    Refusal(
        "exclusions that are none",
        f"tally day1.csv --exclusions bad.csv {TALLY}",
        [("bad.csv, line 2: ends_at is",)],
        {"bad.csv": f"{EXCLUSIONS}W0,11,2026-10-02T00:00:00Z,2026-10-01T00:00:00Z,,,\n"},
    ),
]


def lay_tallies() -> None:
    """Lay out some tallies, among them some that are of no use."""
    lay(Path(), {"copies/x.csv": DAYS["day1.csv"], "kept.json": "an older report\n"})
    lay(Path(), {"regions.csv": f"{EXCLUSIONS}W0,11,{TWO_HOURS},,,east\n"})
    one = tally_of("day1.csv", to="one.tally.parquet")
    Path("copies/one.parquet").write_bytes(Path(one).read_bytes())
    tally_of("day1.csv", "day2.csv", to="two.tally.parquet")
    tally_of(one, "day2.csv", "day3.csv", to="merged.tally.parquet")
    tally_of("day3.csv", to="api.tally.parquet", keep=("api",))
    Path("cut.tally.parquet").write_bytes(Path(one).read_bytes()[:-5])
    said = json.dumps({"schema": "sla-audit/tally/4"})
    pq.write_table(pq.read_table(one).replace_schema_metadata({"sla-audit": said}), "later.tally.parquet")
    terms = files("sla_audit.contract").joinpath(f"{BUILT_IN}.toml").read_text(encoding="utf-8")
    Path("tokyo.toml").write_text(terms.replace("Asia/Shanghai", "Asia/Tokyo"), encoding="utf-8")
    tally_of("november.csv", to="tokyo.tally.parquet", contract=load_contract("tokyo.toml"))


class TestTheCommand:
    @pytest.mark.parametrize("case", REFUSALS, ids=lambda case: case.sentence)
    def test_nothing_is_written_and_every_mistake_is_named(
        self, case: Refusal, folder: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        lay_tallies()
        lay(folder, case.files)
        before = everything_in(folder)

        code = run(case.command.split())

        printed, errors = capsys.readouterr()
        assert (code, printed) == (2, ""), errors
        assert "Traceback" not in errors
        found = messages(errors)
        assert len(found) == len(case.messages), errors
        for message, parts in zip(found, case.messages, strict=True):
            assert all(part in " ".join(message.split()) for part in parts), message
        assert everything_in(folder) == before

    def test_a_tally_is_written_and_computed_from(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """Without this, a command that never writes anything would pass all the above."""
        before = set(everything_in(folder))

        assert run(["tally", *EVERY_DAY, "-o", "all.tally.parquet", "--rejects", "rejects.csv", "--keep", "api"]) == 0

        printed, errors = capsys.readouterr()
        assert (printed, errors) == ("", "all.tally.parquet: 15 requests of 4 logs\n")
        appeared = set(everything_in(folder)) - before
        assert {name for name in appeared if not name.startswith(".sla-audit-")} == {"all.tally.parquet", "rejects.csv"}
        rejects = Path("rejects.csv").read_text(encoding="utf-8-sig")
        assert rejects.splitlines() == ["file,place,column,found,expected,text"]

        for given, name in ((["all.tally.parquet"], "tally.csv"), (EVERY_DAY, "logs.csv")):
            assert run(["compute", *given, "--api", "/v1", "--as-of", "2026-11-20", "--quiet", "-o", name]) == 0
        assert Path("tally.csv").read_bytes() == Path("logs.csv").read_bytes()

    def test_the_same_logs_give_the_same_bytes_and_replace_what_was_there(self) -> None:
        for jobs in ("1", "3"):
            assert run(["tally", *EVERY_DAY, "-o", f"{jobs}.tally.parquet", "--jobs", jobs, "--quiet"]) == 0
        assert run(["tally", *reversed(EVERY_DAY), "-o", "1.tally.parquet", "--quiet"]) == 0
        assert Path("1.tally.parquet").read_bytes() == Path("3.tally.parquet").read_bytes()

    def test_the_suffix_may_be_in_capitals(self) -> None:
        assert run(["tally", "day1.csv", "-o", "DAY1.TALLY.PARQUET", "--quiet"]) == 0
        assert report_of("DAY1.TALLY.PARQUET") == report_of("day1.csv")

    def test_rows_that_could_not_be_read_are_written_down_when_they_are_counted(self) -> None:
        lay(Path(), {"bad.csv": DAYS["day1.csv"] + "2026-10-01T09:00:00Z,A,2OO,,,,\n"})
        where = ["-o", "x.tally.parquet", "--rejects", "rejects.csv"]
        assert run(["tally", "bad.csv", "--max-rejected", "1", *where, "--quiet"]) == 0
        assert "bad.csv,line 6,status,'2OO'" in Path("rejects.csv").read_text(encoding="utf-8-sig")

    def test_a_folder_of_tallies_and_logs_is_read_whole(self) -> None:
        lay(Path(), {"all/day1.csv": DAYS["day1.csv"]})
        tally_of("day2.csv", to="all/day2.tally.parquet")
        assert report_of("all") == report_of("day1.csv", "day2.csv")

    def test_a_tally_of_another_time_zone_is_taken_by_a_contract_of_that_zone(
        self, capsys: pytest.CaptureFixture[str]
    ) -> None:
        lay_tallies()
        command = "compute {} --contract tokyo.toml --as-of 2026-11-20 --quiet -o {}.csv"
        assert run(command.format("tokyo.tally.parquet", "tally").split()) == 0
        assert run(command.format("november.csv", "log").split()) == 0
        assert Path("tally.csv").read_bytes() == Path("log.csv").read_bytes()
