"""The contract model: what the agreement says, and every way a contract file can contradict itself."""

from __future__ import annotations

import copy
import tomllib
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from sla_audit.contract.load import BUILT_IN, contract_file, load_contract
from sla_audit.contract.model import Contract
from sla_audit.contract.terms.compensation import Compensation, Tier
from sla_audit.contract.terms.reading import Reading

Table = dict[str, Any]
Edit = Callable[[Table], Any]

CONTRACT = load_contract(BUILT_IN)
WRITTEN = tomllib.loads(contract_file(BUILT_IN).decode(), parse_float=Decimal)


def edited(edit: Edit) -> Table:
    """Give the built-in contract as a table, with one edit."""
    table = copy.deepcopy(WRITTEN) | {"sha256": "0" * 64}
    edit(table)
    return table


def put(path: str, value: Any) -> Edit:
    """Write a value at a dotted path; numbers in it are positions, from 0."""

    def edit(table: Table) -> None:
        *parents, last = (int(part) if part.isdecimal() else part for part in path.split("."))
        place: Any = table
        for parent in parents:
            place = place[parent]
        place[last] = value

    return edit


def tiers(*rows: tuple[str, str, str]) -> Edit:
    """Replace the tiers by (from, below, rate)."""
    names = ("from", "below", "rate")
    return put("compensation.tiers", [dict(zip(names, map(Decimal, row), strict=True)) for row in rows])


def mistakes(table: Table) -> dict[tuple[Any, ...], str]:
    """Give what the model finds wrong with a table: the message by the place of the field."""
    with pytest.raises(ValidationError) as caught:
        Contract.model_validate(table)
    return {error["loc"]: error["msg"] for error in caught.value.errors()}


class TestTheAgreement:
    def test_clause_2_7_promises_99_percent(self) -> None:
        assert CONTRACT.objective.clause == "2.7"
        assert CONTRACT.objective.success_rate == Decimal("0.99")

    def test_clause_2_10_1_has_three_tiers_that_follow_on_each_other(self) -> None:
        assert [(tier.from_, tier.below, tier.rate) for tier in CONTRACT.compensation.tiers] == [
            (Decimal("0.95"), Decimal("0.99"), Decimal("0.15")),
            (Decimal("0.90"), Decimal("0.95"), Decimal("0.30")),
            (Decimal("0.00"), Decimal("0.90"), Decimal("0.60")),
        ]

    def test_clause_2_10_1_pays_a_voucher_of_at_most_the_cash_paid_and_nothing_for_free_use(self) -> None:
        terms = CONTRACT.compensation
        assert (terms.clause, terms.base, terms.cap, terms.paid_as) == ("2.10.1", "service_fee", "cash_paid", "voucher")
        assert (terms.quantum, terms.rounding) == (Decimal("0.01"), "half_up")
        assert terms.uncompensated_plans == ("free",)

    def test_clause_2_10_2_takes_claims_after_the_third_working_day_for_one_month(self) -> None:
        claim = CONTRACT.claim
        assert (claim.clause, claim.calendar) == ("2.10.2", "CN")
        assert (claim.opens_after_working_day, claim.closes_months_after) == (3, 1)

    def test_clause_2_7_1_names_twelve_causes_of_which_only_maintenance_must_be_announced(self) -> None:
        assert [cause.number for cause in CONTRACT.causes] == [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]
        assert [cause.number for cause in CONTRACT.causes if cause.notice_required] == [1]

    def test_clause_2_7_1_counts_months_in_shanghai(self) -> None:
        assert CONTRACT.time_zone == "Asia/Shanghai"
        assert CONTRACT.zone.key == "Asia/Shanghai"
        assert CONTRACT.currency == "CNY"

    def test_no_clause_of_the_agreement_is_left_unmentioned(self) -> None:
        assert {clause.number for clause in CONTRACT.clauses} == {
            *("2.1", "2.2", "2.3", "2.4", "2.5", "2.6", "2.7", "2.7.1", "2.8", "2.9", "2.10.1", "2.10.2", "3"),
        }

    def test_what_logs_cannot_show_is_listed_as_not_judged(self) -> None:
        not_judged = {clause.number for clause in CONTRACT.clauses if clause.basis == "not_judged"}
        assert {"2.1", "2.2", "2.3", "2.4", "2.5", "2.6", "2.8"} <= not_judged

    def test_the_literal_reading_is_the_default_and_needs_no_answer_or_the_gateways_own_word(self) -> None:
        literal = CONTRACT.readings["literal"]
        assert CONTRACT.default_reading == "literal"
        assert literal.explicit_failure.none
        assert literal.explicit_failure.codes == {502, 503, 504}

    def test_the_broad_reading_takes_every_server_error(self) -> None:
        broad = CONTRACT.readings["broad"]
        assert broad.explicit_failure.none
        assert broad.explicit_failure.codes == set(range(500, 600))

    def test_both_readings_leave_excluded_requests_out_of_both_sides(self) -> None:
        assert list(CONTRACT.readings) == ["literal", "broad"]
        assert not any(reading.excluded_in_denominator for reading in CONTRACT.readings.values())

    @pytest.mark.parametrize("number", [1, 12], ids=["the first cause", "the last cause"])
    def test_a_cause_is_found_by_its_number(self, number: int) -> None:
        cause = CONTRACT.cause(number)
        assert cause is not None
        assert cause.number == number

    @pytest.mark.parametrize("number", [0, 13], ids=["below the first", "above the last"])
    def test_a_cause_that_the_agreement_lacks_is_not_found(self, number: int) -> None:
        assert CONTRACT.cause(number) is None

    def test_a_contract_cannot_be_changed_once_read(self) -> None:
        with pytest.raises(ValidationError, match="frozen"):
            CONTRACT.currency = "USD"


