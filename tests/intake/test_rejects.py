"""Rows that could not be read: how many are tolerated, how they are shown and kept."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction

import pytest

from sla_audit.errors import InputError
from sla_audit.intake.rejects import Reject, Tolerance, refuse_rejects, reject_rows

STRICT = Tolerance()


def rejects(count: int) -> list[Reject]:
    return [
        Reject(
            "log.csv",
            f"line {number + 2}",
            "status" if number % 3 else "timestamp",
            f"'bad {number}'",
            "a good one",
            f"bad,{number}",
        )
        for number in range(count)
    ]


def refuse(held: list[Reject], rejected: int, read: int, tolerance: Tolerance) -> None:
    refuse_rejects(held, Counter(reject.column for reject in held), rejected, read, tolerance)


ALLOWED = [
    ("none, strictly", STRICT, 0, 100, True),
    ("one, strictly", STRICT, 1, 100, False),
    ("none of no rows", STRICT, 0, 0, True),
    ("as many as allowed", Tolerance(rows=5), 5, 10, True),
    ("one more than allowed", Tolerance(rows=5), 6, 10, False),
    ("exactly the share", Tolerance(share=Fraction(1, 1000)), 3, 3000, True),
    ("one row above the share", Tolerance(share=Fraction(1, 1000)), 4, 3000, False),
    ("just below the rows that make up the share", Tolerance(share=Fraction(1, 1000)), 3, 2999, False),
    ("a share of a third is exact", Tolerance(share=Fraction(1, 3)), 1, 3, True),
    ("a share of nothing", Tolerance(share=Fraction(0)), 1, 1_000_000, False),
    ("a share of everything", Tolerance(share=Fraction(1)), 10, 10, True),
    ("a share of no rows", Tolerance(share=Fraction(1, 2)), 0, 0, True),
    ("the share counts, not the number", Tolerance(rows=10, share=Fraction(0)), 1, 100, False),
]


@pytest.mark.parametrize(
    ("tolerance", "rejected", "read", "expected"), [case[1:] for case in ALLOWED], ids=[case[0] for case in ALLOWED]
)
def test_how_many_may_be_rejected(tolerance: Tolerance, rejected: int, read: int, expected: bool) -> None:
    assert tolerance.allows(rejected, read) is expected


WRITTEN = [
    (Tolerance(), "0"),
    (Tolerance(rows=12), "12"),
    (Tolerance(share=Fraction(1, 1000)), "0.1%"),
    (Tolerance(share=Fraction(5, 100)), "5%"),
    (Tolerance(share=Fraction(1)), "100%"),
]


@pytest.mark.parametrize(("tolerance", "expected"), WRITTEN, ids=[expected for _, expected in WRITTEN])
def test_a_tolerance_is_written_as_the_option_takes_it(tolerance: Tolerance, expected: str) -> None:
    assert str(tolerance) == expected


def test_too_many_rejects_show_the_first_five_and_the_ways_out() -> None:
    with pytest.raises(InputError) as raised:
        refuse(rejects(7), 7, 1000, Tolerance(rows=6))

    messages = [str(problem) for problem in raised.value.problems]
    assert messages == [
        "log.csv, line 2: timestamp is 'bad 0'; expected a good one",
        "log.csv, line 3: status is 'bad 1'; expected a good one",
        "log.csv, line 4: status is 'bad 2'; expected a good one",
        "log.csv, line 5: timestamp is 'bad 3'; expected a good one",
        "log.csv, line 6: status is 'bad 4'; expected a good one",
        "logs: 7 of 1000 rows cannot be read (4 for status, 3 for timestamp); --max-rejected allows 6\n"
        "  Mend or export the log again; or, where the loss is acceptable, count the rest with --max-rejected 7, and "
        "keep these rows with --rejects FILE.",
    ]


def test_a_single_reject_is_refused_too() -> None:
    with pytest.raises(InputError, match=r"1 of 1 rows cannot be read \(1 for timestamp\); --max-rejected allows 0"):
        refuse(rejects(1), 1, 1, STRICT)


@pytest.mark.parametrize(
    ("count", "tolerance"), [(0, STRICT), (7, Tolerance(rows=7)), (7, Tolerance(share=Fraction(7, 1000)))], ids=str
)
def test_rejects_within_the_tolerance_pass(count: int, tolerance: Tolerance) -> None:
    refuse(rejects(count), count, 1000, tolerance)  # does not raise


def test_a_file_of_rejects_has_a_header_and_a_row_for_each() -> None:
    assert list(reject_rows(rejects(2))) == [
        ["file", "place", "column", "found", "expected", "text"],
        ["log.csv", "line 2", "timestamp", "'bad 0'", "a good one", "bad,0"],
        ["log.csv", "line 3", "status", "'bad 1'", "a good one", "bad,1"],
    ]


def test_a_file_of_no_rejects_is_its_header() -> None:
    assert list(reject_rows([])) == [["file", "place", "column", "found", "expected", "text"]]


def test_the_same_mistake_in_many_files_is_told_once_with_the_first_rows_and_the_number_of_files() -> None:
    many = [Reject(f"{number}.log", f"line {number}", "status", "'x'", "a status") for number in range(1, 721)]
    other = Reject("7.log", "line 9", "timestamp", "'y'", "a time")
    with pytest.raises(InputError) as caught:
        refuse([*many[:7], other, *many[7:]], 721, 5000, STRICT)
    first, second, last = caught.value.problems
    assert str(first.where) == "720 files (1.log, line 1, 2.log, line 2, 3.log, line 3 and 717 more)"
    assert str(first.what) == "status is 'x' in the first of them; expected a status"
    assert second == other.problem()
    assert str(last.what).startswith("721 of 5000 rows cannot be read (720 for status, 1 for timestamp)")
