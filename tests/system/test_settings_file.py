"""Contracts, dialects and configs are checked strictly: types, bounds, characters, names of keys."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from sla_audit.cli.options.config import read_config
from sla_audit.contract.claim_days import claim_days, longest_wait
from sla_audit.contract.load import BUILT_IN, contract_file, load_contract, parse_contract
from sla_audit.contract.terms.claim import ClaimRule
from sla_audit.errors import InputError, Problem
from sla_audit.intake.dialects.dialect import load_dialect
from sla_audit.judge.claims import claim_window
from sla_audit.model.calendar import INSTALLED, WorkingDays
from sla_audit.model.month import Month
from sla_audit.system.settings_file import MOST_BYTES, parse_table
from tests.hostile_strings import HOSTILE

CONTRACT = contract_file(BUILT_IN).decode()
DIALECT = (files("sla_audit.intake") / "dialects" / "kong.toml").read_text("utf-8")
READERS: dict[str, Callable[[Path], Any]] = {
    "contract": lambda path: load_contract(str(path)),
    "dialect": lambda path: load_dialect(str(path)),
    "config": read_config,
}


def problems(read: Callable[[], Any]) -> tuple[Problem, ...]:
    with pytest.raises(InputError) as caught:
        read()
    return caught.value.problems


def problem_of_contract(before: str, after: str) -> Problem:
    assert before in CONTRACT
    (problem,) = problems(lambda: parse_contract(CONTRACT.replace(before, after, 1).encode(), "c.toml"))
    return problem


TYPES = {
    "true for a number of working days": ("opens_after_working_day = 3", "true", "whole number, found true"),
    "text for a number of working days": ("opens_after_working_day = 3", "'3'", "whole number, found '3'"),
    "a fraction for a number of months": ("closes_months_after = 1 ", "1.0 ", "whole number, found 1.0"),
    "text for a rate": ("success_rate = 0.99", "'0.99'", "found '0.99'"),
    "true for a rate": ("rate = 0.15", "true", "found true"),
    "text for a boolean": ("notice_required = true", "'yes'", "true or false, found 'yes'"),
    "one for a boolean": ("notice_required = true", "1", "true or false, found 1"),
    "true for a cause": ("cause = 5", "true", "expected the number of a cause, or 'of the exclusion', found true"),
    "a fraction for a cause": ("cause = 5", "5.0", "expected the number of a cause"),
    "text for the number of a cause": ("number = 12\n", "'12'\n", "whole number, found '12'"),
    "a cause with a number that no column holds": ("number = 12\n", "4294967296\n", "less than or equal to 9999"),
    "a number for a version": ('version = "2019-11"', "2019", "text, found 2019"),
    "text for a day": ("effective_from = 2019-11-01", "'2019-11-01'", "found '2019-11-01'"),
    "an instant for a day": ("effective_from = 2019-11-01", "2019-11-01T00:00:00Z", "valid date"),
    "a list for a text": ('currency = "CNY"', "['CNY']", "text"),
    "one plan that is no list": ('uncompensated_plans = ["free"]', "'free'", "should be a list, found 'free'"),
    "text for a quantum": ("quantum = 0.01", "'0.01'", "found '0.01'"),
    "true for a quantum": ("quantum = 0.01", "true", "found true"),
    "a quantum finer than amounts": ("quantum = 0.01", "0.0000001", "0.000001, found 1E-7"),
    "a quantum that no amount has": ("quantum = 0.01", "1e-39", "0.000001, found 1E-39"),
    "a quantum that next to nothing has": ("quantum = 0.01", "1e-84000000", "found 1E-84000000"),
    "a quantum of nothing": ("quantum = 0.01", "0.0", "0.000001, found 0.0"),
    "a quantum that is no number": ("quantum = 0.01", "nan", "finite number, found NaN"),
    "a quantum without end": ("quantum = 0.01", "inf", "finite number, found Infinity"),
    "a rate that is no number": ("rate = 0.15", "nan", "finite number, found NaN"),
    "a number of days that no calendar has": (
        "closes_months_after = 1 ",
        "9" * 400 + " ",
        "number of hundreds of digits",
    ),
}


@pytest.mark.parametrize(("before", "value", "what"), TYPES.values(), ids=TYPES)
def test_a_value_has_the_type_that_the_file_says(before: str, value: str, what: str) -> None:
    key = before.partition("=")[0].strip()
    problem = problem_of_contract(before, f"{key} = {value}")
    assert str(problem.where).endswith(f"{key}")
    assert what in str(problem.what)


@pytest.mark.parametrize(
    "number", ["1e-99999999999999999999", "1e99999999999999999999", "9" * 5000, "-" + "9" * 5000], ids=lambda n: n[:9]
)
def test_a_number_that_nothing_can_hold_is_a_mistake_of_the_file(number: str) -> None:
    problem = problem_of_contract("quantum = 0.01", f"quantum = {number}")
    assert str(problem.where) == "c.toml"
    assert "number" in str(problem.what)


@pytest.mark.parametrize(
    "key", ["a = " + "[" * 5000 + "]" * 5000, ".".join("a" * 5000) + " = 1"], ids=["lists", "keys"]
)
@pytest.mark.parametrize("kind", READERS)
def test_what_is_nested_too_deeply_is_a_mistake_of_the_file(kind: str, key: str, tmp_path: Path) -> None:
    path = tmp_path / "deep.toml"
    path.write_text(key)
    assert problems(lambda: READERS[kind](path))


SUGGESTIONS = {
    "contract": (CONTRACT.replace('currency = "', 'curency = "'), "curency", "currency"),
    "a tier": (CONTRACT.replace("below = 0.95", "bellow = 0.95"), "compensation.tiers[2].bellow", "below"),
    "a reading": (CONTRACT.replace("meaning =", "meening =", 1), "readings.literal.meening", "meaning"),
    "a class": (CONTRACT.replace('class = "success"', 'clas = "success"'), "classification[7].clas", "class"),
}


@pytest.mark.parametrize(("text", "field", "near"), SUGGESTIONS.values(), ids=SUGGESTIONS)
def test_an_unknown_key_suggests_the_nearest(text: str, field: str, near: str) -> None:
    found = problems(lambda: parse_contract(text.encode(), "c.toml"))
    assert f"c.toml: {field}: no such setting; did you mean {near}?" in map(str, found)


def test_an_unknown_key_of_a_dialect_or_a_config_suggests_the_nearest(tmp_path: Path) -> None:
    dialect, config = tmp_path / "d.toml", tmp_path / "c.toml"
    dialect.write_text(DIALECT.replace("ended =", "endet =", 1))
    assert any("did you mean ended?" in str(problem.what) for problem in problems(lambda: load_dialect(str(dialect))))
    config.write_text("acounts = 'a.csv'\n[content_flag]\nilegal = ['porn']\n")
    assert [str(problem.what) for problem in problems(lambda: read_config(config))] == [
        "no such setting; did you mean illegal?",
        "no such setting; did you mean accounts?",
    ]


CONFIGS = {
    "text for jobs": ("jobs = '2'", "whole number, found '2'"),
    "true for jobs": ("jobs = true", "whole number, found true"),
    "jobs without end": (f"jobs = {2**63}", "less than or equal to 1024"),
    "a near that no count holds": (f"near = {2**63}", "less than or equal to 1000000000"),
    "yes for quiet": ("quiet = 'yes'", "true or false, found 'yes'"),
    "one for no_statistics": ("no_statistics = 1", "true or false, found 1"),
    "a number for a cycle": ("cycle = 202610", "text, found 202610"),
    "a number for a path": ("billing = 7", "expected the path of a file, found 7"),
    "an empty path": ("billing = ''", "expected the path of a file, found ''"),
    "a path with NUL": ('billing = "a\\u0000.csv"', "has a NUL character"),
    "a log with NUL": ('logs = ["a\\u0000.csv"]', "has a NUL character"),
    "an output with NUL": ('output = "a\\u0000.json"', "has a NUL character"),
    "a contract with NUL": ('contract = "a\\u0000.toml"', "has a NUL character"),
    "a dialect with NUL": ('dialect = "a\\u0000.toml"', "has a NUL character"),
    "rejects without end": (f"max_rejected = {10**20}", "text"),
}


@pytest.mark.parametrize(("text", "what"), CONFIGS.values(), ids=CONFIGS)
def test_a_config_is_as_strict(text: str, what: str, tmp_path: Path) -> None:
    path = tmp_path / "sla-audit.toml"
    path.write_text(text)
    (problem,) = problems(lambda: read_config(path))
    assert what in str(problem.what)


def test_a_dialect_is_as_strict(tmp_path: Path) -> None:
    path = tmp_path / "d.toml"
    path.write_text(DIALECT.replace("verified = true", "verified = 'yes'", 1))
    (problem,) = problems(lambda: load_dialect(str(path)))
    assert "true or false, found 'yes'" in str(problem.what)


ACTING = {name: HOSTILE[name] for name in HOSTILE if HOSTILE[name] != "" and not HOSTILE[name].isprintable()}
ACTING = {name: text for name, text in ACTING.items() if name != "a no-break space"}
ACTING |= {"a Hangul filler": "a\u3164b", "a tag": "a\U000e0041b", "a variation": "a\ufe0fb", "private use": "a\ue000b"}
TEXTS = {
    "title": 'en = "JD Cloud smart image composition (Automatic Composing) SLA"',
    "version": 'version = "2019-11"',
    "source": 'source = "智能合图服务等级协议, published by JD Cloud at www.jdcloud.com"',
    "clause": 'clause = "2.7"',
    "meaning": 'meaning = "no status at all, or any server error (5xx)"',
    "number": 'number = "2.2"',
    "how": 'how = "By status, under each reading."',
}


def toml_string(text: str) -> str:
    return '"' + "".join(f"\\U{ord(character):08x}" for character in text) + '"'


@pytest.mark.parametrize("line", TEXTS.values(), ids=TEXTS)
@pytest.mark.parametrize("text", ACTING.values(), ids=ACTING)
def test_no_text_of_a_contract_acts_where_it_is_shown(text: str, line: str) -> None:
    problem = problem_of_contract(line, f"{line.partition('=')[0]}= {toml_string(text)}")
    assert "which is not seen, or acts where it is shown" in str(problem.what)


def test_the_name_of_a_reading_does_not_act_either() -> None:
    problem = problem_of_contract("[readings.broad]", f"[readings.{toml_string('a' + chr(0x202E))}]")
    assert "has the character \\u202e" in str(problem.what)


@pytest.mark.parametrize("key", ["title", "source"])
@pytest.mark.parametrize("text", ACTING.values(), ids=ACTING)
def test_no_text_of_a_dialect_acts_where_it_is_shown(text: str, key: str, tmp_path: Path) -> None:
    path = tmp_path / "d.toml"
    lines = [f"{key} = {toml_string(text)}" if line.startswith(f"{key} =") else line for line in DIALECT.splitlines()]
    path.write_text("\n".join(lines))
    (problem,) = problems(lambda: load_dialect(str(path)))
    assert "which is not seen, or acts where it is shown" in str(problem.what)


def claim(**days: int) -> str:
    lines = [f"{name} = {value}" for name, value in days.items()]
    table = CONTRACT.partition("[claim]")
    rest = table[2].partition("# What becomes of each clause.")
    return (
        f'{table[0]}[claim]\nclause = "2.10.2"\ncalendar = "CN"\n'
        + "\n".join(lines)
        + f"\n\n{rest[2].partition(chr(10))[2]}"
    )


NEVER_IN_ORDER = {
    "as many days as a February has": ({"opens_after_days": 28, "closes_months_after": 1}, "1970-01"),
    "the same day": ({"opens_after_days": 5, "closes_days_after": 5}, "1970-01"),
    "a year against a month": ({"opens_after_days": 366, "closes_months_after": 12}, "1970-01"),
    "fewer days than working days": ({"opens_after_working_day": 3, "closes_days_after": 3}, "1970-01"),
    "a holiday as long as any": ({"opens_after_working_day": 3, "closes_days_after": 11}, ""),
}


@pytest.mark.parametrize(("days", "month"), NEVER_IN_ORDER.values(), ids=NEVER_IN_ORDER)
def test_claims_that_close_before_they_open_in_any_month_are_refused(days: dict[str, int], month: str) -> None:
    (problem,) = problems(lambda: parse_contract(claim(**days).encode(), "c.toml"))
    assert str(problem.where) == "c.toml: claim"
    assert f"claims close before they open, such as those for {month}" in str(problem.what)


IN_ORDER: dict[str, dict[str, int]] = {
    "a day less than a February has": {"opens_after_days": 27, "closes_months_after": 1},
    "the next day": {"opens_after_days": 5, "closes_days_after": 6},
    "thirty days": {"opens_after_working_day": 10, "closes_days_after": 30},
    "after the longest holiday": {"opens_after_working_day": 3, "closes_days_after": 13},
}


@pytest.mark.parametrize("days", IN_ORDER.values(), ids=IN_ORDER)
def test_claims_that_open_before_they_close_in_every_month_are_taken(days: dict[str, int]) -> None:
    assert parse_contract(claim(**days).encode(), "c.toml").claim.clause == "2.10.2"


def test_no_holidays_are_longer_than_the_contract_allows_for() -> None:
    for number in range(1, 11):
        days = [INSTALLED.nth_of_month(year, month, number) for year in range(1970, 2200) for month in range(1, 13)]
        assert max(day.day for day in days if day is not None) <= longest_wait(number)


def test_a_holidays_file_cannot_close_a_claim_before_it_opens() -> None:
    november = {date(2026, 11, day): False for day in range(1, 31)}
    rule = ClaimRule(clause="2", calendar="CN", opens_after_working_day=3, closes_months_after=1)
    assert claim_days(Month(2026, 10), rule, INSTALLED).opens_on == date(2026, 11, 5)
    (problem,) = problems(lambda: claim_window(Month(2026, 10), rule, WorkingDays(november)))
    assert str(problem.where) == "claims for 2026-10"
    assert "would close on 2026-11-30, before they open on 2026-12-01" in str(problem.what)


@pytest.mark.parametrize("kind", READERS)
def test_a_file_is_read_up_to_a_limit(kind: str, tmp_path: Path) -> None:
    large = tmp_path / "large.toml"
    large.write_bytes(b"#" * (MOST_BYTES + 1))
    for path in (large, Path("/dev/zero")):
        (problem,) = problems(lambda path=path: READERS[kind](path))
        assert "has more than 1,048,576 bytes" in str(problem.what)


@pytest.mark.parametrize("kind", READERS)
def test_what_is_no_file_is_refused(kind: str, tmp_path: Path) -> None:
    (problem,) = problems(lambda: READERS[kind](tmp_path))
    assert "directory" in str(problem.what)


@pytest.mark.parametrize("kind", READERS)
def test_a_pipe_is_read_whole(kind: str) -> None:
    reading, writing = os.pipe()
    os.write(writing, b"no = such = thing\n")
    os.close(writing)
    (problem,) = problems(lambda: READERS[kind](Path(f"/dev/fd/{reading}")))
    os.close(reading)
    assert "not a TOML file in UTF-8" in str(problem.what)


def test_fractions_stay_the_decimals_that_they_are_written_as() -> None:
    assert str(parse_table(b"a = 0.10", "x")["a"]) == "0.10"
