"""The class of each request: the first rule of the contract that matches (clause 2.7.1)."""

from __future__ import annotations

import polars as pl
import pytest

from sla_audit.contract.load import BUILT_IN, load_contract
from sla_audit.judge.classification.rules import classify

CONTRACT = load_contract(BUILT_IN)

# Positions that the column `exclusion` refers to: an exclusion under clause 1, and one under clause 3.
CAUSES = pl.Series([1, 3], dtype=pl.Int32)
MAINTENANCE, CARRIER = 0, 1

SUCCESS = ("success", None)
FAILURE = ("explicit_failure", None)


def excluded(clause: int) -> tuple[str, int]:
    return ("excluded", clause)


Row = tuple[int | None, bool, bool, int | None]


def requests(*rows: Row, no_answer: bool | None = False) -> pl.DataFrame:
    """Give requests by status, illegal-content flag, client-abort flag and the exclusion that covers them."""
    schema = {
        "status": pl.Int16,
        "content_flag": pl.Boolean,
        "client_aborted": pl.Boolean,
        "exclusion": pl.Int32,
    }
    return pl.DataFrame(list(rows), schema=schema, orient="row").with_columns(no_answer=pl.lit(no_answer, pl.Boolean))


def judged(reading: str, *rows: Row, no_answer: bool | None = False) -> list[tuple[str, int | None]]:
    """Give class and clause of requests under a reading."""
    classes = classify(requests(*rows, no_answer=no_answer), CONTRACT, CONTRACT.readings[reading], CAUSES)
    return classes.select("class", "clause").rows()


@pytest.mark.parametrize("reading", CONTRACT.readings)
@pytest.mark.parametrize("status", [None, 200, 404, 499, 500, 502, 505])
def test_where_the_service_did_not_answer_no_rule_sees_the_status(reading: str, status: int | None) -> None:
    assert judged(reading, (status, False, False, None), no_answer=True) == [FAILURE]
    assert judged(reading, (status, True, False, None), no_answer=True) == [excluded(5)]
    assert judged(reading, (status, False, True, None), no_answer=True) == [excluded(9)]


def test_where_it_is_not_known_there_was_no_status() -> None:
    assert judged("literal", (None, False, False, None), no_answer=None) == [FAILURE]


BY_STATUS = [
    ("no status: no response", None, FAILURE, FAILURE),
    ("100, the lowest status", 100, SUCCESS, SUCCESS),
    ("200, answered", 200, SUCCESS, SUCCESS),
    ("301, answered elsewhere", 301, SUCCESS, SUCCESS),
    ("399, the last before the client errors", 399, SUCCESS, SUCCESS),
    ("400, the first client error", 400, excluded(4), excluded(4)),
    ("404, a client error", 404, excluded(4), excluded(4)),
    ("429, a client error", 429, excluded(4), excluded(4)),
    ("459, next to a hang-up", 459, excluded(4), excluded(4)),
    ("460, the client hung up", 460, excluded(9), excluded(9)),
    ("461, next to a hang-up", 461, excluded(4), excluded(4)),
    ("498, next to a hang-up", 498, excluded(4), excluded(4)),
    ("499, the client hung up", 499, excluded(9), excluded(9)),
    ("500, answered: the readings differ", 500, SUCCESS, FAILURE),
    ("501, the last before the gateway's word", 501, SUCCESS, FAILURE),
    ("502, the gateway's word", 502, FAILURE, FAILURE),
    ("503, the gateway's word", 503, FAILURE, FAILURE),
    ("504, the gateway's word", 504, FAILURE, FAILURE),
    ("505, the first after the gateway's word", 505, SUCCESS, FAILURE),
    ("599, the last server error", 599, SUCCESS, FAILURE),
]


@pytest.mark.parametrize(
    ("status", "literal", "broad"), [case[1:] for case in BY_STATUS], ids=[case[0] for case in BY_STATUS]
)
def test_the_status_gives_the_class_under_each_reading(
    status: int | None, literal: tuple[str, int | None], broad: tuple[str, int | None]
) -> None:
    assert judged("literal", (status, False, False, None)) == [literal]
    assert judged("broad", (status, False, False, None)) == [broad]


FIRST_MATCH = [
    ("illegal content answered", (200, True, False, None), excluded(5)),
    ("illegal content before a client error", (400, True, False, None), excluded(5)),
    ("illegal content before a hang-up", (499, True, True, None), excluded(5)),
    ("illegal content before a failure in a window", (503, True, False, MAINTENANCE), excluded(5)),
    ("illegal content before no response", (None, True, False, None), excluded(5)),
    ("a hang-up by status before the client error that it also is", (499, False, False, None), excluded(9)),
    ("a client error before the client-abort flag", (404, False, True, None), excluded(4)),
    ("a client error before a window", (404, False, False, MAINTENANCE), excluded(4)),
    ("a hang-up by status before a window", (499, False, False, MAINTENANCE), excluded(9)),
    ("a hang-up by flag with an answer", (200, False, True, None), excluded(9)),
    ("a hang-up by flag before no response", (None, False, True, None), excluded(9)),
    ("a hang-up by flag before a failure", (503, False, True, None), excluded(9)),
    ("a hang-up by flag before a window", (503, False, True, MAINTENANCE), excluded(9)),
    ("a failure in a maintenance window", (503, False, False, MAINTENANCE), excluded(1)),
    ("a failure in a window of a carrier fault", (503, False, False, CARRIER), excluded(3)),
    ("no response in a maintenance window", (None, False, False, MAINTENANCE), excluded(1)),
    ("a failure in no window", (503, False, False, None), FAILURE),
    ("a success in a maintenance window stays a success", (200, False, False, MAINTENANCE), SUCCESS),
    ("a success", (200, False, False, None), SUCCESS),
]


@pytest.mark.parametrize(("row", "expected"), [case[1:] for case in FIRST_MATCH], ids=[case[0] for case in FIRST_MATCH])
def test_the_first_rule_that_matches_decides(row: Row, expected: tuple[str, int | None]) -> None:
    assert judged("literal", row) == [expected]


def test_a_window_removes_what_is_a_failure_under_the_reading_in_force_and_nothing_else() -> None:
    answered_500 = (500, False, False, MAINTENANCE)
    assert judged("literal", answered_500) == [SUCCESS]
    assert judged("broad", answered_500) == [excluded(1)]


def test_an_exclusion_is_named_only_where_it_took_the_request_out() -> None:
    rows = requests(
        (503, False, False, CARRIER),
        (200, False, False, CARRIER),
        (404, False, False, CARRIER),
        (503, True, False, CARRIER),
        (503, False, False, None),
    )
    classes = classify(rows, CONTRACT, CONTRACT.readings["literal"], CAUSES)
    assert classes["exclusion"].to_list() == [CARRIER, None, None, None, None]


def test_requests_keep_their_order() -> None:
    assert judged("literal", (503, False, False, None), (200, False, False, None), (404, False, False, None)) == [
        FAILURE,
        SUCCESS,
        excluded(4),
    ]


def test_where_there_are_no_exclusions_at_all_failures_are_failures() -> None:
    rows = requests((503, False, False, None))
    classes = classify(rows, CONTRACT, CONTRACT.readings["literal"], pl.Series([], dtype=pl.Int32))
    assert classes.select("class", "clause").rows() == [FAILURE]


def test_no_requests_have_no_classes() -> None:
    assert judged("literal") == []
