"""What a contract file may say of intervals, units, bases and readings that read it otherwise, and what it may not."""

from __future__ import annotations

import copy
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from sla_audit.contract.model import Contract
from sla_audit.errors import InputError
from sla_audit.system.settings_file import validated
from tests.builders.measured import table_of
from tests.contract.test_model import Edit, Table, mistakes, put
from tests.oracles.measures import Terms

BY_TIME = table_of(Terms(kind="share_of_time", minutes=5))
BY_MEAN = table_of(Terms(kind="mean_of_intervals", minutes=5))
BY_FAULTS = table_of(Terms(kind="share_of_time", base="fault_fee"))
BY_CALLS = table_of(Terms(base="failed_calls", cap="calls_bought"))
BY_REQUESTS = table_of(Terms())


def edited(table: Table, edit: Edit) -> Table:
    written = copy.deepcopy(table)
    edit(written)
    return written


FIELD_MISTAKES = [
    ("another kind of measure", BY_TIME, put("measure.kind", "uptime"), ("measure", "kind"), "share_of_time"),
    ("an interval of its own", BY_TIME, put("measure.interval", "10min"), ("measure", "interval"), "'5min'"),
    (
        "a measure without a clause",
        BY_TIME,
        lambda table: table["measure"].pop("clause"),
        ("measure", "clause"),
        "Field",
    ),
    ("time without what is bad", BY_TIME, lambda table: table["measure"].pop("bad"), ("measure",), "needs it"),
    ("a mean with what is bad", BY_MEAN, put("measure.bad", {"all_failed": True}), ("measure",), "share of time"),
    ("a mean with runs", BY_MEAN, put("measure.run", {"intervals_from": 5}), ("measure",), "share of time"),
    ("nothing bad", BY_TIME, put("measure.bad", {}), ("measure", "bad"), "one of `all_failed`"),
    ("only a least of requests", BY_TIME, put("measure.bad", {"least_requests": 9}), ("measure", "bad"), "one of"),
    ("bad twice over", BY_TIME, put("measure.bad.failures_from", 5), ("measure", "bad"), "one of"),
    ("not all failed", BY_TIME, put("measure.bad", {"all_failed": False}), ("measure", "bad", "all_failed"), "True"),
    ("a rate of all", BY_TIME, put("measure.bad", {"rate_over": 1}), ("measure", "bad", "rate_over"), "less than 1"),
    (
        "a rate below 0",
        BY_TIME,
        put("measure.bad", {"rate_over": -1}),
        ("measure", "bad", "rate_over"),
        "than or equal",
    ),
    ("failures from 0", BY_TIME, put("measure.bad", {"failures_from": 0}), ("measure", "bad", "failures_from"), "1"),
    ("a least of 0 requests", BY_TIME, put("measure.bad.least_requests", 0), ("measure", "bad", "least_requests"), "1"),
    ("runs of 0", BY_TIME, put("measure.run.intervals_from", 0), ("measure", "run", "intervals_from"), "1"),
    ("runs of days", BY_TIME, put("measure.run.intervals_from", 1441), ("measure", "run", "intervals_from"), "1440"),
    ("requests below 0", BY_TIME, put("measure.run.least_requests", -1), ("measure", "run", "least_requests"), "0"),
    (
        "other edges",
        BY_TIME,
        put("measure.run.over_cycle_edges", "lost"),
        ("measure", "run", "over_cycle_edges"),
        "cut",
    ),
    ("a misspelt field", BY_TIME, put("measure.run.intervals", 5), ("measure", "run", "intervals"), "Extra inputs"),
    ("apart by what is none", BY_TIME, put("unit", {"apart": ["host"]}), ("unit", "apart", 0), "'region' or 'api'"),
    ("apart twice", BY_TIME, put("unit", {"apart": ["api", "api"]}), ("unit",), "named twice: api"),
    ("apart and pooled", BY_TIME, put("unit", {"apart": ["api"], "pooled": "api"}), ("unit",), "named twice: api"),
    ("pooled by what is none", BY_TIME, put("unit", {"pooled": "host"}), ("unit", "pooled"), "'region' or 'api'"),
    ("a mean that is pooled", BY_MEAN, put("unit", {"pooled": "api"}), ("measure",), "share of time"),
    ("requests that are pooled", BY_REQUESTS, put("unit", {"pooled": "api"}), ("measure",), "share of time"),
    ("fewer than no requests", BY_TIME, put("unit", {"least_requests": -1}), ("unit", "least_requests"), "0"),
    ("another length of cycles", BY_TIME, put("cycle.length", "year"), ("cycle", "length"), "'month' or 'quarter'"),
    ("a number of months", BY_TIME, put("cycle.length", 3), ("cycle", "length"), "'month' or 'quarter'"),
    ("another part of a month", BY_TIME, put("cycle.partial", "prorated"), ("cycle", "partial"), "'as_whole'"),
    ("an objective of nothing", BY_TIME, put("objective.success_rate", 0), ("objective", "success_rate"), "than 0"),
    ("strict that is a word", BY_TIME, put("objective.strict", "yes"), ("objective", "strict"), "boolean"),
    ("an end before the beginning", BY_TIME, put("effective_to", date(2019, 10, 31)), ("effective_to",), "2019-11-01"),
    ("read on no day", BY_TIME, put("read_on", "2026-02-30"), ("read_on",), "date"),
    (
        "owed at other times",
        BY_TIME,
        put("compensation.owed_when", "always"),
        ("compensation", "owed_when"),
        "in_a_tier",
    ),
    ("more than less than nothing", BY_TIME, put("compensation.more_than", -1), ("compensation", "more_than"), "0"),
    ("the lowest wins", BY_TIME, put("compensation.overlapping", "lowest"), ("compensation", "overlapping"), "highest"),
    ("a fee of faults by the mean", BY_MEAN, put("compensation.base", "fault_fee"), ("compensation",), "share of time"),
    ("a fee of faults of requests", BY_REQUESTS, put("compensation.base", "fault_fee"), ("compensation",), "faults"),
    ("calls capped by cash", BY_CALLS, put("compensation.cap", "cash_paid"), ("compensation",), "calls are given back"),
    ("money capped by calls", BY_TIME, put("compensation.cap", "calls_bought"), ("compensation",), "cannot cap it"),
    ("days with a cap", BY_TIME, put("compensation.base", "days_of_month"), ("compensation",), "days are given back"),
    ("a fee of faults whose measure is wrong", BY_FAULTS, put("measure.interval", "1d"), ("measure", "interval"), "1h"),
    (
        "an operation by no glob",
        BY_TIME,
        put("classification.0.when", {"api": []}),
        ("classification", 0, "when", "api"),
        "1",
    ),
    ("claims that open twice", BY_TIME, put("claim.opens_after_days", 0), ("claim",), "not both"),
    ("claims that close twice", BY_TIME, put("claim.closes_days_after", 30), ("claim",), "not both"),
    (
        "claims that never open",
        BY_TIME,
        lambda table: table["claim"].pop("opens_after_working_day"),
        ("claim",),
        "not both",
    ),
    (
        "working days of nowhere",
        BY_TIME,
        lambda table: table["claim"].pop("calendar"),
        ("claim",),
        "needs a `calendar`",
    ),
    (
        "unseen in one language",
        BY_TIME,
        put("unseen", [{"what": {"en": "x"}, "ask": {"en": "x", "zh": "x"}}]),
        ("unseen", 0, "what", "zh"),
        "Field",
    ),
]


