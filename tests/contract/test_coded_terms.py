"""What a contract file may say of codes of errors and of how long requests took, and what it may not."""

from __future__ import annotations

from pathlib import Path

import pytest
from rich.console import Console

from sla_audit.contract.always_excluded import always_excluded
from sla_audit.contract.intervals import PossibleFailures, possible_failures
from sla_audit.contract.load import BUILT_IN, load_contract, parse_contract
from sla_audit.contract.model import Contract
from sla_audit.contract.terms.durations import microseconds_of, written
from sla_audit.errors import InputError
from sla_audit.judge.worked import work_out
from sla_audit.model.statuses import StatusSet
from sla_audit.report.language import words_of
from sla_audit.report.terminal.contract import print_contract
from tests.builders.coded import BY_INTERVALS, READINGS, RULES, coded


def contract_of(text: str) -> Contract:
    return parse_contract(text.encode(), "coded.toml")


MISTAKES = [
    (
        "a limit that is a number",
        coded(rules=RULES.replace('"10s"', "10")),
        "classification.2.when.took_over",
        "no time",
    ),
    ("a limit of nothing", coded(rules=RULES.replace('"10s"', '"0s"')), "classification.2.when.took_over", "no time"),
    ("a limit with decimals", coded(rules=RULES.replace('"10s"', '"1.5s"')), "when.took_over", "no time such as 500ms"),
    ("a limit without a unit", coded(rules=RULES.replace('"10s"', '"10"')), "when.took_over", "no time such as 500ms"),
    ("a limit of days", coded(rules=RULES.replace('"10s"', '"1441min"')), "when.took_over", "up to a day"),
    (
        "a rule by no code",
        coded(rules=RULES.replace('["SlowDown", "Throttl*"]', "[]")),
        "when.error_code",
        "at least 1",
    ),
    ("a code that is a number", coded(rules=RULES.replace('"SlowDown"', "503")), "when.error_code", "text"),
    (
        "a reading by nothing",
        coded(READINGS.replace('error_codes = ["InternalError", "Service*"]\n', "", 1)),
        "readings.codes",
        "says of no request that it failed",
    ),
    (
        "a reading by no code",
        coded(READINGS.replace('error_codes = ["InternalError", "Service*"]', "error_codes = []", 1)),
        "readings.codes.error_codes",
        "at least 1",
    ),
    (
        "codes among the statuses",
        coded(READINGS.replace('["none", "5xx"]', '["InternalError"]')),
        "readings.statuses.explicit_failure",
        "is not",
    ),
    (
        "an example whose failures took no time that is one",
        coded(more='[[examples]]\nname = "x"\njudged = false\nowed = "0"\nended = { took = "2 s" }\n\n'),
        "examples.1.ended.took",
        "no time",
    ),
]


@pytest.mark.parametrize("case", MISTAKES, ids=lambda case: case[0])
def test_what_makes_no_sense_is_named_by_its_place(case: tuple[str, str, str, str]) -> None:
    _, text, place, said = case
    with pytest.raises(InputError) as raised:
        contract_of(text)
    told = str(raised.value)
    assert place in told.replace("[", ".").replace("]", "")
    assert said in told


def test_limits_are_written_as_they_are_read() -> None:
    limits = {"1ms": 1000, "500ms": 500_000, "2s": 2_000_000, "2min": 120_000_000, "1440min": 86_400_000_000}
    assert {limit: microseconds_of(limit) for limit in limits} == limits
    assert [written(each) for each in limits.values()] == ["1ms", "500ms", "2s", "120s", "86400s"]


def test_what_it_asks_of_logs() -> None:
    contract = contract_of(coded())
    assert contract.columns == {"api", "error_code", "took_over"}
    assert contract.limits == (2_000_000, 10_000_000)
    by_codes = contract_of(coded(rules='[[classification]]\nwhen = {}\nclass = "success"\n\n'))
    assert (by_codes.columns, by_codes.limits) == ({"error_code"}, ())
    first = load_contract(BUILT_IN)
    assert (first.columns, first.limits) == (frozenset(), ())


def test_what_may_fail_is_told_by_statuses_codes_and_limits() -> None:
    contract = contract_of(coded(more=BY_INTERVALS))
    found = possible_failures(contract)
    assert found == PossibleFailures(
        StatusSet(frozenset(range(500, 600)), none=True), ("InternalError", "Service*"), 2_000_000
    )
    assert not found.are_told_by_status
    for status, code, over, expected in (
        (200, None, None, False),
        (200, "NoSuchKey", None, False),
        (200, "ServiceUnavailable", None, True),
        (200, None, 2_000_000, True),
        (200, None, 1_000_000, False),
        (500, None, None, True),
        (None, None, None, True),
    ):
        assert found.holds(status, code, over) is expected
    assert found.covers(found)
    narrow = PossibleFailures(StatusSet(frozenset({500}), none=True))
    assert found.covers(narrow)
    assert not narrow.covers(found)
    slower = PossibleFailures(StatusSet(frozenset(), none=True), (), 10_000_000)
    assert found.covers(slower)
    assert not slower.covers(PossibleFailures(StatusSet(frozenset(), none=True), (), 2_000_000))


