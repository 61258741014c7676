"""How requests ended, column by column: the same as row by row, whatever the columns are made of."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sla_audit.intake.dialects.dialect import Dialect, built_in_dialects
from sla_audit.intake.dialects.endings import read_endings

BUILT_IN = built_in_dialects()
OWN = Dialect.model_validate(
    {
        "schema": "sla-audit/dialect/1",
        "id": "own",
        "title": "",
        "source": "",
        "verified": True,
        "status": "status",
        "columns": {"timestamp": ("at",)},
        "outcomes": (
            {"when": {"why": ("gone*", "*,left"), "status": ("nothing",)}, "ended": "client_left"},
            {"when": {"latency": ("nothing", "-5..-1"), "status": ("500..599",)}, "ended": "no_answer"},
            {"when": {"why": ("nothing",), "latency": ("100..200",)}, "ended": "client_left"},
            {"when": {"open": ("false",)}, "ended": "no_answer"},
            {"ended": "answered"},
        ),
    }
)
DIALECTS = {**BUILT_IN, "own": OWN}

STATUSES = [0, -1, 99, 100, 200, 404, 460, 499, 500, 502, 503, 504, 599, 600]
WORDS = ["", "-", " - ", "null", "NaN", "000", "0.0", "200", "200.0", "499", "502", "503.0", "504", "2OO", "-1", "-1.0"]
SAID = ["DC", "UT", "UF,URX", "UMSDR", "sC--", "cR--", "CD--", "error", "gone", "x,left", "X500ER", "D504CO", "Gone"]
SAID += [
    "ClientCommError",
    "OriginConnectError",
    "AbortedOrigin",
    "ClientDisconnected",
    "DNSTimeout",
    "lb-1",
    "nothing",
]
texts = st.sampled_from([*WORDS, *SAID])
values_of = {
    pa.int64(): st.one_of(st.sampled_from(STATUSES), st.integers(-10, 10**12)),
    pa.int16(): st.sampled_from(STATUSES),
    pa.float64(): st.one_of(st.sampled_from(STATUSES).map(float), st.floats(allow_nan=True, allow_infinity=True)),
    pa.bool_(): st.booleans(),
    pa.string(): texts,
    pa.large_string(): texts,
}


@st.composite
def columns(draw: st.DrawFn, size: int) -> pa.Array:
    """Draw a column: of numbers or text, with nulls, plain or as a dictionary of any width, in order or not."""
    kind = draw(st.sampled_from(list(values_of)))
    drawn = st.none() | values_of[kind]
    if draw(st.booleans()):
        return pa.array(draw(st.lists(drawn, min_size=size, max_size=size)), kind)
    listed = draw(st.lists(drawn, min_size=1, max_size=6))  # a dictionary may hold null, and a value twice
    codes = draw(st.lists(st.none() | st.integers(0, len(listed) - 1), min_size=size, max_size=size))
    width = draw(st.sampled_from([pa.int8(), pa.int32(), pa.int64()]))
    return pa.DictionaryArray.from_arrays(pa.array(codes, width), pa.array(listed, kind))


@st.composite
def batches(draw: st.DrawFn) -> tuple[Dialect, list[pa.Array]]:
    dialect = draw(st.sampled_from(list(DIALECTS.values())))
    size = draw(st.integers(0, 12))
    return dialect, [draw(columns(size)) for _ in dialect.fields]


Row = tuple[int | None, bool, bool, bool]


def row_by_row(dialect: Dialect, read: list[pa.Array]) -> list[Row]:
    """Give the status, whether the client left, nobody answered, and it cannot be read; the slow way."""
    found: list[Row] = []
    for values in zip(*(column.to_pylist() for column in read), strict=True):
        try:
            found.append((*dialect.ending([text(value) for value in values]), False))
        except ValueError:
            found.append((None, False, False, True))
    return found


def text(value: Any) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value).strip()


def at_once(dialect: Dialect, read: list[pa.Array]) -> list[Row]:
    endings = read_endings(read, dialect)
    assert endings.status.type == pa.dictionary(pa.int32(), pa.int16())
    assert endings.client_aborted.type == pa.dictionary(pa.int32(), pa.bool_())
    assert endings.unreadable is None or endings.unreadable.any()
    unreadable = np.zeros(len(read[0]), dtype=np.bool_) if endings.unreadable is None else endings.unreadable
    assert endings.no_answer is None or any(endings.no_answer.to_pylist())
    said = [column.to_pylist() for column in (endings.status, endings.client_aborted)]
    silent = [False] * len(unreadable) if endings.no_answer is None else endings.no_answer.to_pylist()
    return list(zip(*said, silent, unreadable.tolist(), strict=True))


@given(batches())
def test_columns_end_as_their_rows_do(batch: tuple[Dialect, list[pa.Array]]) -> None:
    assert at_once(*batch) == row_by_row(*batch)


@given(batches(), st.data())
def test_a_part_of_the_rows_ends_as_it_does_among_all(
    batch: tuple[Dialect, list[pa.Array]], data: st.DataObject
) -> None:
    dialect, read = batch
    first = data.draw(st.integers(0, len(read[0])))
    assert at_once(dialect, [column[first:] for column in read]) == row_by_row(dialect, read)[first:]


@pytest.mark.parametrize("dialect", DIALECTS.values(), ids=DIALECTS)
def test_no_rows(dialect: Dialect) -> None:
    assert at_once(dialect, [pa.array([], pa.string()) for _ in dialect.fields]) == []


@pytest.mark.parametrize("dialect", DIALECTS.values(), ids=DIALECTS)
def test_nothing_but_nulls(dialect: Dialect) -> None:
    read = [pa.nulls(3, pa.string()) for _ in dialect.fields]
    assert at_once(dialect, read) == row_by_row(dialect, read)


MANY = 200_000
LATENCIES = {
    "numbers": pa.array([None if row % 4 == 0 else row / 8 for row in range(MANY)], pa.float64()),
    "text": pa.array(["-" if row % 4 == 0 else f"{row / 8}" for row in range(MANY)]),
    "a dictionary": pa.array([None if row % 4 == 0 else row for row in range(MANY)]).dictionary_encode(),
}


@pytest.mark.parametrize("latencies", LATENCIES.values(), ids=LATENCIES)
def test_many_values_of_a_field_of_which_only_null_matters(latencies: pa.Array) -> None:
    apisix = BUILT_IN["apisix"]
    statuses = pa.array([(200, 503, 499, 404)[row // 4 % 4] for row in range(MANY)], pa.int16())
    endings = read_endings([statuses, latencies], apisix)

    assert len(endings.status.dictionary) == 8  # four statuses, each with a latency and without
    each = MANY // 16
    assert endings.no_answer is not None
    said = (endings.status, endings.client_aborted, endings.no_answer)
    found = list(zip(*(column.to_pylist() for column in said), strict=True))
    assert {ending: found.count(ending) for ending in set(found)} == {
        (200, False, False): 4 * each,
        (503, False, False): 3 * each,
        (503, False, True): each,
        (499, True, False): 4 * each,
        (404, False, False): 4 * each,
    }


FOLDED: dict[str, tuple[str, list[Any], list[str], list[int]]] = {
    "only whether there is one": ("upstream_latency", [1, None, 2.5, "-", 3], ["1", ""], [0, 1, 0, 1, 0]),
    "a status is never folded": ("response.status", [500, 501, None, 500], ["500", "501", ""], [0, 1, 2, 0]),
    "no values": ("upstream_latency", [], [], []),
}


@pytest.mark.parametrize(("field", "values", "shown", "kind_of"), FOLDED.values(), ids=FOLDED)
def test_values_that_no_rule_tells_apart_are_one(
    field: str, values: list[Any], shown: list[str], kind_of: list[int]
) -> None:
    assert BUILT_IN["apisix"].kinds(field, values) == (shown, kind_of)