@pytest.mark.parametrize(
    ("table", "edit", "place", "words"), [case[1:] for case in FIELD_MISTAKES], ids=[case[0] for case in FIELD_MISTAKES]
)
def test_a_field_that_says_what_it_may_not_is_refused(
    table: Table, edit: Edit, place: tuple[Any, ...], words: str
) -> None:
    found = mistakes(edited(table, edit))
    assert list(found) == [place]
    assert words in found[place]


def test_a_strict_objective_is_below_1() -> None:
    table = edited(BY_TIME, put("objective", {"clause": "2.7", "success_rate": Decimal(1), "strict": True}))
    assert "which no rate is" in mistakes(table)["objective",]


ALLOWED = [
    ("every interval", BY_TIME, put("measure.interval", "1min")),
    ("any failure", BY_TIME, put("measure.bad", {"rate_over": 0})),
    ("runs of a day of minutes", BY_TIME, put("measure.run.intervals_from", 1440)),
    ("an end on the day of the beginning", BY_TIME, put("effective_to", date(2019, 11, 1))),
    ("a fee of faults", BY_FAULTS, put("compensation.cap", "service_fee")),
    ("calls without a cap", BY_CALLS, put("compensation.cap", "none")),
    ("pooled and apart by others", BY_TIME, put("unit", {"apart": ["region"], "pooled": "api"})),
]