TIER_MISTAKES = [
    (
        "a gap between two tiers",
        tiers(("0.96", "0.99", "0.15"), ("0.90", "0.95", "0.30"), ("0", "0.90", "0.60")),
        ["gap: no tier covers [0.95, 0.96)"],
    ),
    (
        "an overlap of two tiers",
        tiers(("0.94", "0.99", "0.15"), ("0.90", "0.95", "0.30"), ("0", "0.90", "0.60")),
        ["overlap: two tiers cover [0.94, 0.95)"],
    ),
    (
        "the same tier twice",
        tiers(("0.90", "0.99", "0.15"), ("0.90", "0.99", "0.30"), ("0", "0.90", "0.60")),
        ["overlap: two tiers cover [0.90, 0.99)"],
    ),
    (
        "the lowest rates left open",
        tiers(("0.95", "0.99", "0.15"), ("0.000001", "0.95", "0.30")),
        ["gap: no tier covers [0, 0.000001)"],
    ),
    (
        "a worse rate that owes less",
        tiers(("0.95", "0.99", "0.15"), ("0", "0.95", "0.149999")),
        ["not monotone"],
    ),
    (
        "a worse rate that owes the same",
        tiers(("0.95", "0.99", "0.15"), ("0", "0.95", "0.15")),
        ["not monotone"],
    ),
    (
        "a gap, an overlap and a rate that falls, all named at once",
        tiers(("0.97", "0.99", "0.15"), ("0.90", "0.96", "0.30"), ("0", "0.91", "0.20")),
        ["gap: no tier covers [0.96, 0.97)", "overlap: two tiers cover [0.90, 0.91)", "not monotone"],
    ),
]


