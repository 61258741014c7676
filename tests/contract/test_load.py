"""Contract files: found by id or path, read exactly, and every mistake in one told at once."""

from __future__ import annotations

import hashlib
from decimal import Decimal
from pathlib import Path

import pytest

from sla_audit.contract.built_in import built_in_contracts
from sla_audit.contract.load import BUILT_IN, contract_file, load_contract, parse_contract
from sla_audit.errors import InputError, Problem

TEXT = contract_file(BUILT_IN).decode()


def edited(*edits: tuple[str, str]) -> bytes:
    """Give the built-in contract file with its text changed, each time in the first place where it stands."""
    text = TEXT
    for before, after in edits:
        assert before in text, f"the contract file no longer says {before!r}"
        text = text.replace(before, after, 1)
    return text.encode()


def problems(content: bytes) -> tuple[Problem, ...]:
    with pytest.raises(InputError) as caught:
        parse_contract(content, "my.toml")
    return caught.value.problems


def test_the_built_in_contract_is_found_by_its_id() -> None:
    assert BUILT_IN in built_in_contracts()
    assert load_contract("jdcloud-smart-compose").id == "jdcloud-smart-compose"


def test_a_path_to_another_file_works_the_same(tmp_path: Path) -> None:
    path = tmp_path / "ours.toml"
    path.write_bytes(
        edited(('id = "jdcloud-smart-compose"', 'id = "ours"'), ("success_rate = 0.99", "success_rate=0.99"))
    )
    assert load_contract(str(path)).id == "ours"


def test_the_same_bytes_give_the_same_contract_by_id_and_by_path(tmp_path: Path) -> None:
    path = tmp_path / "copy.toml"
    path.write_bytes(TEXT.encode())
    assert load_contract(str(path)) == load_contract(BUILT_IN)


def test_the_digest_is_that_of_the_bytes_of_the_file() -> None:
    content = edited(("# JD Cloud", "# A comment. JD Cloud"))
    assert parse_contract(content, "my.toml").sha256 == hashlib.sha256(content).hexdigest()


@pytest.mark.parametrize("rate", ["0.989999", "0.99", "0.990000", "1.0", "1"])
def test_rates_stay_the_decimals_that_they_are_written_as(rate: str) -> None:
    content = edited(("success_rate = 0.99", f"success_rate = {rate}"), ("below = 0.99", f"below = {rate}"))
    assert parse_contract(content, "my.toml").objective.success_rate == Decimal(rate)