@pytest.mark.parametrize(("table", "edit"), [case[1:] for case in ALLOWED], ids=[case[0] for case in ALLOWED])
def test_what_may_be_said_is_taken(table: Table, edit: Edit) -> None:
    Contract.model_validate(edited(table, edit))


@pytest.mark.parametrize(
    ("base", "cap", "facts", "owed"),
    [
        ("service_fee", "cash_paid", ("service_fee", "cash_paid"), "CNY"),
        ("service_fee", "service_fee", ("service_fee",), "CNY"),
        ("service_fee", "none", ("service_fee",), "CNY"),
        ("fault_fee", "service_fee", ("hourly_fee", "service_fee"), "CNY"),
        ("fault_fee", "none", ("hourly_fee",), "CNY"),
        ("failed_calls", "calls_bought", ("calls_bought",), "calls"),
        ("failed_calls", "none", (), "calls"),
        ("days_of_month", "none", (), "days"),
    ],
)
def test_a_bill_must_say_what_base_and_cap_need(base: str, cap: str, facts: tuple[str, ...], owed: str) -> None:
    contract = Contract.model_validate(table_of(Terms(kind="share_of_time", base=base, cap=cap)))
    assert (contract.facts, contract.unit_owed, contract.compensation.is_money) == (facts, owed, owed == "CNY")


def changing(table: Table, changes: Table) -> Table:
    return edited(table, put("readings.broad", table["readings"]["literal"] | {"changes": changes}))


CHANGES = [
    ("when it is owed", "compensation.owed_when", "in_a_tier"),
    ("the cap", "compensation.cap", "none"),
    ("the least that is paid", "compensation.more_than", Decimal("1.00")),
    ("how it is paid", "compensation.paid_as", "cash"),
    ("parts of months", "cycle.partial", "as_whole"),
    ("a strict objective", "objective.strict", True),
    ("a clause", "objective.clause", "9"),
    ("edges of months", "measure.run.over_cycle_edges", "cut"),
    ("a table that is not written", "measure.bad.least_requests", 60),
]


@pytest.mark.parametrize(("path", "value"), [case[1:] for case in CHANGES], ids=[case[0] for case in CHANGES])
def test_a_reading_may_read_a_field_otherwise(path: str, value: Any) -> None:
    contract = Contract.model_validate(changing(BY_TIME, {path: value}))
    found: Any = contract.under("broad")
    for name in path.split("."):
        found = getattr(found, name)
    assert found == value
    assert contract.under("literal") is contract
    first = getattr(contract.under("broad"), path.split(".", maxsplit=1)[0])
    assert first != getattr(contract, path.split(".", maxsplit=1)[0])