class TestTiers:
    @pytest.mark.parametrize(
        ("edit", "expected"), [case[1:] for case in TIER_MISTAKES], ids=[case[0] for case in TIER_MISTAKES]
    )
    def test_tiers_that_do_not_meet_are_refused(self, edit: Edit, expected: list[str]) -> None:
        found = mistakes(edited(edit))
        assert list(found) == [("compensation", "tiers")]
        message = found["compensation", "tiers"]
        assert [words for words in expected if words not in message] == []

    @pytest.mark.parametrize("top", ["0.98", "0.989999", "0.990001", "1"])
    def test_the_best_tier_must_end_where_the_objective_begins(self, top: str) -> None:
        found = mistakes(edited(tiers(("0", top, "0.15"))))
        assert list(found) == [("compensation",)]
        assert "they must meet" in found["compensation",]

    def test_a_single_tier_from_nothing_to_the_objective_is_enough(self) -> None:
        contract = Contract.model_validate(edited(tiers(("0", "0.99", "0.15"))))
        assert [(tier.from_, tier.below, tier.rate) for tier in contract.compensation.tiers] == [
            (Decimal(0), Decimal("0.99"), Decimal("0.15"))
        ]

    def test_tiers_may_be_written_in_any_order(self) -> None:
        edit = tiers(("0", "0.90", "0.60"), ("0.95", "0.99", "0.15"), ("0.90", "0.95", "0.30"))
        contract = Contract.model_validate(edited(edit))
        rates = [tier.rate for tier in contract.compensation.tiers]
        assert rates == [Decimal("0.15"), Decimal("0.30"), Decimal("0.60")]

    @pytest.mark.parametrize(
        ("start", "end"), [("0.95", "0.95"), ("0.96", "0.95")], ids=["from equals below", "from above below"]
    )
    def test_a_tier_that_holds_no_rate_is_refused(self, start: str, end: str) -> None:
        with pytest.raises(ValidationError, match="holds no rate"):
            Tier.model_validate({"from": Decimal(start), "below": Decimal(end), "rate": Decimal("0.15")})

    def test_a_tier_may_be_one_millionth_wide(self) -> None:
        tier = Tier.model_validate({"from": Decimal("0.949999"), "below": Decimal("0.95"), "rate": Decimal("0.15")})
        assert (tier.from_, tier.below) == (Decimal("0.949999"), Decimal("0.95"))

    @pytest.mark.parametrize("rate", ["0", "1", "0.000001", "0.999999", "100"])
    def test_a_rate_may_be_any_share_or_multiple_to_six_decimals(self, rate: str) -> None:
        tier = Tier.model_validate({"from": Decimal(0), "below": Decimal("0.99"), "rate": Decimal(rate)})
        assert tier.rate == Decimal(rate)

    @pytest.mark.parametrize("rate", ["-0.000001", "1000.000001", "0.1234567", "NaN", "Infinity"])
    def test_anything_else_is_no_rate(self, rate: str) -> None:
        with pytest.raises(ValidationError) as caught:
            Tier.model_validate({"from": Decimal(0), "below": Decimal("0.99"), "rate": Decimal(rate)})
        assert [error["loc"] for error in caught.value.errors()] == [("rate",)]