def test_a_reference_that_is_neither_id_nor_file_names_what_there_is(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        load_contract(str(tmp_path / "missing.toml"))
    (problem,) = caught.value.problems
    assert "missing.toml" in str(problem.where)
    assert "No such file" in str(problem.what)
    assert "sla-audit contract list" in str(problem.remedy)


def test_a_directory_is_no_contract(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="neither a built-in contract nor a file"):
        load_contract(str(tmp_path))


@pytest.mark.parametrize(
    "content",
    [b"", b"id = ", b'id = "a"\nid = "b"\n', '[title]\nzh = "智能合图"\n'.encode("gbk"), b"\x00"],
    ids=["empty", "half a line", "a key given twice", "Chinese in GBK", "a null byte"],
)
def test_what_is_not_a_contract_in_toml_and_utf_8_is_refused(content: bytes) -> None:
    assert len(problems(content)) >= 1


def test_bytes_that_are_not_toml_are_one_problem_that_names_the_line() -> None:
    (problem,) = problems(b'id = "a"\nversion =\n')
    assert str(problem.where) == "my.toml"
    assert "not a TOML file in UTF-8" in str(problem.what)
    assert "line 2" in str(problem.what)


def test_an_empty_file_lacks_every_field_and_says_so_for_each() -> None:
    assert {problem.where: str(problem.what) for problem in problems(b"")} == {
        f"my.toml: {field}": "field required"
        for field in (
            *("schema", "id", "version", "source", "effective_from", "title", "time_zone", "currency"),
            *("objective", "compensation", "readings", "default_reading", "causes", "classification", "claim"),
            "clauses",
        )
    }


SINGLE_MISTAKES = [
    ("a gap between tiers", ("from = 0.95", "from = 0.96"), "compensation.tiers", "gap: no tier covers [0.95, 0.96)"),
    ("an overlap of tiers", ("from = 0.95", "from = 0.94"), "compensation.tiers", "overlap: two tiers cover [0.94,"),
    ("tiers that are not monotone", ("rate = 0.30", "rate = 0.15"), "compensation.tiers", "not monotone"),
    ("a tier above the objective", ("below = 0.99", "below = 0.995"), "compensation", "they must meet"),
    ("a rate above one", ("rate = 0.30", "rate = 1.000001"), "compensation.tiers", "owes 1.000001 times"),
    ("a rate below zero", ("rate = 0.60", "rate = -0.6"), "compensation.tiers[3].rate", "found -0.6"),
    (
        "a rate that a float would cut",
        ("rate = 0.15", "rate = 0.15000000000000000001"),
        "compensation.tiers[1].rate",
        "found 0.15000000000000000001",
    ),
    ("a rate in percent", ("rate = 0.15", "rate = 15"), "compensation.tiers", "owes 15 times"),
    ("a cause that is not listed", ("cause = 5", "cause = 13"), "classification", "rule 1: cause 13"),
    ("a default that is no reading", ('= "literal"', '= "lenient"'), "default_reading", "'lenient' is not one of"),
    ("a zone that does not exist", ("Asia/Shanghai", "Asia/Beijing"), "time_zone", "'Asia/Beijing' is not an IANA"),
    ("a zone of leap seconds", ("Asia/Shanghai", "right/Asia/Shanghai"), "time_zone", "write 'Asia/Shanghai'"),
    ("an extra key", ("[claim]", "[claim]\nopens = 3"), "claim.opens", "no such setting"),
    ("an extra table", ("[claim]", "[penalty]\nrate = 1\n[claim]"), "penalty", "no such setting"),
    ("a last rule with a condition", ("when = {}", "when = { status = [200] }"), "classification", "the last rule"),
    ("an early rule without one", ("when = { content_flag = true }", "when = {}"), "classification", "only the last"),
    ("a status that is none", ('["none", 502,', '["none", 602,'), "readings.literal.explicit_failure", "602 is not"),
    ("a status in a rule that is none", ("[499, 460]", "[]"), "classification[2].when.status", "expected a list"),
    ("a missing field", ('currency = "CNY"\n', ""), "currency", "field required"),
    ("a missing field deep inside", ('base = "service_fee"\n', ""), "compensation.base", "field required"),
    ("a digest, which is computed", ('id = "', 'sha256 = "0"\nid = "'), "sha256", "not a field of a contract file"),
]


@pytest.mark.parametrize(
    ("edit", "field", "words"), [case[1:] for case in SINGLE_MISTAKES], ids=[case[0] for case in SINGLE_MISTAKES]
)
def test_a_mistake_is_told_by_file_and_field(edit: tuple[str, str], field: str, words: str) -> None:
    (problem,) = problems(edited(edit))
    assert str(problem.where) == f"my.toml: {field}"
    assert words in str(problem.what)


def test_every_mistake_of_a_file_is_told_at_once() -> None:
    content = edited(
        ('schema = "sla-audit/contract/1"', 'schema = "sla-audit/contract/1"\nsha256 = "0"'),
        ("Asia/Shanghai", "Asia/Beijing"),
        ('default_reading = "literal"', 'default_reading = "lenient"'),
        ("cause = 5", "cause = 13"),
        ("when = {}", "when = { status = [200] }"),
        ("number = 12\n", "number = 11\n"),
        ("from = 0.95", "from = 0.96"),
        ("opens_after_working_day = 3", "opens_after_working_day = 0"),
        ("[claim]", "[claim]\nopens = 3"),
    )
    assert {str(problem.where).removeprefix("my.toml: ") for problem in problems(content)} == {
        *("sha256", "time_zone", "default_reading", "classification", "causes", "compensation.tiers"),
        *("claim.opens_after_working_day", "claim.opens"),
    }


def test_several_mistakes_in_the_rules_are_told_at_once() -> None:
    content = edited(("cause = 5", "cause = 13"), ("cause = 9", "cause = 14"), ("when = {}", "when = { status = [1] }"))
    assert {problem.where for problem in problems(content)} == {"my.toml: classification[7].when.status"}

    content = edited(
        ("cause = 5", "cause = 13"), ("cause = 9", "cause = 14"), ("when = {}", "when = { status = [200] }")
    )
    (problem,) = problems(content)
    assert str(problem.where) == "my.toml: classification"
    assert "rule 1: cause 13" in str(problem.what)
    assert "rule 2: cause 14" in str(problem.what)
    assert "the last rule must match anything" in str(problem.what)


def test_the_message_of_the_error_holds_one_line_for_each_mistake() -> None:
    with pytest.raises(InputError) as caught:
        parse_contract(edited(("Asia/Shanghai", "Mars/Base"), ('currency = "CNY"', 'currency = "yuan"')), "my.toml")
    lines = str(caught.value).splitlines()
    assert [line.partition(": ")[2].partition(":")[0] for line in lines] == ["time_zone", "currency"]