def test_a_reading_may_read_other_tiers_and_another_objective() -> None:
    tiers = [{"from": Decimal(0), "below": Decimal("0.9"), "rate": Decimal(1)}]
    changes = {"compensation.tiers": tiers, "objective.success_rate": Decimal("0.9")}
    under = Contract.model_validate(changing(BY_TIME, changes)).under("broad")
    assert [(tier.from_, tier.below, tier.rate) for tier in under.compensation.tiers] == [(0, Decimal("0.9"), 1)]


def test_a_bill_must_say_what_each_reading_needs() -> None:
    contract = Contract.model_validate(changing(BY_FAULTS, {"compensation.cap": "service_fee"}))
    assert contract.facts == ("hourly_fee", "cash_paid", "service_fee")


CHANGE_MISTAKES: list[tuple[str, Table, Table, list[tuple[tuple[str, ...], str]]]] = [
    ("a table", BY_TIME, {"compensation": {}}, [(("compensation",), "the same under every reading")]),
    (
        "how requests are classed",
        BY_TIME,
        {"classification.0.class": "success"},
        [(("classification.0.class",), "same")],
    ),
    ("the causes", BY_TIME, {"causes.0.number": 3}, [(("causes.0.number",), "same")]),
    ("units", BY_TIME, {"unit.least_requests": 3}, [(("unit.least_requests",), "same")]),
    ("claims", BY_TIME, {"claim.closes_months_after": 2}, [(("claim.closes_months_after",), "same")]),
    ("readings", BY_TIME, {"readings.literal.meaning": "x"}, [(("readings.literal.meaning",), "same")]),
    ("the currency", BY_TIME, {"currency": "USD"}, [(("currency",), "same")]),
    ("the zone", BY_TIME, {"time_zone": "UTC"}, [(("time_zone",), "same")]),
    ("the kind of measure", BY_TIME, {"measure.kind": "mean_of_intervals"}, [(("measure.kind",), "same")]),
    ("intervals", BY_TIME, {"measure.interval": "1h"}, [(("measure.interval",), "same")]),
    (
        "days that are not compensated",
        BY_TIME,
        {"compensation.uncompensated_plans": []},
        [(("compensation.uncompensated_plans",), "same")],
    ),
    (
        "what is owed",
        BY_CALLS,
        {"compensation.base": "days_of_month", "compensation.cap": "none"},
        [(("compensation.base",), "owes days where other readings owe calls")],
    ),
    ("no path", BY_TIME, {"": 1}, [(("",), "same")]),
    ("a path that begins with a dot", BY_TIME, {".cycle": 1}, [((".cycle",), "same")]),
    ("a path that ends with a dot", BY_TIME, {"cycle.": 1}, [(("cycle", ""), "Extra inputs")]),
    ("a row of a list", BY_TIME, {"compensation.tiers.0.rate": 1}, [(("compensation.tiers.0.rate",), "as a whole")]),
    ("below a number", BY_TIME, {"objective.success_rate.x": 1}, [(("objective.success_rate.x",), "no table")]),
    ("a field that is none", BY_TIME, {"compensation.owed_wen": "x"}, [(("compensation", "owed_wen"), "Extra inputs")]),
    ("a value that is none", BY_TIME, {"cycle.partial": "x"}, [(("cycle", "partial"), "as_whole")]),
    (
        "a field of a table that is not there",
        BY_REQUESTS,
        {"measure.clause": "2"},
        [(("measure", "kind"), "Field"), (("measure", "interval"), "Field")],
    ),
    (
        "tiers that do not meet",
        BY_TIME,
        {"objective.success_rate": Decimal("0.995")},
        [(("compensation",), "they must meet")],
    ),
    (
        "several at once",
        BY_TIME,
        {"cycle.partial": "x", "compensation.owed_when": "x"},
        [(("cycle", "partial"), "as_whole"), (("compensation", "owed_when"), "in_a_tier")],
    ),
    (
        "several that are the same under every reading",
        BY_TIME,
        {"currency": "USD", "measure.interval": "1h"},
        [(("currency",), "same"), (("measure.interval",), "same")],
    ),
]