def test_a_request_without_an_account_is_left_out_by_its_code_and_never_for_being_slow() -> None:
    kept = contract_of(coded(READINGS.replace("excluded_in_denominator = true", "excluded_in_denominator = false")))
    ended = {"status": 503, "content_flag": False, "client_aborted": False}
    assert always_excluded(kept, **ended, error_code="SlowDown")
    assert always_excluded(kept, **ended, error_code="SlowDown", took_over=10_000_000, api="/big/a")
    assert not always_excluded(kept, **ended, error_code="InternalError")
    assert not always_excluded(kept, **ended)
    slow = RULES.replace('error_code = ["SlowDown", "Throttl*"]', 'took_over = "10s"')
    by_time = contract_of(coded(READINGS.replace("= true", "= false"), slow))
    assert always_excluded(by_time, **ended, took_over=10_000_000)
    assert not always_excluded(by_time, **ended, took_over=2_000_000)


# 1,000 requests, of which 20 failed: 98 %, 15 % of 1,000.00.
EXAMPLES = """\
[[examples]]
name = "codes by themselves"
requests = 1000
failures = 20
facts = {{ service_fee = "1000", cash_paid = "1000" }}
{ended}
reading = "{reading}"
rate = "{rate}"
owed = "{owed}"

"""
WORKED = [
    ("a code of the reading", "", "codes", "0.980000", "150.00"),
    ("a status of the reading", "", "statuses", "0.980000", "150.00"),
    ("a code, whatever the status", 'ended = { error_code = "InternalError" }', "codes", "0.980000", "150.00"),
    ("a code that is none", 'ended = { status = 503, error_code = "NoSuchKey" }', "codes", "1.000000", "0"),
    ("throttling", 'ended = { status = 503, error_code = "SlowDown" }', "statuses", "1.000000", "0"),
    ("no status", 'ended = { status = "none" }', "statuses", "0.980000", "150.00"),
    ("just the limit", 'ended = { took = "2s" }\napi = "/small/a"', "codes", "1.000000", "0"),
    ("over the limit", 'ended = { took = "2001ms" }\napi = "/small/a"', "codes", "0.980000", "150.00"),
    ("over the lower limit", 'ended = { took = "2001ms" }\napi = "/big/a"', "codes", "1.000000", "0"),
    ("over both", 'ended = { took = "11s" }\napi = "/big/a"', "codes", "0.980000", "150.00"),
]


@pytest.mark.parametrize("case", WORKED, ids=lambda case: case[0])
def test_a_worked_example_says_how_its_failures_ended(case: tuple[str, str, str, str, str]) -> None:
    _, ended, reading, rate, owed = case
    example = EXAMPLES.format(ended=ended, reading=reading, rate=rate, owed=owed)
    contract = contract_of(coded(more=example))
    assert [each.differences for each in work_out(contract, contract.examples)] == [()]


def test_intervals_of_an_example_end_as_is_said_of_them() -> None:
    """One of 8,928 intervals fails wholly, another not at all: 1 - 1 / 8,928 = 0.99988799..."""
    example = """\
[[examples]]
name = "two intervals"
intervals = [
  { at = "2026-10-10T09:00", requests = 10, failures = 10, ended = { error_code = "InternalError" } },
  { at = "2026-10-10T10:00", requests = 10, failures = 10, ended = { error_code = "NoSuchKey" } },
]
rate = "0.999887"
owed = "0"

"""
    contract = contract_of(coded(more=BY_INTERVALS + example))
    assert [each.differences for each in work_out(contract, contract.examples)] == [()]


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (
            "en",
            ["by the code alone, one like InternalError, Service*", "Rule 1: codes like SlowDown, Throttl*: left out"],
        ),
        ("zh", ["只看错误码：符合 InternalError、Service* 之一", "规则 1：错误码符合 SlowDown、Throttl*：除外"]),
    ],
)
def test_it_is_shown(language: str, said: list[str], tmp_path: Path) -> None:
    with (tmp_path / "shown.txt").open("w", encoding="utf-8") as file:
        print_contract(contract_of(coded()), Console(file=file, width=200), words_of(language))
    shown = (tmp_path / "shown.txt").read_text(encoding="utf-8")
    assert all(each in shown for each in said)