FIELD_MISTAKES = [
    ("another edition of the format", put("schema", "sla-audit/contract/2"), ("schema",), "sla-audit/contract/1"),
    ("an id with capitals", put("id", "JDCloud"), ("id",), "match pattern"),
    ("an id that starts with a dot", put("id", ".hidden"), ("id",), "match pattern"),
    ("an id with a slash", put("id", "a/b"), ("id",), "match pattern"),
    ("a currency that is a sign", put("currency", "¥"), ("currency",), "match pattern"),
    ("a currency in small letters", put("currency", "cny"), ("currency",), "match pattern"),
    ("a zone that does not exist", put("time_zone", "Asia/Peking"), ("time_zone",), "IANA time zone"),
    ("a zone that is an offset", put("time_zone", "+08:00"), ("time_zone",), "IANA time zone"),
    ("a day that does not exist", put("effective_from", "2019-02-29"), ("effective_from",), "date"),
    ("an objective above one", put("objective.success_rate", 2), ("objective", "success_rate"), "less than or equal"),
    ("an objective below zero", put("objective.success_rate", -1), ("objective", "success_rate"), "greater than"),
    ("a default that is no reading", put("default_reading", "strict"), ("default_reading",), "literal, broad"),
    ("no reading at all", put("readings", {}), ("readings",), "at least 1"),
    ("no tier at all", put("compensation.tiers", []), ("compensation", "tiers"), "at least 1"),
    ("a base that is not the fee", put("compensation.base", "list_price"), ("compensation", "base"), "service_fee"),
    ("a cap that is not the cash", put("compensation.cap", "invoices"), ("compensation", "cap"), "cash_paid"),
    ("another rounding", put("compensation.rounding", "half_even"), ("compensation", "rounding"), "half_up"),
    (
        "a quantum of nothing",
        put("compensation.quantum", 0),
        ("compensation", "quantum"),
        "greater than or equal to 0.000001",
    ),
    ("paid in kind", put("compensation.paid_as", "goods"), ("compensation", "paid_as"), "voucher"),
    ("a calendar that is not known", put("claim.calendar", "XX"), ("claim", "calendar"), "CN"),
    (
        "claims from working day 0",
        put("claim.opens_after_working_day", 0),
        ("claim", "opens_after_working_day"),
        "greater than or equal to 1",
    ),
    (
        "claims from working day 11",
        put("claim.opens_after_working_day", 11),
        ("claim", "opens_after_working_day"),
        "less than or equal to 10",
    ),
    (
        "claims that close in the cycle's own month",
        put("claim.closes_months_after", 0),
        ("claim", "closes_months_after"),
        "greater than or equal to 1",
    ),
    ("a cause numbered 0", put("causes.0.number", 0), ("causes", 0, "number"), "greater than or equal to 1"),
    ("a cause numbered twice", put("causes.1.number", 1), ("causes",), "numbered twice: 1"),
    ("a basis that is none", put("causes.1.basis", "guessed"), ("causes", 1, "basis"), "not_judged"),
    ("a misspelt key", put("objective.sucess_rate", 1), ("objective", "sucess_rate"), "Extra inputs"),
    ("a title in a third language", put("title.fr", "contrat"), ("title", "fr"), "Extra inputs"),
    ("a class that is none", put("classification.0.class", "ignored"), ("classification", 0, "class"), "excluded"),
    (
        "a condition that does not exist",
        put("classification.0.when", {"weather": "bad"}),
        ("classification", 0, "when", "weather"),
        "Extra inputs",
    ),
]


class TestFields:
    @pytest.mark.parametrize(
        ("edit", "place", "words"), [case[1:] for case in FIELD_MISTAKES], ids=[case[0] for case in FIELD_MISTAKES]
    )
    def test_a_field_that_says_what_it_may_not_is_refused(self, edit: Edit, place: tuple[Any, ...], words: str) -> None:
        found = mistakes(edited(edit))
        assert list(found) == [place]
        assert words in found[place]

    @pytest.mark.parametrize("field", sorted(set(WRITTEN) - {"same_as", "failure_name"}))
    def test_no_field_may_be_left_out(self, field: str) -> None:
        found = mistakes(edited(lambda table: table.pop(field)))
        assert found[field,] == "Field required"

    @pytest.mark.parametrize("days", [1, 10], ids=["the first", "the tenth"])
    def test_claims_may_open_after_working_day(self, days: int) -> None:
        assert Contract.model_validate(edited(put("claim.opens_after_working_day", days))).claim.calendar == "CN"


RULE_MISTAKES = [
    (
        "a last rule that leaves requests without a class",
        lambda table: table["classification"].pop(),
        ["the last rule must match anything"],
    ),
    (
        "a rule behind the one that matches anything",
        lambda table: table["classification"].append({"when": {"status": [200]}, "class": "success"}),
        ["the last rule must match anything", "only the last rule may match anything"],
    ),
    (
        "two rules that match anything",
        lambda table: table["classification"].append({"when": {}, "class": "success"}),
        ["only the last rule may match anything"],
    ),
    (
        "a cause that clause 2.7.1 does not list",
        put("classification.1.cause", 13),
        ["rule 2: cause 13 is not among the causes"],
    ),
    (
        "two causes that clause 2.7.1 does not list",
        lambda table: (put("classification.0.cause", 0)(table), put("classification.2.cause", 13)(table)),
        ["rule 1: cause 0 is not among the causes", "rule 3: cause 13 is not among the causes"],
    ),
]