@pytest.mark.parametrize(
    ("table", "changes", "expected"),
    [case[1:] for case in CHANGE_MISTAKES],
    ids=[case[0] for case in CHANGE_MISTAKES],
)
def test_what_a_reading_may_not_change_is_told_by_its_place(
    table: Table, changes: Table, expected: list[tuple[tuple[str, ...], str]]
) -> None:
    unsaid = edited(table, lambda written: written["compensation"].pop("owed_when"))
    found = mistakes(changing(unsaid, changes))
    assert list(found) == [("readings", "broad", "changes", *place) for place, _ in expected]
    assert [words for (_, words), message in zip(expected, found.values(), strict=True) if words not in message] == []


def test_mistakes_of_all_readings_are_told_at_once_in_the_words_of_the_file() -> None:
    table = changing(BY_TIME, {"cycle.partial": "x"})
    table["readings"]["literal"]["changes"] = {"currency": "USD"}
    with pytest.raises(InputError) as caught:
        validated(Contract, table, "ours.toml")
    assert [str(problem.where) for problem in caught.value.problems] == [
        "ours.toml: readings.literal.changes.currency",
        "ours.toml: readings.broad.changes.cycle.partial",
    ]


EXAMPLE: Table = {"name": "one", "requests": 10, "failures": 1, "rate": "0.900000", "owed": "1.50"}
FAILING: Table = {"at": "2026-10-05T00:00", "requests": 2, "failures": 1}
EXAMPLE_MISTAKES = [
    ("an amount that is none", {"owed": "a lot"}, ("owed",), "no amount such as 120.00"),
    ("an amount that is no number", {"owed": "NaN"}, ("owed",), "finite"),
    ("an amount below 0", {"owed": "-0.01"}, ("owed",), "greater than or equal to 0"),
    ("a fee that is none", {"facts": {"service_fee": "x"}}, ("facts", "service_fee"), "no amount"),
    ("a fact that is none", {"facts": {"discount": "1"}}, ("facts", "discount"), "Extra inputs"),
    ("calls by halves", {"facts": {"calls_bought": Decimal("0.5")}}, ("facts", "calls_bought"), "integer"),
    ("a month that is none", {"cycle": "2026-13"}, (), "expected a month"),
    ("a month after its days", {"first_day": date(2026, 11, 1)}, (), "no day of its cycle"),
    ("a month before its days", {"last_day": date(2026, 9, 30)}, (), "no day of its cycle"),
    ("days in the wrong order", {"first_day": date(2026, 10, 9), "last_day": date(2026, 10, 8)}, (), "no day"),
    ("more failures than requests", {"failures": 11}, (), "more failures than requests"),
    ("a rate of five places", {"rate": "0.90000"}, ("rate",), "match pattern"),
    ("judged without a rate", {"rate": None}, (), "a rate is expected"),
    ("a rate of what is not judged", {"judged": False}, (), "a rate is expected"),
    ("no time", {"intervals": [FAILING | {"at": "noon"}]}, ("intervals", 0, "at"), "no time such as"),
    ("a time elsewhere", {"intervals": [FAILING | {"at": "2026-10-05T00:00Z"}]}, ("intervals", 0, "at"), "offset"),
    ("no interval", {"intervals": [FAILING | {"count": 0}]}, ("intervals", 0, "count"), "1"),
    ("an interval without requests", {"intervals": [FAILING | {"requests": 0}]}, ("intervals", 0, "requests"), "1"),
    ("more failures than requests in one", {"intervals": [FAILING | {"failures": 3}]}, ("intervals", 0), "more"),
]


@pytest.mark.parametrize(
    ("said", "place", "words"), [case[1:] for case in EXAMPLE_MISTAKES], ids=[case[0] for case in EXAMPLE_MISTAKES]
)
def test_an_example_that_says_what_it_may_not_is_refused(said: Table, place: tuple[Any, ...], words: str) -> None:
    found = mistakes(edited(BY_TIME, put("examples", [EXAMPLE | said])))
    assert list(found) == [("examples", 0, *place)]
    assert words in found["examples", 0, *place]


