"""Mistakes as they are told: each once, with where it is."""

from __future__ import annotations

from sla_audit.errors import Problem, alike_as_one

LACKS = ("no column 'status'; the file has: code", "Say which column it is.")


def test_the_same_mistake_in_many_files_is_told_once_with_the_first_few_and_their_number() -> None:
    problems = [Problem(f"{number}.csv", *LACKS) for number in range(1, 721)]
    assert [str(each) for each in alike_as_one(problems)] == [
        str(Problem("720 files (1.csv, 2.csv, 3.csv and 717 more)", *LACKS))
    ]


def test_a_few_files_are_told_one_by_one() -> None:
    problems = [Problem(f"{number}.csv", *LACKS) for number in range(4)]
    assert alike_as_one(problems) == problems


def test_rows_are_told_one_by_one_however_many() -> None:
    problems = [Problem(f"billing.csv, line {number}", "cycle is empty; expected a month") for number in range(40)]
    assert alike_as_one(problems) == problems


def test_another_mistake_stays_by_itself() -> None:
    others = [Problem("a.csv", "no column 'account_id'"), Problem("--cycle", "names nothing")]
    problems = [others[0], *(Problem(f"{number}.csv", *LACKS) for number in range(5)), others[1]]
    assert [str(problem.where) for problem in alike_as_one(problems)] == [
        "a.csv",
        "5 files (0.csv, 1.csv, 2.csv and 2 more)",
        "--cycle",
    ]


def test_the_fields_of_one_file_are_not_many_files() -> None:
    problems = [Problem(f"c.toml: compensation.tiers[{number}].rate", "field required") for number in range(9)]
    assert alike_as_one(problems) == problems