class TestClassification:
    @pytest.mark.parametrize(
        ("edit", "expected"), [case[1:] for case in RULE_MISTAKES], ids=[case[0] for case in RULE_MISTAKES]
    )
    def test_rules_that_do_not_give_every_request_one_class_are_refused(self, edit: Edit, expected: list[str]) -> None:
        found = mistakes(edited(edit))
        assert list(found) == [("classification",)]
        message = found["classification",]
        assert [words for words in expected if words not in message] == []

    @pytest.mark.parametrize(
        ("rule", "words"),
        [
            ({"when": {}, "class": "excluded"}, "needs one"),
            ({"when": {}, "class": "success", "cause": 4}, "belongs to the class `excluded`"),
            ({"when": {}, "class": "explicit_failure", "cause": 4}, "belongs to the class `excluded`"),
            ({"when": {}, "class": "excluded", "cause": "of the exclusion"}, "accepted_exclusion = true"),
            (
                {"when": {"accepted_exclusion": False}, "class": "excluded", "cause": "of the exclusion"},
                "accepted_exclusion = true",
            ),
        ],
        ids=[
            "excluded without a cause",
            "a success with a cause",
            "a failure with a cause",
            "the cause of an exclusion that is not asked for",
            "the cause of an exclusion that must not be there",
        ],
    )
    def test_a_cause_goes_with_the_class_excluded(self, rule: Table, words: str) -> None:
        found = mistakes(edited(put("classification.0", rule)))
        assert words in found["classification", 0]


class TestStatuses:
    @pytest.mark.parametrize(
        ("written", "codes", "none"),
        [
            (["none"], set(), True),
            ([100], {100}, False),
            ([599], {599}, False),
            (["4xx"], set(range(400, 500)), False),
            (["none", "5xx", 499], {*range(500, 600), 499}, True),
        ],
        ids=["no status", "the lowest", "the highest", "a family", "a mixture"],
    )
    def test_a_list_of_statuses_is_read(self, written: list[Any], codes: set[int], none: bool) -> None:
        reading = Reading.model_validate(
            {"clause": "2.7.1", "meaning": "-", "explicit_failure": written, "excluded_in_denominator": False}
        )
        assert reading.explicit_failure.codes == codes
        assert reading.explicit_failure.none is none

    @pytest.mark.parametrize(
        "written",
        [[], "5xx", 502, [99], [600], ["6xx"], ["0xx"], ["502"], ["NONE"], [True], [502.0], [None]],
        ids=repr,
    )
    def test_anything_else_is_refused(self, written: Any) -> None:
        found = mistakes(edited(put("readings.literal.explicit_failure", written)))
        assert ("readings", "literal", "explicit_failure") in found


def test_a_contract_may_hold_any_number_of_readings() -> None:
    third = {"clause": "2.7.1", "meaning": "none", "explicit_failure": ["none"], "excluded_in_denominator": True}
    contract = Contract.model_validate(edited(put("readings.strict", third)))
    assert list(contract.readings) == ["literal", "broad", "strict"]
    assert contract.readings["strict"].excluded_in_denominator


def test_mistakes_in_unrelated_fields_are_found_together() -> None:
    def edit(table: Table) -> None:
        put("currency", "yuan")(table)
        put("objective.success_rate", 99)(table)
        put("claim.calendar", "XX")(table)
        put("causes.3.basis", "guessed")(table)

    assert set(mistakes(edited(edit))) == {
        ("currency",),
        ("objective", "success_rate"),
        ("claim", "calendar"),
        ("causes", 3, "basis"),
    }


def test_compensation_stands_on_its_own_as_a_model() -> None:
    terms = Compensation.model_validate(WRITTEN["compensation"])
    assert terms == CONTRACT.compensation
