"""What a single value of a log means, however its writer spelt it."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Any

import pytest

from sla_audit.intake.values.content_flags import USUAL
from sla_audit.intake.values.spellings import read_client_aborted, read_scope, read_status

NO_STATUS = [
    None,
    "",
    "-",
    "0",
    "000",
    "-1",
    "0.0",
    "0.",
    "-1.0",
    " - ",
    "null",
    "NULL",
    "None",
    "NaN",
    0,
    -1,
    0.0,
    -1.0,
    math.nan,
    Decimal(0),
    Decimal("0.00"),
    Decimal(-1),
]


@pytest.mark.parametrize("value", NO_STATUS, ids=repr)
def test_spellings_of_no_status(value: Any) -> None:
    assert read_status(value) is None


STATUSES = [
    (200, 200),
    ("200", 200),
    (" 200 ", 200),
    ("200.0", 200),
    ("200.", 200),
    ("200.000", 200),
    (200.0, 200),
    (Decimal(502), 502),
    (Decimal("502.00"), 502),
    ("0404", 404),
    (100, 100),
    ("599", 599),
    ("499", 499),
    ("009", 9),  # an answer of HTTP/0.9, as NGINX logs it
]


@pytest.mark.parametrize(("value", "expected"), STATUSES, ids=[repr(value) for value, _ in STATUSES])
def test_spellings_of_a_status(value: Any, expected: int) -> None:
    status = read_status(value)

    assert status == expected
    assert type(status) is int


NOT_A_STATUS = [
    "99",
    99,
    600,
    "600",
    "abc",
    "200.5",
    200.5,
    Decimal("200.5"),
    "-2",
    -200,
    1,
    "2xx",
    "502, 200",
    "502 200",
    "2e2",
    "0x1F6",
    "20 0",
    "--",
    "1000",
    "99999999999999999999999",
    math.inf,
    True,
    b"200",
]


@pytest.mark.parametrize("value", NOT_A_STATUS, ids=repr)
def test_what_is_no_status_is_refused_and_never_taken_for_none(value: Any) -> None:
    with pytest.raises(ValueError, match="a status from 100 to 599"):
        read_status(value)


@pytest.mark.parametrize(
    "value",
    [
        None,
        "",
        "-",
        "none",
        "None",
        "NULL",
        "false",
        "False",
        "no",
        "f",
        "n",
        "0",
        "0.0",
        "00",
        0,
        0.0,
        False,
        math.nan,
    ],
    ids=repr,
)
def test_spellings_of_no_illegal_content(value: Any) -> None:
    assert USUAL.read(value) is False


@pytest.mark.parametrize(
    "value",
    ["porn", "violence", "true", "True", "1", "1.0", "2", 1, 1.0, True, "0.5", "-1", "涉黄", " politics "],
    ids=repr,
)
def test_a_category_or_a_true_value_is_illegal_content(value: Any) -> None:
    assert USUAL.read(value) is True


@pytest.mark.parametrize("value", ["true", "TRUE", " true ", "t", "yes", "y", "1", "1.0", "01", 1, 1.0, True], ids=repr)
def test_spellings_of_a_client_that_hung_up(value: Any) -> None:
    assert read_client_aborted(value) is True


@pytest.mark.parametrize(
    "value", [None, "", "-", "null", "false", "F", "no", "N", "0", "0.0", "000", 0, 0.0, False, math.nan], ids=repr
)
def test_spellings_of_a_client_that_stayed(value: Any) -> None:
    assert read_client_aborted(value) is False


@pytest.mark.parametrize("value", ["maybe", "2", 2, -1, "DC", "on", 0.5], ids=repr)
def test_what_is_no_boolean_is_refused(value: Any) -> None:
    with pytest.raises(ValueError, match="true or false"):
        read_client_aborted(value)


SCOPES = [
    ("cn-north-1", "cn-north-1"),
    (" cn-north-1", "cn-north-1"),
    ("cn-north-1\u3000", "cn-north-1"),
    (" \u00a0", None),
    ("-", "-"),
    ("CN", "CN"),
    (7, "7"),
    ("", None),
    (None, None),
]


@pytest.mark.parametrize(("value", "expected"), SCOPES, ids=[repr(value) for value, _ in SCOPES])
def test_a_region_or_an_api_is_text_without_what_is_around_it(value: Any, expected: str | None) -> None:
    assert read_scope(value) == expected