@pytest.mark.parametrize(
    "said",
    [
        {"owed": 1},
        {"first_day": date(2026, 10, 31)},
        {"last_day": date(2026, 10, 1)},
        {"first_day": date(2026, 1, 1), "last_day": date(2027, 1, 1)},
        {"intervals": [FAILING | {"at": datetime(2026, 10, 5)}]},  # noqa: DTZ001
        {"rate": None, "judged": False},
    ],
    ids=str,
)
def test_an_example_may_say(said: Table) -> None:
    (example,) = Contract.model_validate(edited(BY_TIME, put("examples", [EXAMPLE | said]))).examples
    assert example.name == "one"


def test_a_file_with_a_wrong_amount_is_refused_by_its_place(tmp_path: Path) -> None:
    table = edited(BY_TIME, put("examples", [EXAMPLE | {"owed": "a lot"}]))
    with pytest.raises(InputError, match=r"ours\.toml: examples\[1\]\.owed: 'a lot' is no amount such as 120\.00"):
        validated(Contract, table, "ours.toml")


@pytest.mark.parametrize("first", ["tiers", "overlapping"])
def test_tiers_may_overlap_wherever_it_is_written_that_they_do(first: str) -> None:
    names = ("from", "below", "rate")
    rows = [("0.95", "0.99", "0.1"), ("0.90", "0.99", "0.3"), ("0", "0.90", "1")]
    tiers = [dict(zip(names, map(Decimal, row), strict=True)) for row in rows]
    terms = BY_REQUESTS["compensation"] | {"tiers": tiers, "overlapping": "highest"}
    order = sorted(terms, key=lambda name: name != first)
    written = edited(BY_REQUESTS, put("compensation", {name: terms[name] for name in order}))
    contract = Contract.model_validate(written)
    assert [(tier.from_, tier.rate) for tier in contract.compensation.tiers] == [
        (Decimal("0.90"), Decimal("0.3")),
        (0, 1),
    ]
    del written["compensation"]["overlapping"]
    assert "overlap: two tiers cover [0.95, 0.99)" in mistakes(written)["compensation", "tiers"]


OF_CYCLES = [
    ("a month of months", "month", "2026-10", None),
    ("a quarter of quarters", "quarter", "2026-Q4", None),
    ("a quarter of months", "month", "2026-Q4", "'one' is of the cycle '2026-Q4'; expected a month"),
    ("a month of quarters", "quarter", "2026-10", "'one' is of the cycle '2026-10'; expected a quarter"),
]


@pytest.mark.parametrize(
    ("length", "cycle", "refused"), [case[1:] for case in OF_CYCLES], ids=[case[0] for case in OF_CYCLES]
)
def test_an_example_is_of_a_cycle_of_its_agreement(length: str, cycle: str, refused: str | None) -> None:
    written = edited(edited(BY_TIME, put("cycle.length", length)), put("examples", [EXAMPLE | {"cycle": cycle}]))
    if refused is None:
        contract = Contract.model_validate(written)
        assert str(contract.cycles.parse(contract.examples[0].cycle)) == cycle
    else:
        assert refused in mistakes(written)["examples",]


def test_an_example_of_no_cycle_is_refused_with_what_is_one() -> None:
    found = mistakes(edited(BY_TIME, put("examples", [EXAMPLE | {"cycle": "2026-Q5"}])))
    assert "expected a month such as 2026-10, or a quarter such as 2026-Q4" in found["examples", 0]


def test_no_reading_is_of_cycles_of_another_length() -> None:
    found = mistakes(changing(BY_TIME, {"cycle.length": "quarter"}))
    assert "cycle.length is the same under every reading" in found["readings", "broad", "changes", "cycle.length"]
