"""The report at a terminal: what is owed first, and nothing from a log that acts."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from rich.console import Console

from sla_audit.contract.load import BUILT_IN, load_contract
from sla_audit.report.document import Report
from sla_audit.report.numbers import percent
from sla_audit.report.selection import Show
from sla_audit.report.sentences import REASONS
from sla_audit.report.terminal.report import print_report
from tests.builders.reports.by_hand import HEAD, NOT_OWED, OF_ALL, OWED, UNDETERMINED, a_report

CONTRACT = load_contract(BUILT_IN)


def printed(report: Report, show: Show | None = "all", width: int = 160, near: int = 3, **console: Any) -> str:
    file = io.StringIO()
    print_report(report, CONTRACT, show, Console(file=file, width=width, **console), near)
    return file.getvalue()


def alike(row: dict[str, Any]) -> dict[str, Any]:
    """Give a row of which the broad reading says the same as the literal one."""
    said = OWED | row
    same = {f"broad/{name}": said[name] for name in ("decision", "compensation")}
    return row | same | {"readings_differ": False}


def line(text: str, start: str) -> list[str]:
    """Give the cells of the only line that starts so."""
    (found,) = [each for each in text.splitlines() if each.startswith(start)]
    return re.split(r"\s{2,}", found.strip())


class TestHeadline:
    def test_what_can_be_claimed_comes_first_and_until_when(self) -> None:
        first = printed(a_report({"compensation": "1234567.80"}, NOT_OWED, totals={"accounts": 2})).splitlines()[0]
        assert first == (
            "1,234,567.80 CNY can be claimed until 2026-11-30: 1 of 2 accounts, 2026-10, as vouchers "
            "(clauses 2.10.1, 2.10.2)."
        )

    def test_nothing_owed_is_said(self) -> None:
        report = a_report(NOT_OWED, totals={"owed": 0, "compensation": "0.00"})
        assert printed(report).splitlines()[0] == "Nothing is owed: 1 result."

    def test_what_is_open_is_counted_by_reason_the_most_frequent_first(self) -> None:
        unknown = UNDETERMINED | {"reason": "account_unknown"}
        report = a_report({}, unknown, UNDETERMINED, UNDETERMINED, totals={"undetermined": 3})
        assert (
            "Undetermined: 3 (2: no row in the billing file, 1: not in accounts file)." in printed(report).splitlines()
        )

    def test_nothing_open_is_not_mentioned(self) -> None:
        assert "Undetermined" not in printed(a_report({}))

    def test_the_other_reading_is_told_where_it_moves_money(self) -> None:
        assert "Under the broad reading: 360.00 CNY." in printed(a_report({})).splitlines()

    def test_the_other_reading_is_not_told_where_it_moves_none(self) -> None:
        same = {"literal": {"compensation": "180.00"}, "broad": {"compensation": "180.00"}}
        assert "Under the" not in printed(a_report({}, totals={"readings": same}))

    def test_the_reading_in_force_and_the_day_are_told(self) -> None:
        assert "literal reading, as of 2026-11-20" in printed(a_report({}))


class TestTable:
    def test_a_row_says_how_much_is_owed_and_why(self) -> None:
        assert line(printed(a_report(alike({}))), "A  ") == ["A", "980", "20", "97.9591", "180.00", "15 % of 1,200.00"]

    def test_requests_that_stay_in_the_denominator_are_counted(self) -> None:
        file = io.StringIO()
        print_report(a_report({}), OF_ALL, "all", Console(file=file, width=160), 3)
        assert line(file.getvalue(), "A  ")[:3] == ["A", "1,000", "20"]

    def test_a_cap_is_named(self) -> None:
        row = {"capped": True, "compensation": "100.00", "cash_paid": "100.00"}
        assert line(printed(a_report(alike(row))), "A  ")[-2:] == ["100.00", "15 % of 1,200.00, cash cap"]

    def test_large_figures_have_separators(self) -> None:
        row = {"success": 9_899_999, "explicit_failure": 100_001, "success_rate": "0.989999", "compensation": "1234.50"}
        assert line(printed(a_report(row)), "A  ")[1:5] == ["10,000,000", "100,001", "98.9999", "1,234.50"]

    @pytest.mark.parametrize(
        ("rate", "shown"),
        [
            ("0.989999", "98.9999"),
            ("0.990000", "99.0000"),
            ("1.000000", "100.0000"),
            ("0.000000", "0.0000"),
            (None, "-"),
        ],
        ids=["just below", "the objective", "all answered", "none answered", "nothing counted"],
    )
    def test_a_rate_is_shown_with_every_digit_that_the_report_has(self, rate: str | None, shown: str) -> None:
        row = NOT_OWED | {"success_rate": rate}
        assert line(printed(a_report(row)), "A  ")[3] == shown

    def test_an_open_amount_is_a_question_mark_and_never_a_zero(self) -> None:
        assert line(printed(a_report(alike(UNDETERMINED))), "A  ")[-2:] == ["?", "no row in the billing file"]

    @pytest.mark.parametrize("reason", sorted(set(REASONS) - {"below_objective"}))
    def test_every_other_reason_has_its_words(self, reason: str) -> None:
        row = line(printed(a_report(alike(NOT_OWED | {"reason": reason}))), "A  ")
        assert row[-1] == REASONS[reason]
        assert "_" not in row[-1]

    def test_what_another_reading_gives_is_told_where_it_moves_money(self) -> None:
        assert line(printed(a_report({})), "A  ")[-1] == "15 % of 1,200.00; broad: 360.00"
        assert line(printed(a_report(NOT_OWED)), "A  ")[-1] == "objective met; broad: 360.00"
        unknown = {"broad/decision": "undetermined", "broad/compensation": None}
        assert line(printed(a_report(NOT_OWED | unknown)), "A  ")[-1] == "objective met; broad: undetermined"

    @pytest.mark.parametrize(
        ("row", "near", "marked"),
        [
            ({"fewer_failures": 1}, 3, True),
            ({"fewer_failures": 3}, 3, True),
            ({"fewer_failures": 4}, 3, False),
            ({"fewer_failures": 1}, 0, False),
            ({"more_failures": 3}, 3, True),
            ({"more_failures": None}, 3, False),
            ({"fewer_failures": 1, "fewer_compensation": "180.00"}, 3, False),
            ({"fewer_failures": 1, "plan": "free"}, 3, False),
            ({"fewer_failures": 1, "cash_paid": "0.00"}, 3, False),
            ({"fewer_failures": 1, "compensation": None, "fewer_compensation": None}, 3, True),
            ({"fewer_failures": None, "more_failures": None, "failures_to_edge": 2}, 3, True),
            ({"fewer_failures": None, "more_failures": None, "failures_to_edge": 4}, 3, False),
            ({"fewer_failures": None, "more_failures": None, "failures_to_edge": None}, 3, False),
        ],
        ids=str,
    )
    def test_a_rate_is_marked_of_which_a_few_failures_would_move_money(
        self, row: dict[str, Any], near: int, marked: bool
    ) -> None:
        text = printed(a_report(alike(row)), near=near)
        assert line(text, "A  ")[3] == ("97.9591 ~" if marked else "97.9591")
        noun = "failure" if near == 1 else "failures"
        note = f"~ close to a tier boundary: at most {near} {noun} fewer or more lead to another tier."
        assert (note in text.splitlines()) == marked
        assert ("~" in text) == marked

    def test_what_needs_attention_comes_first(self) -> None:
        report = a_report(
            alike(NOT_OWED | {"account_id": "met"}),
            alike(UNDETERMINED | {"account_id": "open", "explicit_failure": 7}),
            alike(UNDETERMINED | {"account_id": "worse", "explicit_failure": 8}),
            alike({"account_id": "small", "compensation": "9.00"}),
            alike({"account_id": "large", "compensation": "100.00"}),
            alike(UNDETERMINED | {"account_id": "guess", "estimate": "50.00"}),
            alike({"account_id": "alike", "compensation": "9.00"}),
            NOT_OWED | {"account_id": "broad"},  # which another reading gives 360.00
        )
        starts = [each.split()[0] for each in printed(report).splitlines() if each[:5].strip() in ORDER]
        assert starts == ORDER

    def test_the_cycle_is_shown_only_where_there_are_several(self) -> None:
        assert "Cycle" not in printed(a_report({}, {"account_id": "B"}))
        several = printed(a_report({}, {"account_id": "B", "cycle": "2026-09"}))
        assert "Cycle" in several
        assert line(several, "B  ")[1] == "2026-09"

    def test_the_currency_of_the_report_heads_the_amounts(self) -> None:
        assert "Owed, CNY" in printed(a_report({}))

    def test_a_long_account_is_folded_and_not_cut(self) -> None:
        account = "".join(f"{number:04}" for number in range(50))
        text = printed(a_report({"account_id": account}), width=80)
        # The first characters of every line of the table are those of the account.
        pieces = [found[0] for each in text.splitlines() if (found := re.match(r"\d{4,}", each))]
        assert "".join(pieces) == account


ORDER = ["broad", "large", "guess", "alike", "small", "worse", "open", "met"]


SHOWN: list[tuple[str, Show, list[str]]] = [
    ("owed: what is owed", "owed", ["owed"]),
    ("breached: whatever is below the objective", "breached", ["owed", "free", "open"]),
    ("all: everything", "all", ["owed", "free", "open", "met", "idle"]),
]


class TestShow:
    report = a_report(
        alike({"account_id": "owed"}),
        alike(NOT_OWED | {"account_id": "free", "credit_rate": "0.15", "reason": "free_plan"}),
        alike(UNDETERMINED | {"account_id": "open"}),
        alike(NOT_OWED | {"account_id": "met"}),
        alike(NOT_OWED | {"account_id": "idle", "success_rate": None, "credit_rate": None, "reason": "no_requests"}),
    )

    @pytest.mark.parametrize(("show", "accounts"), [case[1:] for case in SHOWN], ids=[case[0] for case in SHOWN])
    def test_the_table_lists_what_was_asked_for(self, show: Show, accounts: list[str]) -> None:
        text = printed(self.report, show)
        listed = {each.split()[0] for each in text.splitlines() if re.match(r"(owed|free|open|met|idle)\s", each)}
        assert listed == set(accounts)

    def test_what_is_not_listed_is_counted(self) -> None:
        assert "4 more results not shown" in printed(self.report, "owed")
        assert "2 more results not shown" in printed(self.report, "breached")
        assert "not shown" not in printed(a_report(NOT_OWED), "breached")  # the broad reading says otherwise
        assert "not shown" not in printed(self.report, "all")

    def test_a_single_one_that_is_not_listed_is_one_result(self) -> None:
        assert "1 more result not shown" in printed(a_report({}, NOT_OWED), "owed")

    def test_an_empty_table_is_left_out(self) -> None:
        text = printed(a_report(NOT_OWED, totals={"owed": 0}), "owed")
        assert "Account" not in text
        assert "\n1 result not shown; --show all lists it.\n" in text


OF_NOTHING = {"requests_alone": 0, "compensation_saved": "0.00"}
APPLIED = {"id": "N-1", "clause": 3, "state": "applied", "reason": None, "requests": 1234, **OF_NOTHING}
REFUSED = {"id": "M-1", "clause": 1, "state": "refused", "reason": "not_announced", "requests": 0, **OF_NOTHING}


class TestExclusions:
    def test_each_exclusion_stands_with_its_clause_and_what_became_of_it(self) -> None:
        text = printed(a_report({}, exclusions=[APPLIED, REFUSED]))
        assert line(text, "N-1") == ["N-1", "2.7.1 (3)", "applied", "1,234", "0", "0.00"]
        assert line(text, "M-1") == ["M-1", "2.7.1 (1)", "refused: not announced before it began", "0", "0", "0.00"]

    def test_without_exclusions_there_is_no_table_of_them(self) -> None:
        assert "Exclusion" not in printed(a_report({}))


def test_every_row_that_was_read_is_accounted_for() -> None:
    rows = {
        "read": 1_002_021,
        "counted": 1_000_000,
        "outside_cycle": 1000,
        "outside_period": 1000,
        "other_service": 10,
        "duplicate": 0,
        "rejected": 11,
    }
    assert printed(a_report({}, rows=rows)).splitlines()[-1] == (
        "Rows: 1,002,021 read = 1,000,000 counted + 1,000 outside service dates + 1,000 in months not asked for"
        " + 10 of other services + 11 unreadable."
    )


def test_a_log_of_which_nothing_counts_still_says_so() -> None:
    rows = HEAD["rows"] | {"read": 0, "counted": 0}
    assert printed(a_report(rows=rows, totals={"owed": 0})).splitlines()[-1] == "Rows: 0 read = 0 counted."


HOSTILE = [
    ("markup", "[red]A[/red]", "[red]A[/red]"),
    ("a link in markup", "[link=http://example.com]A[/link]", "[link=http://example.com]A[/link]"),
    ("markup that closes nothing", "[/]", "[/]"),
    ("an emoji code", ":boom:", ":boom:"),
    ("an escape sequence", "\x1b[31mA\x1b[0m", "\\x1b[31mA\\x1b[0m"),
    ("an escape sequence that clears the screen", "\x1b[2JA", "\\x1b[2JA"),
    ("a title sequence with a bell", "\x1b]0;A\x07", "\\x1b]0;A\\x07"),
    ("a carriage return that overwrites the line", "A\rB", "A\\rB"),
    ("a backspace", "A\x08B", "A\\x08B"),
    ("a control sequence in one byte", "\x9b31mA", "\\x9b31mA"),
    ("a mark that turns the writing direction", "A\u202eB", "A\\u202eB"),
    ("a tab", "A\tB", "A\\tB"),
]


@pytest.mark.parametrize(("text", "shown"), [case[1:] for case in HOSTILE], ids=[case[0] for case in HOSTILE])
def test_an_account_or_exclusion_id_is_shown_and_never_acts(text: str, shown: str) -> None:
    exclusion = {"id": text, "clause": 3, "state": "applied", "reason": None, "requests": 7, **OF_NOTHING}
    exclusion |= {"starts_at": "2026-10-01T00:00:00+08:00", "ends_at": "2026-10-02T00:00:00+08:00", "notified_at": None}
    exclusion |= {"accounts": [text], "regions": [], "apis": [text], "asserted_by": text, "note": text}
    output = printed(a_report({"account_id": text}, exclusions=[exclusion]))
    rows = [each for each in output.splitlines() if each.startswith(f"{shown}  ")]
    assert [re.split(r"\s{2,}", row)[1] for row in rows] == ["980", "2.7.1 (3)"]
    assert re.search(r"[^\S\n ]|[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", output) is None


def test_markup_in_an_account_id_paints_nothing_on_a_terminal_with_colours() -> None:
    colours = {"force_terminal": True, "color_system": "standard"}
    output = printed(a_report(NOT_OWED | {"account_id": "[red]A[/red]"}, totals={"owed": 0}), **colours)
    (row,) = [each for each in output.splitlines() if "[red]A[/red]" in each]
    assert "\x1b[31m" not in row


@pytest.mark.parametrize(
    ("rate", "text"),
    [
        ("0.15", "15"),
        ("0.3", "30"),
        ("0.60", "60"),
        ("0.125", "12.5"),
        ("0.000001", "0.0001"),
        ("0.999999", "99.9999"),
        ("1", "100"),
        ("0", "0"),
        ("0.00", "0"),
        (None, "-"),
    ],
)
def test_a_share_is_written_in_percent_with_all_its_digits(rate: str | None, text: str) -> None:
    assert percent(rate) == text
