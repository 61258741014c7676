"""What tells requests with one id apart: which columns, and whether two values are the same."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest

from sla_audit.intake.values.besides import besides_in, logged, said_besides

LISTED = [
    "uri",
    "cs-uri-stem",
    "RequestPath",
    "request_time",
    "http.request.method",
    "latencies.request",
    "upstream_addr",
]
OTHERS = ["time", "log.file.path", "@timestamp", "offset", "_id", "ingested_at", "account_id", "status", "path.extra"]


def test_columns_are_listed_under_the_names_that_gateways_have_for_them() -> None:
    assert besides_in([*OTHERS, *LISTED], []) == tuple(sorted(LISTED))
    assert besides_in(["operation", "uri"], ["operation"]) == ("operation", "uri")


def test_columns_of_logs_are_the_same_in_any_order() -> None:
    assert logged(besides_in(["uri", "method"], [])) == logged(besides_in(["method", "uri"], []))
    assert logged(("uri", "method")) != logged(("uri",))


SAME: dict[str, tuple[pa.Array, pa.Array]] = {
    "a number and its text": (pa.array([0.25]), pa.array(["0.250"])),
    "a whole number": (pa.array([5]), pa.array(["5.0"])),
    "a decimal": (pa.array([Decimal("1.500")]), pa.array([1.5])),
    "nothing, however it is spelt": (pa.array([None], pa.int64()), pa.array(["-"])),
    "spaces around": (pa.array([" /x "]), pa.array(["/x"]).dictionary_encode()),
    "bytes": (pa.array([b"/x"]), pa.array(["/x"], pa.large_string())),
    "bytes of one length": (pa.array([b"/x"], pa.binary(2)), pa.array(["/x"])),
}
OTHER: dict[str, tuple[Any, Any]] = {
    "numbers": (pa.array([0.25]), pa.array([0.2])),
    "long numbers": (pa.array(["9007199254740993"]), pa.array(["9007199254740992"])),
    "zeros within": (pa.array(["10.0.0.10"]), pa.array(["10.0.0.1"])),
    "zeros of a whole number": (pa.array(["100"]), pa.array(["1"])),
    "lists": (pa.array([["a"]]), pa.array([["a", "b"]])),
    "bytes that are no text": (pa.array([b"\xff"]), pa.array([b"\xfe"])),
    "something and nothing": (pa.array(["0"]), pa.array([None], pa.string())),
}


@pytest.mark.parametrize(("one", "other"), SAME.values(), ids=SAME)
def test_values_that_are_the_same(one: pa.Array, other: pa.Array) -> None:
    assert said_besides([one], 1).tolist() == said_besides([other], 1).tolist()


@pytest.mark.parametrize(("one", "other"), OTHER.values(), ids=OTHER)
def test_values_that_are_not(one: pa.Array, other: pa.Array) -> None:
    assert said_besides([one], 1).tolist() != said_besides([other], 1).tolist()


def test_it_matters_which_column_says_what() -> None:
    a, b = pa.array(["a"]), pa.array(["b"])
    assert said_besides([a, b], 1).tolist() != said_besides([b, a], 1).tolist()
    assert said_besides([], 2).tolist() == [0, 0]
