"""A saved report, read back: whole, with sums that hold and verdicts that follow from them."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from sla_audit.commands.claims import results_of
from sla_audit.contract.load import BUILT_IN, load_contract
from sla_audit.errors import InputError
from sla_audit.report.saved.read import SavedReport, read_report
from tests.builders.reports.saved import SAMPLE, WHOLE, WITH_DAYS, Edit, both, drop, edited, of_account, put, saved

CONTRACT = load_contract(BUILT_IN)
AS_OF = date(2026, 11, 20)
AGAIN = "Make the report again with sla-audit compute."


def judged(path: Path, as_of: date = AS_OF, reading: str | None = None) -> list[tuple[Any, ...]]:
    report = read_report(path)
    return results_of(report, path, CONTRACT, as_of, reading or report.reading).rows()


def mistakes(path: Path) -> list[str]:
    """Read a report that is wrong, judge it where it can be read, and give its messages without its folder."""
    with pytest.raises(InputError) as raised:
        judged(path)
    return [
        f"{str(problem.where).removeprefix(f'{path.parent.as_posix()}/')}: {problem.what}"
        for problem in raised.value.problems
    ]


class TestARoundTrip:
    def test_a_report_that_was_written_is_read_as_it_was(self) -> None:
        report = read_report(SAMPLE)
        again = json.loads(report.model_dump_json())
        for result, written in zip(again["results"], WITH_DAYS["results"], strict=True):
            of_some = ("estimate", "measured")
            readings = {
                name: verdict | {each: verdict.get(each) for each in of_some}
                for name, verdict in written["readings"].items()
            }
            assert result == {name: written.get(name) for name in result} | {"readings": readings}
        assert (report.reading, report.as_of) == ("literal", AS_OF)
        assert report.contract.sha256 == CONTRACT.sha256
        assert report.rows == WHOLE["rows"]
        assert report.totals.compensation == Decimal("2051.67")

    @pytest.mark.parametrize("reading", ["literal", "broad"])
    def test_its_counts_judged_again_on_its_day_give_its_verdicts(self, reading: str) -> None:
        expected = [
            (result["account_id"], result["cycle"], *(verdict[name] for name in ("decision", "reason", "compensation")))
            for result in WHOLE["results"]
            for name_of_reading, verdict in result["readings"].items()
            if name_of_reading == reading
        ]
        assert judged(SAMPLE, reading=reading) == expected

    def test_no_results_are_read_as_none(self, tmp_path: Path) -> None:
        nothing = both(
            put("results", value=[]),
            put(*(f"rows/{name}" for name in WHOLE["rows"]), value=0),
            put("totals/owed", "totals/undetermined", value=0),
            put("months", value=[]),
        )
        for total in (None, "0.00"):  # which it was once
            assert judged(edited(tmp_path, both(nothing, put("totals/compensation", value=total)))) == []

    def test_keys_that_claims_do_not_need_may_be_absent_or_more(self, tmp_path: Path) -> None:
        other = both(drop("warnings"), drop("inputs"), put("note", "@just-below/note", value="ours"))
        assert judged(edited(tmp_path, other)) == judged(SAMPLE)

    def test_zeros_at_the_end_of_an_amount_change_nothing(self, tmp_path: Path) -> None:
        paths = ("@just-below/compensation", "@just-below/readings/literal/compensation")
        found = judged(edited(tmp_path, put(*paths, value="180.0000")))
        assert [Decimal(row[4]) for row in found if row[0] == "just-below"] == [Decimal(180)]


UNREADABLE: dict[str, tuple[bytes, str]] = {
    "an empty file": (b"", "not JSON in UTF-8: Expecting value"),
    "a report that ends too soon": (SAMPLE.read_bytes()[:-100], "not JSON in UTF-8: "),
    "another format": (b"account_id,cycle\nA,2026-10\n", "not JSON in UTF-8: Expecting value"),
    "another encoding": (SAMPLE.read_text("utf-8").encode("utf-16"), "not JSON in UTF-8: "),
    "brackets without end": (b"[" * 100_000, "not JSON in UTF-8: "),
    "a number without end": (b"1" * 5000, "not JSON in UTF-8: "),
    "a list": (b"[]", "the schema is None; expected 'sla-audit/report/1'"),
    "nothing": (b"null", "the schema is None; expected 'sla-audit/report/1'"),
    "an object without a schema": (b"{}", "the schema is None; expected 'sla-audit/report/1'"),
    "a later version": (b'{"schema": "sla-audit/report/2"}', "the schema is 'sla-audit/report/2'; expected "),
    "claims instead of a report": (
        b'{"schema": "sla-audit/claims/1"}',
        "the schema is 'sla-audit/claims/1'; expected ",
    ),
    "a version that is no text": (b'{"schema": 1}', "the schema is 1; expected 'sla-audit/report/1'"),
}


@pytest.mark.parametrize(("content", "message"), UNREADABLE.values(), ids=UNREADABLE)
def test_what_is_no_report_of_this_version(tmp_path: Path, content: bytes, message: str) -> None:
    (found,) = mistakes(saved(tmp_path, content))
    assert found.startswith(f"report.json: {message}")


def test_a_report_that_is_not_there_or_is_a_folder(tmp_path: Path) -> None:
    assert mistakes(tmp_path / "gone.json") == ["gone.json: cannot be read: No such file or directory"]
    (tmp_path / "folder.json").mkdir()
    assert mistakes(tmp_path / "folder.json") == ["folder.json: cannot be read: Is a directory"]


@pytest.mark.parametrize("path", sorted(set(SavedReport.model_fields) - {"daily", "months"}))
def test_every_key_of_the_head_is_missed(tmp_path: Path, path: str) -> None:
    assert mistakes(edited(tmp_path, drop(path))) == [f"report.json: {path}: field required"]


NUMBER = 1 + next(at for at, result in enumerate(WHOLE["results"]) if result["account_id"] == "just-below")
KEYS = [
    *("account_id", "cycle", "cycle_start", "cycle_end", "plan", "requests", "success", "explicit_failure", "excluded"),
    *("success_rate", "credit_rate", "decision", "reason", "service_fee", "cash_paid", "compensation", "readings"),
    *("excluded/total", "excluded/by_clause", "readings/broad/success", "readings/literal/compensation"),
]


@pytest.mark.parametrize("key", KEYS)
def test_every_key_of_a_result_is_missed(tmp_path: Path, key: str) -> None:
    expected = f"report.json: results.{NUMBER}.{key.replace('/', '.')}: field required"
    assert mistakes(edited(tmp_path, drop(f"@just-below/{key}"))) == [expected]


WRONG_TYPES: list[tuple[str, Any]] = [
    ("requests", "199"),
    ("requests", 199.0),
    ("requests", -1),
    ("requests", True),
    ("requests", None),
    ("success", "197"),
    ("excluded", 0),
    ("excluded/by_clause", [1]),
    ("excluded/by_clause/4", -1),
    ("account_id", 7),
    ("cycle", "2026-13"),
    ("cycle", "October"),
    ("cycle", "2026-10\n"),
    ("cycle_start", "soon"),
    ("plan", "gold"),
    ("decision", "perhaps"),
    ("success_rate", 0.98),
    ("service_fee", "much"),
    ("service_fee", "NaN"),
    ("cash_paid", "Infinity"),
    ("compensation", [180]),
    ("capped", "perhaps"),
    ("readings", []),
    ("readings/literal", None),
    ("readings/broad/decision", "perhaps"),
]


@pytest.mark.parametrize(("key", "value"), WRONG_TYPES)
def test_a_value_of_the_wrong_type_is_named_with_its_place(tmp_path: Path, key: str, value: Any) -> None:
    (found,) = mistakes(edited(tmp_path, put(f"@just-below/{key}", value=value)))
    assert found.startswith(f"report.json: results.{NUMBER}.{key.replace('/', '.')}: ")
    assert found.endswith(f"found {value!r}")


def test_mistakes_of_type_are_all_named_at_once(tmp_path: Path) -> None:
    wrong = both(put("as_of", value="soon"), put("totals/owed", value=-1), put("@just-below/plan", value="gold"))
    places = [message.split(": ")[1] for message in mistakes(edited(tmp_path, wrong))]
    assert places == ["as_of", f"results.{NUMBER}.plan", "totals.owed"]


# What no report holds that the program wrote, though each is of the right type.
IMPOSSIBLE: dict[str, Edit] = {
    "a month that cannot be audited, long ago": put("@just-below/cycle", value="0000-01"),
    "a month that cannot be audited, to come": put("@just-below/cycle", value="2300-12"),
    "a fee that no account has": put("@just-below/service_fee", value="1e40"),
    "more requests than can be counted": both(
        put("@no-traffic/requests", "@no-traffic/success", value=10**19),
        put("@no-traffic/readings/literal/success", "@no-traffic/readings/broad/success", value=10**19),
        put("rows/counted", value=WHOLE["rows"]["counted"] + 10**19),
        put("rows/read", value=WHOLE["rows"]["read"] + 10**19),
    ),
    "an account that is half a character": put("@just-below/account_id", value="\ud800"),
}


@pytest.mark.parametrize("edit", IMPOSSIBLE.values(), ids=IMPOSSIBLE)
def test_what_no_run_can_have_written_is_an_input_error(tmp_path: Path, edit: Edit) -> None:
    assert mistakes(edited(tmp_path, edit))


BELOW = "report.json: account 'just-below', cycle 2026-10"
LITERAL, BROAD = "@just-below/readings/literal", "@just-below/readings/broad"
SUMS: dict[str, tuple[Edit, list[str]]] = {
    "requests": (
        put("@just-below/requests", value=200),
        [
            f"{BELOW}: requests is 200, but success, explicit_failure and excluded make 199",
            f"{BELOW}: requests is 200, but the reading 'literal' makes 199",
            f"{BELOW}: requests is 200, but the reading 'broad' makes 199",
            "report.json: rows.counted is 2754, but the results have 2755 requests",
        ],
    ),
    "success": (
        put("@just-below/success", value=198),
        [
            f"{BELOW}: requests is 199, but success, explicit_failure and excluded make 200",
            f"{BELOW}: the verdict is not that of the reading in force, 'literal'",
        ],
    ),
    "a clause": (
        put("@just-below/excluded/by_clause/4", value=1),
        [f"{BELOW}: excluded.total is 0, but excluded.by_clause makes 1"],
    ),
    "the excluded, and a clause with them": (
        both(put("@just-below/excluded/total", value=1), put("@just-below/excluded/by_clause/4", value=1)),
        [f"{BELOW}: requests is 199, but success, explicit_failure and excluded make 200"],
    ),
    "the success of the reading in force": (
        put(f"{LITERAL}/success", value=199),
        [
            f"{BELOW}: requests is 199, but the reading 'literal' makes 201",
            f"{BELOW}: the verdict is not that of the reading in force, 'literal'",
        ],
    ),
    "the success of the other reading": (
        put(f"{BROAD}/success", value=199),
        [f"{BELOW}: requests is 199, but the reading 'broad' makes 201"],
    ),
    "the rows that were counted": (
        put("rows/counted", value=2753),
        [
            "report.json: rows.counted is 2753, but the results have 2754 requests",
            "report.json: rows.read is 2936, but the rows are in 2935 places",
            "report.json: months has 2796 rows, but 2795 are counted or outside service dates",
        ],
    ),
    "the rows that were read": (
        put("rows/read", value=2937),
        ["report.json: rows.read is 2937, but the rows are in 2936 places"],
    ),
    "the rows that were rejected": (
        put("rows/rejected", value=1),
        ["report.json: rows.read is 2936, but the rows are in 2937 places"],
    ),
    "no rows at all": (
        put("rows", value={}),
        [
            "report.json: rows.counted is None, but the results have 2754 requests",
            "report.json: months has 2796 rows, but 0 are counted or outside service dates",
        ],
    ),
    "the rows of a month": (
        put("months", value=[{"cycle": "2026-10", "rows": 0}]),
        [
            "report.json: months has 0 rows of 2026-10, but its results have 2754 requests",
            "report.json: months has 0 rows, but 2796 are counted or outside service dates",
        ],
    ),
    "a month": (
        put("months", value=[{"cycle": "2026-09", "rows": 2796}]),
        ["report.json: months lacks 2026-10, of which there are results"],
    ),
    "a sum that is not known": (
        put("totals/compensation", value=None),
        ["report.json: totals.compensation is null, but the results make 2051.67"],
    ),
    "the sum of the totals": (
        put("totals/compensation", value="2051.68"),
        ["report.json: totals.compensation is 2051.68, but the results make 2051.67"],
    ),
    "how many are owed": (put("totals/owed", value=8), ["report.json: totals.owed is 8, but 7 results are owed"]),
    "how many are undetermined": (
        put("totals/undetermined", value=0),
        ["report.json: totals.undetermined is 0, but 2 results are undetermined"],
    ),
    "an amount": (
        put("@just-below/compensation", value="280.00"),
        [
            f"{BELOW}: the verdict is not that of the reading in force, 'literal'",
            "report.json: totals.compensation is 2051.67, but the results make 2151.67",
        ],
    ),
    "a result that comes twice": (
        lambda report: report["results"].append(of_account(report, "no-traffic")),
        ["report.json: an account and cycle come twice"],
    ),
    "a result that is gone": (
        lambda report: report["results"].remove(of_account(report, "just-below")),
        [
            "report.json: rows.counted is 2754, but the results have 2555 requests",
            "report.json: totals.compensation is 2051.67, but the results make 1871.67",
            "report.json: totals.owed is 7, but 6 results are owed",
        ],
    ),
    "no reading": (
        put("@just-below/readings", value={}),
        [f"{BELOW}: there is no verdict for the reading in force, 'literal'"],
    ),
}


@pytest.mark.parametrize(("edit", "expected"), SUMS.values(), ids=SUMS)
def test_a_sum_that_was_edited_no_longer_holds(tmp_path: Path, edit: Edit, expected: list[str]) -> None:
    assert mistakes(edited(tmp_path, edit)) == expected


def everywhere(account: str, name: str, value: Any) -> Edit:
    """Edit what a result says under the reading in force and once more under every reading."""
    places = ("", "/readings/literal", "/readings/broad")
    return put(*(f"@{account}{place}/{name}" for place in places), value=value)


def in_every_reading(what: str) -> list[tuple[str, str]]:
    return [(reading, what) for reading in CONTRACT.readings]


VERDICTS: dict[str, tuple[Edit, str, list[tuple[str, str]]]] = {
    "an amount, and the total with it": (
        both(everywhere("just-below", "compensation", "280.00"), put("totals/compensation", value="2151.67")),
        "just-below",
        in_every_reading("compensation is '280.00'; its counts, facts and contract give '180.00'"),
    ),
    "an amount under the other reading only": (
        put("@readings-differ/readings/broad/compensation", value="999.99"),
        "readings-differ",
        [("broad", "compensation is '999.99'; its counts, facts and contract give '299.99'")],
    ),
    "a decision that owes": (
        both(
            everywhere("exactly-99", "decision", "owed"),
            everywhere("exactly-99", "reason", "below_objective"),
            everywhere("exactly-99", "compensation", "180.00"),
            put("totals/owed", value=8),
            put("totals/compensation", value="2231.67"),
        ),
        "exactly-99",
        in_every_reading("decision is 'owed'; its counts, facts and contract give 'not_owed'"),
    ),
    "a decision that owes no more": (
        both(
            everywhere("just-below", "decision", "not_owed"),
            everywhere("just-below", "reason", "objective_met"),
            everywhere("just-below", "compensation", "0.00"),
            put("totals/owed", value=6),
            put("totals/compensation", value="1871.67"),
        ),
        "just-below",
        in_every_reading("decision is 'not_owed'; its counts, facts and contract give 'owed'"),
    ),
    "a reason": (
        everywhere("free-plan", "reason", "nothing_paid"),
        "free-plan",
        in_every_reading("reason is 'nothing_paid'; its counts, facts and contract give 'free_plan'"),
    ),
    "a success rate": (
        everywhere("just-below", "success_rate", "0.990000"),
        "just-below",
        in_every_reading("success_rate is '0.990000'; its counts, facts and contract give '0.989949'"),
    ),
    "a success rate, rounded up": (
        everywhere("just-below", "success_rate", "0.989950"),
        "just-below",
        in_every_reading("success_rate is '0.989950'; its counts, facts and contract give '0.989949'"),
    ),
    "a success rate of nothing": (
        everywhere("no-traffic", "success_rate", "1.000000"),
        "no-traffic",
        in_every_reading("success_rate is '1.000000'; its counts, facts and contract give null"),
    ),
    "a credit rate": (
        everywhere("just-below", "credit_rate", "0.60"),
        "just-below",
        in_every_reading("credit_rate is '0.60'; its counts, facts and contract give '0.15'"),
    ),
    "a bill": (
        put("@just-below/service_fee", value="2400.00"),
        "just-below",
        in_every_reading("compensation is '180.00'; its counts, facts and contract give '360.00'"),
    ),
    "the cash paid": (
        put("@just-below/cash_paid", value="100.00"),
        "just-below",
        in_every_reading("compensation is '180.00'; its counts, facts and contract give '100.00'"),
    ),
    "a plan": (
        put("@just-below/plan", value="free"),
        "just-below",
        in_every_reading("decision is 'owed'; its counts, facts and contract give 'not_owed'"),
    ),
    "an amount that could not be told": (
        both(everywhere("no-billing", "compensation", "9.00"), put("totals/compensation", value="2060.67")),
        "no-billing",
        in_every_reading("compensation is '9.00'; its counts, facts and contract give null"),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("edit", "account", "expected"), VERDICTS.values(), ids=VERDICTS)
def test_a_verdict_that_was_edited_with_its_sums_does_not_follow_from_the_counts(
    tmp_path: Path, edit: Edit, account: str, expected: list[tuple[str, str]]
) -> None:
    path = edited(tmp_path, edit)
    read_report(path)  # its sums hold
    place = f"report.json: account {account!r}, cycle 2026-10, reading"
    assert mistakes(path) == [f"{place} {reading!r}: {what}" for reading, what in expected]


DAY = {"date": "2026-10-01", "success": 0, "explicit_failure": 0, "excluded": {"total": 0, "by_clause": {}}}
OF_JUST_BELOW = "account 'just-below', cycle 2026-10: "

DAYS: dict[str, tuple[Edit, list[str]]] = {
    "a day of all accounts that is gone": (
        lambda report: report["daily"].pop(0),
        [
            "excluded.by_clause.4 is 35, but daily makes 33",
            "excluded.by_clause.5 is 25, but daily makes 24",
            "explicit_failure is 129, but daily makes 125",
            "success is 2527, but daily makes 2444",
        ],
    ),
    "a day of all accounts, without requests": (
        lambda report: report["daily"].insert(0, DAY),
        ["the days of daily are not in order, each once"],
    ),
    "a day that is too late": (
        lambda report: of_account(report, "just-below")["daily"].append({**DAY, "date": "2026-11-01"}),
        [f"{OF_JUST_BELOW}daily has days outside the cycle"],
    ),
    "a failure more": (
        lambda report: of_account(report, "just-below")["daily"][0].update(explicit_failure=9),
        [f"{OF_JUST_BELOW}explicit_failure is 2, but daily makes 11"],
    ),
    "a total": (
        lambda report: report["daily"][0]["excluded"].update(total=9),
        ["daily 2026-10-01: excluded.total is 9, but excluded.by_clause makes 3"],
    ),
}


@pytest.mark.parametrize(("edit", "expected"), DAYS.values(), ids=DAYS)
def test_days_that_were_edited_no_longer_make_up_the_whole(tmp_path: Path, edit: Edit, expected: list[str]) -> None:
    assert mistakes(edited(tmp_path, edit, WITH_DAYS)) == [f"report.json: {what}" for what in expected]


def test_every_mistake_is_told_with_what_to_do(tmp_path: Path) -> None:
    for edit in (put("rows/read", value=1), everywhere("just-below", "credit_rate", "0.60"), drop("rows")):
        with pytest.raises(InputError) as raised:
            judged(edited(tmp_path, edit))
        assert {problem.remedy for problem in raised.value.problems} == {AGAIN}


def test_a_report_of_another_contract_file_is_refused(tmp_path: Path) -> None:
    path = edited(tmp_path, put("contract/sha256", value="0" * 64))
    with pytest.raises(InputError) as raised:
        judged(path)
    (problem,) = raised.value.problems
    assert str(problem.where) == path.as_posix()
    assert f"made with the contract '{BUILT_IN}', sha256 {'0' * 64}" in str(problem.what)
    assert CONTRACT.sha256 in str(problem.what)
    assert "--contract" in str(problem.remedy)


def test_a_reading_that_the_report_or_the_contract_does_not_know_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="holds no reading 'strict'"):
        judged(SAMPLE, reading="strict")
    without = edited(tmp_path, drop("@just-below/readings/broad"))
    assert judged(without)
    with pytest.raises(InputError, match="holds no reading 'broad'"):
        judged(without, reading="broad")
